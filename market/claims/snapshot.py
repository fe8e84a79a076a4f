"""The frozen purchases of a claim: copied at submission, hashed, and read back for every later calculation.

What the ledger says afterwards does not reach a submitted claim. The hash stands in the public log; whoever has
the lines can make it again with `digest`. Who may submit, and when, is decided elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from market import db
from market.claims.lines import Line, Origin
from market.db.sql import Row, as_instant
from market.values.periods import Period

_COPY = (
    "INSERT INTO claim_line (claim_id, line_id, position, document_id, document_reference, number, seller_key,"
    " seller_name, supplier_id, product_id, description, category, quantity_milli, unit, invoice_at, entered_at,"
    " net_minor, credit_note, origin, evidenced, confirmed, related, confirmation, confirmed_net_minor)"
    " SELECT $1, l.id, ROW_NUMBER() OVER (ORDER BY l.invoice_at, l.document_id, l.position, l.id), l.document_id,"
    " d.reference, d.number, l.seller_key, d.seller_name, l.supplier_id, l.product_id, l.description, l.category,"
    " l.quantity_milli, l.unit, l.invoice_at, d.entered_at, l.net_minor, l.credit_note, l.origin, l.evidenced,"
    " l.confirmed, l.related, d.confirmation, d.confirmed_net_minor"
    " FROM purchase_line l JOIN purchase_document d ON d.id = l.document_id"
    " WHERE l.hotel_id = $2 AND l.period = $3 AND l.live = TRUE"
)


class FrozenLine(NamedTuple):
    """One purchase as the claim saw it. `position` counts from 1 in the order of the sample."""

    line_id: int
    position: int
    document_id: int
    document_reference: str
    number: str
    seller_key: str
    seller_name: str
    supplier_id: int | None
    product_id: int | None
    description: str
    category: str
    quantity_milli: int | None
    unit: str
    invoice_at: datetime
    entered_at: datetime
    net_minor: int
    credit_note: bool
    origin: Origin
    evidenced: bool
    confirmed: bool
    related: bool
    confirmation: str
    confirmed_net_minor: int | None

    def as_line(self) -> Line:
        """The line as the calculation reads it."""
        return Line(
            id=self.line_id,
            supplier=self.seller_key,
            category=self.category,
            origin=self.origin,
            invoice_at=self.invoice_at,
            net=self.net_minor,
            credit_note=self.credit_note,
            evidenced=self.evidenced,
            confirmed=self.confirmed,
            related=self.related,
        )


COLUMNS = ", ".join(FrozenLine._fields)


async def freeze(claim_id: int, hotel_id: int, period: Period) -> tuple[int, str]:
    """Copy the live lines of a hotel's period into the claim, inside the submitting transaction.

    Returns how many there are and the hash over them.
    """
    if not db.in_transaction():
        raise RuntimeError("lines are frozen in the transaction that submits the claim")
    await db.execute(_COPY, claim_id, hotel_id, str(period))
    lines = await read(claim_id)
    return len(lines), digest(lines)


async def read(claim_id: int) -> list[FrozenLine]:
    """All lines of a claim in their order."""
    rows = await db.fetch(f"SELECT {COLUMNS} FROM claim_line WHERE claim_id = $1 ORDER BY position", claim_id)
    return [line_of(row) for row in rows]


def line_of(row: Row) -> FrozenLine:
    """A row that holds (at least) the columns of a frozen line."""
    values = {name: row[name] for name in FrozenLine._fields}
    for name in ("credit_note", "evidenced", "confirmed", "related"):
        values[name] = bool(values[name])
    values["origin"] = Origin(values["origin"])
    values["invoice_at"] = as_instant(values["invoice_at"])
    values["entered_at"] = as_instant(values["entered_at"])
    return FrozenLine(**values)


def digest(lines: Iterable[FrozenLine]) -> str:
    """SHA-256 over one JSON array a line, in their order, each ended by a line feed (hexadecimal).

    An array holds: line id, document, seller, category, origin, instant of the invoice in UTC, net rupiah, and
    whether it is a credit note, evidenced, confirmed, related.
    """
    found = hashlib.sha256()
    for line in lines:
        found.update(written(line))
    return found.hexdigest()


def written(line: FrozenLine) -> bytes:
    """A line as `digest` hashes it."""
    at = line.invoice_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    facts = [
        line.line_id,
        line.document_reference,
        line.seller_key,
        line.category,
        line.origin.value,
        at,
        line.net_minor,
        line.credit_note,
        line.evidenced,
        line.confirmed,
        line.related,
    ]
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
