"""What others say about documents and lines, reckoned again from the facts: evidence, the supplier's word, the
origin of the goods, and whether buyer and seller are related.

Called in the same transaction as the fact that changes it. Documents that a claim has frozen keep the standing
they were submitted with. Everything is done by the database, a set at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from market import db
from market.values.periods import Period

DEFAULT_LIMIT: Final = 5_000_000
_CHUNK: Final = 5_000

# E-invoices prove themselves: the file they were read from is kept.
_SHOWN: Final = (
    "(d.source IN ('ubl', 'coretax') OR EXISTS (SELECT 1 FROM evidence e WHERE e.document_id = d.id"
    " AND e.state IN ('waiting', 'ready')))"
)
_LIMIT: Final = (
    "COALESCE((SELECT v.limit_minor FROM evidence_limit v WHERE v.from_period <= d.period"
    f" ORDER BY v.from_period DESC LIMIT 1), {DEFAULT_LIMIT})"
)
_EVIDENCED: Final = f"({_SHOWN} AND (d.paper IN ('tax_invoice', 'delivery_note') OR d.net_minor <= {_LIMIT}))"
# A credit note takes back what another document claims, so it stands as that one stands.
_DOCUMENTS: Final = (
    "UPDATE purchase_document SET evidenced = x.evidenced FROM"
    f" (SELECT d.id, {_EVIDENCED} AS evidenced FROM purchase_document d WHERE {{scope}}) AS x"
    " WHERE x.id = purchase_document.id AND purchase_document.evidenced <> x.evidenced"
)
_RELATED: Final = (
    "(EXISTS (SELECT 1 FROM hotel_profile h WHERE h.organisation_id = d.hotel_id AND ("
    "(h.npwp <> '' AND (h.npwp = d.seller_npwp OR h.npwp = s.npwp)) OR (h.nib <> '' AND h.nib = s.nib)))"
    " OR EXISTS (SELECT 1 FROM membership a JOIN membership b ON b.person_id = a.person_id"
    " WHERE a.organisation_id = d.hotel_id AND b.organisation_id = s.organisation_id))"
)
_LINES: Final = (
    "UPDATE purchase_line SET live = x.live, evidenced = x.evidenced, confirmed = x.confirmed,"
    " related = x.related, origin = x.origin, origin_decided = x.origin_decided FROM"
    " (SELECT y.id, y.live, y.evidenced, y.confirmed, y.related, y.found IS NOT NULL AS origin_decided,"
    " COALESCE(y.found, 'X') AS origin FROM"
    " (SELECT l.id, d.status = 'live' AS live,"
    " CASE WHEN d.kind = 'credit_note' THEN COALESCE(c.evidenced, TRUE) ELSE d.evidenced END AS evidenced,"
    " CASE WHEN d.kind = 'credit_note' THEN COALESCE(c.confirmation = 'yes', TRUE)"
    " ELSE d.confirmation = 'yes' END AS confirmed,"
    f" {_RELATED} AS related,"
    " (SELECT o.origin FROM origin_decision o JOIN supplier_product p ON p.id = o.product_id"
    " WHERE o.id = (SELECT MAX(m.id) FROM origin_decision m WHERE m.product_id = l.product_id)"
    " AND o.about = p.judged_as AND o.expires_on >= d.invoice_on) AS found"
    " FROM purchase_line l JOIN purchase_document d ON d.id = l.document_id"
    " LEFT JOIN purchase_document c ON c.id = d.credits_id"
    " LEFT JOIN supplier s ON s.id = d.supplier_id WHERE {scope}) AS y) AS x"
    " WHERE x.id = purchase_line.id AND (purchase_line.live <> x.live OR purchase_line.evidenced <> x.evidenced"
    " OR purchase_line.confirmed <> x.confirmed OR purchase_line.related <> x.related"
    " OR purchase_line.origin <> x.origin OR purchase_line.origin_decided <> x.origin_decided)"
)
_OPEN: Final = "d.claim_id IS NULL"


async def refresh(
    document_ids: Sequence[int] | None = None,
    *,
    hotel_id: int | None = None,
    period: str | None = None,
    supplier_id: int | None = None,
    product_id: int | None = None,
    batch_id: int | None = None,
) -> int:
    """Reckon the standing of some documents again: by id, a hotel's month, or everything of a supplier, product or
    import; credit notes that cite them follow. How many lines changed. Frozen documents keep theirs.
    """
    async with db.transaction():
        if document_ids is not None:
            changed = 0
            for start in range(0, len(document_ids), _CHUNK):
                some = list(document_ids[start : start + _CHUNK])
                places = ", ".join(f"${n}" for n in range(1, len(some) + 1))
                changed += await _reckon(f"(d.id IN ({places}) OR d.credits_id IN ({places}))", some)
            return changed
        given = {
            "d.hotel_id": hotel_id,
            "d.period": period,
            "d.supplier_id": supplier_id,
            "d.batch_id": batch_id,
        }
        chosen = {column: value for column, value in given.items() if value is not None}
        values: list[Any] = list(chosen.values())
        wheres = [f"{column} = ${n}" for n, column in enumerate(chosen, start=1)]
        if product_id is not None:
            values.append(product_id)
            wheres.append(
                f"d.id IN (SELECT q.document_id FROM purchase_line q WHERE q.product_id = ${len(values)})"
            )
        if not wheres:
            raise ValueError("say what to reckon again")
        return await _reckon(" AND ".join(wheres), values)


async def _reckon(where: str, values: Sequence[Any]) -> int:
    scope = f"{_OPEN} AND {where}"
    await db.execute(_DOCUMENTS.format(scope=scope), *values)
    return await db.execute(_LINES.format(scope=scope), *values)


async def set_evidence_limit(from_period: str, limit_minor: int, now: datetime) -> None:
    """From this month on, up to this net value a plain receipt is evidence enough; open months are reckoned again.

    A new version of the programme's rule calls it. Without any, the limit is `DEFAULT_LIMIT`.
    """
    Period.parse(from_period)
    async with db.transaction():
        await db.execute(
            "INSERT INTO evidence_limit (from_period, limit_minor, set_at) VALUES ($1, $2, $3)"
            " ON CONFLICT (from_period) DO UPDATE SET limit_minor = $2, set_at = $3",
            from_period,
            limit_minor,
            now,
        )
        await _reckon("d.period >= $1", [from_period])


async def evidence_limit(period: str) -> int:
    """Up to which net value a plain receipt is evidence enough in a month."""
    row = await db.fetch_one(
        "SELECT limit_minor FROM evidence_limit WHERE from_period <= $1 ORDER BY from_period DESC LIMIT 1",
        period,
    )
    return row["limit_minor"] if row else DEFAULT_LIMIT
