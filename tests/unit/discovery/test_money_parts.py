"""The money bar adds up: rupiah to the price, per cent to 100."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from market.bookings.quote import Part
from market.discovery.money.example import EXAMPLE_MINOR, usual_split
from market.discovery.money_parts import bar_parts, usual_names

NAMES = usual_names("Mama Rosalina", "Kas kampung", "Benang")


def test_the_worked_example() -> None:
    assert [(p.kind, p.amount) for p in usual_split(EXAMPLE_MINOR)] == [
        ("family", 950_000),
        ("fund", 50_000),
        ("platform", 50_000),
    ]


@given(st.integers(1, 10**10))
def test_the_usual_split_loses_nothing(total: int) -> None:
    parts = usual_split(total)
    assert sum(part.amount for part in parts) == total
    assert all(part.amount >= 0 for part in parts)


@given(
    st.lists(st.sampled_from(["family", "guide", "materials", "fund", "platform"]), min_size=1, max_size=6)
)
def test_percents_add_up_to_a_hundred_in_the_fixed_order(kinds: list[str]) -> None:
    parts = [Part(kind, 1000 + 37 * n, {}) for n, kind in enumerate(kinds)]
    bar = bar_parts(parts, NAMES, "en")
    assert sum(part.percent for part in bar) == 100
    assert [part.cls for part in bar] == sorted(part.cls for part in bar)
    assert all(float(part.x) + float(part.width) <= 100 for part in bar)
