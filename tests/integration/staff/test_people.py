"""Operators and accounts: searched and opened acts are logged, roles and locks need a reason and a fresh factor."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from market import clock, db
from market.accounts import sessions
from market.accounts.sessions import Locked
from market.console import operator_settings, settings_words
from market.settings import DOCUMENTED, Settings
from tests import factories, web
from tests.integration.console import desk

REASON = "Asked for by the cooperative's board."


async def act(client: httpx.AsyncClient, target: int, **values: str) -> httpx.Response:
    path = f"/en/operator/people/{target}"
    return await web.post_form(client, path, {"reason": REASON, **values}, action=f"/people/{target}")


async def names() -> list[str]:
    return [row["name"] for row in await db.fetch("SELECT name FROM staff_act ORDER BY id")]


async def test_people_are_found_and_that_is_written_down(client: httpx.AsyncClient):
    found = await factories.make_person(name="Wilhelmina Tefa")
    operator = await desk.sign_in_operator(client)
    assert "Wilhelmina Tefa" in await desk.page(client, "/en/operator/people?q=mina")
    assert "Wilhelmina Tefa" not in await desk.page(client, "/en/operator/people?q=%25%25%25")
    await desk.page(client, f"/id/operator/people/{found.id}")
    assert await names() == ["person.searched", "person.searched", "person.opened"]
    page = await desk.page(client, f"/en/operator/acts?kind=person.opened&actor={operator.id}")
    assert "Wilhelmina Tefa" in page
    for statement in ("UPDATE staff_act SET reason = 'x'", "DELETE FROM staff_act"):
        with pytest.raises(Exception, match="append-only"):
            await db.execute(statement)


async def test_roles_are_given_and_taken_but_never_ones_own(client: httpx.AsyncClient):
    host = await factories.make_host()
    person = await factories.make_person()
    operator = await desk.sign_in_operator(client)
    answer = await act(client, person.id, act="grant", role="host", organisation=host.slug)
    assert answer.status_code == 303
    held = await db.fetch("SELECT role FROM membership WHERE person_id = $1", person.id)
    assert [row["role"] for row in held] == ["host"]
    wrong = await act(client, person.id, act="grant", role="hotel", organisation=host.slug)
    assert wrong.status_code == 422
    assert (
        await act(client, person.id, act="revoke", role="host", organisation=host.slug)
    ).status_code == 303
    assert not await db.fetch("SELECT role FROM membership WHERE person_id = $1", person.id)
    own = await act(client, operator.id, act="grant", role="administrator")
    assert own.status_code == 409
    assert (await act(client, person.id, act="grant", role="operator", reason="no")).status_code == 422
    await db.execute("UPDATE web_session SET stepped_up_at = $1", clock.now() - timedelta(minutes=6))
    stale = await act(client, person.id, act="grant", role="operator")
    assert "/step-up" in stale.headers["location"]
    assert not await db.fetch("SELECT role FROM membership WHERE person_id = $1", person.id)


async def test_a_locked_account_has_no_session_and_gets_none(client: httpx.AsyncClient):
    person = await factories.make_person()
    await sessions.start_session(person.id)
    await desk.sign_in_operator(client)
    assert (await act(client, person.id, act="lock")).status_code == 303
    assert not await db.fetch("SELECT 1 AS x FROM web_session WHERE person_id = $1", person.id)
    with pytest.raises(Locked):
        await sessions.start_session(person.id)
    assert (await act(client, person.id, act="unlock")).status_code == 303
    await sessions.start_session(person.id)


async def test_settings_show_every_documented_one_and_no_secret(
    client: httpx.AsyncClient, settings: Settings
):
    assert {*operator_settings.NAMES} == {*DOCUMENTED} == {*settings_words.ABOUT}
    await desk.sign_in_operator(client)
    page = await desk.page(client, "/en/operator/settings")
    assert settings.secret_key not in page
    assert "MARKET_GOODWILL_LIMIT" in page
