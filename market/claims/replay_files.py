"""A decided claim as the file that `python -m market assess` reads: figures and codes, no names and no papers.

Suppliers of the directory are called by their codes; other sellers are numbered in the claim's order, so that
lines of one seller stay together without saying who it is. Officers' rulings are in the lines already.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final

from market import db
from market.claims import programme, reckoning, rulings, snapshot
from market.claims.lines import Line
from market.claims.periods import Period
from market.claims.rule_json import rule_as_json
from market.claims.snapshot import FrozenLine
from market.db.sql import as_json
from market.suppliers.rows import load_suppliers

PUBLIC_STATES: Final = ("recommended", "effective", "superseded")


@dataclass(frozen=True, slots=True)
class Recomputable:
    """A claim's file, and the award that assessing it gives."""

    content: dict[str, Any]
    award: int


async def file_of(reference: str) -> Recomputable | None:
    """The file of a claim whose award is recommended or in effect; None for any other."""
    row = await db.fetch_one(
        "SELECT c.id, c.period, c.rule_id, c.state, c.tax_principal_minor, c.decided_assessment,"
        " c.decided_award_minor, (SELECT p.given_minor FROM budget_part p JOIN budget_round r ON r.id = p.round_id"
        " WHERE p.claim_id = c.id AND r.state = 'effective') AS given FROM claim c WHERE c.reference = $1",
        reference,
    )
    if row is None or row["state"] not in PUBLIC_STATES:
        return None
    rule = (await programme.get(row["rule_id"])).rule
    frozen = await snapshot.read(row["id"])
    inputs: Mapping[str, Any] = as_json(row["decided_assessment"])["inputs"]
    counted = rulings.counted(frozen, await reckoning.rulings_of(row["id"]), rule)
    shared = row["given"] is not None and row["state"] != "recommended"
    content: dict[str, Any] = {
        "rule": rule_as_json(rule),
        "period": str(Period.parse(row["period"])),
        "tax_principal": row["tax_principal_minor"],
        "awarded_this_year": inputs["awarded_this_year"],
        # What a shared budget left of the award caps it; nothing else of the budget is this claim's.
        "budget": row["given"] if shared else inputs["budget"],
        "lines": _lines(counted, await _codes(frozen)),
    }
    return Recomputable(content, row["decided_award_minor"])


async def _codes(lines: Iterable[FrozenLine]) -> dict[str, str]:
    """What each seller is called in public."""
    found: dict[str, str] = {}
    sellers = {line.seller_key: line.supplier_id for line in lines}
    known = await load_suppliers({number for number in sellers.values() if number is not None})
    unlisted = itertools.count(1)
    for key, number in sellers.items():
        row = known.get(number) if number is not None else None
        found[key] = row.code if row else f"U-{next(unlisted)}"
    return found


def _lines(lines: Iterable[Line], codes: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "id": line.id,
            "supplier": codes[str(line.supplier)],
            "category": line.category,
            "origin": line.origin.value,
            "invoice_at": line.invoice_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "net": line.net,
            "credit_note": line.credit_note,
            "evidenced": line.evidenced,
            "confirmed": line.confirmed,
            "related": line.related,
        }
        for line in lines
    ]
