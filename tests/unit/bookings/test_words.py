"""What pages say about money and terms adds up and uses the real moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from market.bookings import words
from market.bookings.policies import POLICIES
from market.bookings.quote import Part
from market.bookings.words import Receivers
from market.messaging import rules

NAMES = Receivers("Mama Rosalina", "Kas kampung", "Benang")
START = datetime(2026, 12, 12, 6, tzinfo=UTC)
KINDS = ("family", "guide", "materials", "fund", "platform")


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 10**9)), min_size=1, max_size=7))
def test_percents_add_up_to_a_hundred(parts: list[tuple[str, int]]):
    rows = words.money_parts([Part(kind, amount, {}) for kind, amount in parts], NAMES, "en")
    assert sum(row.percent for row in rows) == 100
    assert [row.cls for row in rows] == sorted(row.cls for row in rows)


def test_passed_deadlines_are_left_out():
    early = words.cancellation(
        POLICIES["tour"], starts_at=START, from_when=START - timedelta(days=60), locale="en"
    )
    assert early[0] == "Everything comes back within 24 hours of confirmation."
    assert early[1] == "Free until 12 November 2026, 14:00 WITA."
    late = words.cancellation(
        POLICIES["tour"], starts_at=START, from_when=START - timedelta(days=2), locale="en"
    )
    assert late[0] == "This start is so near that a cancellation gives nothing back."


@given(st.lists(st.integers(0, 7200), min_size=1, max_size=40))
def test_notices_are_ten_minutes_apart_and_never_before_their_message(seconds: list[int]):
    times = [START + timedelta(seconds=s) for s in sorted(seconds)]
    dues = [rules.notice_due(times[: n + 1]) for n in range(len(times))]
    distinct = sorted({due for due in dues if due})
    assert all(due and due >= at for due, at in zip(dues, times, strict=True))
    assert all(b - a >= rules.NOTICE_EVERY for a, b in pairwise(distinct))
