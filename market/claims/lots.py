"""Lots among officers, the audit draw and the sample of a claim: commit, reveal, and who sits where.

A draw is committed with its candidates in the public log before its seed exists, and made by `draws` from the
seed; both entries are public, so anybody can repeat it. Candidates are called by codes, never by names. When
each lot is due is decided by the steps that call this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from market import clock, db
from market.claims import conflicts, draws, sampling, steps
from market.claims.rule_versions import RuleVersion
from market.claims.seeds import Seed, SeedSource
from market.claims.steps import ClaimHead
from market.db.sql import Row, as_instant, as_instant_or_none, as_json, to_json
from market.errors import Forbidden, NotFound, Refused
from market.values.ids import new_reference
from market.values.text import Text, lazy


class Chair(StrEnum):
    VERIFIER = "verifier"
    APPROVER = "approver"
    AUDITOR = "auditor"
    REVIEWER = "reviewer"


class DrawKind(StrEnum):
    LOT = "lot"
    AUDIT = "audit"
    SAMPLE = "sample"
    REVIEWER = "reviewer"


CHAIRS: Final[dict[Chair, Text]] = {
    Chair.VERIFIER: lazy("Verifier"),
    Chair.APPROVER: lazy("Approver"),
    Chair.AUDITOR: lazy("Auditor"),
    Chair.REVIEWER: lazy("Reviewer of the objection"),
}


class NotYours(Forbidden):
    """The step belongs to whoever was drawn for it."""

    code = "not_your_chair"
    message = lazy("This step belongs to the officer who was drawn for it.")


class TooFewOfficers(Refused):
    """Not enough officers are free of conflicts."""

    code = "too_few_officers"
    message = lazy("Too few officers are unrelated to this claim. Another officer is needed.")


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw as it is stored. `candidates` and `result` are what the public log says too."""

    id: int
    claim_id: int
    kind: DrawKind
    round: int
    candidates: Mapping[str, Any]
    seed_source: str
    seed_after: int
    committed_index: int
    committed_at: datetime
    seed: str | None
    seed_reference: str
    result: Mapping[str, Any] | None
    drawn_index: int | None
    drawn_at: datetime | None


# --- who may be drawn --------------------------------------------------------------------------------------


async def officers(*, demo: bool) -> dict[int, str]:
    """Everybody who can sit in a chair, with their code: officers with a second factor."""
    rows = await db.fetch(
        "SELECT p.id, c.code FROM person p LEFT JOIN officer_code c ON c.person_id = p.id"
        " WHERE p.deleted_at IS NULL AND (p.totp_secret IS NOT NULL OR $1) AND EXISTS (SELECT 1 FROM membership m"
        " WHERE m.person_id = p.id AND m.role = 'officer' AND (m.expires_at IS NULL OR m.expires_at > $2))"
        " ORDER BY p.id",
        demo,
        clock.now(),
    )
    return {row["id"]: row["code"] or "" for row in rows}


async def _coded(people: Iterable[int], known: Mapping[int, str], now: datetime) -> dict[int, str]:
    """Codes of officers; who has none gets one, in the caller's transaction."""
    found: dict[int, str] = {}
    for person in people:
        if not known[person]:
            await db.execute(
                "INSERT INTO officer_code (person_id, code, created_at) VALUES ($1, $2, $3)"
                " ON CONFLICT (person_id) DO NOTHING",
                person,
                f"P-{new_reference(6)}",
                now,
            )
        row = await db.fetch_one("SELECT code FROM officer_code WHERE person_id = $1", person)
        found[person] = str(row["code"]) if row else ""
    return found


async def codes_of(people: Sequence[int]) -> dict[int, str]:
    """The codes under which officers stand in public lots."""
    if not people:
        return {}
    places = ", ".join(f"${n}" for n in range(1, len(people) + 1))
    rows = await db.fetch(f"SELECT person_id, code FROM officer_code WHERE person_id IN ({places})", *people)
    return {row["person_id"]: row["code"] for row in rows}


async def _persons(codes: Sequence[str]) -> dict[str, int]:
    places = ", ".join(f"${n}" for n in range(1, len(codes) + 1))
    rows = await db.fetch(
        f"SELECT person_id, code FROM officer_code WHERE code IN ({places})"
        if codes
        else "SELECT 1 WHERE FALSE",
        *codes,
    )
    return {row["code"]: row["person_id"] for row in rows}


async def _free(claim: ClaimHead, *, secrets: tuple[str, ...], demo: bool) -> dict[int, str]:
    """Officers without a relation to the claim who never had a chair at it."""
    barred = set(await conflicts.related_officers(claim.id, secrets))
    rows = await db.fetch("SELECT person_id FROM claim_chair WHERE claim_id = $1", claim.id)
    barred |= {row["person_id"] for row in rows}
    return {person: code for person, code in (await officers(demo=demo)).items() if person not in barred}


# --- committing --------------------------------------------------------------------------------------------


async def commit_lot(
    claim: ClaimHead, *, source: SeedSource, secrets: tuple[str, ...], demo: bool, now: datetime
) -> int:
    """Commit the candidates for the empty chairs of verifier and approver. Raises TooFewOfficers."""
    free = await _free(claim, secrets=secrets, demo=demo)
    wanted = [chair for chair in (Chair.VERIFIER, Chair.APPROVER) if chair not in await chairs_of(claim.id)]
    deciders = await conflicts.origin_deciders(claim.id)
    may_verify = [person for person in free if person not in deciders]
    if len(free) < len(wanted) or (Chair.VERIFIER in wanted and not may_verify):
        raise TooFewOfficers
    async with db.transaction():
        codes = await _coded(free, free, now)
        candidates = {
            "officers": sorted(codes.values()),
            "may_verify": sorted(codes[person] for person in may_verify),
            "chairs": [chair.value for chair in wanted],
        }
        return await _commit(claim, DrawKind.LOT, candidates, source, now)


async def commit_audit(
    claim: ClaimHead,
    rule: RuleVersion,
    *,
    award: int,
    is_first: bool,
    source: SeedSource,
    secrets: tuple[str, ...],
    demo: bool,
    now: datetime,
    certain: bool = False,
) -> int:
    """Commit whether and by whom an approved claim may be audited.

    When it is `certain` that somebody must, raises TooFewOfficers while nobody can.
    """
    free = await _free(claim, secrets=secrets, demo=demo)
    if certain and not free:
        raise TooFewOfficers
    async with db.transaction():
        codes = await _coded(free, free, now)
        candidates = {
            "officers": sorted(codes.values()),
            "percent": 100 if certain else rule.audit.percent,
            "always_over": rule.audit.always_over,
            "award": award,
            "first_claim": bool(is_first and rule.audit.first_claim),
        }
        return await _commit(claim, DrawKind.AUDIT, candidates, source, now)


async def commit_reviewer(
    claim: ClaimHead, *, source: SeedSource, secrets: tuple[str, ...], demo: bool, now: datetime
) -> int:
    """Commit who may decide about an objection: nobody who had a chair before. Raises TooFewOfficers."""
    free = await _free(claim, secrets=secrets, demo=demo)
    if not free:
        raise TooFewOfficers
    async with db.transaction():
        codes = await _coded(free, free, now)
        return await _commit(claim, DrawKind.REVIEWER, {"officers": sorted(codes.values())}, source, now)


async def commit_sample(
    claim: ClaimHead, plan: draws.SamplePlan, *, source: SeedSource, now: datetime
) -> int:
    """Commit which rupiah are counted and how many are drawn."""
    candidates = {
        "lines_sha256": claim.snapshot_sha256,
        "book_value": plan.book_value,
        "size": plan.size,
        "interval": plan.interval,
    }
    return await _commit(claim, DrawKind.SAMPLE, candidates, source, now)


async def _commit(
    claim: ClaimHead, kind: DrawKind, candidates: dict[str, Any], source: SeedSource, now: datetime
) -> int:
    async with db.transaction():
        row = await db.fetch_one(
            "SELECT COALESCE(MAX(round), 0) AS last FROM claim_draw WHERE claim_id = $1 AND kind = $2",
            claim.id,
            kind.value,
        )
        number, after = (int(row["last"]) if row else 0) + 1, source.after(now)
        facts = {
            "kind": kind.value,
            "round": number,
            "candidates": candidates,
            "seed_source": source.name,
            "seed_after": after,
        }
        index = await steps.record(claim, "draw.committed", facts, public=facts, now=now)
        rows = await db.fetch(
            "INSERT INTO claim_draw (claim_id, kind, round, candidates, seed_source, seed_after, committed_index,"
            " committed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
            claim.id,
            kind.value,
            number,
            to_json(candidates),
            source.name,
            after,
            index,
            now,
        )
        await steps.tell(claim, f"draw.{kind.value}.committed", by=None, now=now, log_index=index)
    return int(rows[0]["id"])


# --- drawing -----------------------------------------------------------------------------------------------


async def waiting(limit: int = 100) -> list[Draw]:
    """Draws whose seed is not revealed yet, the oldest first."""
    rows = await db.fetch("SELECT * FROM claim_draw WHERE seed IS NULL ORDER BY id LIMIT $1", limit)
    return [draw_row(row) for row in rows]


async def draws_of(claim_id: int) -> list[Draw]:
    """All draws of a claim in their order."""
    return [
        draw_row(row)
        for row in await db.fetch("SELECT * FROM claim_draw WHERE claim_id = $1 ORDER BY id", claim_id)
    ]


def draw_row(row: Row) -> Draw:
    """A row of `claim_draw`."""
    return Draw(
        id=row["id"],
        claim_id=row["claim_id"],
        kind=DrawKind(row["kind"]),
        round=row["round"],
        candidates=as_json(row["candidates"]),
        seed_source=row["seed_source"],
        seed_after=row["seed_after"],
        committed_index=row["committed_index"],
        committed_at=as_instant(row["committed_at"]),
        seed=row["seed"],
        seed_reference=row["seed_reference"],
        result=None if row["result"] is None else as_json(row["result"]),
        drawn_index=row["drawn_index"],
        drawn_at=as_instant_or_none(row["drawn_at"]),
    )


def outcome(
    kind: DrawKind, seed: str, claim: str, candidates: Mapping[str, Any], hits: Sequence[draws.Hit] = ()
) -> dict[str, Any]:
    """What a seed makes of committed candidates. Pure: anybody gets the same from the public entries."""
    match kind:
        case DrawKind.LOT:
            return seats(seed, claim, candidates)
        case DrawKind.AUDIT:
            order = draws.lot_order(seed, claim, candidates["officers"])
            cause = draws.audit_cause(
                sampling.audit_of(candidates),
                award=int(candidates["award"]),
                is_first=bool(candidates["first_claim"]),
                seed=seed,
                claim=claim,
            )
            auditor = order[0] if cause is not None and order else None
            return {
                "order": list(order),
                "cause": cause.value if cause else None,
                Chair.AUDITOR.value: auditor,
            }
        case DrawKind.REVIEWER:
            order = draws.lot_order(seed, claim, candidates["officers"])
            return {"order": list(order), Chair.REVIEWER.value: order[0]}
        case DrawKind.SAMPLE:
            start = draws.sample_start(seed, claim, int(candidates["interval"]))
            return {"start": start, "hits": [[hit.rupiah, hit.line] for hit in hits]}


def seats(seed: str, claim: str, candidates: Mapping[str, Any]) -> dict[str, Any]:
    """Verifier: the first in the order of the lot who may verify. Approver: the first of the others."""
    order = draws.lot_order(seed, claim, candidates["officers"])
    found: dict[str, Any] = {"order": list(order)}
    left = list(order)
    if Chair.VERIFIER.value in candidates["chairs"]:
        found[Chair.VERIFIER.value] = next(code for code in left if code in candidates["may_verify"])
        left.remove(found[Chair.VERIFIER.value])
    if Chair.APPROVER.value in candidates["chairs"]:
        found[Chair.APPROVER.value] = left[0]
    return found


async def make(draw: Draw, claim: ClaimHead, seed: Seed, hits: Sequence[draws.Hit], *, now: datetime) -> Draw:
    """Write a draw's result down, in the log too, and seat whoever it names. Nothing when it is made already."""
    result = outcome(draw.kind, seed.value, claim.reference, draw.candidates, hits)
    facts = {
        "kind": draw.kind.value,
        "round": draw.round,
        "committed": draw.committed_index,
        "seed": seed.value,
        "seed_reference": seed.reference,
        "result": result,
    }
    # The lines of a sample are the hotel's business; where it starts lets everybody count along.
    public = facts if draw.kind is not DrawKind.SAMPLE else facts | {"result": {"start": result["start"]}}
    async with db.transaction():
        changed = await db.execute(
            "UPDATE claim_draw SET seed = $1, seed_reference = $2, result = $3, drawn_at = $4"
            " WHERE id = $5 AND seed IS NULL",
            seed.value,
            seed.reference,
            to_json(result),
            now,
            draw.id,
        )
        if changed:
            await _seat(draw, claim, result, now)
            index = await steps.record(claim, "draw.made", facts, public=public, now=now)
            await db.execute("UPDATE claim_draw SET drawn_index = $1 WHERE id = $2", index, draw.id)
            await steps.tell(claim, f"draw.{draw.kind.value}.made", by=None, now=now, log_index=index)
    return next(one for one in await draws_of(claim.id) if one.id == draw.id)


async def _seat(draw: Draw, claim: ClaimHead, result: Mapping[str, Any], now: datetime) -> None:
    named = {chair: result[chair.value] for chair in Chair if result.get(chair.value)}
    people = await _persons(list(named.values()))
    for chair, code in named.items():
        await db.execute(
            "INSERT INTO claim_chair (claim_id, person_id, chair, draw_id, seated_at) VALUES ($1, $2, $3, $4, $5)",
            claim.id,
            people[code],
            chair.value,
            draw.id,
            now,
        )


# --- chairs ------------------------------------------------------------------------------------------------


async def chairs_of(claim_id: int) -> dict[Chair, int]:
    """Who sits where at a claim now."""
    rows = await db.fetch(
        "SELECT chair, person_id FROM claim_chair WHERE claim_id = $1 AND left_at IS NULL", claim_id
    )
    return {Chair(row["chair"]): row["person_id"] for row in rows}


async def require_chair(claim: ClaimHead, person_id: int, *wanted: Chair) -> Chair:
    """The chair this officer sits in. Raises NotYours unless it is one of those wanted."""
    for chair, person in (await chairs_of(claim.id)).items():
        if person == person_id and chair in wanted:
            return chair
    raise NotYours


async def leave(claim: ClaimHead, person_id: int, *, reason: str, now: datetime) -> Chair:
    """Give up a chair for good; another lot fills it. Raises NotFound for somebody who has none."""
    async with db.transaction():
        rows = await db.fetch(
            "UPDATE claim_chair SET left_at = $1, left_reason = $2 WHERE claim_id = $3 AND person_id = $4"
            " AND left_at IS NULL RETURNING chair",
            now,
            reason,
            claim.id,
            person_id,
        )
        if not rows:
            raise NotFound
    return Chair(rows[0]["chair"])
