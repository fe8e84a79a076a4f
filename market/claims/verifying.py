"""The verifier's work on a claim, and a reviewer's on an objection: tasks by hand, flags, decisions line by line.

Nothing here closes a step; that is `deciding`. Every decision on a line is a new row and the newest holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from market import db
from market.claims import lots, rulings, snapshot, steps
from market.claims.lots import Chair
from market.claims.rulings import Verdict
from market.claims.states import NotNow, State
from market.claims.steps import ClaimHead
from market.claims.tasks import BY_HAND, Task, TaskState
from market.db.sql import as_json, execute_many
from market.errors import Invalid, NotFound
from market.values.text import Text, lazy

RESOLUTIONS: Final[dict[str, Text]] = {
    "explained": lazy("Explained"),
    "corrected": lazy("Corrected"),
    "line_removed": lazy("Line taken out of the calculation"),
    "referred": lazy("Referred to another authority"),
}
_AT_WORK: Final = {Chair.VERIFIER: State.VERIFYING, Chair.REVIEWER: State.OBJECTED}


class LineRuling(NamedTuple):
    """A decision on one line as it comes from a form."""

    line_id: int
    verdict: Verdict
    reason: str = ""
    net: int | None = None
    note: str = ""


async def begin(reference: str, *, by: int, now: datetime) -> None:
    """The verifier opens the file: from here on the clock of the office runs against a name."""
    async with db.transaction():
        claim = await steps.hold_row(reference)
        await lots.require_chair(claim, by, Chair.VERIFIER)
        await steps.move(claim, State.VERIFYING, name="verifying", by=by, now=now)


async def at_work(reference: str, by: int) -> tuple[ClaimHead, Chair]:
    """The claim and the chair of whoever may work on its lines now. Raises NotYours, NotNow, OnHold.

    Inside a transaction.
    """
    claim = await steps.hold_row(reference)
    chair = await lots.require_chair(claim, by, *_AT_WORK)
    if claim.state is not _AT_WORK[chair]:
        raise NotNow(state=claim.state.value)
    return claim, chair


async def finish_task(
    reference: str, task: Task, state: TaskState, note: str, *, by: int, now: datetime
) -> None:
    """Write down what an officer saw by hand; again, when looking twice. A task that is not passed says why."""
    if task not in BY_HAND or state is TaskState.OPEN:
        raise NotFound
    if state is not TaskState.PASSED and not note:
        raise Invalid(message=lazy("Say what you saw."), field="note")
    async with db.transaction():
        claim, _ = await at_work(reference, by)
        await db.execute(
            "UPDATE claim_task SET state = $1, note = $2, done_by = $3, done_at = $4"
            " WHERE claim_id = $5 AND name = $6",
            state.value,
            note,
            by,
            now,
            claim.id,
            task.value,
        )
        await steps.tell(
            claim, f"task.{task.value}", by=by, now=now, reason=f"{state.value}: {note}".rstrip(": ")
        )


async def resolve_flag(
    reference: str, flag_id: int, resolution: str, note: str, *, by: int, now: datetime
) -> None:
    """Say what came of a flag. A second time replaces the first, and both stand in the claim's story."""
    if resolution not in RESOLUTIONS:
        raise Invalid(message=lazy("Choose one of the options."), field="resolution")
    if not note:
        raise Invalid(message=lazy("Say how it was resolved, for whoever reads this later."), field="note")
    async with db.transaction():
        claim, _ = await at_work(reference, by)
        rows = await db.fetch(
            "UPDATE claim_flag SET resolution = $1, note = $2, resolved_by = $3, resolved_at = $4"
            " WHERE id = $5 AND claim_id = $6 RETURNING rule",
            resolution,
            note,
            by,
            now,
            flag_id,
            claim.id,
        )
        if not rows:
            raise NotFound
        await steps.tell(
            claim, "flag.resolved", by=by, now=now, reason=f"{rows[0]['rule']}: {resolution}. {note}"
        )


async def rule_lines(reference: str, wanted: Sequence[LineRuling], *, by: int, now: datetime) -> None:
    """Decide on lines, each with its coded reason. Raises BadRuling for the first that does not fit."""
    async with db.transaction():
        claim, chair = await at_work(reference, by)
        await steps.require_open(claim)
        lines = {line.line_id: line for line in await snapshot.read(claim.id)}
        for one in wanted:
            if one.line_id not in lines:
                raise NotFound
            rulings.check(lines[one.line_id], one.verdict, one.reason, one.net)
        await _insert(claim, chair, wanted, by, now)


async def _insert(
    claim: ClaimHead, chair: Chair, wanted: Sequence[LineRuling], by: int, now: datetime
) -> None:
    if not wanted:
        return
    await execute_many(
        "INSERT INTO line_decision (claim_id, line_id, verdict, net_minor, reason, note, person_id, chair,"
        " decided_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [
            [claim.id, one.line_id, one.verdict.value, one.net, one.reason, one.note, by, chair.value, now]
            for one in wanted
        ],
    )


async def accept_unflagged(reference: str, *, by: int, now: datetime) -> int:
    """Accept every undecided line without a flag that the sample did not draw; how many.

    Lines that somebody must look at (flagged, drawn) are never accepted in bulk.
    """
    async with db.transaction():
        claim, chair = await at_work(reference, by)
        await steps.require_open(claim)
        must_see = await to_look_at(claim.id)
        rows = await db.fetch(
            "SELECT line_id FROM claim_line l WHERE l.claim_id = $1 AND NOT EXISTS (SELECT 1 FROM line_decision d"
            " WHERE d.claim_id = l.claim_id AND d.line_id = l.line_id)",
            claim.id,
        )
        free = [row["line_id"] for row in rows if row["line_id"] not in must_see]
        await _insert(claim, chair, [LineRuling(line, Verdict.ACCEPT) for line in free], by, now)
        if free:
            await steps.tell(claim, "lines.accepted", by=by, now=now, reason=str(len(free)))
    return len(free)


async def flagged_lines(claim_id: int) -> frozenset[int]:
    """The claim's own lines that a flag names, by themselves or with their paper."""
    rows = await db.fetch("SELECT line_id, rule, records FROM claim_flag WHERE claim_id = $1", claim_id)
    documents = {number for row in rows for number in _documents(row["records"])}
    lines = await db.fetch("SELECT line_id, document_id FROM claim_line WHERE claim_id = $1", claim_id)
    named = {row["line_id"] for row in rows if row["line_id"] is not None}
    return frozenset(row["line_id"] for row in lines if row["document_id"] in documents) | named


def _documents(records: object) -> list[int]:
    found = as_json(records)
    return list(found.get("documents", [])) if isinstance(found, dict) else []


async def sampled_lines(claim_id: int) -> frozenset[int]:
    """The lines that the claim's sample drew; none while it is not drawn, or where there is none."""
    for draw in await lots.draws_of(claim_id):
        if draw.kind is lots.DrawKind.SAMPLE and draw.result is not None:
            return frozenset(int(line) for _, line in draw.result["hits"])
    return frozenset()


async def to_look_at(claim_id: int) -> frozenset[int]:
    """The lines nobody may accept in bulk: flagged ones and drawn ones."""
    return await flagged_lines(claim_id) | await sampled_lines(claim_id)
