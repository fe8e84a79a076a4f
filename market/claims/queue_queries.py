"""Reads for the officers' queue: whose turn it is, what is due, and a few figures. Rows hold values, no words.

An officer is not shown the claims of a hotel they declared or act for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from market import db
from market.claims.lots import Chair
from market.claims.states import State
from market.db.sql import Row, as_instant, as_instant_or_none
from market.values.periods import Period

PAGE: Final = 50
_DONE: Final = "('recommended', 'effective', 'rejected', 'superseded')"
_WORK: Final = "('submitted', 'checking', 'drawn', 'verifying', 'approving', 'auditing', 'objected')"
# Whose turn it is: the chair that each state waits for.
_TURN: Final = (
    "((c.state IN ('drawn', 'verifying') AND s.chair = 'verifier') OR (c.state = 'approving' AND s.chair = 'approver')"
    " OR (c.state = 'auditing' AND s.chair = 'auditor') OR (c.state = 'objected' AND s.chair = 'reviewer'))"
)
_MINE: Final = (
    "EXISTS (SELECT 1 FROM claim_chair s WHERE s.claim_id = c.id AND s.person_id = $1 AND s.left_at IS NULL"
    f" AND {_TURN})"
)
_SEATED: Final = (
    "EXISTS (SELECT 1 FROM claim_chair s WHERE s.claim_id = c.id AND s.person_id = $1 AND s.left_at IS NULL)"
)
_ASKED: Final = (
    "EXISTS (SELECT 1 FROM claim_question q WHERE q.claim_id = c.id AND q.answered_at IS NULL"
    " AND q.closed_at IS NULL)"
)
_HELD: Final = "EXISTS (SELECT 1 FROM claim_hold h WHERE h.claim_id = c.id AND h.ended_at IS NULL)"
_UNDO: Final = (
    "EXISTS (SELECT 1 FROM claim_undo u WHERE u.claim_id = c.id"
    " AND COALESCE(u.approved_at, u.refused_at) IS NULL)"
)
# What an officer is shown of a hotel they declared, or act for: nothing.
_FREE: Final = (
    "NOT EXISTS (SELECT 1 FROM officer_conflict o WHERE o.person_id = $1 AND o.organisation_id = c.hotel_id"
    " AND o.ended_at IS NULL) AND NOT EXISTS (SELECT 1 FROM membership m WHERE m.person_id = $1"
    " AND m.organisation_id = c.hotel_id)"
)
VIEWS: Final[dict[str, str]] = {
    "mine": f"c.state IN {_WORK} AND {_MINE}",
    "seated": f"c.state IN {_WORK} AND {_SEATED} AND NOT {_MINE}",
    "office": f"c.state IN {_WORK} AND NOT {_SEATED}",
    "hotel": f"c.state IN {_WORK} AND {_ASKED}",
    "undo": _UNDO,
    "decree": "c.state = 'recommended'",
    "done": f"c.state IN {_DONE}",
}


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A claim in the queue. `chair` is the viewer's, None for somebody else's claim."""

    reference: str
    hotel: str
    period: Period
    kind: str
    state: State
    bought: int
    share: str
    award: int
    open_flags: int
    all_flags: int
    due_at: datetime | None
    held: bool
    asked: bool
    chair: Chair | None


async def count_views(person_id: int) -> dict[str, int]:
    """How many claims stand under each tab of the queue for this officer."""
    columns = ", ".join(
        f"SUM(CASE WHEN {where} THEN 1 ELSE 0 END) AS {name}" for name, where in VIEWS.items()
    )
    row = await db.fetch_one(
        f"SELECT {columns} FROM claim c WHERE c.submitted_at IS NOT NULL AND {_FREE}", person_id
    )
    return {name: int((row or {}).get(name) or 0) for name in VIEWS}


async def list_queue(
    person_id: int,
    view: str,
    *,
    period: Period | None = None,
    hotel: str = "",
    flagged: bool = False,
    page: int = 1,
) -> list[QueueRow]:
    """A tab of the queue, what is due first at the top; one row more than a page says that there is another."""
    where, values = [VIEWS[view], _FREE, "c.submitted_at IS NOT NULL"], list[Any]([person_id])
    if period is not None:
        values.append(str(period))
        where.append(f"c.period = ${len(values)}")
    if hotel:
        values.append(f"%{hotel.casefold()}%")
        where.append(f"LOWER(o.name) LIKE ${len(values)}")
    if flagged:
        where.append("EXISTS (SELECT 1 FROM claim_flag f WHERE f.claim_id = c.id AND f.resolution IS NULL)")
    order = "c.decided_at DESC, c.id DESC" if view == "done" else "c.due_at IS NULL, c.due_at, c.id"
    values += [PAGE + 1, (page - 1) * PAGE]
    rows = await db.fetch(
        "SELECT c.reference, o.name AS hotel, c.period, c.kind, c.state, c.denominator_minor, c.share,"
        " c.decided_share, c.award_minor, c.decided_award_minor, c.due_at,"
        " (SELECT COUNT(*) FROM claim_flag f WHERE f.claim_id = c.id AND f.resolution IS NULL) AS open_flags,"
        " (SELECT COUNT(*) FROM claim_flag f WHERE f.claim_id = c.id) AS all_flags,"
        f" {_HELD} AS held, {_ASKED} AS asked, (SELECT s.chair FROM claim_chair s WHERE s.claim_id = c.id"
        " AND s.person_id = $1 AND s.left_at IS NULL) AS chair"
        f" FROM claim c JOIN organisation o ON o.id = c.hotel_id WHERE {' AND '.join(where)}"
        f" ORDER BY {order} LIMIT ${len(values) - 1} OFFSET ${len(values)}",
        *values,
    )
    return [_queued(row) for row in rows]


def _queued(row: Row) -> QueueRow:
    decided = row["decided_award_minor"]
    return QueueRow(
        reference=row["reference"],
        hotel=row["hotel"],
        period=Period.parse(row["period"]),
        kind=row["kind"],
        state=State(row["state"]),
        bought=row["denominator_minor"] or 0,
        share=row["decided_share"] or row["share"],
        award=(row["award_minor"] or 0) if decided is None else decided,
        open_flags=row["open_flags"],
        all_flags=row["all_flags"],
        due_at=as_instant_or_none(row["due_at"]),
        held=bool(row["held"]),
        asked=bool(row["asked"]),
        chair=Chair(row["chair"]) if row["chair"] else None,
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """What the office did lately: days from submission to decision, decided claims, rupiah awarded this year."""

    mean_days: float | None
    decided: int
    awarded: int


async def office_figures(year: int) -> Figures:
    """Figures at the foot of the queue, for a year's months."""
    rows = await db.fetch(
        "SELECT c.submitted_at, c.decided_at, c.decided_award_minor FROM claim c WHERE c.period >= $1"
        f" AND c.period <= $2 AND c.state IN {_DONE} AND c.state <> 'superseded' AND c.decided_at IS NOT NULL",
        f"{year:04d}-01",
        f"{year:04d}-12",
    )
    days = [
        (as_instant(row["decided_at"]) - as_instant(row["submitted_at"])).total_seconds() / 86_400
        for row in rows
    ]
    return Figures(
        mean_days=round(sum(days) / len(days), 1) if days else None,
        decided=len(rows),
        awarded=sum(row["decided_award_minor"] or 0 for row in rows),
    )


async def list_months() -> list[Period]:
    """The months that the office has or had claims of, the newest first."""
    rows = await db.fetch(
        "SELECT DISTINCT period FROM claim WHERE submitted_at IS NOT NULL ORDER BY period DESC"
    )
    return [Period.parse(row["period"]) for row in rows]
