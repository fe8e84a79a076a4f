"""Text that fits one SMS: the GSM 7-bit alphabet, at most 160 septets.

One letter outside that alphabet (a curly quote is enough) halves what fits and doubles the price, so
typographic signs become plain ones here and whatever else is foreign becomes a question mark.
"""

from __future__ import annotations

import re
import unicodedata

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWO_SEPTETS = frozenset("^{}\\[~]|€")
_PLAIN = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "•": "-", "×": "x", "·": ".",
     "…": "...", "\u00a0": " ", "\u202f": " ", "\t": " "}
)  # fmt: skip
# Letters that do not come apart into an ASCII letter and a sign above it.
_LETTERS = str.maketrans(
    {"ß": "ss", "Æ": "Ae", "æ": "ae", "Œ": "Oe", "œ": "oe", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l", "Đ": "D",
     "đ": "d", "Ð": "D", "ð": "d", "Þ": "Th", "þ": "th", "ı": "i"}
)  # fmt: skip
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9 .'&+/-]")
ONE_PART = 160
NAME_LETTERS = 12
_CUT = "..."


def _letter(letter: str) -> str:
    if letter in _BASIC or letter in _TWO_SEPTETS:
        return letter
    bare = unicodedata.normalize("NFKD", letter)[0]
    return bare if bare in _BASIC else "?"


def septets(text: str) -> int:
    """How much of an SMS a text takes; brackets, braces and `^ | ~ €` take two. ValueError for a foreign letter."""
    foreign = set(text) - _BASIC - _TWO_SEPTETS
    if foreign:
        raise ValueError(f"not in the GSM alphabet: {sorted(foreign)}")
    return sum(2 if letter in _TWO_SEPTETS else 1 for letter in text)


def fold(text: str) -> str:
    """`text` in the GSM alphabet, whatever its length."""
    return "".join(_letter(letter) for letter in text.translate(_PLAIN).strip())


def one_part(text: str) -> str:
    """`text` in the GSM alphabet, cut with three dots when it is longer than one SMS."""
    plain = fold(text)
    if septets(plain) <= ONE_PART:
        return plain
    while septets(plain) > ONE_PART - len(_CUT):
        plain = plain[:-1]
    return plain.rstrip() + _CUT


def short_name(name: str) -> str:
    """A name in ASCII, at most 12 letters; empty when nothing of it can be written so."""
    bare = unicodedata.normalize("NFKD", name.translate(_PLAIN).translate(_LETTERS))
    ascii_only = _NOT_IN_NAMES.sub("", "".join(c for c in bare if not unicodedata.combining(c)))
    return " ".join(ascii_only.split())[:NAME_LETTERS].strip(" .'&+/-")
