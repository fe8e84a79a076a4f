"""Which families of a village have a room free for these nights, the next in turn first. Reads only.

Taking the room, and whose turn is written down, is `rotation`'s business.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from market import db
from market.db.sql import as_date
from market.listings import queries as listings
from market.listings.offering import Room, SlotRow
from market.values.dates import DateRange
from market.villages import queries as villages
from market.villages.rules import Family, turn_order

NOTHING: Mapping[int, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Nights:
    """What is known of the families' rooms. `own` is what a booking has already: free for it, and only for it."""

    rooms: Mapping[int, tuple[Room, int]]
    taken: Mapping[tuple[int, date], SlotRow]
    closed: frozenset[tuple[int, date]]
    own: Mapping[int, int]

    def is_free(self, room_type_id: int, night: date, wanted: int) -> bool:
        slot = self.taken.get((room_type_id, night))
        kept = self.own.get(slot.id, 0) if slot is not None else 0
        if kept >= wanted:
            return True
        if room_type_id not in self.rooms or (room_type_id, night) in self.closed:
            return False
        if slot is None:
            return self.rooms[room_type_id][0].count >= wanted
        return slot.status in {"open", "guaranteed"} and slot.free + kept >= wanted

    def is_kept(self, night: date) -> bool:
        """Whether the booking sleeps in one of these rooms on that night already."""
        return any(day == night and self.own.get(slot.id) for (_, day), slot in self.taken.items())


async def free_families(
    listing_id: int,
    nights: DateRange,
    rooms: int,
    now: datetime,
    *,
    village_room: int | None = None,
    own: Mapping[int, int] = NOTHING,
) -> list[Family]:
    """The families whose own house is open and has so many rooms on every one of these nights, in turn.

    Nobody where the village itself has closed one of them: `village_room` is its own room, whose closed nights
    count, other than those `own` says the booking has already.
    """
    families = await villages.list_families(listing_id)
    ids = [family.room_type_id for family in families]
    known = _Nights(
        rooms=await listings.get_rooms(ids),
        taken=await listings.list_nights(ids, nights.start, nights.end, now),
        closed=await _closed(ids, nights),
        own=own,
    )
    shut = await _closed_by_village(village_room, nights) if village_room is not None else ()
    if not all(known.is_kept(night) for night in shut):
        return []
    return [
        family
        for family in turn_order(families)
        if all(known.is_free(family.room_type_id, night, rooms) for night in nights)
    ]


async def _closed_by_village(room_type_id: int, nights: DateRange) -> list[date]:
    found = await db.fetch(
        "SELECT starts_on FROM slot WHERE kind = 'night' AND room_type_id = $1 AND starts_on >= $2"
        " AND starts_on < $3 AND status = 'closed'",
        room_type_id,
        nights.start,
        nights.end,
    )
    return [as_date(row["starts_on"]) for row in found]


async def _closed(room_type_ids: Collection[int], nights: DateRange) -> frozenset[tuple[int, date]]:
    ids = sorted(room_type_ids)
    places = ", ".join(f"${n}" for n in range(3, 3 + len(ids))) or "NULL"
    found = await db.fetch(
        "SELECT r.id, c.from_on, c.to_on FROM room_type r JOIN closure c ON c.listing_id = r.listing_id"
        f" WHERE c.from_on <= $1 AND c.to_on >= $2 AND r.id IN ({places})",
        nights.end - timedelta(days=1),
        nights.start,
        *ids,
    )
    return frozenset(
        (row["id"], night)
        for row in found
        for night in nights
        if as_date(row["from_on"]) <= night <= as_date(row["to_on"])
    )
