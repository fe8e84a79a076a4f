"""Waits whose time has run out: their places come free, and a worker need not have noticed for that to count."""

from __future__ import annotations

from datetime import datetime

from market import db
from market.bookings import rows, stock, story
from market.bookings.rows import BookingRow
from market.bookings.states import State
from market.errors import NotFound
from market.payments import service as payments


async def lapse(reference: str, now: datetime) -> bool:
    """End a wait whose time has run out and give its stock back; False when there was nothing to end."""
    async with db.transaction():
        try:
            booking = await rows.lock(reference)
        except NotFound:
            return False
        ends = booking.deadline_at if booking.state is State.REQUESTED else booking.expires_at
        waiting = booking.state in {State.HELD, State.REQUESTED, State.PAYMENT_DUE}
        if not waiting or ends is None or ends > now:
            return False
        await stock.release(booking.id)
        await story.move(booking, State.EXPIRED, name="expired", actor=story.TIME, now=now, closed_at=now)
        await payments.abandon(booking.reference, now=now)
        if booking.guest_email:
            await story.tell(booking, "expired", was=booking.state.value)
    return True


async def end_wait(
    booking: BookingRow,
    to: State,
    *,
    name: str,
    actor: str,
    now: datetime,
    by: int | None = None,
    reason: str = "",
) -> None:
    """Inside the caller's transaction: a locked wait ends before its time, its stock is free, promises are let go."""
    await stock.release(booking.id)
    await story.move(
        booking,
        to,
        name=name,
        actor=actor,
        now=now,
        person_id=by,
        reason=reason,
        closed_at=now,
        expires_at=None,
    )
    await payments.abandon(booking.reference, now=now)


async def lapse_on(slot_id: int, now: datetime) -> bool:
    """End every dead wait on one slot; True when that freed something."""
    dead = await db.fetch(
        "SELECT DISTINCT b.reference, a.amendment_id FROM allocation a JOIN booking b ON b.id = a.booking_id"
        " WHERE a.slot_id = $1 AND a.state = 'held' AND a.expires_at <= $2",
        slot_id,
        now,
    )
    freed = False
    for row in dead:
        if row["amendment_id"] is None:
            freed = await lapse(row["reference"], now) or freed
        else:
            freed = await abandon_change(row["amendment_id"], now) or freed
    return freed


async def abandon_change(amendment_id: int, now: datetime) -> bool:
    """A change that was not paid in time gives its stock back; the booking stays as it was."""
    async with db.transaction():
        changed = await db.execute(
            "UPDATE amendment SET state = 'abandoned' WHERE id = $1 AND state = 'held' AND expires_at <= $2",
            amendment_id,
            now,
        )
        if not changed:
            return False
        row = await db.fetch_one("SELECT booking_id FROM amendment WHERE id = $1", amendment_id)
        if row is not None:
            await stock.release(row["booking_id"], amendment_id=amendment_id)
    return True


async def drop_open_changes(booking: BookingRow, now: datetime) -> None:
    """Give up a change that was begun and not paid: a new one replaces it, or the booking ends."""
    for row in await db.fetch(
        "UPDATE amendment SET state = 'abandoned' WHERE booking_id = $1 AND state = 'held' RETURNING id",
        booking.id,
    ):
        await stock.release(booking.id, amendment_id=row["id"])
    await payments.abandon(booking.reference, purpose="amendment", now=now)


async def lapse_all(now: datetime, limit: int = 200) -> int:
    """End every wait and change whose time has run out; how many."""
    due = await db.fetch(
        "SELECT reference FROM booking WHERE (state IN ('held', 'payment_due') AND expires_at <= $1)"
        " OR (state = 'requested' AND deadline_at <= $1) ORDER BY id LIMIT $2",
        now,
        limit,
    )
    changes = await db.fetch(
        "SELECT id FROM amendment WHERE state = 'held' AND expires_at <= $1 LIMIT $2", now, limit
    )
    ended = [await lapse(row["reference"], now) for row in due]
    ended += [await abandon_change(row["id"], now) for row in changes]
    return sum(ended)
