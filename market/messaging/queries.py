"""Reads of conversations."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from market import db
from market.bookings.rows import BookingRow, booking_row
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


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation in the host's inbox: its newest message, and how many of the guest's nobody has opened."""

    booking: BookingRow
    author: str
    body: str
    at: datetime
    unread: int
    pictures: int


async def list_threads(host_ids: Collection[int], *, limit: int, offset: int = 0) -> list[Thread]:
    """Every conversation of these hosts: unread ones first, then the newest."""
    ids = sorted(host_ids)
    if not ids:
        return []
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    rows = await db.fetch(
        "SELECT b.*, m.author AS m_author, m.body AS m_body, m.created_at AS m_at, COALESCE(u.n, 0) AS m_unread,"
        " (SELECT COUNT(*) FROM message_picture p WHERE p.message_id = m.id) AS m_pictures FROM booking b"
        " JOIN message m ON m.id = (SELECT MAX(id) FROM message WHERE booking_id = b.id)"
        " LEFT JOIN (SELECT booking_id, COUNT(*) AS n FROM message WHERE author = 'guest' AND read_at IS NULL"
        " GROUP BY booking_id) u ON u.booking_id = b.id"
        f" WHERE b.host_id IN ({places}) OR b.hosting_id IN ({places})"
        " ORDER BY CASE WHEN u.n IS NULL THEN 1 ELSE 0 END, m.created_at DESC, m.id DESC"
        f" LIMIT {limit:d} OFFSET {offset:d}",
        *ids,
    )
    return [
        Thread(
            booking_row(r), r["m_author"], r["m_body"], as_instant(r["m_at"]), r["m_unread"], r["m_pictures"]
        )
        for r in rows
    ]


async def count_unread(booking_id: int, author: str) -> int:
    """How many of one side's messages the other side has not seen."""
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM message WHERE booking_id = $1 AND author = $2 AND read_at IS NULL",
        booking_id,
        author,
    )
    return row["n"] if row else 0
