"""Under repair nothing is taken by any worker, guests find a closed door, and operators find theirs open."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import httpx
import pytest

from market import clock, db
from market.outbox import maintenance, queue, registry, worker
from market.outbox.registry import Payload
from market.outbox.tools import Tools
from tests import factories
from tests.web import sign_in

WHY = "Restored from the backup of 22 November."


@pytest.fixture(autouse=True)
async def looked(db: str) -> AsyncGenerator[None]:
    """What this process knows is that of this test's database, and forgotten after it."""
    await maintenance.look()
    yield
    await maintenance.end()
    await maintenance.look()


async def shut() -> None:
    await maintenance.begin(WHY)
    await maintenance.look()


@pytest.mark.parametrize("language", ["en", "id"])
async def test_guests_find_a_closed_door_in_their_language(client: httpx.AsyncClient, language: str):
    await shut()
    for path in ("/", "/search", "/bookings/K7QF3M9T", "/sign-up", "/no-such-page/at-all"):
        answer = await client.get(f"/{language}{path}")
        if path.startswith("/no"):
            assert answer.status_code == 404
            continue
        assert answer.status_code == 503, path
        assert int(answer.headers["retry-after"]) > 0
        assert ("Back soon" if language == "en" else "Segera kembali") in answer.text
        assert "+62 812" not in answer.text
        assert 'name="robots" content="noindex"' in answer.text


async def test_machines_are_told_to_come_again(client: httpx.AsyncClient):
    await shut()
    answer = await client.post("/webhooks/stripe", content=b"{}")
    assert (answer.status_code, answer.json()["code"]) == (503, "under_repair")
    health = await client.get("/healthz")
    assert (health.status_code, health.json()["site"]) == (200, "maintenance")
    await maintenance.end()
    assert (await client.get("/healthz")).json()["site"] == "open"


async def test_guests_and_hosts_wait_and_operators_work(client: httpx.AsyncClient):
    guest, host, operator = [await factories.make_person() for _ in range(3)]
    await factories.make_host(person=host)
    await factories.make_member(operator, "operator")
    await shut()
    assert (await client.get("/en/sign-in")).status_code == 200
    for person, status in ((guest, 503), (host, 503), (operator, 200)):
        await sign_in(client, person.id)
        home = await client.get("/en/")
        assert home.status_code == status
        assert (WHY in home.text) == (status == 200)
        assert (await client.get("/en/operator/jobs")).status_code == status
    assert WHY in (await client.get("/en/operator/jobs")).text


async def test_no_job_is_taken_and_no_duty_runs_until_the_site_is_open(
    tools: Tools, monkeypatch: pytest.MonkeyPatch
):
    ran: list[str] = []

    async def act(payload: Payload, tools: Tools) -> None:
        ran.append("job")

    async def duty(tools: Tools) -> None:
        ran.append("duty")

    monkeypatch.setitem(registry._handlers, "tests.act", act)
    monkeypatch.setattr(registry, "_duties", {})
    registry.every(worker._MAX_BACKOFF, "tests.duty")(duty)
    async with db.transaction():
        await queue.add("tests.act", {}, urgent=True)
        await queue.add("tests.act", {})
        await queue.add("tests.act", {}, heavy=True)
    await shut()
    assert await queue.claim(8) == await queue.claim(8, urgent=True) == []
    await worker.run_due_duties(tools)
    assert await worker.drain(tools) == 0
    assert ran == []
    assert await maintenance.end()
    assert not await maintenance.end()
    await worker.run_due_duties(tools)
    await worker.drain(tools)
    assert sorted(ran) == ["duty", "job", "job", "job"]


async def test_what_waited_is_put_aside_but_for_what_may_go(db: str):
    from market.db import execute, fetch

    names = ("payments.void", "payments_void.x", "notifications.send", "booking.payment_succeeded")
    for name in names:
        await execute(
            "INSERT INTO job (handler, payload, state, due_at, lease_token, lease_until, created_at)"
            " VALUES ($1, '{}', 'ready', $2, 'x', $2, $2)",
            name,
            clock.now(),
        )
    aside = await maintenance.put_aside(WHY, but=("payments.", "booking.payment_"))
    assert aside == {"payments_void.x": 1, "notifications.send": 1}
    assert await maintenance.waiting() == {"booking.payment_succeeded": 1, "payments.void": 1}
    assert await maintenance.release("Another reason") == 0
    assert await maintenance.release(WHY) == 2
    rows = await fetch("SELECT state, lease_token FROM job")
    assert {(row["state"], row["lease_token"]) for row in rows} == {("ready", None)}
