"""Reads for the host's calendar: the nights of a room, and the departures or sessions of a listing."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from market import db
from market.db.sql import Row, as_date, as_instant
from market.listings import slots
from market.listings.offering import ClosedDays, Room
from market.listings.slots import Standing
from market.values.dates import DateRange

# What live claims take: a hold that ran out counts as nothing, whether or not a worker noticed.
_HELD = (
    "(SELECT COALESCE(SUM(a.quantity), 0) FROM allocation a WHERE a.slot_id = s.id AND a.state = 'held'"
    " AND (a.expires_at IS NULL OR a.expires_at > $1)) AS live_held"
)


@dataclass(frozen=True, slots=True)
class Night:
    """A night of a room. `state`: open, booked (sold at least once), hold (asked for), shut or past."""

    day: date
    state: str
    sold: int
    held: int
    count: int


@dataclass(frozen=True, slots=True)
class Start:
    """A departure or session as the host's list shows it."""

    id: int
    starts_at: datetime
    ends_on: date
    status: str
    capacity: int
    sold: int
    held: int
    min_guests: int
    price_minor: int | None


def month_of(text: str, today: date) -> date:
    """The first day of the month `YYYY-MM`; this month for anything else, within two years from today."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        first = today.replace(day=1)
    return min(max(first, today.replace(day=1)), today.replace(year=today.year + 2, day=1))


def weeks_of(first: date) -> list[list[date | None]]:
    """A month's days in weeks from Monday, None before the first and after the last."""
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    return [[day if day.month == first.month else None for day in week] for week in weeks]


async def list_month(
    room: Room, closures: tuple[ClosedDays, ...], first: date, now: datetime, today: date
) -> dict[date, Night]:
    """Every night of a month for one kind of room."""
    after = first + timedelta(days=calendar.monthrange(first.year, first.month)[1])
    rows = await db.fetch(
        f"SELECT s.*, {_HELD} FROM slot s WHERE s.kind = 'night' AND s.room_type_id = $2"
        " AND s.starts_on >= $3 AND s.starts_on < $4",
        now,
        room.id,
        first,
        after,
    )
    known = {as_date(row["starts_on"]): row for row in rows}
    return {day: _night(day, known.get(day), room, closures, today) for day in DateRange(first, after)}


def _night(day: date, row: Row | None, room: Room, closures: tuple[ClosedDays, ...], today: date) -> Night:
    sold = int(row["confirmed"]) if row else 0
    held = int(row["live_held"]) if row else 0
    if day < today:
        state = "past"
    elif sold:
        state = "booked"
    elif held:
        state = "hold"
    elif any(closure.covers(day) for closure in closures) or (row is not None and _is_shut(row)):
        state = "shut"
    else:
        state = "open"
    return Night(day, state, sold, held, room.count)


def _is_shut(row: Row) -> bool:
    return row["status"] == "closed" or (row["blocked"] > 0 and row["blocked"] >= row["capacity"])


async def list_standing(room_type_id: int, nights: DateRange, now: datetime) -> list[Standing]:
    """The bookings that own one of these nights of a room, each once."""
    rows = await db.fetch(
        "SELECT id FROM slot WHERE kind = 'night' AND room_type_id = $1"
        " AND starts_on >= $2 AND starts_on < $3 AND held + confirmed > 0 ORDER BY starts_on",
        room_type_id,
        nights.start,
        nights.end,
    )
    found: dict[str, Standing] = {}
    for row in rows:
        for standing in await slots.list_standing(row["id"], now):
            found.setdefault(standing.reference, standing)
    return list(found.values())


async def list_starts(listing_id: int, now: datetime, *, limit: int = 80) -> list[Start]:
    """The departures or sessions ahead, soonest first, closed ones too."""
    rows = await db.fetch(
        f"SELECT s.*, {_HELD} FROM slot s WHERE s.listing_id = $2 AND s.kind <> 'night' AND s.starts_at > $1"
        " ORDER BY s.starts_at LIMIT $3",
        now,
        listing_id,
        limit,
    )
    return [
        Start(
            id=row["id"],
            starts_at=as_instant(row["starts_at"]),
            ends_on=as_date(row["ends_on"]),
            status=row["status"],
            capacity=row["capacity"],
            sold=row["confirmed"],
            held=int(row["live_held"]),
            min_guests=row["min_guests"],
            price_minor=row["price_minor"],
        )
        for row in rows
    ]


async def owns_slot(listing_id: int, slot_id: int) -> bool:
    """Whether a departure or session belongs to a listing."""
    row = await db.fetch_one(
        "SELECT id FROM slot WHERE id = $1 AND listing_id = $2 AND kind <> 'night'", slot_id, listing_id
    )
    return row is not None
