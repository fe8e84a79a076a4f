"""Reads for the arrivals of a day: who comes, who is here, what was said about them. Frozen rows, scoped to hosts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from market import db
from market.bookings import arrival_codes as codes
from market.bookings.rows import BookingRow, booking_row
from market.bookings.states import SOLD, State
from market.db.sql import Row, as_instant_or_none
from market.errors import NotFound

_STATES: Final = (*sorted(SOLD), State.NO_SHOW, State.COMPLETED)
_SELECT: Final = (
    "SELECT b.*, c.act AS c_act, c.how AS c_how, c.stated_at AS c_stated, c.received_at AS c_received,"
    " n.contested_at AS n_contested, n.contest_until AS n_until FROM booking b"
    " LEFT JOIN check_in c ON c.id = (SELECT MAX(id) FROM check_in WHERE booking_id = b.id)"
    " LEFT JOIN no_show n ON n.id = (SELECT MAX(id) FROM no_show WHERE booking_id = b.id)"
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A booking with what is known about its guests' coming."""

    row: BookingRow
    how: str
    arrived_at: datetime | None
    received_at: datetime | None
    contest_until: datetime | None
    contested: bool


@dataclass(frozen=True, slots=True)
class DayList:
    """Who arrives on a day, and who is still there from before."""

    arriving: tuple[Arrival, ...]
    staying: tuple[Arrival, ...]


def _arrival(row: Row) -> Arrival:
    came = row["c_act"] == "in"
    return Arrival(
        row=booking_row(row),
        how=row["c_how"] if came else "",
        arrived_at=as_instant_or_none(row["c_stated"]) if came else None,
        received_at=as_instant_or_none(row["c_received"]) if came else None,
        contest_until=as_instant_or_none(row["n_until"]),
        contested=row["n_contested"] is not None,
    )


def _places(values: list[int], start: int) -> str:
    return ", ".join(f"${n}" for n in range(start, start + len(values)))


async def list_day(host_ids: Iterable[int], day: date) -> DayList:
    """The day of these hosts: arrivals by time, then those who came earlier and are still there."""
    hosts = sorted(host_ids)
    if not hosts:
        return DayList((), ())
    states = ", ".join(f"'{state.value}'" for state in _STATES)
    places = _places(hosts, 2)
    rows = await db.fetch(
        f"{_SELECT} WHERE (b.host_id IN ({places}) OR b.hosting_id IN ({places})) AND b.state IN ({states})"
        " AND b.starts_on <= $1 AND (b.starts_on = $1 OR (b.ends_on >= $1 AND b.state <> 'completed'))"
        " ORDER BY b.starts_at, b.id LIMIT 500",
        day,
        *hosts,
    )
    found = [_arrival(row) for row in rows]
    return DayList(
        tuple(one for one in found if one.row.starts_on == day),
        tuple(one for one in found if one.row.starts_on < day),
    )


async def get_arrival(reference: str, host_ids: Iterable[int]) -> Arrival:
    """One booking of these hosts that was confirmed at some time; NotFound otherwise."""
    row = await db.fetch_one(f"{_SELECT} WHERE b.reference = $1", reference)
    if row is None:
        raise NotFound
    found = _arrival(row)
    if not found.row.host_ids & set(host_ids) or found.row.confirmed_at is None:
        raise NotFound
    return found


async def find_by_code(
    typed: str, host_ids: Iterable[int], secrets: tuple[str, ...], now: datetime
) -> str | None:
    """The reference of one of these hosts' bookings by what a guest shows: the short code, or the reference.

    Looks at what is not over and starts within two days, and at what began in the last month: a code read out
    is compared with few bookings, so a short one is enough.
    """
    hosts = sorted(host_ids)
    given = codes.tidy(typed)
    if not hosts or not given:
        return None
    places = _places(hosts, 3)
    rows = await db.fetch(
        f"SELECT reference FROM booking WHERE (host_id IN ({places}) OR hosting_id IN ({places}))"
        " AND confirmed_at IS NOT NULL AND starts_on BETWEEN $1 AND $2 ORDER BY starts_at DESC LIMIT 2000",
        date.fromordinal(now.date().toordinal() - 31),
        date.fromordinal(now.date().toordinal() + 2),
        *hosts,
    )
    references = [row["reference"] for row in rows]
    if given in references:
        return given
    return next((known for known in references if codes.is_short_code(given, known, secrets)), None)
