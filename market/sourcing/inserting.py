"""The rows of new documents, many at a time: one statement for hundreds of documents, one for their lines.

Decides nothing; `entry` has checked everything before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from market import db
from market.sourcing.rules import Kind, NewDocument, NewLine, Source
from market.values.ids import new_reference

_ROWS: Final = 400  # times the columns, below what either database takes in one statement
_DOCUMENT: Final = (
    "reference", "hotel_id", "kind", "credits_id", "paper", "supplier_id", "seller_name", "seller_npwp",
    "seller_key", "number", "number_key", "invoice_at", "invoice_on", "period", "currency", "rate", "net_minor",
    "vat_minor", "source", "batch_id", "replaces_id", "expected_purchase_id", "is_adjustment", "note",
    "entered_by", "entered_at",
)  # fmt: skip
_LINE: Final = (
    "document_id", "position", "hotel_id", "supplier_id", "seller_key", "period", "invoice_at", "credit_note",
    "product_id", "description", "category", "quantity_milli", "unit", "amount", "vat_percent", "net_minor",
    "vat_minor",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ready:
    """A checked document with everything that was found out about it."""

    document: NewDocument
    reference: str
    seller_key: str
    seller_npwp: str
    number_key: str
    credits_id: int | None
    is_adjustment: bool


def new_document_reference() -> str:
    """`P7K3FQ9MTX`: short enough to read out, rare enough for every purchase of a province."""
    return f"P{new_reference(9)}"


async def insert(
    ready: Sequence[Ready],
    *,
    hotel_id: int,
    by: int,
    now: datetime,
    source: Source,
    batch_id: int | None,
    replaces_id: int | None,
) -> list[int]:
    """Write documents, lines, the evidence they bring and the note that they were entered; their ids, in order."""
    rows = [
        _document(
            one, hotel_id=hotel_id, by=by, now=now, source=source, batch_id=batch_id, replaces_id=replaces_id
        )
        for one in ready
    ]
    made: dict[str, int] = {}
    for some in _slices(rows):
        for row in await db.fetch(
            f"{_values('purchase_document', _DOCUMENT, some)} RETURNING id, reference", *_flat(some)
        ):
            made[row["reference"]] = row["id"]
    ids = [made[one.reference] for one in ready]
    lines = [
        _line(one, line, position, document_id, hotel_id)
        for one, document_id in zip(ready, ids, strict=True)
        for position, line in enumerate(one.document.lines, start=1)
    ]
    for some in _slices(lines):
        await db.execute(_values("purchase_line", _LINE, some), *_flat(some))
    await _attach(ready, ids, hotel_id)
    name = "entered" if replaces_id is None else "replaced"
    await note(ids, hotel_id=hotel_id, name=name, reason="", by=by, now=now, batch_id=batch_id)
    return ids


def _document(
    one: Ready,
    *,
    hotel_id: int,
    by: int,
    now: datetime,
    source: Source,
    batch_id: int | None,
    replaces_id: int | None,
) -> tuple[Any, ...]:
    document = one.document
    return (
        one.reference,
        hotel_id,
        document.kind.value,
        one.credits_id,
        document.paper.value,
        document.supplier_id,
        document.seller_name.strip(),
        one.seller_npwp,
        one.seller_key,
        document.number.strip(),
        one.number_key,
        document.invoice_at,
        document.invoice_on,
        document.period,
        document.currency,
        document.rate,
        document.net_minor,
        document.vat_minor,
        source.value,
        batch_id,
        replaces_id,
        document.expected_purchase_id,
        one.is_adjustment,
        document.note.strip(),
        by,
        now,
    )


def _line(one: Ready, line: NewLine, position: int, document_id: int, hotel_id: int) -> tuple[Any, ...]:
    document = one.document
    return (
        document_id,
        position,
        hotel_id,
        document.supplier_id,
        one.seller_key,
        document.period,
        document.invoice_at,
        document.kind is Kind.CREDIT_NOTE,
        line.product_id,
        line.description.strip(),
        line.category,
        line.quantity_milli,
        line.unit.strip(),
        line.amount,
        line.vat_percent,
        line.net_minor,
        line.vat_minor,
    )


async def _attach(ready: Sequence[Ready], ids: Sequence[int], hotel_id: int) -> None:
    """Photos that waited in the hotel's inbox belong to their document now."""
    for one, document_id in zip(ready, ids, strict=True):
        for reference in one.document.evidence:
            await db.execute(
                "UPDATE evidence SET document_id = $1 WHERE reference = $2 AND hotel_id = $3"
                " AND document_id IS NULL AND state <> 'withdrawn'",
                document_id,
                reference,
                hotel_id,
            )


async def note(
    ids: Sequence[int],
    *,
    hotel_id: int,
    name: str,
    reason: str,
    by: int | None,
    now: datetime,
    batch_id: int | None = None,
) -> None:
    """Write down what happened to some documents."""
    columns = ("hotel_id", "document_id", "batch_id", "name", "reason", "person_id", "at")
    rows = [(hotel_id, document_id, batch_id, name, reason, by, now) for document_id in ids]
    for some in _slices(rows):
        await db.execute(_values("purchase_event", columns, some), *_flat(some))


def _slices(rows: Sequence[tuple[Any, ...]]) -> Iterator[Sequence[tuple[Any, ...]]]:
    for start in range(0, len(rows), _ROWS):
        yield rows[start : start + _ROWS]


def _values(table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> str:
    width = len(columns)
    places = ", ".join(
        f"({', '.join(f'${n}' for n in range(1 + width * row, 1 + width * (row + 1)))})"
        for row in range(len(rows))
    )
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {places}"


def _flat(rows: Sequence[tuple[Any, ...]]) -> list[Any]:
    return [value for row in rows for value in row]
