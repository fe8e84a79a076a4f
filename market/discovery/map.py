"""The map of the province as the pages use it: each island and Kupang with a count and where it leads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from market.discovery.directory import KUPANG, Directory, Place
from market.listings.languages_themes import ISLANDS


@dataclass(frozen=True, slots=True)
class Island:
    """One link of `ui/map.html`."""

    href: str
    label: str
    count: int


def map_islands(directory: Directory, href: Callable[[Place], str]) -> dict[str, Island]:
    """The islands with something published, and Kupang as the way in."""
    counts = {key: directory.on_island(key) for key in ISLANDS} | {"kupang": directory.in_kabupaten(*KUPANG)}
    places = {key: directory.find(key) for key, count in counts.items() if count}
    return {
        key: Island(href(place), place.name, counts[key])
        for key, place in places.items()
        if place is not None
    }
