"""Which bookings make one journey, and what is still open in it."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from market.bookings.journeys import journeys
from market.bookings.rows import BookingRow
from market.bookings.states import State

FIRST = date(2026, 12, 1)


def booking(number: int, kind: str, start: int, days: int = 0, hour: int = 6, hours: int = 3) -> BookingRow:
    starts_on, ends_on = FIRST + timedelta(days=start), FIRST + timedelta(days=start + days)
    starts_at = datetime(starts_on.year, starts_on.month, starts_on.day, hour, tzinfo=UTC)
    length = timedelta(days=days) if days else timedelta(hours=hours)
    values: dict[str, Any] = {
        **dict.fromkeys(BookingRow.__slots__),
        "id": number, "reference": str(number), "state": State.CONFIRMED, "kind": kind,
        "starts_on": starts_on, "ends_on": ends_on, "starts_at": starts_at, "ends_at": starts_at + length,
    }  # fmt: skip
    return BookingRow(**values)


def test_a_tour_nights_and_a_class_are_one_journey_in_order() -> None:
    stay, tour, lesson = booking(1, "homestay", 2, 3), booking(2, "tour", 0, 2), booking(3, "lesson", 4)
    (found,) = journeys([stay, tour, lesson])
    assert [stretch.booking.id for stretch in found.stretches] == [2, 1, 3]
    assert (found.starts_on, found.ends_on) == (FIRST, FIRST + timedelta(days=5))
    assert not any(stretch.clashes or stretch.without_bed for stretch in found.stretches)


def test_nights_that_nothing_covers_are_named() -> None:
    (found,) = journeys([booking(1, "tour", 0, 2), booking(2, "homestay", 4, 1)])
    assert found.stretches[1].without_bed == (FIRST + timedelta(days=2), FIRST + timedelta(days=4))


def test_a_long_pause_begins_another_journey() -> None:
    assert len(journeys([booking(1, "tour", 0, 2), booking(2, "tour", 6, 2)])) == 2


def test_two_visits_at_once_are_told_and_a_class_during_a_stay_is_not() -> None:
    (found,) = journeys([booking(1, "homestay", 0, 5), booking(2, "tour", 1, 2), booking(3, "lesson", 2)])
    assert [stretch.clashes for stretch in found.stretches] == [False, False, True]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6)), max_size=8))
def test_every_booking_is_in_exactly_one_journey(given: list[tuple[int, int]]) -> None:
    made = [
        booking(n, "homestay" if days else "lesson", start, days) for n, (start, days) in enumerate(given)
    ]
    found = journeys(made)
    assert sorted(s.booking.id for one in found for s in one.stretches) == list(range(len(made)))
    assert all(one.ends_on < other.starts_on for one, other in itertools.pairwise(found))
