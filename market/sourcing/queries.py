"""Reads of the ledger: for assessments (every line of a month, or lines added up), and single documents.

The list of the hotel's own pages is `listing_queries`. Rows are frozen; nothing here decides.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from market import db
from market.db.sql import Row, as_date, as_instant, as_instant_or_none
from market.sourcing.rules import Confirmation, Kind, Paper, Source
from market.suppliers.offering import Origin

_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line with its standing and what a check needs of its document."""

    id: int
    document_id: int
    reference: str
    position: int
    supplier_id: int | None
    seller_key: str
    seller_name: str
    number: str
    paper: Paper
    product_id: int | None
    description: str
    category: str
    quantity_milli: int | None
    unit: str
    amount: str
    vat_percent: str
    net_minor: int
    vat_minor: int
    credit_note: bool
    invoice_at: datetime
    entered_at: datetime
    live: bool
    origin: Origin
    origin_decided: bool
    evidenced: bool
    confirmed: bool
    related: bool
    is_adjustment: bool
    confirmation: Confirmation
    claim_id: int | None


@dataclass(frozen=True, slots=True)
class LineGroup:
    """Live lines that an assessment cannot tell apart; `net_minor` is their positive sum."""

    seller_key: str
    category: str
    origin: Origin
    credit_note: bool
    evidenced: bool
    confirmed: bool
    related: bool
    line_count: int
    net_minor: int


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document as stored, with the names and references of what it is connected to ("" where there is none)."""

    id: int
    reference: str
    hotel_id: int
    hotel: str
    kind: Kind
    paper: Paper
    source: Source
    supplier_id: int | None
    seller_name: str
    seller_npwp: str
    seller_key: str
    number: str
    invoice_at: datetime
    invoice_on: date
    period: str
    currency: str
    rate: str
    net_minor: int
    vat_minor: int
    is_adjustment: bool
    note: str
    entered_by: str
    entered_at: datetime
    live: bool
    void_reason: str
    voided_by: str
    voided_at: datetime | None
    evidenced: bool
    confirmation: Confirmation
    confirmed_net_minor: int | None
    claim_id: int | None
    credits: str
    replaces: str
    replaced_by: str
    batch: str
    expected_purchase_id: int | None


_LINES: Final = (
    "SELECT l.*, d.reference, d.seller_name, d.number, d.paper, d.entered_at, d.is_adjustment, d.confirmation,"
    " d.claim_id FROM purchase_line l JOIN purchase_document d ON d.id = l.document_id"
)
_DOCUMENTS: Final = (
    "SELECT d.*, h.name AS hotel, e.name AS entered_name, v.name AS voided_name, c.reference AS credits,"
    " r.reference AS replaces, n.reference AS replaced_by, b.reference AS batch FROM purchase_document d"
    " JOIN organisation h ON h.id = d.hotel_id JOIN person e ON e.id = d.entered_by"
    " LEFT JOIN person v ON v.id = d.voided_by LEFT JOIN purchase_document c ON c.id = d.credits_id"
    " LEFT JOIN purchase_document r ON r.id = d.replaces_id LEFT JOIN purchase_document n ON n.replaces_id = d.id"
    " LEFT JOIN import_batch b ON b.id = d.batch_id"
)


# For assessments --------------------------------------------------------------------------------------------
async def stream_lines(hotel_id: int, period: str, *, live_only: bool = True) -> AsyncIterator[LineRow]:
    """Every line of a hotel's month in the order of entry, adjustments included, without holding them all."""
    live = " AND l.live = TRUE" if live_only else ""
    after = 0
    while True:
        rows = await db.fetch(
            f"{_LINES} WHERE l.hotel_id = $1 AND l.period = $2{live} AND l.id > $3 ORDER BY l.id LIMIT $4",
            hotel_id,
            period,
            after,
            _AT_ONCE,
        )
        for row in rows:
            yield _line(row)
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1]["id"]


async def grouped_lines(hotel_id: int, period: str) -> list[LineGroup]:
    """The live lines of a hotel's month added up by what an assessment asks of them: one scan of one index."""
    columns = "seller_key, category, origin, credit_note, evidenced, confirmed, related"
    rows = await db.fetch(
        f"SELECT {columns}, COUNT(*) AS line_count, CAST(SUM(net_minor) AS BIGINT) AS net FROM purchase_line"
        f" WHERE hotel_id = $1 AND period = $2 AND live = TRUE GROUP BY {columns} ORDER BY {columns}",
        hotel_id,
        period,
    )
    return [
        LineGroup(
            seller_key=row["seller_key"],
            category=row["category"],
            origin=Origin(row["origin"]),
            credit_note=bool(row["credit_note"]),
            evidenced=bool(row["evidenced"]),
            confirmed=bool(row["confirmed"]),
            related=bool(row["related"]),
            line_count=row["line_count"],
            net_minor=row["net"],
        )
        for row in rows
    ]


def _line(row: Row) -> LineRow:
    return LineRow(
        id=row["id"],
        document_id=row["document_id"],
        reference=row["reference"],
        position=row["position"],
        supplier_id=row["supplier_id"],
        seller_key=row["seller_key"],
        seller_name=row["seller_name"],
        number=row["number"],
        paper=Paper(row["paper"]),
        product_id=row["product_id"],
        description=row["description"],
        category=row["category"],
        quantity_milli=row["quantity_milli"],
        unit=row["unit"],
        amount=row["amount"],
        vat_percent=row["vat_percent"],
        net_minor=row["net_minor"],
        vat_minor=row["vat_minor"],
        credit_note=bool(row["credit_note"]),
        invoice_at=as_instant(row["invoice_at"]),
        entered_at=as_instant(row["entered_at"]),
        live=bool(row["live"]),
        origin=Origin(row["origin"]),
        origin_decided=bool(row["origin_decided"]),
        evidenced=bool(row["evidenced"]),
        confirmed=bool(row["confirmed"]),
        related=bool(row["related"]),
        is_adjustment=bool(row["is_adjustment"]),
        confirmation=Confirmation(row["confirmation"]),
        claim_id=row["claim_id"],
    )


# Single documents -------------------------------------------------------------------------------------------
async def get_document(reference: str, hotel_ids: frozenset[int] | None = None) -> DocumentRow | None:
    """A document by its reference; of these hotels only, when they are given."""
    row = await db.fetch_one(f"{_DOCUMENTS} WHERE d.reference = $1", reference)
    if row is None or (hotel_ids is not None and row["hotel_id"] not in hotel_ids):
        return None
    return document_row(row)


async def get_document_by_id(document_id: int) -> DocumentRow | None:
    """A document by its id, for jobs and for features above."""
    row = await db.fetch_one(f"{_DOCUMENTS} WHERE d.id = $1", document_id)
    return document_row(row) if row else None


async def list_lines(document_ids: list[int]) -> dict[int, list[LineRow]]:
    """The lines of some documents, by document, in their order."""
    found: dict[int, list[LineRow]] = {document_id: [] for document_id in document_ids}
    if document_ids:
        places = ", ".join(f"${n}" for n in range(1, len(document_ids) + 1))
        for row in await db.fetch(
            f"{_LINES} WHERE l.document_id IN ({places}) ORDER BY l.document_id, l.position", *document_ids
        ):
            found[row["document_id"]].append(_line(row))
    return found


def document_row(row: Row) -> DocumentRow:
    """A row of a document joined with the names it shows."""
    names: dict[str, Any] = {
        name: row[name] or "" for name in ("credits", "replaces", "replaced_by", "batch")
    }
    return DocumentRow(
        id=row["id"],
        reference=row["reference"],
        hotel_id=row["hotel_id"],
        hotel=row["hotel"],
        kind=Kind(row["kind"]),
        paper=Paper(row["paper"]),
        source=Source(row["source"]),
        supplier_id=row["supplier_id"],
        seller_name=row["seller_name"],
        seller_npwp=row["seller_npwp"],
        seller_key=row["seller_key"],
        number=row["number"],
        invoice_at=as_instant(row["invoice_at"]),
        invoice_on=as_date(row["invoice_on"]),
        period=row["period"],
        currency=row["currency"],
        rate=row["rate"],
        net_minor=row["net_minor"],
        vat_minor=row["vat_minor"],
        is_adjustment=bool(row["is_adjustment"]),
        note=row["note"],
        entered_by=row["entered_name"],
        entered_at=as_instant(row["entered_at"]),
        live=row["status"] == "live",
        void_reason=row["void_reason"],
        voided_by=row["voided_name"] or "",
        voided_at=as_instant_or_none(row["voided_at"]),
        evidenced=bool(row["evidenced"]),
        confirmation=Confirmation(row["confirmation"]),
        confirmed_net_minor=row["confirmed_net_minor"],
        claim_id=row["claim_id"],
        expected_purchase_id=row["expected_purchase_id"],
        **names,
    )
