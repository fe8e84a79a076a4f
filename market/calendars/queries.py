"""Reads of feeds, links and conflicts for pages; a constant number of queries for any number of rooms."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from market import db
from market.calendars import feeds, telling
from market.calendars.feeds import Feed
from market.db.sql import Row, as_date, as_instant, as_instant_or_none
from market.settings import Settings


@dataclass(frozen=True, slots=True)
class Link:
    """A linked calendar. `nights` counts what it has taken from today on; `shown` is its address without secrets."""

    id: int
    room_type_id: int
    name: str
    source: str
    shown: str
    problem: str
    failures: int
    echoes: int
    asked_at: datetime
    checked_at: datetime | None
    good_at: datetime | None
    read_at: datetime | None
    nights: int
    conflicts: int

    @property
    def is_pending(self) -> bool:
        """Asked for, and not answered yet."""
        return self.checked_at is None or self.checked_at < self.asked_at


@dataclass(frozen=True, slots=True)
class Conflict:
    """Nights of a booking that another calendar has sold as well."""

    link_id: int
    calendar: str
    reference: str
    guest: str
    start: date
    end: date
    listing_id: int
    room_type_id: int


def _places(ids: Collection[int], first: int) -> str:
    return ", ".join(f"${n}" for n in range(first, first + len(ids))) or "NULL"


async def list_feeds(room_type_ids: Collection[int], config: Settings) -> dict[int, Feed]:
    """The feeds of these room types that have an address, by room type."""
    rows = await db.fetch(
        f"SELECT * FROM calendar_feed WHERE room_type_id IN ({_places(room_type_ids, 1)})",
        *sorted(room_type_ids),
    )
    return {row["room_type_id"]: feeds.feed_of(row, config) for row in rows}


async def list_links(room_type_ids: Collection[int], today: date) -> dict[int, list[Link]]:
    """The linked calendars of these room types, oldest first, by room type."""
    rows = await db.fetch(
        "SELECT l.*, COALESCE(SUM(CASE WHEN n.state = 'taken' THEN 1 ELSE 0 END), 0) AS nights,"
        " COALESCE(SUM(CASE WHEN n.state = 'conflict' THEN 1 ELSE 0 END), 0) AS conflicts FROM calendar_link l"
        " LEFT JOIN calendar_window w ON w.link_id = l.id AND w.ends_on > $1"
        " LEFT JOIN (calendar_night n JOIN slot s ON s.id = n.slot_id AND s.starts_on >= $1) ON n.window_id = w.id"
        f" WHERE l.room_type_id IN ({_places(room_type_ids, 2)}) GROUP BY l.id ORDER BY l.id",
        today,
        *sorted(room_type_ids),
    )
    found: dict[int, list[Link]] = {}
    for row in rows:
        found.setdefault(row["room_type_id"], []).append(_link(row))
    return found


def _link(row: Row) -> Link:
    return Link(
        id=row["id"],
        room_type_id=row["room_type_id"],
        name=row["name"],
        source=row["source"],
        shown=_shown(row["url"]),
        problem=row["problem"],
        failures=row["failures"],
        echoes=row["echoes"],
        asked_at=as_instant(row["asked_at"]),
        checked_at=as_instant_or_none(row["checked_at"]),
        good_at=as_instant_or_none(row["good_at"]),
        read_at=as_instant_or_none(row["read_at"]),
        nights=int(row["nights"]),
        conflicts=int(row["conflicts"]),
    )


def _shown(url: str) -> str:
    """The site and the last letters: enough to recognise an address, not to use it."""
    host = url.partition("://")[2].partition("/")[0]
    return f"{host}/…{url[-6:]}"


async def room_of_link(link_id: int) -> int | None:
    """The room type a link belongs to; whose that is, the caller asks."""
    row = await db.fetch_one("SELECT room_type_id FROM calendar_link WHERE id = $1", link_id)
    return row["room_type_id"] if row else None


async def list_conflicts(host_ids: Collection[int], today: date, *, limit: int = 30) -> list[Conflict]:
    """Nights sold here and elsewhere, from today on, by booking and calendar; soonest first."""
    if not host_ids:
        return []
    rows = await db.fetch(
        "SELECT DISTINCT l.id AS link_id, l.name, b.reference, b.guest_name, s.starts_on, s.listing_id, s.room_type_id"
        " FROM calendar_night n JOIN slot s ON s.id = n.slot_id JOIN calendar_window w ON w.id = n.window_id"
        " JOIN calendar_link l ON l.id = w.link_id JOIN listing x ON x.id = s.listing_id"
        " JOIN allocation a ON a.slot_id = s.id AND a.state IN ('held', 'confirmed')"
        " JOIN booking b ON b.id = a.booking_id AND b.state <> 'held'"
        f" WHERE n.state = 'conflict' AND s.starts_on >= $1 AND x.host_id IN ({_places(host_ids, 2)})"
        " ORDER BY s.starts_on",
        today,
        *sorted(host_ids),
    )
    days: dict[tuple[int, str], list[Row]] = {}
    for row in rows:
        days.setdefault((row["link_id"], row["reference"]), []).append(row)
    return [
        Conflict(
            link_id=link_id,
            calendar=found[0]["name"],
            reference=reference,
            guest=found[0]["guest_name"] or reference,
            start=start,
            end=end,
            listing_id=found[0]["listing_id"],
            room_type_id=found[0]["room_type_id"],
        )
        for (link_id, reference), found in days.items()
        for start, end in telling.runs(as_date(row["starts_on"]) for row in found)
    ][:limit]
