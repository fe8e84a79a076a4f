"""Batches: what is due, two people, the bank's answers, and that nobody is paid twice or too early."""

from __future__ import annotations

from datetime import timedelta

import pytest

from market import clock, db
from market.errors import NotFound
from market.payments import disputes, ledger
from market.payments.disputes import Outcome
from market.payouts import bank_files, importing, owed, queries, service
from market.payouts.rules import Block, PayoutState
from tests.integration.payouts import town as towns
from tests.integration.payouts.town import Town

DUE = towns.FAMILY + towns.GUIDE


async def blocks() -> list[Block | None]:
    return [host.block for host in await owed.list_due(clock.now())]


async def test_money_is_due_72_hours_after_the_end(town: Town):
    await town.account()
    early = await town.completed(ended=timedelta(hours=71, minutes=59))
    assert await service.due_payouts(clock.now()) == []
    due = await service.due_payouts(clock.now() + timedelta(minutes=2))
    assert [share.booking_reference for share in due[0].shares] == [early]
    assert due[0].amount_minor == DUE
    with pytest.raises(service.NothingDue):
        await service.propose_batch(by=town.ana.id, now=clock.now())


async def test_bank_details_must_be_there_and_rested(town: Town):
    await town.completed()
    assert await blocks() == [Block.NO_ACCOUNT]
    await town.account(ago=timedelta(hours=71))
    assert await blocks() == [Block.ACCOUNT_HOLD]
    assert await service.due_payouts(clock.now()) == []
    later = clock.now() + timedelta(hours=2)
    assert len(await service.due_payouts(later)) == 1
    await town.account(ago=timedelta(0))  # a change begins a new rest
    assert await service.due_payouts(later) == []


async def test_an_open_dispute_freezes_that_booking_only(town: Town):
    await town.account()
    one, other = await town.completed(), await town.completed()
    async with db.transaction():
        reference = await disputes.open_dispute(booking_reference=one, now=clock.now())
    due = await service.due_payouts(clock.now())
    assert [share.booking_reference for share in due[0].shares] == [other]
    async with db.transaction():
        await disputes.close_dispute(reference, outcome=Outcome.RELEASED, now=clock.now())
    due = await service.due_payouts(clock.now())
    assert {share.booking_reference for share in due[0].shares} == {one, other}


async def test_two_people_and_then_the_bank(town: Town):
    await town.account()
    await town.completed()
    before = await town.balances()
    batch = await service.propose_batch(by=town.ana.id, now=clock.now())
    assert await town.balances() == before
    with pytest.raises(service.NothingDue):
        await service.propose_batch(by=town.budi.id, now=clock.now())
    with pytest.raises(service.SamePerson):
        await service.approve_batch(batch, by=town.ana.id, now=clock.now())
    assert await service.approve_batch(batch, by=town.budi.id, now=clock.now()) == (1, 0)
    assert (await town.balances()) == before | {"host": 0, "guides": 0, "transit": -DUE}
    with pytest.raises(service.BatchDecided):
        await service.approve_batch(batch, by=town.budi.id, now=clock.now())
    with pytest.raises(service.BatchDecided):
        await service.decline_batch(batch, by=town.budi.id, now=clock.now())
    payout = (await queries.get_batch(batch)).payouts[0]
    with pytest.raises(service.WrongAmount):
        await service.settle_line(payout.reference, amount_minor=1, bank_reference="B1", now=clock.now())
    for news in (True, False):
        settled = await service.settle_line(
            payout.reference, amount_minor=DUE, bank_reference="B1", now=clock.now()
        )
        assert settled is news
    assert (await town.balances()) == before | {"host": 0, "guides": 0, "bank": before["bank"] - DUE}
    assert await service.due_payouts(clock.now()) == []


async def test_the_database_itself_wants_two_people(town: Town):
    await town.account()
    await town.completed()
    batch = await service.propose_batch(by=town.ana.id, now=clock.now())
    with pytest.raises(Exception, match=r"(?i)check"):
        await db.execute(
            "UPDATE payout_batch SET state = 'approved', approved_by = proposed_by, approved_at = proposed_at"
            " WHERE reference = $1",
            batch,
        )


@pytest.mark.parametrize("paid_first", [False, True])
async def test_what_bounced_is_owed_again_and_waits_for_new_details(town: Town, *, paid_first: bool):
    await town.account()
    await town.completed()
    before = await town.balances()
    _, payout, amount = await town.in_transit()
    if paid_first:
        await service.settle_line(payout, amount_minor=amount, bank_reference="B1", now=clock.now())
    for news in (True, False):
        bounced = await service.bounce_line(payout, amount_minor=amount, reason="closed", now=clock.now())
        assert bounced is news
    assert await town.balances() == before
    assert await blocks() == [Block.ACCOUNT_BOUNCED]
    with pytest.raises(service.WrongPayoutState):
        await service.settle_line(payout, amount_minor=amount, bank_reference="B2", now=clock.now())
    await town.account()
    assert [host.amount_minor for host in await service.due_payouts(clock.now())] == [DUE]


async def test_declined_money_can_be_proposed_again(town: Town):
    await town.account()
    await town.completed()
    batch = await service.propose_batch(by=town.ana.id, now=clock.now())
    await service.decline_batch(batch, by=town.ana.id, now=clock.now())
    assert await service.propose_batch(by=town.budi.id, now=clock.now())
    with pytest.raises(NotFound):
        await service.decline_batch("PBNONE", by=town.ana.id, now=clock.now())


async def test_what_changed_since_the_proposal_is_left_out(town: Town):
    await town.account()
    reference = await town.completed()
    batch = await service.propose_batch(by=town.ana.id, now=clock.now())
    async with db.transaction():
        dispute = await disputes.open_dispute(booking_reference=reference, now=clock.now())
    assert await service.approve_batch(batch, by=town.budi.id, now=clock.now()) == (0, 1)
    payout = (await queries.get_batch(batch)).payouts[0]
    assert payout.state is PayoutState.DECLINED
    assert reference in payout.problem
    async with db.transaction():
        await disputes.close_dispute(dispute, outcome=Outcome.RELEASED, now=clock.now())
    second = await service.propose_batch(by=town.ana.id, now=clock.now())
    await town.account(ago=timedelta(0))
    assert await service.approve_batch(second, by=town.budi.id, now=clock.now()) == (0, 1)


async def test_cash_taken_at_the_village_is_netted(town: Town):
    await town.account()
    await town.completed(method="on_arrival")
    assert await blocks() == [Block.OWES]
    await town.completed()
    due = (await service.due_payouts(clock.now()))[0]
    assert (due.gross_minor, due.netted_minor) == (2 * DUE, towns.PRICE)
    _, payout, amount = await town.in_transit()
    assert amount == 2 * DUE - towns.PRICE
    assert (await town.balances())["owes"] == 0
    await service.bounce_line(payout, amount_minor=amount, reason="", now=clock.now())
    assert (await town.balances())["owes"] == towns.PRICE


async def test_the_results_file_books_each_line_once_and_names_wrong_cells(town: Town):
    await town.account()
    await town.completed()
    batch, payout, amount = await town.in_transit()
    other = "PO22222222"
    lines = [
        "payout_reference;status;amount;bank_reference;reason",
        f"{payout};paid;{amount + 1};B1;",
        f"{other};paid;1000;B2;",
        f"{payout};perhaps;1000;;",
    ]
    read = await importing.read_results(batch, "\r\n".join(lines).encode(), by=town.ana.id, now=clock.now())
    assert [one.cell for one in read.wrong] == ["C2", "A3", "B4"]
    assert (read.paid, read.bounced, read.known) == (0, 0, 0)
    good = f"payout_reference,status,amount,bank_reference\n{payout},PAID,{amount},'=B1\n".encode()
    first = await importing.read_results(batch, good, by=town.ana.id, now=clock.now())
    assert (first.paid, first.known, list(first.wrong)) == (1, 0, [])
    again = await importing.read_results(batch, good, by=town.ana.id, now=clock.now())
    assert (again.paid, again.known) == (0, 1)
    back = f"payout_reference,status,amount,reason\n{payout},bounced,{amount},account closed\n".encode()
    assert (await importing.read_results(batch, back, by=town.ana.id, now=clock.now())).bounced == 1
    wrong = await importing.read_results(batch, good, by=town.ana.id, now=clock.now())
    assert [one.cell for one in wrong.wrong] == ["B2"]
    assert bank_files.results(b"")[1]
    assert await ledger.balance(ledger.BANK) == towns.PRICE
