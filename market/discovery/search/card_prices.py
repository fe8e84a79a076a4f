"""What a card's price is: the whole price of a trip where days are known, otherwise the price of a unit.

The same rules price the booking (`market.bookings.quote`), so the card, the listing and the receipt agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from market import db
from market.bookings.quote import Choice, quote
from market.db.sql import Row, as_date, as_instant
from market.discovery.search.card_facts import Facts
from market.discovery.search.finding import Parameters, Window, startable
from market.i18n import formats
from market.i18n.messages import translate
from market.listings.offering import Kind, Offering, SlotRow
from market.listings.queries import FREE
from market.values.dates import DateRange
from market.values.text import lazy, lazy_n


@dataclass(frozen=True, slots=True)
class Priced:
    """An amount, what it is for, and the days it is for (or "")."""

    amount: int
    per: str
    days: str


@dataclass(frozen=True, slots=True)
class Stock:
    """The first start that fits, by listing; the fewest free rooms on any of the nights, by room type."""

    starts: dict[int, SlotRow]
    fewest: dict[int, int]


NO_STOCK = Stock({}, {})


async def load_stock(facts: Sequence[Facts], window: Window, now: datetime) -> Stock:
    """What the price of a trip depends on; nothing is read where no days were given."""
    if window.nights is None:
        return NO_STOCK
    offerings = [one.offering for one in facts]
    return Stock(
        await _first_starts([o.id for o in offerings if o.kind is not Kind.HOMESTAY], window, now),
        await _fewest_free(offerings, window.nights, now),
    )


async def _first_starts(ids: Sequence[int], window: Window, now: datetime) -> dict[int, SlotRow]:
    if not ids:
        return {}
    p = Parameters(now)
    first = (
        f"(SELECT s.id FROM slot s WHERE s.listing_id = l.id AND {startable(window, p)}"
        " ORDER BY s.starts_at LIMIT 1)"
    )
    rows = await db.fetch(
        f"SELECT n.* FROM listing l JOIN slot n ON n.id = {first} WHERE l.id IN ({p.several(tuple(ids))})",
        *p.values,
    )
    return {row["listing_id"]: _slot(row) for row in rows}


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


def price(facts: Facts, window: Window, stock: Stock, locale: str) -> Priced:
    """The price to show for a listing, every fee included."""
    offering, nights = facts.offering, window.nights
    if nights is not None and offering.kind is Kind.HOMESTAY:
        total = _cheapest_stay(offering, window, nights, stock.fewest)
        if total is not None:
            people = _guests(window.party.total, locale)
            return Priced(total, f"{_nights(nights.nights, locale)}, {people}", "")
    slot = stock.starts.get(facts.id)
    if slot is not None:
        days = formats.day_range(slot.starts_on, slot.ends_on, locale)
        total = quote(offering, Choice(window.party, slot=slot)).total
        return Priced(total, _guests(window.party.total, locale), days)
    unit = lazy("night") if offering.kind is Kind.HOMESTAY else lazy("guest")
    return Priced(facts.shown_price_minor, translate(unit, locale), "")


def _cheapest_stay(
    offering: Offering, window: Window, nights: DateRange, fewest: dict[int, int]
) -> int | None:
    totals = [
        quote(offering, Choice(window.party, room=room, rooms=needed, nights=nights)).total
        for room in offering.rooms
        if (needed := -(-window.party.total // room.sleeps))
        <= min(room.count, fewest.get(room.id, room.count))
    ]
    return min(totals, default=None)


def _slot(row: Row) -> SlotRow:
    return SlotRow(
        id=row["id"],
        kind=row["kind"],
        listing_id=row["listing_id"],
        room_type_id=None,
        starts_on=as_date(row["starts_on"]),
        ends_on=as_date(row["ends_on"]),
        starts_at=as_instant(row["starts_at"]),
        ends_at=as_instant(row["ends_at"]),
        book_until=as_instant(row["book_until"]),
        capacity=row["capacity"],
        free=0,
        price_minor=row["price_minor"],
        min_guests=row["min_guests"],
        status=row["status"],
    )


def _nights(count: int, locale: str) -> str:
    return translate(lazy_n("%(count)s night", "%(count)s nights", count), locale)


def _guests(count: int, locale: str) -> str:
    return translate(lazy_n("%(count)s guest", "%(count)s guests", count), locale)
