"""Commands of conversations: write a message, and note what has been read."""

from __future__ import annotations

from datetime import datetime

from market import db
from market.bookings import rows
from market.bookings.access import Role
from market.db.sql import as_instant
from market.errors import Refused, TooMany
from market.messaging import rules
from market.outbox import queue
from market.values.text import lazy


class Closed(Refused):
    """Nothing more can be written about this booking."""

    code = "conversation_closed"
    message = lazy("This conversation is closed. What was written stays here.")


class TooFast(TooMany):
    """So many messages in so short a time are not a conversation."""

    code = "messages_too_fast"
    message = lazy(
        "That was a lot of messages in a short time. Please wait a few minutes; your text is kept."
    )


OTHER = {Role.GUEST: Role.HOST, Role.HOST: Role.GUEST}


async def write(reference: str, *, author: Role, person_id: int | None, body: str, now: datetime) -> None:
    """Add a message from one side and queue the notice to the other. Raises Closed or TooFast."""
    async with db.transaction():
        booking = await rows.lock(reference)
        if not rules.may_write(booking.state, booking.ends_at, now):
            raise Closed
        earlier = await db.fetch(
            "SELECT created_at FROM message WHERE booking_id = $1 AND author = $2 ORDER BY id",
            booking.id,
            author.value,
        )
        times = [as_instant(row["created_at"]) for row in earlier]
        if sum(at > now - rules.FLOOD_WINDOW for at in times) >= rules.FLOOD:
            raise TooFast
        await db.execute(
            "INSERT INTO message (booking_id, author, person_id, body, created_at) VALUES ($1, $2, $3, $4, $5)",
            booking.id,
            author.value,
            person_id,
            body,
            now,
        )
        due = rules.notice_due([*times, now])
        if due is None:
            raise AssertionError("a message that was just written is due")
        await queue.add(
            "messaging.notice",
            {"booking": reference, "author": author.value, "due": due.isoformat()},
            due_at=due,
            dedupe_key=f"messaging.notice:{reference}:{author.value}:{due.isoformat()}",
        )


async def mark_read(booking_id: int, *, by: Role, now: datetime) -> None:
    """One side has the conversation open: what the other wrote is read."""
    if by in OTHER:
        await db.execute(
            "UPDATE message SET read_at = $3 WHERE booking_id = $1 AND author = $2 AND read_at IS NULL",
            booking_id,
            OTHER[by].value,
            now,
        )
