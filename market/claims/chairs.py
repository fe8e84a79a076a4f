"""Giving up a chair: an officer who turns out to be related, falls ill or leaves; another lot fills it.

What they decided stands until somebody undoes it. A verifier or approver who leaves sends the claim back to the
lot; the next officer begins where the claim was.
"""

from __future__ import annotations

from datetime import datetime

from market import db
from market.claims import conflicts, lots, steps
from market.claims.lots import Chair
from market.claims.states import State
from market.errors import Invalid
from market.values.text import lazy

_BACK_TO_LOT = (State.DRAWN, State.VERIFYING, State.APPROVING)


async def give_up(reference: str, *, person_id: int, reason: str, by: int, now: datetime) -> None:
    """Leave a chair of a claim for good. Raises NotFound for somebody who has none there."""
    if not reason.strip():
        raise Invalid(message=lazy("Say why you leave this claim."), field="reason")
    async with db.transaction():
        claim = await steps.hold_row(reference)
        chair = await lots.leave(claim, person_id, reason=reason, now=now)
        await steps.tell(claim, f"left.{chair.value}", by=by, now=now, reason=reason)
        if chair in {Chair.VERIFIER, Chair.APPROVER} and claim.state in _BACK_TO_LOT:
            await steps.move(claim, State.CHECKING, name="lot.again", by=None, now=now)


async def leave_related(person_id: int, *, secrets: tuple[str, ...], now: datetime) -> int:
    """After a declaration: leave every open claim that it forbids; how many."""
    rows = await db.fetch(
        "SELECT c.id, c.reference FROM claim_chair s JOIN claim c ON c.id = s.claim_id WHERE s.person_id = $1"
        " AND s.left_at IS NULL AND c.state NOT IN ('effective', 'superseded', 'rejected', 'withdrawn')",
        person_id,
    )
    count = 0
    for row in rows:
        if person_id in await conflicts.related_officers(row["id"], secrets):
            await give_up(row["reference"], person_id=person_id, reason="declared", by=person_id, now=now)
            count += 1
    return count
