"""Reads of waiting lists: somebody's own place, and how many wait, for hosts. Nothing here tells who waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from market import db
from market.bookings.waiting import Entry
from market.db.sql import as_date

_LIVE = "('waiting', 'offered')"


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many parties and guests wait for one start, or for nights of a room; `offered` of them have an offer."""

    listing_id: int
    slot_id: int | None
    room_type_id: int | None
    starts_on: date
    ends_on: date
    parties: int
    guests: int
    offered: int


async def get_rank(entry: Entry) -> int:
    """1 for the one whose turn is next. Those who wait for other nights of the same room count if they overlap."""
    row = await db.fetch_one(
        f"SELECT COUNT(*) AS n FROM waiting_entry WHERE listing_id = $1 AND state IN {_LIVE} AND id < $2"
        " AND (slot_id = $3 OR (room_type_id = $4 AND starts_on < $6 AND ends_on > $5))",
        entry.listing_id,
        entry.id,
        entry.slot_id,
        entry.room_type_id,
        entry.starts_on,
        entry.ends_on,
    )
    return 1 + (row["n"] if row else 0)


async def get_offer_reference(entry: Entry) -> str:
    """The hold that was offered to an entry, or an empty text."""
    if entry.booking_id is None:
        return ""
    row = await db.fetch_one("SELECT reference FROM booking WHERE id = $1", entry.booking_id)
    return row["reference"] if row else ""


async def list_for_listings(listing_ids: Iterable[int], now: datetime) -> list[Waiting]:
    """Who waits for what of these listings, soonest first."""
    ids = sorted(listing_ids)
    if not ids:
        return []
    places = ", ".join(f"${n}" for n in range(2, 2 + len(ids)))
    found = await db.fetch(
        "SELECT listing_id, slot_id, room_type_id, starts_on, ends_on, COUNT(*) AS parties,"
        " SUM(adults + children + infants) AS guests, SUM(CASE WHEN state = 'offered' THEN 1 ELSE 0 END) AS offered"
        f" FROM waiting_entry WHERE state IN {_LIVE} AND starts_at > $1 AND listing_id IN ({places})"
        " GROUP BY listing_id, slot_id, room_type_id, starts_on, ends_on ORDER BY starts_on, listing_id",
        now,
        *ids,
    )
    return [
        Waiting(
            listing_id=row["listing_id"],
            slot_id=row["slot_id"],
            room_type_id=row["room_type_id"],
            starts_on=as_date(row["starts_on"]),
            ends_on=as_date(row["ends_on"]),
            parties=int(row["parties"]),
            guests=int(row["guests"]),
            offered=int(row["offered"]),
        )
        for row in found
    ]
