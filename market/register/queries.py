"""Reads of the register: a host's list with deadlines, and one stay with its guests, opened.

Everything is scoped to the hosts the caller names; nobody else's stay is found, an operator's neither.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from market import db
from market.bookings.rows import BookingRow, booking_row
from market.bookings.states import State as BookingState
from market.db.sql import Row, as_instant_or_none
from market.errors import NotFound
from market.register import envelopes, rules
from market.register.envelopes import CannotOpen, Envelope
from market.register.rules import Facts, State


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay with where its register stands; `state` is None when nobody has said anything yet."""

    booking: BookingRow
    stay_id: int | None
    state: State | None
    due_at: datetime
    reported_at: datetime | None
    report_reference: str
    guests: int

    def overdue(self, now: datetime) -> bool:
        return rules.is_overdue(self.state, self.due_at, now)


@dataclass(frozen=True, slots=True)
class Guest:
    """One guest, opened; `facts` is None when no key of ours opens the envelope."""

    id: int
    filled_by: str
    facts: Facts | None


_SELECT = (
    "SELECT b.*, s.id AS s_id, s.state AS s_state, s.reported_at AS s_reported, s.report_reference AS s_reference,"
    " c.act AS c_act, c.stated_at AS c_stated,"
    " (SELECT COUNT(*) FROM register_guest g WHERE g.stay_id = s.id) AS s_guests"
    " FROM booking b LEFT JOIN register_stay s ON s.booking_id = b.id"
    " LEFT JOIN check_in c ON c.id = (SELECT MAX(id) FROM check_in WHERE booking_id = b.id)"
)
TAKES_PLACE = frozenset({BookingState.CONFIRMED, BookingState.CHECKED_IN, BookingState.COMPLETED})
_BACK, _AHEAD, _UNASKED = timedelta(days=90), timedelta(days=2), timedelta(days=14)
_LATELY = timedelta(days=4)


def _stay(row: Row) -> Stay:
    booking = booking_row(row)
    arrived = as_instant_or_none(row["c_stated"]) if row["c_act"] == "in" else None
    return Stay(
        booking=booking,
        stay_id=row["s_id"],
        state=State(row["s_state"]) if row["s_state"] else None,
        due_at=rules.due_at(arrived or booking.starts_at),
        reported_at=as_instant_or_none(row["s_reported"]),
        report_reference=row["s_reference"] or "",
        guests=row["s_guests"],
    )


async def list_stays(host_ids: Iterable[int], today: date) -> list[Stay]:
    """Stays of these hosts that come within two days or began in the last 90 days, newest first.

    Those about which nobody said anything are left out after two weeks: the office takes no report then.
    """
    hosts = sorted(host_ids)
    if not hosts:
        return []
    places = ", ".join(f"${n}" for n in range(4, 4 + len(hosts)))
    rows = await db.fetch(
        f"{_SELECT} WHERE (b.host_id IN ({places}) OR b.hosting_id IN ({places})) AND b.kind = 'homestay'"
        " AND b.state IN ('confirmed', 'checked_in', 'completed') AND b.starts_on BETWEEN $1 AND $2"
        " AND (s.id IS NOT NULL OR b.starts_on >= $3)"
        " ORDER BY b.starts_at DESC, b.id DESC LIMIT 300",
        today - _BACK,
        today + _AHEAD,
        today - _UNASKED,
        *hosts,
    )
    return [_stay(row) for row in rows]


async def list_unreported(now: datetime, *, limit: int = 500) -> list[Stay]:
    """Stays of every host that began lately and about which there is still something to report or to say."""
    rows = await db.fetch(
        f"{_SELECT} WHERE b.kind = 'homestay' AND b.state IN ('confirmed', 'checked_in', 'completed')"
        " AND b.starts_at BETWEEN $1 AND $2 AND (s.id IS NULL OR s.state = 'open')"
        f" ORDER BY b.starts_at, b.id LIMIT {int(limit)}",
        now - _LATELY,
        now,
    )
    return [_stay(row) for row in rows]


def is_waiting(stay: Stay, now: datetime) -> bool:
    """Whether a stay has begun, lately, and its host has not yet reported or said that nobody is foreign."""
    began = stay.booking.starts_at
    return stay.state in {None, State.OPEN} and now - _LATELY <= began <= now


async def get_stay(reference: str, host_ids: Iterable[int]) -> Stay:
    """One stay of these hosts; NotFound otherwise."""
    found = await find_stay(reference)
    if not found.booking.host_ids & set(host_ids):
        raise NotFound
    return found


async def find_stay(reference: str) -> Stay:
    """A confirmed homestay's register, whoever asks; for pages that checked who looks. Raises NotFound."""
    row = await db.fetch_one(
        f"{_SELECT} WHERE b.reference = $1 AND b.kind = 'homestay' AND b.confirmed_at IS NOT NULL", reference
    )
    if row is None:
        raise NotFound
    return _stay(row)


async def list_guests(stay_id: int | None, secrets: tuple[str, ...]) -> list[Guest]:
    """The guests of a stay in the order in which they were written, opened."""
    if stay_id is None:
        return []
    rows = await db.fetch(
        "SELECT id, wrapped_key, sealed, filled_by FROM register_guest WHERE stay_id = $1 ORDER BY id",
        stay_id,
    )
    return [Guest(row["id"], row["filled_by"], _facts(row, stay_id, secrets)) for row in rows]


def _facts(row: Row, stay_id: int, secrets: tuple[str, ...]) -> Facts | None:
    try:
        opened = envelopes.unseal(
            Envelope(row["wrapped_key"], row["sealed"]), stay_id=stay_id, secrets=secrets
        )
    except CannotOpen:
        return None
    return Facts.from_json(opened)
