"""Waiting lists: rank and size, the offer of a day, what ends an entry, and being forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from market import clock, db
from market.app import handlers as _handlers  # noqa: F401
from market.bookings import forgetting, rows, service, stock, waiting, waiting_offers, waiting_queries
from market.bookings.models import WaitingEntry
from market.bookings.quote import Choice
from market.bookings.states import State
from market.bookings.waiting import EntryState
from market.listings import queries as listings
from market.listings import slots
from market.listings.models import Slot
from market.outbox import worker
from market.values.dates import DateRange
from market.values.ids import token_hash
from market.values.party import Party
from tests import factories
from tests.integration.bookings import flows

pytestmark = pytest.mark.usefixtures("db")
HOUR = timedelta(hours=1)


@pytest.fixture
async def lesson(db):
    return await factories.make_listing(price_minor=1_000_000)


@pytest.fixture
async def session(lesson):
    return await factories.make_start(lesson, days=40, capacity=4)


async def join(listing, slot=None, *, adults: int = 1, name: str = "Ana", proven: bool = True, choice=None):
    now = clock.now()
    if choice is None:
        choice = Choice(Party(adults), slot=await listings.get_slot(slot.id, now))
    return await waiting.join(
        offering=await listings.get_offering(listing_id=listing.id),
        choice=choice,
        name=name,
        email=f"{name.lower()}@waits.test",
        person_id=None,
        proven=proven,
        locale="en",
        now=now,
    )


async def states() -> dict[str, str]:
    return {e.name: e.state for e in await WaitingEntry.all().order_by("id")}


async def offered(entry) -> rows.BookingRow:
    fresh = await waiting.get(entry.reference)
    row = await db.fetch_one("SELECT reference FROM booking WHERE id = $1", fresh.booking_id)
    return await rows.get(row["reference"])


async def subjects(to: str) -> list[str]:
    return [
        r["subject"]
        for r in await db.fetch("SELECT subject FROM delivery WHERE recipient = $1 ORDER BY id", to)
    ]


async def test_what_is_free_is_not_waited_for(lesson, session):
    with pytest.raises(waiting.StillFree):
        await join(lesson, session)


async def test_a_cancellation_offers_the_place_to_the_first_for_24_hours(lesson, session, tools):
    booking = await flows.confirmed(lesson, session, tools, adults=4)
    first, second = await join(lesson, session, name="First"), await join(lesson, session, name="Second")
    assert [await waiting_queries.get_rank(entry) for entry in (first, second)] == [1, 2]
    await service.cancel_by_guest(booking.reference, by=None, shown_refund=4_200_000, now=clock.now())
    await worker.drain(tools)
    assert await states() == {"First": "offered", "Second": "offered"}
    hold = await offered(first)
    assert (hold.state, hold.guest_email) == (State.HELD, "first@waits.test")
    assert timedelta(hours=23) < hold.expires_at - clock.now() <= timedelta(hours=24)
    assert (await Slot.get(id=session.id)).held == 2
    assert any("A place for you until" in s for s in await subjects("first@waits.test"))


async def test_a_party_that_does_not_fit_keeps_its_rank_and_the_next_that_fits_is_offered(
    lesson, session, tools
):
    small = await flows.confirmed(lesson, session, tools, adults=1)
    large = await flows.confirmed(lesson, session, tools, adults=3)
    for name, adults in (("Three", 3), ("One", 1), ("Two", 2)):
        await join(lesson, session, name=name, adults=adults)
    await service.cancel_by_guest(small.reference, by=None, shown_refund=1_050_000, now=clock.now())
    await worker.drain(tools)
    assert await states() == {"Three": "waiting", "One": "offered", "Two": "waiting"}
    await service.cancel_by_guest(large.reference, by=None, shown_refund=3_150_000, now=clock.now())
    await worker.drain(tools)
    assert await states() == {"Three": "offered", "One": "offered", "Two": "waiting"}
    assert (await Slot.get(id=session.id)).held == 4


async def test_an_offer_that_lapses_goes_to_the_next(lesson, session, tools):
    booking = await flows.confirmed(lesson, session, tools, adults=4)
    first = await join(lesson, session, name="First", adults=4)
    await join(lesson, session, name="Second", adults=2)
    await service.cancel_by_guest(booking.reference, by=None, shown_refund=4_200_000, now=clock.now())
    await worker.drain(tools)
    assert await states() == {"First": "offered", "Second": "waiting"}
    with clock.frozen(clock.now() + 25 * HOUR):
        await service.lapse_all(clock.now())
        await worker.drain(tools)
    assert await states() == {"First": "missed", "Second": "offered"}
    assert (await offered(first)).state is State.EXPIRED


async def test_a_visitor_does_not_overtake_those_who_wait(lesson, session, tools):
    hold = await flows.hold_seat(lesson, session, adults=4)
    await join(lesson, session, name="First", adults=3)
    late = clock.now() + HOUR
    with pytest.raises(stock.SoldOut):
        await flows.hold_seat(lesson, session, adults=2, now=late)
    assert await states() == {"First": "offered"}
    assert (await rows.get(hold)).state is State.EXPIRED
    assert await flows.hold_seat(lesson, session, adults=1, now=late)


async def test_a_guest_who_changes_does_not_overtake_them_either(lesson, session, tools):
    other = await factories.make_start(lesson, days=50, capacity=4)
    booking = await flows.confirmed(lesson, other, tools, adults=1)
    await flows.hold_seat(lesson, session, adults=4)
    await join(lesson, session, name="First", adults=4)
    late = clock.now() + HOUR
    slot = await listings.get_slot(session.id, late)
    with pytest.raises(stock.SoldOut):
        await service.change(
            booking.reference,
            offering=await listings.get_offering(listing_id=lesson.id),
            choice=Choice(Party(1), slot=slot),
            shown_difference=0,
            tools=tools,
            links=flows.LINKS,
            description="Change",
            now=late,
        )
    assert await states() == {"First": "offered"}


async def test_the_offer_is_paid_like_any_hold(lesson, session, tools):
    booking = await flows.confirmed(lesson, session, tools, adults=4)
    entry = await join(lesson, session, adults=2)
    await service.cancel_by_guest(booking.reference, by=None, shown_refund=4_200_000, now=clock.now())
    await worker.drain(tools)
    hold = await offered(entry)
    await flows.go_on(hold.reference, tools, now=clock.now() + 20 * HOUR)
    await flows.press(hold.reference, tools)
    assert (await rows.get(hold.reference)).state is State.CONFIRMED
    await waiting_offers.keep(clock.now())
    assert await states() == {"Ana": "taken"}


async def test_more_places_and_opened_nights_are_noticed_without_a_release(lesson, session, tools):
    await flows.confirmed(lesson, session, tools, adults=4)
    await join(lesson, session, adults=2)
    await waiting_offers.keep(clock.now())
    assert await states() == {"Ana": "waiting"}
    await slots.set_capacity(session.id, 6)
    await waiting_offers.keep(clock.now())
    assert await states() == {"Ana": "offered"}


async def test_nights_are_waited_for_as_a_whole(tools):
    homestay, _ = await factories.make_homestay()
    offering = await listings.get_offering(listing_id=homestay.id)
    start = factories.in_days(30)

    def nights(first: int, last: int) -> Choice:
        span = DateRange(start + timedelta(days=first), start + timedelta(days=last))
        return Choice(Party(2), room=offering.rooms[0], rooms=1, nights=span)

    one = await flows.hold_choice(homestay, nights(0, 2))
    two = await flows.hold_choice(homestay, nights(2, 4))
    await join(homestay, choice=nights(0, 4), name="Long")
    await join(homestay, choice=nights(2, 4), name="Short")
    await service.withdraw(two, by=None, now=clock.now())
    await worker.drain(tools)
    assert await states() == {"Long": "waiting", "Short": "offered"}
    await service.withdraw(one, by=None, now=clock.now())
    await worker.drain(tools)
    assert (await states())["Long"] == "waiting"
    (line, other) = await waiting_queries.list_for_listings([homestay.id], clock.now())
    assert {(line.parties, line.offered), (other.parties, other.offered)} == {(1, 0), (1, 1)}


async def test_an_address_that_is_not_proven_waits_only_after_its_link(lesson, session, tools):
    booking = await flows.confirmed(lesson, session, tools, adults=4)
    entry = await join(lesson, session, proven=False)
    assert (await join(lesson, session, proven=False)).reference == entry.reference
    await worker.drain(tools)
    assert await subjects("ana@waits.test") == ["Confirm your place on the waiting list: Weaving buna"]
    await service.cancel_by_guest(booking.reference, by=None, shown_refund=4_200_000, now=clock.now())
    await worker.drain(tools)
    assert await states() == {"Ana": "unconfirmed"}
    await waiting.confirm(entry.reference, clock.now())
    await waiting.confirm(entry.reference, clock.now())
    await worker.drain(tools)
    assert await states() == {"Ana": "offered"}


async def test_leaving_forgets_at_once_and_passes_the_offer_on(lesson, session, tools):
    booking = await flows.confirmed(lesson, session, tools, adults=4)
    first = await join(lesson, session, name="First", adults=4)
    second = await join(lesson, session, name="Second", adults=4)
    await service.cancel_by_guest(booking.reference, by=None, shown_refund=4_200_000, now=clock.now())
    await worker.drain(tools)
    await waiting.leave(first.reference, clock.now())
    with pytest.raises(waiting.NotWaiting):
        await waiting.leave(first.reference, clock.now())
    await worker.drain(tools)
    gone = await waiting.get(first.reference)
    assert (gone.state, gone.name, gone.email) == (EntryState.LEFT, "", "")
    assert (await waiting.get(second.reference)).state is EntryState.OFFERED
    assert await subjects("first@waits.test") == []


async def test_entries_end_at_the_cut_off_and_names_go_with_the_date(tools):
    lesson = await factories.make_listing(cutoff_hours=24)
    session = await factories.make_start(lesson, days=40, capacity=4)
    await flows.confirmed(lesson, session, tools, adults=4)
    entry = await join(lesson, session)
    assert entry.cutoff_at == entry.starts_at - 24 * HOUR
    with clock.frozen(entry.cutoff_at):
        await waiting_offers.keep(clock.now())
        await worker.drain(tools)
    assert "No place came free: Weaving buna" in await subjects("ana@waits.test")
    assert (await waiting.get(entry.reference)).state is EntryState.ENDED
    await waiting_offers.keep(entry.starts_at)
    assert (await waiting.get(entry.reference)).email == ""
    assert await subjects("ana@waits.test") == []


async def test_who_never_confirms_is_forgotten_in_two_days(lesson, session, tools):
    await flows.confirmed(lesson, session, tools, adults=4)
    entry = await join(lesson, session, proven=False)
    await waiting_offers.keep(clock.now() + 49 * HOUR)
    after = await waiting.get(entry.reference)
    assert (after.state, after.email) == (EntryState.ENDED, "")


async def test_a_deleted_account_leaves_every_list(lesson, session, tools):
    await flows.confirmed(lesson, session, tools, adults=4)
    entry = await join(lesson, session)
    other = await join(lesson, session, name="Other")
    await forgetting.forget_guest(12345, token_hash("ana@waits.test"), clock.now())
    assert (await waiting.get(entry.reference)).email == ""
    assert (await waiting.get(other.reference)).email == "other@waits.test"


async def test_nobody_waits_for_a_date_that_is_called_off(tools):
    tour = await factories.make_listing(kind="tour", price_minor=1_000_000)
    departure = await factories.make_start(tour, days=9, capacity=4, min_guests=4)
    await flows.confirmed(tour, departure, tools, adults=3)
    await join(tour, departure, adults=2)
    from market.bookings import departing

    with clock.frozen(clock.now() + timedelta(days=3)):
        await departing.decide_all(clock.now())
        await worker.drain(tools)
    assert set((await states()).values()) == {"ended"}


async def test_two_workers_offer_an_entry_once(lesson, session, tools):
    import asyncio

    booking = await flows.confirmed(lesson, session, tools, adults=4)
    await join(lesson, session, adults=2)
    await service.cancel_by_guest(booking.reference, by=None, shown_refund=4_200_000, now=clock.now())
    counts = await asyncio.gather(*(waiting_offers.serve(lesson.id, clock.now()) for _ in range(4)))
    assert sum(counts) == 1
    assert (await Slot.get(id=session.id)).held == 2
