"""Finding an area by what a person types: any case, with or without accents, old spellings, small slips.

"oesapa, kupang" looks for Oesapa inside Kupang. Ranking is here and nowhere else; the areas are `areas.py`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from market.places.areas import Area, Level, ancestry, every, exists, get
from market.places.geo import SEATS
from market.values.slips import slips

_LONGEST = 80  # characters of a query that are looked at
_HEARD = 3  # letters from which parts of a name are compared by ear
_INSIDE, _NO_MATCH = 7, 8  # ranks: only somewhere inside a name; not at all
_APOSTROPHES = dict.fromkeys(map(ord, "'`´‘’ʻʼ"))
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_DOUBLED = re.compile(r"(.)\1+")
# Colonial and church spellings, and letters that people exchange by ear. Both sides are changed the same way.
_BY_EAR = {"oe": "u", "dj": "j", "tj": "c", "nj": "ny", "sj": "sy", "v": "w", "z": "s", "q": "k", "y": "i"}
_WHOLE = frozenset({Level.KABUPATEN, Level.KOTA})
_FIRST = {
    Level.KABUPATEN: 0,
    Level.KOTA: 0,
    Level.PROVINSI: 1,
    Level.KECAMATAN: 2,
    Level.KELURAHAN: 3,
    Level.DESA: 4,
}

# What people write for a kabupaten besides its name and the town it is run from.
_ALSO = {
    "tts": "53.02",
    "ttu": "53.03",
    "flotim": "53.06",
    "mabar": "53.15",
    "matim": "53.19",
    "sbd": "53.18",
    "roti": "53.14",
    "savu": "53.20",
    "sawu": "53.20",
    "hawu": "53.20",
    "ntt": "53",
}


class _Entry(NamedTuple):
    """An area with its name folded for the eye (`core` without "Kabupaten" or "Kota") and for the ear.

    `heard` is every sound a slip is measured against: the name, its first word, the town it is run from.
    """

    area: Area
    name: str
    core: str
    sound: str
    heard: frozenset[str]


def search(text: str, limit: int = 10) -> tuple[Area, ...]:
    """Up to `limit` areas, best first; what stands after a comma must name something around the area.

    An island's name finds its kabupaten, a code the one area that has it. Slips of one letter (two in long
    names) are forgiven only when no name begins as typed.
    """
    return _search(text[:_LONGEST].strip(), limit)


@lru_cache(maxsize=512)
def _search(text: str, limit: int) -> tuple[Area, ...]:
    if exists(text):
        return (get(text),)
    wanted, *around = [_folded(part) for part in text.split(",")]
    if not wanted or limit < 1:
        return ()
    around = [part for part in around if part]
    found = _matching(wanted)
    if all(rank == _INSIDE for rank, _ in found):
        found += _misspelt(wanted)
    found = [(rank, entry) for rank, entry in found if _lies_in(entry, around)]
    found.sort(key=lambda pair: (pair[0], _FIRST[pair[1].area.level], pair[1].name, pair[1].area.code))
    return tuple(dict.fromkeys(entry.area for _, entry in found))[:limit]


def _matching(wanted: str) -> list[tuple[int, _Entry]]:
    sound = _sound(wanted)
    also = _aliases().get(wanted.replace(" ", "")) or _aliases().get(sound)
    ranked = ((_rank(entry, wanted, sound, also), entry) for entry in _entries())
    return [(rank, entry) for rank, entry in ranked if rank < _NO_MATCH]


def _rank(entry: _Entry, wanted: str, sound: str, also: str | None) -> int:
    """0 is the very name; `_NO_MATCH` is no match."""
    tests = (
        wanted in {entry.name, entry.core},
        also == entry.area.code,
        entry.core.startswith(wanted) or entry.name.startswith(wanted),
        f" {wanted}" in entry.name,
        sound == entry.sound,
        len(sound) >= _HEARD and entry.sound.startswith(sound),
        wanted == entry.area.island and entry.area.level in _WHOLE,
        len(sound) >= _HEARD and sound in entry.sound,
    )
    return tests.index(True) if True in tests else _NO_MATCH


def _misspelt(wanted: str) -> list[tuple[int, _Entry]]:
    sound = _sound(wanted)
    allowed = 0 if len(sound) < 4 else 1 if len(sound) < 8 else 2
    if not allowed:
        return []
    measured = {heard: slips(sound, heard) for heard in _all_heard() if _is_close(sound, heard, allowed)}
    near = {heard: count for heard, count in measured.items() if count <= allowed}
    return [
        (min(near[heard] for heard in entry.heard & near.keys()), entry)
        for entry in _entries()
        if not entry.heard.isdisjoint(near)
    ]


def _is_close(one: str, other: str, allowed: int) -> bool:
    """A cheap bound, so that few names are compared letter by letter."""
    return abs(len(one) - len(other)) <= allowed and len(set(one) ^ set(other)) <= 2 * allowed


def _lies_in(entry: _Entry, around: list[str]) -> bool:
    if not around:
        return True
    names = [_folded(area.name) for area in ancestry(entry.area.code)[1:]]
    names += [entry.area.island.value] if entry.area.island else []
    return all(any(f" {part}" in f" {name}" for name in names) for part in around)


@lru_cache(maxsize=1)
def _entries() -> tuple[_Entry, ...]:
    return tuple(_entry(area) for area in every().values())


def _entry(area: Area) -> _Entry:
    name = _folded(area.name)
    first, _, rest = name.partition(" ")
    core = rest if rest and first in {"kabupaten", "kota"} else name
    heard = {_sound(core), _sound(core.partition(" ")[0])}
    heard |= {_sound(_folded(seat.town)) for seat in SEATS if seat.code == area.code}
    return _Entry(area, name, core, _sound(core), frozenset(heard))


@lru_cache(maxsize=1)
def _all_heard() -> frozenset[str]:
    return frozenset().union(*(entry.heard for entry in _entries()))


@lru_cache(maxsize=1)
def _aliases() -> dict[str, str]:
    towns = {_folded(seat.town).replace(" ", ""): seat.code for seat in SEATS}
    return {_sound(town): code for town, code in towns.items() if len(_sound(town)) >= _HEARD} | towns | _ALSO


def _folded(text: str) -> str:
    """Lower case, no accents, no apostrophes, single spaces."""
    if not text.isascii():
        text = "".join(
            char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
        )
    return _NOT_A_WORD.sub(" ", text.translate(_APOSTROPHES).casefold()).strip()


@lru_cache(maxsize=8192)
def _sound(folded: str) -> str:
    """Letters only, in one spelling, nothing doubled."""
    sound = folded.replace(" ", "")
    for written, heard in _BY_EAR.items():
        sound = sound.replace(written, heard)
    return _DOUBLED.sub(r"\1", sound)
