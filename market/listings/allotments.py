"""Standing allotments: so many rooms of a kind, or seats of every date, that are always on sale at once.

Within one, a booking is confirmed without asking, even where the listing is on request, so the host may be out
of reach. What is promised is not closed by the host any more: the promise is withdrawn first, and ends
`LEAD_DAYS` later. A promise counts from `from_on` up to the day before `until_on`. Adat days that were closed
before it stay closed. Who may promise is the pages' business.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from market import db
from market.db.sql import Row, as_date
from market.errors import Invalid, NotFound, Refused
from market.listings.drafts import ClosureDraft
from market.values.dates import local_day
from market.values.text import lazy
from market.web import page_cache

LEAD_DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class Promise:
    """One allotment. `room_type_id` is None for the seats of every date; `until_on` None while it stands."""

    id: int
    listing_id: int
    room_type_id: int | None
    units: int
    from_on: date
    until_on: date | None

    def counts_on(self, day: date) -> bool:
        return self.from_on <= day and (self.until_on is None or day < self.until_on)


class Promised(Refused):
    """Closing would break a promise; `days` among the facts are the promised ones."""

    code = "promised"

    def __init__(self, days: Collection[date], units: int) -> None:
        super().__init__(
            message=lazy(
                "Nothing was closed. %(units)s of these are always on sale (your standing allotment)."
                " Withdraw it first: it ends %(days)s days later.",
                units=units,
                days=LEAD_DAYS,
            ),
            days=tuple(sorted(days)),
            units=units,
        )


def _promise(row: Row) -> Promise:
    until = row["until_on"]
    return Promise(
        id=row["id"],
        listing_id=row["listing_id"],
        room_type_id=row["room_type_id"],
        units=row["units"],
        from_on=as_date(row["from_on"]),
        until_on=as_date(until) if until is not None else None,
    )


# Reading -------------------------------------------------------------------------------------------------
async def list_promises(listing_id: int, today: date) -> list[Promise]:
    """A listing's promises that count today or later, oldest first."""
    rows = await db.fetch(
        "SELECT * FROM allotment WHERE listing_id = $1 AND (until_on IS NULL OR (until_on > $2 AND until_on > from_on))"
        " ORDER BY id",
        listing_id,
        today,
    )
    return [_promise(row) for row in rows]


async def promised_nights(room_type_id: int, days: Iterable[date]) -> dict[date, int]:
    """How many rooms of a kind are promised on each of these nights; nights without a promise are left out."""
    rows = await db.fetch("SELECT * FROM allotment WHERE room_type_id = $1", room_type_id)
    return _by_day([_promise(row) for row in rows], days)


async def promised_seats(listing_id: int, days: Iterable[date]) -> dict[date, int]:
    """How many seats of a date are promised on each of these days."""
    rows = await db.fetch(
        "SELECT * FROM allotment WHERE listing_id = $1 AND room_type_id IS NULL", listing_id
    )
    return _by_day([_promise(row) for row in rows], days)


def _by_day(promises: list[Promise], days: Iterable[date]) -> dict[date, int]:
    found = {day: max((p.units for p in promises if p.counts_on(day)), default=0) for day in days}
    return {day: units for day, units in found.items() if units}


async def covers(listing_id: int, slot_ids: Collection[int], now: datetime) -> bool:
    """Whether all that is taken of these slots of a listing now lies within what its host promised.

    Asked after the taking, in the same transaction, so that two bookings never share one promised place.
    Slots of other listings (the houses a tour sleeps in) do not count.
    """
    places = ", ".join(f"${n}" for n in range(3, 3 + len(slot_ids)))
    rows = await db.fetch(
        "SELECT s.room_type_id, s.starts_on, s.held + s.confirmed - COALESCE((SELECT SUM(a.quantity)"
        " FROM allocation a WHERE a.slot_id = s.id AND a.state = 'held' AND a.expires_at <= $2), 0) AS taken"
        f" FROM slot s WHERE s.listing_id = $1 AND s.id IN ({places})",
        listing_id,
        now,
        *slot_ids,
    )
    if not rows:
        return False
    for row in rows:
        day = as_date(row["starts_on"])
        if row["room_type_id"] is None:
            units = (await promised_seats(listing_id, [day])).get(day, 0)
        else:
            units = (await promised_nights(row["room_type_id"], [day])).get(day, 0)
        if row["taken"] > units:
            return False
    return True


# Promising -----------------------------------------------------------------------------------------------
async def declare(listing_id: int, room_type_id: int | None, units: int, *, by: int, now: datetime) -> None:
    """Promise so many, from today on; nights closed below that open again. Fewer than before count only
    after `LEAD_DAYS`.

    Raises Invalid for more than there are, NotFound for another listing's room.
    """
    async with db.transaction():
        most = await _most(listing_id, room_type_id)
        if not 1 <= units <= most:
            raise Invalid(
                "units",
                lazy("Promise between 1 and %(most)s.", most=most),
                field=f"units-{room_type_id or 0}",
            )
        today = local_day(now)
        standing = await _standing(listing_id, room_type_id)
        starts = today
        if standing is not None:
            if standing.units == units:
                return
            starts = today if units > standing.units else today + timedelta(days=LEAD_DAYS)
            await _end(standing, starts, by, now)
        await db.execute(
            "INSERT INTO allotment (listing_id, room_type_id, units, from_on, created_by, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            listing_id,
            room_type_id,
            units,
            starts,
            by,
            now,
        )
        await _put_on_sale(listing_id, room_type_id, units, starts)
        await page_cache.bump()


async def _most(listing_id: int, room_type_id: int | None) -> int:
    if room_type_id is None:
        row = await db.fetch_one(
            "SELECT capacity AS n FROM listing WHERE id = $1 AND kind <> 'homestay'", listing_id
        )
    else:
        row = await db.fetch_one(
            "SELECT count AS n FROM room_type WHERE id = $1 AND listing_id = $2", room_type_id, listing_id
        )
    if row is None:
        raise NotFound
    return row["n"]


async def _standing(listing_id: int, room_type_id: int | None) -> Promise | None:
    row = await db.fetch_one(
        "SELECT * FROM allotment WHERE listing_id = $1 AND COALESCE(room_type_id, 0) = $2 AND until_on IS NULL",
        listing_id,
        room_type_id or 0,
    )
    return _promise(row) if row else None


async def _end(promise: Promise, day: date, by: int | None, now: datetime) -> None:
    await db.execute(
        "UPDATE allotment SET until_on = $2, withdrawn_by = $3, withdrawn_at = $4 WHERE id = $1"
        " AND until_on IS NULL",
        promise.id,
        max(day, promise.from_on),
        by,
        now,
    )


async def _put_on_sale(listing_id: int, room_type_id: int | None, units: int, since: date) -> None:
    """What was closed below the promise is for sale again; what the promise leaves over stays as it was."""
    which = "kind <> 'night'" if room_type_id is None else "kind = 'night' AND room_type_id = $4"
    more = [] if room_type_id is None else [room_type_id]
    await db.execute(
        "UPDATE slot SET status = CASE WHEN status = 'closed' THEN 'open' ELSE status END,"
        " blocked = CASE WHEN blocked + $2 <= capacity THEN blocked"
        " WHEN capacity - $2 > imported THEN capacity - $2 ELSE imported END"
        f" WHERE listing_id = $1 AND starts_on >= $3 AND {which}"
        " AND (status = 'closed' OR blocked + $2 > capacity)",
        listing_id,
        units,
        since,
        *more,
    )


async def withdraw(listing_id: int, promise_id: int, *, by: int, now: datetime) -> date:
    """Take a promise back; the first day on which it no longer counts. Raises NotFound for another listing's."""
    async with db.transaction():
        row = await db.fetch_one(
            "SELECT * FROM allotment WHERE id = $1 AND listing_id = $2 AND until_on IS NULL",
            promise_id,
            listing_id,
        )
        if row is None:
            raise NotFound
        day = local_day(now) + timedelta(days=LEAD_DAYS)
        await _end(_promise(row), day, by, now)
        await page_cache.bump()
    return day


# Guarding ------------------------------------------------------------------------------------------------
async def check_closures(
    listing_id: int, before: Collection[ClosureDraft], after: Collection[ClosureDraft], today: date
) -> None:
    """Raise Promised when newly closed days lie on promised ones; days that were closed before may stay."""
    old = {day for closure in before for day in _days(closure, today)}
    new = {day for closure in after for day in _days(closure, today)} - old
    promises = await list_promises(listing_id, today)
    broken = {day for day in new if any(promise.counts_on(day) for promise in promises)}
    if broken:
        raise Promised(broken, max(promise.units for promise in promises))


def _days(closure: ClosureDraft, today: date) -> list[date]:
    first = max(closure.start, today)
    last = min(closure.end, today + timedelta(days=800))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


async def check_pause(listing_id: int, today: date) -> None:
    """Raise Promised when a listing that would be paused has promised something."""
    promises = await list_promises(listing_id, today)
    if promises:
        raise Promised([], max(promise.units for promise in promises))
