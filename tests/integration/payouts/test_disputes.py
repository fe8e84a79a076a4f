"""Problems with a stay and lost card disputes: what is frozen, what goes back from whom, and that it is done once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from market import clock, db
from market.bookings import rows
from market.bookings import service as bookings
from market.bookings.states import State
from market.errors import Invalid
from market.payments import disputes, ledger
from market.payments import queries as payments
from market.payments.disputes import Outcome
from market.payouts import complaints, owed, service
from tests.integration.payouts import town as towns
from tests.integration.payouts.town import FAMILY, FEE, FUND, GUIDE, PRICE, Town

REASON = "The water was off for a whole day."


async def complain(reference: str) -> str:
    return await complaints.complain(
        reference, opened_by="guest", body=REASON, person_id=None, now=clock.now()
    )


async def test_a_problem_is_told_from_the_start_until_72_hours_after_the_end(town: Town):
    for ended, fits in ((-50, False), (-47, True), (71, True), (73, False)):
        reference = await town.booking(ended=timedelta(hours=ended))
        booking = await rows.get(reference)
        assert complaints.can_complain(booking, clock.now()) is fits, ended
        if not fits:
            with pytest.raises(complaints.TooLateToComplain):
                await complain(reference)


async def test_while_it_is_open_nothing_is_completed_or_paid(town: Town):
    await town.account()
    reference = await town.booking(ended=timedelta(hours=70))
    dispute = await complain(reference)
    assert await complain(reference) == dispute
    later = clock.now() + timedelta(days=9)
    assert not await bookings.complete(reference, later)
    assert await bookings.complete_all(later) == 0
    await complaints.resolve(dispute, refund_minor=0, reason=REASON, by=town.ana.id, now=clock.now())
    assert await bookings.complete(reference, later)
    assert len(await service.due_payouts(later)) == 1
    with pytest.raises(disputes.DisputeClosed):
        await complaints.resolve(dispute, refund_minor=5, reason=REASON, by=town.ana.id, now=clock.now())


async def test_a_part_before_the_end_comes_out_of_the_guests_hold(town: Town):
    reference = await town.booking(ended=timedelta(hours=1))
    dispute = await complain(reference)
    await complaints.resolve(dispute, refund_minor=210_000, reason=REASON, by=town.ana.id, now=clock.now())
    assert await ledger.balance(ledger.guest_hold(reference)) == -(PRICE - 210_000)
    assert await ledger.balance(ledger.refund_due(reference)) == -210_000
    assert [refund.amount_minor for refund in await payments.list_refunds(reference)] == [210_000]
    assert await bookings.complete(reference, clock.now() + timedelta(days=2))
    assert await ledger.balance(ledger.guest_hold(reference)) == 0
    assert await ledger.owed(ledger.host_payable(town.host.id), reference) == FAMILY * 80 // 100


async def test_a_part_after_the_end_comes_from_its_receivers_in_proportion(town: Town):
    reference = await town.completed(ended=timedelta(hours=40))
    dispute = await complain(reference)
    with pytest.raises(Invalid):
        await complaints.resolve(dispute, refund_minor=PRICE + 1, reason=REASON, by=1, now=clock.now())
    await complaints.resolve(dispute, refund_minor=PRICE // 5, reason=REASON, by=town.ana.id, now=clock.now())
    kept = {
        ledger.host_payable(town.host.id): FAMILY,
        ledger.guide_payable(town.host.id): GUIDE,
        ledger.community_fund(town.village_id): FUND,
        ledger.SERVICE_FEE: FEE,
    }
    for account, amount in kept.items():
        assert await ledger.balance(account) == -amount * 4 // 5, account
    assert await ledger.balance(ledger.guest_hold(reference)) == 0
    assert (await rows.get(reference)).refunded_minor == PRICE // 5
    row = await disputes.get_dispute(dispute)
    assert (row.outcome, row.refund_minor, row.closed_by) == (Outcome.REFUNDED, PRICE // 5, town.ana.id)


async def test_giving_back_twice_gives_back_once(town: Town):
    reference = await town.completed()
    for _ in range(2):
        await bookings.give_back(
            reference, amount=100_000, key="ds:x", reason="", by=town.ana.id, now=clock.now()
        )
    assert await ledger.balance(ledger.refund_due(reference)) == -100_000


async def card_dispute(reference: str, amount: int = PRICE) -> str:
    """A cardholder's bank took the money and has decided against us."""
    async with db.transaction():
        dispute = await disputes.open_dispute(
            booking_reference=reference,
            kind=disputes.Kind.CARD,
            opened_by="card",
            provider_ref=f"dp_{reference}",
            amount_minor=amount,
            now=clock.now(),
        )
        moves = [(ledger.DISPUTE_RECEIVABLE, ledger.PSP_AVAILABLE, amount)]
        await ledger.post(f"cb:dp_{reference}", "dispute opened", reference, moves, clock.now())
    return dispute


async def lose(reference: str, amount: int = PRICE) -> None:
    async with db.transaction():
        moves = [(ledger.BAD_DEBT, ledger.DISPUTE_RECEIVABLE, amount)]
        await ledger.post(f"cb-lost:dp_{reference}", "dispute lost", reference, moves, clock.now())
        await disputes.bank_decided(f"dp_{reference}", won=False, now=clock.now())


async def test_a_lost_card_dispute_waits_for_who_bears_it(town: Town):
    await town.account()
    reference = await town.completed()
    dispute = await card_dispute(reference)
    with pytest.raises(complaints.NotYetDecided):
        await complaints.bear(dispute, host_bears=True, reason=REASON, by=town.ana.id, now=clock.now())
    await lose(reference)
    assert await disputes.is_frozen(reference)
    await complaints.bear(dispute, host_bears=False, reason=REASON, by=town.ana.id, now=clock.now())
    assert await ledger.balance(ledger.BAD_DEBT) == PRICE
    assert len(await service.due_payouts(clock.now())) == 1
    assert (await payments.list_payments(reference))[0].refundable == 0


async def test_what_was_paid_out_already_is_owed_by_the_host(town: Town):
    await town.account()
    reference = await town.completed()
    _, payout, amount = await town.in_transit()
    await service.settle_line(payout, amount_minor=amount, bank_reference="B", now=clock.now())
    dispute = await card_dispute(reference)
    await lose(reference)
    await complaints.bear(dispute, host_bears=True, reason=REASON, by=town.ana.id, now=clock.now())
    assert await ledger.balance(ledger.BAD_DEBT) == 0
    assert (await town.balances())["owes"] == FAMILY + GUIDE
    assert await owed.list_owed(town.host.id) == []
    await town.completed()
    await town.completed()
    due = (await service.due_payouts(clock.now()))[0]
    assert due.amount_minor == FAMILY + GUIDE
    assert due.netted_minor == FAMILY + GUIDE


async def test_a_booking_that_is_not_over_has_only_its_own_money(town: Town):
    reference = await town.booking(ended=timedelta(days=-5))
    dispute = await card_dispute(reference)
    await lose(reference)
    await complaints.bear(dispute, host_bears=False, reason=REASON, by=town.ana.id, now=clock.now())
    assert (await disputes.get_dispute(dispute)).outcome is Outcome.HOST_BEARS
    assert await ledger.balance(ledger.guest_hold(reference)) == 0
    assert (await rows.get(reference)).balance == 0
    assert (await rows.get(reference)).state is State.CONFIRMED
    assert towns.PRICE == PRICE
