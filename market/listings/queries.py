"""Reads of single listings: the whole offering for the rules, and its slots with what is free now.

Search and the guests' pages have reads of their own in `market.discovery`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from market import clock, db
from market.db.sql import Row, as_date, as_instant, as_json
from market.listings.offering import (
    Band,
    ClosedDays,
    ExtraItem,
    GroupPrice,
    Kind,
    Offering,
    PayeeShare,
    Per,
    Room,
    SeasonPrice,
    SlotRow,
    Status,
    StepItem,
)
from market.listings.stock import CHECK_IN, CHECK_OUT
from market.values.dates import local_instant

# What a slot still has to sell: a hold that ran out counts as free at once, whether or not a worker noticed.
FREE = (
    "s.capacity - s.confirmed - s.blocked - s.held + COALESCE((SELECT SUM(a.quantity) FROM allocation a"
    " WHERE a.slot_id = s.id AND a.state = 'held' AND a.expires_at <= $1), 0)"
)
_SLOT_COLUMNS = (
    "s.id, s.kind, s.listing_id, s.room_type_id, s.starts_on, s.ends_on, s.starts_at, s.ends_at, s.book_until,"
    f" s.capacity, s.price_minor, s.min_guests, s.status, s.confirmed + s.held AS sold, s.confirmed, {FREE} AS free"
)

# All parts of a listing in one question: a booking asks three times, and each trip to the database costs more than
# the rows it brings. `word`, `a` and so on hold what the part's own columns are called.
_NO_TEXT, _NO_NUMBER, _NO_DATE = "CAST(NULL AS TEXT)", "CAST(NULL AS BIGINT)", "CAST(NULL AS DATE)"
_COLUMNS = ("id", "position", "word", "word2", "a", "b", "c", "from_on", "to_on", "texts", "more")
_EMPTY = dict(
    zip(
        _COLUMNS,
        ["id", "0", *[_NO_TEXT] * 2, *[_NO_NUMBER] * 3, *[_NO_DATE] * 2, *[_NO_TEXT] * 2],
        strict=True,
    )
)
_TEXTS = "CAST(texts AS TEXT)"
_PARTS: dict[str, tuple[str, dict[str, str]]] = {
    "room": (
        "room_type",
        {
            "position": "position",
            "word": "key",
            "a": "count",
            "b": "sleeps",
            "c": "price_minor",
            "texts": _TEXTS,
        },
    ),
    "extra": (
        "extra",
        {"position": "position", "word": "key", "word2": "per", "a": "price_minor", "texts": _TEXTS},
    ),
    "payee": ("payee", {"position": "position", "word": "kind", "a": "bp", "texts": _TEXTS}),
    "step": (
        "listing_step",
        {"position": "position", "a": "room_type_id", "texts": _TEXTS, "more": "CAST(meals AS TEXT)"},
    ),
    "season": ("season", {"word": "from_md", "word2": "to_md", "a": "percent", "texts": _TEXTS}),
    "closure": ("closure", {"from_on": "from_on", "to_on": "to_on", "texts": _TEXTS}),
    "text": ("listing_text", {"id": "0", "word": "locale", "word2": "title"}),
}


def _part(name: str, table: str, columns: dict[str, str]) -> str:
    listed = ", ".join(f"{value} AS {column}" for column, value in {**_EMPTY, **columns}.items())
    return f"SELECT '{name}' AS part, {listed} FROM {table} WHERE listing_id = $1"


_ALL_PARTS = (
    " UNION ALL ".join(_part(name, table, columns) for name, (table, columns) in _PARTS.items())
    + " ORDER BY part, position, from_on, id"
)


async def get_offering(*, slug: str | None = None, listing_id: int | None = None) -> Offering | None:
    """One listing with all its parts, whatever its status; None when there is none."""
    where, key = ("slug", slug) if slug is not None else ("id", listing_id)
    row = await db.fetch_one(f"SELECT * FROM listing WHERE {where} = $1", key)
    if row is None:
        return None
    return await _assemble(row)


def offering_of(row: Row) -> Offering:
    """What the listing's own row says; everything that stands in other tables is empty."""
    hour, minute = row["start_time"].split(":")
    return Offering(
        id=row["id"],
        slug=row["slug"],
        kind=Kind(row["kind"]),
        status=Status(row["status"]),
        host_id=row["host_id"],
        village_id=row["village_id"],
        instant=bool(row["instant"]),
        policy=row["policy"],
        min_party=row["min_party"],
        max_party=row["max_party"],
        min_guests=row["min_guests"],
        capacity=row["capacity"],
        notice_hours=row["notice_hours"],
        cutoff_hours=row["cutoff_hours"],
        days=row["days"],
        minutes=row["minutes"],
        start_time=time(int(hour), int(minute)),
        min_nights=row["min_nights"],
        max_nights=row["max_nights"],
        price_minor=row["price_minor"],
        currency=row["currency"],
        service_fee_bp=row["service_fee_bp"],
        fund_bp=row["fund_bp"],
        bands=tuple(Band(**band) for band in as_json(row["bands"])),
        group_prices=tuple(GroupPrice(**step) for step in as_json(row["group_prices"])),
        weekday_percent={int(k): v for k, v in as_json(row["weekday_percent"]).items()},
        rooms=(),
        seasons=(),
        extras=(),
        payees=(),
        closures=(),
        steps=(),
        titles={},
        pooled=bool(row["pooled"]),
        night_prices={},
    )


async def _assemble(row: Row) -> Offering:
    listing_id = row["id"]
    parts: dict[str, list[Row]] = {part: [] for part in _PARTS}
    for found in await db.fetch(_ALL_PARTS, listing_id):
        parts[found["part"]].append(found)
    return replace(
        offering_of(row),
        rooms=tuple(
            Room(r["id"], r["word"], r["a"], r["b"], r["c"], as_json(r["texts"])) for r in parts["room"]
        ),
        seasons=tuple(
            SeasonPrice(s["word"], s["word2"], s["a"], as_json(s["texts"])) for s in parts["season"]
        ),
        extras=tuple(
            ExtraItem(e["id"], e["word"], e["a"], Per(e["word2"]), as_json(e["texts"]))
            for e in parts["extra"]
        ),
        payees=tuple(PayeeShare(p["word"], p["a"], as_json(p["texts"])) for p in parts["payee"]),
        closures=tuple(
            ClosedDays(as_date(c["from_on"]), as_date(c["to_on"]), as_json(c["texts"]))
            for c in parts["closure"]
        ),
        steps=tuple(
            StepItem(s["position"], s["a"], tuple(as_json(s["more"])), as_json(s["texts"]))
            for s in parts["step"]
        ),
        titles={t["word"]: t["word2"] for t in parts["text"]},
        night_prices=await _night_prices(listing_id) if row["kind"] == Kind.HOMESTAY else {},
    )


async def _night_prices(listing_id: int) -> dict[tuple[int, date], int]:
    """The prices of single nights, from a stay that has begun to any that can be booked."""
    rows = await db.fetch(
        "SELECT room_type_id, starts_on, price_minor FROM slot WHERE kind = 'night' AND price_minor IS NOT NULL"
        " AND listing_id = $1 AND starts_on >= $2",
        listing_id,
        clock.today() - timedelta(days=60),
    )
    return {(r["room_type_id"], as_date(r["starts_on"])): r["price_minor"] for r in rows}


def _slot(row: Row) -> SlotRow:
    return SlotRow(
        id=row["id"],
        kind=row["kind"],
        listing_id=row["listing_id"],
        room_type_id=row["room_type_id"],
        starts_on=as_date(row["starts_on"]),
        ends_on=as_date(row["ends_on"]),
        starts_at=as_instant(row["starts_at"]),
        ends_at=as_instant(row["ends_at"]),
        book_until=as_instant(row["book_until"]),
        capacity=row["capacity"],
        free=row["free"],
        price_minor=row["price_minor"],
        min_guests=row["min_guests"],
        status=row["status"],
        sold=row["sold"],
        confirmed=row["confirmed"],
    )


async def get_slot(slot_id: int, now: datetime) -> SlotRow | None:
    """One departure, session or night."""
    row = await db.fetch_one(f"SELECT {_SLOT_COLUMNS} FROM slot s WHERE s.id = $2", now, slot_id)
    return _slot(row) if row else None


async def list_starts(listing_id: int, now: datetime, *, limit: int = 60) -> list[SlotRow]:
    """The departures or sessions still ahead, soonest first, full and closed ones included."""
    rows = await db.fetch(
        f"SELECT {_SLOT_COLUMNS} FROM slot s WHERE s.listing_id = $2 AND s.kind <> 'night' AND s.starts_at > $1"
        " ORDER BY s.starts_at LIMIT $3",
        now,
        listing_id,
        limit,
    )
    return [_slot(row) for row in rows]


async def list_nights(
    room_type_ids: Iterable[int], start: date, end: date, now: datetime
) -> dict[tuple[int, date], SlotRow]:
    """The nights in `[start, end)` that have a slot of their own. A night without one is wholly free.

    A room of a village that hosts in turn has as many free as its families' own rooms have.
    """
    ids = list(room_type_ids)
    if not ids:
        return {}
    found = await _own_nights(ids, start, end, now)
    return found | await _pool_nights(ids, found, start, end, now)


async def _own_nights(
    ids: Sequence[int], start: date, end: date, now: datetime
) -> dict[tuple[int, date], SlotRow]:
    places = ", ".join(f"${n}" for n in range(4, 4 + len(ids)))
    rows = await db.fetch(
        f"SELECT {_SLOT_COLUMNS} FROM slot s WHERE s.kind = 'night' AND s.starts_on >= $2 AND s.starts_on < $3"
        f" AND s.room_type_id IN ({places})",
        now,
        start,
        end,
        *ids,
    )
    slots = [_slot(row) for row in rows]
    return {(slot.room_type_id or 0, slot.starts_on): slot for slot in slots}


async def _pool_nights(
    ids: Sequence[int], own: Mapping[tuple[int, date], SlotRow], start: date, end: date, now: datetime
) -> dict[tuple[int, date], SlotRow]:
    """The nights of those rooms that stand for the rooms of several families."""
    places = ", ".join(f"${n}" for n in range(1, 1 + len(ids)))
    members = await db.fetch(
        "SELECT p.id AS pool_room, p.listing_id AS pool_listing, r.id AS room, r.count, r.listing_id"
        " FROM room_type p JOIN listing l ON l.id = p.listing_id AND l.pooled"
        " LEFT JOIN pool_member m ON m.listing_id = l.id AND m.state = 'active'"
        f" LEFT JOIN room_type r ON r.id = m.room_type_id WHERE p.id IN ({places})",
        *ids,
    )
    if not members:
        return {}
    rooms = [row for row in members if row["room"] is not None]
    nights = await _own_nights([row["room"] for row in rooms], start, end, now) if rooms else {}
    shut = await _closures({row["listing_id"] for row in rooms}, start, end)
    found: dict[tuple[int, date], SlotRow] = {}
    for pool_room, pool_listing in {(row["pool_room"], row["pool_listing"]) for row in members}:
        families = [row for row in rooms if row["pool_room"] == pool_room]
        for n in range((end - start).days):
            night = start + timedelta(days=n)
            free = sum(_free_rooms(row, night, nights, shut) for row in families)
            count = sum(row["count"] for row in families)
            found[pool_room, night] = _pool_night(pool_room, pool_listing, night, count, free, own)
    return found


def _free_rooms(
    row: Row, night: date, nights: Mapping[tuple[int, date], SlotRow], shut: Mapping[int, list[ClosedDays]]
) -> int:
    if any(closed.covers(night) for closed in shut.get(row["listing_id"], [])):
        return 0
    slot = nights.get((row["room"], night))
    if slot is None:
        return row["count"]
    return max(slot.free, 0) if slot.status in {"open", "guaranteed"} else 0


def _pool_night(
    room_id: int,
    listing_id: int,
    night: date,
    count: int,
    free: int,
    own: Mapping[tuple[int, date], SlotRow],
) -> SlotRow:
    """A night of a village as if it were one house; what the village itself closed is closed."""
    slot = own.get((room_id, night))
    closed = slot is not None and slot.status == "closed"
    starts_at = local_instant(night, CHECK_IN)
    return SlotRow(
        id=0,
        kind="night",
        listing_id=listing_id,
        room_type_id=room_id,
        starts_on=night,
        ends_on=night + timedelta(days=1),
        starts_at=starts_at,
        ends_at=local_instant(night + timedelta(days=1), CHECK_OUT),
        book_until=starts_at,
        capacity=count,
        free=0 if closed else free,
        price_minor=slot.price_minor if slot is not None else None,
        min_guests=1,
        status="closed" if closed else "open",
    )


async def _closures(listing_ids: Collection[int], start: date, end: date) -> dict[int, list[ClosedDays]]:
    ids = sorted(listing_ids)
    if not ids:
        return {}
    places = ", ".join(f"${n}" for n in range(3, 3 + len(ids)))
    found: dict[int, list[ClosedDays]] = {}
    for row in await db.fetch(
        "SELECT listing_id, from_on, to_on FROM closure"
        f" WHERE from_on < $2 AND to_on >= $1 AND listing_id IN ({places})",
        start,
        end,
        *ids,
    ):
        closed = ClosedDays(as_date(row["from_on"]), as_date(row["to_on"]), {})
        found.setdefault(row["listing_id"], []).append(closed)
    return found


async def list_departure_nights(slot_id: int) -> list[tuple[int, date]]:
    """(room type, night) of every listed room a departure sleeps in."""
    rows = await db.fetch(
        "SELECT room_type_id, night_on FROM departure_night WHERE slot_id = $1 ORDER BY night_on", slot_id
    )
    return [(row["room_type_id"], as_date(row["night_on"])) for row in rows]


async def get_rooms(room_type_ids: Iterable[int]) -> dict[int, tuple[Room, int]]:
    """Rooms by id, each with the listing it belongs to (rooms of other listings that a tour sleeps in)."""
    ids = list(room_type_ids)
    if not ids:
        return {}
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    rows = await db.fetch(f"SELECT * FROM room_type WHERE id IN ({places})", *ids)
    return {
        r["id"]: (
            Room(r["id"], r["key"], r["count"], r["sleeps"], r["price_minor"], as_json(r["texts"])),
            r["listing_id"],
        )
        for r in rows
    }
