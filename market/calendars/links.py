"""Commands on linked calendars: add, fetch now, remove, and what the worker does with each."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from market import clock, db
from market.calendars import addresses, feeds, ics, letters, syncing
from market.calendars.adapters.fetching import CalendarFetcher, FetchFailed
from market.db.sql import as_instant_or_none
from market.errors import Invalid, NotFound, Refused
from market.outbox import queue
from market.settings import Settings
from market.values.dates import local_day
from market.values.text import lazy

MOST_LINKS: Final = 6
LONGEST_NAME: Final = 60
ASK_AGAIN: Final = timedelta(minutes=1)
SILENT_AFTER: Final = timedelta(hours=24)
REFRESH: Final = "calendars.refresh"
_SOURCES: Final = (("airbnb.", "airbnb"), ("booking.com", "booking"), ("google.com", "google"))


class OwnFeed(Invalid):
    """Our own address was linked to itself."""

    code = "calendar_own_feed"
    message = lazy(
        "This is our own address. Give it to the other site, and link the address that site shows you."
    )

    def __init__(self) -> None:
        super().__init__(field="url")


class AlreadyLinked(Refused):
    """The same address twice for one room."""

    code = "calendar_already_linked"
    message = lazy("This calendar is linked to this room already.")


class TooManyLinks(Refused):
    """A room has all the links it may have."""

    code = "calendar_too_many"
    message = lazy("A room can have at most %(most)s linked calendars. Remove one first.", most=MOST_LINKS)


class JustAsked(Refused):
    """It was fetched moments ago."""

    code = "calendar_just_asked"
    message = lazy("This calendar was fetched less than a minute ago. Please wait a moment.")


async def add(
    room_type_id: int, *, name: str, url: str, by: int | None, now: datetime, config: Settings
) -> int:
    """Link a calendar to a room and have it fetched at once; the link's id. Raises Invalid or Refused."""
    target = addresses.checked_url(url)
    if target.host in {feeds.domain(config), *config.allowed_hosts}:
        raise OwnFeed
    async with db.transaction():
        lock = " FOR UPDATE" if db.is_postgres() else ""
        if await db.fetch_one(f"SELECT id FROM room_type WHERE id = $1{lock}", room_type_id) is None:
            raise NotFound
        links = await db.fetch("SELECT url FROM calendar_link WHERE room_type_id = $1", room_type_id)
        if target.url in {row["url"] for row in links}:
            raise AlreadyLinked
        if len(links) >= MOST_LINKS:
            raise TooManyLinks
        rows = await db.fetch(
            "INSERT INTO calendar_link (room_type_id, name, source, url, created_by, created_at, asked_at, next_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $6, $7) RETURNING id",
            room_type_id,
            " ".join(name.split())[:LONGEST_NAME] or target.host,
            source_of(target.host),
            target.url,
            by,
            now,
            syncing.next_time(now, 0, random.random()),  # noqa: S311 - jitter, not a secret
        )
        link_id: int = rows[0]["id"]
        await queue.add(REFRESH, {"link": link_id}, urgent=True)
    return link_id


def source_of(host: str) -> str:
    """Which site an address belongs to, for its name and picture."""
    return next((source for part, source in _SOURCES if part in f"{host}."), "other")


async def ask(link_id: int, now: datetime) -> None:
    """Have a calendar fetched now. Raises JustAsked within a minute of the last time."""
    async with db.transaction():
        changed = await db.execute(
            "UPDATE calendar_link SET asked_at = $2 WHERE id = $1 AND asked_at <= $3",
            link_id,
            now,
            now - ASK_AGAIN,
        )
        if not changed:
            raise JustAsked
        await queue.add(REFRESH, {"link": link_id}, urgent=True)


async def remove(link_id: int) -> None:
    """Forget a linked calendar; its nights are for sale again."""
    async with db.transaction():
        await syncing.release(link_id)
        row = await db.fetch_one("SELECT room_type_id FROM calendar_link WHERE id = $1", link_id)
        if row is not None:
            await db.execute(
                "DELETE FROM calendar_entry WHERE room_type_id = $1 AND link_id = $2",
                row["room_type_id"],
                link_id,
            )
        await db.execute("DELETE FROM calendar_link WHERE id = $1", link_id)


# The worker's part ---------------------------------------------------------------------------------------
async def refresh(link_id: int, fetcher: CalendarFetcher, config: Settings) -> None:
    """Fetch, read and apply one calendar; on any failure the last good copy stays and the reason is noted."""
    row = await db.fetch_one("SELECT url FROM calendar_link WHERE id = $1", link_id)
    if row is None:
        return
    if urlsplit(row["url"]).hostname in {feeds.domain(config), *config.allowed_hosts}:
        await _failed(link_id, "not_public", clock.now(), config)
        return
    try:
        data = await fetcher.fetch(row["url"])
        now = clock.now()
        reading = await asyncio.to_thread(
            ics.read, data, today=local_day(now), own_domain=feeds.domain(config)
        )
    except (FetchFailed, ics.NotACalendar) as error:
        await _failed(link_id, error.problem, clock.now(), config)
        return
    await syncing.apply(link_id, reading, now=now, config=config)
    await _schedule(link_id, 0, now)


async def _schedule(link_id: int, failures: int, now: datetime) -> None:
    await db.execute(
        "UPDATE calendar_link SET next_at = $2 WHERE id = $1",
        link_id,
        syncing.next_time(now, failures, random.random()),  # noqa: S311 - jitter, not a secret
    )


async def _failed(link_id: int, problem: str, now: datetime, config: Settings) -> None:
    async with db.transaction():
        rows = await db.fetch(
            "UPDATE calendar_link SET problem = $2, failures = failures + 1, checked_at = $3 WHERE id = $1"
            " RETURNING failures, good_at, created_at",
            link_id,
            problem,
            now,
        )
        if not rows:
            return
        await _schedule(link_id, rows[0]["failures"], now)
        since = as_instant_or_none(rows[0]["good_at"]) or as_instant_or_none(rows[0]["created_at"])
        if since is not None and now - since >= SILENT_AFTER:
            await letters.tell_silent(link_id, config)


async def queue_due(now: datetime, *, limit: int = 200) -> int:
    """Queue every calendar whose time has come; how many. Each gets its next time when it was read."""
    rows = await db.fetch(
        "SELECT id, next_at FROM calendar_link WHERE next_at <= $1 ORDER BY next_at LIMIT $2", now, limit
    )
    for row in rows:
        async with db.transaction():
            moved = await db.execute(
                "UPDATE calendar_link SET next_at = $2, asked_at = $3 WHERE id = $1 AND next_at = $4",
                row["id"],
                now + timedelta(minutes=30),
                now,
                row["next_at"],
            )
            if moved:
                await queue.add(REFRESH, {"link": row["id"]})
    return len(rows)
