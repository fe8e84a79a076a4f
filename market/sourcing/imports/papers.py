"""The documents of an import's file as they stand now: read from its rows, with the hotel's corrections in place.

Reads the stored file and rows, decides nothing and writes nothing but how far it is. What to do with the
documents: `working`.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from market import db
from market.db.sql import Row, as_json
from market.media.storage import Storage
from market.outbox.tools import Tools
from market.settings import Settings
from market.sourcing.imports import coretax, rows, ubl
from market.sourcing.imports.batches import open_file
from market.sourcing.imports.judging import Paper, known_seller
from market.sourcing.imports.rows import CellProblem, Known, ReadRow, documents_of, read_row
from market.sourcing.keys import folded, number_key
from market.suppliers import identifiers
from market.values.text import lazy

TABLES: Final = frozenset({"csv", "xlsx"})
_PORTION: Final = 1_000
Wrong = dict[int, tuple[CellProblem, ...]]


async def known_sellers() -> Known:
    """Suppliers of the directory by NPWP and by name; a name that two bear finds nobody."""
    found = await db.fetch("SELECT id, name, npwp FROM supplier WHERE status <> 'draft'")
    names = Counter(folded(row["name"]) for row in found)
    by_npwp: dict[str, int] = {}
    for row in found:
        try:
            by_npwp[identifiers.npwp(row["npwp"]).value] = row["id"]
        except identifiers.WrongIdentifier:
            continue
    return Known(
        by_npwp, {folded(row["name"]): row["id"] for row in found if names[folded(row["name"])] == 1}
    )


def invoices_in(kind: str, data: bytes, known: Known) -> list[ubl.ReadDocument]:
    return coretax.read(data, known) if kind == "coretax" else ubl.read(data, known)


async def left_out_of(batch_id: int) -> set[int]:
    found = await db.fetch(
        "SELECT row_number FROM import_row WHERE batch_id = $1 AND outcome = 'left_out'", batch_id
    )
    return {row["row_number"] for row in found}


async def papers_of(batch: Row, tools: Tools, left_out: set[int]) -> tuple[list[Paper], Wrong]:
    """The documents of a file as they stand now, and the problems of rows that could not be read."""
    known = await known_sellers()
    if batch["format"] in TABLES:
        return await _papers_of_table(batch, known, left_out)
    data = await open_file(batch, tools.of(Storage), tools.of(Settings).secrets)
    invoices = await asyncio.to_thread(invoices_in, batch["format"], data, known)
    numbers = {one.document.number: one for one in invoices if one.document is not None}
    cited = await _cited(batch["hotel_id"], [one for one in invoices if one.cites])
    papers: list[Paper] = []
    wrong: Wrong = {}
    for one in invoices:
        if one.position in left_out:
            continue
        if one.document is None:
            wrong[one.position] = one.problems
        elif one.cites and one.cites not in cited and one.cites not in numbers:
            words = lazy("The invoice %(number)s that it takes back is not in your ledger.", number=one.cites)
            wrong[one.position] = (CellProblem("BillingReference", "credits", "nothing_to_credit", words),)
        else:
            document = replace(one.document, credits=cited.get(one.cites, ""))
            papers.append(Paper(document, (one.position,)))
    return papers, wrong


async def _cited(hotel_id: int, invoices: Sequence[ubl.ReadDocument]) -> dict[str, str]:
    """References of the ledger's documents that credit notes cite by the seller's number."""
    cited: dict[str, str] = {}
    for one in invoices:
        if one.document is None:
            continue
        row = await db.fetch_one(
            "SELECT reference FROM purchase_document WHERE hotel_id = $1 AND number_key = $2 AND seller_key = $3"
            " AND kind = 'purchase' AND status = 'live'",
            hotel_id,
            number_key(one.cites),
            known_seller(one.document),
        )
        if row is not None:
            cited[one.cites] = row["reference"]
    return cited


async def _papers_of_table(batch: Row, known: Known, left_out: set[int]) -> tuple[list[Paper], Wrong]:
    kept = as_json(batch["settings"])
    columns: dict[str, int] = kept["columns"]
    read: list[ReadRow] = []
    wrong: Wrong = {}
    after, done = int(kept["heading_row"]), 0
    while True:
        found = await db.fetch(
            "SELECT row_number, cells, edits FROM import_row WHERE batch_id = $1 AND row_number > $2"
            " ORDER BY row_number LIMIT $3",
            batch["id"],
            after,
            _PORTION,
        )
        if not found:
            break
        after, done = found[-1]["row_number"], done + len(found)
        wanted = [row for row in found if row["row_number"] not in left_out]
        for number, outcome in await asyncio.to_thread(_read_rows, wanted, columns, known):
            if outcome.row is None:
                wrong[number] = outcome.problems
            else:
                read.append(outcome.row)
        await db.execute("UPDATE import_batch SET done_count = $1 WHERE id = $2", done, batch["id"])
    documents = await asyncio.to_thread(documents_of, read)
    return [Paper(document, numbers) for document, numbers in documents], wrong


def _read_rows(
    found: Sequence[Row], columns: Mapping[str, int], known: Known
) -> list[tuple[int, rows.Outcome]]:
    read: list[tuple[int, rows.Outcome]] = []
    for row in found:
        cells, placed = edited(as_json(row["cells"]), as_json(row["edits"]), columns)
        read.append((row["row_number"], read_row(row["row_number"], cells, placed, known)))
    return read


def edited(
    cells: list[str], edits: Mapping[str, str], columns: Mapping[str, int]
) -> tuple[list[str], dict[str, int]]:
    """A row with its corrections in place; a field without a column of its own gets one behind the others."""
    kept, placed = list(cells), dict(columns)
    for field, value in edits.items():
        at = placed.setdefault(field, max(len(kept), max(placed.values(), default=-1) + 1))
        kept += [""] * (at + 1 - len(kept))
        kept[at] = value
    return kept, placed
