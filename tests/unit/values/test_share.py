"""A share is exact, is never shown or compared rounded up."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.values.share import Share

shares = st.builds(Share.of, st.integers(-(10**15), 10**15), st.integers(1, 10**15))


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (29_999_998, 100_000_000, "29.99"),
        (3, 10, "30.00"),
        (1, 3, "33.33"),
        (2, 3, "66.66"),
        (0, 7, "0.00"),
        (7, 7, "100.00"),
        (999_999_999_999, 10**12, "99.99"),
        (1, 10**9, "0.00"),
        (5, 4, "125.00"),
        (-1, 3, "-33.33"),
        (-1, 10**9, "0.00"),
    ],
)
def test_two_decimals_and_the_rest_cut_off(part, whole, shown):
    assert Share.of(part, whole).shown() == shown


def test_a_hair_below_a_threshold_does_not_reach_it():
    below = Share.of(29_999_998, 100_000_000)
    assert not below.reaches(3_000)
    assert below.basis_points == 2_999
    assert Share.of(18_000_000, 60_000_000).reaches(3_000)


@given(shares)
def test_what_is_shown_never_exceeds_a_positive_share(share):
    shown = Fraction(share.shown()) / 100
    assert abs(share.value) - Fraction(1, 10_000) < abs(shown) <= abs(share.value)


@given(shares, st.integers(-20_000, 20_000))
def test_reaching_is_the_exact_comparison(share, basis_points):
    assert share.reaches(basis_points) == (share.value >= Fraction(basis_points, 10_000))
    assert share.reaches(basis_points) == (share.basis_points >= basis_points)


@given(shares, shares)
def test_shares_order_like_their_fractions(one, other):
    assert (one < other) == (one.value < other.value)


@given(shares)
def test_written_and_read_back(share):
    assert Share.parse(str(share)) == share


@pytest.mark.parametrize("written", ["", "1", "1/0", "0.5", "1/03", "1 / 3", "١/٣", "1/-3", "9" * 41 + "/1"])
def test_other_spellings_are_refused(written):
    with pytest.raises(ValueError, match="two whole numbers"):
        Share.parse(written)


def test_no_float_comes_in():
    with pytest.raises(TypeError):
        Share(0.3)


def test_nothing_has_no_share():
    with pytest.raises(ZeroDivisionError):
        Share.of(1, 0)
