"""From what a linked calendar says to our stock: nights are taken, released, or found in conflict.

Runs after a complete reading only, in one transaction. A night that is sold here stays sold: the window then is a
conflict that people are told of. A closed stretch that we ourselves told that calendar is an echo and takes
nothing; a reservation is never an echo.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from market import db
from market.bookings.stock import SERVE_WAITING
from market.calendars import letters
from market.calendars.ics import UNAVAILABLE, Reading, Window
from market.db.sql import Row, as_date
from market.listings import slots, stock
from market.outbox import queue
from market.settings import Settings
from market.values.dates import DateRange, local_day
from market.web import page_cache

TAKEN, WAITING, CONFLICT, ECHO = "taken", "waiting", "conflict", "echo"
_ROOM_FOR_ONE: Final = "s.held + s.confirmed + s.imported < s.capacity"


@dataclass(frozen=True, slots=True)
class _Night:
    """A night of a window that is not settled."""

    id: int
    slot_id: int
    day: date
    kind: str
    link_id: int
    state: str


async def apply(link_id: int, reading: Reading, *, now: datetime, config: Settings) -> None:
    """Make our stock agree with a complete reading of a linked calendar. Safe to repeat."""
    async with db.transaction():
        link = await _lock(link_id)
        if link is None:
            return
        today = local_day(now)
        known = await _windows(link_id)
        wanted = {window.key: window for window in reading.windows}
        # An event we could not read may be one we know: then nothing is taken for gone.
        gone = [] if reading.odd else [row for key, row in known.items() if key not in wanted]
        freed = await _forget(gone, today)
        freed |= await _place(link, known, wanted, today, now)
        await db.execute(
            "UPDATE calendar_link SET good_at = $2, checked_at = $2, failures = 0, problem = '', echoes = $3"
            " WHERE id = $1",
            link_id,
            now,
            reading.echoes,
        )
        await _settle(await _open_nights(link_id, freed), now, config)
        await _tell_waiting(freed)
        await page_cache.bump()


async def release(link_id: int) -> None:
    """Give back everything a link has taken, before it is removed."""
    async with db.transaction():
        if await _lock(link_id) is None:
            return
        freed = await _forget(list((await _windows(link_id)).values()), date.min)
        await _tell_waiting(freed)
        await page_cache.bump()


async def settle_open(*, now: datetime, config: Settings) -> int:
    """Try again what waits, and conflicts where the night has room now; how many nights were looked at."""
    rows = await db.fetch(
        "SELECT DISTINCT n.slot_id FROM calendar_night n JOIN slot s ON s.id = n.slot_id"
        " WHERE n.state IN ('conflict', 'waiting') AND s.ends_at > $1"
        f" AND (n.state = 'waiting' OR {_ROOM_FOR_ONE}) LIMIT 500",
        now,
    )
    if not rows:
        return 0
    async with db.transaction():
        await _settle(await _open_nights(0, {row["slot_id"] for row in rows}), now, config)
        await page_cache.bump()
    return len(rows)


async def _lock(link_id: int) -> Row | None:
    lock = " FOR UPDATE" if db.is_postgres() else ""
    return await db.fetch_one(f"SELECT * FROM calendar_link WHERE id = $1{lock}", link_id)


async def _windows(link_id: int) -> dict[str, Row]:
    rows = await db.fetch("SELECT * FROM calendar_window WHERE link_id = $1", link_id)
    return {row["uid_hash"]: row for row in rows}


# Windows and their nights --------------------------------------------------------------------------------
async def _forget(windows: Iterable[Row], today: date) -> set[int]:
    """Windows that are gone give their nights back; the slots that came free. A past night stays as it was."""
    freed: set[int] = set()
    for window in windows:
        rows = await db.fetch(
            "SELECT n.slot_id, s.starts_on FROM calendar_night n JOIN slot s ON s.id = n.slot_id"
            " WHERE n.window_id = $1 AND n.state = 'taken' ORDER BY n.slot_id",
            window["id"],
        )
        for row in rows:
            if as_date(row["starts_on"]) >= today:
                await stock.release_elsewhere(row["slot_id"])
                freed.add(row["slot_id"])
        await db.execute("DELETE FROM calendar_window WHERE id = $1", window["id"])
    return freed


async def _place(
    link: Row, known: dict[str, Row], wanted: dict[str, Window], today: date, now: datetime
) -> set[int]:
    """Write new and changed windows with their nights, nothing taken yet; the slots that changed windows let go."""
    freed: set[int] = set()
    moved = [w for key, w in wanted.items() if key not in known or _differs(known[key], w, today)]
    ids = await stock.ensure_nights(
        (link["room_type_id"], day) for window in moved for day in DateRange(window.start, window.end)
    )
    for window in moved:
        window_id = await _write(link["id"], window, now)
        slots_of = {ids[link["room_type_id"], day] for day in DateRange(window.start, window.end)}
        freed |= await _drop_nights(window_id, slots_of, today)
        for slot_id in sorted(slots_of):
            await db.execute(
                "INSERT INTO calendar_night (window_id, slot_id, state, since_at) VALUES ($1, $2, 'waiting', $3)"
                " ON CONFLICT (window_id, slot_id) DO NOTHING",
                window_id,
                slot_id,
                now,
            )
    return freed


def _differs(row: Row, window: Window, today: date) -> bool:
    """A window that only lost days that have passed is the same."""
    start = max(as_date(row["starts_on"]), today)
    return (start, as_date(row["ends_on"]), row["kind"]) != (window.start, window.end, window.kind)


async def _write(link_id: int, window: Window, now: datetime) -> int:
    rows = await db.fetch(
        "INSERT INTO calendar_window (link_id, uid_hash, starts_on, ends_on, kind, first_seen_at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (link_id, uid_hash) DO UPDATE SET"
        " starts_on = excluded.starts_on, ends_on = excluded.ends_on, kind = excluded.kind RETURNING id",
        link_id,
        window.key,
        window.start,
        window.end,
        window.kind,
        now,
    )
    return rows[0]["id"]


async def _drop_nights(window_id: int, keep: Collection[int], today: date) -> set[int]:
    """Nights a window does not cover any more; those of the past stay as they were."""
    rows = await db.fetch(
        "SELECT n.id, n.slot_id, n.state FROM calendar_night n JOIN slot s ON s.id = n.slot_id"
        " WHERE n.window_id = $1 AND s.starts_on >= $2 ORDER BY n.slot_id",
        window_id,
        today,
    )
    freed: set[int] = set()
    for row in rows:
        if row["slot_id"] in keep:
            continue
        if row["state"] == TAKEN:
            await stock.release_elsewhere(row["slot_id"])
            freed.add(row["slot_id"])
        await db.execute("DELETE FROM calendar_night WHERE id = $1", row["id"])
    return freed


# Settling ------------------------------------------------------------------------------------------------
async def _open_nights(link_id: int, freed: Collection[int]) -> list[_Night]:
    """The nights not taken: of this link, and of all links on slots that came free; in slot order."""
    places = ", ".join(f"${n}" for n in range(2, 2 + len(freed))) or "NULL"
    rows = await db.fetch(
        "SELECT n.id, n.slot_id, n.state, s.starts_on, w.kind, w.link_id FROM calendar_night n"
        " JOIN calendar_window w ON w.id = n.window_id JOIN slot s ON s.id = n.slot_id"
        f" WHERE n.state <> 'taken' AND (w.link_id = $1 OR n.slot_id IN ({places})) ORDER BY n.slot_id, n.id",
        link_id,
        *sorted(freed),
    )
    return [
        _Night(
            r["id"],
            r["slot_id"],
            as_date(r["starts_on"]),
            r["kind"],
            r["link_id"],
            r["state"],
        )
        for r in rows
    ]


async def _settle(nights: Sequence[_Night], now: datetime, config: Settings) -> None:
    told = {link_id: await _told(link_id) for link_id in {night.link_id for night in nights}}
    conflicts: dict[tuple[int, str], set[date]] = {}
    for night in nights:
        state, bookings = await _take(night, told[night.link_id], now)
        if state != night.state:
            await db.execute(
                "UPDATE calendar_night SET state = $2, since_at = $3 WHERE id = $1", night.id, state, now
            )
        if state == CONFLICT:
            for reference in bookings:
                conflicts.setdefault((night.link_id, reference), set()).add(night.day)
    for (link_id, reference), days in conflicts.items():
        await letters.tell_conflict(link_id, reference, sorted(days), config)


async def _take(night: _Night, told: Sequence[tuple[date, date]], now: datetime) -> tuple[str, list[str]]:
    """What becomes of a night, and the bookings that stand in the way."""
    if night.kind == UNAVAILABLE and any(start <= night.day < end for start, end in told):
        return ECHO, []
    if await stock.take_elsewhere(night.slot_id):
        return TAKEN, []
    standing = {each.reference: each.state for each in await slots.list_standing(night.slot_id, now)}
    if not standing:
        full = await db.fetch_one("SELECT id FROM slot WHERE id = $1 AND imported >= capacity", night.slot_id)
        return (ECHO if full else WAITING), []
    places = ", ".join(f"${n}" for n in range(1, len(standing) + 1))
    firm = await db.fetch(
        f"SELECT reference FROM booking WHERE state <> 'held' AND reference IN ({places})", *standing
    )
    return (CONFLICT, sorted(row["reference"] for row in firm)) if firm else (WAITING, [])


async def _told(link_id: int) -> list[tuple[date, date]]:
    """The stretches this calendar has read in our feed, in its own or in the general one."""
    rows = await db.fetch(
        "SELECT e.starts_on, e.ends_on FROM calendar_link l"
        " JOIN calendar_entry e ON e.room_type_id = l.room_type_id AND e.link_id IN (0, l.id)"
        " JOIN calendar_feed f ON f.room_type_id = l.room_type_id WHERE l.id = $1"
        " AND CASE WHEN e.link_id = 0 THEN f.read_at ELSE l.read_at END >= e.changed_at",
        link_id,
    )
    return [(as_date(row["starts_on"]), as_date(row["ends_on"])) for row in rows]


async def _tell_waiting(freed: Collection[int]) -> None:
    """Have the waiting lists of listings looked at whose nights came free."""
    if not freed:
        return
    places = ", ".join(f"${n}" for n in range(1, 1 + len(freed)))
    rows = await db.fetch(f"SELECT listing_id FROM slot WHERE id IN ({places})", *sorted(freed))
    for listing_id in sorted(Counter(row["listing_id"] for row in rows)):
        await queue.add(SERVE_WAITING, {"listing": listing_id})


def next_time(now: datetime, failures: int, chance: float) -> datetime:
    """When to fetch again: half an hour, doubled by every failure up to six hours, a fifth earlier or later."""
    pause = min(timedelta(minutes=30) * 2 ** min(failures, 6), timedelta(hours=6))
    return now + pause * (0.8 + 0.4 * chance)
