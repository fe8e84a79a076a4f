"""Reads for the operator's desk that belong to no single feature: jobs, and counts of what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from market import db
from market.db.sql import Row, as_instant, as_instant_or_none, as_json, to_json
from market.payments import ledger
from market.payments import queries as payments
from market.payments.ledger import Entry
from market.sourcing import opening

_SILENT_AFTER = timedelta(seconds=30)
_PAGE = 100
ENTRIES = 40


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job for a person to look at. The payload holds ids only."""

    id: int
    handler: str
    payload: str
    state: str
    attempts: int
    due_at: datetime
    created_at: datetime
    error: str

    @property
    def is_parked(self) -> bool:
        return self.state == "parked"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for an operator, and whether the machine is well."""

    transfers: int
    refunds: int
    unmatched: int
    requests: int
    batches: int
    disputes: int
    openings: int
    jobs_parked: int
    jobs_ready: int
    worker_seen_at: datetime | None
    worker_ok: bool
    trial_balance: int


async def get_waiting(now: datetime) -> Waiting:
    """The numbers of the overview."""
    beat = await db.fetch_one("SELECT MAX(beat_at) AS at FROM worker_beat")
    seen = as_instant_or_none(beat["at"]) if beat else None
    return Waiting(
        transfers=len(await payments.list_waiting_transfers()),
        refunds=len(await payments.list_refunds_by_hand()),
        unmatched=len(await payments.list_receipts(unmatched_only=True)),
        batches=await _count("SELECT COUNT(*) AS n FROM payout_batch WHERE state = 'proposed'"),
        disputes=await _count("SELECT COUNT(*) AS n FROM dispute WHERE closed_at IS NULL"),
        requests=await _count("SELECT COUNT(*) AS n FROM booking WHERE state = 'requested'"),
        openings=await opening.count_waiting(),
        jobs_parked=await _count("SELECT COUNT(*) AS n FROM job WHERE state = 'parked'"),
        jobs_ready=await _count("SELECT COUNT(*) AS n FROM job WHERE state = 'ready'"),
        worker_seen_at=seen,
        worker_ok=seen is not None and now - seen < _SILENT_AFTER,
        trial_balance=await ledger.trial_balance(),
    )


async def _count(sql: str) -> int:
    row = await db.fetch_one(sql)
    return int(row["n"]) if row else 0


async def list_parked() -> list[JobRow]:
    """Jobs that failed too often, newest first."""
    return _jobs(await db.fetch(f"SELECT * FROM job WHERE state = 'parked' ORDER BY id DESC LIMIT {_PAGE}"))


async def list_failing() -> list[JobRow]:
    """Jobs that failed at least once and will be tried again by themselves."""
    rows = await db.fetch(
        f"SELECT * FROM job WHERE state = 'ready' AND last_error <> '' ORDER BY due_at LIMIT {_PAGE}"
    )
    return _jobs(rows)


def _jobs(rows: Sequence[Row]) -> list[JobRow]:
    return [
        JobRow(
            id=row["id"],
            handler=row["handler"],
            payload=to_json(as_json(row["payload"])),
            state=row["state"],
            attempts=row["attempts"],
            due_at=as_instant(row["due_at"]),
            created_at=as_instant(row["created_at"]),
            error=row["last_error"],
        )
        for row in rows
    ]


async def list_entries(booking_reference: str, before_id: int | None) -> list[Entry]:
    """A booking's entries, or a page of the whole ledger, newest first."""
    if booking_reference:
        return await ledger.entries_for(booking_reference)
    return await ledger.list_entries(before_id=before_id, limit=ENTRIES)
