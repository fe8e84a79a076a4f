"""The filter form of search, drawn field by field.

Nine of ten fields of a search stand at one of a few values, so each drawn field is kept by what it holds: a search
nobody made before still finds most of its form ready. What is asked is read in `asked`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from markupsafe import Markup

from market.discovery.directory import Directory
from market.discovery.search.asked import Asked
from market.i18n import formats
from market.i18n.messages import translate
from market.listings.languages_themes import ISLANDS, KINDS_MANY, LANGUAGES, THEMES
from market.values.text import Text, lazy
from market.web import forms
from market.web.render import environment

Options = list[tuple[str, Any]]
_PRICES: Final = (100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000)
_FIELDS: Final = ("q", "kind", "place", "from", "to", "adults", "children", "max", "language", "theme")
_USUAL: Final = {"adults": "2", "children": "0"}
_MOST_KEPT: Final = 4096


@dataclass(frozen=True, eq=False)
class Choices:
    """What the selects offer in one language; one object as long as the directory stays the same."""

    places: Options
    kinds: Options
    prices: Options
    languages: Options
    themes: Options


def drawn(asked: Asked, directory: Directory, today: date, locale: str) -> Markup:
    """The fields of the form with what was asked for in them."""
    values, choices = asked.values(), _choices(directory, locale)
    earliest = today.isoformat()
    fields = (
        _field(locale, name, values.get(name, _USUAL.get(name, "")), choices, earliest) for name in _FIELDS
    )
    return Markup("").join(fields)


@lru_cache(maxsize=_MOST_KEPT)
def _field(locale: str, name: str, value: str, choices: Choices, earliest: str) -> Markup:
    macros: Any = environment(locale).get_template("discovery/filter_fields.html").module
    draw: Callable[..., str] = getattr(macros, f"field_{name}")
    return Markup(draw(forms.filled({name: value}), choices, earliest))  # noqa: S704 - made by a template


def place_options(directory: Directory, locale: str) -> Options:
    """Islands, kabupaten and villages with something published, grouped."""
    islands = [(key, name) for key, name in ISLANDS.items() if directory.on_island(key)]
    regencies = [(place.slug, place.name) for place in directory.kabupaten() if place.slug not in ISLANDS]
    villages = [(v.slug, v.name) for v in directory.villages][:200]
    return [
        ("", translate(lazy("All of NTT"), locale)),
        (translate(lazy("Islands"), locale), islands),
        (translate(lazy("Regencies"), locale), regencies),
        (translate(lazy("Villages"), locale), villages),
    ]


def kind_options(locale: str) -> Options:
    """All, or one of the three kinds."""
    kinds = [(key, translate(name, locale)) for key, name in KINDS_MANY.items()]
    return [("", translate(lazy("All"), locale)), *kinds]


@lru_cache(maxsize=16)
def _choices(directory: Directory, locale: str) -> Choices:
    def every(names: dict[str, Text], anything: Text) -> Options:
        return [("", translate(anything, locale)), *((k, translate(n, locale)) for k, n in names.items())]

    prices = [
        (str(price), translate(lazy("Up to %(price)s", price=formats.money(price, locale)), locale))
        for price in _PRICES
    ]
    return Choices(
        places=place_options(directory, locale),
        kinds=kind_options(locale),
        prices=[("", translate(lazy("Any price"), locale)), *prices],
        languages=every(LANGUAGES, lazy("Any language")),
        themes=every(THEMES, lazy("Any theme")),
    )
