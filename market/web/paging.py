"""Slicing long lists into pages with stable addresses, and the links between those pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from market.i18n import formats


@dataclass(frozen=True, slots=True)
class Slice:
    """Page `number` (from 1) of `pages`, `size` entries each."""

    number: int
    pages: int
    size: int

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size


@dataclass(frozen=True, slots=True)
class PageItem:
    """A link to a page by its number; without an address it is the gap between two that are far apart."""

    label: str
    href: str | None
    current: bool


@dataclass(frozen=True, slots=True)
class Pages:
    """What `ui/pager.html` shows: the neighbours, and the first, the last and those around this one."""

    previous: str | None
    next: str | None
    items: tuple[PageItem, ...]


def slice_of(total: int, number: int, size: int) -> Slice:
    """The page asked for, moved inside the range that exists."""
    pages = max(1, -(-total // size))
    return Slice(min(max(1, number), pages), pages, size)


def pages_of(part: Slice, href: Callable[[int], str], locale: str) -> Pages:
    """Links to the other pages of a list; `href` gives the address of a page by its number."""
    items: list[PageItem] = []
    last = 0
    for number in _shown(part):
        if number > last + 1:
            items.append(PageItem("…", None, current=False))
        items.append(PageItem(formats.number(number, locale), href(number), current=number == part.number))
        last = number
    return Pages(
        previous=href(part.number - 1) if part.number > 1 else None,
        next=href(part.number + 1) if part.number < part.pages else None,
        items=tuple(items),
    )


def _shown(part: Slice) -> list[int]:
    near = range(part.number - 1, part.number + 2)
    shown = sorted({1, part.pages, *(n for n in near if 1 <= n <= part.pages)})
    # A gap that hides a single page is that page.
    lone = [a + 1 for a, b in pairwise(shown) if b == a + 2]
    return sorted([*shown, *lone])
