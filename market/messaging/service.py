"""Commands of conversations: write a message, and note what has been read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from market import db
from market.bookings import rows
from market.bookings.access import Role
from market.db.sql import as_instant
from market.errors import Refused, TooMany
from market.messaging import pictures, rules
from market.messaging.pictures import TooEarly
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


@dataclass(frozen=True, slots=True)
class Written:
    """A message that was taken, and the kinds of contact details in it that stay hidden for now."""

    id: int
    hidden: tuple[str, ...]


async def write(
    reference: str,
    *,
    author: Role,
    person_id: int | None,
    body: str,
    now: datetime,
    picture_keys: Sequence[str] = (),
) -> Written:
    """Add a message from one side, with pictures that were kept, and queue the notice to the other.

    What is hidden until the booking is confirmed is logged by its kind. Raises Closed, TooFast, or TooEarly for
    pictures before that.
    """
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
        if picture_keys and booking.state not in rules.KNOWN_TO_EACH_OTHER:
            raise TooEarly
        made = await db.fetch(
            "INSERT INTO message (booking_id, author, person_id, body, created_at) VALUES ($1, $2, $3, $4, $5)"
            " RETURNING id",
            booking.id,
            author.value,
            person_id,
            body,
            now,
        )
        message_id: int = made[0]["id"]
        await pictures.attach(message_id, picture_keys, now)
        hidden = () if booking.state in rules.KNOWN_TO_EACH_OTHER else rules.hidden_kinds(body)
        if hidden:
            await db.execute(
                "INSERT INTO message_masking (message_id, kinds, at) VALUES ($1, $2, $3)",
                message_id,
                ",".join(hidden),
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
    return Written(message_id, hidden)


async def mark_read(booking_id: int, *, by: Role, now: datetime) -> None:
    """One side has the conversation open: what the other wrote is read."""
    if by in OTHER:
        await db.execute(
            "UPDATE message SET read_at = $3 WHERE booking_id = $1 AND author = $2 AND read_at IS NULL",
            booking_id,
            OTHER[by].value,
            now,
        )
