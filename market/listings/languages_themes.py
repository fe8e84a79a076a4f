"""What the short keys of a listing are called: kinds, languages spoken, themes, meals and islands.

Keys are stored, names are late texts. Adding a language or a theme is adding a line here; search, filters and
the host's editor follow. Cancellation terms in words are `market.bookings.policies`' business.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from market.i18n.locales import LOCALES
from market.i18n.messages import translate
from market.values.text import Text, lazy

KINDS: Final[dict[str, Text]] = {
    "tour": lazy("Tour"),
    "homestay": lazy("Homestay"),
    "lesson": lazy("Class"),
}
KINDS_MANY: Final[dict[str, Text]] = {
    "tour": lazy("Tours"),
    "homestay": lazy("Homestays"),
    "lesson": lazy("Classes"),
}
LANGUAGES: Final[dict[str, Text]] = {
    "id": lazy("Indonesian"),
    "en": lazy("English"),
    "mkn": lazy("Kupang Malay"),
    "uab": lazy("Uab Meto"),
    "tet": lazy("Tetun"),
    "abui": lazy("Abui"),
    "lam": lazy("Lamaholot"),
    "mgy": lazy("Manggarai"),
    "xbr": lazy("Kambera"),
    "rote": lazy("Rote"),
    "sabu": lazy("Sabu"),
}
THEMES: Final[dict[str, Text]] = {
    "weaving": lazy("Weaving"),
    "food": lazy("Food"),
    "coffee": lazy("Coffee"),
    "walking": lazy("Walking"),
    "sea": lazy("Sea"),
    "music": lazy("Music"),
    "dance": lazy("Dance"),
    "heritage": lazy("Traditional villages"),
    "farming": lazy("Gardens and fields"),
    "language": lazy("Language"),
    "crafts": lazy("Crafts"),
    "wildlife": lazy("Forest and animals"),
    "family": lazy("With children"),
}
MEALS: Final[dict[str, Text]] = {
    "breakfast": lazy("Breakfast"),
    "lunch": lazy("Lunch"),
    "dinner": lazy("Dinner"),
}
# Islands are proper names: the same in every language.
ISLANDS: Final[dict[str, str]] = {
    "timor": "Timor",
    "flores": "Flores",
    "alor": "Alor",
    "sumba": "Sumba",
    "rote": "Rote",
    "sabu": "Sabu",
}


def named(names: dict[str, Text], key: str, locale: str) -> str:
    """The name of a key in a language; the key itself when nobody named it yet."""
    text = names.get(key)
    return translate(text, locale) if text is not None else key


def search_names(*, kind: str, island: str, themes: Iterable[str], languages: Iterable[str]) -> list[str]:
    """The names, in every language of the site, under which people look for such a listing."""
    keys = [(KINDS, kind), *((THEMES, theme) for theme in themes), *((LANGUAGES, code) for code in languages)]
    names = [named(table, key, locale) for table, key in keys for locale in LOCALES]
    return [*names, ISLANDS.get(island, island)]
