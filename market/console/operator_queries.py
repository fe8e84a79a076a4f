"""Reads for the operator's desk that belong to no single feature: jobs, and counts of what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from market import db
from market.db.sql import Row, as_instant, as_instant_or_none, as_json, to_json
from market.payments import ledger
from market.payments.ledger import Entry

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

    listings: int
    photos: int
    transfers: int
    refunds: int
    unmatched: int
    requests: int
    batches: int
    goodwill: int
    disputes: int
    no_shows: int
    reviews: int
    messages: int
    openings: int
    sms: int
    deliveries: int
    jobs_parked: int
    jobs_ready: int
    worker_seen_at: datetime | None
    worker_ok: bool
    trial_balance: int


# One query for all of them: each is a count over a small index.
_COUNTS: Final[dict[str, str]] = {
    "listings": "listing WHERE review = 'waiting'",
    "photos": "photo f JOIN listing l ON l.id = f.listing_id"
    " WHERE f.looked_at IS NULL AND f.state = 'ready' AND l.status = 'published'",
    "transfers": "payment WHERE method = 'transfer' AND state = 'pending'",
    "refunds": "refund r JOIN payment p ON p.id = r.payment_id"
    " WHERE (r.state = 'due' AND p.method IN ('transfer', 'on_arrival')) OR r.state = 'failed'",
    "unmatched": "bank_receipt WHERE payment_id IS NULL",
    "requests": "booking WHERE state = 'requested'",
    "batches": "payout_batch WHERE state = 'proposed'",
    "goodwill": "goodwill WHERE state = 'proposed'",
    "disputes": "dispute WHERE closed_at IS NULL",
    "no_shows": "no_show WHERE settled_at IS NULL AND contested_at IS NOT NULL",
    "reviews": "(SELECT DISTINCT review_id FROM review_report WHERE closed_at IS NULL) AS reported",
    "messages": "message_report WHERE closed_at IS NULL",
    "openings": "organisation_request WHERE state = 'waiting'",
    "sms": "sms_inbound WHERE outcome IN ('unknown', 'call') AND handled_at IS NULL AND number_id IS NOT NULL",
    "deliveries": "delivery d LEFT JOIN job j ON j.dedupe_key = 'notifications.send:' || d.id"
    " WHERE d.state <> 'sent' AND (d.state = 'failed' OR j.state = 'parked')",
    "jobs_parked": "job WHERE state = 'parked'",
    "jobs_ready": "job WHERE state = 'ready'",
}


async def get_waiting(now: datetime) -> Waiting:
    """The numbers of the overview, in two queries."""
    columns = ", ".join(f"(SELECT COUNT(*) FROM {source}) AS {name}" for name, source in _COUNTS.items())
    row = await db.fetch_one(f"SELECT (SELECT MAX(beat_at) FROM worker_beat) AS beat, {columns}")
    if row is None:
        raise AssertionError("a query of counts has one row")
    seen = as_instant_or_none(row["beat"])
    return Waiting(
        **{name: int(row[name]) for name in _COUNTS},
        worker_seen_at=seen,
        worker_ok=seen is not None and now - seen < _SILENT_AFTER,
        trial_balance=await ledger.trial_balance(),
    )


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
