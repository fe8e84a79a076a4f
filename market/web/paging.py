"""Slicing long lists into pages with stable addresses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Slice:
    """Page `number` (from 1) of `pages`, `size` entries each."""

    number: int
    pages: int
    size: int

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size


def slice_of(total: int, number: int, size: int) -> Slice:
    """The page asked for, moved inside the range that exists."""
    pages = max(1, -(-total // size))
    return Slice(min(max(1, number), pages), pages, size)
