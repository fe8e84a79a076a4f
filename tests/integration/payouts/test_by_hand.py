"""One payout booked by hand, and many operators who press at the same moment."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest

from market import clock, db
from market.errors import DomainError, NotFound
from market.payments import ledger
from market.payouts import by_hand, queries, service
from market.payouts.rules import LeftOut, PayoutState, Way, left_out_words
from tests import factories, web
from tests.integration.payouts import town as towns
from tests.integration.payouts.town import Town

DUE = towns.FAMILY + towns.GUIDE


async def sent(town: Town) -> tuple[str, str]:
    """A batch on its way with one payout: their references."""
    await town.account()
    await town.completed()
    batch = await service.propose_batch(by=town.ana.id, now=clock.now())
    await service.approve_batch(batch, by=town.budi.id, now=clock.now())
    return batch, (await queries.get_batch(batch)).payouts[0].reference


async def test_paid_by_hand_is_booked_once_with_the_banks_reference(town: Town):
    batch, payout = await sent(town)
    for fresh in (True, False):
        done = await by_hand.book(batch, payout, paid=True, note="BANK-77", by=town.ana.id, now=clock.now())
        assert done is fresh
    found = (await queries.get_batch(batch)).payouts[0]
    assert (found.state, found.bank_reference) == (PayoutState.PAID, "BANK-77")
    assert await ledger.balance(ledger.payout_in_transit(payout)) == 0
    assert await ledger.balance(ledger.BANK) == (await town.balances())["bank"]


async def test_what_came_back_after_it_was_paid_needs_another_person(town: Town):
    batch, payout = await sent(town)
    await by_hand.book(batch, payout, paid=True, note="BANK-77", by=town.ana.id, now=clock.now())
    with pytest.raises(by_hand.SameBooker):
        await by_hand.book(batch, payout, paid=False, note="Closed", by=town.ana.id, now=clock.now())
    assert await by_hand.book(batch, payout, paid=False, note="Closed", by=town.budi.id, now=clock.now())
    assert (await town.balances())["host"] == -towns.FAMILY
    with pytest.raises(service.WrongPayoutState):
        await by_hand.book(batch, payout, paid=True, note="BANK-78", by=town.budi.id, now=clock.now())


async def test_only_payouts_of_that_batch_that_were_sent(town: Town):
    await town.account()
    await town.completed()
    batch = await service.propose_batch(by=town.ana.id, now=clock.now())
    payout = (await queries.get_batch(batch)).payouts[0].reference
    with pytest.raises(service.WrongPayoutState):
        await by_hand.book(batch, payout, paid=True, note="B1", by=town.budi.id, now=clock.now())
    with pytest.raises(NotFound):
        await by_hand.book("PBOTHER", payout, paid=True, note="B1", by=town.budi.id, now=clock.now())
    assert not by_hand.can_book(Way.STRIPE, PayoutState.IN_TRANSIT)


async def test_an_operator_does_it_on_the_batchs_page(town: Town, client: httpx.AsyncClient):
    batch, payout = await sent(town)
    await web.sign_in(client, town.ana.id)
    here = f"/en/operator/payouts/{batch}"
    wrong = await web.post_form(
        client, here, {"payout": payout, "outcome": "", "note": "B9"}, action="/by-hand"
    )
    assert wrong.status_code == 422
    assert "Choose whether it was paid or came back" in wrong.text
    assert 'value="B9"' in wrong.text
    for note in ("B9", "B9"):
        values = {"payout": payout, "outcome": "paid", "note": note}
        done = await web.post_form(client, here, values, action="/by-hand")
        assert done.status_code == 303
    page = (await client.get(here)).text
    assert "B9" in page
    assert "That was known before" in page


async def _outcome(work: object) -> str:
    try:
        await work  # type: ignore[misc]
    except DomainError as refusal:
        return refusal.code
    return "done"


async def test_two_who_approve_at_once_settle_it_once_and_never_the_one_who_proposed(town: Town):
    await town.account()
    await town.completed()
    batch = await service.propose_batch(by=town.ana.id, now=clock.now())
    others = [town.budi, *[await factories.make_person() for _ in range(3)]]
    now = clock.now()
    ended = await asyncio.gather(
        *[
            _outcome(service.approve_batch(batch, by=person.id, now=now))
            for person in (town.ana, *others, town.ana, *others)
        ]
    )
    assert ended.count("done") == 1
    assert set(ended) <= {"done", "batch_decided", "same_person"}
    row = await db.fetch_one("SELECT proposed_by, approved_by FROM payout_batch WHERE reference = $1", batch)
    assert row
    assert row["approved_by"] in {person.id for person in others}
    entries = await db.fetch("SELECT id FROM ledger_entry WHERE kind = 'payout approved'")
    assert len(entries) == 1
    assert (await town.balances())["transit"] == -DUE
    payout = (await queries.get_batch(batch)).payouts[0].reference
    booked = await asyncio.gather(
        *[
            by_hand.book(batch, payout, paid=True, note=f"B{n}", by=person.id, now=now)
            for n, person in enumerate(others)
        ]
    )
    assert sorted(booked) == [False, False, False, True]
    assert await ledger.balance(ledger.payout_in_transit(payout)) == 0


async def test_why_one_was_left_out_is_said_in_words(town: Town):
    await town.account()
    await town.completed()
    batch = await service.propose_batch(by=town.ana.id, now=clock.now())
    await town.account(ago=timedelta(0))
    assert await service.approve_batch(batch, by=town.budi.id, now=clock.now()) == (0, 1)
    found = (await queries.get_batch(batch)).payouts[0]
    assert found.problem == LeftOut.ACCOUNT
    assert "bank details changed" in str(left_out_words(found.problem))
    assert left_out_words("Rekening ditutup") == "Rekening ditutup"
