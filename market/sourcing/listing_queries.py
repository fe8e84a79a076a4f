"""Reads for the ledger's own pages: a month's documents by filter, its sums, expected purchases, the inbox, history.

A constant number of queries a page, however large the month is. Limited to the hotel given.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from market import db
from market.db.sql import Row, as_date, as_instant, as_json
from market.i18n.locales import pick
from market.sourcing.queries import DocumentRow, LineRow, document_row, list_lines
from market.sourcing.rules import Confirmation
from market.suppliers.offering import Unit
from market.suppliers.rows import places

PAGE: Final = 25
_EXPORTED_AT_ONCE: Final = 500
_SIGNED: Final = "CASE WHEN d.kind = 'credit_note' THEN -d.net_minor ELSE d.net_minor END"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for in a month. `state` is a confirmation's, or `no_evidence`, `void` or `all`."""

    hotel_id: int
    period: str
    q: str = ""
    category: str = ""
    origin: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Sums:
    """A month's documents that match: how many, their net value, and what is missing on them."""

    count: int
    net_minor: int
    without_evidence: int
    waiting: int
    disputed: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A document in the list, with its lines and how many photos or files belong to it."""

    document: DocumentRow
    lines: tuple[LineRow, ...]
    evidence_count: int


@dataclass(frozen=True, slots=True)
class ExpectedRow:
    """A purchase that was agreed on and is not logged yet. Net rupiah."""

    id: int
    hotel_id: int
    supplier_id: int
    supplier: str
    supplier_code: str
    product_id: int
    product: dict[str, str]
    category: str
    quantity: int
    unit: Unit
    net_minor: int
    expected_on: date

    def product_name(self, locale: str) -> str:
        return pick(self.product, locale)


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """A photo or file of a hotel."""

    id: int
    reference: str
    hotel_id: int
    document_id: int | None
    document: str
    media_type: str
    filename: str
    byte_count: int
    state: str
    has_preview: bool
    added_by: str
    added_at: datetime

    @property
    def is_pdf(self) -> bool:
        return self.media_type == "application/pdf"


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happened to a document; `person` is "" when nobody of ours did it."""

    name: str
    reason: str
    person: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What a supplier said, by which way, and through whom."""

    answer: Confirmation
    net_minor: int | None
    words: str
    way: str
    person: str
    agent: str
    answered_at: datetime


# The list ---------------------------------------------------------------------------------------------------
def _where(wanted: Wanted) -> tuple[str, list[Any]]:
    values: list[Any] = [wanted.hotel_id, wanted.period]
    where = ["d.hotel_id = $1", "d.period = $2"]
    if wanted.state == "void":
        where.append("d.status = 'void'")
    elif wanted.state != "all":
        where.append("d.status = 'live'")
    if wanted.state == "no_evidence":
        where.append("d.kind = 'purchase' AND NOT d.evidenced")
    elif wanted.state in set(Confirmation):
        values.append(wanted.state)
        where.append(f"d.kind = 'purchase' AND d.confirmation = ${len(values)}")
    if wanted.q:
        escaped = wanted.q.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values.append(f"%{escaped}%")
        like = f"LIKE ${len(values)} ESCAPE '\\'"
        where.append(
            f"(LOWER(d.seller_name) {like} OR LOWER(d.number) {like} OR LOWER(d.reference) {like} OR EXISTS"
            f" (SELECT 1 FROM purchase_line w WHERE w.document_id = d.id AND LOWER(w.description) {like}))"
        )
    if wanted.category:
        values.append(wanted.category)
        where.append(
            "EXISTS (SELECT 1 FROM purchase_line k WHERE k.document_id = d.id"
            f" AND k.category = ${len(values)})"
        )
    if wanted.origin:
        local = "<>" if wanted.origin == "local" else "="
        where.append(
            f"EXISTS (SELECT 1 FROM purchase_line o WHERE o.document_id = d.id AND o.origin {local} 'X')"
        )
    return " AND ".join(where), values


_COLUMNS: Final = (
    "SELECT d.*, h.name AS hotel, e.name AS entered_name, v.name AS voided_name, c.reference AS credits,"
    " r.reference AS replaces, n.reference AS replaced_by, b.reference AS batch,"
    " (SELECT COUNT(*) FROM evidence x WHERE x.document_id = d.id AND x.state IN ('waiting', 'ready'))"
    " AS evidence_count FROM purchase_document d"
    " JOIN organisation h ON h.id = d.hotel_id JOIN person e ON e.id = d.entered_by"
    " LEFT JOIN person v ON v.id = d.voided_by LEFT JOIN purchase_document c ON c.id = d.credits_id"
    " LEFT JOIN purchase_document r ON r.id = d.replaces_id LEFT JOIN purchase_document n ON n.replaces_id = d.id"
    " LEFT JOIN import_batch b ON b.id = d.batch_id"
)


async def list_documents(wanted: Wanted, *, offset: int = 0, limit: int = PAGE) -> list[Listed]:
    """A page of a month's documents, newest day first."""
    where, values = _where(wanted)
    # The page is found in the index first; names are joined to those few only.
    found = await db.fetch(
        f"{_COLUMNS} WHERE d.id IN (SELECT d.id FROM purchase_document d WHERE {where}"
        f" ORDER BY d.invoice_on DESC, d.id DESC LIMIT ${len(values) + 1} OFFSET ${len(values) + 2})"
        " ORDER BY d.invoice_on DESC, d.id DESC",
        *values,
        limit,
        offset,
    )
    return await _with_lines(found)


async def _with_lines(rows: list[Row]) -> list[Listed]:
    lines = await list_lines([row["id"] for row in rows])
    return [Listed(document_row(row), tuple(lines[row["id"]]), row["evidence_count"]) for row in rows]


async def sums(wanted: Wanted) -> Sums:
    """How many documents match and what they come to; credit notes are taken off."""
    where, values = _where(wanted)

    def count(condition: str) -> str:
        return f"SUM(CASE WHEN d.status = 'live' AND d.kind = 'purchase' AND {condition} THEN 1 ELSE 0 END)"

    row = await db.fetch_one(
        f"SELECT COUNT(*) AS n, COALESCE(SUM({_SIGNED}), 0) AS net, {count('NOT d.evidenced')} AS bare,"
        f" {count(_IN.format(_states('asked', 'silent')))} AS waiting,"
        f" {count(_IN.format(_states('other_amount', 'not_mine')))} AS disputed"
        f" FROM purchase_document d WHERE {where}",
        *values,
    )
    if row is None:
        return Sums(0, 0, 0, 0, 0)
    return Sums(
        row["n"], int(row["net"]), int(row["bare"] or 0), int(row["waiting"] or 0), int(row["disputed"] or 0)
    )


_IN: Final = "d.confirmation IN ({})"


def _states(*states: str) -> str:
    return ", ".join(f"'{state}'" for state in states)


async def stream_documents(wanted: Wanted) -> AsyncIterator[Listed]:
    """Every document that matches, oldest first, without holding them all: for files."""
    where, values = _where(wanted)
    after = 0
    while True:
        found = await db.fetch(
            f"{_COLUMNS} WHERE {where} AND d.id > ${len(values) + 1} ORDER BY d.id LIMIT ${len(values) + 2}",
            *values,
            after,
            _EXPORTED_AT_ONCE,
        )
        for one in await _with_lines(found):
            yield one
        if len(found) < _EXPORTED_AT_ONCE:
            return
        after = found[-1]["id"]


async def hotel_names(hotel_ids: Collection[int]) -> list[tuple[int, str]]:
    """These hotels with their names, by name."""
    ids = sorted(hotel_ids)
    if not ids:
        return []
    rows = await db.fetch(
        f"SELECT id, name FROM organisation WHERE id IN ({places(len(ids))}) AND kind = 'hotel' ORDER BY name, id",
        *ids,
    )
    return [(row["id"], row["name"]) for row in rows]


async def months_of(hotel_id: int) -> list[str]:
    """The months in which a hotel logged anything, newest first."""
    rows = await db.fetch(
        "SELECT DISTINCT period FROM purchase_document WHERE hotel_id = $1 ORDER BY period DESC LIMIT 240",
        hotel_id,
    )
    return [row["period"] for row in rows]


# Expected purchases -----------------------------------------------------------------------------------------
_EXPECTED: Final = (
    "SELECT x.*, s.name AS supplier, s.code AS supplier_code, p.texts AS product_texts FROM expected_purchase x"
    " JOIN supplier s ON s.id = x.supplier_id JOIN supplier_product p ON p.id = x.product_id"
    " WHERE NOT EXISTS (SELECT 1 FROM purchase_document d WHERE d.expected_purchase_id = x.id"
    " AND d.status = 'live')"
)


async def list_expected(hotel_id: int, *, limit: int = 20) -> list[ExpectedRow]:
    """What was agreed on and is not logged yet, soonest first."""
    rows = await db.fetch(
        f"{_EXPECTED} AND x.hotel_id = $1 ORDER BY x.expected_on, x.id LIMIT $2", hotel_id, limit
    )
    return [_expected(row) for row in rows]


async def get_expected(expected_id: int, hotel_ids: frozenset[int]) -> ExpectedRow | None:
    """One expected purchase of these hotels that is not logged yet."""
    row = await db.fetch_one(f"{_EXPECTED} AND x.id = $1", expected_id)
    return _expected(row) if row and row["hotel_id"] in hotel_ids else None


def _expected(row: Row) -> ExpectedRow:
    texts = as_json(row["product_texts"])
    return ExpectedRow(
        id=row["id"],
        hotel_id=row["hotel_id"],
        supplier_id=row["supplier_id"],
        supplier=row["supplier"],
        supplier_code=row["supplier_code"],
        product_id=row["product_id"],
        product={locale: words["name"] for locale, words in texts.items() if words.get("name")},
        category=row["category"],
        quantity=row["quantity"],
        unit=Unit(row["unit"]),
        net_minor=row["net_minor"],
        expected_on=as_date(row["expected_on"]),
    )


# Evidence and history ---------------------------------------------------------------------------------------
_EVIDENCE: Final = (
    "SELECT e.*, d.reference AS document, p.name AS person FROM evidence e JOIN person p ON p.id = e.added_by"
    " LEFT JOIN purchase_document d ON d.id = e.document_id WHERE e.state <> 'withdrawn'"
)


async def list_inbox(hotel_id: int, *, limit: int = 100) -> list[EvidenceRow]:
    """Photos that belong to no document yet, oldest first."""
    rows = await db.fetch(
        f"{_EVIDENCE} AND e.hotel_id = $1 AND e.document_id IS NULL ORDER BY e.id LIMIT $2", hotel_id, limit
    )
    return [_evidence(row) for row in rows]


async def count_inbox(hotel_id: int) -> int:
    """How many photos wait to be logged."""
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM evidence WHERE hotel_id = $1 AND document_id IS NULL"
        " AND state IN ('waiting', 'ready', 'failed')",
        hotel_id,
    )
    return int(row["n"]) if row else 0


async def list_evidence(document_id: int) -> list[EvidenceRow]:
    """The photos and files of a document."""
    rows = await db.fetch(f"{_EVIDENCE} AND e.document_id = $1 ORDER BY e.id", document_id)
    return [_evidence(row) for row in rows]


async def list_evidence_by_reference(references: Collection[str], hotel_id: int) -> list[EvidenceRow]:
    """These photos of a hotel, as far as they are its own and belong to no document yet."""
    wanted = sorted(set(references))
    if not wanted:
        return []
    rows = await db.fetch(
        f"{_EVIDENCE} AND e.hotel_id = $1 AND e.document_id IS NULL"
        f" AND e.reference IN ({places(len(wanted), 2)}) ORDER BY e.id",
        hotel_id,
        *wanted,
    )
    return [_evidence(row) for row in rows]


def _evidence(row: Row) -> EvidenceRow:
    return EvidenceRow(
        id=row["id"],
        reference=row["reference"],
        hotel_id=row["hotel_id"],
        document_id=row["document_id"],
        document=row["document"] or "",
        media_type=row["media_type"],
        filename=row["filename"],
        byte_count=row["byte_count"],
        state=row["state"],
        has_preview=bool(row["preview_key"]),
        added_by=row["person"],
        added_at=as_instant(row["added_at"]),
    )


async def list_events(document_id: int) -> list[EventRow]:
    """What happened to a document, oldest first."""
    rows = await db.fetch(
        "SELECT v.name, v.reason, v.at, p.name AS person FROM purchase_event v"
        " LEFT JOIN person p ON p.id = v.person_id WHERE v.document_id = $1 ORDER BY v.id",
        document_id,
    )
    return [EventRow(row["name"], row["reason"], row["person"] or "", as_instant(row["at"])) for row in rows]


async def list_answers(document_ids: Collection[int]) -> dict[int, list[AnswerRow]]:
    """What suppliers said about some documents, newest first."""
    ids = sorted(document_ids)
    found: dict[int, list[AnswerRow]] = {document_id: [] for document_id in ids}
    if not ids:
        return found
    rows = await db.fetch(
        "SELECT a.*, p.name AS person, o.name AS agent FROM confirmation_answer a"
        " LEFT JOIN person p ON p.id = a.person_id LEFT JOIN organisation o ON o.id = a.agent_id"
        f" WHERE a.document_id IN ({places(len(ids))}) ORDER BY a.id DESC",
        *ids,
    )
    for row in rows:
        found[row["document_id"]].append(
            AnswerRow(
                answer=Confirmation(row["answer"]),
                net_minor=row["net_minor"],
                words=row["words"],
                way=row["way"],
                person=row["person"] or "",
                agent=row["agent"] or "",
                answered_at=as_instant(row["answered_at"]),
            )
        )
    return found
