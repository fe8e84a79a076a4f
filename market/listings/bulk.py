"""Loading thousands of published listings at once, for measuring: the same rows as `service`, in batches.

The rules are not asked again; whoever loads in bulk varies drafts that passed them. One batch is one
transaction. Nothing here touches a listing that exists already.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from market import clock, db
from market.db.sql import execute_many
from market.listings import departures, rows, rules, search_words, stock
from market.listings.drafts import ListingDraft
from market.listings.offering import Kind, Status
from market.values.dates import local_day, local_instant
from market.web import page_cache

_TABLES = {
    "listing": (
        "id",
        "slug",
        "kind",
        "status",
        "rank",
        "rating_sum",
        "rating_count",
        "created_at",
        *rows.HEAD,
    ),
    "listing_text": rows.TEXT,
    "listing_language": rows.LANGUAGE,
    "listing_theme": rows.THEME,
    "room_type": ("id", *rows.ROOM),
    "season": rows.SEASON,
    "extra": rows.EXTRA,
    "payee": rows.PAYEE,
    "listing_step": rows.STEP,
    "closure": rows.CLOSURE,
    "slot": ("id", "blocked", "status", *rows.SLOT),
    "departure_night": rows.DEPARTURE_NIGHT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkListing:
    """A draft with its dates: the days its departures or sessions start, the nights its rooms are closed."""

    draft: ListingDraft
    home: rows.Home
    starts: tuple[date, ...] = ()
    closed_nights: tuple[date, ...] = ()
    rating_sum: int = 0
    rating_count: int = 0


@dataclass(slots=True)
class _Batch:
    """Rows per table, and the next free ids."""

    now: datetime
    listing_ids: list[int]
    room_ids: list[int]
    slot_ids: list[int]
    tables: dict[str, list[list[Any]]] = field(default_factory=lambda: {table: [] for table in _TABLES})
    words: list[list[str | int]] = field(default_factory=list[list[str | int]])


async def load(items: Sequence[BulkListing]) -> list[dict[str, int]]:
    """Store the items, published, with their dates and words; for each one its rooms' ids by key."""
    async with db.transaction():
        batch = _Batch(
            now=clock.now(),
            listing_ids=await _reserve("listing", len(items)),
            room_ids=await _reserve("room_type", sum(len(item.draft.rooms) for item in items)),
            slot_ids=await _reserve("slot", sum(_slots(item) for item in items)),
        )
        rooms = [_add(batch, item) for item in items]
        for table, columns in _TABLES.items():
            await rows.insert(table, columns, batch.tables[table])
        # In the order of its key: an index grows several times faster at one place than all over.
        await execute_many(search_words.INSERT_WORD, sorted(batch.words, key=_word_key))
        await page_cache.bump()
    return rooms


def _word_key(row: list[str | int]) -> tuple[str, int, int]:
    word, rank, listing_id = row
    return str(word), int(rank), int(listing_id)


def _slots(item: BulkListing) -> int:
    return len(item.starts) + len(item.closed_nights) * len(item.draft.rooms)


async def _reserve(table: str, count: int) -> list[int]:
    """So many ids that nobody else will get, the next one last."""
    if db.is_postgres():
        found = await db.fetch(
            f"SELECT nextval(pg_get_serial_sequence('{table}', 'id')) AS id FROM generate_series(1, $1)",
            count,
        )
        return sorted((row["id"] for row in found), reverse=True)
    # SQLite has one writer at a time, and our transaction is it.
    row = await db.fetch_one("SELECT seq FROM sqlite_sequence WHERE name = $1", table)
    first = (row["seq"] if row else 0) + 1
    return list(range(first + count - 1, first - 1, -1))


def _add(batch: _Batch, item: BulkListing) -> dict[str, int]:
    draft, tables = item.draft, batch.tables
    listing_id = batch.listing_ids.pop()
    rank = rules.rank_of(item.rating_sum, item.rating_count)
    tables["listing"].append(
        [
            *(listing_id, draft.slug, draft.kind.value, Status.PUBLISHED.value, rank),
            *(item.rating_sum, item.rating_count, batch.now, *rows.head_row(draft, item.home, batch.now)),
        ]
    )
    tables["listing_text"] += rows.text_rows(listing_id, draft.texts)
    tables["listing_language"] += [[listing_id, code] for code in draft.languages]
    tables["listing_theme"] += [[listing_id, theme] for theme in draft.themes]
    tables["season"] += rows.season_rows(listing_id, draft.seasons)
    tables["extra"] += [rows.extra_row(listing_id, n, extra) for n, extra in enumerate(draft.extras, 1)]
    tables["payee"] += rows.payee_rows(listing_id, draft.payees)
    tables["listing_step"] += rows.step_rows(listing_id, draft.steps)
    tables["closure"] += rows.closure_rows(listing_id, draft.closures)
    batch.words += search_words.word_rows(
        listing_id,
        rows.search_texts(draft, item.home),
        rank,
        titles=rows.search_titles(draft, item.home),
    )
    _add_starts(batch, listing_id, draft, item.starts)
    return _add_rooms(batch, listing_id, draft, item.closed_nights)


def _add_rooms(
    batch: _Batch, listing_id: int, draft: ListingDraft, closed_nights: Iterable[date]
) -> dict[str, int]:
    ids: dict[str, int] = {}
    for position, room in enumerate(draft.rooms, 1):
        ids[room.key] = room_id = batch.room_ids.pop()
        batch.tables["room_type"].append([room_id, *rows.room_row(listing_id, position, room)])
        for night in closed_nights:
            values = rows.slot_row(
                "night", listing_id, _night_times(night), capacity=room.count, room_type_id=room_id
            )
            batch.tables["slot"].append([batch.slot_ids.pop(), room.count, "closed", *values])
    return ids


def _night_times(night: date) -> rules.SlotTimes:
    """As `stock.ensure_nights` has them."""
    morning = night + timedelta(days=1)
    starts_at = local_instant(night, stock.CHECK_IN)
    return rules.SlotTimes(night, morning, starts_at, local_instant(morning, stock.CHECK_OUT), starts_at)


def _add_starts(batch: _Batch, listing_id: int, draft: ListingDraft, starts: Iterable[date]) -> None:
    lead = rules.lead_hours(draft.notice_hours, draft.cutoff_hours)
    for day in starts:
        if draft.kind is Kind.TOUR:
            kind, times = "departure", rules.departure_times(day, draft.start_time, draft.days, lead)
        else:
            kind, times = "session", rules.session_times(day, draft.start_time, draft.minutes, lead)
        slot_id = batch.slot_ids.pop()
        values = rows.slot_row(kind, listing_id, times, capacity=draft.capacity, min_guests=draft.min_guests)
        today = local_day(batch.now)
        status = departures.status_when_new(kind, day, draft.min_guests, today)
        batch.tables["slot"].append([slot_id, 0, status, *values])
        batch.tables["departure_night"] += [
            [slot_id, step.room_type_id, day + timedelta(days=n)]
            for n, step in enumerate(draft.steps)
            if step.room_type_id is not None
        ]
