"""From drafts to table rows: which column holds what, in one place for single saves and for bulk loading.

Pure, apart from `insert`, which writes rows it is given. Who may write, and when, is `service`'s decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from market import db
from market.db.sql import execute_many, to_json
from market.listings import languages_themes, rules
from market.listings.drafts import (
    ClosureDraft,
    ExtraDraft,
    ListingDraft,
    ListingText,
    PayeeDraft,
    RoomDraft,
    SeasonDraft,
    StepDraft,
)
from market.listings.offering import with_fee
from market.places import areas

SERVICE_FEE_BP = 500

HEAD = (
    *("host_id", "village_id", "island", "kabupaten", "region", "emblem", "instant", "policy", "min_party"),
    *("max_party", "min_guests", "capacity", "notice_hours", "cutoff_hours", "days", "minutes", "start_time"),
    *("min_nights", "max_nights", "price_minor", "shown_price_minor", "service_fee_bp", "fund_bp", "bands"),
    *("group_prices", "weekday_percent", "lat", "lon", "address", "updated_at"),
)
TEXT = (
    "listing_id",
    *("locale", "title", "summary", "body", "access", "included", "excluded", "manners"),
)
ROOM = ("listing_id", "position", "key", "count", "sleeps", "price_minor", "texts")
EXTRA = ("listing_id", "position", "key", "price_minor", "per", "texts")
SEASON = ("listing_id", "from_md", "to_md", "percent", "texts")
PAYEE = ("listing_id", "position", "kind", "bp", "texts")
STEP = ("listing_id", "position", "room_type_id", "meals", "texts")
CLOSURE = ("listing_id", "from_on", "to_on", "texts")
LANGUAGE = ("listing_id", "language")
THEME = ("listing_id", "theme")
SLOT = (
    *("kind", "listing_id", "room_type_id", "starts_on", "ends_on", "starts_at", "ends_at", "book_until"),
    *("capacity", "price_minor", "min_guests"),
)
DEPARTURE_NIGHT = ("slot_id", "room_type_id", "night_on")


@dataclass(frozen=True, slots=True)
class Home:
    """What a listing takes from its village and host: places, fund, and names people search for."""

    village_id: int
    village: str
    code: str
    island: str
    region: str
    lat: float
    lon: float
    fund_bp: int
    host: str


async def get_home(village_id: int, host_id: int) -> Home | None:
    """The village and host a listing belongs to; None when either is unknown."""
    row = await db.fetch_one(
        "SELECT v.id, v.name, v.code, v.island, v.region, v.lat, v.lon, v.fund_bp, o.name AS host_name"
        " FROM village v, organisation o WHERE v.id = $1 AND o.id = $2",
        village_id,
        host_id,
    )
    if row is None:
        return None
    return Home(
        village_id=row["id"],
        village=row["name"],
        code=row["code"],
        island=row["island"],
        region=row["region"],
        lat=row["lat"],
        lon=row["lon"],
        fund_bp=row["fund_bp"],
        host=row["host_name"],
    )


def head_row(draft: ListingDraft, home: Home, now: datetime) -> list[Any]:
    """The values of `HEAD`."""
    price = rules.headline_price(draft)
    return [
        *(draft.host_id, draft.village_id, home.island, home.code[:5], draft.region or home.region),
        *(draft.emblem, draft.instant, draft.policy, draft.min_party, draft.max_party, draft.min_guests),
        *(draft.capacity, draft.notice_hours, draft.cutoff_hours, draft.days, draft.minutes),
        *(draft.start_time.strftime("%H:%M"), draft.min_nights, draft.max_nights, price),
        *(with_fee(price, SERVICE_FEE_BP), SERVICE_FEE_BP, home.fund_bp),
        to_json([asdict(band) for band in draft.bands]),
        to_json([asdict(step) for step in draft.group_prices]),
        to_json({str(day): percent for day, percent in draft.weekday_percent.items()}),
        home.lat if draft.lat is None else draft.lat,
        home.lon if draft.lon is None else draft.lon,
        *(draft.address, now),
    ]


def text_rows(listing_id: int, texts: dict[str, ListingText]) -> list[list[Any]]:
    return [
        [
            *(listing_id, locale, text.title, text.summary, text.body, text.access),
            *(to_json(text.included), to_json(text.excluded), to_json(text.manners)),
        ]
        for locale, text in texts.items()
    ]


def room_row(listing_id: int, position: int, room: RoomDraft) -> list[Any]:
    return [
        *(listing_id, position, room.key, room.count, room.sleeps, room.price_minor, to_json(room.texts)),
    ]


def extra_row(listing_id: int, position: int, extra: ExtraDraft) -> list[Any]:
    return [listing_id, position, extra.key, extra.price_minor, extra.per.value, to_json(extra.texts)]


def season_rows(listing_id: int, seasons: Iterable[SeasonDraft]) -> list[list[Any]]:
    return [[listing_id, s.from_md, s.to_md, s.percent, to_json(s.texts)] for s in seasons]


def payee_rows(listing_id: int, payees: Iterable[PayeeDraft]) -> list[list[Any]]:
    return [[listing_id, n, p.kind, p.bp, to_json(p.texts)] for n, p in enumerate(payees, 1)]


def step_rows(listing_id: int, steps: Iterable[StepDraft]) -> list[list[Any]]:
    return [
        [listing_id, n, s.room_type_id, to_json(s.meals), to_json(s.texts)] for n, s in enumerate(steps, 1)
    ]


def closure_rows(listing_id: int, closures: Iterable[ClosureDraft]) -> list[list[Any]]:
    return [[listing_id, c.start, c.end, to_json(c.texts)] for c in closures]


def slot_row(
    kind: str,
    listing_id: int,
    times: rules.SlotTimes,
    *,
    capacity: int,
    room_type_id: int | None = None,
    price_minor: int | None = None,
    min_guests: int = 1,
) -> list[Any]:
    """The values of `SLOT`."""
    return [
        *(kind, listing_id, room_type_id, times.starts_on, times.ends_on, times.starts_at, times.ends_at),
        *(times.book_until, capacity, price_minor, min_guests),
    ]


def search_titles(draft: ListingDraft, home: Home) -> list[str]:
    """What counts most when somebody searches: titles, the village, the host."""
    return [*(text.title for text in draft.texts.values()), home.village, home.host]


def search_texts(draft: ListingDraft, home: Home) -> list[str]:
    """Everything else people may look for: descriptions, days, rooms, places, kind and themes by name."""
    parts: list[str] = []
    for text in draft.texts.values():
        parts += [text.summary, text.body, text.access, *text.included]
    for item in (*draft.rooms, *draft.steps, *draft.extras):
        parts += [value for texts in item.texts.values() for value in texts.values()]
    if areas.exists(home.code):
        parts += areas.path(home.code)
    parts += languages_themes.search_names(
        kind=draft.kind.value, island=home.island, themes=draft.themes, languages=draft.languages
    )
    return parts


async def insert(table: str, columns: Sequence[str], rows: list[list[Any]]) -> None:
    """Write rows of one table; none is nothing."""
    if rows:
        await execute_many(insert_sql(table, columns), rows)


def insert_sql(table: str, columns: Sequence[str]) -> str:
    """`INSERT INTO table (columns) VALUES ($1 …)`."""
    places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"
