"""Small cells: a sum over fewer than five suppliers could be read back to one of them, so it is not published.

Pure. Where exactly one cell of a table is too small, the total less the others would give it away; then the
next smallest one is withheld with it. See docs/adr/0027.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

LEAST: Final = 5
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Cell:
    """A sum of rupiah and the suppliers it comes from."""

    value: int
    suppliers: frozenset[int]

    @property
    def count(self) -> int:
        return len(self.suppliers)


@dataclass(frozen=True, slots=True)
class Published(Generic[Key]):
    """Cells that may be shown, and the keys of those that are withheld (there, but not told)."""

    shown: Mapping[Key, Cell]
    withheld: tuple[Key, ...]


def published(cells: Mapping[Key, Cell]) -> Published[Key]:
    """What of one table with a public total may be shown. Empty cells are no cells."""
    found = {key: cell for key, cell in cells.items() if cell.count}
    small = [key for key, cell in found.items() if cell.count < LEAST]
    rest = sorted((key for key in found if key not in small), key=lambda k: (found[k].count, str(k)))
    if len(small) == 1 and rest:
        small.append(rest[0])
    withheld = frozenset(small)
    return Published(
        {key: cell for key, cell in found.items() if key not in withheld}, tuple(sorted(withheld, key=str))
    )


def grid(cells: Mapping[tuple[str, str], Cell]) -> Published[tuple[str, str]]:
    """What of a table of rows and columns with public totals both ways may be shown.

    A row or column with exactly one withheld cell would give it away, so another one goes with it, until no
    row and no column has a single one.
    """
    found = {key: cell for key, cell in cells.items() if cell.count}
    withheld = {key for key, cell in found.items() if cell.count < LEAST}
    while (extra := _given_away(found, withheld)) is not None:
        withheld.add(extra)
    return Published(
        {key: cell for key, cell in found.items() if key not in withheld}, tuple(sorted(withheld))
    )


def _given_away(
    found: Mapping[tuple[str, str], Cell], withheld: set[tuple[str, str]]
) -> tuple[str, str] | None:
    """A cell to withhold because its row or column has exactly one withheld; None when none has."""
    for axis in (0, 1):
        for name in sorted({key[axis] for key in withheld}):
            line = [key for key in found if key[axis] == name]
            hidden = [key for key in line if key in withheld]
            open_ = [key for key in line if key not in withheld]
            if len(hidden) == 1 and open_:
                return min(open_, key=lambda k: (found[k].count, k))
    return None


def area_shown(area_code: str, traders_in: Mapping[str, int]) -> str:
    """How exactly the place of a sole trader who is not named may be told: kecamatan, kabupaten or province.

    `traders_in` counts the directory's unnamed sole traders by area code of each level; the place told is the
    smallest one that holds at least five of them.
    """
    parts = area_code.split(".")
    for depth in (3, 2):
        code = ".".join(parts[:depth])
        if len(parts) >= depth and traders_in.get(code, 0) >= LEAST:
            return code
    return parts[0]
