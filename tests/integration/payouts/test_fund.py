"""Village funds: two members, the ledger's balance, and what everybody may read."""

from __future__ import annotations

import pytest

from market import clock, db
from market.errors import NotFound
from market.payments import ledger
from market.payouts import fund
from tests import factories
from tests.integration.payouts.town import FUND, Town


async def committee(town: Town) -> tuple[int, int]:
    one, two = await factories.make_person(name="Rosa Bere"), await factories.make_person(name="Yan Tefa")
    for person in (one, two):
        await fund.appoint(town.village_id, person.id, by=town.ana.id, now=clock.now())
    return one.id, two.id


async def spend(town: Town, by: int, amount: int = 30_000) -> str:
    return await fund.propose(
        town.village_id,
        spent_on=clock.today(),
        amount_minor=amount,
        purpose="Seedlings",
        receipt="No. 7",
        by=by,
        now=clock.now(),
    )


async def test_two_different_members_and_the_ledgers_balance(town: Town):
    await town.completed()
    one, two = await committee(town)
    reference = await spend(town, one)
    assert (await fund.get_fund(town.village_id)).balance_minor == FUND
    with pytest.raises(fund.SameMember):
        await fund.sign(reference, town.village_id, by=one, now=clock.now())
    with pytest.raises(NotFound):
        await fund.sign(reference, town.village_id + 999, by=two, now=clock.now())
    await fund.sign(reference, town.village_id, by=two, now=clock.now())
    kept = await fund.get_fund(town.village_id)
    assert (kept.income_minor, kept.spent_minor, kept.balance_minor) == (FUND, 30_000, FUND - 30_000)
    assert kept.balance_minor == -await ledger.balance(ledger.community_fund(town.village_id))
    assert [(line.proposer, line.signer) for line in kept.spendings] == [("Rosa Bere", "Yan Tefa")]
    with pytest.raises(fund.SpendingDecided):
        await fund.sign(reference, town.village_id, by=two, now=clock.now())
    for statement in ("UPDATE fund_spending SET purpose = 'x'", "DELETE FROM fund_spending"):
        with pytest.raises(Exception, match="append-only"):
            await db.execute(statement)


async def test_the_database_itself_wants_two_members(town: Town):
    await town.completed()
    one, _ = await committee(town)
    await spend(town, one)
    with pytest.raises(Exception, match=r"(?i)check"):
        await db.execute(
            "UPDATE fund_spending SET state = 'signed', signed_by = proposed_by, signed_at = proposed_at"
        )


async def test_a_fund_is_never_spent_below_zero(town: Town):
    await town.completed()
    one, two = await committee(town)
    first, second = await spend(town, one, FUND), await spend(town, one, FUND)
    with pytest.raises(fund.NotEnough):
        await spend(town, one, FUND + 1)
    await fund.sign(first, town.village_id, by=two, now=clock.now())
    with pytest.raises(fund.NotEnough):
        await fund.sign(second, town.village_id, by=two, now=clock.now())
    await fund.withdraw(second, town.village_id, by=one, now=clock.now())
    assert await fund.list_waiting(town.village_id) == []


async def test_seats_are_given_once_and_taken_back(town: Town):
    one, _ = await committee(town)
    with pytest.raises(fund.AlreadyMember):
        await fund.appoint(town.village_id, one, by=town.ana.id, now=clock.now())
    await fund.dismiss(town.village_id, one, by=town.ana.id, now=clock.now())
    assert not await fund.is_member(one, town.village_id)
    await fund.appoint(town.village_id, one, by=town.ana.id, now=clock.now())
    assert await fund.is_member(one, town.village_id)
    assert not await fund.is_member(None, town.village_id)
    lines = {line.village_id: line for line in await fund.list_funds()}
    assert lines[town.village_id].members == 2
