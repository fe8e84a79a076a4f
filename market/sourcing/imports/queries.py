"""Reads of imports for their pages: a hotel's list, one import with its counts, and its rows of one outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from market import db
from market.db.sql import Row, as_instant, as_json
from market.i18n.locales import pick
from market.sourcing.imports.batches import WAITING, checked_as


@dataclass(frozen=True, slots=True)
class BatchRow:
    """An import. `problem` says in the reader's language what went wrong with all of it, "" when nothing did."""

    id: int
    reference: str
    hotel_id: int
    format: str
    filename: str
    sha256: str
    state: str
    settings: Mapping[str, Any]
    row_count: int
    done_count: int
    counts: Mapping[str, int]
    problem: str
    by: str
    created_at: datetime
    seen: str

    @property
    def works(self) -> bool:
        return self.state in WAITING


@dataclass(frozen=True, slots=True)
class Problem:
    at: str
    field: str
    words: str


@dataclass(frozen=True, slots=True)
class ImportRow:
    """A row of a file: its cells with corrections beside, what became of it, and the document it entered."""

    number: int
    outcome: str
    cells: Sequence[str]
    edits: Mapping[str, str]
    problems: Sequence[Problem]
    document: str


_COLUMNS = (
    "b.*, p.name AS by_name, (SELECT COUNT(*) FROM import_row r WHERE r.batch_id = b.id"
    " AND r.outcome = 'left_out') AS left_out FROM import_batch b JOIN person p ON p.id = b.created_by"
)


async def list_batches(hotel_id: int, language: str, *, limit: int = 50) -> list[BatchRow]:
    """A hotel's imports, newest first."""
    found = await db.fetch(
        f"SELECT {_COLUMNS} WHERE b.hotel_id = $1 AND b.state <> 'discarded' ORDER BY b.id DESC LIMIT $2",
        hotel_id,
        limit,
    )
    return [_batch(row, language) for row in found]


async def get_batch(reference: str, hotel_ids: frozenset[int], language: str) -> BatchRow | None:
    """An import of one of these hotels."""
    row = await db.fetch_one(f"SELECT {_COLUMNS} WHERE b.reference = $1", reference)
    return _batch(row, language) if row is not None and row["hotel_id"] in hotel_ids else None


def _batch(row: Row, language: str) -> BatchRow:
    return BatchRow(
        id=row["id"],
        reference=row["reference"],
        hotel_id=row["hotel_id"],
        format=row["format"],
        filename=row["filename"],
        sha256=row["sha256"],
        state=row["state"],
        settings=as_json(row["settings"]),
        row_count=row["row_count"],
        done_count=row["done_count"],
        counts={name: row[f"{name}_count"] for name in ("new", "changed", "duplicate", "error")}
        | {"left_out": row["left_out"]},
        problem=pick(as_json(row["problem"]), language) if row["problem"] else "",
        by=row["by_name"],
        created_at=as_instant(row["created_at"]),
        seen=checked_as(row),
    )


async def list_rows(
    batch_id: int, outcome: str, language: str, *, offset: int = 0, limit: int = 25
) -> list[ImportRow]:
    """The rows with one outcome, in the file's order."""
    found = await db.fetch(
        "SELECT r.*, d.reference FROM import_row r LEFT JOIN purchase_document d ON d.id = r.document_id"
        " WHERE r.batch_id = $1 AND r.outcome = $2 ORDER BY r.row_number LIMIT $3 OFFSET $4",
        batch_id,
        outcome,
        limit,
        offset,
    )
    return [_row(row, language) for row in found]


def _row(row: Row, language: str) -> ImportRow:
    return ImportRow(
        number=row["row_number"],
        outcome=row["outcome"],
        cells=as_json(row["cells"]),
        edits=as_json(row["edits"]),
        problems=[Problem(p["at"], p["field"], pick(p["words"], language)) for p in as_json(row["problems"])],
        document=row["reference"] or "",
    )


async def list_first_rows(batch_id: int, limit: int = 8) -> list[tuple[int, list[str]]]:
    """The beginning of a table, to tell its columns by."""
    found = await db.fetch(
        "SELECT row_number, cells FROM import_row WHERE batch_id = $1 ORDER BY row_number LIMIT $2",
        batch_id,
        limit,
    )
    return [(row["row_number"], as_json(row["cells"])) for row in found]
