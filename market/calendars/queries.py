"""Reads of feeds and links for pages; a constant number of queries for any number of rooms. Conflicts: `collisions`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from market import db
from market.calendars import feeds
from market.calendars.feeds import Feed
from market.db.sql import Row, as_instant, as_instant_or_none
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
