"""Reads for the host's calendar: the nights of a room, and the departures or sessions of a listing."""

from __future__ import annotations

import calendar
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from market import db
from market.db.sql import Row, as_date, as_instant
from market.listings.offering import ClosedDays, Room
from market.values.dates import DateRange

# What live claims take: a hold that ran out counts as nothing, whether or not a worker noticed.
_HELD = (
    "(SELECT COALESCE(SUM(a.quantity), 0) FROM allocation a WHERE a.slot_id = s.id AND a.state = 'held'"
    " AND (a.expires_at IS NULL OR a.expires_at > $1)) AS live_held"
)


@dataclass(frozen=True, slots=True)
class Night:
    """A night of a room. `state`: open, booked (sold at least once), hold (asked for), shut or past.

    `own_price` is the night's own price, if it has one; `for_sale` counts rooms that are sold or can be.
    """

    day: date
    state: str
    sold: int
    held: int
    count: int
    own_price: int | None = None
    for_sale: int = 0


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
    own = row["price_minor"] if row else None
    shut = state == "shut"
    for_sale = 0 if shut else room.count - (row["blocked"] if row else 0)
    return Night(day, state, sold, held, room.count, own, for_sale)


def _is_shut(row: Row) -> bool:
    return row["status"] == "closed" or (row["blocked"] > 0 and row["blocked"] >= row["capacity"])


async def guests_of(references: Collection[str]) -> dict[str, tuple[str, int]]:
    """(name, people) of the guests of these bookings; a hold has no name yet."""
    wanted = sorted(set(references))
    places = ", ".join(f"${n}" for n in range(1, len(wanted) + 1)) or "NULL"
    rows = await db.fetch(
        "SELECT reference, guest_name, adults + children + infants AS people FROM booking"
        f" WHERE reference IN ({places})",
        *wanted,
    )
    return {row["reference"]: (row["guest_name"], row["people"]) for row in rows}


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


async def count_starts_of(listing_id: int, slot_ids: Collection[int]) -> int:
    """How many of these are departures or sessions of a listing."""
    wanted = sorted(set(slot_ids))
    places = ", ".join(f"${n}" for n in range(2, len(wanted) + 2)) or "NULL"
    row = await db.fetch_one(
        f"SELECT COUNT(*) AS n FROM slot WHERE listing_id = $1 AND kind <> 'night' AND id IN ({places})",
        listing_id,
        *wanted,
    )
    return int(row["n"]) if row else 0
