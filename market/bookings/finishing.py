"""The end of a trip: stays and tours that are over are completed, and their money finds its receivers.

A guest whom nobody checked in leaves the host a day more, to say that nobody came (`arrival_rules`). What follows
a no-show is in `absences`.
"""

from __future__ import annotations

from datetime import datetime

from market import db
from market.bookings import arrival_rules, cancelling, rows, story
from market.bookings.rows import BookingRow
from market.bookings.states import SOLD, State
from market.outbox import queue
from market.payments import disputes
from market.payments import service as payments


async def complete(reference: str, now: datetime) -> bool:
    """Complete a booking whose time is over; False when it is not (or already was), or is disputed."""
    async with db.transaction():
        booking = await rows.lock(reference)
        if booking.state not in SOLD or not _is_over(booking, now):
            return False
        if await disputes.is_frozen(reference):
            return False
        await story.move(booking, State.COMPLETED, name="completed", actor=story.TIME, now=now, closed_at=now)
        await payments.settle(
            booking_reference=booking.reference,
            parts=cancelling.shares(booking, booking.balance),
            host_id=booking.paid_host_id,
            village_id=await cancelling.village_of(booking),
            now=now,
        )
        await story.tell(booking, "completed")
        await queue.add("reviews.open", {"booking": reference}, dedupe_key=f"reviews.open:{reference}")
    return True


def _is_over(booking: BookingRow, now: datetime) -> bool:
    seen = booking.state is State.CHECKED_IN
    over = arrival_rules.completes_at(starts_at=booking.starts_at, ends_at=booking.ends_at, seen=seen)
    return over <= now


async def complete_all(now: datetime, limit: int = 200) -> int:
    """Complete everything that ended; how many."""
    due = await db.fetch(
        "SELECT reference FROM booking WHERE ends_at <= $1"
        " AND NOT EXISTS (SELECT 1 FROM dispute d WHERE d.booking_reference = booking.reference"
        " AND d.closed_at IS NULL)"
        " AND (state = 'checked_in' OR (state = 'confirmed' AND starts_at <= $2)) ORDER BY id LIMIT $3",
        now,
        now - arrival_rules.UNSEEN_FOR,
        limit,
    )
    return sum([await complete(row["reference"], now) for row in due])
