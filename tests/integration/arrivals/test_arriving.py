"""Who is checked in when, what repeats and conflicts do, and what follows when nobody came."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

import market.app.handlers  # noqa: F401 - registers the jobs that payments bring
from market import clock, db
from market.bookings import absences, arriving, rows, service
from market.bookings.absences import AlreadyContested, TooLateToContest
from market.bookings.arrival_rules import How, Outcome
from market.bookings.arriving import (
    AlreadyCheckedIn,
    ImplausibleTime,
    NightsGone,
    NotExpected,
    OutsideWindow,
    TooEarlyForNoShow,
    TooLateToUndo,
)
from market.bookings.quote import Choice
from market.bookings.rows import BookingRow
from market.bookings.states import State, WrongState
from market.listings import queries as listings
from market.outbox import worker
from market.outbox.tools import Tools
from market.payments import ledger
from market.values.dates import DateRange
from market.values.party import Party
from tests import factories
from tests.integration.bookings import flows

HOUR = timedelta(hours=1)


@pytest.fixture
async def booking(db: str, tools: Tools) -> BookingRow:
    """A confirmed and paid class."""
    listing = await factories.make_listing()
    return await flows.confirmed(listing, await factories.make_start(listing), tools)


async def a_stay(tools: Tools, *, nights: int = 4, rooms: int = 1) -> BookingRow:
    """A confirmed and paid stay."""
    listing, _room = await factories.make_homestay(rooms=rooms)
    start = factories.in_days(20)
    offering = await listings.get_offering(listing_id=listing.id)
    assert offering
    choice = Choice(Party(2), room=offering.rooms[0], nights=DateRange(start, start + timedelta(days=nights)))
    reference = await flows.hold_choice(listing, choice)
    await flows.go_on(reference, tools)
    await flows.press(reference, tools)
    return await rows.get(reference)


async def state(booking: BookingRow) -> State:
    return (await rows.get(booking.reference)).state


async def sold_nights(booking: BookingRow) -> int:
    row = await db.fetch_one("SELECT SUM(confirmed) AS n FROM slot WHERE listing_id = $1", booking.listing_id)
    return row["n"] if row else 0


async def test_a_guest_is_checked_in_once(booking: BookingRow):
    now = booking.starts_at + HOUR
    person = await factories.make_person()
    done = await arriving.check_in(booking.reference, by=person.id, now=now, key="k1", how=How.QR)
    assert (done.at, done.fresh) == (now, True)
    again = await arriving.check_in(booking.reference, by=person.id, now=now + HOUR, key="k1", how=How.QR)
    assert (again.at, again.fresh) == (now, False)
    with pytest.raises(AlreadyCheckedIn) as refused:
        await arriving.check_in(booking.reference, by=person.id, now=now + HOUR, key="k2")
    assert refused.value.facts["at"] == now
    assert await state(booking) is State.CHECKED_IN
    events = await db.fetch("SELECT name FROM booking_event WHERE name = 'checked_in'")
    assert len(events) == 1
    assert await service.complete_all(booking.ends_at) == 1


@pytest.mark.parametrize("hours", [-12, 0, 3])
async def test_the_window_includes_its_edges(booking: BookingRow, hours: int):
    await arriving.check_in(booking.reference, by=None, now=booking.starts_at + hours * HOUR)
    assert await state(booking) is State.CHECKED_IN


async def test_outside_the_window_nobody_is_checked_in(booking: BookingRow):
    for now in (booking.starts_at - 12 * HOUR - timedelta(seconds=1), booking.ends_at + timedelta(seconds=1)):
        with pytest.raises(OutsideWindow):
            await arriving.check_in(booking.reference, by=None, now=now)
    assert await state(booking) is State.CONFIRMED


async def test_a_late_message_counts_by_the_time_it_states(booking: BookingRow):
    arrived = booking.starts_at + HOUR
    with pytest.raises(ImplausibleTime):
        await arriving.check_in(booking.reference, by=None, now=arrived, at=arrived + HOUR)
    with pytest.raises(ImplausibleTime):
        await arriving.check_in(booking.reference, by=None, now=arrived + timedelta(days=8), at=arrived)
    done = await arriving.check_in(
        booking.reference, by=None, now=booking.ends_at + 5 * HOUR, at=arrived, key="offline"
    )
    assert done.at == arrived
    assert await state(booking) is State.CHECKED_IN


async def test_a_message_after_the_end_is_kept_without_moving_anything(booking: BookingRow):
    later = booking.starts_at + timedelta(days=3)
    assert await service.complete_all(later) == 1
    await arriving.check_in(booking.reference, by=None, now=later, at=booking.starts_at, key="late")
    assert await state(booking) is State.COMPLETED
    with pytest.raises(AlreadyCheckedIn):
        await arriving.check_in(booking.reference, by=None, now=later, at=booking.starts_at, key="other")


async def test_a_cancelled_guest_is_not_expected(booking: BookingRow):
    await service.cancel_by_host(booking.reference, by=None, actor="host", reason="Ill", now=clock.now())
    with pytest.raises(NotExpected):
        await arriving.check_in(booking.reference, by=None, now=booking.starts_at)


async def test_a_check_in_can_be_taken_back_with_a_reason(booking: BookingRow):
    await arriving.check_in(booking.reference, by=None, now=booking.starts_at)
    await arriving.undo_check_in(
        booking.reference, by=None, reason="Wrong family", now=booking.starts_at + HOUR
    )
    assert await state(booking) is State.CONFIRMED
    event = await db.fetch_one("SELECT reason FROM booking_event WHERE name = 'check_in_undone'")
    assert event == {"reason": "Wrong family"}
    await arriving.check_in(booking.reference, by=None, now=booking.starts_at + 2 * HOUR)
    with pytest.raises(TooLateToUndo):
        await arriving.undo_check_in(booking.reference, by=None, reason="x", now=booking.ends_at)


async def test_nobody_seen_leaves_a_day_to_say_so(booking: BookingRow):
    assert await service.complete_all(booking.ends_at + HOUR) == 0
    with pytest.raises(TooEarlyForNoShow):
        await arriving.no_show(booking.reference, by=None, now=booking.starts_at + 23 * HOUR)
    await arriving.no_show(booking.reference, by=None, now=booking.starts_at + 24 * HOUR)
    assert await state(booking) is State.NO_SHOW


async def settled(booking: BookingRow) -> dict[str, int]:
    entries = await db.fetch(
        "SELECT account, SUM(amount_minor) AS total FROM ledger_posting GROUP BY account"
        " HAVING SUM(amount_minor) <> 0"
    )
    return {row["account"]: int(row["total"]) for row in entries}


async def test_a_no_show_frees_the_nights_ahead_and_its_money_waits(db: str, tools: Tools):
    stay = await a_stay(tools)
    now = stay.starts_at + 25 * HOUR
    assert await sold_nights(stay) == 4
    until = await arriving.no_show(stay.reference, by=None, now=now)
    assert until == now + 48 * HOUR
    assert await sold_nights(stay) == 2
    before = await settled(stay)
    assert await absences.settle_uncontested(until) == 0
    assert await settled(stay) == before
    assert await absences.settle_uncontested(until + timedelta(seconds=1)) == 1
    after = await rows.get(stay.reference)
    assert after.state is State.COMPLETED
    # One night has passed: the flexible terms keep it and one more.
    assert after.refunded_minor == stay.total_minor // 4 * 2
    assert await ledger.balance(ledger.guest_hold(stay.reference)) == 0


async def test_a_contested_no_show_waits_for_an_operator(booking: BookingRow, tools: Tools):
    now = booking.starts_at + 24 * HOUR
    until = await arriving.no_show(booking.reference, by=None, now=now)
    await absences.contest(booking.reference, text="We were at the gate.", by=None, now=until)
    with pytest.raises(AlreadyContested):
        await absences.contest(booking.reference, text="Again", by=None, now=until)
    assert await absences.settle_uncontested(until + timedelta(days=9)) == 0
    assert await service.complete_all(until + timedelta(days=9)) == 0
    assert [row.contest_text for row in await absences.list_contested()] == ["We were at the gate."]
    await worker.drain(tools)


@pytest.mark.parametrize(
    ("outcome", "expected", "refunded"),
    [
        (Outcome.STANDS, State.COMPLETED, 0),
        (Outcome.ARRIVED, State.CHECKED_IN, 0),
        (Outcome.HOST_FAILED, State.CANCELLED_BY_HOST, 1),
    ],
)
async def test_an_operator_decides(
    booking: BookingRow, tools: Tools, outcome: Outcome, expected: State, refunded: int
):
    operator = await factories.make_person()
    now = booking.starts_at + 24 * HOUR
    await arriving.no_show(booking.reference, by=None, now=now)
    with pytest.raises(WrongState):
        await absences.resolve(booking.reference, by=operator.id, outcome=outcome, note="x", now=now)
    await absences.contest(booking.reference, text="We were there.", by=None, now=now + HOUR)
    await absences.resolve(booking.reference, by=operator.id, outcome=outcome, note="Photo", now=now + HOUR)
    after = await rows.get(booking.reference)
    assert after.state is expected
    assert after.refunded_minor == booking.total_minor * refunded
    with pytest.raises(WrongState):
        await absences.resolve(booking.reference, by=operator.id, outcome=outcome, note="x", now=now)
    await worker.drain(tools)
    if outcome is Outcome.ARRIVED:
        assert await service.complete_all(now + HOUR) == 1


async def test_an_answer_after_two_days_is_too_late(booking: BookingRow):
    until = await arriving.no_show(booking.reference, by=None, now=booking.starts_at + 24 * HOUR)
    with pytest.raises(TooLateToContest):
        await absences.contest(booking.reference, text="x", by=None, now=until + timedelta(seconds=1))


async def check_in_after_no_show(stay: BookingRow, now: datetime) -> None:
    await arriving.no_show(stay.reference, by=None, now=now)
    await arriving.check_in(
        stay.reference, by=None, now=now + HOUR, at=stay.starts_at + HOUR, key="phone in the hills"
    )


async def test_a_check_in_from_a_phone_without_signal_undoes_a_no_show(db: str, tools: Tools):
    stay = await a_stay(tools)
    await check_in_after_no_show(stay, stay.starts_at + 25 * HOUR)
    assert await state(stay) is State.CHECKED_IN
    assert await sold_nights(stay) == 4
    found = await absences.find_no_show(stay.reference)
    assert found
    assert found.outcome == Outcome.ARRIVED


async def test_but_not_when_the_nights_were_sold(db: str, tools: Tools):
    stay = await a_stay(tools)
    now = stay.starts_at + 25 * HOUR
    await arriving.no_show(stay.reference, by=None, now=now)
    await db_sell_everything(stay)
    with pytest.raises(NightsGone):
        await arriving.check_in(stay.reference, by=None, now=now + HOUR, at=stay.starts_at + HOUR)
    assert await state(stay) is State.NO_SHOW


async def db_sell_everything(stay: BookingRow) -> None:
    await db.execute("UPDATE slot SET confirmed = capacity WHERE listing_id = $1", stay.listing_id)


async def test_a_forgotten_guests_answer_goes(booking: BookingRow):
    now = booking.starts_at + 24 * HOUR
    await arriving.no_show(booking.reference, by=None, now=now)
    await absences.contest(booking.reference, text="We were at the gate.", by=None, now=now)
    await absences.forget_answer(booking.reference)
    found = await absences.find_no_show(booking.reference)
    assert found
    assert found.contest_text == ""


async def test_what_was_seen_is_never_changed(booking: BookingRow):
    await arriving.check_in(booking.reference, by=None, now=booking.starts_at)
    for statement in ("UPDATE check_in SET how = 'list'", "DELETE FROM check_in"):
        with pytest.raises(Exception, match="append-only"):
            await db.execute(statement)
