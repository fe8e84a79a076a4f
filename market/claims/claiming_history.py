"""Reads of what happened to a hotel's claim: events, questions, decisions, objections, lines with their verdicts.

The claim itself is `claiming_queries`. Officers are not named here: the hotel reads what was decided, not by whom.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from market import db
from market.claims.lines import Origin
from market.claims.states import State
from market.db.sql import Row, as_date, as_instant, as_instant_or_none, as_json


@dataclass(frozen=True, slots=True)
class EventRow:
    name: str
    to_state: State
    reason: str
    log_index: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class QuestionRow:
    reference: str
    question: str
    line_id: int | None
    asked_at: datetime
    due_at: datetime
    answer: str
    answered_at: datetime | None
    closed_at: datetime | None

    @property
    def open(self) -> bool:
        return self.answered_at is None and self.closed_at is None


@dataclass(frozen=True, slots=True)
class ObjectionRow:
    reference: str
    body: str
    state: str
    raised_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What an officer decided about the whole claim; officers are not named to the hotel."""

    id: int
    kind: str
    outcome: str
    reasons: list[str]
    note: str
    award_minor: int
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class CertificateRow:
    reference: str
    state: str
    issued_at: datetime


async def list_events(claim_id: int) -> list[EventRow]:
    rows = await db.fetch(
        "SELECT name, to_state, reason, log_index, at FROM claim_event WHERE claim_id = $1 ORDER BY id",
        claim_id,
    )
    return [
        EventRow(r["name"], State(r["to_state"]), r["reason"], r["log_index"], as_instant(r["at"]))
        for r in rows
    ]


async def list_questions(claim_id: int) -> list[QuestionRow]:
    """Officers' questions, the oldest first."""
    rows = await db.fetch("SELECT * FROM claim_question WHERE claim_id = $1 ORDER BY id", claim_id)
    return [
        QuestionRow(
            reference=r["reference"],
            question=r["question"],
            line_id=r["line_id"],
            asked_at=as_instant(r["asked_at"]),
            due_at=as_instant(r["due_at"]),
            answer=r["answer"],
            answered_at=as_instant_or_none(r["answered_at"]),
            closed_at=as_instant_or_none(r["closed_at"]),
        )
        for r in rows
    ]


async def list_decisions(claim_id: int) -> list[DecisionRow]:
    """Decisions that stand (none that was undone), the oldest first."""
    rows = await db.fetch(
        "SELECT d.* FROM claim_decision d WHERE d.claim_id = $1 AND NOT EXISTS (SELECT 1 FROM claim_undo u"
        " WHERE u.decision_id = d.id AND u.approved_at IS NOT NULL) ORDER BY d.id",
        claim_id,
    )
    return [
        DecisionRow(
            id=r["id"],
            kind=r["kind"],
            outcome=r["outcome"],
            reasons=list(as_json(r["reasons"])),
            note=r["note"],
            award_minor=r["award_minor"],
            decided_at=as_instant(r["decided_at"]),
        )
        for r in rows
    ]


async def list_objections(claim_id: int) -> list[ObjectionRow]:
    rows = await db.fetch("SELECT * FROM claim_objection WHERE claim_id = $1 ORDER BY id", claim_id)
    return [
        ObjectionRow(
            r["reference"],
            r["body"],
            r["state"],
            as_instant(r["raised_at"]),
            as_instant_or_none(r["decided_at"]),
        )
        for r in rows
    ]


async def certificate_of(claim_id: int) -> CertificateRow | None:
    row = await db.fetch_one(
        "SELECT reference, state, issued_at FROM award_certificate WHERE claim_id = $1", claim_id
    )
    return CertificateRow(row["reference"], row["state"], as_instant(row["issued_at"])) if row else None


async def decree_of(claim_id: int) -> tuple[str, date] | None:
    """Number and day of the mayor's decree."""
    row = await db.fetch_one("SELECT number, decided_on FROM claim_sk WHERE claim_id = $1", claim_id)
    return (row["number"], as_date(row["decided_on"])) if row else None


async def line_results(claim_id: int, *, after: int, limit: int, only_changed: bool) -> list[LineResult]:
    """Lines of a claim with the newest verdict on each, in the claim's order from position `after` on."""
    changed = (
        " AND EXISTS (SELECT 1 FROM line_decision x WHERE x.claim_id = c.claim_id AND x.line_id = c.line_id"
        " AND x.id = (SELECT MAX(y.id) FROM line_decision y WHERE y.claim_id = c.claim_id"
        " AND y.line_id = c.line_id) AND x.verdict <> 'accept')"
        if only_changed
        else ""
    )
    rows = await db.fetch(
        "SELECT c.position, c.document_reference, c.seller_name, c.description, c.category, c.origin,"
        " c.net_minor, c.credit_note, c.evidenced, c.confirmed, c.related, d.verdict, d.net_minor AS decided_net,"
        " d.reason, d.note FROM claim_line c LEFT JOIN line_decision d ON d.id = (SELECT MAX(m.id)"
        " FROM line_decision m WHERE m.claim_id = c.claim_id AND m.line_id = c.line_id)"
        f" WHERE c.claim_id = $1 AND c.position > $2{changed} ORDER BY c.position LIMIT $3",
        claim_id,
        after,
        limit,
    )
    return [_line_result(row) for row in rows]


@dataclass(frozen=True, slots=True)
class LineResult:
    """A frozen line with what officers decided about it; `verdict` is "" while they have not."""

    position: int
    document: str
    seller: str
    description: str
    category: str
    origin: Origin
    net: int
    credit_note: bool
    evidenced: bool
    confirmed: bool
    related: bool
    verdict: str
    decided_net: int | None
    reason: str
    note: str


def _line_result(row: Row) -> LineResult:
    return LineResult(
        position=row["position"],
        document=row["document_reference"],
        seller=row["seller_name"],
        description=row["description"],
        category=row["category"],
        origin=Origin(row["origin"]),
        net=row["net_minor"],
        credit_note=bool(row["credit_note"]),
        evidenced=bool(row["evidenced"]),
        confirmed=bool(row["confirmed"]),
        related=bool(row["related"]),
        verdict=row["verdict"] or "",
        decided_net=row["decided_net"],
        reason=row["reason"] or "",
        note=row["note"] or "",
    )
