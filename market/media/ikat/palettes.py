"""Which colours a cloth is dyed in: by island, and by kabupaten where its cloth is known for others.

Here: the dyes and the choice of them. Colours follow dye sources (morinda, indigo, turmeric, mud), not flags.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Palette:
    """Five dyes. `ground` is the field, `ground_2` the narrow bands, `ecru` the undyed cotton of the ties."""

    ground: str
    ground_2: str
    ecru: str
    accent: str
    spark: str


_PALETTES = {
    "flores": Palette("#2a1c1a", "#5b2418", "#eadfc6", "#b5532c", "#d9a441"),
    "manggarai": Palette("#17171c", "#2c2a33", "#f1e8d6", "#b3342f", "#e0b13f"),
    "alor": Palette("#3a1416", "#571d1b", "#efe3cb", "#a63c2c", "#c9953f"),
    "timor": Palette("#7a1b1f", "#3a1216", "#f3e6c9", "#d8572f", "#e8b23d"),
    "belu": Palette("#1f1b2c", "#7c1f2b", "#f1e4cd", "#c2413a", "#dca63a"),
    "sumba": Palette("#1d2a4d", "#6d231d", "#ece0c8", "#b0452f", "#7f9cc4"),
    "rote": Palette("#14151c", "#611a20", "#f0e6d3", "#b8322f", "#d5a24a"),
    "sabu": Palette("#1a2340", "#12182c", "#efe6da", "#c0616a", "#8fa6cf"),
    "kupang": Palette("#123f45", "#0d2b33", "#f2e7cf", "#c8552f", "#e2ad42"),
}
# Lembata's bridewealth cloth is dyed in deep morinda, as Alor's is.
_PALETTES["lembata"] = _PALETTES["alor"]

# Everywhere but the eastern two thirds of Flores, which are the default.
_BY_KABUPATEN = {
    "53.01": "kupang",
    "53.71": "kupang",
    "53.04": "belu",
    "53.21": "belu",
    "53.05": "alor",
    "53.10": "manggarai",
    "53.15": "manggarai",
    "53.19": "manggarai",
    "53.11": "sumba",
    "53.12": "sumba",
    "53.17": "sumba",
    "53.18": "sumba",
    "53.13": "lembata",
    "53.14": "rote",
    "53.20": "sabu",
    "53.02": "timor",
    "53.03": "timor",
}

PLACES: tuple[str, ...] = tuple(sorted(_PALETTES))


def palette(place: str) -> Palette:
    """The dyes of a place in `PLACES`; ValueError for any other word."""
    if place not in _PALETTES:
        raise ValueError(f"no palette for {place!r}; there are {', '.join(PLACES)}")
    return _PALETTES[place]


def place_of(area_code: str) -> str:
    """The palette word for an administrative code of any level; Flores for the rest of the province."""
    return _BY_KABUPATEN.get(area_code[:5], "flores")
