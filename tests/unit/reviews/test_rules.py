"""Words of reviews carry no contact details, and sealed ones stay sealed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.reviews import rules
from market.reviews.rules import Side

OPENED = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Call me at +62 812 3456 7890 please",
        "Write to maria@example.test or maria (at) example.test",
        "More on https://example.test/x and wa.me/62812",
        "Find us as @kampung.host there",
    ],
)
def test_contact_details_are_masked(text: str):
    cleaned = rules.clean(text)
    assert rules.MASK in cleaned
    for part in ("812", "example.test", "kampung"):
        assert part not in cleaned


@pytest.mark.parametrize("text", ["Rp 1.250.000 for three nights", "We paid Rp300000000", "From 12 to 15"])
def test_prices_and_dates_stay(text: str):
    assert rules.clean(text) == text


@given(st.text(max_size=500))
def test_cleaning_is_stable_and_leaves_nothing_invisible(text: str):
    once = rules.clean(text)
    assert rules.clean(once) == once
    assert "\u202e" not in once
    assert "\x00" not in once


def test_the_window_is_two_weeks():
    closes = rules.closes_at(OPENED)
    assert closes == OPENED + timedelta(days=14)
    assert rules.may_write(closes=closes, closed=False, now=closes - timedelta(seconds=1))
    assert not rules.may_write(closes=closes, closed=False, now=closes)
    assert not rules.may_write(closes=closes, closed=True, now=OPENED)


@given(st.sets(st.sampled_from(Side)), st.timedeltas(timedelta(0), timedelta(days=20)))
def test_shown_only_when_both_wrote_or_time_is_up(sides: set[Side], later: timedelta):
    closes = rules.closes_at(OPENED)
    shown = rules.must_publish(sides=sides, closes=closes, now=OPENED + later)
    assert shown == (len(sides) == 2 or later >= timedelta(days=14))


@pytest.mark.parametrize(
    ("full", "public"), [("Hannah Weber", "Hannah W."), ("Ana", "Ana"), ("", ""), ("A B c", "A C.")]
)
def test_names_are_shortened(full: str, public: str):
    assert rules.public_name(full) == public
