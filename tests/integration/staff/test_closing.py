"""A host leaves: only once nothing is open, and then its bank details are gone and nobody acts for it."""

from __future__ import annotations

import httpx
import pytest

import market.app.handlers  # noqa: F401 # pyright: ignore[reportUnusedImport] - jobs have somebody to run them
from market import clock, db
from market.errors import Invalid, NotFound
from market.outbox import worker
from market.outbox.tools import Tools
from market.payouts import accounts, queries, service
from market.settings import Settings
from market.sms import numbers
from market.staff import closing
from market.staff.closing import NotYet
from tests import web
from tests.integration.payouts.town import Town, build


@pytest.fixture
async def town(db: str, settings: Settings, tools: Tools) -> Town:
    return await build(settings)


WHY = "The family moves to Larantuka."


async def close(town: Town) -> None:
    await closing.close(town.host.id, reason=WHY, by=town.ana.id, now=clock.now())


async def pay_everything(town: Town) -> None:
    batch = await service.propose_batch(by=town.ana.id, now=clock.now())
    await service.approve_batch(batch, by=town.budi.id, now=clock.now())
    for payout in (await queries.get_batch(batch)).payouts:
        await service.settle_line(
            payout.reference, amount_minor=payout.amount_minor, bank_reference="B", now=clock.now()
        )


async def test_not_while_money_or_guests_are_open(town: Town):
    await town.account()
    await town.completed()
    with pytest.raises(NotYet):
        await close(town)
    await pay_everything(town)
    coming = await town.booking()
    with pytest.raises(NotYet):
        await close(town)
    found = await closing.look(town.host.id, clock.now())
    assert len(found.obstacles) == 1
    await db.execute("UPDATE booking SET state = 'expired' WHERE reference = $1", coming)
    with pytest.raises(Invalid):
        await closing.close(town.host.id, reason="no", by=town.ana.id, now=clock.now())
    with pytest.raises(NotFound):
        await closing.look(999_999, clock.now())


async def test_what_is_sealed_is_erased_and_nobody_acts_for_it(town: Town, tools: Tools):
    account = await town.account()
    await town.completed()
    await pay_everything(town)
    number = await numbers.invite(
        "+6281234567002",
        organisation_id=town.host.id,
        by=None,
        by_name="Ana",
        locale="id",
        own="",
        now=clock.now(),
    )
    await close(town)
    await close(town)  # again is nothing
    await worker.drain(tools)
    assert await db.fetch("SELECT sealed FROM payout_account_secret") == []
    with pytest.raises(accounts.Unreadable):
        await accounts.reveal([account], town.settings.secrets)
    assert await db.fetch("SELECT id FROM membership WHERE organisation_id = $1", town.host.id) == []
    assert (await numbers.get(number)).state is numbers.State.STOPPED
    published = await db.fetch("SELECT id FROM listing WHERE status = 'published'")
    assert published == []
    acts = await db.fetch("SELECT subject, reason FROM staff_act WHERE name = 'host.closed'")
    assert [(row["subject"], row["reason"]) for row in acts] == [(town.host.slug, WHY)]
    # What was paid stays readable, without the number it went to.
    [paid] = await queries.list_for_host(town.host.id)
    assert paid.masked.startswith("•")


async def test_an_operator_sees_what_is_in_the_way_and_closes_when_nothing_is(
    town: Town, client: httpx.AsyncClient
):
    await town.account()
    await town.completed()
    await web.sign_in(client, town.ana.id)
    here = f"/en/operator/hosts/{town.host.id}"
    assert "Money is still owed" in (await client.get(here)).text
    await pay_everything(town)
    wrong = await web.post_form(client, here, {"reason": "short"}, action="/close")
    assert wrong.status_code == 422
    done = await web.post_form(client, here, {"reason": WHY}, action="/close")
    assert done.status_code == 303
    assert "Its bank details are erased" in (await client.get(here)).text
