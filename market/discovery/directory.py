"""Where there is something to book: islands, kabupaten and villages with their counts, and places by slug.

A place in an address is an island (`flores`), a kabupaten (`ngada`), a village on the marketplace (`bena`),
or `kupang`: the city with the kabupaten around it. Administrative names and codes are `market.places.areas`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from market import db
from market.discovery.kept import Kept
from market.listings.languages_themes import ISLANDS
from market.listings.search_words import fold
from market.places import areas, names

KUPANG: Final = ("53.71", "53.01")
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Place:
    """A place to look in: a listing's `column` has one of `values`. `island` is where it lies, if on one."""

    slug: str
    name: str
    column: str
    values: tuple[str | int, ...]
    island: str


@dataclass(frozen=True, slots=True)
class VillageCount:
    """A village with something published, and how much."""

    id: int
    slug: str
    name: str
    island: str
    kabupaten: str
    lat: float
    lon: float
    count: int


@dataclass(frozen=True, eq=False)
class Directory:
    """Counts of published listings by place. One object as long as the content stays: what is made of it may be
    kept by it.
    """

    villages: tuple[VillageCount, ...]

    @property
    def total(self) -> int:
        return sum(village.count for village in self.villages)

    def on_island(self, island: str) -> int:
        return sum(v.count for v in self.villages if v.island == island)

    def in_kabupaten(self, *codes: str) -> int:
        return sum(v.count for v in self.villages if v.kabupaten in codes)

    def kabupaten(self) -> list[Place]:
        """The kabupaten with something published, by name; Kupang's two as one."""
        codes = {village.kabupaten for village in self.villages}
        places = {place.slug: place for place in _kabupaten().values() if codes.intersection(place.values)}
        return sorted(places.values(), key=lambda place: place.name)

    def find(self, text: str) -> Place | None:
        """The place a slug or a typed name means; None when we do not know it."""
        slug = slug_of(text)
        if slug in ISLANDS:
            return Place(slug, ISLANDS[slug], "island", (slug,), slug)
        village = next((v for v in self.villages if v.slug == slug), None)
        if village is not None:
            return Place(slug, village.name, "village_id", (village.id,), village.island)
        return _kabupaten().get(slug) or _typed(text)


def slug_of(text: str) -> str:
    return _NOT_SLUG.sub("-", fold(text)).strip("-")


def kabupaten_name(code: str) -> str:
    """`Ngada` for 53.09, without the official word in front; Kupang for the city."""
    area = areas.every().get(code)
    return area.name.partition(" ")[2] if area else ""


def place_name(kabupaten: str, island: str) -> str:
    """`Ngada, Flores`; once only where the kabupaten is called as its island is."""
    inner, outer = kabupaten_name(kabupaten), ISLANDS.get(island, island.capitalize())
    return outer if not inner or inner.startswith(outer) else f"{inner}, {outer}"


@lru_cache(maxsize=1)
def _kabupaten() -> dict[str, Place]:
    found: dict[str, Place] = {}
    for area in areas.kabupaten():
        name = kabupaten_name(area.code)
        slug = slug_of(name)
        codes = KUPANG if area.code in KUPANG else (area.code,)
        found[slug] = Place(slug, name, "kabupaten", codes, area.island.value if area.island else "")
    return found


def _typed(text: str) -> Place | None:
    """A town or village typed by hand leads to its kabupaten."""
    matches = names.search(text.replace("-", " ")[:80], 1)
    if not matches or len(matches[0].code) < len("53.01"):
        return None
    return _kabupaten().get(slug_of(kabupaten_name(matches[0].code[:5])))


async def _load() -> Directory:
    rows = await db.fetch(
        "SELECT v.id, v.slug, v.name, v.lat, v.lon, g.island, g.kabupaten, g.n"
        " FROM (SELECT village_id, island, kabupaten, COUNT(*) AS n FROM listing"
        " WHERE status = 'published' GROUP BY village_id, island, kabupaten) g"
        " JOIN village v ON v.id = g.village_id ORDER BY v.name, v.id"
    )
    return Directory(
        tuple(
            VillageCount(
                r["id"], r["slug"], r["name"], r["island"], r["kabupaten"], r["lat"], r["lon"], r["n"]
            )
            for r in rows
        )
    )


_kept = Kept(_load)


async def get_directory() -> Directory:
    """The places with something to book; no query unless the content changed."""
    return await _kept.get()
