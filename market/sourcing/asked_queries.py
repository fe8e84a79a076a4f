"""Reads for suppliers: what hotels say they bought from them, what waits for an answer, totals by month and hotel.

Limited to the suppliers given; a voided purchase is no claim about anybody and does not show.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from market import db
from market.db.sql import Row, as_date, as_instant, as_instant_or_none
from market.sourcing.rules import Confirmation, Paper
from market.suppliers.rows import places

MOST: Final = 200


@dataclass(frozen=True, slots=True)
class AskedRow:
    """A purchase as its supplier sees it: amounts, never the hotel's photo of the paper."""

    document_id: int
    reference: str
    supplier_id: int
    supplier: str
    hotel_id: int
    hotel: str
    paper: Paper
    number: str
    invoice_on: date
    period: str
    goods: str
    net_minor: int
    vat_minor: int
    confirmation: Confirmation
    confirmed_net_minor: int | None
    entered_at: datetime
    expires_at: datetime | None
    claim_id: int | None
    agent: str


@dataclass(frozen=True, slots=True)
class MonthRow:
    """What one hotel says it bought from one supplier in a month; credit notes are taken off `net_minor`."""

    supplier_id: int
    period: str
    hotel: str
    count: int
    net_minor: int
    confirmed_minor: int
    waiting_minor: int
    disputed_minor: int


_GOODS: Final = (
    "(SELECT MIN(l.description) FROM purchase_line l WHERE l.document_id = d.id AND l.position = 1)"
)
_ROWS: Final = (
    f"SELECT d.*, h.name AS hotel, s.name AS supplier, {_GOODS} AS goods,"
    " (SELECT COUNT(*) FROM purchase_line l WHERE l.document_id = d.id) AS line_count,"
    " (SELECT MAX(r.expires_at) FROM confirmation_request r WHERE r.document_id = d.id AND r.state = 'open')"
    " AS question_until,"
    " (SELECT o.name FROM confirmation_answer a JOIN organisation o ON o.id = a.agent_id"
    " WHERE a.id = (SELECT MAX(x.id) FROM confirmation_answer x WHERE x.document_id = d.id)) AS agent"
    " FROM purchase_document d JOIN organisation h ON h.id = d.hotel_id JOIN supplier s ON s.id = d.supplier_id"
)


async def list_waiting(supplier_ids: Collection[int], *, limit: int = MOST) -> list[AskedRow]:
    """Purchases that wait for a word of these suppliers, oldest question first."""
    return await _list(
        supplier_ids, "d.confirmation = 'asked' AND d.kind = 'purchase'", "d.entered_at, d.id", limit
    )


async def count_waiting(supplier_ids: Collection[int]) -> int:
    """How many purchases wait for a word of these suppliers."""
    ids = sorted(supplier_ids)
    if not ids:
        return 0
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM purchase_document WHERE status = 'live' AND kind = 'purchase'"
        f" AND confirmation = 'asked' AND supplier_id IN ({places(len(ids))})",
        *ids,
    )
    return int(row["n"]) if row else 0


async def list_about(supplier_ids: Collection[int], period: str, *, limit: int = MOST) -> list[AskedRow]:
    """Everything hotels logged about these suppliers in a month, newest first."""
    return await _list(
        supplier_ids,
        "d.kind = 'purchase' AND d.period = {period}",
        "d.invoice_on DESC, d.id DESC",
        limit,
        period,
    )


async def get_asked(reference: str) -> AskedRow | None:
    """One purchase by its reference, while it is live; who may see it is the caller's business."""
    row = await db.fetch_one(f"{_ROWS} WHERE d.reference = $1 AND d.status = 'live'", reference)
    return _row(row) if row else None


async def get_asked_by_id(document_id: int) -> AskedRow | None:
    """One purchase by its id, while it is live."""
    row = await db.fetch_one(f"{_ROWS} WHERE d.id = $1 AND d.status = 'live'", document_id)
    return _row(row) if row else None


async def list_by_id(document_ids: Collection[int]) -> list[AskedRow]:
    """Some live purchases, for a letter."""
    ids = sorted(document_ids)
    if not ids:
        return []
    rows = await db.fetch(
        f"{_ROWS} WHERE d.id IN ({places(len(ids))}) AND d.status = 'live' ORDER BY d.invoice_on, d.id", *ids
    )
    return [_row(row) for row in rows]


async def months(supplier_ids: Collection[int]) -> list[MonthRow]:
    """What each hotel says it bought from these suppliers, month by month, newest first."""
    ids = sorted(supplier_ids)
    if not ids:
        return []
    signed = "CASE WHEN d.kind = 'credit_note' THEN -d.net_minor ELSE d.net_minor END"

    def part(states: str) -> str:
        return (
            f"CAST(SUM(CASE WHEN d.kind = 'purchase' AND d.confirmation IN ({states}) THEN d.net_minor ELSE 0 END)"
            " AS BIGINT)"
        )

    rows = await db.fetch(
        f"SELECT d.supplier_id, d.period, h.name AS hotel, COUNT(*) AS n, CAST(SUM({signed}) AS BIGINT) AS net,"
        f" {part(_quoted('yes'))} AS confirmed, {part(_quoted('asked', 'silent'))} AS waiting,"
        f" {part(_quoted('other_amount', 'not_mine'))} AS disputed"
        " FROM purchase_document d JOIN organisation h ON h.id = d.hotel_id"
        f" WHERE d.supplier_id IN ({places(len(ids))}) AND d.status = 'live'"
        " GROUP BY d.supplier_id, d.period, h.name ORDER BY d.period DESC, h.name, d.supplier_id LIMIT 400",
        *ids,
    )
    return [
        MonthRow(
            row["supplier_id"],
            row["period"],
            row["hotel"],
            row["n"],
            row["net"],
            row["confirmed"],
            row["waiting"],
            row["disputed"],
        )
        for row in rows
    ]


def _quoted(*states: str) -> str:
    return ", ".join(f"'{state}'" for state in states)


async def _list(
    supplier_ids: Collection[int], where: str, order: str, limit: int, period: str | None = None
) -> list[AskedRow]:
    ids = sorted(supplier_ids)
    if not ids:
        return []
    values: list[Any] = [*ids]
    if period is not None:
        values.append(period)
        where = where.format(period=f"${len(values)}")
    values.append(limit)
    rows = await db.fetch(
        f"{_ROWS} WHERE d.supplier_id IN ({places(len(ids))}) AND d.status = 'live' AND {where}"
        f" ORDER BY {order} LIMIT ${len(values)}",
        *values,
    )
    return [_row(row) for row in rows]


def _row(row: Row) -> AskedRow:
    more = row["line_count"] - 1
    return AskedRow(
        document_id=row["id"],
        reference=row["reference"],
        supplier_id=row["supplier_id"],
        supplier=row["supplier"],
        hotel_id=row["hotel_id"],
        hotel=row["hotel"],
        paper=Paper(row["paper"]),
        number=row["number"],
        invoice_on=as_date(row["invoice_on"]),
        period=row["period"],
        goods=f"{row['goods']} +{more}" if more > 0 else row["goods"] or "",
        net_minor=row["net_minor"],
        vat_minor=row["vat_minor"],
        confirmation=Confirmation(row["confirmation"]),
        confirmed_net_minor=row["confirmed_net_minor"],
        entered_at=as_instant(row["entered_at"]),
        expires_at=as_instant_or_none(row["question_until"]),
        claim_id=row["claim_id"],
        agent=row["agent"] or "",
    )
