"""The worker: claims jobs, runs their handlers, and keeps the timed duties. Runs inside the web process or alone."""

from __future__ import annotations

import asyncio
import os
import random
import socket
from datetime import timedelta

import structlog

from market import clock, db
from market.outbox import queue, registry
from market.outbox.tools import Tools

log = structlog.get_logger()
IDLE_SECONDS = 1.0
_MAX_BACKOFF = timedelta(hours=1)


def backoff(attempts: int) -> timedelta:
    """5 s, 10 s, 20 s … at most an hour, with jitter so that a crowd does not return at once."""
    seconds = min(5 * 2 ** (attempts - 1), _MAX_BACKOFF.total_seconds())
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 - jitter, not a secret


async def run_one(tools: Tools) -> bool:
    """Run the next due job; False when there is none."""
    job = await queue.claim()
    if job is None:
        return False
    try:
        await registry.handler(job.handler)(job.payload, tools)
    except asyncio.CancelledError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a handler raises, the job is kept and retried
        parked = await queue.fail(job, f"{type(error).__name__}: {error}", backoff(job.attempts))
        log.warning("job failed", handler=job.handler, job=job.id, parked=parked, error=str(error))
    else:
        await queue.finish(job)
    return True


async def drain(tools: Tools, limit: int = 10_000) -> int:
    """Run everything that is due now; how many jobs ran (used by tests and the command line)."""
    for done in range(limit):
        if not await run_one(tools):
            return done
    return limit


async def run_due_duties(tools: Tools) -> None:
    """Run each timed duty whose time has come; moving its next time forward is the claim."""
    now = clock.now()
    for duty in registry.duties():
        await db.execute(
            "INSERT INTO timed_run (name, next_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
            duty.name,
            now,
        )
        claimed = await db.execute(
            "UPDATE timed_run SET next_at = $1 WHERE name = $2 AND next_at <= $3",
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


async def run_forever(stop: asyncio.Event, tools: Tools) -> None:
    """Work until `stop` is set. The duties and the beat come round every few seconds."""
    name = f"{socket.gethostname()}:{os.getpid()}"
    next_round = clock.now()
    while not stop.is_set():
        try:
            if clock.now() >= next_round:
                await beat(name)
                await run_due_duties(tools)
                next_round = clock.now() + timedelta(seconds=5)
            if not await run_one(tools):
                await queue.wait(IDLE_SECONDS)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.exception("worker stumbled", error=str(error))
            await asyncio.sleep(IDLE_SECONDS)
