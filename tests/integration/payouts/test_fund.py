"""Village funds: two members, the ledger's balance, and what everybody may read."""

from __future__ import annotations

import httpx
import pytest

import market.app.handlers  # noqa: F401 # pyright: ignore[reportUnusedImport] - letters have somebody to write them
from market import clock, db
from market.accounts import queries as accounts
from market.errors import NotFound
from market.outbox import worker
from market.outbox.tools import Tools
from market.payments import ledger
from market.payouts import fund
from tests import factories, web
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


async def letters(tools: Tools) -> list[tuple[str, str]]:
    await worker.drain(tools)
    rows = await db.fetch(
        "SELECT recipient, subject FROM delivery WHERE dedupe_key LIKE 'fund:%' ORDER BY id"
    )
    return [(row["recipient"], row["subject"]) for row in rows]


async def test_a_member_finds_the_fund_from_the_header_and_after_signing_in(
    town: Town, client: httpx.AsyncClient
):
    one, _ = await committee(town)
    await web.sign_in(client, one)
    page = await client.get("/en/funds")
    assert page.status_code == 303
    assert page.headers["location"].endswith("/fund")
    own = await client.get(page.headers["location"])
    assert 'href="/en/funds"' in own.text
    other = await factories.make_village()
    await fund.appoint(other.id, one, by=town.ana.id, now=clock.now())
    both = await client.get("/en/funds")
    assert both.status_code == 200
    assert both.text.count("in the fund") == 2
    assert await accounts.roles_of(one) == {"committee"}
    await fund.dismiss(other.id, one, by=town.ana.id, now=clock.now())
    await fund.dismiss(town.village_id, one, by=town.ana.id, now=clock.now())
    assert 'href="/en/funds"' not in (await client.get("/en/search")).text


async def test_members_hear_of_their_seat_and_of_what_waits_for_their_name(town: Town, tools: Tools):
    await town.completed()
    one, two = await committee(town)
    seats = await letters(tools)
    assert len(seats) == 2
    assert all("You sit on the committee" in subject for _, subject in seats)
    reference = await spend(town, one)
    taken = await spend(town, one, 1_000)
    await fund.withdraw(taken, town.village_id, by=one, now=clock.now())
    other = await db.fetch_one("SELECT email FROM person WHERE id = $1", two)
    assert other
    assert (await letters(tools))[2:] == [
        (other["email"], "Your name is needed: Rp 30,000 from the village fund")
    ]
    notice = await db.fetch_one("SELECT href FROM notice WHERE person_id = $1 ORDER BY id DESC LIMIT 1", two)
    assert notice
    assert notice["href"].endswith("/fund")
    assert reference
