"""What moves a claim without anybody's decision: checks after submission, seeds revealed, lots made, answers in.

Run again and again by the worker; each step is safe to repeat and one claim's trouble does not stop the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog

from market import db
from market.claims import (
    asking,
    checking,
    deciding,
    lots,
    objecting,
    programme,
    sampling,
    snapshot,
    steps,
    undoing,
)
from market.claims.checking import Desk
from market.claims.draws import Hit, sample_start
from market.claims.lots import Chair, Draw, DrawKind
from market.claims.seeds import Seed
from market.claims.states import State
from market.claims.steps import ClaimHead
from market.errors import DomainError

_logger: Final = structlog.get_logger("market.claims")
_AT_ONCE: Final = 50


async def everything(desk: Desk, *, now: datetime) -> None:
    """One round over all claims that wait for the machine."""
    await asking.take_up_answers(now)
    for reference in await _references("state = 'submitted'"):
        await _guarded(reference, checking.run(reference, desk, now=now))
    for reference in await _references(f"state = 'checking' AND {_NO_LOT}"):
        await _guarded(reference, checking.commit_lot(reference, desk, now=now))
    for reference in await _references(f"state = 'objected' AND {_NO_REVIEWER}"):
        await _guarded(reference, objecting.commit_reviewer(reference, desk, now=now))
    for reference in await _references(f"state = 'auditing' AND {_NO_AUDITOR}"):
        await _guarded(reference, deciding.settle_audit(reference, desk, now=now))
    for draw in await lots.waiting():
        await _guarded(f"draw {draw.id}", reveal(draw, desk, now=now))


async def _guarded(what: str, step: object) -> None:
    try:
        await step  # type: ignore[misc] # a coroutine of one of the steps above
    except DomainError as refusal:
        # Somebody else was faster, or the claim moved on: the next round sees it as it is then.
        _logger.info("claim_not_advanced", claim=what, code=refusal.code)
    except Exception as trouble:
        _logger.exception("claim_stuck", claim=what, error=str(trouble))


_WAITING: Final = (
    "EXISTS (SELECT 1 FROM claim_draw d WHERE d.claim_id = claim.id AND d.seed IS NULL AND d.kind ="
)
_NO_LOT: Final = f"NOT {_WAITING} 'lot')"
_NO_REVIEWER: Final = (
    f"NOT {_WAITING} 'reviewer')"
    " AND NOT EXISTS (SELECT 1 FROM claim_chair s WHERE s.claim_id = claim.id AND s.chair = 'reviewer'"
    " AND s.left_at IS NULL)"
)
# The auditor left, nobody was free to be drawn, or a round ended between a draw and its consequence.
_NO_AUDITOR: Final = (
    "NOT EXISTS (SELECT 1 FROM claim_chair s WHERE s.claim_id = claim.id AND s.chair = 'auditor'"
    " AND s.left_at IS NULL)"
    f" AND NOT {_WAITING} 'audit')"
)


async def _references(where: str) -> list[str]:
    rows = await db.fetch(f"SELECT reference FROM claim WHERE {where} ORDER BY id LIMIT {_AT_ONCE}")
    return [row["reference"] for row in rows]


async def reveal(draw: Draw, desk: Desk, *, now: datetime) -> bool:
    """Make a draw whose seed exists by now, and let the claim go on; False while it does not."""
    if draw.seed_source != desk.seeds.name:
        return False
    seed = await desk.seeds.reveal(draw.committed_index, draw.seed_after, now)
    if seed is None:
        return False
    claim = await steps.get_by_id(draw.claim_id)
    made = await lots.make(draw, claim, seed, await _hits(draw, claim, seed), now=now)
    await _go_on(made, now)
    return True


async def _hits(draw: Draw, claim: ClaimHead, seed: Seed) -> Sequence[Hit]:
    if draw.kind is not DrawKind.SAMPLE:
        return ()
    rule = (await programme.get(claim.rule_id)).rule
    start = sample_start(seed.value, claim.reference, int(draw.candidates["interval"]))
    return sampling.hits_of(await snapshot.read(claim.id), rule, draw.candidates, start)


async def _go_on(draw: Draw, now: datetime) -> None:
    if draw.kind is DrawKind.LOT:
        async with db.transaction():
            claim = await steps.hold_row((await steps.get_by_id(draw.claim_id)).reference)
            seated = await lots.chairs_of(claim.id)
            if claim.state is State.CHECKING and {Chair.VERIFIER, Chair.APPROVER} <= seated.keys():
                await steps.move(claim, State.DRAWN, name="drawn", by=None, now=now)
                await _take_up_verification(claim.reference, seated[Chair.VERIFIER], now)
    elif draw.kind is DrawKind.AUDIT:
        claim = await steps.get_by_id(draw.claim_id)
        passed_by = draw.result is not None and draw.result["cause"] is None
        if passed_by and claim.state is State.AUDITING:
            await deciding.without_audit(claim, now=now)


async def _take_up_verification(reference: str, verifier: int, now: datetime) -> None:
    """Only the approver was drawn anew: what the verifier decided waits for them."""
    claim = await steps.hold_row(reference)
    newest = await undoing.newest_standing(claim.id)
    if newest is not None and newest.kind == "verify" and newest.person_id == verifier:
        await steps.move(claim, State.APPROVING, name="verified.stands", by=None, now=now)
