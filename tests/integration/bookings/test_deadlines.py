"""The timers of requests and payments, exactly as the domain's rules have them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from market import clock
from market.app import handlers as _handlers  # noqa: F401
from market.bookings import checks, paying, rows, service
from market.bookings.states import State
from market.listings.models import Slot
from market.outbox import worker
from market.payments import queries as payment_queries
from tests import factories
from tests.integration.bookings import flows

pytestmark = pytest.mark.usefixtures("db")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


async def asked(tools, *, before: timedelta, method: str = "demo_card", cutoff_hours: int = 24):
    """A request made so long before booking closes."""
    listing = await factories.make_listing(instant=False, cutoff_hours=cutoff_hours)
    session = await factories.make_start(listing, days=40)
    at = session.book_until - before
    with clock.frozen(at):
        reference = await flows.hold_seat(listing, session)
        await flows.go_on(reference, tools, method=method)
        if method == "demo_card":
            await flows.press(reference, tools)
    return await rows.get(reference), at


@pytest.mark.parametrize("method", ["demo_card", "transfer", "on_arrival"])
@pytest.mark.parametrize(
    ("before", "left"),
    [(30 * 24 * HOUR, 48 * HOUR), (60 * HOUR, 48 * HOUR), (40 * HOUR, 28 * HOUR), (13 * HOUR, HOUR)],
)
async def test_a_host_answers_within_48_hours_and_12_before_booking_closes(tools, method, before, left):
    booking, at = await asked(tools, before=before, method=method)
    assert (booking.state, booking.deadline_at) == (State.REQUESTED, at + left)
    shelf = await Slot.get(id=booking.slot_id)
    assert shelf.held == 1
    assert await service.lapse_all(booking.deadline_at - MINUTE) == 0
    assert await service.lapse_all(booking.deadline_at) == 1
    assert (await Slot.get(id=booking.slot_id)).held == 0


async def test_a_request_that_leaves_no_time_to_answer_is_refused_when_held(tools):
    with pytest.raises(checks.Unbookable, match="unbookable"):
        await asked(tools, before=12 * HOUR)


async def test_and_when_the_guest_took_until_then_to_go_on(tools):
    listing = await factories.make_listing(instant=False, cutoff_hours=24)
    session = await factories.make_start(listing, days=40)
    at = session.book_until - 12 * HOUR - 5 * MINUTE
    reference = await flows.hold_seat(listing, session, now=at)
    with pytest.raises(paying.HoldOver):
        await flows.go_on(reference, tools, now=at + 6 * MINUTE)


async def test_and_when_the_card_page_took_until_then(tools):
    listing = await factories.make_listing(instant=False, cutoff_hours=24)
    session = await factories.make_start(listing, days=40)
    at = session.book_until - 12 * HOUR - 5 * MINUTE
    with clock.frozen(at):
        reference = await flows.hold_seat(listing, session)
        await flows.go_on(reference, tools)
    with clock.frozen(at + 6 * MINUTE):
        await flows.press(reference, tools)
    assert (await rows.get(reference)).state is State.EXPIRED
    assert (await Slot.get(id=session.id)).held == 0
    await worker.drain(tools)
    (payment,) = await payment_queries.list_payments(reference)
    assert payment.state == "cancelled"


@pytest.mark.parametrize(("before", "left"), [(10 * 24 * HOUR, 24 * HOUR), (20 * HOUR, 20 * HOUR)])
async def test_a_payment_is_due_within_24_hours_or_until_booking_closes(tools, before, left):
    listing = await factories.make_listing(cutoff_hours=24 * 5)
    session = await factories.make_start(listing, days=40)
    at = session.book_until - before
    with clock.frozen(at):
        reference = await flows.hold_seat(listing, session)
        await flows.go_on(reference, tools, method="transfer")
    booking = await rows.get(reference)
    assert (booking.state, booking.expires_at) == (State.PAYMENT_DUE, at + left)


async def test_a_capture_that_fails_leaves_the_payment_due_with_a_new_link(tools):
    booking, at = await asked(tools, before=30 * 24 * HOUR)
    with clock.frozen(at + HOUR):
        await service.accept(booking.reference, by=None, actor="host", now=clock.now())
        payment = (await payment_queries.list_payments(booking.reference))[-1]
        await service.capture_failed(booking.reference, payment.reference, clock.now())
        due = await rows.get(booking.reference)
        assert (due.state, due.expires_at) == (State.PAYMENT_DUE, clock.now() + 24 * HOUR)
        url = await service.pay_again(
            booking.reference,
            method="demo_card",
            tools=tools,
            links=flows.LINKS,
            description="Again",
            now=clock.now(),
        )
        assert url is not None
    assert await service.lapse_all(due.expires_at) == 1


async def test_a_hold_lasts_15_minutes_and_an_hour_at_most_also_by_card(tools):
    listing = await factories.make_listing()
    session = await factories.make_start(listing, days=40)
    start = clock.now()
    reference = await flows.hold_seat(listing, session, now=start)
    for minute in range(10, 60, 10):
        with clock.frozen(start + minute * MINUTE):
            await service.extend(reference, clock.now())
    booking = await rows.get(reference)
    assert booking.expires_at == start + HOUR
    with clock.frozen(start + 55 * MINUTE):
        await flows.go_on(reference, tools)
    assert (await rows.get(reference)).expires_at == start + HOUR
