"""From recommendation to effect: the decree's number is recorded, the certificate issued, differences settled.

Nothing is undone after this. A correction that takes effect supersedes its original and leaves a difference; the
hotel's next award in effect is paid with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from market import db
from market.claims import conflicts, steps
from market.claims.states import State
from market.claims.steps import ClaimHead
from market.db.sql import to_json
from market.errors import Invalid, Refused
from market.transparency import log
from market.values.ids import new_reference
from market.values.text import lazy


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is paid of an award: `adjustment` comes from earlier corrections (below zero: clawback)."""

    award: int
    adjustment: int
    payable: int


async def record_decree(
    reference: str,
    number: str,
    decided_on: date,
    *,
    by: int,
    secrets: tuple[str, ...],
    today: date,
    now: datetime,
) -> str:
    """Record the decree (SK) that grants a recommended award; the certificate's reference.

    Raises Related for an officer related to the claim, Invalid for a number or a day that cannot be.
    """
    number = " ".join(number.split())
    if not number:
        raise Invalid(message=lazy("Enter the number of the decree."), field="number")
    if decided_on > today:
        raise Invalid(message=lazy("The decree cannot be of a day to come."), field="decided_on")
    await conflicts.require_unrelated((await steps.get(reference)).id, by, secrets)
    async with db.transaction():
        claim = await steps.hold_row(reference)
        steps.require(claim, State.RECOMMENDED)
        await steps.require_open(claim)
        await _no_open_matter(claim)
        award, capped = await _granted(claim)
        settled = await _settle(claim, award, now)
        certificate = new_reference(10)
        facts = await _facts(claim, certificate, number, decided_on, settled, capped=capped)
        public = {name: facts[name] for name in _OPEN}
        index = await steps.record(claim, "award.effective", facts, public=public, now=now)
        await db.execute(
            "INSERT INTO claim_sk (claim_id, number, decided_on, recorded_by, recorded_at, log_index)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            claim.id,
            number,
            decided_on,
            by,
            now,
            index,
        )
        await steps.move(
            claim,
            State.EFFECTIVE,
            name="effective",
            by=by,
            now=now,
            reason=number,
            log_index=index,
            decided_award_minor=award,
            adjustment_minor=settled.adjustment,
            payable_minor=settled.payable,
            effective_at=now,
        )
        await _certify(claim, certificate, facts, now)
        if claim.corrects_id is not None:
            await _supersede(claim, award, certificate, now)
    return certificate


# What stands openly in the log for ever; hotels are companies and named in the open data beside it.
_OPEN: Final = (
    "certificate",
    "period",
    "kind",
    "share",
    "award",
    "adjustment",
    "payable",
    "decree",
    "decree_on",
)


async def _facts(
    claim: ClaimHead, certificate: str, number: str, decided_on: date, settled: Settlement, *, capped: bool
) -> dict[str, Any]:
    """What the certificate says; the log's entry commits to exactly this."""
    row = await db.fetch_one(
        "SELECT c.decided_share, r.version, o.name FROM claim c JOIN rule_version r ON r.id = c.rule_id"
        " JOIN organisation o ON o.id = c.hotel_id WHERE c.id = $1",
        claim.id,
    )
    if row is None:
        raise LookupError(claim.reference)
    return {
        "certificate": certificate,
        "claim": claim.reference,
        "hotel": row["name"],
        "period": str(claim.period),
        "kind": claim.kind,
        "rule": row["version"],
        "share": row["decided_share"],
        "tax_principal": claim.tax_principal,
        "award": settled.award,
        "adjustment": settled.adjustment,
        "payable": settled.payable,
        "budget_shared": capped,
        "decree": number,
        "decree_on": decided_on.isoformat(),
        "lines_sha256": claim.snapshot_sha256,
    }


async def _no_open_matter(claim: ClaimHead) -> None:
    row = await db.fetch_one(
        "SELECT EXISTS (SELECT 1 FROM claim_undo u WHERE u.claim_id = $1 AND u.approved_at IS NULL"
        " AND u.refused_at IS NULL) AS undo, EXISTS (SELECT 1 FROM budget_part p JOIN budget_round r"
        " ON r.id = p.round_id WHERE p.claim_id = $1 AND r.state = 'proposed') AS budget",
        claim.id,
    )
    if row and row["undo"]:
        raise Refused("undo_open", lazy("Somebody asked to undo a decision. Settle that first."))
    if row and row["budget"]:
        raise Refused("budget_open", lazy("The budget of this month is being shared out. Settle that first."))


async def _granted(claim: ClaimHead) -> tuple[int, bool]:
    """The award, or the part of it that a shared budget leaves."""
    row = await db.fetch_one(
        "SELECT p.given_minor FROM budget_part p JOIN budget_round r ON r.id = p.round_id"
        " WHERE p.claim_id = $1 AND r.state = 'effective'",
        claim.id,
    )
    award = claim.decided_award or 0
    return (int(row["given_minor"]), True) if row and row["given_minor"] < award else (award, False)


# --- differences of corrections ------------------------------------------------------------------------------


async def open_adjustments(hotel_id: int) -> list[tuple[int, int]]:
    """What is left of a hotel's differences, oldest first: (adjustment, rupiah)."""
    rows = await db.fetch(
        "SELECT a.id, a.amount_minor - COALESCE((SELECT SUM(u.amount_minor) FROM award_adjustment_use u"
        " WHERE u.adjustment_id = a.id), 0) AS rest FROM award_adjustment a WHERE a.hotel_id = $1 ORDER BY a.id",
        hotel_id,
    )
    return [(row["id"], int(row["rest"])) for row in rows if row["rest"]]


async def _settle(claim: ClaimHead, award: int, now: datetime) -> Settlement:
    """Use what earlier corrections left, as far as this award reaches.

    A correction pays nothing itself: what it changes is settled with the hotel's next award.
    """
    if claim.corrects_id is not None:
        return Settlement(award, 0, 0)
    total = 0
    for adjustment_id, rest in await open_adjustments(claim.hotel_id):
        used = max(rest, -(award + total)) if rest < 0 else rest
        if used:
            total += used
            await db.execute(
                "INSERT INTO award_adjustment_use (adjustment_id, claim_id, amount_minor, used_at)"
                " VALUES ($1, $2, $3, $4)",
                adjustment_id,
                claim.id,
                used,
                now,
            )
    return Settlement(award, total, award + total)


async def _supersede(claim: ClaimHead, award: int, certificate: str, now: datetime) -> None:
    """The correction takes its original's place; the difference waits for the hotel's next award."""
    original = await steps.get_by_id(claim.corrects_id or 0)
    before = original.decided_award or 0
    facts = {"original": original.reference, "before": before, "after": award, "difference": award - before}
    corrected, superseded = await log.append_many(
        [
            log.Event(
                "award.corrected",
                claim.subject,
                facts={"claim": claim.reference, **facts},
                public={"claim": claim.reference, **facts},
            ),
            # Under the original's name, so that its certificate is found to be superseded.
            log.Event(
                "award.superseded",
                original.subject,
                facts={"claim": original.reference, "by": claim.reference},
                public={"claim": original.reference, "by": claim.reference},
            ),
        ],
        now=now,
    )
    await steps.tell(
        claim, "corrects", by=None, now=now, reason=original.reference, log_index=corrected.index
    )
    if award != before:
        await db.execute(
            "INSERT INTO award_adjustment (hotel_id, correction_id, amount_minor, created_at)"
            " VALUES ($1, $2, $3, $4)",
            claim.hotel_id,
            claim.id,
            award - before,
            now,
        )
    await steps.move(
        original,
        State.SUPERSEDED,
        name="superseded",
        by=None,
        now=now,
        reason=claim.reference,
        log_index=superseded.index,
    )
    await db.execute(
        "UPDATE award_certificate SET state = 'superseded', changed_at = $1, superseded_by ="
        " (SELECT n.id FROM award_certificate n WHERE n.reference = $2) WHERE claim_id = $3 AND state = 'valid'",
        now,
        certificate,
        original.id,
    )


# --- certificates --------------------------------------------------------------------------------------------


async def _certify(claim: ClaimHead, certificate: str, facts: dict[str, Any], now: datetime) -> None:
    await db.execute(
        "INSERT INTO award_certificate (reference, claim_id, facts, state, issued_at)"
        " VALUES ($1, $2, $3, 'valid', $4)",
        certificate,
        claim.id,
        to_json(facts),
        now,
    )


async def revoke(certificate: str, reason: str, *, by: int, secrets: tuple[str, ...], now: datetime) -> None:
    """Take a certificate back (a court, fraud found later). The award itself is corrected by a claim."""
    if not reason.strip():
        raise Invalid(message=lazy("Say why the certificate is taken back."), field="reason")
    row = await db.fetch_one("SELECT claim_id FROM award_certificate WHERE reference = $1", certificate)
    claim = await steps.get_by_id(row["claim_id"] if row else 0)
    await conflicts.require_unrelated(claim.id, by, secrets)
    async with db.transaction():
        changed = await db.execute(
            "UPDATE award_certificate SET state = 'revoked', reason = $1, changed_at = $2"
            " WHERE reference = $3 AND state = 'valid'",
            reason,
            now,
            certificate,
        )
        if not changed:
            raise Refused("not_valid", lazy("This certificate is not in force."))
        index = await steps.record(
            claim,
            "certificate.revoked",
            {"certificate": certificate, "reason": reason},
            public={"certificate": certificate},
            now=now,
        )
        await steps.tell(claim, "certificate.revoked", by=by, now=now, reason=reason, log_index=index)
