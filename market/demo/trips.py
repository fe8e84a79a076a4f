"""A few bookings in every state a visitor of the demo should see, made through the real commands.

The card payments go through the demonstration provider, so the ledger, the mails and the hosts' desks show what
they would show. Guests are invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog

from market import clock, db
from market.accounts import queries as accounts
from market.bookings import service as bookings
from market.bookings.paying import Guest, Links
from market.bookings.quote import Choice
from market.demo.people import TRAVELLER
from market.errors import Refused
from market.listings import queries as listings
from market.listings.offering import Kind, Offering
from market.outbox.tools import Tools
from market.payments import inbox
from market.payments import queries as payments
from market.payments.adapters import demo_card
from market.payments.adapters.demo_card import DemoCards, Press
from market.payments.pages import routes as payment_pages
from market.payments.port import CardProvider
from market.values.dates import DateRange
from market.values.party import Party
from market.web import urls

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Trip:
    """Who books what: the n-th departure or session, or nights from so many days ahead."""

    slug: str
    guest: Guest
    party: Party
    method: str
    locale: str = "en"
    number: int = 0
    in_days: int = 0
    nights: int = 0
    own: bool = False


def _guest(name: str, note: str = "", email: str = "") -> Guest:
    address = email or f"{name.split(maxsplit=1)[0].lower()}@guests.example"
    return Guest(name, address, f"+628120000{len(name):04}", note)


HANNAH = _guest("Hannah Lindqvist", "One of us eats no meat.", TRAVELLER)
TRIPS: tuple[Trip, ...] = (
    Trip("messakh-sasando-rooms", HANNAH, Party(2), "demo_card", in_days=12, nights=3, own=True),
    Trip("kupang-sasando-sei-lontar", HANNAH, Party(2), "demo_card", number=1, own=True),
    Trip("sasando-first-notes", HANNAH, Party(2), "on_arrival", number=1, own=True),
    Trip("messakh-sasando-rooms", _guest("Jonas Meier"), Party(2), "demo_card", in_days=21, nights=2),
    Trip(
        "sasando-first-notes",
        _guest("Maria Ndolu", "Kami datang dengan bemo."),
        Party(1, 1),
        "on_arrival",
        "id",
        2,
    ),
    Trip("kupang-sasando-sei-lontar", _guest("Bapak Tanone"), Party(4), "demo_card", "id", 1),
    Trip("wona-inerie-house", _guest("Claire Dubois"), Party(2), "transfer", in_days=30, nights=4),
    Trip("takpala-lego-lego", _guest("Ratna Wijaya"), Party(2), "transfer", "id", 2),
    Trip("weave-on-a-bena-porch", _guest("Sven Karlsson"), Party(2), "demo_card", number=1),
    Trip("rote-lontar-and-reef", _guest("Ana Soares"), Party(2), "demo_card", number=1),
)


async def load() -> None:
    """Make the bookings. One that the rules refuse on this day is left out: dates move with the calendar."""
    urls.learn(payment_pages)  # the demonstration card's page is where its checkouts lead
    tools = Tools({CardProvider: DemoCards()})
    traveller = await accounts.find_by_email(TRAVELLER)
    for number, trip in enumerate(TRIPS):
        try:
            await _book(trip, number, traveller.id if traveller and trip.own else None, tools)
        except Refused as refused:
            log.info("demo booking left out", listing=trip.slug, reason=refused.code)


async def _book(trip: Trip, number: int, person_id: int | None, tools: Tools) -> None:
    offering = await listings.get_offering(slug=trip.slug)
    choice = await _choice(offering, trip) if offering else None
    if offering is None or choice is None:
        return
    held = await bookings.hold(
        offering=offering,
        choice=choice,
        request_key=f"demo-trip-{number}",
        locale=trip.locale,
        person_id=person_id,
        now=clock.now(),
    )
    here = f"/{trip.locale}/bookings/{held.reference}"
    await bookings.proceed(
        held.reference,
        guest=trip.guest,
        method=trip.method,
        tools=tools,
        links=Links(here, here),
        description=offering.titles[trip.locale],
        now=clock.now(),
    )
    if trip.method == "demo_card":
        await _pay(held.reference)


async def _choice(offering: Offering, trip: Trip) -> Choice | None:
    now = clock.now()
    if offering.kind is Kind.HOMESTAY:
        start = clock.today() + timedelta(days=trip.in_days)
        nights = DateRange(start, start + timedelta(days=trip.nights))
        return Choice(trip.party, room=offering.rooms[0], nights=nights)
    starts = [slot for slot in await listings.list_starts(offering.id, now) if slot.free >= trip.party.total]
    return Choice(trip.party, slot=starts[trip.number]) if len(starts) > trip.number else None


async def _pay(reference: str) -> None:
    payment = (await payments.list_payments(reference))[-1]
    async with db.transaction():
        news = await demo_card.press(payment.reference, Press.PAY)
        if news is not None:
            await inbox.receive(DemoCards.name, news, now=clock.now())
