"""Where things are: administrative areas (`areas`), finding them by name (`names`), points, map (`geo`).

Nothing is read until the first question, so importing this costs nothing.
"""

from __future__ import annotations

from market.places.areas import (
    Area,
    Island,
    Level,
    UnknownArea,
    ancestry,
    children,
    exists,
    get,
    is_within,
    island_of,
    kabupaten,
    path,
)
from market.places.names import search

__all__ = [
    "Area",
    "Island",
    "Level",
    "UnknownArea",
    "ancestry",
    "children",
    "exists",
    "get",
    "is_within",
    "island_of",
    "kabupaten",
    "path",
    "search",
]
