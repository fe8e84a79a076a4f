"""The end of a trip: stays and tours that are over are completed, and their money finds its receivers."""

from __future__ import annotations

from datetime import datetime

from market import db
from market.bookings import cancelling, rows, story
from market.bookings.states import State
from market.payments import service as payments


async def complete(reference: str, now: datetime) -> bool:
    """Complete a booking whose time is over; False when it is not (or already was)."""
    async with db.transaction():
        booking = await rows.lock(reference)
        if booking.state not in {State.CONFIRMED, State.CHECKED_IN, State.NO_SHOW} or booking.ends_at > now:
            return False
        await story.move(booking, State.COMPLETED, name="completed", actor=story.TIME, now=now, closed_at=now)
        await payments.settle(
            booking_reference=booking.reference,
            parts=cancelling.shares(booking, booking.balance),
            host_id=booking.host_id,
            village_id=await cancelling.village_of(booking),
            now=now,
        )
        await story.tell(booking, "completed")
    return True


async def complete_all(now: datetime, limit: int = 200) -> int:
    """Complete everything that ended; how many."""
    due = await db.fetch(
        "SELECT reference FROM booking WHERE state IN ('confirmed', 'checked_in', 'no_show') AND ends_at <= $1"
        " ORDER BY id LIMIT $2",
        now,
        limit,
    )
    return sum([await complete(row["reference"], now) for row in due])
