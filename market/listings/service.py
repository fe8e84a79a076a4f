"""Commands on listings: create, change, publish, rate. With `slots` and `stock` the one writer of them.

Each command is one short transaction that joins an outer one, checks `rules`, re-indexes the words of search
and tells the page cache. Departures, sessions and nights are in `slots`; `bulk` loads thousands at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from market import clock, db
from market.errors import Invalid, NotFound, Refused
from market.listings import allotments, draft_queries, moderation, rows, rules, search_words, sleeping, slots
from market.listings.drafts import (
    ClosureDraft,
    ExtraDraft,
    ListingDraft,
    PayeeDraft,
    RoomDraft,
    SeasonDraft,
    StepDraft,
)
from market.listings.offering import Status
from market.listings.rules import BadDraft, NotReady
from market.values.dates import local_day
from market.values.text import lazy
from market.web import page_cache


class SlugTaken(Invalid):
    """Another listing has this address."""

    code = "slug_taken"
    message = lazy("Another listing already has this address.")

    def __init__(self) -> None:
        super().__init__(field="slug")


async def create_listing(draft: ListingDraft, *, houses_agreed: bool = False) -> int:
    """Store a new listing as a draft, with all its parts; its id.

    Raises BadDraft with every contradiction, SlugTaken, NotFound for an unknown village or host, NoConsent when
    a tour sleeps in another host's room (unless `houses_agreed`: an installation filled from files).
    """
    async with db.transaction():
        home = await _home(draft)
        _check(draft, home)
        now = clock.now()
        listing_id = await _insert_head(draft, home, now)
        await _write_parts(listing_id, draft)
        await _room_changes(listing_id, draft.rooms, now)
        sleeps_in = _sleeps_in(draft)
        if houses_agreed:
            await sleeping.agree_at_once(listing_id, sleeps_in, now)
        await sleeping.check(listing_id, draft.host_id, sleeps_in)
        await _write_steps(listing_id, draft.steps)
        await _index(listing_id, draft, home)
    return listing_id


def _sleeps_in(draft: ListingDraft) -> set[int]:
    return {step.room_type_id for step in draft.steps if step.room_type_id is not None}


async def update_listing(listing_id: int, draft: ListingDraft) -> None:
    """Replace a listing by this draft. Its kind, its address and the departures already scheduled stay.

    Raises as `create_listing` does; NotReady when a published listing would no longer be fit for guests;
    HasBookings when rooms would go that are sold; Promised for closed days within a standing allotment.
    """
    async with db.transaction():
        before = await _draft(listing_id)
        if draft.kind is not before.kind:
            raise Invalid("kind", lazy("A listing keeps its kind."), field="kind")
        draft = replace(draft, slug=before.slug)
        home = await _home(draft)
        _check(draft, home)
        if await _status(listing_id) is Status.PUBLISHED:
            _check_ready(draft, home, starts_ahead=1)  # running out of dates is no reason to refuse an edit
        now = clock.now()
        await allotments.check_closures(listing_id, before.closures, draft.closures, local_day(now))
        # Rooms a tour sleeps in already stay, also when the house took its yes back.
        await sleeping.check(listing_id, draft.host_id, _sleeps_in(draft) - _sleeps_in(before))
        await _update_head(listing_id, draft, home, now)
        for table in ("listing_text", "listing_language", "listing_theme", "season", "payee", "closure"):
            await db.execute(f"DELETE FROM {table} WHERE listing_id = $1", listing_id)
        await _write_parts(listing_id, draft)
        await _room_changes(listing_id, draft.rooms, now)
        await _write_steps(listing_id, draft.steps)
        lead = rules.lead_hours(draft.notice_hours, draft.cutoff_hours)
        if lead != rules.lead_hours(before.notice_hours, before.cutoff_hours):
            await slots.move_deadlines(listing_id, lead, now)
        await _index(listing_id, draft, home)
        await page_cache.bump()


async def set_rooms(listing_id: int, rooms: Sequence[RoomDraft]) -> None:
    """Replace a homestay's rooms, matched by key. A room with a history is kept with a count of 0."""
    await _change(listing_id, rooms=tuple(rooms))


async def set_seasons(listing_id: int, seasons: Sequence[SeasonDraft]) -> None:
    """Replace the seasons."""
    await _change(listing_id, seasons=tuple(seasons))


async def set_extras(listing_id: int, extras: Sequence[ExtraDraft]) -> None:
    """Replace the extras, matched by key. What was sold keeps the price it was sold at."""
    await _change(listing_id, extras=tuple(extras))


async def set_payees(listing_id: int, payees: Sequence[PayeeDraft]) -> None:
    """Replace who else is paid; they and the village fund get at most 90 % together."""
    await _change(listing_id, payees=tuple(payees))


async def set_steps(listing_id: int, steps: Sequence[StepDraft]) -> None:
    """Replace the days of a tour or the parts of a class. Scheduled departures keep the nights they have."""
    await _change(listing_id, steps=tuple(steps))


async def set_closures(listing_id: int, closures: Sequence[ClosureDraft]) -> None:
    """Replace the closed periods. Bookings already made stand; the host settles them one by one."""
    await _change(listing_id, closures=tuple(closures))


async def set_status(listing_id: int, status: Status) -> Status:
    """Publish, pause or publish again; the status it then has. The status it already has is nothing.

    A new host's first listing is not published by this but waits for a look (see `moderation`).

    Raises NotReady with everything that is missing, Refused for a move that does not exist, Promised for pausing
    what a standing allotment keeps on sale.
    """
    async with db.transaction():
        draft, now = await _draft(listing_id), clock.now()
        current = await _status(listing_id)
        if current is status:
            return status
        if status not in rules.LISTING_MOVES[current]:
            raise Refused("status", lazy("A listing cannot go back to being a draft."))
        if status is Status.PUBLISHED:
            _check_ready(draft, await _home(draft), await slots.count_starts_ahead(listing_id, now))
            if await moderation.must_wait(listing_id):
                await moderation.ask(listing_id, now)
                return current
        if status is Status.PAUSED:
            await allotments.check_pause(listing_id, local_day(now))
        await db.execute(
            "UPDATE listing SET status = $1, updated_at = $2 WHERE id = $3", status.value, now, listing_id
        )
        await page_cache.bump()
    return status


async def add_ratings(listing_id: int, stars: Iterable[int]) -> None:
    """Count new reviews' stars (1 to 5 each) into the average and the listing's rank."""
    given = list(stars)
    if any(not 1 <= value <= 5 for value in given):
        raise Invalid("stars", lazy("A review gives between 1 and 5 stars."), field="stars")
    await _rate(listing_id, sum(given), len(given))


async def remove_rating(listing_id: int, stars: int) -> None:
    """Take one review's stars out of the average again (it was hidden)."""
    await _rate(listing_id, -stars, -1)


async def _rate(listing_id: int, stars: int, count: int) -> None:
    async with db.transaction():
        found = await db.fetch(
            "UPDATE listing SET rating_sum = rating_sum + $1, rating_count = rating_count + $2 WHERE id = $3"
            " RETURNING rating_sum, rating_count",
            stars,
            count,
            listing_id,
        )
        if not found:
            raise NotFound
        rank = rules.rank_of(found[0]["rating_sum"], found[0]["rating_count"])
        await db.execute("UPDATE listing SET rank = $1 WHERE id = $2", rank, listing_id)
        draft = await _draft(listing_id)
        await _index(listing_id, draft, await _home(draft))
        await page_cache.bump()


# Inside the commands -------------------------------------------------------------------------------------
async def _change(listing_id: int, **parts: object) -> None:
    async with db.transaction():
        draft = await _draft(listing_id)
        await update_listing(listing_id, replace(draft, **parts))  # type: ignore[arg-type]


async def _draft(listing_id: int) -> ListingDraft:
    draft = await draft_queries.get_draft(listing_id)
    if draft is None:
        raise NotFound(listing=listing_id)
    return draft


async def _status(listing_id: int) -> Status:
    row = await db.fetch_one("SELECT status FROM listing WHERE id = $1", listing_id)
    if row is None:
        raise NotFound(listing=listing_id)
    return Status(row["status"])


async def _home(draft: ListingDraft) -> rows.Home:
    home = await rows.get_home(draft.village_id, draft.host_id)
    if home is None:
        raise NotFound(village=draft.village_id, host=draft.host_id)
    return home


def _check(draft: ListingDraft, home: rows.Home) -> None:
    problems = rules.draft_problems(draft, home.fund_bp)
    if problems:
        raise BadDraft(problems)


def _check_ready(draft: ListingDraft, home: rows.Home, starts_ahead: int) -> None:
    problems = rules.publish_problems(draft, home.fund_bp, starts_ahead)
    if problems:
        raise NotReady(problems)


async def _insert_head(draft: ListingDraft, home: rows.Home, now: datetime) -> int:
    columns = ("slug", "kind", "status", "rank", "created_at", *rows.HEAD)
    statement = f"{rows.insert_sql('listing', columns)} ON CONFLICT (slug) DO NOTHING RETURNING id"
    title = (draft.texts.get("en") or next(iter(draft.texts.values()))).title
    wanted = draft.slug or rules.slug_of(title)
    for attempt in range(1, 2 if draft.slug else 1000):
        slug = wanted if attempt == 1 else f"{wanted}-{attempt}"
        fixed = [slug, draft.kind.value, Status.DRAFT.value, rules.rank_of(0, 0), now]
        found = await db.fetch(statement, *fixed, *rows.head_row(draft, home, now))
        if found:
            return found[0]["id"]
    raise SlugTaken


async def _update_head(listing_id: int, draft: ListingDraft, home: rows.Home, now: datetime) -> None:
    pairs = ", ".join(f"{column} = ${n}" for n, column in enumerate(rows.HEAD, 2))
    await db.execute(
        f"UPDATE listing SET {pairs} WHERE id = $1", listing_id, *rows.head_row(draft, home, now)
    )


async def _write_parts(listing_id: int, draft: ListingDraft) -> None:
    await rows.insert("listing_text", rows.TEXT, rows.text_rows(listing_id, draft.texts))
    await rows.insert(
        "listing_language", rows.LANGUAGE, [[listing_id, code] for code in dict.fromkeys(draft.languages)]
    )
    await rows.insert("listing_theme", rows.THEME, [[listing_id, key] for key in dict.fromkeys(draft.themes)])
    await rows.insert("season", rows.SEASON, rows.season_rows(listing_id, draft.seasons))
    await rows.insert("payee", rows.PAYEE, rows.payee_rows(listing_id, draft.payees))
    await rows.insert("closure", rows.CLOSURE, rows.closure_rows(listing_id, draft.closures))
    await _write_extras(listing_id, draft.extras)


async def _write_extras(listing_id: int, extras: Sequence[ExtraDraft]) -> None:
    kept = {extra.key for extra in extras}
    for row in await db.fetch("SELECT id, key FROM extra WHERE listing_id = $1", listing_id):
        if row["key"] not in kept:
            await db.execute("DELETE FROM extra WHERE id = $1", row["id"])
    statement = (
        f"{rows.insert_sql('extra', rows.EXTRA)} ON CONFLICT (listing_id, key) DO UPDATE SET"
        " position = excluded.position, price_minor = excluded.price_minor, per = excluded.per,"
        " texts = excluded.texts"
    )
    for position, extra in enumerate(extras, 1):
        await db.execute(statement, *rows.extra_row(listing_id, position, extra))


async def _write_steps(listing_id: int, steps: Sequence[StepDraft]) -> None:
    await db.execute("DELETE FROM listing_step WHERE listing_id = $1", listing_id)
    await rows.insert("listing_step", rows.STEP, rows.step_rows(listing_id, steps))


async def _room_changes(listing_id: int, rooms: Sequence[RoomDraft], now: datetime) -> None:
    """Rooms matched by key: changed, added, and those no longer named removed or retired."""
    existing = {
        row["key"]: row
        for row in await db.fetch("SELECT id, key, count FROM room_type WHERE listing_id = $1", listing_id)
    }
    for position, room in enumerate(rooms, 1):
        row = existing.pop(room.key, None)
        values = rows.room_row(listing_id, position, room)
        if row is None:
            await rows.insert("room_type", rows.ROOM, [values])
            continue
        if row["count"] != room.count:
            await slots.change_room_count(row["id"], room.count, now)
        pairs = ", ".join(f"{column} = ${n}" for n, column in enumerate(rows.ROOM, 2))
        await db.execute(f"UPDATE room_type SET {pairs} WHERE id = $1", row["id"], *values)
    for row in existing.values():
        await slots.remove_room(row["id"], now)


async def _index(listing_id: int, draft: ListingDraft, home: rows.Home) -> None:
    row = await db.fetch_one("SELECT rank FROM listing WHERE id = $1", listing_id)
    await search_words.index_listing(
        listing_id,
        rows.search_texts(draft, home),
        row["rank"] if row else 0,
        titles=rows.search_titles(draft, home),
    )


schedule_departure = slots.schedule_departure
schedule_session = slots.schedule_session
block_nights = slots.block_nights
open_nights = slots.open_nights
set_capacity = slots.set_capacity
set_slot_status = slots.set_slot_status

__all__ = [
    "BadDraft",
    "NotReady",
    "SlugTaken",
    "add_ratings",
    "block_nights",
    "create_listing",
    "open_nights",
    "remove_rating",
    "schedule_departure",
    "schedule_session",
    "set_capacity",
    "set_closures",
    "set_extras",
    "set_payees",
    "set_rooms",
    "set_seasons",
    "set_slot_status",
    "set_status",
    "set_steps",
    "update_listing",
]
