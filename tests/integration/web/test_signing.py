"""Signed values: tamper-evident, for one purpose, for a time, and readable through a change of keys."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market import clock
from market.web.signing import sign, unsign

OLD, NEW = "o" * 32, "n" * 32
LATER = timedelta(minutes=5)


def test_a_value_comes_back_for_its_purpose_only():
    signed = sign("K7QF.ABCD", "trips", (NEW,), clock.now() + LATER)
    assert unsign(signed, "trips", (NEW,)) == "K7QF.ABCD"
    assert unsign(signed, "trip", (NEW,)) is None
    assert unsign(signed, "trips\nK7QF", (NEW,)) is None


def test_keys_rotate():
    signed = sign("value", "x", (OLD,), clock.now() + LATER)
    assert unsign(signed, "x", (NEW, OLD)) == "value"
    assert unsign(signed, "x", (NEW,)) is None
    assert unsign(sign("value", "x", (NEW, OLD), clock.now() + LATER), "x", (NEW,)) == "value"


def test_it_ends():
    now = clock.now()
    signed = sign("value", "x", (NEW,), now + LATER)
    with clock.frozen(now + LATER + timedelta(seconds=1)):
        assert unsign(signed, "x", (NEW,)) is None


@given(st.integers(0, 60), st.characters(exclude_categories=("Cs",)))
def test_no_letter_can_be_changed(place: int, letter: str):
    signed = sign("some~value", "x", (NEW,), clock.now() + LATER)
    place %= len(signed)
    changed = signed[:place] + letter + signed[place + 1 :]
    assert changed == signed or unsign(changed, "x", (NEW,)) is None


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=60))
def test_whatever_is_made_up_is_nothing(text: str):
    assert unsign(text, "x", (NEW, OLD)) is None


@pytest.mark.parametrize("text", ["", "~", "~~", "a~b", "a~zz~", "a~" + "f" * 40 + "~x", "é~1~é"])
def test_odd_shapes_are_nothing(text: str):
    assert unsign(text, "x", (NEW,)) is None
