"""The village or kelurahan that somebody means by what they typed, among the 3,442 of the province.

Pure reading of `places`; used by the forms of pages, so that nobody has to look through a list of thousands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from market import places
from market.places.areas import Area, Level, exists, get, path

_LEVELS: Final = frozenset({Level.DESA, Level.KELURAHAN})
_MOST: Final = 8
_LOOKED_AT: Final = 60


@dataclass(frozen=True, slots=True)
class Meant:
    """The village found, or else the ones it may be (none when nothing is called like that)."""

    code: str | None
    choices: tuple[Area, ...] = ()


def label(code: str) -> str:
    """`Fatumnasi, Fatumnasi, Kabupaten Timor Tengah Selatan`: typed back, it finds the village again."""
    return ", ".join(path(code)[:3])


def find(typed: str, chosen: str = "") -> Meant:
    """The village meant by a name (perhaps with what lies around it) or a code; `chosen` settles between several."""
    found = tuple(area for area in places.search(typed, _LOOKED_AT) if area.level in _LEVELS)
    if chosen and exists(chosen) and get(chosen) in found:
        return Meant(chosen)
    same = [area for area in found if label(area.code).casefold() == typed.strip().casefold()]
    if len(found) == 1 or len(same) == 1:
        return Meant((same or found)[0].code)
    return Meant(None, found[:_MOST])
