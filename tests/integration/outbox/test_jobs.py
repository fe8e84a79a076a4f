"""Jobs are taken a few at a time, each by one worker; none is lost and none is finished that did not run."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from market import clock, db
from market.outbox import queue, registry, worker
from market.outbox.registry import Payload
from market.outbox.tools import Tools

NAME = "tests.write_down"


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the jobs that ran, in order. Number 13 fails; 99 is never done by itself."""
    written: list[int] = []

    async def write_down(payload: Payload, tools: Tools) -> None:
        if payload["number"] == 13:
            raise ValueError("unlucky")
        if payload["number"] == 99:
            await asyncio.Event().wait()
        written.append(payload["number"])

    monkeypatch.setitem(registry._handlers, NAME, write_down)
    return written


async def add(*numbers: int, urgent: bool = False, heavy: bool = False) -> None:
    async with db.transaction():
        for number in numbers:
            await queue.add(NAME, {"number": number}, dedupe_key=f"n{number}", urgent=urgent, heavy=heavy)


async def states() -> dict[int, tuple[str, int, bool]]:
    """By number: state, attempts so far, and whether somebody holds it."""
    rows = await db.fetch("SELECT dedupe_key, state, attempts, lease_token FROM job")
    return {int(r["dedupe_key"][1:]): (r["state"], r["attempts"], r["lease_token"] is not None) for r in rows}


async def test_all_run_once_in_their_order_and_urgent_ones_first(db: str, tools: Tools, ran: list[int]):
    await add(*range(20, 40))
    await add(1, urgent=True)
    assert await worker.drain(tools) == 21
    assert ran == [1, *range(20, 40)]
    assert set((await states()).values()) == {("done", 1, False)}


async def test_heavy_ones_come_last_and_alone(db: str, tools: Tools, ran: list[int]):
    await add(50, 51, heavy=True)
    await add(1, 2)
    assert [job.payload["number"] for job in await queue.claim(8)] == [1, 2]
    assert [job.payload["number"] for job in await queue.claim(8)] == [50]
    await add(3)
    assert await worker.drain(tools) == 2
    assert ran == [3, 51]


async def test_one_that_fails_waits_and_the_others_are_done(db: str, tools: Tools, ran: list[int]):
    await add(11, 12, 13, 14)
    assert await worker.drain(tools) == 4
    assert ran == [11, 12, 14]
    found = await states()
    assert found.pop(13) == ("ready", 1, False)
    assert set(found.values()) == {("done", 1, False)}


async def test_no_more_are_taken_than_asked_for(db: str, tools: Tools, ran: list[int]):
    await add(*range(20))
    ran_now = await worker.drain(tools, limit=10)
    assert ran_now == 10
    assert len(ran) == 10
    assert sorted((await states()).values()) == sorted([("done", 1, False)] * 10 + [("ready", 0, False)] * 10)


async def test_two_workers_never_hold_the_same_job(db: str, ran: list[int]):
    await add(*range(30))
    taken = await asyncio.gather(*(queue.claim(4) for _ in range(10)))
    ids = [job.id for batch in taken for job in batch]
    assert len(ids) == len(set(ids)) == 30
    assert all(len(batch) <= 4 for batch in taken)
    assert await queue.claim(4) == []


async def test_what_was_taken_and_not_run_goes_back_untouched(db: str, ran: list[int]):
    await add(1, 2, 3, 4)
    first, *left = await queue.claim(3)
    next_ones = await queue.turn([first], left, most=2)
    assert [job.payload["number"] for job in next_ones] == [2, 3]
    assert await states() == {
        1: ("done", 1, False),
        2: ("ready", 1, True),
        3: ("ready", 1, True),
        4: ("ready", 0, False),
    }


async def test_a_worker_that_is_stopped_gives_back_what_it_has_not_begun(
    db: str, tools: Tools, ran: list[int]
):
    await add(1, 99, 3, 4)
    stop = asyncio.Event()
    working = asyncio.create_task(worker.run_forever(stop, tools))
    while 1 not in ran:
        await asyncio.sleep(0.01)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    found = await states()
    assert ran == [1]
    assert found[1] == ("done", 1, False)
    assert found[99] == ("ready", 1, True), "what was begun comes free when its lease ends"
    assert found[3] == found[4] == ("ready", 0, False)


async def test_the_jobs_of_a_worker_that_died_come_free(db: str, tools: Tools, ran: list[int]):
    await add(1, 2)
    assert len(await queue.claim(2)) == 2
    assert await worker.drain(tools) == 0
    with clock.frozen(clock.now() + queue.LEASE + timedelta(seconds=1)):
        assert await worker.drain(tools) == 2
    assert ran == [1, 2]


async def test_a_late_worker_does_not_finish_what_another_took(db: str, tools: Tools, ran: list[int]):
    await add(1)
    [late] = await queue.claim()
    with clock.frozen(clock.now() + queue.LEASE + timedelta(seconds=1)):
        [now_held] = await queue.claim()
        await queue.turn([late], most=0)
        assert (await states())[1] == ("ready", 2, True)
        await queue.turn([now_held], most=0)
    assert (await states())[1] == ("done", 2, False)
