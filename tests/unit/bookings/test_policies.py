from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.bookings.policies import POLICIES, Policy, describe, refund_due
from market.values.dates import local_instant

START = local_instant(date(2026, 12, 21))
LONG_AGO = START - timedelta(days=90)


def refund(key: str, before: timedelta, *, paid: int = 1_000_000, nights=None, confirmed=LONG_AGO) -> int:
    return refund_due(
        POLICIES[key], paid=paid, starts_at=START, confirmed_at=confirmed, now=START - before, nights=nights
    ).amount


SECOND = timedelta(seconds=1)
DAYS = timedelta(days=1)


@pytest.mark.parametrize(
    ("key", "before", "expected"),
    [
        ("limited", 14 * DAYS, 1_000_000),
        ("limited", 14 * DAYS - SECOND, 500_000),
        ("limited", 7 * DAYS, 500_000),
        ("limited", 7 * DAYS - SECOND, 0),
        ("firm", 30 * DAYS, 1_000_000),
        ("firm", 30 * DAYS - SECOND, 500_000),
        ("firm", 7 * DAYS - SECOND, 0),
        ("class_24h", DAYS, 1_000_000),
        ("class_24h", DAYS - SECOND, 0),
        ("class_7d", 7 * DAYS, 1_000_000),
        ("class_7d", 7 * DAYS - SECOND, 0),
        ("tour", 30 * DAYS, 1_000_000),
        ("tour", 30 * DAYS - SECOND, 500_000),
        ("tour", 10 * DAYS, 500_000),
        ("tour", 10 * DAYS - SECOND, 0),
    ],
)
def test_a_boundary_belongs_to_the_better_tier(key, before, expected):
    assert refund(key, before) == expected


NIGHTS = [(date(2026, 12, 21) + timedelta(days=n), 250_000) for n in range(4)]


def test_flexible_keeps_one_night_after_the_last_day_and_one_more_for_each_night_stayed():
    assert refund("flexible", 24 * timedelta(hours=1), nights=NIGHTS) == 1_000_000
    assert refund("flexible", timedelta(hours=23), nights=NIGHTS) == 750_000
    assert refund("flexible", -timedelta(days=1, hours=2), nights=NIGHTS) == 500_000
    assert refund("flexible", -timedelta(days=3, hours=2), nights=NIGHTS) == 0


def test_moderate_gives_half_of_the_rest():
    assert refund("moderate", 5 * DAYS, nights=NIGHTS) == 1_000_000
    assert refund("moderate", 4 * DAYS, nights=NIGHTS) == 375_000


def test_a_day_of_grace_for_those_who_book_early():
    confirmed = START - 8 * DAYS
    assert refund("tour", 8 * DAYS - timedelta(hours=24), confirmed=confirmed) == 1_000_000
    assert refund("tour", 8 * DAYS - timedelta(hours=24) - SECOND, confirmed=confirmed) == 0
    late = START - 6 * DAYS
    assert refund("tour", 6 * DAYS - SECOND, confirmed=late) == 0
    assert refund("class_7d", 3 * DAYS, confirmed=START - 3 * DAYS) == 1_000_000
    assert refund("class_7d", 40 * timedelta(hours=1), confirmed=START - 47 * timedelta(hours=1)) == 0


@given(
    key=st.sampled_from(sorted(POLICIES)),
    paid=st.integers(0, 50_000_000),
    confirmed_hours=st.integers(1, 24 * 120),
    hours=st.lists(st.integers(-24 * 6, 24 * 120), min_size=2, max_size=2),
    prices=st.lists(st.integers(1, 5_000_000), min_size=1, max_size=6),
)
def test_a_refund_lies_between_nothing_and_what_was_paid_and_never_grows(
    key, paid, confirmed_hours, hours, prices
):
    confirmed_at = START - timedelta(hours=confirmed_hours)
    nights = [(date(2026, 12, 21) + timedelta(days=n), price) for n, price in enumerate(prices)]
    early, late = (max(confirmed_at, START - timedelta(hours=h)) for h in sorted(hours, reverse=True))

    def at(now: datetime) -> int:
        return refund_due(
            POLICIES[key], paid=paid, starts_at=START, confirmed_at=confirmed_at, now=now, nights=nights
        ).amount

    assert 0 <= at(late) <= at(early) <= paid


@pytest.mark.parametrize("key", sorted(POLICIES))
def test_every_policy_is_data_and_has_words(key):
    policy = POLICIES[key]
    assert Policy.from_json(policy.to_json()) == policy
    assert len(describe(policy)) >= 3
