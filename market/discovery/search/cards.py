"""What a card in a list shows: one query for listings with their next start, one for nights when dates are given.

With dates the price is the whole price for that party and those days, every fee included, made by the same
rules that will price the booking (`market.bookings.quote`); without dates it is the price of one unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from market import db
from market.bookings.quote import Choice, quote
from market.db.sql import Row, as_date, as_instant, as_json
from market.discovery.directory import place_name
from market.discovery.search.asked import Asked
from market.discovery.search.finding import Parameters, Window, startable
from market.i18n import formats
from market.i18n.messages import translate
from market.listings.languages_themes import KINDS, named
from market.listings.offering import (
    Band,
    GroupPrice,
    Kind,
    Offering,
    Room,
    SeasonPrice,
    SlotRow,
    Status,
)
from market.listings.queries import FREE
from market.media.covers import cover_url
from market.media.queries import Picture, photos_for
from market.values.dates import DateRange
from market.values.text import lazy, lazy_n
from market.web import urls


@dataclass(frozen=True, slots=True)
class Card:
    """One offer, ready for `ui/card.html`."""

    id: int
    href: str
    title: str
    kind_label: str
    length_label: str
    place: str
    host_line: str
    price: str
    per: str
    stay_label: str
    cover_url: str
    photo: Picture | None
    eager: bool


async def get_cards(
    ids: Sequence[int], asked: Asked, locale: str, *, now: datetime, today: date, eager: int = 2
) -> list[Card]:
    """The cards of these listings, in this order; the first `eager` pictures load at once."""
    if not ids:
        return []
    window = Window.of(asked, today)
    rows = await _details(ids, window, locale, now)
    offerings = {row["id"]: _offering(row) for row in rows}
    fewest = await _fewest_free(offerings.values(), window.nights, now)
    photos = await photos_for([row["id"] for row in rows if row["has_photo"]], locale)
    place = {listing_id: n for n, listing_id in enumerate(ids)}
    cards: list[Card] = []
    for row in sorted(rows, key=lambda row: place[row["id"]]):
        pictures = photos.get(row["id"], [])
        priced = _price(row, offerings[row["id"]], window, fewest, locale)
        picture = pictures[0] if pictures else None
        cards.append(
            _card(row, offerings[row["id"]], priced, asked, locale, photo=picture, eager=len(cards) < eager)
        )
    return cards


@dataclass(frozen=True, slots=True)
class _Priced:
    """An amount, what it is for, and the days it is for (or "")."""

    amount: int
    per: str
    days: str


def _json_rows(columns: str, rest: str, order: str) -> str:
    """A subselect of rows as one JSON array of arrays, on either database."""
    if db.is_postgres():
        return f"(SELECT json_agg(json_build_array({columns}) ORDER BY {order}) {rest})"
    inner = columns.replace("x.", "y.")
    return f"(SELECT json_group_array(json_array({inner})) FROM (SELECT x.* {rest} ORDER BY {order}) y)"


async def _details(ids: Sequence[int], window: Window, locale: str, now: datetime) -> list[Row]:
    p = Parameters(now)
    rooms = _json_rows(
        "x.id, x.key, x.count, x.sleeps, x.price_minor",
        "FROM room_type x WHERE x.listing_id = l.id",
        "x.position, x.id",
    )
    seasons = _json_rows("x.from_md, x.to_md, x.percent", "FROM season x WHERE x.listing_id = l.id", "x.id")
    first = (
        f"(SELECT s.id FROM slot s WHERE s.listing_id = l.id AND {startable(window, p)}"
        " ORDER BY s.starts_at LIMIT 1)"
    )
    language = p.add(locale)
    return await db.fetch(
        "SELECT l.*, COALESCE(t.title, other.title) AS title, h.name AS host_name,"
        f" {rooms} AS room_rows, {seasons} AS season_rows,"
        " EXISTS (SELECT 1 FROM photo f WHERE f.listing_id = l.id AND f.state = 'ready') AS has_photo,"
        " n.id AS slot_id, n.kind AS slot_kind, n.starts_on, n.ends_on, n.starts_at, n.ends_at, n.book_until,"
        " n.capacity AS slot_capacity, n.price_minor AS slot_price, n.status AS slot_status"
        " FROM listing l JOIN organisation h ON h.id = l.host_id"
        f" LEFT JOIN listing_text t ON t.listing_id = l.id AND t.locale = {language}"
        " LEFT JOIN listing_text other ON other.listing_id = l.id AND other.locale ="
        " (SELECT MIN(a.locale) FROM listing_text a WHERE a.listing_id = l.id)"
        f" LEFT JOIN slot n ON n.id = {first}"
        f" WHERE l.id IN ({p.several(tuple(ids))})",
        *p.values,
    )


def _offering(row: Row) -> Offering:
    """The listing as the pricing rules need it; extras, payees, steps and closures do not matter for a card."""
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
        start_time=time.fromisoformat(row["start_time"]),
        min_nights=row["min_nights"],
        max_nights=row["max_nights"],
        price_minor=row["price_minor"],
        currency=row["currency"],
        service_fee_bp=row["service_fee_bp"],
        fund_bp=row["fund_bp"],
        bands=tuple(Band(**band) for band in as_json(row["bands"])),
        group_prices=tuple(GroupPrice(**step) for step in as_json(row["group_prices"])),
        weekday_percent={int(k): v for k, v in as_json(row["weekday_percent"]).items()},
        rooms=tuple(Room(*room, texts={}) for room in as_json(row["room_rows"]) or ()),
        seasons=tuple(SeasonPrice(*season, texts={}) for season in as_json(row["season_rows"]) or ()),
        extras=(),
        payees=(),
        closures=(),
        steps=(),
        titles={},
    )


async def _fewest_free(
    offerings: Iterable[Offering], nights: DateRange | None, now: datetime
) -> dict[int, int]:
    """For the rooms of these homestays: the fewest free on any night that has stock of its own."""
    rooms = [room.id for o in offerings if o.kind is Kind.HOMESTAY for room in o.rooms]
    if not rooms or nights is None:
        return {}
    p = Parameters(now)
    start, end = p.add(nights.start), p.add(nights.end)
    rows = await db.fetch(
        "SELECT s.room_type_id AS room,"
        f" MIN(CASE WHEN s.status IN ('closed', 'called_off') THEN 0 ELSE {FREE} END) AS free"
        f" FROM slot s WHERE s.kind = 'night' AND s.starts_on >= {start} AND s.starts_on < {end}"
        f" AND s.room_type_id IN ({p.several(tuple(rooms))}) GROUP BY s.room_type_id",
        *p.values,
    )
    return {row["room"]: row["free"] for row in rows}


def _price(row: Row, offering: Offering, window: Window, fewest: dict[int, int], locale: str) -> _Priced:
    """The whole price where days are known, otherwise the price of a unit."""
    party, nights = window.party, window.nights
    if nights is not None and offering.kind is Kind.HOMESTAY:
        totals = [
            quote(offering, Choice(party, room=room, rooms=needed, nights=nights)).total
            for room in offering.rooms
            if (needed := -(-party.total // room.sleeps)) <= min(room.count, fewest.get(room.id, room.count))
        ]
        if totals:
            return _Priced(
                min(totals), f"{_nights(nights.nights, locale)}, {_guests(party.total, locale)}", ""
            )
    if nights is not None and offering.kind is not Kind.HOMESTAY and row["slot_id"] is not None:
        slot = _slot(row)
        days = formats.day_range(slot.starts_on, slot.ends_on, locale)
        return _Priced(quote(offering, Choice(party, slot=slot)).total, _guests(party.total, locale), days)
    unit = lazy("night") if offering.kind is Kind.HOMESTAY else lazy("guest")
    return _Priced(row["shown_price_minor"], translate(unit, locale), "")


def _slot(row: Row) -> SlotRow:
    return SlotRow(
        id=row["slot_id"],
        kind=row["slot_kind"],
        listing_id=row["id"],
        room_type_id=None,
        starts_on=as_date(row["starts_on"]),
        ends_on=as_date(row["ends_on"]),
        starts_at=as_instant(row["starts_at"]),
        ends_at=as_instant(row["ends_at"]),
        book_until=as_instant(row["book_until"]),
        capacity=row["slot_capacity"],
        free=0,
        price_minor=row["slot_price"],
        min_guests=1,
        status=row["slot_status"],
    )


def _nights(count: int, locale: str) -> str:
    return translate(lazy_n("%(count)s night", "%(count)s nights", count), locale)


def _guests(count: int, locale: str) -> str:
    return translate(lazy_n("%(count)s guest", "%(count)s guests", count), locale)


def length_label(offering: Offering, locale: str) -> str:
    """`3 days`, `4 rooms`, `4 hours`."""
    match offering.kind:
        case Kind.TOUR:
            return translate(lazy_n("%(count)s day", "%(count)s days", offering.days), locale)
        case Kind.HOMESTAY:
            rooms = sum(room.count for room in offering.rooms)
            return translate(lazy_n("%(count)s room", "%(count)s rooms", rooms), locale)
        case Kind.LESSON:
            return formats.duration(offering.minutes, locale)


def stays_percent(service_fee_bp: int) -> int:
    """The whole per cent of a shown price that goes to the host, the people named and the village."""
    return 10_000 * 100 // (10_000 + service_fee_bp)


def _card(
    row: Row,
    offering: Offering,
    priced: _Priced,
    asked: Asked,
    locale: str,
    *,
    photo: Picture | None,
    eager: bool,
) -> Card:
    host = translate(lazy("With %(host)s", host=row["host_name"]), locale)
    place = place_name(row["kabupaten"], row["island"])
    stays = lazy(
        "%(percent)s%% stays in %(place)s",
        percent=stays_percent(row["service_fee_bp"]),
        place=place.partition(",")[0],
    )
    return Card(
        id=row["id"],
        href=urls.path("discovery:listing", locale=locale, slug=row["slug"], **asked.trip()),
        title=row["title"] or row["slug"],
        kind_label=named(KINDS, row["kind"], locale),
        length_label=length_label(offering, locale),
        place=place,
        host_line=f"{priced.days} · {host}" if priced.days else host,
        price=formats.money(priced.amount, locale),
        per=priced.per,
        stay_label=translate(stays, locale),
        cover_url=cover_url(row["slug"], row["region"], row["emblem"]),
        photo=photo,
        eager=eager,
    )
