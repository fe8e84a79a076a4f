"""Quiet hours, the day's limit and how long a code counts."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.sms import rules
from market.values.dates import WITA

INSTANTS = st.datetimes(datetime(2024, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


def wita(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WITA)


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        ("2026-12-01 19:59:59", "2026-12-01 19:59:59"),
        ("2026-12-01 20:00", "2026-12-02 06:00"),
        ("2026-12-02 03:00", "2026-12-02 06:00"),
        ("2026-12-02 05:59:59", "2026-12-02 06:00"),
        ("2026-12-02 06:00", "2026-12-02 06:00"),
        ("2026-12-31 23:00", "2027-01-01 06:00"),
    ],
)
def test_nobody_is_woken(now, leaves):
    assert rules.send_time(wita(now)) == wita(leaves)


def test_a_guest_who_arrives_within_twelve_hours_is_told_at_once():
    now = wita("2026-12-01 22:00")
    assert rules.send_time(now, now + timedelta(hours=12)) == now
    assert rules.send_time(now, now + timedelta(hours=12, seconds=1)) == wita("2026-12-02 06:00")


@given(INSTANTS)
def test_what_waits_leaves_outside_quiet_hours_and_soon(now):
    leaves = rules.send_time(now)
    assert now <= leaves <= now + timedelta(hours=10)
    assert not rules.is_quiet(leaves)
    assert leaves == now or leaves.astimezone(WITA).time() == time(6)


@given(INSTANTS)
def test_a_day_begins_at_midnight_here(now):
    start = rules.day_start(now)
    assert start <= now < start + timedelta(days=1)
    assert start.astimezone(WITA).time() == time(0)


def test_a_code_counts_for_ten_minutes_after_it_left():
    now = wita("2026-12-01 12:00")
    assert rules.counts(now - timedelta(minutes=10), now)
    assert not rules.counts(now - timedelta(minutes=10, seconds=1), now)
    assert not rules.counts(None, now)
