"""What is to become of each document of a file, beside the ledger as it stands: new, changed, duplicate or an error.

Reads only. A paper with a number is known by seller and number; one without by seller, day, value and goods, as
often as it is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from market import db
from market.db.sql import Row, as_date
from market.sourcing import entry, locks
from market.sourcing.imports.rows import CellProblem
from market.sourcing.keys import seller_key
from market.sourcing.rules import NewDocument, stored_npwp
from market.values.text import lazy

_PORTION: Final = 1_000


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the file with its rows, and what is to become of it."""

    document: NewDocument
    rows: tuple[int, ...]
    outcome: str = "new"
    replaces: str = ""
    problems: tuple[CellProblem, ...] = ()

    def row_of(self, line_index: int | None) -> int:
        """The row a line came from; e-invoices are one row for all their lines."""
        return self.rows[line_index or 0] if len(self.rows) == len(self.document.lines) else self.rows[0]


def known_seller(document: NewDocument) -> str:
    """Under which key the ledger knows who sold it."""
    npwp = stored_npwp(document.seller_npwp)
    return seller_key(supplier_id=document.supplier_id, npwp=npwp, name=document.seller_name)


async def judge(hotel_id: int, papers: list[Paper], now: datetime) -> list[Paper]:
    """What is to become of each document: new, changed, duplicate, or an error with its cells."""
    locked = {
        period for period in {p.document.period for p in papers} if await locks.is_locked(hotel_id, period)
    }
    sound = [_sound(paper, locked, now) for paper in papers]
    usable = [paper for paper in sound if paper.outcome != "error"]
    duplicates = await entry.find_duplicates([paper.document for paper in usable], hotel_id=hotel_id)
    logged = await _logged(
        hotel_id, [d.facts["reference"] for d in duplicates if d is not None and d.facts["reference"]]
    )
    again = _Again(await _unnumbered(hotel_id, usable))
    judged: dict[tuple[int, ...], Paper] = {}
    for paper, duplicate in zip(usable, duplicates, strict=True):
        judged[paper.rows] = _against(paper, duplicate, logged, again)
    return [judged.get(paper.rows, paper) for paper in sound]


def _sound(paper: Paper, locked: set[str], now: datetime) -> Paper:
    """The paper by itself: what the ledger's own rules say, at the row each problem belongs to."""
    found = [
        CellProblem(str(paper.row_of(problem.line_index)), problem.field, problem.code, problem.message)
        for problem in entry.check(paper.document, now=now)
    ]
    if paper.document.period in locked:
        found.append(CellProblem(str(paper.rows[0]), "date", "period_locked", locks.Locked.message))
    return replace(paper, outcome="error", problems=tuple(found)) if found else paper


class _Again:
    """Papers without a number that are in the ledger already: as often as they are there, and no more often."""

    def __init__(self, logged: Counter[tuple[str, str, int, str]]) -> None:
        self._left = logged

    def seen(self, document: NewDocument) -> bool:
        key = unnumbered_key(document)
        if document.number or not self._left[key]:
            return False
        self._left[key] -= 1
        return True


def unnumbered_key(document: NewDocument) -> tuple[str, str, int, str]:
    """How a paper without a number is known again: seller, day, net value and what was bought first."""
    return (
        known_seller(document),
        document.invoice_on.isoformat(),
        document.net_minor,
        document.lines[0].description,
    )


async def _unnumbered(hotel_id: int, papers: Sequence[Paper]) -> Counter[tuple[str, str, int, str]]:
    days = [paper.document.invoice_on for paper in papers if not paper.document.number]
    if not days:
        return Counter()
    found = await db.fetch(
        "SELECT d.seller_key, d.invoice_on, d.net_minor, l.description FROM purchase_document d"
        " JOIN purchase_line l ON l.document_id = d.id AND l.position = (SELECT MIN(position) FROM purchase_line"
        " WHERE document_id = d.id) WHERE d.hotel_id = $1 AND d.status = 'live' AND d.number_key = ''"
        " AND d.invoice_on BETWEEN $2 AND $3",
        hotel_id,
        min(days),
        max(days),
    )
    return Counter(
        (row["seller_key"], as_date(row["invoice_on"]).isoformat(), row["net_minor"], row["description"])
        for row in found
    )


async def _logged(hotel_id: int, references: Sequence[str]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for start in range(0, len(references), _PORTION):
        some = references[start : start + _PORTION]
        places = ", ".join(f"${n}" for n in range(2, len(some) + 2))
        for row in await db.fetch(
            "SELECT reference, invoice_on, net_minor, vat_minor FROM purchase_document"
            f" WHERE hotel_id = $1 AND reference IN ({places})",
            hotel_id,
            *some,
        ):
            found[row["reference"]] = row
    return found


def _against(
    paper: Paper, duplicate: entry.Duplicate | None, logged: Mapping[str, Row], again: _Again
) -> Paper:
    """The paper beside the ledger."""
    document = paper.document
    if duplicate is None:
        return replace(paper, outcome="duplicate") if again.seen(document) else paper
    first = paper.rows[0]
    if not duplicate.facts["own"]:
        problem = CellProblem(str(first), "number", "duplicate", duplicate.message)
        return replace(paper, outcome="error", problems=(problem,))
    there = logged.get(duplicate.facts["reference"])
    if there is None:  # the same number twice in this file, on different days or in different currencies
        words = lazy("This number stands twice in the file, for different papers.")
        return replace(paper, outcome="error", problems=(CellProblem(str(first), "number", "twice", words),))
    same = as_date(there["invoice_on"]) == document.invoice_on and there["net_minor"] == document.net_minor
    if same and there["vat_minor"] == document.vat_minor:
        return replace(paper, outcome="duplicate", replaces=there["reference"])
    return replace(paper, outcome="changed", replaces=there["reference"])
