"""What a hotel says about a submitted claim: answers to officers' questions, and objections to a decision.

Both are kept as they were said; who asked and who decides about an objection is the office's side.
"""

from __future__ import annotations

from datetime import datetime

from market import db
from market.claims import steps
from market.claims.claiming_queries import ClaimRow
from market.claims.states import State
from market.db.sql import as_instant_or_none, to_json
from market.errors import NotFound, Refused
from market.values.ids import new_reference
from market.values.text import lazy


class NothingToObjectTo(Refused):
    """There is no decision that the hotel may object to, or no longer."""

    code = "nothing_to_object_to"
    message = lazy("There is no decision you can object to now.")


async def answer(claim: ClaimRow, question: str, words: str, *, by: int, now: datetime) -> None:
    """Answer a question of this claim. NotFound for another claim's; Refused once it is answered or closed.

    A late answer is taken: the clock is for the hotel to see, and for officers to weigh.
    """
    async with db.transaction():
        head = await steps.hold_row(claim.reference)
        row = await db.fetch_one(
            "SELECT id FROM claim_question WHERE claim_id = $1 AND reference = $2", claim.id, question
        )
        if row is None:
            raise NotFound
        changed = await db.execute(
            "UPDATE claim_question SET answer = $1, answered_by = $2, answered_at = $3"
            " WHERE id = $4 AND answered_at IS NULL AND closed_at IS NULL",
            words,
            by,
            now,
            row["id"],
        )
        if changed != 1:
            raise Refused("question_closed", lazy("This question is answered or closed already."))
        await steps.tell(head, "answered", by=by, now=now)


async def object_to(claim: ClaimRow, words: str, *, by: int, now: datetime) -> str:
    """Object to the decision that stands; the objection's reference. The claim waits for a person outside the chain.

    Raises NothingToObjectTo outside of the time for it.
    """
    async with db.transaction():
        head = await steps.hold_row(claim.reference)
        until = head.objection_until
        if head.state not in {State.RECOMMENDED, State.REJECTED} or until is None or now > until:
            raise NothingToObjectTo(until=as_instant_or_none(until))
        decision = await _standing_decision(claim.id)
        reference = new_reference()
        rows = await db.fetch(
            "INSERT INTO claim_objection (reference, claim_id, decision_id, body, documents, raised_by, raised_at,"
            " state) VALUES ($1, $2, $3, $4, $5, $6, $7, 'open') ON CONFLICT DO NOTHING RETURNING id",
            reference,
            claim.id,
            decision,
            words,
            to_json([]),
            by,
            now,
        )
        if not rows:
            raise Refused("objection_raised", lazy("You have objected to this decision already."))
        index = await steps.record(head, "objection.raised", {"objection": reference, "body": words}, now=now)
        await steps.move(head, State.OBJECTED, name="objected", by=by, now=now, log_index=index)
    return reference


async def _standing_decision(claim_id: int) -> int:
    row = await db.fetch_one(
        "SELECT d.id FROM claim_decision d WHERE d.claim_id = $1 AND d.kind IN ('approve','audit','objection')"
        " AND NOT EXISTS (SELECT 1 FROM claim_undo u WHERE u.decision_id = d.id AND u.approved_at IS NOT NULL)"
        " ORDER BY d.id DESC LIMIT 1",
        claim_id,
    )
    if row is None:
        raise NothingToObjectTo
    return int(row["id"])
