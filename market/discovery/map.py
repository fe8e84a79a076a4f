"""The map of the province as the pages use it: each island and Kupang with a count and where it leads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

from market.discovery.directory import KUPANG, Directory, Place
from market.listings.languages_themes import ISLANDS
from market.web.render import environment


@dataclass(frozen=True, slots=True)
class Island:
    """One link of `ui/map.html`."""

    href: str
    label: str
    count: int


_BEFORE, _AFTER = "the-address-as-far-as-the-place", "the-address-after-the-place"


def drawn(directory: Directory, address: tuple[str, str], locale: str) -> Markup:
    """The map whose links are `address` with the place between its two parts.

    The drawing is the same for all searches and is made once; the address is put in.
    """
    before, after = address
    html = _drawn(directory, locale).replace(_BEFORE, escape(before)).replace(_AFTER, escape(after))
    return Markup(html)  # noqa: S704 - made by a template; the address put in is escaped


@lru_cache(maxsize=16)
def _drawn(directory: Directory, locale: str) -> str:
    islands = map_islands(directory, lambda place: f"{_BEFORE}{place.slug}{_AFTER}")
    return environment(locale).get_template("discovery/map.html").render(islands=islands)


def map_islands(directory: Directory, href: Callable[[Place], str]) -> dict[str, Island]:
    """The islands with something published, and Kupang as the way in."""
    return {place.slug: Island(href(place), place.name, count) for place, count in _counted(directory)}


@lru_cache(maxsize=4)
def _counted(directory: Directory) -> tuple[tuple[Place, int], ...]:
    counts = {key: directory.on_island(key) for key in ISLANDS} | {"kupang": directory.in_kabupaten(*KUPANG)}
    places = {key: directory.find(key) for key, count in counts.items() if count}
    return tuple((place, counts[key]) for key, place in places.items() if place is not None)
