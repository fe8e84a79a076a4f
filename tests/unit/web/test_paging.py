"""The links between the pages of a long list."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from market.web.paging import Slice, pages_of, slice_of


def labels(number: int, pages: int) -> list[str]:
    return [item.label for item in pages_of(Slice(number, pages, 20), str, "en").items]


def test_few_pages_stand_in_full():
    assert labels(1, 1) == ["1"]
    assert labels(2, 5) == ["1", "2", "3", "4", "5"]


def test_many_pages_leave_gaps():
    assert labels(1, 2500) == ["1", "2", "…", "2,500"]
    assert labels(40, 2500) == ["1", "…", "39", "40", "41", "…", "2,500"]
    assert labels(2500, 2500) == ["1", "…", "2,499", "2,500"]


@given(st.integers(0, 100_000), st.integers(-5, 10_000), st.integers(1, 50))
def test_links_are_few_and_lead_where_they_say(total: int, asked: int, size: int):
    part = slice_of(total, asked, size)
    shown = pages_of(part, str, "en")
    numbers = [int(item.href) for item in shown.items if item.href is not None]
    assert numbers == sorted(set(numbers))
    assert numbers[0] == 1
    assert numbers[-1] == part.pages
    assert len(shown.items) <= 9
    assert [item.href for item in shown.items if item.current] == [str(part.number)]
    assert shown.previous == (str(part.number - 1) if part.number > 1 else None)
    assert shown.next == (str(part.number + 1) if part.number < part.pages else None)


@given(st.integers(1, 200), st.integers(1, 200))
def test_a_gap_hides_at_least_two_pages(number: int, pages: int):
    shown = pages_of(Slice(min(number, pages), pages, 20), str, "en").items
    for before, gap, after in zip(shown, shown[1:], shown[2:], strict=False):
        if gap.href is None:
            assert before.href is not None
            assert after.href is not None
            assert int(after.href) - int(before.href) > 2
