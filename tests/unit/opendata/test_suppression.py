"""No published cell comes from fewer than five suppliers, and none can be found by subtraction."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from market.opendata.parties import traders_by_area
from market.opendata.suppression import LEAST, Cell, area_shown, grid, published

cells = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=2),
    st.builds(
        lambda value, count: Cell(value, frozenset(range(count))), st.integers(1, 10**9), st.integers(0, 9)
    ),
    max_size=8,
)
grids = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.sampled_from("wxyz")),
    st.builds(
        lambda value, count: Cell(value, frozenset(range(count))), st.integers(1, 10**9), st.integers(0, 9)
    ),
    max_size=16,
)


@given(cells)
def test_a_small_cell_is_neither_shown_nor_alone(table):
    found = published(table)
    full = {key for key, cell in table.items() if cell.count}
    assert set(found.shown) | set(found.withheld) == full
    assert not set(found.shown) & set(found.withheld)
    assert all(cell.count >= LEAST for cell in found.shown.values())
    # With one cell withheld, the total less the others would tell it; unless it is the only one there is.
    assert len(found.withheld) != 1 or not found.shown


@given(grids)
def test_no_row_and_no_column_gives_a_cell_away(table):
    found = grid(table)
    assert all(cell.count >= LEAST for cell in found.shown.values())
    for axis in (0, 1):
        for name in {key[axis] for key in found.withheld}:
            hidden = [key for key in found.withheld if key[axis] == name]
            shown = [key for key in found.shown if key[axis] == name]
            assert len(hidden) > 1 or not shown


@given(cells)
def test_nothing_is_withheld_without_need(table):
    if all(cell.count >= LEAST for cell in table.values() if cell.count):
        assert not published(table).withheld


def test_a_trader_s_place_is_as_wide_as_five_of_them_need():
    five = traders_by_area(["53.02.01.2001"] * 5 + ["53.02.02.2001", "53.05.01.2001"])
    assert area_shown("53.02.01.2001", five) == "53.02.01"
    assert area_shown("53.02.02.2001", five) == "53.02"
    assert area_shown("53.05.01.2001", five) == "53"
