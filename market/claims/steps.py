"""How a claim moves: the one row every command starts from, the guarded change of state, and the story of it.

`move` is the only place that writes `claim.state` after submission; it fails when somebody else moved the claim
first. What a step means and who may take it is decided by the commands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from market import db
from market.claims.states import NotNow, State, check_move
from market.db.sql import Row, as_instant, as_instant_or_none
from market.errors import NotFound, Refused
from market.outbox import queue
from market.transparency import log
from market.values.dates import WITA
from market.values.periods import Period
from market.values.text import lazy

WORKING_DAYS: Final = 10
TELL: Final = "claims.tell"
# Acts that somebody is told about by mail; who, and in which words, is `telling`.
NEWS: Final = frozenset(
    {
        "asked",
        "answered",
        "drawn",
        "verified.award",
        "verified.reject",
        "verified.stands",
        "approved.reject",
        "approved.send_back",
        "audited.award",
        "audited.send_back",
        "not_audited",
        "draw.audit.made",
        "draw.reviewer.made",
        "objection.award",
        "objection.reject",
        "effective",
    }
)
_SATURDAY: Final = 5
_COLUMNS: Final = (
    "id, reference, hotel_id, period, kind, corrects_id, rule_id, state, stated_total_minor, tax_principal_minor,"
    " award_minor, decided_award_minor, payable_minor, snapshot_sha256, line_count, submitted_at, submitted_index,"
    " due_at, objection_until"
)
# Columns that commands may write with a move; keys never come from outside.
_WRITABLE: Final = frozenset(
    {
        "decided_assessment",
        "decided_share",
        "decided_award_minor",
        "adjustment_minor",
        "payable_minor",
        "due_at",
        "decided_at",
        "objection_until",
        "effective_at",
    }
)


@dataclass(frozen=True, slots=True)
class ClaimHead:
    """What commands need to know of a submitted claim."""

    id: int
    reference: str
    hotel_id: int
    period: Period
    kind: str
    corrects_id: int | None
    rule_id: int
    state: State
    stated_total: int
    tax_principal: int
    award: int
    decided_award: int | None
    payable: int | None
    snapshot_sha256: str
    line_count: int
    submitted_at: datetime
    submitted_index: int | None
    due_at: datetime | None
    objection_until: datetime | None

    @property
    def subject(self) -> str:
        """How the public log names the claim."""
        return f"claim:{self.reference}"


class OnHold(Refused):
    """Nothing is decided while a claim is on hold."""

    code = "on_hold"
    message = lazy("This claim is on hold. End the hold first.")


async def get(reference: str) -> ClaimHead:
    """A submitted claim by its reference. Raises NotFound; a draft is the hotel's own business."""
    return _head(await db.fetch_one(f"SELECT {_COLUMNS} FROM claim WHERE reference = $1", reference))


async def get_by_id(claim_id: int) -> ClaimHead:
    """A submitted claim by its row. Raises NotFound."""
    return _head(await db.fetch_one(f"SELECT {_COLUMNS} FROM claim WHERE id = $1", claim_id))


async def hold_row(reference: str) -> ClaimHead:
    """`get`, keeping others from moving the claim until the transaction ends."""
    if not db.in_transaction():
        raise RuntimeError("a claim is held in a transaction")
    suffix = " FOR UPDATE" if db.is_postgres() else ""
    return _head(await db.fetch_one(f"SELECT {_COLUMNS} FROM claim WHERE reference = $1{suffix}", reference))


def _head(row: Row | None) -> ClaimHead:
    if row is None or row["submitted_at"] is None:
        raise NotFound
    return ClaimHead(
        id=row["id"],
        reference=row["reference"],
        hotel_id=row["hotel_id"],
        period=Period.parse(row["period"]),
        kind=row["kind"],
        corrects_id=row["corrects_id"],
        rule_id=row["rule_id"],
        state=State(row["state"]),
        stated_total=row["stated_total_minor"],
        tax_principal=row["tax_principal_minor"],
        award=row["award_minor"] or 0,
        decided_award=row["decided_award_minor"],
        payable=row["payable_minor"],
        snapshot_sha256=row["snapshot_sha256"],
        line_count=row["line_count"],
        submitted_at=as_instant(row["submitted_at"]),
        submitted_index=row["submitted_index"],
        due_at=as_instant_or_none(row["due_at"]),
        objection_until=as_instant_or_none(row["objection_until"]),
    )


def require(claim: ClaimHead, *states: State) -> None:
    """Raise NotNow unless the claim is in one of these states."""
    if claim.state not in states:
        raise NotNow(state=claim.state.value)


async def require_open(claim: ClaimHead) -> None:
    """Raise OnHold, or refuse while the hotel still has to answer something."""
    row = await db.fetch_one(
        "SELECT EXISTS (SELECT 1 FROM claim_hold h WHERE h.claim_id = $1 AND h.ended_at IS NULL) AS held,"
        " EXISTS (SELECT 1 FROM claim_question q WHERE q.claim_id = $1 AND q.answered_at IS NULL"
        " AND q.closed_at IS NULL) AS asked",
        claim.id,
    )
    if row and row["held"]:
        raise OnHold
    if row and row["asked"]:
        raise Refused(
            "question_open", lazy("A question to the hotel is still open. Wait for the answer, or close it.")
        )


async def move(
    claim: ClaimHead,
    to: State,
    *,
    name: str,
    by: int | None,
    now: datetime,
    reason: str = "",
    log_index: int | None = None,
    **columns: Any,
) -> None:
    """Change the state and write down why. Raises NotNow when the claim is no longer where it was read."""
    check_move(claim.state, to)
    if unknown := columns.keys() - _WRITABLE:
        raise ValueError(f"not for a move: {sorted(unknown)}")
    sets = "".join(f", {column} = ${n}" for n, column in enumerate(columns, start=5))
    changed = await db.execute(
        f"UPDATE claim SET state = $1, updated_at = $2{sets} WHERE id = $3 AND state = $4",
        to.value,
        now,
        claim.id,
        claim.state.value,
        *columns.values(),
    )
    if changed != 1:
        raise NotNow(state=claim.state.value)
    await tell(claim, name, by=by, now=now, reason=reason, log_index=log_index, to=to)


async def tell(
    claim: ClaimHead,
    name: str,
    *,
    by: int | None,
    now: datetime,
    reason: str = "",
    log_index: int | None = None,
    to: State | None = None,
) -> None:
    """Write an act into the claim's story; whoever waits for it is told by mail."""
    made = await db.fetch(
        "INSERT INTO claim_event (claim_id, name, from_state, to_state, person_id, reason, log_index, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
        claim.id,
        name,
        claim.state.value,
        (to or claim.state).value,
        by,
        reason,
        log_index,
        now,
    )
    if name in NEWS:
        payload = {"claim": claim.id, "news": name}
        await queue.add(TELL, payload, dedupe_key=f"{TELL}:{made[0]['id']}")


async def record(
    claim: ClaimHead, kind: str, facts: dict[str, Any], *, now: datetime, public: dict[str, Any] | None = None
) -> int:
    """An entry about the claim in the public log, in the same transaction; its position."""
    entry = await log.append(
        kind,
        subject=claim.subject,
        facts={"claim": claim.reference, **facts},
        public={"claim": claim.reference, **(public or {})},
        now=now,
    )
    return entry.index


def working_days_after(instant: datetime, count: int) -> datetime:
    """The same time of day so many working days (Monday to Friday) later in WITA."""
    moment = instant.astimezone(WITA)
    left = count
    while left:
        moment += timedelta(days=1)
        left -= moment.weekday() < _SATURDAY
    return moment.astimezone(instant.tzinfo)


def working_days_left(due: date, today: date) -> int:
    """Working days from today until the day it is due; negative when that has passed."""
    step = 1 if due >= today else -1
    day, count = today, 0
    while day != due:
        day += timedelta(days=step)
        count += step * (day.weekday() < _SATURDAY)
    return count
