"""Reachable hours: nothing is counted twice, nights are skipped, and the two directions agree."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from market.values.reachable import Reachable

DAY = Reachable("06:00", "20:00")
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))
WINDOWS = st.sampled_from([DAY, Reachable(), Reachable("09:00", "24:00"), Reachable("00:00", "01:30")])
LENGTHS = st.timedeltas(timedelta(), timedelta(days=9))


def test_a_night_does_not_count():
    # 19.00 WITA to 07.00 WITA the next morning: one hour in the evening, one in the morning.
    since = datetime(2026, 9, 1, 11, tzinfo=UTC)
    assert DAY.between(since, since + timedelta(hours=12)) == timedelta(hours=2)
    assert DAY.after(since, timedelta(hours=2)) == since + timedelta(hours=12)
    assert Reachable().between(since, since + timedelta(hours=12)) == timedelta(hours=12)
    assert DAY.after(since, timedelta()) == since


@given(WINDOWS, INSTANTS, LENGTHS)
def test_what_lies_between_is_never_more_than_the_time_itself(
    window: Reachable, since: datetime, length: timedelta
):
    within = window.between(since, since + length)
    assert timedelta() <= within <= length


@given(WINDOWS, INSTANTS, st.timedeltas(timedelta(minutes=1), timedelta(days=2)))
def test_counting_and_finding_agree(window: Reachable, since: datetime, length: timedelta):
    assert window.between(since, window.after(since, length)) == length
