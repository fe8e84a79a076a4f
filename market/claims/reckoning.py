"""The assessment of a submitted claim, as it came in and after the officers' decisions on single lines.

Always with the rule version of the claim and from its frozen lines; never from the ledger. The year's cap counts
what other months were awarded meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from market import db
from market.claims import programme, rulings, snapshot
from market.claims.assess_file import as_json as public_json
from market.claims.assessment import Assessment, assess
from market.claims.dashboard_queries import awarded_in_year
from market.claims.rule_versions import RuleVersion
from market.claims.rulings import Ruling, Verdict
from market.claims.snapshot import FrozenLine
from market.claims.steps import ClaimHead
from market.db.sql import as_json


@dataclass(frozen=True, slots=True)
class Reckoned:
    """An assessment with what went into it; `as_json` is what decisions keep."""

    rule: RuleVersion
    result: Assessment
    tax_principal: int
    awarded_this_year: int
    budget: int | None

    def as_json(self) -> dict[str, Any]:
        """Inputs and the public result, without the list of lines left out: that is made again at will."""
        shown = public_json(self.result)
        del shown["excluded"]
        return {
            "rule": self.rule.version,
            "inputs": {
                "tax_principal": self.tax_principal,
                "awarded_this_year": self.awarded_this_year,
                "budget": self.budget,
            },
            "result": shown,
        }

    @property
    def share(self) -> str:
        """The exact share as text; "" where there is none."""
        return str(self.result.share) if self.result.share else ""


async def rulings_of(claim_id: int) -> dict[int, Ruling]:
    """The newest decision on each line of a claim that has one."""
    rows = await db.fetch(
        "SELECT d.line_id, d.verdict, d.net_minor FROM line_decision d WHERE d.claim_id = $1 AND d.id ="
        " (SELECT MAX(m.id) FROM line_decision m WHERE m.claim_id = d.claim_id AND m.line_id = d.line_id)",
        claim_id,
    )
    return {row["line_id"]: Ruling(Verdict(row["verdict"]), row["net_minor"]) for row in rows}


async def assess_as_submitted(claim: ClaimHead, lines: Sequence[FrozenLine]) -> Assessment:
    """The assessment with the inputs that the claim itself wrote down: it must give the same again."""
    row = await db.fetch_one("SELECT assessment FROM claim WHERE id = $1", claim.id)
    kept: Mapping[str, Any] = as_json(row["assessment"]) if row and row["assessment"] else {}
    inputs: Mapping[str, Any] = kept.get("inputs", {})
    rule = (await programme.get(claim.rule_id)).rule
    return await asyncio.to_thread(
        assess,
        rule,
        claim.period,
        [line.as_line() for line in lines],
        tax_principal=claim.tax_principal,
        awarded_this_year=int(inputs.get("awarded_this_year", 0)),
        budget=inputs.get("budget"),
    )


async def assess_as_decided(claim: ClaimHead, lines: Sequence[FrozenLine] | None = None) -> Reckoned:
    """The assessment after every decision on lines so far."""
    frozen = await snapshot.read(claim.id) if lines is None else lines
    rule = (await programme.get(claim.rule_id)).rule
    found = await rulings_of(claim.id)
    awarded = await awarded_in_year(claim.hotel_id, claim.period)
    # The programme's budget is shared out afterwards, among all claims of a month (see `budget`).
    result = await asyncio.to_thread(
        lambda: assess(
            rule,
            claim.period,
            rulings.counted(frozen, found, rule),
            tax_principal=claim.tax_principal,
            awarded_this_year=awarded,
        )
    )
    return Reckoned(rule, result, claim.tax_principal, awarded, None)
