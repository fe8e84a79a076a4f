"""The machine's part of a claim: automatic tasks and flags after submission, then the lot is committed.

Reads and rules run outside of any transaction; what they found is written in one. A claim whose month looks
perfect passes here exactly like one with fifty flags: nothing is decided.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime

from market import db
from market.claims import flag_reading, lots, reckoning, sampling, steps, tasks
from market.claims.flags import engine
from market.claims.flags.facts import ClaimFacts, Finding
from market.claims.seeds import SeedSource
from market.claims.states import State
from market.claims.steps import ClaimHead
from market.claims.tasks import Result, Subject
from market.db.sql import as_json, to_json


@dataclass(frozen=True, slots=True)
class Desk:
    """What the office's commands need of the process: where seeds come from, keys, and whether this is a demo."""

    seeds: SeedSource
    secrets: tuple[str, ...]
    demo: bool = False


async def run(reference: str, desk: Desk, *, now: datetime) -> None:
    """Check a submitted claim and commit its lot and its sample. Raises NotNow when that is done already."""
    claim = await steps.get(reference)
    steps.require(claim, State.SUBMITTED)
    facts = await flag_reading.read(claim.id, desk.secrets)
    subject = await _subject(claim, facts)
    results = await asyncio.to_thread(tasks.automatic, subject)
    found = await asyncio.to_thread(engine.run, facts)
    plan = await asyncio.to_thread(sampling.plan_for, facts.lines, facts.rule)
    async with db.transaction():
        claim = await steps.hold_row(reference)
        steps.require(claim, State.SUBMITTED)
        await _write_tasks(claim, [*results, *tasks.by_hand(subject)], now)
        await _write_flags(claim, found, now)
        due = steps.working_days_after(claim.submitted_at, steps.WORKING_DAYS)
        await steps.move(claim, State.CHECKING, name="checked", by=None, now=now, due_at=due)
        checked = await steps.hold_row(reference)
        if plan is not None:
            await lots.commit_sample(checked, plan, source=desk.seeds, now=now)
    await commit_lot(reference, desk, now=now)


async def commit_lot(reference: str, desk: Desk, *, now: datetime) -> bool:
    """Commit the lot of a checked claim; False while too few officers are free of conflicts."""
    claim = await steps.get(reference)
    steps.require(claim, State.CHECKING)
    try:
        await lots.commit_lot(claim, source=desk.seeds, secrets=desk.secrets, demo=desk.demo, now=now)
    except lots.TooFewOfficers:
        return False
    return True


async def _subject(claim: ClaimHead, facts: ClaimFacts) -> Subject:
    row = await db.fetch_one(
        "SELECT statements, documents, denominator_minor FROM claim WHERE id = $1", claim.id
    )
    if row is None:
        raise LookupError(claim.reference)
    said = as_json(row["statements"])
    explained = said.get("explained", {}) if isinstance(said, dict) else {}
    return Subject(
        rule=facts.rule,
        period=facts.period,
        lines=facts.lines,
        assessed=await reckoning.assess_as_submitted(claim, facts.lines),
        snapshot_sha256=claim.snapshot_sha256,
        award=claim.award,
        denominator=row["denominator_minor"] or 0,
        stated_total=claim.stated_total,
        explained=sum(int(amount) for amount in explained.values()),
        tax_principal=claim.tax_principal,
        document_count=len(as_json(row["documents"])),
        submitted_at=claim.submitted_at,
    )


async def _write_tasks(claim: ClaimHead, results: list[Result], now: datetime) -> None:
    for result in results:
        hand = result.task in tasks.BY_HAND
        await db.execute(
            "INSERT INTO claim_task (claim_id, name, automatic, state, found, done_at)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            claim.id,
            result.task.value,
            not hand,
            result.state.value,
            to_json(result.as_json()),
            None if hand else now,
        )


async def _write_flags(claim: ClaimHead, found: list[Finding], now: datetime) -> None:
    for one in found:
        shown = {"found": one.found, "expected": one.expected, **one.more}
        await db.execute(
            "INSERT INTO claim_flag (claim_id, rule, rule_version, subject, line_id, found, expected, facts,"
            " records, raised_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            claim.id,
            one.rule,
            one.version,
            one.subject,
            one.line_id,
            str(one.found.value),
            str(one.expected.value),
            to_json({"sentence": one.sentence, "figures": {k: f.as_json() for k, f in shown.items()}}),
            to_json({"documents": list(one.documents), "evidence": list(one.evidence)}),
            now,
        )
