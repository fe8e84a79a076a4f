"""Promises that hosts and operators take back: who it was, what becomes of the places, and the choice for stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from market import clock
from market.app import handlers as _handlers  # noqa: F401
from market.bookings import forgetting, moving, queries, rows, service
from market.bookings.quote import Choice
from market.bookings.states import State, WrongState
from market.listings import queries as listings
from market.listings.models import Slot
from market.outbox import worker
from market.payments import ledger
from market.values.dates import DateRange
from market.values.party import Party
from tests import factories
from tests.integration.bookings import flows

pytestmark = pytest.mark.usefixtures("db")
HOUR = timedelta(hours=1)


async def cancel(reference: str, **fields):
    values = {"by": None, "actor": "host", "reason": "Illness in the family", "now": clock.now()}
    return await service.cancel_by_host(reference, **{**values, **fields})


@pytest.fixture
async def lesson(db):
    return await factories.make_listing(price_minor=1_000_000)


@pytest.fixture
async def session(lesson):
    return await factories.make_start(lesson, days=40, capacity=4)


@pytest.mark.parametrize("to", [State.CANCELLED_BY_HOST, State.CANCELLED_BY_OPERATOR, State.FORCE_MAJEURE])
async def test_everything_comes_back_fees_included_or_the_guest_moves(lesson, session, tools, to):
    booking = await flows.confirmed(lesson, session, tools, adults=2)
    assert await cancel(booking.reference, to=to, offer_move=True) == 2_100_000
    after = await rows.get(booking.reference)
    assert after.state is to
    assert after.deadline_at - clock.now() > 47 * HOUR
    assert await ledger.balance(ledger.guest_hold(booking.reference)) == -2_100_000
    await service.take_money(booking.reference, by=None, now=clock.now())
    await worker.drain(tools)
    assert (await rows.get(booking.reference)).balance == 0
    assert await ledger.trial_balance() == 0
    assert [e.reason for e in await queries.story_of(booking.id) if e.name == to.value] == [
        "Illness in the family"
    ]


@pytest.mark.parametrize(("block", "free"), [(False, 4), (True, 2)])
async def test_the_places_open_again_or_stay_closed(lesson, session, tools, block, free):
    booking = await flows.confirmed(lesson, session, tools, adults=2)
    await cancel(booking.reference, block=block)
    slot = await listings.get_slot(session.id, clock.now())
    assert slot.free == free
    assert (await Slot.get(id=session.id)).blocked == (2 if block else 0)


async def test_an_accepted_booking_that_is_not_paid_can_be_taken_back_too(tools):
    listing = await factories.make_listing(instant=False)
    session = await factories.make_start(listing, days=40)
    reference = await flows.hold_seat(listing, session)
    await flows.go_on(reference, tools, method="transfer")
    with pytest.raises(WrongState):
        await cancel(reference)
    await service.accept(reference, by=None, actor="host", now=clock.now())
    assert await cancel(reference, offer_move=True) == 0
    after = await rows.get(reference)
    assert (after.state, after.deadline_at) == (State.CANCELLED_BY_HOST, None)
    assert (await Slot.get(id=session.id)).held == 0


async def test_once_the_visit_began_there_is_only_the_money(lesson, session, tools):
    booking = await flows.confirmed(lesson, session, tools)
    await cancel(booking.reference, offer_move=True, now=booking.starts_at)
    after = await rows.get(booking.reference)
    assert (after.deadline_at, after.balance) == (None, 0)


async def stay(tools, *, nights: int = 3):
    homestay, room = await factories.make_homestay(rooms=1)
    await factories.make_season(homestay, "01-01", "12-31", 100)
    offering = await listings.get_offering(listing_id=homestay.id)
    start = factories.in_days(30)
    choice = Choice(
        Party(2), room=offering.rooms[0], rooms=1, nights=DateRange(start, start + timedelta(days=nights))
    )
    reference = await flows.hold_choice(homestay, choice)
    await flows.go_on(reference, tools)
    await flows.press(reference, tools)
    return homestay, room, await rows.get(reference)


async def test_a_stay_moves_to_other_nights_at_the_price_agreed(tools):
    homestay, room, booking = await stay(tools)
    await cancel(booking.reference, to=State.FORCE_MAJEURE, offer_move=True)
    await factories.RoomType.filter(id=room.id).update(price_minor=400_000)
    now = clock.now()
    fresh, offering = await rows.get(booking.reference), await listings.get_offering(listing_id=homestay.id)
    dates = await moving.list_dates(fresh, offering, now)
    assert dates
    assert booking.nights not in [other.choice.nights for other in dates]
    picked = dates[0].choice
    planned = await service.move(
        booking.reference, offering=offering, choice=picked, by=None, actor="guest", now=now
    )
    assert planned.refund == 0
    after = await rows.get(booking.reference)
    assert (after.state, after.nights, after.total_minor) == (
        State.CONFIRMED,
        picked.nights,
        booking.total_minor,
    )
    assert [night for night, _ in after.quote.night_amounts] == list(picked.nights)
    assert service.refund_now(after, now).amount == booking.total_minor


async def test_nobody_is_forgotten_while_the_choice_is_open(lesson, session, tools):
    booking = await flows.confirmed(lesson, session, tools)
    await cancel(booking.reference, offer_move=True)
    fresh = await rows.get(booking.reference)
    assert not await forgetting._is_over(fresh, clock.now())


async def test_the_silent_end_is_a_duty_of_the_worker(lesson, session, tools):
    booking = await flows.confirmed(lesson, session, tools)
    await cancel(booking.reference, offer_move=True)
    with clock.frozen(clock.now() + 49 * HOUR):
        assert await service.end_silent(clock.now()) == 1
        await worker.drain(tools)
    assert (await rows.get(booking.reference)).balance == 0
