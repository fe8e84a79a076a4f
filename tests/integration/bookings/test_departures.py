"""A departure that needs a minimum: guaranteed or called off with the beginning of D-7; then its guests choose."""

from __future__ import annotations

from datetime import timedelta

import pytest

from market import clock, db
from market.app import handlers as _handlers  # noqa: F401
from market.bookings import changing, checks, departing, moving, queries, rows, service, stock
from market.bookings.quote import Choice
from market.bookings.states import State
from market.errors import NotFound
from market.listings import departures, slots
from market.listings import queries as listings
from market.listings.departures import DecidedAlready, NoMinimum, Outcome
from market.listings.models import DepartureDecision, Slot
from market.outbox import worker
from market.payments import ledger
from market.payments import queries as payment_queries
from market.values.dates import local_instant
from market.values.party import Party
from tests import factories
from tests.integration.bookings import flows

SECOND = timedelta(seconds=1)
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def tour(db):
    host = await factories.make_person(email="host@example.test")
    organisation = await factories.make_host(person=host)
    return await factories.make_listing(kind="tour", price_minor=1_000_000, host_id=organisation.id)


@pytest.fixture
async def departure(tour):
    return await factories.make_start(tour, days=20, capacity=8, min_guests=4)


def decision_time(slot: Slot):
    """The first moment (WITA) of the day of decision."""
    return local_instant(slot.starts_on - timedelta(days=7))


async def outbox(to: str) -> list[str]:
    return [row["subject"] for row in await db.fetch("SELECT subject FROM delivery WHERE recipient = $1", to)]


async def decide(slot: Slot, tools, *, at=None) -> int:
    with clock.frozen(at or decision_time(slot)):
        decided = await departing.decide_all(clock.now())
        await worker.drain(tools)
    return decided


async def test_it_is_decided_with_the_first_second_of_the_day_and_not_before(tour, departure, tools):
    await flows.confirmed(tour, departure, tools, adults=4)
    assert await decide(departure, tools, at=decision_time(departure) - SECOND) == 0
    assert await decide(departure, tools) == 1
    assert await decide(departure, tools) == 0
    assert (await Slot.get(id=departure.id)).status == "guaranteed"
    decision = await departures.get_decision(departure.id)
    assert (decision.outcome, decision.guests, decision.needed) == (Outcome.GUARANTEED, 4, 4)
    assert "Sure to run: Weaving buna" in await outbox(flows.GUEST.email)
    assert any(subject.startswith("Guaranteed: ") for subject in await outbox("host@example.test"))


async def test_only_confirmed_guests_count(tour, departure, tools):
    await flows.confirmed(tour, departure, tools, adults=3)
    held = await flows.hold_seat(tour, departure, adults=2, now=decision_time(departure) - SECOND)
    assert await decide(departure, tools) == 1
    assert (await Slot.get(id=departure.id)).status == "called_off"
    assert (await rows.get(held)).state is State.CALLED_OFF
    slot = await Slot.get(id=departure.id)
    assert (slot.held, slot.confirmed) == (0, 0)


async def test_without_a_minimum_nothing_is_decided(tour, tools):
    plain = await factories.make_start(tour, days=5, min_guests=1)
    session = await factories.make_start(await factories.make_listing(), days=5, min_guests=4)
    assert await departing.decide_all(clock.now()) == 0
    for slot, refusal in ((plain, NoMinimum), (session, NotFound)):
        assert (await Slot.get(id=slot.id)).status == "open"
        with pytest.raises(refusal):
            await departures.waive(slot.id, by=None, now=clock.now())


async def test_what_began_undecided_is_left_alone(tour, departure, tools):
    await flows.confirmed(tour, departure, tools, adults=2)
    assert await decide(departure, tools, at=departure.starts_at) == 0
    assert (await Slot.get(id=departure.id)).status == "open"


async def test_the_host_may_waive_it_once_and_it_stays_guaranteed(tour, departure, tools):
    person = await factories.make_person()
    await departures.waive(departure.id, by=person.id, now=clock.now())
    with pytest.raises(DecidedAlready):
        await departures.waive(departure.id, by=person.id, now=clock.now())
    assert await decide(departure, tools) == 0
    assert (await Slot.get(id=departure.id)).status == "guaranteed"
    await slots.set_slot_status(departure.id, "closed")
    await slots.set_slot_status(departure.id, "open")
    assert (await Slot.get(id=departure.id)).status == "guaranteed"


async def test_a_closed_departure_with_guests_is_decided_and_stays_closed(tour, departure, tools):
    booking = await flows.confirmed(tour, departure, tools, adults=4)
    await slots.set_slot_status(departure.id, "closed")
    assert await decide(departure, tools) == 1
    assert (await Slot.get(id=departure.id)).status == "closed"
    row = await listings.get_slot(departure.id, clock.now())
    assert (await departing.get_minimum(row)).guaranteed
    assert "guaranteed" in [event.name for event in await queries.story_of(booking.id)]


async def test_a_departure_put_on_sale_within_the_week_runs_whoever_comes(tour):
    await db.execute("UPDATE listing SET min_guests = 4 WHERE id = $1", tour.id)
    near = await slots.schedule_departure(tour.id, factories.in_days(6))
    late = await slots.schedule_departure(tour.id, factories.in_days(9))
    assert (await Slot.get(id=near)).status == "guaranteed"
    assert (await Slot.get(id=late)).status == "open"


async def called_off(tour, departure, tools, *, adults: int = 2, method: str = "demo_card"):
    booking = await flows.confirmed(tour, departure, tools, adults=adults, method=method)
    await decide(departure, tools)
    return await rows.get(booking.reference)


async def test_called_off_the_money_waits_for_the_choice(tour, departure, tools):
    booking = await called_off(tour, departure, tools)
    now = decision_time(departure)
    assert (booking.state, booking.deadline_at) == (State.CALLED_OFF, now + timedelta(hours=48))
    assert await ledger.balance(ledger.guest_hold(booking.reference)) == -2_100_000
    assert await payment_queries.list_refunds(booking.reference) == []
    assert (await Slot.get(id=departure.id)).confirmed == 0
    assert "Called off: Weaving buna" in await outbox(flows.GUEST.email)
    assert any(subject.startswith("Called off: ") for subject in await outbox("host@example.test"))


async def test_the_guest_takes_the_money(tour, departure, tools):
    booking = await called_off(tour, departure, tools)
    now = decision_time(departure)
    assert await service.take_money(booking.reference, by=None, now=now) == 2_100_000
    with pytest.raises(moving.ChoiceOver):
        await service.take_money(booking.reference, by=None, now=now)
    await worker.drain(tools)
    after = await rows.get(booking.reference)
    assert (after.state, after.balance, after.deadline_at) == (State.CALLED_OFF, 0, None)
    assert await ledger.balance(ledger.guest_hold(booking.reference)) == 0
    assert await ledger.trial_balance() == 0
    assert await service.end_silent(now + timedelta(days=9)) == 0


async def test_silence_for_48_hours_is_the_money(tour, departure, tools):
    booking = await called_off(tour, departure, tools)
    until = booking.deadline_at
    assert await service.end_silent(until - SECOND) == 0
    assert await service.end_silent(until) == 1
    assert await service.end_silent(until) == 0
    assert (await rows.get(booking.reference)).refunded_minor == 2_100_000
    with pytest.raises(moving.ChoiceOver):
        await move(booking, tour, departure, now=until)


async def move(booking, tour, to, *, now, party: Party | None = None):
    slot = await listings.get_slot(to.id, now)
    return await service.move(
        booking.reference,
        offering=await listings.get_offering(listing_id=tour.id),
        choice=Choice(party or booking.party, slot=slot),
        by=None,
        actor="guest",
        now=now,
    )


async def test_a_move_to_a_dearer_date_costs_nothing(tour, departure, tools):
    other = await factories.make_start(tour, days=34, price_minor=1_500_000, min_guests=2)
    booking = await called_off(tour, departure, tools)
    planned = await move(booking, tour, other, now=decision_time(departure))
    assert (planned.total, planned.refund) == (2_100_000, 0)
    after = await rows.get(booking.reference)
    assert (after.state, after.slot_id, after.total_minor) == (State.CONFIRMED, other.id, 2_100_000)
    assert after.quote.total == after.total_minor
    assert (await Slot.get(id=other.id)).confirmed == 2
    with clock.frozen(decision_time(departure)):
        await worker.drain(tools)
    assert "Your new date: Weaving buna" in await outbox(flows.GUEST.email)


async def test_a_move_to_a_cheaper_date_gives_the_difference_back(tour, departure, tools):
    other = await factories.make_start(tour, days=34, price_minor=800_000)
    booking = await called_off(tour, departure, tools)
    planned = await move(booking, tour, other, now=decision_time(departure))
    assert (planned.total, planned.refund) == (1_680_000, 420_000)
    await worker.drain(tools)
    after = await rows.get(booking.reference)
    assert (after.total_minor, after.balance) == (1_680_000, 1_680_000)
    assert await ledger.balance(ledger.guest_hold(booking.reference)) == -1_680_000
    assert await ledger.trial_balance() == 0


async def test_a_move_may_be_followed_by_another(tour, departure, tools):
    other = await factories.make_start(tour, days=34, price_minor=900_000, min_guests=4)
    third = await factories.make_start(tour, days=50, price_minor=800_000)
    booking = await called_off(tour, departure, tools)
    await move(booking, tour, other, now=decision_time(departure))
    await decide(other, tools)
    again = await rows.get(booking.reference)
    assert again.state is State.CALLED_OFF
    await move(again, tour, third, now=decision_time(other))
    await worker.drain(tools)
    assert (await rows.get(booking.reference)).balance == 1_680_000
    assert await ledger.balance(ledger.guest_hold(booking.reference)) == -1_680_000


async def test_what_cannot_be_taken_leaves_the_choice_open(tour, departure, tools):
    full = await factories.make_start(tour, days=34, capacity=1)
    booking = await called_off(tour, departure, tools)
    now = decision_time(departure)
    with pytest.raises(stock.SoldOut):
        await move(booking, tour, full, now=now)
    with pytest.raises(checks.Unbookable):
        await move(booking, tour, departure, now=now)
    assert (await rows.get(booking.reference)).deadline_at is not None
    assert (await Slot.get(id=full.id)).confirmed == 0


async def test_a_booking_paid_at_the_village_moves_too(departure, tour, tools):
    other = await factories.make_start(tour, days=34)
    booking = await called_off(tour, departure, tools, method="on_arrival")
    assert booking.balance == 0
    await move(booking, tour, other, now=decision_time(departure))
    expected = [p for p in await payment_queries.list_payments(booking.reference) if p.state == "pending"]
    assert [p.amount_minor for p in expected] == [2_100_000]


async def test_requests_and_unpaid_bookings_end_without_a_choice(tools):
    tour = await factories.make_listing(kind="tour", price_minor=1_000_000, instant=False)
    departure = await factories.make_start(tour, days=8, min_guests=4)
    asked = await flows.hold_seat(tour, departure)
    await flows.go_on(asked, tools)
    await flows.press(asked, tools)
    assert (await rows.get(asked)).state is State.REQUESTED
    await decide(departure, tools)
    after = await rows.get(asked)
    assert (after.state, after.deadline_at) == (State.CALLED_OFF, None)
    (payment,) = await payment_queries.list_payments(asked)
    assert payment.state == "cancelled"
    assert await ledger.balances() == {}


async def test_a_change_to_a_departure_that_is_called_off_is_dropped_and_its_money_comes_back(
    tour, departure, tools
):
    await flows.confirmed(tour, departure, tools, adults=1)
    other = await factories.make_start(tour, days=40, price_minor=900_000)
    booking = await flows.confirmed(tour, other, tools)
    slot = await listings.get_slot(departure.id, clock.now())
    await changing.change(
        booking.reference,
        offering=await listings.get_offering(listing_id=tour.id),
        choice=Choice(Party(1), slot=slot),
        shown_difference=105_000,
        tools=tools,
        links=flows.LINKS,
        description="Change",
        now=clock.now(),
    )
    assert (await Slot.get(id=departure.id)).held == 1
    await decide(departure, tools)
    assert (await Slot.get(id=departure.id)).held == 0
    after = await rows.get(booking.reference)
    assert (after.state, after.slot_id) == (State.CONFIRMED, other.id)
    await flows.press(booking.reference, tools, purpose="amendment")
    assert (await rows.get(booking.reference)).balance == booking.total_minor


async def test_two_workers_decide_once(tour, departure, tools):
    booking = await flows.confirmed(tour, departure, tools, adults=2)
    at = decision_time(departure)
    first = await departures.decide(departure.id, at)
    second = await departures.decide(departure.id, at)
    assert (first, second) == (Outcome.CALLED_OFF, None)
    for _ in range(2):
        await departing.settle(departure.id, at)
    assert await DepartureDecision.all().count() == 1
    events = [event.name for event in await queries.story_of(booking.id)]
    assert events.count("called_off") == 1
