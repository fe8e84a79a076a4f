"""Moving a booking from one state to the next: the only writer of `booking.state` and of its events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from market import db
from market.bookings.rows import BookingRow
from market.bookings.states import State, WrongState, check
from market.outbox import queue

GUEST, HOST, OPERATOR, TIME, PROVIDER = "guest", "host", "operator", "time", "provider"
_COLUMNS = frozenset(
    {"expires_at", "deadline_at", "confirmed_at", "closed_at", "method", "paid_minor", "refunded_minor"}
)


async def move(
    booking: BookingRow,
    to: State,
    *,
    name: str,
    actor: str,
    now: datetime,
    person_id: int | None = None,
    reason: str = "",
    key: str | None = None,
    **columns: Any,
) -> None:
    """Carry out one transition with its event. Raises WrongState when the booking has moved on meanwhile."""
    check(booking.state, to)
    unknown = set(columns) - _COLUMNS
    if unknown:
        raise ValueError(f"not moved by transitions: {unknown}")
    sets = "".join(f", {column} = ${n}" for n, column in enumerate(columns, start=5))
    changed = await db.execute(
        f"UPDATE booking SET state = $1, updated_at = $2{sets} WHERE id = $3 AND state = $4",
        to.value,
        now,
        booking.id,
        booking.state.value,
        *columns.values(),
    )
    if changed != 1:
        raise WrongState(state=booking.state.value, wanted=to.value)
    await note(
        booking.id,
        name,
        booking.state.value,
        to.value,
        actor=actor,
        now=now,
        person_id=person_id,
        reason=reason,
        key=key,
    )


async def note(
    booking_id: int,
    name: str,
    from_state: str,
    to_state: str,
    *,
    actor: str,
    now: datetime,
    person_id: int | None = None,
    reason: str = "",
    key: str | None = None,
) -> None:
    """Add one event to the story."""
    await db.execute(
        "INSERT INTO booking_event (booking_id, name, from_state, to_state, actor, person_id, reason, key, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        booking_id,
        name,
        from_state,
        to_state,
        actor,
        person_id,
        reason,
        key,
        now,
    )


async def has(key: str) -> bool:
    """Whether an event with this idempotency key was already told."""
    return await db.fetch_one("SELECT id FROM booking_event WHERE key = $1", key) is not None


async def tell(booking: BookingRow, what: str, **facts: Any) -> None:
    """Queue the messages that follow from a transition, and the news of it for features above, in the same commit."""
    await queue.add_all(
        {"booking": booking.reference, "what": what, **facts}, ("bookings.tell", "booking.moved")
    )
