"""Commands on origin: an officer finds where a product comes from. Findings are added, never changed.

Read by the purchase ledger and claims above, which weigh purchases by it. Who verifies a claim may not be who
decided the origin of its goods: `decided_by` is kept for that.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from market import db
from market.errors import NotFound
from market.outbox import queue
from market.suppliers import rules
from market.suppliers.models import OriginDecision, Product
from market.suppliers.offering import Origin
from market.web import page_cache

DECIDED: Final = "suppliers.origin_decided"
"""News that a product's origin was found; the purchase ledger above weighs its lines again."""


async def decide(
    product_id: int,
    origin: Origin,
    *,
    evidence: dict[str, str],
    office: str,
    by: int,
    expires_on: date,
    today: date,
    now: datetime,
) -> int:
    """Write down a finding on a product as it is now, with its evidence by locale; the finding's id.

    Refused to somebody who acts for the supplier or keeps its page.
    """
    async with db.transaction():
        product = await Product.get_or_none(id=product_id)
        if product is None:
            raise NotFound
        related = await is_related(product.supplier_id, by)
        rules.check_origin(decided_on=today, expires_on=expires_on, related=related)
        made = await OriginDecision.create(
            product_id=product_id,
            origin=origin.value,
            evidence=evidence,
            about=product.judged_as,
            decided_by=by,
            office=office,
            decided_on=today,
            expires_on=expires_on,
            created_at=now,
        )
        await page_cache.bump()
        await queue.add(DECIDED, {"product": product_id}, dedupe_key=f"{DECIDED}:{made.id}")
    return made.id


async def is_related(supplier_id: int, person_id: int) -> bool:
    """Whether a person acts for a supplier, or for a BUMDes or cooperative that keeps or kept its page."""
    row = await db.fetch_one(
        "SELECT EXISTS (SELECT 1 FROM membership m WHERE m.person_id = $1 AND m.organisation_id IN"
        " (SELECT s.organisation_id FROM supplier s WHERE s.id = $2"
        " UNION SELECT a.agent_id FROM supplier_agent a WHERE a.supplier_id = $2)) AS related",
        person_id,
        supplier_id,
    )
    return row is not None and bool(row["related"])
