"""Which listings match, in order: one query that reads the listings along an index and stops early.

Everything is judged in the database: free stock now (a dead hold is free), closures, notice, party limits,
and the homestay nights a departure sleeps in. Nights are sparse: a night without a slot row is wholly free. The
`LIMIT 1 OFFSET 0` inside EXISTS is for PostgreSQL's planner, which would otherwise turn the probe of a few
listings into a join over every slot. What a card shows is `cards`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from market import db
from market.bookings.checks import CHECK_IN_AT
from market.discovery.search.asked import Asked, Sort
from market.discovery.search.spelling import Meant
from market.listings.offering import Kind
from market.listings.queries import FREE
from market.listings.search_words import BODY
from market.values.dates import DateRange, local_instant
from market.values.party import Party

MOST: Final = 240
AHEAD_DAYS: Final = 90
# Up to so many occurrences, reading the rarest word's listings beats walking all listings in order.
_RARE: Final = 2000
_ONE: Final = "LIMIT 1 OFFSET 0"
_SLOT_ALIAS = re.compile(r"\bs\.")


@dataclass(slots=True)
class Parameters:
    """Values to bind; `$1` is the present instant, as `FREE` wants it."""

    now: datetime
    values: list[Any] = field(default_factory=list[Any])

    def __post_init__(self) -> None:
        self.values.append(self.now)

    def add(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}"

    def several(self, values: tuple[Any, ...]) -> str:
        return ", ".join(self.add(value) for value in values)


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of matching listings in order, at most `MOST`; `more` when there are others."""

    ids: tuple[int, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Window:
    """The days and the party that stock is judged for. Without dates: the coming 90 days."""

    start: date
    end: date
    party: Party
    nights: DateRange | None

    @classmethod
    def of(cls, asked: Asked, today: date) -> Window:
        party = asked.party or Party(1)
        if asked.dates is not None:
            return cls(asked.dates.start, asked.dates.end, party, asked.dates)
        return cls(today, today + timedelta(days=AHEAD_DAYS), party, None)


async def find(asked: Asked, meant: list[Meant], *, now: datetime, today: date) -> Found:
    """The listings that match, best first, with no more than `MOST` of them."""
    p = Parameters(now)
    window = Window.of(asked, today)
    where = ["l.status = 'published'", *_plain_filters(asked, p), *_party_filters(asked, p)]
    rare = await _rare(meant)
    where += _word_filters(meant, rare, p)
    where.append(f"({available(window, p)})")
    order = _order(asked.sort, by_title=rare is not None, meant=meant, p=p)
    sql = f"SELECT l.id FROM listing l WHERE {' AND '.join(where)} ORDER BY {order} LIMIT {MOST + 1}"
    if asked.sort is Sort.SOONEST:
        sql = _soonest_first(sql, window, p)
    rows = await db.fetch(sql, *p.values)
    ids = tuple(row["id"] for row in rows)
    return Found(ids[:MOST], len(ids) > MOST)


def _plain_filters(asked: Asked, p: Parameters) -> list[str]:
    where: list[str] = []
    if asked.kind is not None:
        where.append(f"l.kind = {p.add(asked.kind.value)}")
    if asked.place is not None:
        where.append(f"l.{asked.place.column} IN ({p.several(asked.place.values)})")
    if asked.max_minor is not None:
        where.append(f"l.shown_price_minor <= {p.add(asked.max_minor)}")
    for table, value in (("language", asked.language), ("theme", asked.theme)):
        if value:
            where.append(
                f"EXISTS (SELECT 1 FROM listing_{table} x WHERE x.listing_id = l.id"
                f" AND x.{table} = {p.add(value)} {_ONE})"
            )
    return where


def _party_filters(asked: Asked, p: Parameters) -> list[str]:
    party = asked.party
    if party is None:
        return []
    size = p.add(party.total)
    where = [f"l.min_party <= {size}", f"l.max_party >= {size}"]
    if party.children:
        bands = "CAST(l.bands AS TEXT)"
        where.append(f"""({bands} = '[]' OR {bands} LIKE '%"child"%')""")
    return where


async def _rare(meant: list[Meant]) -> Meant | None:
    """The typed word with the fewest listings, when they are few enough to start from."""
    counted: list[tuple[int, Meant]] = []
    for one in meant:
        places = ", ".join(f"${n}" for n in range(1, len(one.words) + 1))
        row = await db.fetch_one(
            f"SELECT COUNT(*) AS n FROM (SELECT 1 FROM listing_word WHERE word IN ({places})"
            f" LIMIT {_RARE + 1}) AS few",
            *one.words,
        )
        counted.append((row["n"] if row else 0, one))
    fewest = min(counted, key=lambda pair: pair[0], default=None)
    return fewest[1] if fewest is not None and fewest[0] <= _RARE else None


def _word_filters(meant: list[Meant], rare: Meant | None, p: Parameters) -> list[str]:
    """Every typed word must be met, in a title or elsewhere; both are single looks into the index."""
    where: list[str] = []
    for one in meant:
        words = p.several(one.words)
        if one is rare:
            where.append(f"l.id IN (SELECT w.listing_id FROM listing_word w WHERE w.word IN ({words}))")
        else:
            where.append(
                f"EXISTS (SELECT 1 FROM listing_word w WHERE w.word IN ({words})"
                f" AND w.rank IN (l.rank, l.rank + {BODY}) AND w.listing_id = l.id {_ONE})"
            )
    return where


def available(window: Window, p: Parameters) -> str:
    """The SQL condition that a listing `l` has something for these days and this party."""
    dated = f"EXISTS (SELECT 1 FROM slot s WHERE s.listing_id = l.id AND {startable(window, p)} {_ONE})"
    if window.nights is None:
        return f"CASE WHEN l.kind = '{Kind.HOMESTAY}' THEN 1 = 1 ELSE {dated} END"
    return f"CASE WHEN l.kind = '{Kind.HOMESTAY}' THEN {_stayable(window, window.nights, p)} ELSE {dated} END"


def startable(window: Window, p: Parameters) -> str:
    """The condition that a departure or session `s` of listing `l` can be booked for the window."""
    party = window.party
    seats = p.add(party.adults + party.children)
    start, end = p.add(window.start), p.add(window.end)
    return (
        f"s.kind <> 'night' AND s.starts_on >= {start} AND s.ends_on <= {end}"
        f" AND s.status IN ('open', 'guaranteed') AND s.book_until > $1 AND {_noticed()}"
        f" AND {_has(seats)}"
        " AND NOT EXISTS (SELECT 1 FROM closure c WHERE c.listing_id = l.id"
        " AND c.from_on <= s.starts_on AND c.to_on >= s.starts_on)"
        f" AND NOT EXISTS (SELECT 1 FROM departure_night d JOIN room_type r ON r.id = d.room_type_id"
        " LEFT JOIN slot ns ON ns.kind = 'night' AND ns.room_type_id = d.room_type_id"
        f" AND ns.starts_on = d.night_on WHERE d.slot_id = s.id AND {night_free('ns')} < {_rooms(seats)})"
    )


def _has(quantity: str) -> str:
    """Enough free places on slot `s`; the sum over dead holds is only made where it decides."""
    return f"(s.capacity - s.confirmed - s.blocked - s.held >= {quantity} OR ({FREE}) >= {quantity})"


def _rooms(guests: str) -> str:
    """How many rooms of type `r` so many guests need."""
    return f"(({guests} + r.sleeps - 1) / r.sleeps)"


def night_free(alias: str) -> str:
    """Rooms of type `r` free on a night that may have a slot row (`alias`, perhaps NULL) or not."""
    free = _SLOT_ALIAS.sub(f"{alias}.", FREE)
    return (
        f"CASE WHEN {alias}.id IS NULL THEN r.count"
        f" WHEN {alias}.status IN ('closed', 'called_off') THEN 0 ELSE {free} END"
    )


def _noticed() -> str:
    """The host's notice is kept: SQL has no common way to subtract hours from an instant."""
    if db.is_postgres():
        return "s.starts_at > $1 + l.notice_hours * INTERVAL '1 hour'"
    return "(julianday(s.starts_at) - julianday($1)) * 24 > l.notice_hours"


def _stayable(window: Window, nights: DateRange, p: Parameters) -> str:
    """The condition that homestay `l` has one room type free on every night, for the whole party."""
    arrival = local_instant(nights.start, CHECK_IN_AT)
    hours = math.ceil((arrival - p.now).total_seconds() / 3600) - 1
    count, ahead = p.add(nights.nights), p.add(hours)
    start, end, guests = (
        p.add(nights.start),
        p.add(nights.end),
        p.add(window.party.adults + window.party.children),
    )
    free = (
        f"r.count >= {_rooms(guests)} AND NOT EXISTS (SELECT 1 FROM slot s WHERE s.kind = 'night'"
        f" AND s.room_type_id = r.id AND s.starts_on >= {start} AND s.starts_on < {end}"
        f" AND {night_free('s')} < {_rooms(guests)})"
    )
    # A village that hosts in turn is free when one of its families is, in its own room.
    family = (
        "EXISTS (SELECT 1 FROM pool_member m JOIN room_type r ON r.id = m.room_type_id"
        f" WHERE m.listing_id = l.id AND m.state = 'active' AND {free}"
        " AND NOT EXISTS (SELECT 1 FROM closure c WHERE c.listing_id = r.listing_id"
        f" AND c.from_on < {end} AND c.to_on >= {start}) {_ONE})"
    )
    house = f"EXISTS (SELECT 1 FROM room_type r WHERE r.listing_id = l.id AND {free} {_ONE})"
    return (
        f"(l.min_nights <= {count} AND l.max_nights >= {count}"
        f" AND l.notice_hours <= {ahead} AND l.cutoff_hours <= {ahead}"
        " AND NOT EXISTS (SELECT 1 FROM closure c WHERE c.listing_id = l.id"
        f" AND c.from_on < {end} AND c.to_on >= {start})"
        f" AND CASE WHEN l.pooled THEN {family} ELSE {house} END)"
    )


def _order(sort: Sort, *, by_title: bool, meant: list[Meant], p: Parameters) -> str:
    match sort:
        case Sort.PRICE:
            return "l.shown_price_minor, l.id"
        case Sort.RATING:
            return "l.rank, l.id"  # the rank is the average of reviews, careful while there are few
        case Sort.RECOMMENDED | Sort.SOONEST:
            if not by_title:
                return "l.rank, l.id"
            # Few enough to sort: listings with the words in their title come first.
            words = p.several(tuple(word for one in meant for word in one.words))
            return (
                "(SELECT COUNT(*) FROM listing_word w WHERE w.listing_id = l.id AND w.rank = l.rank"
                f" AND w.word IN ({words})) DESC, l.rank, l.id"
            )


def _soonest_first(sql: str, window: Window, p: Parameters) -> str:
    """The same listings, the next start first; a house that is free is free from the first day on."""
    soonest = f"(SELECT MIN(s.starts_on) FROM slot s WHERE s.listing_id = l.id AND {startable(window, p)})"
    first = p.add(window.start)
    date_of = f"CAST({first} AS DATE)" if db.is_postgres() else first
    return (
        f"SELECT l.id FROM listing l WHERE l.id IN (SELECT few.id FROM ({sql}) AS few)"
        f" ORDER BY CASE WHEN l.kind = '{Kind.HOMESTAY}' THEN {date_of} ELSE {soonest} END, l.rank, l.id"
    )
