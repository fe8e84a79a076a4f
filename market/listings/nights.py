"""Commands on many nights of a room at once: open, close, price, and how many rooms are for sale.

All of the chosen nights change or none. What is sold is never closed from here: a refusal names the bookings,
night by night. What a standing allotment promises stays on sale (`allotments`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from market import db
from market.db.sql import Row, as_date
from market.errors import Invalid, NotFound, Refused
from market.listings import allotments, rules, slots, stock
from market.listings.allotments import Promised
from market.listings.slots import BeingPaid, Standing
from market.values.dates import local_day
from market.values.text import lazy
from market.web import page_cache

MOST_NIGHTS: Final = 400


@dataclass(frozen=True, slots=True)
class InTheWay:
    """A booking that stands in the way on a day."""

    day: date
    standing: Standing


class NightsSold(Refused):
    """Nothing changed, because of these bookings; `in_the_way` lists them by day."""

    code = "nights_sold"

    def __init__(self, in_the_way: Sequence[InTheWay]) -> None:
        references = ", ".join(dict.fromkeys(each.standing.reference for each in in_the_way))
        super().__init__(
            message=lazy(
                "Nothing was changed. These bookings stand in the way: %(references)s.", references=references
            ),
            in_the_way=tuple(in_the_way),
        )
        self.in_the_way = tuple(in_the_way)


async def open_days(room_type_id: int, days: Collection[date], now: datetime) -> None:
    """Put every unsold room of these nights on sale."""
    async with db.transaction():
        for slot in await _slots(room_type_id, days, now):
            await db.execute("UPDATE slot SET blocked = imported, status = 'open' WHERE id = $1", slot["id"])
        await page_cache.bump()


async def close_days(
    room_type_id: int, days: Collection[date], now: datetime, *, only_free: bool = False
) -> list[date]:
    """Take these nights off sale; the nights of which something stays on sale, because it is promised.

    Raises NightsSold or Promised when something stands in the way, unless `only_free`: then what is sold and
    what is promised stays, and the rest closes.
    """
    async with db.transaction():
        rows = await _slots(room_type_id, days, now)
        promised = await allotments.promised_nights(room_type_id, days)
        if not only_free:
            await _refuse_sold([slot for slot in rows if slot["held"] + slot["confirmed"]], now)
            if promised:
                raise Promised(promised.keys(), max(promised.values()))
        for slot in rows:
            kept = promised.get(as_date(slot["starts_on"]), 0)
            await _block(slot, slot["capacity"], kept, shut=kept == 0)
        await page_cache.bump()
    return sorted(promised)


async def _block(slot: Row, wanted: int, promised: int, *, shut: bool) -> None:
    """Block what is neither sold nor promised, at most `wanted`. A night that is `shut` stays closed when a
    booking is cancelled.
    """
    sold = slot["held"] + slot["confirmed"]
    free = max(slot["capacity"] - max(sold, promised), 0)
    blocked = max(min(wanted, free), slot["imported"])  # what is sold elsewhere stays so
    status = "closed" if shut and promised == 0 else "open"
    changed = await db.execute(
        "UPDATE slot SET blocked = $2, status = $3 WHERE id = $1 AND held + confirmed + $2 <= capacity",
        slot["id"],
        blocked,
        status,
    )
    if not changed:  # sold between our look and our write
        raise BeingPaid


async def sell_days(room_type_id: int, days: Collection[date], rooms: int, now: datetime) -> None:
    """So many rooms in all are for sale on these nights, those already sold included.

    Raises NightsSold below what is sold, Promised below an allotment, Invalid above what there is.
    """
    async with db.transaction():
        rows = await _slots(room_type_id, days, now)
        most = min((slot["capacity"] for slot in rows), default=0)
        if not 0 <= rooms <= most:
            raise Invalid(
                "rooms",
                lazy("There are %(most)s such rooms. Choose from 0 to %(most)s.", most=most),
                field="rooms",
            )
        await _refuse_sold([slot for slot in rows if slot["held"] + slot["confirmed"] > rooms], now)
        promised = await allotments.promised_nights(room_type_id, days)
        broken = {day: units for day, units in promised.items() if units > rooms}
        if broken:
            raise Promised(broken.keys(), max(broken.values()))
        for slot in rows:
            kept = promised.get(as_date(slot["starts_on"]), 0)
            await _block(slot, slot["capacity"] - rooms, kept, shut=rooms == 0)
        await page_cache.bump()


async def price_days(
    room_type_id: int, days: Collection[date], price_minor: int | None, now: datetime
) -> None:
    """A price of their own for these nights, the host's, in rupiah; None goes back to the usual price.

    What was sold keeps the price it was sold at. Raises Invalid outside 1 to `rules.MAX_PRICE`.
    """
    if price_minor is not None and not 1 <= price_minor <= rules.MAX_PRICE:
        raise Invalid("price", lazy("Enter a price in whole rupiah."), field="price")
    async with db.transaction():
        for slot in await _slots(room_type_id, days, now):
            await db.execute("UPDATE slot SET price_minor = $2 WHERE id = $1", slot["id"], price_minor)
        await page_cache.bump()


async def _slots(room_type_id: int, days: Collection[date], now: datetime) -> list[Row]:
    """The chosen nights' rows, made where there were none and locked in one order."""
    wanted = sorted(set(days))
    if not wanted:
        raise Invalid("days", lazy("Choose at least one day."), field="day")
    if len(wanted) > MOST_NIGHTS or wanted[-1] > local_day(now) + timedelta(days=800):
        raise Invalid("days", lazy("Choose at most a year at a time."), field="end")
    if wanted[0] < local_day(now):
        raise Invalid("past", lazy("This day has passed. Please choose a later one."), field="start")
    if await db.fetch_one("SELECT id FROM room_type WHERE id = $1", room_type_id) is None:
        raise NotFound(room_type=room_type_id)
    ids = await stock.ensure_nights((room_type_id, night) for night in wanted)
    return await slots.lock(sorted(ids.values()))


async def _refuse_sold(rows: Sequence[Row], now: datetime) -> None:
    found: list[InTheWay] = []
    waiting = False
    for slot in rows:
        standing = await slots.list_standing(slot["id"], now)
        found += [InTheWay(as_date(slot["starts_on"]), each) for each in standing]
        waiting = waiting or not standing
    if found:
        raise NightsSold(found)
    if waiting:
        raise BeingPaid


# Departures and sessions ---------------------------------------------------------------------------------
async def change_starts(
    slot_ids: Collection[int],
    now: datetime,
    *,
    status: str | None = None,
    capacity: int | None = None,
    price_minor: int | None = None,
    usual_price: bool = False,
) -> None:
    """Open or close several dates of a tour or class, or give them other places or another price; all or none.

    Raises NightsSold with every booking in the way, Promised, or Refused for a date that is called off.
    """
    if price_minor is not None and not 1 <= price_minor <= rules.MAX_PRICE:
        raise Invalid("price", lazy("Enter a price in whole rupiah."), field="price")
    async with db.transaction():
        rows = await slots.lock(sorted(slot_ids))
        if status == "closed":
            await _refuse_sold([slot for slot in rows if slot["held"] + slot["confirmed"]], now)
        if capacity is not None:
            await _refuse_sold([slot for slot in rows if slot["held"] + slot["confirmed"] > capacity], now)
        for slot in rows:
            if status is not None and not (status == "open" and slot["status"] == "guaranteed"):
                await slots.set_slot_status(slot["id"], status)
            if capacity is not None:
                await slots.set_capacity(slot["id"], capacity)
            if price_minor is not None or usual_price:
                await db.execute("UPDATE slot SET price_minor = $2 WHERE id = $1", slot["id"], price_minor)
        await page_cache.bump()
