"""The four eyes: the verifier's decision, the approver's, the audit's, each in a transaction with its log entry.

A decision keeps the assessment it was made on. An approval is a recommendation; it takes effect in `effects`,
when the decree is recorded. Undoing is `undoing`, objections are `objecting`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from market import db
from market.claims import lots, programme, reckoning, sampling, snapshot, steps, verifying
from market.claims.checking import Desk
from market.claims.lots import Chair, DrawKind
from market.claims.models import Decision
from market.claims.states import State
from market.claims.steps import ClaimHead
from market.claims.tasks import TaskState
from market.db.sql import to_json
from market.errors import Invalid, Refused
from market.values.text import Text, lazy

OBJECTION_TERM: Final = timedelta(days=30)
REJECTIONS: Final[dict[str, Text]] = {
    "no_local_share": lazy("The local share does not reach the first tier"),
    "not_proved": lazy("Too little of it is proved"),
    "tax_compliance": lazy("The hotel's taxes are not in order"),
    "books_differ": lazy("Purchases and books do not tie"),
    "wrong_statements": lazy("What the hotel stated is not right"),
    "fraud": lazy("Signs of fraud; referred to the authority in charge"),
}


class Outcome(StrEnum):
    AWARD = "award"
    REJECT = "reject"
    SEND_BACK = "send_back"


class NotFinished(Refused):
    """Something is left to do before this step can close. Facts: `what`."""

    code = "not_finished"
    message = lazy("Something is left to do before this can be decided.")


# --- what is left to do --------------------------------------------------------------------------------------


async def left_to_do(claim: ClaimHead) -> list[Text]:
    """What keeps the verifier from closing the file, in words."""
    left: list[Text] = []
    counts = await db.fetch_one(
        "SELECT (SELECT COUNT(*) FROM claim_task t WHERE t.claim_id = $1 AND t.state = 'open') AS tasks,"
        " (SELECT COUNT(*) FROM claim_flag f WHERE f.claim_id = $1 AND f.resolution IS NULL) AS flags,"
        " (SELECT COUNT(*) FROM claim_draw d WHERE d.claim_id = $1 AND d.kind = 'sample' AND d.seed IS NULL)"
        " AS samples",
        claim.id,
    )
    if counts is None:
        return left
    if counts["tasks"]:
        left.append(lazy("Tasks by hand that are open: %(count)s", count=counts["tasks"]))
    if counts["flags"]:
        left.append(lazy("Flags without a resolution: %(count)s", count=counts["flags"]))
    if counts["samples"]:
        left.append(lazy("The sample is not drawn yet."))
    undecided = await undecided_lines(claim.id)
    if undecided:
        left.append(lazy("Lines to look at that are not decided: %(count)s", count=undecided))
    return left


async def undecided_lines(claim_id: int) -> int:
    """Lines that somebody must decide on and nobody did: drawn and flagged ones, or all where none was drawn."""
    rulings = await reckoning.rulings_of(claim_id)
    drawn = await verifying.sampled_lines(claim_id)
    if drawn:
        wanted = drawn | await verifying.flagged_lines(claim_id)
        return len(wanted - rulings.keys())
    row = await db.fetch_one("SELECT COUNT(*) AS n FROM claim_line WHERE claim_id = $1", claim_id)
    return max(0, (int(row["n"]) if row else 0) - len(rulings))


async def sample_conclusion(claim: ClaimHead) -> sampling.Conclusion | None:
    """What the drawn lines say so far; None for a claim whose lines are all looked at."""
    for draw in await lots.draws_of(claim.id):
        if draw.kind is DrawKind.SAMPLE and draw.result is not None:
            return sampling.conclude(
                await snapshot.read(claim.id),
                [int(line) for _, line in draw.result["hits"]],
                await reckoning.rulings_of(claim.id),
                int(draw.candidates["interval"]),
                int(draw.candidates["book_value"]),
            )
    return None


# --- the steps -----------------------------------------------------------------------------------------------


async def verify(
    reference: str, outcome: Outcome, *, reasons: list[str], note: str, by: int, now: datetime
) -> int:
    """Close the verification: recommend the award as reckoned now, or recommend a rejection. The decision's id."""
    if outcome is Outcome.SEND_BACK:
        raise Invalid(message=lazy("Choose one of the options."), field="outcome")
    async with db.transaction():
        claim = await steps.hold_row(reference)
        await lots.require_chair(claim, by, Chair.VERIFIER)
        steps.require(claim, State.VERIFYING)
        await steps.require_open(claim)
        _check_words(outcome, reasons, note)
        if left := await left_to_do(claim):
            raise NotFinished(message=left[0], what=[str(text) for text in left])
        await _check_tasks(claim, outcome)
        decided, index = await write_decision(
            claim, "verify", Chair.VERIFIER, outcome, reasons=reasons, note=note, by=by, now=now
        )
        await steps.move(
            claim, State.APPROVING, name=f"verified.{outcome}", by=by, now=now, reason=note, log_index=index
        )
    return decided


async def _check_tasks(claim: ClaimHead, outcome: Outcome) -> None:
    """A failed check does not become an award by being looked away from."""
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM claim_task WHERE claim_id = $1 AND state = $2",
        claim.id,
        TaskState.FAILED.value,
    )
    if outcome is Outcome.AWARD and row and row["n"]:
        raise NotFinished(message=lazy("A task failed, so this claim cannot be recommended for an award."))


async def approve(
    reference: str, outcome: Outcome, *, reasons: list[str], note: str, by: int, desk: Desk, now: datetime
) -> int:
    """The second person decides: what was recommended, or back to the verifier. The decision's id.

    An award goes on to the audit's draw, a rejection ends the office's work unless the hotel objects.
    """
    async with db.transaction():
        claim = await steps.hold_row(reference)
        await lots.require_chair(claim, by, Chair.APPROVER)
        steps.require(claim, State.APPROVING)
        await steps.require_open(claim)
        _check_words(outcome, reasons, note)
        verified = await standing(claim.id, "verify")
        if verified is None or (outcome is not Outcome.SEND_BACK and verified.outcome != outcome.value):
            raise Refused(
                "not_what_was_verified",
                lazy(
                    "The verifier recommends something else. Agree, or send the claim back with your reasons."
                ),
            )
        decided, index = await write_decision(
            claim,
            "approve",
            Chair.APPROVER,
            outcome,
            reasons=reasons,
            note=note,
            by=by,
            now=now,
            based_on=verified,
        )
        name = f"approved.{outcome}"
        if outcome is Outcome.SEND_BACK:
            await steps.move(claim, State.VERIFYING, name=name, by=by, now=now, reason=note, log_index=index)
        elif outcome is Outcome.REJECT:
            await _reject(claim, name, by=by, now=now, note=note, index=index)
        else:
            await steps.move(
                claim,
                State.AUDITING,
                name=name,
                by=by,
                now=now,
                reason=note,
                log_index=index,
                **_decided_columns(verified),
            )
            await _audit_draw(claim, verified.award_minor, desk, now)
    return decided


async def _audit_draw(claim: ClaimHead, award: int, desk: Desk, now: datetime) -> None:
    """Whoever audited before an undo audits again; else the draw says whether somebody does."""
    if Chair.AUDITOR in await lots.chairs_of(claim.id):
        return
    row = await db.fetch_one(
        "SELECT EXISTS (SELECT 1 FROM claim c WHERE c.hotel_id = $1 AND c.id <> $2 AND c.kind = 'original'"
        " AND c.state IN ('recommended', 'effective', 'superseded')) AS earlier",
        claim.hotel_id,
        claim.id,
    )
    await lots.commit_audit(
        claim,
        (await programme.get(claim.rule_id)).rule,
        award=award,
        is_first=not (row and row["earlier"]),
        source=desk.seeds,
        secrets=desk.secrets,
        demo=desk.demo,
        now=now,
    )


async def settle_audit(reference: str, desk: Desk, *, now: datetime) -> None:
    """Nobody sits in the auditor's chair and no draw is under way: the award goes on if the draw passed it by.

    Where an audit is due and the auditor left, or nobody was free to be drawn, somebody is drawn for certain.
    Raises TooFewOfficers while nobody can be: no claim slips past its audit for want of officers.
    """
    async with db.transaction():
        claim = await steps.hold_row(reference)
        steps.require(claim, State.AUDITING)
        made = [draw for draw in await lots.draws_of(claim.id) if draw.kind is DrawKind.AUDIT]
        if made and made[-1].result is not None and made[-1].result["cause"] is None:
            await without_audit(claim, now=now)
            return
        await lots.commit_audit(
            claim,
            (await programme.get(claim.rule_id)).rule,
            award=claim.decided_award or 0,
            is_first=False,
            source=desk.seeds,
            secrets=desk.secrets,
            demo=desk.demo,
            now=now,
            certain=True,
        )


async def audit(reference: str, outcome: Outcome, *, note: str, by: int, now: datetime) -> int:
    """The third person agrees, or sends the claim back to the approver. The decision's id."""
    if outcome is Outcome.REJECT:
        raise Invalid(message=lazy("Choose one of the options."), field="outcome")
    async with db.transaction():
        claim = await steps.hold_row(reference)
        await lots.require_chair(claim, by, Chair.AUDITOR)
        steps.require(claim, State.AUDITING)
        await steps.require_open(claim)
        _check_words(outcome, [], note)
        approved = await standing(claim.id, "approve")
        if approved is None:
            raise LookupError(f"{reference} is audited without an approval")
        decided, index = await write_decision(
            claim, "audit", Chair.AUDITOR, outcome, reasons=[], note=note, by=by, now=now, based_on=approved
        )
        if outcome is Outcome.AWARD:
            await recommend(claim, by=by, now=now, name="audited.award", note=note)
        else:
            await steps.move(
                claim,
                State.APPROVING,
                name="audited.send_back",
                by=by,
                now=now,
                reason=note,
                log_index=index,
                **CLEARED,
            )
    return decided


async def without_audit(claim: ClaimHead, *, now: datetime) -> None:
    """The audit's draw passed this claim by: its award is recommended."""
    async with db.transaction():
        held = await steps.hold_row(claim.reference)
        if held.state is State.AUDITING and Chair.AUDITOR not in await lots.chairs_of(held.id):
            await recommend(held, by=None, now=now, name="not_audited", note="")


async def recommend(claim: ClaimHead, *, by: int | None, now: datetime, name: str, note: str) -> None:
    """The office's last word before the decree, in the public log."""
    award = claim.decided_award or 0
    row = await db.fetch_one("SELECT decided_share FROM claim WHERE id = $1", claim.id)
    facts = {"award": award, "share": row["decided_share"] if row else "", "period": str(claim.period)}
    index = await steps.record(claim, "award.recommended", facts, public=facts, now=now)
    await steps.move(
        claim,
        State.RECOMMENDED,
        name=name,
        by=by,
        now=now,
        reason=note,
        log_index=index,
        decided_at=now,
        objection_until=now + OBJECTION_TERM,
    )


async def _reject(claim: ClaimHead, name: str, *, by: int, now: datetime, note: str, index: int) -> None:
    await steps.move(
        claim,
        State.REJECTED,
        name=name,
        by=by,
        now=now,
        reason=note,
        log_index=index,
        decided_at=now,
        objection_until=now + OBJECTION_TERM,
        decided_award_minor=0,
    )


CLEARED: Final[dict[str, Any]] = {
    "decided_assessment": None,
    "decided_share": "",
    "decided_award_minor": None,
    "decided_at": None,
    "objection_until": None,
}


def _decided_columns(decision: Decision) -> dict[str, Any]:
    result = decision.assessment["result"]
    return {
        "decided_assessment": to_json(decision.assessment),
        "decided_share": result["share"] or "",
        "decided_award_minor": decision.award_minor,
    }


def _check_words(outcome: Outcome, reasons: list[str], note: str) -> None:
    if not note.strip():
        raise Invalid(message=lazy("Write the reasons for the hotel and the next officer."), field="note")
    if outcome is Outcome.REJECT and (not reasons or any(reason not in REJECTIONS for reason in reasons)):
        raise Invalid(message=lazy("Choose at least one reason for the rejection."), field="reasons")


# --- writing and reading decisions -----------------------------------------------------------------------------


async def write_decision(
    claim: ClaimHead,
    kind: str,
    chair: Chair,
    outcome: Outcome,
    *,
    reasons: list[str],
    note: str,
    by: int,
    now: datetime,
    based_on: Decision | None = None,
    objection_id: int | None = None,
) -> tuple[int, int]:
    """Keep a decision and its log entry; their ids. The assessment is `based_on`'s, or is reckoned now."""
    if based_on is None:
        reckoned = await reckoning.assess_as_decided(claim)
        assessment, award = reckoned.as_json(), reckoned.result.award.amount
    else:
        assessment, award = based_on.assessment, based_on.award_minor
    granted = award if outcome is Outcome.AWARD else 0
    facts = {
        "kind": kind,
        "outcome": outcome.value,
        "officer": await _code(by),
        "award": granted,
        "reasons": reasons,
        "note": note,
        "assessment": assessment,
    }
    public = {"kind": kind, "outcome": outcome.value, "officer": facts["officer"], "award": granted}
    index = await steps.record(claim, "decision.recorded", facts, public=public, now=now)
    made = await Decision.create(
        claim_id=claim.id,
        kind=kind,
        chair=chair.value,
        person_id=by,
        outcome=outcome.value,
        reasons=reasons,
        note=note,
        assessment=assessment,
        award_minor=granted,
        objection_id=objection_id,
        log_index=index,
        decided_at=now,
    )
    return made.id, index


async def _code(person_id: int) -> str:
    row = await db.fetch_one("SELECT code FROM officer_code WHERE person_id = $1", person_id)
    return str(row["code"]) if row else ""


async def standing(claim_id: int, kind: str) -> Decision | None:
    """The newest decision of a kind that was not undone."""
    rows = await db.fetch(
        "SELECT d.id FROM claim_decision d WHERE d.claim_id = $1 AND d.kind = $2 AND NOT EXISTS (SELECT 1"
        " FROM claim_undo u WHERE u.decision_id = d.id AND u.approved_at IS NOT NULL) ORDER BY d.id DESC LIMIT 1",
        claim_id,
        kind,
    )
    return await Decision.get(id=rows[0]["id"]) if rows else None
