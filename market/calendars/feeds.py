"""A room type's secret feed: its address, and the file behind it.

Nothing secret is stored: the token is computed with the installation's key and only its hash is kept, so an
address given away goes on working after the key was changed. The file names nobody. What another calendar
brought is told to all linked calendars but that one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from icalendar import Calendar, Event

from market import db
from market.calendars import telling
from market.calendars.telling import Entry, Night, Span
from market.db.sql import Row, as_date, as_instant, as_instant_or_none
from market.settings import Settings
from market.values.dates import local_day
from market.values.ids import token_hash
from market.web import urls

MEDIA_TYPE: Final = "text/calendar; charset=utf-8"
AHEAD: Final = timedelta(days=550)
_NOTE_EVERY: Final = timedelta(minutes=5)
OWN: Final = 0  # the variant for whoever is not linked back


@dataclass(frozen=True, slots=True)
class Feed:
    """A room type's feed. `token` is empty when its address was made with a key that is gone."""

    room_type_id: int
    token: str
    made_at: datetime
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class File:
    """The file of a feed, with what tells whether it changed."""

    body: bytes
    etag: str
    changed_at: datetime


def domain(config: Settings) -> str:
    """What the ids of our events end in, and how we know them again."""
    return urlsplit(config.base_url).hostname or "localhost"


def _token(room_type_id: int, version: int, key: str) -> str:
    told = f"calendar-feed\n{room_type_id}\n{version}".encode()
    mac = hmac.new(key.encode(), told, hashlib.sha256).digest()
    return base64.b32encode(mac[:16]).decode().rstrip("=").lower()


async def renew(room_type_id: int, config: Settings, now: datetime) -> None:
    """Give the feed an address, or another one; the old one then leads nowhere."""
    async with db.transaction():
        row = await db.fetch_one("SELECT version FROM calendar_feed WHERE room_type_id = $1", room_type_id)
        version = row["version"] + 1 if row else 1
        await db.execute(
            "INSERT INTO calendar_feed (room_type_id, version, token_hash, made_at) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT (room_type_id) DO UPDATE SET version = excluded.version,"
            " token_hash = excluded.token_hash, made_at = excluded.made_at, read_at = NULL",
            room_type_id,
            version,
            token_hash(_token(room_type_id, version, config.secret_key)),
            now,
        )
        await db.execute("UPDATE calendar_link SET read_at = NULL WHERE room_type_id = $1", room_type_id)


def feed_of(row: Row, config: Settings) -> Feed:
    """A feed's row with its address, as far as a key we still have made it."""
    made = (_token(row["room_type_id"], row["version"], key) for key in config.secrets)
    token = next((each for each in made if token_hash(each) == row["token_hash"]), "")
    return Feed(row["room_type_id"], token, as_instant(row["made_at"]), as_instant_or_none(row["read_at"]))


def address(feed: Feed, config: Settings, link_id: int = OWN) -> str:
    """The full address to give away; with a link, the one meant for that calendar. "" without a token."""
    if not feed.token:
        return ""
    name = f"{feed.token}-{link_id}" if link_id else feed.token
    return config.base_url + urls.path("calendars:feed", file=name)


async def open_feed(name: str, now: datetime) -> tuple[int, int] | None:
    """(room type, link or 0) behind the name in an address, noting that it was read; None when nothing is."""
    token, _, number = name.partition("-")
    if not 20 <= len(token) <= 40 or (
        number and not (number.isascii() and number.isdigit() and len(number) < 16)
    ):
        return None
    row = await db.fetch_one("SELECT * FROM calendar_feed WHERE token_hash = $1", token_hash(token))
    if row is None:
        return None
    room, link_id = int(row["room_type_id"]), int(number or 0)
    if link_id:
        row = await db.fetch_one(
            "SELECT read_at FROM calendar_link WHERE id = $1 AND room_type_id = $2", link_id, room
        )
        if row is None:
            return None
    return room, link_id


async def note_read(room_type_id: int, link_id: int, now: datetime) -> None:
    """Somebody has the file now: from then on what it tells may come back to us."""
    table, column, key = (
        ("calendar_link", "id", link_id) if link_id else ("calendar_feed", "room_type_id", room_type_id)
    )
    await db.execute(
        f"UPDATE {table} SET read_at = $2 WHERE {column} = $1 AND (read_at IS NULL OR read_at < $3)",
        key,
        now,
        now - _NOTE_EVERY,
    )


# The file ------------------------------------------------------------------------------------------------
async def make(room_type_id: int, link_id: int, config: Settings, now: datetime) -> File:
    """The file as of now; ids and numbers are kept from the time before."""
    wanted = telling.spans(await _nights(room_type_id, link_id, now))
    told = await _told(room_type_id, link_id)
    if [entry.span for entry in told] != wanted:
        async with db.transaction():
            lock = " FOR UPDATE" if db.is_postgres() else ""
            await db.fetch(f"SELECT version FROM calendar_feed WHERE room_type_id = $1{lock}", room_type_id)
            told = await _keep(room_type_id, link_id, wanted, config, now)
    row = await db.fetch_one("SELECT made_at FROM calendar_feed WHERE room_type_id = $1", room_type_id)
    made_at = as_instant(row["made_at"]) if row else now
    body = _file(told, config)
    newest = max((entry.changed_at for entry in told), default=made_at)
    return File(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"', newest)


async def _told(room_type_id: int, link_id: int) -> list[Entry]:
    rows = await db.fetch(
        "SELECT * FROM calendar_entry WHERE room_type_id = $1 AND link_id = $2 ORDER BY starts_on, subject",
        room_type_id,
        link_id,
    )
    return [
        Entry(
            row["uid"],
            Span(row["subject"], as_date(row["starts_on"]), as_date(row["ends_on"])),
            row["sequence"],
            as_instant(row["changed_at"]),
        )
        for row in rows
    ]


async def _keep(
    room_type_id: int, link_id: int, wanted: list[Span], config: Settings, now: datetime
) -> list[Entry]:
    def new_uid(span: Span) -> str:
        chance = secrets.token_hex(12)
        return telling.uid_of(room_type_id, span, key=config.secret_key, chance=chance)

    changes = telling.reconcile(await _told(room_type_id, link_id), wanted, now=now, new_uid=new_uid)
    for entry in changes.gone:
        await db.execute(
            "DELETE FROM calendar_entry WHERE room_type_id = $1 AND link_id = $2 AND uid = $3",
            room_type_id,
            link_id,
            entry.uid,
        )
    for entry in (*changes.fresh, *changes.changed):
        await db.execute(
            "INSERT INTO calendar_entry (room_type_id, link_id, uid, subject, starts_on, ends_on, sequence, changed_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (room_type_id, link_id, uid) DO UPDATE SET"
            " starts_on = excluded.starts_on, ends_on = excluded.ends_on, sequence = excluded.sequence,"
            " changed_at = excluded.changed_at",
            room_type_id,
            link_id,
            entry.uid,
            entry.span.subject,
            entry.span.start,
            entry.span.end,
            entry.sequence,
            now,
        )
    return list(changes.entries)


async def _nights(room_type_id: int, link_id: int, now: datetime) -> list[Night]:
    """Every night that is not simply free, from the month before last on."""
    today = local_day(now)
    since = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    until = today + AHEAD
    slots = await db.fetch(
        "SELECT id, starts_on, capacity, blocked, imported, status FROM slot WHERE kind = 'night'"
        " AND room_type_id = $1 AND starts_on >= $2 AND starts_on < $3"
        " AND (held + confirmed + blocked > 0 OR status = 'closed' OR capacity = 0)",
        room_type_id,
        since,
        until,
    )
    sold = await _sold(room_type_id, since, until, now)
    own = await _brought_by(link_id) if link_id else None
    nights = {
        as_date(row["starts_on"]): Night(
            day=as_date(row["starts_on"]),
            capacity=row["capacity"],
            off_sale=row["blocked"] - (row["imported"] if own is None else own[row["id"]]),
            is_closed=row["status"] == "closed",
            sold=sold.get(row["id"], {}),
        )
        for row in slots
    }
    for day in await _closed_days(room_type_id, since, until):
        night = nights.get(day)
        nights[day] = Night(
            day, night.capacity if night else 1, 0, is_closed=True, sold=night.sold if night else {}
        )
    return list(nights.values())


async def _sold(room_type_id: int, since: date, until: date, now: datetime) -> dict[int, dict[int, int]]:
    """Rooms by booking, by slot: what is sold, asked for, or waits for its payment. A mere hold is not told."""
    rows = await db.fetch(
        "SELECT a.slot_id, a.booking_id, SUM(a.quantity) AS quantity FROM allocation a"
        " JOIN slot s ON s.id = a.slot_id JOIN booking b ON b.id = a.booking_id"
        " WHERE s.kind = 'night' AND s.room_type_id = $1 AND s.starts_on >= $2 AND s.starts_on < $3"
        " AND (a.state = 'confirmed' OR (a.state = 'held' AND b.state IN ('requested', 'payment_due')"
        " AND (a.expires_at IS NULL OR a.expires_at > $4))) GROUP BY a.slot_id, a.booking_id",
        room_type_id,
        since,
        until,
        now,
    )
    found: dict[int, dict[int, int]] = {}
    for row in rows:
        found.setdefault(row["slot_id"], {})[row["booking_id"]] = int(row["quantity"])
    return found


async def _brought_by(link_id: int) -> Counter[int]:
    rows = await db.fetch(
        "SELECT n.slot_id, COUNT(*) AS n FROM calendar_night n JOIN calendar_window w ON w.id = n.window_id"
        " WHERE w.link_id = $1 AND n.state = 'taken' GROUP BY n.slot_id",
        link_id,
    )
    return Counter({row["slot_id"]: int(row["n"]) for row in rows})


async def _closed_days(room_type_id: int, since: date, until: date) -> list[date]:
    rows = await db.fetch(
        "SELECT c.from_on, c.to_on FROM closure c JOIN room_type r ON r.listing_id = c.listing_id"
        " WHERE r.id = $1 AND c.to_on >= $2 AND c.from_on < $3",
        room_type_id,
        since,
        until,
    )
    found: list[date] = []
    for row in rows:
        first, last = max(as_date(row["from_on"]), since), min(as_date(row["to_on"]), until)
        found += [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return found


def _file(entries: list[Entry], config: Settings) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", f"-//{config.brand}//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-published-ttl", "PT30M")
    for entry in entries:
        event = Event()
        event.add("uid", f"{entry.uid}@{domain(config)}")
        event.add("dtstamp", entry.changed_at)
        event.add("last-modified", entry.changed_at)
        event.add("sequence", entry.sequence)
        event.add("dtstart", entry.span.start)
        event.add("dtend", entry.span.end)
        event.add("summary", "Not available" if entry.span.subject == telling.CLOSED else "Reserved")
        event.add("status", "CONFIRMED")
        event.add("transp", "OPAQUE")
        calendar.add_component(event)
    return calendar.to_ical()
