"""Questions to the hotel and holds: both stop the office's clock, and are given back to it when they end.

The hotel answers in `claiming_answers`. A question that nobody answered may be closed; what was not answered
weighs in the decision.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from market import db
from market.claims import conflicts, lots, steps
from market.claims.lots import Chair
from market.claims.models import Question
from market.claims.states import AT_WORK, State
from market.claims.steps import ClaimHead
from market.db.sql import as_instant
from market.errors import Invalid, NotFound, Refused
from market.values.ids import new_reference
from market.values.text import Text, lazy

ANSWER_WITHIN: Final = 5
"""Working days the hotel has for an answer."""
HOLD_REASONS: Final[dict[str, Text]] = {
    "site_visit": lazy("A visit on site is planned"),
    "other_authority": lazy("Another authority is asked"),
    "supplier_inquiry": lazy("A supplier is asked"),
    "court": lazy("A court case is open"),
    "other": lazy("Another reason"),
}
_ASKING: Final = (State.VERIFYING, State.APPROVING, State.AUDITING, State.OBJECTED)


async def ask(
    reference: str,
    words: str,
    *,
    by: int,
    now: datetime,
    line_id: int | None = None,
    flag_id: int | None = None,
) -> str:
    """Ask the hotel something, with 5 working days to answer; the question's reference."""
    if not words.strip():
        raise Invalid(message=lazy("Write the question."), field="question")
    async with db.transaction():
        claim = await steps.hold_row(reference)
        await lots.require_chair(claim, by, *Chair)
        steps.require(claim, *_ASKING)
        await _check_about(claim, line_id, flag_id)
        made = await Question.create(
            reference=new_reference(),
            claim_id=claim.id,
            line_id=line_id,
            flag_id=flag_id,
            question=words,
            asked_by=by,
            asked_at=now,
            due_at=steps.working_days_after(now, ANSWER_WITHIN),
            documents=[],
        )
        await steps.tell(claim, "asked", by=by, now=now, reason=words)
    return made.reference


async def _check_about(claim: ClaimHead, line_id: int | None, flag_id: int | None) -> None:
    row = await db.fetch_one(
        "SELECT ($1 = 0 OR EXISTS (SELECT 1 FROM claim_line l WHERE l.claim_id = $3 AND l.line_id = $1)) AS line,"
        " ($2 = 0 OR EXISTS (SELECT 1 FROM claim_flag f WHERE f.claim_id = $3 AND f.id = $2)) AS flag",
        line_id or 0,
        flag_id or 0,
        claim.id,
    )
    if row is None or not row["line"] or not row["flag"]:
        raise NotFound


async def close(reference: str, question: str, *, by: int, now: datetime) -> None:
    """Stop waiting for an answer. Refused while the hotel still has time."""
    async with db.transaction():
        claim = await steps.hold_row(reference)
        await lots.require_chair(claim, by, *Chair)
        row = await db.fetch_one(
            "SELECT id, asked_at, due_at FROM claim_question WHERE claim_id = $1 AND reference = $2"
            " AND closed_at IS NULL AND answered_at IS NULL",
            claim.id,
            question,
        )
        if row is None:
            raise NotFound
        if as_instant(row["due_at"]) > now:
            raise Refused("still_time", lazy("The hotel still has time to answer."))
        await db.execute("UPDATE claim_question SET closed_at = $1 WHERE id = $2", now, row["id"])
        await _give_back(claim, as_instant(row["asked_at"]), now)
        await steps.tell(claim, "question.closed", by=by, now=now)


async def take_up_answers(now: datetime) -> int:
    """Give the time of answered questions back to the office's clock, once each; how many there were."""
    rows = await db.fetch(
        "SELECT q.id, c.reference FROM claim_question q JOIN claim c ON c.id = q.claim_id"
        " WHERE q.answered_at IS NOT NULL AND q.closed_at IS NULL LIMIT 200"
    )
    for row in rows:
        async with db.transaction():
            claim = await steps.hold_row(row["reference"])
            found = await db.fetch(
                "UPDATE claim_question SET closed_at = answered_at WHERE id = $1 AND closed_at IS NULL"
                " RETURNING asked_at, answered_at",
                row["id"],
            )
            if found:
                await _give_back(claim, as_instant(found[0]["asked_at"]), as_instant(found[0]["answered_at"]))
    return len(rows)


async def _give_back(claim: ClaimHead, start: datetime, end: datetime) -> None:
    if claim.due_at is not None and claim.state in AT_WORK:
        await db.execute("UPDATE claim SET due_at = $1 WHERE id = $2", claim.due_at + (end - start), claim.id)


async def begin_hold(
    reference: str, reason: str, note: str, *, by: int, secrets: tuple[str, ...], now: datetime
) -> None:
    """Put a claim on hold. Any unrelated officer may; only the chairs decide."""
    if reason not in HOLD_REASONS:
        raise Invalid(message=lazy("Choose one of the options."), field="reason")
    if not note.strip():
        raise Invalid(message=lazy("Say what the claim waits for."), field="note")
    await conflicts.require_unrelated((await steps.get(reference)).id, by, secrets)
    async with db.transaction():
        claim = await steps.hold_row(reference)
        steps.require(claim, *AT_WORK, State.RECOMMENDED)
        made = await db.fetch(
            "INSERT INTO claim_hold (claim_id, reason, note, begun_by, begun_at) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT DO NOTHING RETURNING id",
            claim.id,
            reason,
            note,
            by,
            now,
        )
        if not made:
            raise Refused("held_already", lazy("This claim is on hold already."))
        await steps.tell(claim, "held", by=by, now=now, reason=f"{reason}: {note}")


async def end_hold(reference: str, note: str, *, by: int, secrets: tuple[str, ...], now: datetime) -> None:
    """End a hold; its time is given back to the clock."""
    await conflicts.require_unrelated((await steps.get(reference)).id, by, secrets)
    async with db.transaction():
        claim = await steps.hold_row(reference)
        rows = await db.fetch(
            "UPDATE claim_hold SET ended_by = $1, ended_at = $2, ended_note = $3 WHERE claim_id = $4"
            " AND ended_at IS NULL RETURNING begun_at",
            by,
            now,
            note,
            claim.id,
        )
        if not rows:
            raise NotFound
        await _give_back(claim, as_instant(rows[0]["begun_at"]), now)
        await steps.tell(claim, "hold.ended", by=by, now=now, reason=note)
