"""Net values from gross, foreign money and e-invoices: exact, half up, and never from a float."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.claims.line_values import CoretaxLine, net_of_vat, rupiah_of


@pytest.mark.parametrize(
    ("gross", "vat", "net"),
    [(111, 11, 100), (1, 11, 1), (3, 100, 2), (1, 100, 1), (100, 0, 100), (1_011, Decimal("1.1"), 1_000)],
)
def test_net_of_vat(gross, vat, net):
    assert net_of_vat(gross, vat) == net


@given(st.integers(1, 10**15), st.integers(0, 100))
def test_net_and_vat_make_up_the_gross_within_half_a_rupiah(gross, vat):
    net = net_of_vat(gross, vat)
    assert net >= 1
    assert abs(net * Fraction(100 + vat, 100) - gross) <= Fraction(1, 2) * Fraction(100 + vat, 100)


@pytest.mark.parametrize(("gross", "vat"), [(0, 11), (-1, 11), (5, -1), (5, 101)])
def test_impossible_amounts(gross, vat):
    with pytest.raises(ValueError, match="gross is positive"):
        net_of_vat(gross, vat)


@pytest.mark.parametrize(("amount", "rate"), [(0, 1), (1, 0), (-1, -1), (-1, 5)])
def test_foreign_money_is_positive(amount, rate):
    with pytest.raises(ValueError, match="positive"):
        rupiah_of(amount, rate)


@pytest.mark.parametrize("wrong", [1.5, True, "1"])
def test_only_exact_amounts(wrong):
    with pytest.raises(TypeError, match="exact"):
        rupiah_of(wrong, 1)
    with pytest.raises(TypeError, match="exact"):
        net_of_vat(100, wrong)


def test_half_a_rupiah_goes_up():
    assert rupiah_of(Decimal("0.5"), 1) == 1
    assert CoretaxLine(Decimal("10.5"), Decimal(0), Decimal(0)).net == 11
