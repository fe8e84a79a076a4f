"""What hotels spent locally, claim by claim: reads of lines that counted in claims in effect.

Only purchases that passed every check of an award in effect are published; what a hotel merely entered is its own
business. One query, whatever the number of claims; sums by supplier, category and origin.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from market import db
from market.claims import programme
from market.claims.lines import Origin
from market.claims.periods import Period
from market.db.sql import as_instant
from market.opendata.parties import Party, parties, traders_by_area
from market.suppliers.rows import load_suppliers


@dataclass(frozen=True, slots=True)
class Spent:
    """What one hotel bought from one supplier in one month, of one category and origin: net rupiah that counted."""

    claim: str
    hotel_id: int
    period: str
    supplier_id: int
    category: str
    origin: Origin
    net: int
    line_count: int


@dataclass(frozen=True, slots=True)
class HotelParty:
    """A hotel as open data shows it."""

    id: int
    code: str
    name: str
    slug: str
    area_code: str


_NEWEST = (
    "LEFT JOIN line_decision d ON d.id = (SELECT MAX(m.id) FROM line_decision m"
    " WHERE m.claim_id = l.claim_id AND m.line_id = l.line_id)"
)
_COUNTED = "CASE WHEN d.verdict = 'amount' THEN d.net_minor ELSE l.net_minor END"
_PASSES = (
    "l.supplier_id IS NOT NULL AND l.origin <> 'X' AND l.evidenced AND NOT l.related"
    " AND (l.confirmed OR (NOT l.credit_note AND l.net_minor < {waived}))"
    " AND (d.id IS NULL OR d.verdict IN ('accept', 'amount'))"
)


async def spent(period: str = "") -> list[Spent]:
    """Everything that counted in claims in effect; of one month, when it is named."""
    waived = await _waived_below()
    month = "AND c.period = $1" if period else ""
    rows = await db.fetch(
        "SELECT c.reference, c.hotel_id, c.period, l.supplier_id, l.category, l.origin,"
        f" CAST(SUM(CASE WHEN l.credit_note THEN -({_COUNTED}) ELSE {_COUNTED} END) AS BIGINT) AS net,"
        " COUNT(*) AS line_count FROM claim c JOIN claim_line l ON l.claim_id = c.id"
        f" {_NEWEST} WHERE c.state = 'effective' {month} AND {_PASSES.format(waived=waived)}"
        " GROUP BY c.reference, c.hotel_id, c.period, l.supplier_id, l.category, l.origin"
        " ORDER BY c.period, c.reference, l.supplier_id, l.category, l.origin",
        *([period] if period else []),
    )
    return [
        Spent(
            claim=row["reference"],
            hotel_id=row["hotel_id"],
            period=row["period"],
            supplier_id=row["supplier_id"],
            category=row["category"],
            origin=Origin(row["origin"]),
            net=row["net"],
            line_count=row["line_count"],
        )
        for row in rows
        if row["net"] > 0
    ]


async def _waived_below() -> str:
    """SQL for the amount below which the claim's rule asks for no confirmation."""
    stored = [one for one in await programme.list_versions() if one.rule.confirm_required_from]
    if not stored:
        return "0"
    cases = " ".join(f"WHEN {one.id} THEN {one.rule.confirm_required_from}" for one in stored)
    return f"(CASE c.rule_id {cases} ELSE 0 END)"


async def suppliers(ids: Iterable[int]) -> dict[int, Party]:
    """Suppliers as they are called in public."""
    rows = await db.fetch(
        "SELECT area_code FROM supplier WHERE sole_trader AND NOT name_consent AND status <> 'draft'"
    )
    traders = traders_by_area(row["area_code"] for row in rows)
    return parties((await load_suppliers(set(ids))).values(), traders)


async def people_employed(ids: Iterable[int]) -> int:
    """People who work at these suppliers, as the suppliers state."""
    return sum(row.people_count or 0 for row in (await load_suppliers(set(ids))).values())


async def hotels(ids: Iterable[int]) -> dict[int, HotelParty]:
    """Hotels by id."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    places = ", ".join(f"${n}" for n in range(1, len(wanted) + 1))
    rows = await db.fetch(
        "SELECT o.id, o.name, o.slug, p.code, p.area_code FROM organisation o"
        f" LEFT JOIN hotel_profile p ON p.organisation_id = o.id WHERE o.id IN ({places})",
        *wanted,
    )
    return {
        row["id"]: HotelParty(
            row["id"], row["code"] or row["slug"], row["name"], row["slug"], row["area_code"] or ""
        )
        for row in rows
    }


async def months() -> list[tuple[Period, datetime]]:
    """Months with awards in effect and when the last of them took effect, the latest month first."""
    rows = await db.fetch(
        "SELECT period, MAX(effective_at) AS at FROM claim WHERE state = 'effective' GROUP BY period"
        " ORDER BY period DESC"
    )
    return [(Period.parse(row["period"]), as_instant(row["at"])) for row in rows]
