"""Undoing a decision: one person asks with a note, a second one agrees, and the step is open again.

Both the decision and the undo stay. Only the newest standing decision is undone, never after a decree is
recorded, and never while an objection is under review. The database refuses the rest once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from market import db
from market.claims import conflicts, lots, steps
from market.claims.deciding import CLEARED
from market.claims.lots import Chair
from market.claims.models import Decision
from market.claims.states import State
from market.claims.steps import ClaimHead
from market.db.sql import Row
from market.errors import Invalid, NotFound, Refused
from market.values.text import lazy

_UNDOABLE: Final = (State.APPROVING, State.AUDITING, State.RECOMMENDED, State.REJECTED)
_BACK_TO: Final = {"verify": State.VERIFYING, "approve": State.APPROVING, "audit": State.AUDITING}


class UndoBarred(Refused):
    """A decree is recorded: the award is corrected by a new claim, not undone."""

    code = "undo_barred"
    message = lazy(
        "The decree is recorded, so nothing is undone any more. An award in effect is corrected instead."
    )


@dataclass(frozen=True, slots=True)
class Undo:
    """A wish to undo a decision that waits for a second person."""

    id: int
    decision_id: int
    note: str
    proposed_by: int


async def newest_standing(claim_id: int) -> Decision | None:
    """The decision that an undo would undo."""
    rows = await db.fetch(
        "SELECT d.id FROM claim_decision d WHERE d.claim_id = $1 AND NOT EXISTS (SELECT 1 FROM claim_undo u"
        " WHERE u.decision_id = d.id AND u.approved_at IS NOT NULL) ORDER BY d.id DESC LIMIT 1",
        claim_id,
    )
    return await Decision.get(id=rows[0]["id"]) if rows else None


async def open_wish(claim_id: int) -> Undo | None:
    """The undo that waits for a second person."""
    row = await db.fetch_one(
        "SELECT id, decision_id, note, proposed_by FROM claim_undo WHERE claim_id = $1 AND approved_at IS NULL"
        " AND refused_at IS NULL ORDER BY id DESC LIMIT 1",
        claim_id,
    )
    return Undo(row["id"], row["decision_id"], row["note"], row["proposed_by"]) if row else None


async def propose(reference: str, *, note: str, by: int, now: datetime) -> int:
    """Ask to undo the newest decision; the wish's id. For whoever sits in a chair of the claim."""
    if not note.strip():
        raise Invalid(message=lazy("Say why this decision should be undone."), field="note")
    async with db.transaction():
        claim = await steps.hold_row(reference)
        await lots.require_chair(claim, by, *Chair)
        decision = await _undoable(claim)
        if await open_wish(claim.id) is not None:
            raise Refused("undo_open", lazy("Somebody asked for this already; a second person has to agree."))
        rows = await db.fetch(
            "INSERT INTO claim_undo (claim_id, decision_id, note, proposed_by, proposed_at)"
            " VALUES ($1, $2, $3, $4, $5) RETURNING id",
            claim.id,
            decision.id,
            note,
            by,
            now,
        )
        await steps.tell(claim, "undo.proposed", by=by, now=now, reason=note)
    return int(rows[0]["id"])


async def _undoable(claim: ClaimHead) -> Decision:
    if await db.fetch_one("SELECT claim_id FROM claim_sk WHERE claim_id = $1", claim.id):
        raise UndoBarred
    steps.require(claim, *_UNDOABLE)
    if any(draw.seed is None for draw in await lots.draws_of(claim.id)):
        # What is drawn for a decision that is gone would seat somebody for nothing.
        raise Refused("draw_open", lazy("A lot of this claim is being drawn. Try again in a few minutes."))
    decision = await newest_standing(claim.id)
    if decision is None or decision.kind not in _BACK_TO or decision.outcome == "send_back":
        raise Refused("nothing_to_undo", lazy("There is no decision here that could be undone."))
    return decision


async def agree(reference: str, *, by: int, secrets: tuple[str, ...], now: datetime) -> None:
    """The second person agrees: the decision is undone and its step is open again. Not for whoever asked."""
    await conflicts.require_unrelated((await steps.get(reference)).id, by, secrets)
    async with db.transaction():
        claim = await steps.hold_row(reference)
        wish = await _wish(claim, by)
        decision = await _undoable(claim)
        if decision.id != wish.decision_id:
            raise Refused("undo_outdated", lazy("Another decision was taken in the meantime."))
        await db.execute(
            "UPDATE claim_undo SET approved_by = $1, approved_at = $2 WHERE id = $3 AND approved_at IS NULL",
            by,
            now,
            wish.id,
        )
        facts = {"decision": decision.log_index, "kind": decision.kind, "note": wish.note}
        public = {"kind": "undo", "undoes": decision.log_index}
        index = await steps.record(claim, "decision.recorded", facts, public=public, now=now)
        columns: dict[str, Any] = {} if decision.kind == "audit" else dict(CLEARED)
        await steps.move(
            claim,
            _BACK_TO[decision.kind],
            name=f"undone.{decision.kind}",
            by=by,
            now=now,
            reason=wish.note,
            log_index=index,
            **columns,
        )


async def refuse(reference: str, *, by: int, now: datetime) -> None:
    """The second person does not agree, or the first one takes it back; the decision stands."""
    async with db.transaction():
        claim = await steps.hold_row(reference)
        wish = await open_wish(claim.id)
        if wish is None:
            raise NotFound
        await db.execute(
            "UPDATE claim_undo SET refused_by = $1, refused_at = $2 WHERE id = $3", by, now, wish.id
        )
        await steps.tell(claim, "undo.refused", by=by, now=now)


async def _wish(claim: ClaimHead, by: int) -> Undo:
    wish = await open_wish(claim.id)
    if wish is None:
        raise NotFound
    if wish.proposed_by == by:
        raise Refused("four_eyes", lazy("A second person has to agree: you asked for this yourself."))
    return wish


async def history(claim_id: int) -> list[Row]:
    """Every undo of a claim, refused ones too, oldest first."""
    return await db.fetch(
        "SELECT u.*, p.name AS proposer, a.name AS agreer FROM claim_undo u JOIN person p ON p.id = u.proposed_by"
        " LEFT JOIN person a ON a.id = u.approved_by WHERE u.claim_id = $1 ORDER BY u.id",
        claim_id,
    )
