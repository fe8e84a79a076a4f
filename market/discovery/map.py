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


def drawn(islands: dict[str, Island], locale: str) -> Markup:
    """The map with these links. The drawing is the same for all searches and is made once; the links are put in."""
    counted = tuple((key, island.label, island.count) for key, island in islands.items())
    html = _drawn(counted, locale)
    for key, island in islands.items():
        html = html.replace(f'"{_here(key)}"', f'"{escape(island.href)}"')
    return Markup(html)  # noqa: S704 - made by a template; the addresses put in are escaped


def _here(key: str) -> str:
    return f"leads-to-{key}"


@lru_cache(maxsize=64)
def _drawn(counted: tuple[tuple[str, str, int], ...], locale: str) -> str:
    islands = {key: Island(_here(key), label, count) for key, label, count in counted}
    return environment(locale).get_template("discovery/map.html").render(islands=islands)


def map_islands(directory: Directory, href: Callable[[Place], str]) -> dict[str, Island]:
    """The islands with something published, and Kupang as the way in."""
    return {place.slug: Island(href(place), place.name, count) for place, count in _counted(directory)}


@lru_cache(maxsize=4)
def _counted(directory: Directory) -> tuple[tuple[Place, int], ...]:
    counts = {key: directory.on_island(key) for key in ISLANDS} | {"kupang": directory.in_kabupaten(*KUPANG)}
    places = {key: directory.find(key) for key, count in counts.items() if count}
    return tuple((place, counts[key]) for key, place in places.items() if place is not None)
