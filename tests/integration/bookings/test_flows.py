"""From hold to voucher and back: every way of paying, every way a booking ends, and the ledger after each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from market import clock
from market.app import handlers as _handlers  # noqa: F401
from market.bookings import arrival_rules, cancelling, changing, paying, queries, rows, service, stock
from market.bookings.quote import Choice
from market.bookings.states import State, WrongState
from market.listings import queries as listings
from market.listings.models import Slot
from market.outbox import worker
from market.payments import ledger
from market.payments import queries as payment_queries
from market.payments import service as payments
from market.payments.adapters.demo_card import Press
from market.values.party import Party
from tests import factories
from tests.integration.bookings import flows

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("db")


async def books(reference: str) -> dict[str, int]:
    """Balances of all accounts, without zeros; what lies with the card provider is one sum."""
    assert await ledger.trial_balance() == 0
    balances: dict[str, int] = {}
    for account, amount in (await ledger.balances()).items():
        name = "psp" if account.startswith("asset:psp_") else account
        balances[name] = balances.get(name, 0) + amount
    return {account: amount for account, amount in balances.items() if amount}


@pytest.fixture
async def lesson(db):
    return await factories.make_listing(price_minor=1_000_000)


@pytest.fixture
async def session(lesson):
    return await factories.make_start(lesson, days=40, capacity=4)


async def test_an_instant_card_booking_is_confirmed_by_the_report_and_not_before(lesson, session, tools):
    reference = await flows.hold_seat(lesson, session, adults=2)
    url = await flows.go_on(reference, tools)
    assert url is not None
    assert "/pay/demo/" in url
    assert (await rows.get(reference)).state is State.HELD
    await flows.press(reference, tools)
    booking = await rows.get(reference)
    assert (booking.state, booking.paid_minor, booking.expires_at) == (State.CONFIRMED, 2_100_000, None)
    shelf = await Slot.get(id=session.id)
    assert (shelf.held, shelf.confirmed) == (0, 2)
    assert await books(reference) == {
        "psp": 2_100_000,
        ledger.guest_hold(reference): -2_100_000,
    }
    assert [e.name for e in await queries.story_of(booking.id)] == ["held", "confirmed"]


async def test_a_declined_card_leaves_the_hold_and_another_try_succeeds(lesson, session, tools):
    reference = await flows.hold_seat(lesson, session)
    await flows.go_on(reference, tools)
    await flows.press(reference, tools, Press.DECLINE)
    assert (await rows.get(reference)).state is State.HELD
    await flows.go_on(reference, tools)
    await flows.press(reference, tools)
    assert (await rows.get(reference)).state is State.CONFIRMED


async def test_a_request_is_authorised_then_accepted_then_captured(tools):
    listing = await factories.make_listing(instant=False, price_minor=1_000_000)
    session = await factories.make_start(listing, days=40)
    reference = await flows.hold_seat(listing, session)
    await flows.go_on(reference, tools)
    await flows.press(reference, tools)
    booking = await rows.get(reference)
    assert booking.state is State.REQUESTED
    assert booking.deadline_at - clock.now() <= 48 * HOUR
    assert await books(reference) == {}
    assert await service.accept(reference, by=None, actor="host", now=clock.now()) is State.PAYMENT_DUE
    await worker.drain(tools)
    assert (await rows.get(reference)).state is State.CONFIRMED
    assert ledger.guest_hold(reference) in await books(reference)
    assert await service.accept(reference, by=None, actor="host", now=clock.now()) is State.CONFIRMED


@pytest.mark.parametrize("ending", ["decline", "withdraw", "lapse"])
async def test_a_request_that_ends_frees_its_stock_and_lets_the_card_go(db, tools, ending):
    listing = await factories.make_listing(instant=False)
    session = await factories.make_start(listing, days=40)
    reference = await flows.hold_seat(listing, session)
    await flows.go_on(reference, tools)
    await flows.press(reference, tools)
    now = clock.now()
    match ending:
        case "decline":
            await service.decline(reference, by=None, actor="host", reason="Ceremony", now=now)
        case "withdraw":
            await service.withdraw(reference, by=None, now=now)
        case _:
            assert await service.lapse_all(now + 49 * HOUR) == 1
    assert (await Slot.get(id=session.id)).held == 0
    await worker.drain(tools)
    (payment,) = await payment_queries.list_payments(reference)
    assert payment.state == "cancelled"
    assert await books(reference) == {}
    with pytest.raises(WrongState):
        await service.accept(reference, by=None, actor="host", now=now)


async def test_a_transfer_waits_for_the_operator_and_is_matched_once(lesson, session, tools):
    reference = await flows.hold_seat(lesson, session)
    assert await flows.go_on(reference, tools, method="transfer") is None
    booking = await rows.get(reference)
    assert booking.state is State.PAYMENT_DUE
    assert booking.expires_at - clock.now() > 23 * HOUR
    (payment,) = await payment_queries.list_payments(reference)
    for _ in range(2):
        await payments.match_transfer(
            transfer_code=payment.transfer_code,
            bank_reference="BANK-1",
            received_on=clock.today(),
            amount_minor=1_050_000,
            payer="H WEBER",
            by=None,
            now=clock.now(),
        )
    await worker.drain(tools)
    assert (await rows.get(reference)).state is State.CONFIRMED
    assert await books(reference) == {ledger.BANK: 1_050_000, ledger.guest_hold(reference): -1_050_000}


async def test_pay_at_the_village_is_confirmed_at_once_and_settled_when_the_host_was_paid(
    lesson, session, tools
):
    booking = await flows.confirmed(lesson, session, tools, method="on_arrival")
    assert (booking.state, booking.paid_minor) == (State.CONFIRMED, 0)
    (payment,) = await payment_queries.list_payments(booking.reference)
    for _ in range(2):
        await payments.mark_paid_on_arrival(
            payment.reference, by=None, now=clock.now(), host_id=booking.host_id
        )
    await worker.drain(tools)
    assert (await rows.get(booking.reference)).paid_minor == 1_050_000
    assert await books(booking.reference) == {
        ledger.host_receivable(booking.host_id): 1_050_000,
        ledger.guest_hold(booking.reference): -1_050_000,
    }


async def test_a_late_payment_takes_the_place_again_when_it_is_free(lesson, session, tools):
    reference = await flows.hold_seat(lesson, session)
    await flows.go_on(reference, tools)
    await service.lapse_all(clock.now() + 2 * HOUR)
    assert (await rows.get(reference)).state is State.EXPIRED
    await flows.press(reference, tools)
    assert (await rows.get(reference)).state is State.CONFIRMED
    assert (await Slot.get(id=session.id)).confirmed == 1


async def test_a_late_payment_for_a_place_that_is_gone_comes_back_in_full(tools):
    listing = await factories.make_listing(price_minor=1_000_000)
    session = await factories.make_start(listing, days=40, capacity=1)
    late = await flows.hold_seat(listing, session)
    await flows.go_on(late, tools)
    await service.lapse_all(clock.now() + 2 * HOUR)
    # Somebody else takes the place before the provider could be told to close the first guest's page.
    await flows.go_on(await flows.hold_seat(listing, session), tools, method="on_arrival")
    await flows.press(late, tools)
    booking = await rows.get(late)
    assert (booking.state, booking.paid_minor, booking.refunded_minor) == (
        State.EXPIRED,
        1_050_000,
        1_050_000,
    )
    (refund,) = await payment_queries.list_refunds(late)
    assert refund.amount_minor == 1_050_000
    balances = await books(late)
    assert balances.get(ledger.guest_hold(late), 0) == balances.get(ledger.refund_due(late), 0) == 0
    assert (await Slot.get(id=session.id)).confirmed == 1


async def test_the_guest_sees_the_refund_first_and_gets_just_that(lesson, session, tools):
    booking = await flows.confirmed(lesson, session, tools, adults=2)
    now = clock.now()
    assert service.refund_now(booking, now).amount == 2_100_000
    with pytest.raises(cancelling.RefundChanged):
        await service.cancel_by_guest(booking.reference, by=None, shown_refund=5, now=now)
    await service.cancel_by_guest(booking.reference, by=None, shown_refund=2_100_000, now=now)
    await worker.drain(tools)
    after = await rows.get(booking.reference)
    assert (after.state, after.refunded_minor) == (State.CANCELLED_BY_GUEST, 2_100_000)
    assert (await Slot.get(id=session.id)).confirmed == 0
    assert await books(booking.reference) == {}
    with pytest.raises(WrongState):
        await service.cancel_by_guest(booking.reference, by=None, shown_refund=0, now=now)


async def test_a_late_cancellation_shares_what_is_kept_as_the_quote_promised(tools):
    tour = await factories.make_listing(kind="tour", price_minor=1_000_000)
    await factories.make_payee(tour, bp=2000)
    departure = await factories.make_start(tour, days=20)
    booking = await flows.confirmed(tour, departure, tools)
    after_grace = clock.now() + 25 * HOUR
    refund = await service.cancel_by_guest(booking.reference, by=None, shown_refund=525_000, now=after_grace)
    assert refund.kept == 525_000
    await worker.drain(tools)
    village = (await factories.Organisation.get(id=booking.host_id)).village_id
    assert await books(booking.reference) == {
        "psp": 525_000,
        ledger.host_payable(booking.host_id): -375_000,
        ledger.guide_payable(booking.host_id): -100_000,
        ledger.community_fund(village): -25_000,
        ledger.SERVICE_FEE: -25_000,
    }


async def test_a_host_who_cancels_gives_everything_back(lesson, session, tools):
    booking = await flows.confirmed(lesson, session, tools)
    await service.cancel_by_host(booking.reference, by=None, actor="host", reason="Illness", now=clock.now())
    await worker.drain(tools)
    assert (await rows.get(booking.reference)).state is State.CANCELLED_BY_HOST
    assert await books(booking.reference) == {}


async def test_a_finished_trip_pays_its_receivers_to_the_rupiah(lesson, session, tools):
    booking = await flows.confirmed(lesson, session, tools)
    assert await service.complete_all(clock.now()) == 0
    # Nobody checked this guest in, so the host first has a day to say that nobody came.
    over = booking.starts_at + arrival_rules.UNSEEN_FOR
    assert await service.complete_all(booking.ends_at) == 0
    assert await service.complete_all(over) == 1
    assert await service.complete_all(over) == 0
    village = (await factories.Organisation.get(id=booking.host_id)).village_id
    assert await books(booking.reference) == {
        "psp": 1_050_000,
        ledger.host_payable(booking.host_id): -950_000,
        ledger.community_fund(village): -50_000,
        ledger.SERVICE_FEE: -50_000,
    }


async def choice_of(slot, adults: int) -> Choice:
    return Choice(Party(adults), slot=await listings.get_slot(slot.id, clock.now()))


async def change(booking, listing, choice, tools, difference):
    return await service.change(
        booking.reference,
        offering=await listings.get_offering(listing_id=listing.id),
        choice=choice,
        shown_difference=difference,
        tools=tools,
        links=flows.LINKS,
        description="Change",
        now=clock.now(),
    )


async def test_one_more_guest_takes_one_more_place_and_pays_the_difference(lesson, session, tools):
    booking = await flows.confirmed(lesson, session, tools, adults=3)
    url = await change(booking, lesson, await choice_of(session, 4), tools, 1_050_000)
    assert url is not None
    assert (await Slot.get(id=session.id)).held == 1
    assert (await rows.get(booking.reference)).adults == 3
    await flows.press(booking.reference, tools, purpose="amendment")
    after = await rows.get(booking.reference)
    assert (after.state, after.adults, after.total_minor, after.paid_minor) == (
        State.CONFIRMED,
        4,
        4_200_000,
        4_200_000,
    )
    shelf = await Slot.get(id=session.id)
    assert (shelf.held, shelf.confirmed) == (0, 4)


async def test_moving_to_another_date_swaps_the_stock_at_once_when_it_costs_nothing(lesson, session, tools):
    other = await factories.make_start(lesson, days=41, capacity=4)
    booking = await flows.confirmed(lesson, session, tools, adults=2)
    assert await change(booking, lesson, await choice_of(other, 2), tools, 0) is None
    after = await rows.get(booking.reference)
    assert (after.slot_id, after.starts_on) == (other.id, other.starts_on)
    assert ((await Slot.get(id=session.id)).confirmed, (await Slot.get(id=other.id)).confirmed) == (0, 2)


async def test_a_smaller_party_gets_the_difference_back_by_the_policy(lesson, session, tools):
    booking = await flows.confirmed(lesson, session, tools, adults=3)
    assert await change(booking, lesson, await choice_of(session, 1), tools, -2_100_000) is None
    await worker.drain(tools)
    after = await rows.get(booking.reference)
    assert (after.adults, after.total_minor, after.balance) == (1, 1_050_000, 1_050_000)
    assert (await Slot.get(id=session.id)).confirmed == 1
    assert ledger.guest_hold(booking.reference) in await books(booking.reference)


async def test_a_change_that_does_not_fit_or_shows_another_price_changes_nothing(lesson, session, tools):
    booking = await flows.confirmed(lesson, session, tools, adults=2)
    await flows.confirmed(lesson, session, tools, adults=2)
    with pytest.raises(stock.SoldOut):
        await change(booking, lesson, await choice_of(session, 3), tools, 1_050_000)
    with pytest.raises(changing.PriceChanged):
        await change(booking, lesson, await choice_of(session, 1), tools, 1)
    with pytest.raises(changing.NothingChanged):
        await change(booking, lesson, await choice_of(session, 2), tools, 0)
    after = await rows.get(booking.reference)
    assert (after.adults, after.total_minor) == (2, 2_100_000)
    assert (await Slot.get(id=session.id)).confirmed == 4


async def test_a_change_that_is_not_paid_gives_its_place_back(lesson, session, tools):
    booking = await flows.confirmed(lesson, session, tools, adults=3)
    await change(booking, lesson, await choice_of(session, 4), tools, 1_050_000)
    assert await service.lapse_all(clock.now() + HOUR) == 1
    shelf = await Slot.get(id=session.id)
    assert (shelf.held, shelf.confirmed) == (0, 3)
    assert (await rows.get(booking.reference)).state is State.CONFIRMED


@pytest.mark.parametrize("adults", [2, 1])
async def test_a_change_that_another_overtook_and_is_paid_late_leaves_what_was_sold_in_step(
    lesson, session, tools, adults
):
    other = await factories.make_start(lesson, days=41, capacity=8)
    booking = await flows.confirmed(lesson, session, tools, adults=2)
    assert await change(booking, lesson, await choice_of(session, 4), tools, 2_100_000)
    assert (
        await change(booking, lesson, await choice_of(other, adults), tools, 1_050_000 * (adults - 2)) is None
    )
    await flows.press(booking.reference, tools, purpose="amendment")
    await worker.drain(tools)
    after = await rows.get(booking.reference)
    sold = {slot.id: (slot.held, slot.confirmed) for slot in await Slot.filter(listing_id=lesson.id)}
    # The price it started from still stands, so it counts; or it does not, and its money went back.
    assert after.slot_id == (session.id if adults == 2 else other.id)
    assert after.adults == (4 if adults == 2 else 1)
    assert sold[after.slot_id] == (0, after.adults)
    assert sum(held + sold_out for held, sold_out in sold.values()) == after.adults
    assert after.balance == after.total_minor


async def test_a_hold_that_is_over_cannot_go_on(lesson, session, tools):
    reference = await flows.hold_seat(lesson, session)
    with pytest.raises(paying.HoldOver):
        await flows.go_on(reference, tools, now=clock.now() + HOUR)
