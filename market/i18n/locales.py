"""The languages the product speaks. Adding one is adding a catalogue and a line here (docs/howto/add-a-locale.md)."""

from __future__ import annotations

from typing import Final, TypeVar

T = TypeVar("T")

LOCALES: Final[dict[str, str]] = {"id": "Bahasa Indonesia", "en": "English"}
DEFAULT: Final = "id"
SOURCE: Final = "en"


def is_locale(text: str) -> bool:
    return text in LOCALES


def other(locale: str) -> str:
    """The language offered beside `locale` in the header."""
    return next(code for code in LOCALES if code != locale)


def pick(texts: dict[str, T], locale: str) -> T:
    """A user's text in `locale`, or in whatever language it was written."""
    return texts.get(locale) or texts.get(DEFAULT) or next(iter(texts.values()))
