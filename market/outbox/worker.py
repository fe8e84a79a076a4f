"""The worker: claims jobs, runs their handlers, and keeps the timed duties. Runs inside the web process or alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import socket
import time
from datetime import timedelta

import structlog

from market import clock, db
from market.outbox import maintenance, queue, registry
from market.outbox.queue import Claimed
from market.outbox.tools import Tools

log = structlog.get_logger()
IDLE_SECONDS = 1.0
_MAX_BACKOFF = timedelta(hours=1)
_ROUND = timedelta(seconds=5)
_LONGEST_REST = 0.25
_WAITING = 0.5  # seconds after an urgent job in which more of them are expected
_LOOK_FOR_URGENT = 0.25
# Taking and finishing jobs together saves a commit each; not so many that another worker could not have helped.
_BATCH = 8
_BATCH_SECONDS = 1.0
_last_urgent = [0.0]


def backoff(attempts: int) -> timedelta:
    """5 s, 10 s, 20 s … at most an hour, with jitter so that a crowd does not return at once."""
    seconds = min(5 * 2 ** (attempts - 1), _MAX_BACKOFF.total_seconds())
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret


async def _succeeds(job: Claimed, tools: Tools) -> bool:
    """Run a job's handler; one that fails is put back to be tried later, or parked."""
    try:
        await registry.run(job.handler, job.payload, tools)
    except asyncio.CancelledError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a handler raises, the job is kept and retried
        parked = await queue.fail(job, f"{type(error).__name__}: {error}", backoff(job.attempts))
        log.warning("job failed", handler=job.handler, job=job.id, parked=parked, error=str(error))
        return False
    return True


async def drain(tools: Tools, limit: int = 10_000) -> int:
    """Run everything that is due now; how many jobs ran (used by tests and the command line)."""
    ran = 0
    jobs = await queue.claim(min(_BATCH, limit))
    while jobs:
        done = [job for job in jobs if await _succeeds(job, tools)]
        ran += len(jobs)
        jobs = await queue.turn(done, most=min(_BATCH, limit - ran))
    return ran


def _rest(took: float, *, guests_first: bool) -> float:
    """How long to rest after a chore: nine times as long as it took while people wait at a page, for their answers
    need the same cores and the same database; else, beside the pages of this process, as long as it took.
    """
    busy = time.monotonic() - _last_urgent[0] < _WAITING
    return min((9 if busy else 1 if guests_first else 0) * took, _LONGEST_REST)


async def _work(stop: asyncio.Event, tools: Tools, *, guests_first: bool) -> None:
    """Run what is due until nothing is, or `stop` is set."""
    jobs = await queue.claim(_BATCH)
    if not jobs:
        await queue.wait(IDLE_SECONDS)
    while jobs:
        done: list[Claimed] = []
        left = list(jobs)
        begun = time.monotonic()
        try:
            while left and not stop.is_set() and time.monotonic() - begun < _BATCH_SECONDS:
                job, started = left.pop(0), time.monotonic()
                if await _succeeds(job, tools):
                    done.append(job)
                if not job.urgent:
                    await asyncio.sleep(_rest(time.monotonic() - started, guests_first=guests_first))
        except BaseException:
            await queue.turn(done, left, most=0)
            raise
        jobs = await queue.turn(done, left, most=0 if stop.is_set() else _BATCH)


async def run_due_duties(tools: Tools) -> None:
    """Run each timed duty whose time has come; moving its next time forward is the claim.

    None has while the site is under repair.
    """
    now = clock.now()
    for duty in registry.duties():
        await db.execute(
            "INSERT INTO timed_run (name, next_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            duty.name,
            now,
        )
        claimed = await db.execute(
            f"UPDATE timed_run SET next_at = $1 WHERE name = $2 AND next_at <= $3 AND {maintenance.OPEN}",
            now + duty.every,
            duty.name,
            now,
        )
        if claimed:
            try:
                await duty.run(tools)
            except Exception as error:
                log.exception("duty failed", duty=duty.name, error=str(error))


async def beat(name: str) -> None:
    """Show a sign of life, for /healthz."""
    await db.execute(
        "INSERT INTO worker_beat (worker, beat_at) VALUES ($1, $2)"
        " ON CONFLICT (worker) DO UPDATE SET beat_at = excluded.beat_at",
        name,
        clock.now(),
    )


async def run_forever(stop: asyncio.Event, tools: Tools, *, guests_first: bool = False) -> None:
    """Work until `stop` is set. The duties and the beat come round every few seconds, beside the jobs: somebody who
    waits for a payment to be confirmed does not wait for the night's sums.

    `guests_first`, for a worker inside the web process: after work that nobody waits for it always rests as long as
    that took, so that pages get at least half of the time.
    """
    beside = [asyncio.create_task(_come_round(stop, tools)), asyncio.create_task(_urgent(stop, tools))]
    try:
        while not stop.is_set():
            try:
                await _work(stop, tools, guests_first=guests_first)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.exception("worker stumbled", error=str(error))
                await asyncio.sleep(IDLE_SECONDS)
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)


async def _urgent(stop: asyncio.Event, tools: Tools) -> None:
    """A lane of its own for what somebody waits for: it never stands behind a picture that takes a second."""
    while not stop.is_set():
        try:
            jobs = await queue.claim(_BATCH, urgent=True)
            while jobs:
                _last_urgent[0] = time.monotonic()
                done = [job for job in jobs if await _succeeds(job, tools)]
                jobs = await queue.turn(done, most=0 if stop.is_set() else _BATCH, urgent=True)
            await asyncio.sleep(_LOOK_FOR_URGENT)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.exception("worker stumbled", error=str(error))
            await asyncio.sleep(IDLE_SECONDS)


async def _come_round(stop: asyncio.Event, tools: Tools) -> None:
    name = f"{socket.gethostname()}:{os.getpid()}"
    while not stop.is_set():
        try:
            await beat(name)
            await run_due_duties(tools)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.exception("duties stumbled", error=str(error))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _ROUND.total_seconds())
