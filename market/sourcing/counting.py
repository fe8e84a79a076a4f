"""What of a document counts as local before any weight, and what keeps the rest from counting.

The plain sentence that a hotel reads on the document, in the mail after a supplier's answer, and on its dashboard.
Weights, caps and tiers belong to the programme's rule, above.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from market import db
from market.db.sql import Row
from market.suppliers.rows import places


@dataclass(frozen=True, slots=True)
class Counting:
    """Net rupiah of a document: what counts towards the local value, and what does not, by the first reason why."""

    counts_minor: int
    not_evidenced_minor: int
    not_confirmed_minor: int
    related_minor: int
    not_local_minor: int
    outside_minor: int


_NONE: Final = Counting(0, 0, 0, 0, 0, 0)
_OUTSIDE: Final = "('wages', 'tax', 'utilities', 'rent', 'finance', 'franchise_fees', 'intra_group')"
# The order in which reasons are looked for is the order of the assessment; goods without a local origin come first,
# because no paper would make them count.
_SUMS: Final = (
    " SUM(CASE WHEN r.reason = '' THEN r.net ELSE 0 END) AS counts,"
    " SUM(CASE WHEN r.reason = 'evidence' THEN r.net ELSE 0 END) AS evidence,"
    " SUM(CASE WHEN r.reason = 'confirmed' THEN r.net ELSE 0 END) AS confirmed,"
    " SUM(CASE WHEN r.reason = 'related' THEN r.net ELSE 0 END) AS related,"
    " SUM(CASE WHEN r.reason = 'origin' THEN r.net ELSE 0 END) AS origin,"
    " SUM(CASE WHEN r.reason = 'outside' THEN r.net ELSE 0 END) AS outside"
)
_REASONED: Final = (
    "SELECT l.document_id, CASE WHEN l.credit_note THEN -l.net_minor ELSE l.net_minor END AS net,"
    f" CASE WHEN l.category IN {_OUTSIDE} THEN 'outside' WHEN l.origin = 'X' THEN 'origin'"
    " WHEN l.related THEN 'related' WHEN NOT l.evidenced THEN 'evidence' WHEN NOT l.confirmed THEN 'confirmed'"
    " ELSE '' END AS reason FROM purchase_line l WHERE l.live = TRUE AND {where}"
)


async def of_documents(document_ids: Collection[int]) -> dict[int, Counting]:
    """What counts of some documents; a voided one counts nothing."""
    ids = sorted(document_ids)
    if not ids:
        return {}
    where = f"l.document_id IN ({places(len(ids))})"
    rows = await db.fetch(
        f"SELECT r.document_id,{_SUMS} FROM ({_REASONED.format(where=where)}) r GROUP BY r.document_id", *ids
    )
    found = {row["document_id"]: _counting(row) for row in rows}
    return {document_id: found.get(document_id, _NONE) for document_id in ids}


async def of_month(hotel_id: int, period: str) -> Counting:
    """What counts of a hotel's month, credit notes taken off."""
    sql = f"SELECT{_SUMS} FROM ({_REASONED.format(where='l.hotel_id = $1 AND l.period = $2')}) r"
    row = await db.fetch_one(sql, hotel_id, period)
    return _counting(row) if row else _NONE


def _counting(row: Row) -> Counting:
    names = ("counts", "evidence", "confirmed", "related", "origin", "outside")
    return Counting(*(int(row[name] or 0) for name in names))
