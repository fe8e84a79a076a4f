"""The administrative areas of Nusa Tenggara Timur, from the province down to 3,442 villages.

Codes and names are those of Kepmendagri No 300.2.2-2430 Tahun 2025, kept in `areas.csv` in our own format;
the traveller-facing island of each kabupaten is ours. Codes are text in the form PP.KK.CC.VVVV: as numbers,
53.1 and 53.10 would be the same. They are not the codes of BPS, which numbers the same kabupaten differently.
Finding an area by what a person types is `names.py`; coordinates are `geo.py`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from market.errors import NotFound
from market.values.text import _l

_TABLE = Path(__file__).with_name("areas.csv")


class Level(StrEnum):
    """The official words, as people in Indonesia use them."""

    PROVINSI = "provinsi"
    KABUPATEN = "kabupaten"
    KOTA = "kota"
    KECAMATAN = "kecamatan"
    KELURAHAN = "kelurahan"
    DESA = "desa"


class Island(StrEnum):
    """Where a traveller says they are going. Small islands count with the group they are reached from.

    Solor, Adonara, Komodo and Palue with Flores; Pantar with Alor; Semau with Timor; Ndao with Rote; Raijua
    with Sabu.
    """

    TIMOR = "timor"
    FLORES = "flores"
    ALOR = "alor"
    SUMBA = "sumba"
    ROTE = "rote"
    SABU = "sabu"
    LEMBATA = "lembata"


class UnknownArea(NotFound):
    """No area of the province has this code."""

    code = "unknown_area"
    message = _l("We do not know this place.")


@dataclass(frozen=True, slots=True)
class Area:
    """One area. The province has no parent, and no island because it has all of them."""

    code: str
    name: str
    level: Level
    parent: str | None
    island: Island | None


def get(code: str) -> Area:
    """The area with this code, or `UnknownArea`."""
    area = every().get(code)
    if area is None:
        raise UnknownArea(area=code)
    return area


def exists(code: str) -> bool:
    """Whether the decree lists this code."""
    return code in every()


def children(code: str) -> tuple[Area, ...]:
    """The areas directly inside, in code order; none for a village. `UnknownArea` for an unlisted code."""
    get(code)
    return _children().get(code, ())


def kabupaten() -> tuple[Area, ...]:
    """The 21 kabupaten and Kota Kupang, in code order."""
    return children("53")


def island_of(code: str) -> Island | None:
    """The traveller's island of an area of any level; None for the province."""
    return get(code).island


def ancestry(code: str) -> tuple[Area, ...]:
    """The area and everything it lies in, from itself up to the province."""
    found = [get(code)]
    while (parent := found[-1].parent) is not None:
        found.append(get(parent))
    return tuple(found)


def path(code: str) -> tuple[str, ...]:
    """Names from the area up: ("Oesapa", "Kelapa Lima", "Kota Kupang", "Nusa Tenggara Timur")."""
    return tuple(area.name for area in ancestry(code))


def is_within(code: str, prefixes: str | Iterable[str]) -> bool:
    """Whether the code is one of the given areas or lies inside one.

    Whole parts are compared: "53.1" contains "53.1.2" and not "53.10". The code need not be listed, so that a
    rule keeps its answer when a decree renumbers villages.
    """
    given = (prefixes,) if isinstance(prefixes, str) else prefixes
    return any(code == prefix or (prefix != "" and code.startswith(f"{prefix}.")) for prefix in given)


@lru_cache(maxsize=1)
def every() -> Mapping[str, Area]:
    """All 3,780 areas by code, in code order; read once per process."""
    levels = {level.value: level for level in Level}
    islands: dict[str, Island | None] = {}
    areas: dict[str, Area] = {}
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        for code, name, level, island in rows:
            if island:
                islands[code] = Island(island)
            parent = code.rpartition(".")[0] or None
            areas[code] = Area(code, name, levels[level], parent, islands.get(code[:5]))
    return MappingProxyType(areas)


@lru_cache(maxsize=1)
def _children() -> dict[str, tuple[Area, ...]]:
    inside: dict[str, list[Area]] = {}
    for area in every().values():
        if area.parent is not None:
            inside.setdefault(area.parent, []).append(area)
    return {code: tuple(areas) for code, areas in inside.items()}
