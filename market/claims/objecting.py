"""Objections on the office's side: somebody who had no part in the claim is drawn, looks again, and decides.

The hotel raises them in `claiming_answers`. The reviewer may decide on lines anew; what they decide stands beside
what was decided before.
"""

from __future__ import annotations

from datetime import datetime

from market import db
from market.claims import lots, reckoning, steps
from market.claims.checking import Desk
from market.claims.deciding import (
    CLEARED,
    OBJECTION_TERM,
    Outcome,
    recommend,
    write_decision,
)
from market.claims.lots import Chair
from market.claims.models import Objection
from market.claims.states import State
from market.db.sql import to_json
from market.errors import Invalid, NotFound
from market.values.text import lazy


async def commit_reviewer(reference: str, desk: Desk, *, now: datetime) -> bool:
    """Commit the lot for somebody outside the chain; False while nobody is."""
    claim = await steps.get(reference)
    steps.require(claim, State.OBJECTED)
    try:
        await lots.commit_reviewer(claim, source=desk.seeds, secrets=desk.secrets, demo=desk.demo, now=now)
    except lots.TooFewOfficers:
        return False
    return True


async def open_objection(claim_id: int) -> Objection | None:
    """The objection that is under review."""
    return await Objection.get_or_none(claim_id=claim_id, state="open")


async def decide(
    reference: str, outcome: Outcome, *, upheld: bool, reasons: list[str], note: str, by: int, now: datetime
) -> int:
    """The reviewer's decision on objection and claim: an award as reckoned now, or none. The decision's id.

    `upheld` says whether the hotel was right, in whole or in part.
    """
    if outcome is Outcome.SEND_BACK:
        raise Invalid(message=lazy("Choose one of the options."), field="outcome")
    if not note.strip():
        raise Invalid(message=lazy("Write the reasons for the hotel."), field="note")
    async with db.transaction():
        claim = await steps.hold_row(reference)
        await lots.require_chair(claim, by, Chair.REVIEWER)
        steps.require(claim, State.OBJECTED)
        await steps.require_open(claim)
        objection = await open_objection(claim.id)
        if objection is None:
            raise NotFound
        decided, index = await write_decision(
            claim,
            "objection",
            Chair.REVIEWER,
            outcome,
            reasons=reasons,
            note=note,
            by=by,
            now=now,
            objection_id=objection.id,
        )
        await db.execute(
            "UPDATE claim_objection SET state = $1, decided_at = $2 WHERE id = $3",
            "upheld" if upheld else "dismissed",
            now,
            objection.id,
        )
        # The chair is free for another objection, which somebody else must decide.
        await lots.leave(claim, by, reason="decided", now=now)
        if outcome is Outcome.AWARD:
            await _award(reference, by=by, now=now, note=note)
        else:
            await steps.move(
                claim,
                State.REJECTED,
                name="objection.reject",
                by=by,
                now=now,
                reason=note,
                log_index=index,
                **(
                    CLEARED
                    | {"decided_at": now, "decided_award_minor": 0, "objection_until": now + OBJECTION_TERM}
                ),
            )
    return decided


async def _award(reference: str, *, by: int, now: datetime, note: str) -> None:
    claim = await steps.hold_row(reference)
    reckoned = await reckoning.assess_as_decided(claim)
    await db.execute(
        "UPDATE claim SET decided_assessment = $1, decided_share = $2, decided_award_minor = $3 WHERE id = $4",
        to_json(reckoned.as_json()),
        reckoned.share,
        reckoned.result.award.amount,
        claim.id,
    )
    await recommend(await steps.hold_row(reference), by=by, now=now, name="objection.award", note=note)
