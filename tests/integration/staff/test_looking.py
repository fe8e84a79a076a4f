"""Looking on as somebody: read-only on every route, told, time-limited, and seen by the person looked at."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from market import clock, db
from market.app.routes import routes
from market.outbox import worker
from market.outbox.tools import Tools
from market.staff import looking
from market.web.guards import GuardedRoute
from tests import factories, web
from tests.architecture.test_routes import filled
from tests.integration.console import desk

REASON = "The host cannot open the calendar."


async def look(client: httpx.AsyncClient, target: int, **values: str) -> httpx.Response:
    path = f"/en/operator/people/{target}"
    return await web.post_form(
        client, path, {"act": "look", "reason": REASON, **values}, action=f"/people/{target}"
    )


async def test_the_site_is_seen_as_the_person_and_nothing_can_be_changed(
    client: httpx.AsyncClient, tools: Tools
):
    host = await desk.host_with()
    operator = await desk.sign_in_operator(client)
    answer = await look(client, host.person.id)
    assert answer.status_code == 303
    page = await desk.page(client, "/en/host/")
    assert f"Orin Operator sees this site as {host.person.name}" in page
    refused = await web.post_form(client, "/en/profile", {"name": "Changed"}, action="/profile/password")
    assert refused.status_code == 403
    assert "Nothing was changed" in refused.text
    row = await db.fetch_one("SELECT name FROM person WHERE id = $1", host.person.id)
    assert row
    assert row["name"] == host.person.name
    assert (await client.get("/en/operator/")).status_code == 403
    for shut in ("/en/host/register", "/en/profile/data"):
        assert (await client.get(shut)).status_code == 403
    await worker.drain(tools)
    mail = await db.fetch_one("SELECT body FROM delivery WHERE recipient = $1", host.person.email)
    assert mail
    assert REASON in mail["body"]
    ended = await web.post_form(client, "/en/host/", action="/looking/end")
    assert ended.headers["location"].endswith(f"/operator/people/{host.person.id}")
    assert "sees this site as" not in await desk.page(client, "/en/operator/")
    acts = await db.fetch(
        "SELECT name, actor_id, real_actor_id, person_id FROM staff_act WHERE name LIKE 'look%'"
    )
    assert [row["name"] for row in acts] == ["looking.started", "looking.ended"]
    assert {row["real_actor_id"] for row in acts} == {operator.id}
    assert {row["person_id"] for row in acts} == {host.person.id}
    await web.sign_in(client, host.person.id)
    assert REASON in await desk.page(client, "/en/profile/looking")


async def test_no_route_changes_anything_meanwhile(client: httpx.AsyncClient):
    """Every unsafe route of every page is refused, and pages that are read write nothing."""
    host = await desk.host_with()
    await desk.sign_in_operator(client)
    await look(client, host.person.id)
    page = await client.get("/en/host/")
    token = web.form_with(page.text, action="looking/end")["data"]["csrf"]
    for route in routes():
        assert isinstance(route, GuardedRoute)
        path = filled(route.path)
        if route.while_looking or not route.access.form_token:
            continue
        if "POST" in (route.methods or set()):
            answer = await client.post(path, data={"csrf": token})
            assert answer.status_code in {403, 404}, route.path
        elif "GET" in (route.methods or set()):
            answer = await client.get(path)
            assert answer.status_code < 500, route.path
            assert answer.status_code != 403 or route.own_eyes or route.access.roles, route.path
    assert "sees this site as" in (await client.get("/en/host/")).text


async def test_it_ends_by_itself(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch):
    host = await desk.host_with()
    await desk.sign_in_operator(client)
    await look(client, host.person.id)
    later = clock.now() + looking.LASTS + timedelta(seconds=1)
    with clock.frozen(later):
        assert "sees this site as" not in await desk.page(client, "/en/operator/")


async def test_never_as_staff_nor_oneself_and_never_without_a_reason(client: httpx.AsyncClient):
    operator = await desk.sign_in_operator(client)
    officer = await factories.make_person()
    await factories.make_member(officer, "officer")
    for target in (officer.id, operator.id):
        answer = await look(client, target)
        assert answer.status_code == 409
    guest = await factories.make_person()
    assert (await look(client, guest.id, reason="")).status_code == 422
    await db.execute("UPDATE web_session SET stepped_up_at = $1", clock.now() - timedelta(minutes=6))
    stale = await look(client, guest.id)
    assert "/step-up" in stale.headers["location"]
    assert not await db.fetch("SELECT 1 AS x FROM web_session WHERE viewing_id IS NOT NULL")
