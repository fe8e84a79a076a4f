"""Papers that are in the ledger already: one seller's number counts once, whoever enters it.

The database's unique index has the last word; this finds the first paper beforehand, so that it can be named.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from market import db
from market.errors import Refused
from market.sourcing.keys import number_key, seller_key
from market.sourcing.rules import NewDocument, stored_npwp
from market.values.text import lazy

_CHUNK: Final = 2_000


class Duplicate(Refused):
    """The paper is in the ledger already. Facts: `reference` of the first one, `own` when this hotel entered it."""

    code = "duplicate"

    def __init__(self, reference: str, *, own: bool) -> None:
        message = (
            lazy("This paper is logged already as %(reference)s.", reference=reference)
            if own
            else lazy("Another hotel has already logged a paper of this seller with this number.")
        )
        super().__init__(message=message, reference=reference, own=own)


async def find_duplicates(documents: Sequence[NewDocument], *, hotel_id: int) -> list[Duplicate | None]:
    """For each document the paper that stands in its way: one of the ledger, or an earlier one of the list."""
    keys = [_key(document) for document in documents]
    known = await _known(sorted({key for key in keys if key[1]}), hotel_id)
    found: list[Duplicate | None] = []
    for key in keys:
        found.append(known.get(key) if key[1] else None)
        if key[1] and key not in known:
            known[key] = Duplicate("", own=True)
    return found


def _key(document: NewDocument) -> tuple[str, str, str]:
    npwp = stored_npwp(document.seller_npwp)
    seller = seller_key(supplier_id=document.supplier_id, npwp=npwp, name=document.seller_name)
    return seller, number_key(document.number), document.kind.value


async def _known(
    keys: Sequence[tuple[str, str, str]], hotel_id: int
) -> dict[tuple[str, str, str], Duplicate]:
    known: dict[tuple[str, str, str], Duplicate] = {}
    for start in range(0, len(keys), _CHUNK):
        some = keys[start : start + _CHUNK]
        values = [value for key in some for value in key]
        asked = ", ".join(f"(${3 * n + 1}, ${3 * n + 2}, ${3 * n + 3})" for n in range(len(some)))
        rows = await db.fetch(
            f"WITH asked(seller_key, number_key, kind) AS (VALUES {asked})"
            " SELECT d.reference, d.hotel_id, d.seller_key, d.number_key, d.kind FROM asked a"
            " JOIN purchase_document d ON d.seller_key = a.seller_key AND d.number_key = a.number_key"
            " AND d.kind = a.kind AND d.status = 'live' AND d.number_key <> ''",
            *values,
        )
        for row in rows:
            key = (row["seller_key"], row["number_key"], row["kind"])
            known[key] = Duplicate(row["reference"], own=row["hotel_id"] == hotel_id)
    return known
