"""Adding jobs in the same transaction as the fact they follow from, and claiming them, one worker at a time."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from market import clock, db
from market.db.sql import as_instant, as_json, to_json
from market.outbox import maintenance
from market.outbox.registry import Payload

LEASE = timedelta(minutes=2)
PARK_AFTER = 8
URGENT, NORMAL, HEAVY = 1, 5, 9
_wake = asyncio.Event()


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job this worker holds until its lease ends."""

    id: int
    handler: str
    payload: Payload
    attempts: int
    token: str
    urgent: bool


async def add(
    handler: str,
    payload: Payload,
    *,
    due_at: datetime | None = None,
    dedupe_key: str | None = None,
    urgent: bool = False,
    heavy: bool = False,
) -> None:
    """Queue a job with the current transaction; the same `dedupe_key` twice is one job.

    An `urgent` one (somebody waits on a page for it) goes before all others that are due; a `heavy` one (a second
    of processor that nobody waits for) after all others, and alone.
    """
    if not db.in_transaction():
        raise RuntimeError("a job is added in the transaction of the fact it follows from")
    now = clock.now()
    await db.execute(
        "INSERT INTO job (handler, payload, dedupe_key, state, priority, due_at, attempts, last_error,"
        " created_at) VALUES ($1, $2, $3, 'ready', $4, $5, 0, '', $6) ON CONFLICT (dedupe_key) DO NOTHING",
        handler,
        to_json(payload),
        dedupe_key,
        URGENT if urgent else HEAVY if heavy else NORMAL,
        due_at or now,
        now,
    )
    db.after_commit(_wake.set)


async def add_all(payload: Payload, handlers: Sequence[str]) -> None:
    """Queue one job for each of these handlers, all with the same payload, with the current transaction."""
    if not db.in_transaction():
        raise RuntimeError("a job is added in the transaction of the fact it follows from")
    rows = ", ".join(f"(${n}, $1, 'ready', {NORMAL}, $2, 0, '', $2)" for n in range(3, 3 + len(handlers)))
    await db.execute(
        "INSERT INTO job (handler, payload, state, priority, due_at, attempts, last_error, created_at)"
        f" VALUES {rows}",
        to_json(payload),
        clock.now(),
        *handlers,
    )
    db.after_commit(_wake.set)


async def park(handler: str, payload: Payload, *, reason: str, dedupe_key: str) -> None:
    """Put something straight among the parked jobs, for a person to look at and release."""
    if not db.in_transaction():
        raise RuntimeError("a job is added in the transaction of the fact it follows from")
    now = clock.now()
    await db.execute(
        "INSERT INTO job (handler, payload, dedupe_key, state, due_at, attempts, last_error, created_at)"
        " VALUES ($1, $2, $3, 'parked', $4, 0, $5, $4) ON CONFLICT (dedupe_key) DO NOTHING",
        handler,
        to_json(payload),
        dedupe_key,
        now,
        reason[:2000],
    )


async def wait(seconds: float) -> None:
    """Sleep until a job was added in this process, or until `seconds` passed."""
    try:
        await asyncio.wait_for(_wake.wait(), seconds)
    except TimeoutError:
        return
    _wake.clear()


async def claim(most: int = 1, *, urgent: bool = False) -> list[Claimed]:
    """Take the next due jobs (or the next `urgent` ones), at most so many, in their order.

    A heavy job is taken alone and when nothing else is due. A job whose worker died comes free when its lease ends.
    None is taken while the site is under repair.
    """
    if urgent:
        return await _take(most, f"priority = {URGENT}")
    return await _take(most, f"priority <= {NORMAL}") or await _take(min(most, 1), f"priority = {HEAVY}")


async def _take(most: int, of: str) -> list[Claimed]:
    now = clock.now()
    token = secrets.token_hex(8)
    due = (
        "SELECT id FROM job WHERE state = 'ready' AND due_at <= $3"
        f" AND (lease_until IS NULL OR lease_until <= $3) AND {of} AND {maintenance.OPEN}"
        " ORDER BY priority, due_at, id LIMIT $4"
    )
    # As an array, so that PostgreSQL looks once: a plan that looks again for every row would lock more than it takes.
    chosen = f"= ANY(ARRAY({due} FOR UPDATE SKIP LOCKED))" if db.is_postgres() else f"IN ({due})"
    rows = await db.fetch(
        "UPDATE job SET lease_token = $1, lease_until = $2, attempts = attempts + 1"
        f" WHERE id {chosen} RETURNING id, handler, payload, attempts, priority, due_at",
        token,
        now + LEASE,
        now,
        most,
    )
    rows.sort(key=lambda row: (row["priority"], as_instant(row["due_at"]), row["id"]))
    return [
        Claimed(
            id=row["id"],
            handler=row["handler"],
            payload=as_json(row["payload"]),
            attempts=row["attempts"],
            token=token,
            urgent=row["priority"] == URGENT,
        )
        for row in rows
    ]


async def turn(
    done: Sequence[Claimed], left: Sequence[Claimed] = (), most: int = 1, *, urgent: bool = False
) -> list[Claimed]:
    """What was done is done, what is `left` goes back untouched, and the next are taken: one commit for all.

    With `most` 0 none is taken. Whatever of this a power failure takes back, another worker does again.
    """
    with db.repeated_work():
        return await _turn(done, left, most, urgent)


async def _turn(done: Sequence[Claimed], left: Sequence[Claimed], most: int, urgent: bool) -> list[Claimed]:
    async with db.transaction(brief=True):
        await finish(done)
        for job in left:
            await put_back(job)
        return await claim(most, urgent=urgent) if most else []


async def finish(jobs: Sequence[Claimed]) -> None:
    """The jobs are done, as far as their leases are still ours."""
    by_token: dict[str, list[int]] = {}
    for job in jobs:
        by_token.setdefault(job.token, []).append(job.id)
    for token, ids in by_token.items():
        places = ", ".join(f"${n}" for n in range(3, 3 + len(ids)))
        await db.execute(
            "UPDATE job SET state = 'done', done_at = $1, lease_token = NULL, lease_until = NULL, last_error = ''"
            f" WHERE lease_token = $2 AND id IN ({places})",
            clock.now(),
            token,
            *ids,
        )


async def put_back(job: Claimed) -> None:
    """Give a taken job back untouched; it keeps its place."""
    await db.execute(
        "UPDATE job SET attempts = attempts - 1, lease_token = NULL, lease_until = NULL"
        " WHERE id = $1 AND lease_token = $2",
        job.id,
        job.token,
    )


async def fail(job: Claimed, error: str, retry_in: timedelta) -> bool:
    """Try again later; True when it was parked because it failed too often."""
    parked = job.attempts >= PARK_AFTER
    await db.execute(
        "UPDATE job SET state = $1, due_at = $2, lease_token = NULL, lease_until = NULL, last_error = $3"
        " WHERE id = $4 AND lease_token = $5",
        "parked" if parked else "ready",
        clock.now() + retry_in,
        error[:2000],
        job.id,
        job.token,
    )
    return parked


async def release_parked(job_id: int) -> bool:
    """Give a parked job a fresh set of tries (staff act)."""
    changed = await db.execute(
        "UPDATE job SET state = 'ready', attempts = 0, due_at = $1 WHERE id = $2 AND state = 'parked'",
        clock.now(),
        job_id,
    )
    db.after_commit(_wake.set)
    return changed == 1
