from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.values.money import Money, allocate, percent_of, round_half_up, share_of

weights = st.lists(st.integers(0, 10_000), min_size=1, max_size=9).filter(any)


@given(st.integers(0, 10**12), weights)
def test_parts_always_add_up_and_stay_near_their_share(total, given_weights):
    parts = allocate(total, given_weights)
    whole = sum(given_weights)
    assert sum(parts) == total
    for part, weight in zip(parts, given_weights, strict=True):
        assert abs(Fraction(total * weight, whole) - part) < 1


def test_ties_go_to_the_earlier_part():
    assert allocate(1, [1, 1]) == [1, 0]
    assert allocate(100, [1, 1, 1]) == [34, 33, 33]


def test_budget_example_by_largest_remainder():
    assert allocate(15_000_000, [8_000_000, 6_000_000, 4_000_001]) == [6_666_666, 5_000_000, 3_333_334]


def test_money_refuses_floats_and_mixed_currencies():
    with pytest.raises(TypeError):
        Money(1.5)
    with pytest.raises(TypeError):
        Money(True)
    with pytest.raises(ValueError, match="do not add"):
        Money(1, "IDR") + Money(1, "USD")
    assert (Money(3) + Money(4) - Money(2)) * 2 == Money(10)


@given(st.integers(0, 10**12))
def test_halves_go_up(amount):
    assert round_half_up(Fraction(2 * amount + 1, 2)) == amount + 1
    assert share_of(amount, 10_000) == percent_of(amount, 100) == amount
