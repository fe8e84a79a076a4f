"""Windows of arrival, edge by edge."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from market.bookings import arrival_rules as rules

START = datetime(2026, 12, 12, 6, tzinfo=UTC)
END = START + timedelta(days=2)
MOMENTS = st.datetimes(datetime(2026, 12, 1), datetime(2026, 12, 31), timezones=st.just(UTC))


def test_the_window_of_check_in():
    second = timedelta(seconds=1)
    for at, expected in (
        (START - timedelta(hours=12), True),
        (START - timedelta(hours=12) - second, False),
        (END, True),
        (END + second, False),
    ):
        assert rules.in_window(at, starts_at=START, ends_at=END) is expected


@given(MOMENTS, MOMENTS)
def test_a_stated_time_is_never_in_the_future_nor_older_than_a_week(at: datetime, now: datetime):
    stated = rules.stated_time(at, now)
    if stated is None:
        assert at > now + rules.CLOCK_AHEAD or at < now - rules.OFFLINE_FOR
    else:
        assert now - rules.OFFLINE_FOR <= stated <= now


@given(MOMENTS, st.timedeltas(timedelta(hours=1), timedelta(days=10)), st.booleans())
def test_nothing_is_over_before_its_end_and_a_no_show_can_always_be_said(
    start: datetime, length: timedelta, seen: bool
):
    end = start + length
    over = rules.completes_at(starts_at=start, ends_at=end, seen=seen)
    assert over >= end
    if not seen:
        assert rules.may_state_no_show(starts_at=start, now=over - timedelta(hours=1))
    else:
        assert over == end


def test_the_last_instant_of_an_answer_counts():
    assert rules.may_contest(contest_until=START, now=START)
    assert not rules.may_contest(contest_until=START, now=START + timedelta(seconds=1))
