"""Reads of conversations."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from market import db
from market.db.sql import as_instant, as_instant_or_none


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message as it was written. `author` is guest or host."""

    id: int
    author: str
    body: str
    created_at: datetime
    read_at: datetime | None


async def list_messages(booking_id: int, *, limit: int = 500) -> list[MessageRow]:
    """A booking's conversation, oldest first; at most the newest `limit`."""
    rows = await db.fetch(
        "SELECT id, author, body, created_at, read_at FROM message WHERE booking_id = $1 ORDER BY id DESC LIMIT $2",
        booking_id,
        limit,
    )
    return [
        MessageRow(
            r["id"], r["author"], r["body"], as_instant(r["created_at"]), as_instant_or_none(r["read_at"])
        )
        for r in reversed(rows)
    ]


@dataclass(frozen=True, slots=True)
class Unread:
    """Messages of a guest that nobody of the host has opened."""

    reference: str
    guest: str
    count: int


async def list_unread(host_ids: Collection[int], *, limit: int = 10) -> list[Unread]:
    """What guests wrote to these hosts and nobody has read, the longest waiting first."""
    ids = sorted(host_ids)
    if not ids:
        return []
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    rows = await db.fetch(
        "SELECT b.reference, b.guest_name, COUNT(*) AS n, MIN(m.created_at) AS first FROM message m"
        " JOIN booking b ON b.id = m.booking_id WHERE m.author = 'guest' AND m.read_at IS NULL"
        f" AND (b.host_id IN ({places}) OR b.hosting_id IN ({places}))"
        f" GROUP BY b.reference, b.guest_name ORDER BY MIN(m.created_at) LIMIT {limit:d}",
        *ids,
    )
    return [Unread(row["reference"], row["guest_name"], row["n"]) for row in rows]


async def count_unread(booking_id: int, author: str) -> int:
    """How many of one side's messages the other side has not seen."""
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM message WHERE booking_id = $1 AND author = $2 AND read_at IS NULL",
        booking_id,
        author,
    )
    return row["n"] if row else 0
