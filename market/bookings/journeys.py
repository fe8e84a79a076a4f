"""Bookings of one traveller that follow each other: one journey with its days in order, and what is still open in it.

Pure. What belongs together is judged by the days alone; what a page shows of it is the page's business.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from market.bookings.rows import BookingRow

_BREAK: Final = timedelta(days=3)  # a longer pause begins another journey


@dataclass(frozen=True, slots=True)
class Stretch:
    """One booking of a journey. `without_bed` are the nights before it that nothing covers; `clashes` tells that it
    begins before another visit of the journey is over.
    """

    booking: BookingRow
    without_bed: tuple[date, date] | None
    clashes: bool


@dataclass(frozen=True, slots=True)
class Journey:
    """Bookings from the first day to the last, in order."""

    stretches: tuple[Stretch, ...]
    starts_on: date
    ends_on: date


def journeys(bookings: Iterable[BookingRow]) -> list[Journey]:
    """Every journey of these bookings, soonest first; a booking that stands alone is a journey of one."""
    found: list[Journey] = []
    together: list[BookingRow] = []
    last = date.min
    for booking in sorted(bookings, key=lambda one: (one.starts_at, one.ends_at, one.id)):
        if together and booking.starts_on - last > _BREAK:
            found.append(_journey(together))
            together = []
        last = max(last, booking.ends_on) if together else booking.ends_on
        together.append(booking)
    return [*found, _journey(together)] if together else found


def _journey(bookings: list[BookingRow]) -> Journey:
    stretches: list[Stretch] = []
    covered = bookings[0].starts_on
    for number, booking in enumerate(bookings):
        without = (covered, booking.starts_on) if covered < booking.starts_on else None
        stretches.append(Stretch(booking, without, _clashes(booking, bookings[:number])))
        covered = max(covered, booking.ends_on)
    return Journey(tuple(stretches), bookings[0].starts_on, covered)


def _clashes(booking: BookingRow, before: list[BookingRow]) -> bool:
    """Two visits at one time; a class during a stay is what a stay is for."""
    return any(
        other.ends_at > booking.starts_at and "homestay" not in {booking.kind, other.kind} for other in before
    )
