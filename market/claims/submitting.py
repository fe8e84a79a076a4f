"""Submitting a claim: everything checked once more, purchases frozen and copied, reckoned, and written into the
public log, in one transaction. From then on the claim is the office's; what the hotel may still say is in
`answering`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from market import db
from market.claims import claiming, programme, snapshot
from market.claims import claiming_queries as queries
from market.claims.assess_file import as_json as public_json
from market.claims.assessment import Assessment, assess
from market.claims.claiming import Checked
from market.claims.claiming_queries import ClaimRow
from market.claims.dashboard_queries import awarded_in_year
from market.claims.states import NotNow, State, check_move
from market.db.sql import to_json
from market.errors import Refused
from market.sourcing import locks
from market.transparency import log
from market.values.text import lazy


class NotReady(Refused):
    """Something on the checklist keeps the claim back. Facts: `checks`."""

    code = "claim_not_ready"
    message = lazy("Something on the checklist is still missing. Nothing was submitted.")


@dataclass(frozen=True, slots=True)
class Inputs:
    """What an assessment reads besides rule and lines; kept with its result, so that anybody can repeat it."""

    tax_principal: int
    awarded_this_year: int
    budget: int | None


async def checklist(claim: ClaimRow, *, now: datetime) -> tuple[Checked, ...]:
    """The checks of a draft as they stand now."""
    rule = (await programme.get(claim.rule_id)).rule
    ledger, _ = await queries.ledger_of(claim.hotel_id, claim.period, rule)
    return claiming.checks(
        rule,
        claim.period,
        claim.stated,
        ledger,
        [one.kind for one in claim.documents],
        now=now,
        correction=claim.is_correction,
    )


async def submit(claim: ClaimRow, *, by: int, now: datetime) -> int:
    """Submit a draft; the position of its entry in the public log.

    Raises NotReady with what stands in the way, NotNow when it is no draft any more, and `locks.Locked` when
    another claim holds the month.
    """
    async with db.transaction():
        held = await _held(claim, now)
        # Frozen first, so that what is checked is what is copied; a refusal takes the lock back with it.
        if held.is_correction:
            await locks.freeze_adjustments(held.hotel_id, str(held.period), held.id)
        else:
            await locks.freeze(held.hotel_id, str(held.period), held.id, now)
        wrong = claiming.stands_in_the_way(await checklist(held, now=now))
        if wrong:
            raise NotReady(checks=[one.check.value for one in wrong])
        line_count, digest = await snapshot.freeze(held.id, held.hotel_id, held.period)
        inputs, result = await _reckon(held)
        index = await _log(held, line_count, digest, inputs, result, now)
        await _write(held, line_count, digest, inputs, result, by=by, now=now, index=index)
    return index


async def _held(claim: ClaimRow, now: datetime) -> ClaimRow:
    check_move(claim.state, State.SUBMITTED)
    changed = await db.execute(
        "UPDATE claim SET updated_at = $1 WHERE id = $2 AND state = 'draft'", now, claim.id
    )
    found = await queries.get_claim_by_id(claim.id)
    if not changed or found is None:
        raise NotNow(start=claim.state.value, to=State.SUBMITTED.value)
    return found


async def _reckon(claim: ClaimRow) -> tuple[Inputs, Assessment]:
    """The assessment of the frozen lines with what the hotel stated."""
    rule = (await programme.get(claim.rule_id)).rule
    inputs = Inputs(
        tax_principal=claim.stated.tax_principal or 0,
        awarded_this_year=await awarded_in_year(claim.hotel_id, claim.period),
        budget=None,
    )
    lines = [line.as_line() for line in await snapshot.read(claim.id)]
    result = await asyncio.to_thread(
        assess,
        rule,
        claim.period,
        lines,
        tax_principal=inputs.tax_principal,
        awarded_this_year=inputs.awarded_this_year,
        budget=inputs.budget,
    )
    return inputs, result


def assessment_json(inputs: Inputs, result: Assessment) -> dict[str, Any]:
    """An assessment as claims keep it: its inputs, and the public result without the list of lines left out.

    That list is made again from the lines whenever somebody wants it.
    """
    shown = public_json(result)
    del shown["excluded"]
    return {
        "inputs": {
            "tax_principal": inputs.tax_principal,
            "awarded_this_year": inputs.awarded_this_year,
            "budget": inputs.budget,
        },
        "result": shown,
    }


async def _log(
    claim: ClaimRow, line_count: int, digest: str, inputs: Inputs, result: Assessment, now: datetime
) -> int:
    entry = await log.append(
        "claim.submitted",
        subject=f"claim:{claim.reference}",
        facts={
            "hotel": claim.hotel_id,
            "stated_total": claim.stated.total,
            "statements": queries.statements_of(claim.stated),
            "documents": [one.sha256 for one in claim.documents],
            **assessment_json(inputs, result),
        },
        public={
            "period": str(claim.period),
            "correction": claim.is_correction,
            "lines": line_count,
            "lines_sha256": digest,
        },
        now=now,
    )
    return entry.index


async def _write(
    claim: ClaimRow,
    line_count: int,
    digest: str,
    inputs: Inputs,
    result: Assessment,
    *,
    by: int,
    now: datetime,
    index: int,
) -> None:
    await db.execute(
        "UPDATE claim SET state = 'submitted', assessment = $1, local = $2, denominator_minor = $3, share = $4,"
        " award_minor = $5, capped_by = $6, line_count = $7, snapshot_sha256 = $8, submitted_by = $9,"
        " submitted_at = $10, submitted_index = $11, updated_at = $10 WHERE id = $12 AND state = 'draft'",
        to_json(assessment_json(inputs, result)),
        f"{result.local.numerator}/{result.local.denominator}",
        result.denominator,
        str(result.share) if result.share else "",
        result.award.amount,
        result.award.capped_by.value if result.award.capped_by else "",
        line_count,
        digest,
        by,
        now,
        index,
        claim.id,
    )
    await db.execute(
        "INSERT INTO claim_event (claim_id, name, from_state, to_state, person_id, log_index, at)"
        " VALUES ($1, 'submitted', 'draft', 'submitted', $2, $3, $4)",
        claim.id,
        by,
        index,
        now,
    )
