"""Cells that a spreadsheet must not calculate."""

from __future__ import annotations

import pytest

from market.values.csv_cells import safe_cell


@pytest.mark.parametrize("risky", ["=1+1", "+62811", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "-٣", "-"])
def test_what_begins_like_a_formula_becomes_text(risky):
    assert safe_cell(risky) == f"'{risky}"


@pytest.mark.parametrize("plain", ["", "Beras merah", "1000", "-1000", "a=b", "'quoted"])
def test_words_and_numbers_stay_as_they_are(plain):
    assert safe_cell(plain) == plain
