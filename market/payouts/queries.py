"""Reads of batches and payouts as frozen rows, for operators and for the hosts who are paid. Nothing here writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from market import db
from market.db.sql import Row, as_instant, as_instant_or_none
from market.errors import NotFound
from market.payouts.rules import BatchState, PayoutState, Way

_LIMIT = 100


@dataclass(frozen=True, slots=True)
class PayoutRow:
    """One transfer to one host."""

    id: int
    reference: str
    batch_reference: str
    host_id: int
    host_name: str
    account_id: int
    bank: str
    masked: str
    way: Way
    state: PayoutState
    amount_minor: int
    netted_minor: int
    bank_reference: str
    problem: str
    updated_at: datetime
    bookings: int


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch in a list: who proposed it, how much it is, and how far it is."""

    reference: str
    state: BatchState
    proposed_by: int
    proposer: str
    proposed_at: datetime
    approver: str
    approved_at: datetime | None
    count: int
    amount_minor: int
    paid: int
    bounced: int
    in_transit: int


@dataclass(frozen=True, slots=True)
class EventRow:
    name: str
    payout_reference: str
    who: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch with everything on its page."""

    row: BatchRow
    payouts: Sequence[PayoutRow]
    events: Sequence[EventRow]


_BATCH = (
    "SELECT b.id, b.reference, b.state, b.proposed_by, p.name AS proposer, b.proposed_at, a.name AS approver,"
    " b.approved_at, COUNT(t.id) AS count, CAST(COALESCE(SUM(t.amount_minor), 0) AS BIGINT) AS amount,"
    " COUNT(CASE WHEN t.state = 'paid' THEN 1 END) AS paid, COUNT(CASE WHEN t.state = 'bounced' THEN 1 END) AS bounced,"
    " COUNT(CASE WHEN t.state = 'in_transit' THEN 1 END) AS in_transit"
    " FROM payout_batch b JOIN person p ON p.id = b.proposed_by LEFT JOIN person a ON a.id = b.approved_by"
    " LEFT JOIN payout t ON t.batch_id = b.id"
)
_BATCH_END = (
    " GROUP BY b.id, b.reference, b.state, b.proposed_by, p.name, b.proposed_at, a.name, b.approved_at"
    f" ORDER BY b.id DESC LIMIT {_LIMIT}"
)
_PAYOUT = (
    "SELECT t.id, t.reference, b.reference AS batch_reference, t.organisation_id, o.name AS host_name, t.account_id,"
    " a.bank, a.masked, t.way, t.state, t.amount_minor, t.netted_minor, t.bank_reference, t.problem, t.updated_at,"
    " (SELECT COUNT(*) FROM payout_item i WHERE i.payout_id = t.id) AS bookings"
    " FROM payout t JOIN payout_batch b ON b.id = t.batch_id JOIN organisation o ON o.id = t.organisation_id"
    " JOIN payout_account a ON a.id = t.account_id"
)


async def list_batches() -> list[BatchRow]:
    """Batches, newest first."""
    return [_batch(row) for row in await db.fetch(_BATCH + _BATCH_END)]


async def count_waiting() -> int:
    """Batches that wait for a second person."""
    row = await db.fetch_one("SELECT COUNT(*) AS n FROM payout_batch WHERE state = 'proposed'")
    return int(row["n"]) if row else 0


async def get_batch(reference: str) -> Batch:
    """A batch with its payouts and its history. Raises NotFound."""
    rows = await db.fetch(f"{_BATCH} WHERE b.reference = $1{_BATCH_END}", reference)
    if not rows:
        raise NotFound
    payouts = await db.fetch(f"{_PAYOUT} WHERE t.batch_id = $1 ORDER BY o.name, t.id", rows[0]["id"])
    events = await db.fetch(
        "SELECT e.name, t.reference, p.name AS who, e.note, e.at FROM payout_event e"
        " LEFT JOIN payout t ON t.id = e.payout_id LEFT JOIN person p ON p.id = e.person_id"
        " WHERE e.batch_id = $1 ORDER BY e.id DESC",
        rows[0]["id"],
    )
    return Batch(_batch(rows[0]), [_payout(row) for row in payouts], [_event(row) for row in events])


async def get_payout(reference: str) -> PayoutRow:
    """One payout. Raises NotFound."""
    row = await db.fetch_one(f"{_PAYOUT} WHERE t.reference = $1", reference)
    if row is None:
        raise NotFound
    return _payout(row)


async def list_for_host(host_id: int, *, limit: int = 24) -> list[PayoutRow]:
    """What was sent to a host or is on its way, newest first. Proposals are nobody's business but the operators'."""
    rows = await db.fetch(
        f"{_PAYOUT} WHERE t.organisation_id = $1 AND t.state IN ('in_transit', 'paid', 'bounced')"
        " ORDER BY t.id DESC LIMIT $2",
        host_id,
        limit,
    )
    return [_payout(row) for row in rows]


def _batch(row: Row) -> BatchRow:
    return BatchRow(
        reference=row["reference"],
        state=BatchState(row["state"]),
        proposed_by=row["proposed_by"],
        proposer=row["proposer"],
        proposed_at=as_instant(row["proposed_at"]),
        approver=row["approver"] or "",
        approved_at=as_instant_or_none(row["approved_at"]),
        count=row["count"],
        amount_minor=int(row["amount"]),
        paid=row["paid"],
        bounced=row["bounced"],
        in_transit=row["in_transit"],
    )


def _payout(row: Row) -> PayoutRow:
    return PayoutRow(
        id=row["id"],
        reference=row["reference"],
        batch_reference=row["batch_reference"],
        host_id=row["organisation_id"],
        host_name=row["host_name"],
        account_id=row["account_id"],
        bank=row["bank"],
        masked=row["masked"],
        way=Way(row["way"]),
        state=PayoutState(row["state"]),
        amount_minor=row["amount_minor"],
        netted_minor=row["netted_minor"],
        bank_reference=row["bank_reference"],
        problem=row["problem"],
        updated_at=as_instant(row["updated_at"]),
        bookings=row["bookings"],
    )


def _event(row: Row) -> EventRow:
    return EventRow(row["name"], row["reference"] or "", row["who"] or "", row["note"], as_instant(row["at"]))
