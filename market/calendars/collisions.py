"""Nights sold here and elsewhere too: whose they are, and when which guest is told. Decides and reads; writes nothing.

Who can settle a collision hears of it at once (`letters`). A guest hears only when it still stands shortly before the
arrival, and only as many parties as rooms are lacking: those who booked last (docs/adr/0033-a-night-sold-twice.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from market import clock, db
from market.calendars import telling
from market.db.sql import Row, as_date, as_instant

GRACE: Final = timedelta(hours=6)
AHEAD: Final = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Nights of a booking that another calendar has sold as well. `guest_hears_at` is None for a party that booked
    before those who would be short of a room; once it has passed, the guest knows.
    """

    link_id: int
    calendar: str
    reference: str
    guest: str
    start: date
    end: date
    listing_id: int
    room_type_id: int
    found_at: datetime
    guest_hears_at: datetime | None
    guest_knows: bool


def guest_hears_at(found_at: datetime, arrives_at: datetime) -> datetime:
    """When a guest is told of a collision that nobody has settled: three days ahead, never in its first hours."""
    return max(found_at + GRACE, arrives_at - AHEAD)


async def of_hosts(host_ids: Collection[int], today: date, *, limit: int = 30) -> list[Conflict]:
    """Collisions of these hosts' nights from today on, by booking and calendar; soonest first."""
    if not host_ids:
        return []
    places = ", ".join(f"${n}" for n in range(2, 2 + len(host_ids)))
    return _conflicts(await _rows(f" AND x.host_id IN ({places})", today, sorted(host_ids)))[:limit]


async def every(today: date) -> list[Conflict]:
    """All collisions from today on."""
    return _conflicts(await _rows("", today, ()))


async def _rows(where: str, today: date, values: Sequence[int]) -> list[Row]:
    return await db.fetch(
        "SELECT DISTINCT n.id AS night_id, n.since_at, l.id AS link_id, l.name, b.id AS booking_id, b.reference,"
        " b.guest_name, b.starts_at, s.id AS slot_id, s.starts_on, s.listing_id, s.room_type_id"
        " FROM calendar_night n JOIN slot s ON s.id = n.slot_id JOIN calendar_window w ON w.id = n.window_id"
        " JOIN calendar_link l ON l.id = w.link_id JOIN listing x ON x.id = s.listing_id"
        " JOIN allocation a ON a.slot_id = s.id AND a.state IN ('held', 'confirmed')"
        " JOIN booking b ON b.id = a.booking_id AND b.state <> 'held'"
        f" WHERE n.state = 'conflict' AND s.starts_on >= $1{where} ORDER BY s.starts_on, n.id, b.id",
        today,
        *values,
    )


def _conflicts(rows: Sequence[Row]) -> list[Conflict]:
    short = _short_of_a_room(rows)
    days: dict[tuple[int, str], list[Row]] = {}
    for row in rows:
        days.setdefault((row["link_id"], row["reference"]), []).append(row)
    return [
        _conflict(found, start, end, short)
        for found in days.values()
        for start, end in telling.runs({as_date(row["starts_on"]) for row in found})
    ]


def _conflict(found: Sequence[Row], start: date, end: date, short: Collection[int]) -> Conflict:
    first = found[0]
    found_at = min(as_instant(row["since_at"]) for row in found)
    hears_at = guest_hears_at(found_at, as_instant(first["starts_at"]))
    if first["booking_id"] not in short:
        hears_at = None
    return Conflict(
        link_id=first["link_id"],
        calendar=first["name"],
        reference=first["reference"],
        guest=first["guest_name"] or first["reference"],
        start=start,
        end=end,
        listing_id=first["listing_id"],
        room_type_id=first["room_type_id"],
        found_at=found_at,
        guest_hears_at=hears_at,
        guest_knows=hears_at is not None and hears_at <= clock.now(),
    )


def _short_of_a_room(rows: Sequence[Row]) -> frozenset[int]:
    """Of each night as many bookings as rooms are lacking, the newest ones."""
    lacking: defaultdict[int, set[int]] = defaultdict(set)
    bookings: defaultdict[int, set[int]] = defaultdict(set)
    for row in rows:
        lacking[row["slot_id"]].add(row["night_id"])
        bookings[row["slot_id"]].add(row["booking_id"])
    return frozenset(
        booking for slot, known in bookings.items() for booking in sorted(known)[-len(lacking[slot]) :]
    )
