"""Departures in every state a visitor of the demo should see, and a waiting list, made through the real commands.

One needs two more guests, one is guaranteed by its host, one was called off and its guest is choosing. Which dates
these are depends on the day; whatever the rules refuse on this day is left out. Guests are invented.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from market import clock, db
from market.accounts import queries as accounts
from market.bookings import departing, rows, story, waiting
from market.bookings import service as bookings
from market.bookings.paying import Guest, Links
from market.bookings.quote import Choice
from market.bookings.states import State
from market.demo import trips
from market.demo.people import HOST, TRAVELLER
from market.errors import Refused
from market.listings import departures, slots
from market.listings import queries as listings
from market.listings.offering import Offering, SlotRow
from market.outbox.tools import Tools
from market.payments import queries as payment_queries
from market.payments import service as payments
from market.values.party import Party

log = structlog.get_logger()
TOUR = "kupang-sasando-sei-lontar"
_NEEDED = 4
_WAITING = (("Lena Fischer", "lena@guests.example", 3), ("Yohanis Bria", "yohanis@guests.example", 1))


async def load() -> None:
    """Make them."""
    offering = await listings.get_offering(slug=TOUR)
    if offering is None:
        return
    for make in (_wait_for_full, _guarantee, _call_off, _need_two):
        try:
            await make(offering)
        except Refused as refused:
            log.info("demo departure left out", what=make.__name__, reason=refused.code)


async def _free_starts(offering: Offering) -> list[SlotRow]:
    """Departures that nobody booked, late enough to be decided later."""
    now = clock.now()
    return [
        slot
        for slot in await listings.list_starts(offering.id, now)
        if slot.sold == 0 and slot.status == "open" and slot.starts_on > clock.today() + timedelta(days=12)
    ]


async def _need_two(offering: Offering) -> None:
    """Two of four guests have booked."""
    starts = await _free_starts(offering)
    if starts:
        slot = starts[0]
        await _set_minimum(slot.id)
        await _book(
            offering, slot.id, Guest("Mira Sonbai", "mira@guests.example", "+6281200000911"), Party(2)
        )


async def _guarantee(offering: Offering) -> None:
    """The host said that it runs whoever comes."""
    starts = await _free_starts(offering)
    host = await accounts.find_by_email(HOST)
    if len(starts) > 1 and host is not None:
        slot = starts[1]
        await _set_minimum(slot.id)
        await _book(
            offering, slot.id, Guest("Tomas Novak", "tomas@guests.example", "+6281200000912"), Party(2)
        )
        await departures.waive(slot.id, by=host.id, now=clock.now())


async def _call_off(offering: Offering) -> None:
    """A week from today, and too few have booked: the demo's traveller chooses another date or the money."""
    day = clock.today() + timedelta(days=7)
    starts = await listings.list_starts(offering.id, clock.now())
    known = next((slot for slot in starts if slot.starts_on == day), None)
    if known is not None and known.sold:
        return
    slot_id = known.id if known is not None else await slots.schedule_departure(offering.id, day)
    await _set_minimum(slot_id)
    await db.execute("UPDATE slot SET status = 'open' WHERE id = $1", slot_id)
    guest = Guest(trips.HANNAH.name, TRAVELLER, trips.HANNAH.phone)
    await _book(offering, slot_id, guest, Party(2), own=True)
    await departures.decide(slot_id, clock.now())
    await departing.settle(slot_id, clock.now())


async def _set_minimum(slot_id: int) -> None:
    await db.execute("UPDATE slot SET min_guests = $2 WHERE id = $1", slot_id, _NEEDED)


async def _book(offering: Offering, slot_id: int, guest: Guest, party: Party, *, own: bool = False) -> None:
    """Book, have the host accept, and pay by bank transfer."""
    traveller = await accounts.find_by_email(TRAVELLER) if own else None
    slot = await listings.get_slot(slot_id, clock.now())
    held = await bookings.hold(
        offering=offering,
        choice=Choice(party, slot=slot),
        request_key=f"demo-departure-{slot_id}",
        locale="en",
        person_id=traveller.id if traveller else None,
        now=clock.now(),
    )
    here = f"/en/bookings/{held.reference}"
    await bookings.proceed(
        held.reference,
        guest=guest,
        method="transfer",
        tools=Tools({}),
        links=Links(here, here),
        description=offering.titles["en"],
        now=clock.now(),
    )
    if (await rows.get(held.reference)).state is State.REQUESTED:
        await bookings.accept(held.reference, by=None, actor=story.HOST, now=clock.now())
    payment = (await payment_queries.list_payments(held.reference))[-1]
    await payments.match_transfer(
        payment_reference=payment.reference,
        bank_reference=f"DEMO-{held.reference}",
        received_on=clock.today(),
        amount_minor=payment.amount_minor,
        payer=guest.name,
        by=None,
        now=clock.now(),
    )
    # Nobody waits for the worker here: the payment's own job finds later that it was told already.
    await bookings.payment_succeeded(held.reference, payment.reference, payment.amount_minor, clock.now())


async def _wait_for_full(offering: Offering) -> None:
    """The departure that is sold out has a waiting list, in which a large party is first."""
    now = clock.now()
    full = next((slot for slot in await listings.list_starts(offering.id, now) if slot.free == 0), None)
    if full is None:
        return
    for name, email, size in _WAITING:
        await waiting.join(
            offering=offering,
            choice=Choice(Party(size), slot=full),
            name=name,
            email=email,
            person_id=None,
            proven=True,
            locale="en",
            now=now,
        )
