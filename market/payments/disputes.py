"""Disputes: what holds a booking's payout back until somebody has decided.

Two kinds: a cardholder's bank took money back (`card`, told by the provider, see `returns`), or a guest or host
says that something is wrong with a stay (`complaint`). Here is the record and whether a booking is frozen; who
bears what is decided above, by operators. Commands run inside the caller's transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from market import db
from market.db.sql import Row, as_instant, as_instant_or_none
from market.errors import NotFound, Refused
from market.payments import queries
from market.payments.rules import spread
from market.values.ids import new_reference
from market.values.text import lazy

_LIMIT = 200


class Kind(StrEnum):
    CARD = "card"
    COMPLAINT = "complaint"


class State(StrEnum):
    """`won` and `lost` are what a card's bank decided; a lost one still waits for who bears it."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a dispute ended for those who are paid."""

    RELEASED = "released"
    REFUNDED = "refunded"
    WON = "won"
    PLATFORM_BEARS = "platform_bears"
    HOST_BEARS = "host_bears"


class DisputeClosed(Refused):
    """Somebody has decided it already."""

    code = "dispute_closed"
    message = lazy("This dispute has been decided already.")


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """One dispute. While it is open the booking is frozen: not completed, not paid out."""

    reference: str
    kind: Kind
    booking_reference: str
    amount_minor: int
    state: State
    opened_by: str
    body: str
    outcome: Outcome | None
    refund_minor: int
    reason: str
    closed_by: int | None
    opened_at: datetime
    closed_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


async def open_dispute(
    *,
    booking_reference: str,
    now: datetime,
    kind: Kind = Kind.COMPLAINT,
    opened_by: str = "guest",
    body: str = "",
    person_id: int | None = None,
    provider_ref: str | None = None,
    charge_ref: str = "",
    amount_minor: int = 0,
) -> str:
    """Freeze a booking; the dispute's reference.

    A booking has at most one open complaint and a provider's dispute is one row whatever is told twice: then the
    one that exists is given back unchanged.
    """
    rows = await db.fetch(
        "INSERT INTO dispute (reference, kind, booking_reference, provider_ref, charge_ref, amount_minor, state,"
        " opened_by, person_id, body, outcome, refund_minor, reason, opened_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8, $9, '', 0, '', $10)"
        " ON CONFLICT DO NOTHING RETURNING reference",
        f"DS{new_reference(8)}",
        kind.value,
        booking_reference,
        provider_ref,
        charge_ref,
        amount_minor,
        opened_by,
        person_id,
        body,
        now,
    )
    if rows:
        return rows[0]["reference"]
    known = await db.fetch_one(
        "SELECT reference FROM dispute WHERE provider_ref = $1"
        " OR ($1 IS NULL AND booking_reference = $2 AND kind = 'complaint' AND closed_at IS NULL)",
        provider_ref,
        booking_reference,
    )
    if known is None:  # the reference itself clashed
        raise RuntimeError("no reference for a dispute")
    return known["reference"]


async def close_dispute(
    reference: str,
    *,
    outcome: Outcome,
    now: datetime,
    by: int | None = None,
    reason: str = "",
    refund_minor: int = 0,
) -> None:
    """Decide a dispute: the booking is free again. Raises DisputeClosed when it was decided before."""
    state = State.WON if outcome is Outcome.WON else State.CLOSED
    changed = await db.execute(
        "UPDATE dispute SET state = CASE WHEN state = 'lost' THEN 'lost' ELSE $2 END, outcome = $3, reason = $4,"
        " refund_minor = $5, closed_by = $6, closed_at = $7 WHERE reference = $1 AND closed_at IS NULL",
        reference,
        state.value,
        outcome.value,
        reason,
        refund_minor,
        by,
        now,
    )
    if not changed:
        raise DisputeClosed(reference=reference)


async def bank_decided(provider_ref: str, *, won: bool, now: datetime) -> None:
    """What the card's bank decided: won frees the booking; lost leaves it frozen until an operator decides.

    Told twice it happens once, and a won dispute stays won whatever is told later.
    """
    row = await db.fetch_one("SELECT reference, closed_at FROM dispute WHERE provider_ref = $1", provider_ref)
    if row is None or row["closed_at"] is not None:
        return
    if won:
        await close_dispute(row["reference"], outcome=Outcome.WON, now=now)
        return
    await db.execute("UPDATE dispute SET state = 'lost' WHERE provider_ref = $1", provider_ref)


async def place() -> int:
    """Disputes that were told before their payment find its booking; how many did."""
    return await db.execute(
        "UPDATE dispute SET booking_reference = (SELECT MAX(p.booking_reference) FROM payment p"
        " WHERE p.provider_ref = dispute.charge_ref) WHERE booking_reference = '' AND EXISTS"
        " (SELECT 1 FROM payment p WHERE p.provider_ref = dispute.charge_ref)"
    )


async def count_as_returned(booking_reference: str, amount_minor: int) -> None:
    """The guest has this much back through the card's bank: it cannot be refunded once more."""
    payments = await queries.list_payments(booking_reference)
    room = [payment.refundable for payment in payments]
    for payment, part in zip(payments, spread(min(amount_minor, sum(room)), room), strict=True):
        if part:
            await db.execute(
                "UPDATE payment SET refunded_minor = refunded_minor + $1 WHERE id = $2", part, payment.id
            )


async def is_frozen(booking_reference: str) -> bool:
    """Whether an open dispute holds a booking back."""
    row = await db.fetch_one(
        "SELECT 1 AS found FROM dispute WHERE booking_reference = $1 AND closed_at IS NULL", booking_reference
    )
    return row is not None


async def get_dispute(reference: str) -> DisputeRow:
    """A dispute by our reference; inside a transaction its row is locked. NotFound when there is none."""
    lock = " FOR UPDATE" if db.in_transaction() and db.is_postgres() else ""
    row = await db.fetch_one(f"SELECT * FROM dispute WHERE reference = $1{lock}", reference)
    if row is None:
        raise NotFound
    return _row(row)


async def list_disputes(*, open_only: bool) -> list[DisputeRow]:
    """Disputes for the operators' desk: open ones oldest first, decided ones latest first."""
    where = (
        "closed_at IS NULL ORDER BY opened_at, id"
        if open_only
        else "closed_at IS NOT NULL ORDER BY closed_at DESC"
    )
    return [_row(row) for row in await db.fetch(f"SELECT * FROM dispute WHERE {where} LIMIT {_LIMIT}")]


async def forget_guest(booking_reference: str) -> None:
    """What a guest told about a problem goes with the guest; that it was decided, how and why, stays."""
    await db.execute(
        "UPDATE dispute SET body = '', person_id = NULL WHERE booking_reference = $1 AND opened_by = 'guest'",
        booking_reference,
    )


async def disputes_of(booking_reference: str) -> list[DisputeRow]:
    """A booking's disputes, oldest first."""
    rows = await db.fetch("SELECT * FROM dispute WHERE booking_reference = $1 ORDER BY id", booking_reference)
    return [_row(row) for row in rows]


def _row(row: Row) -> DisputeRow:
    return DisputeRow(
        reference=row["reference"],
        kind=Kind(row["kind"]),
        booking_reference=row["booking_reference"],
        amount_minor=row["amount_minor"],
        state=State(row["state"]),
        opened_by=row["opened_by"],
        body=row["body"],
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        refund_minor=row["refund_minor"],
        reason=row["reason"],
        closed_by=row["closed_by"],
        opened_at=as_instant(row["opened_at"]),
        closed_at=as_instant_or_none(row["closed_at"]),
    )
