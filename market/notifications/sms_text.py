"""Text that fits one SMS: the GSM 7-bit alphabet, at most 160 septets.

One letter outside that alphabet (a curly quote is enough) halves what fits and doubles the price, so
typographic signs become plain ones here and whatever else is foreign becomes a question mark.
"""

from __future__ import annotations

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
_ONE_PART = 160
_CUT = "..."


def _letter(letter: str) -> str:
    if letter in _BASIC or letter in _TWO_SEPTETS:
        return letter
    bare = unicodedata.normalize("NFKD", letter)[0]
    return bare if bare in _BASIC else "?"


def _septets(text: str) -> int:
    return sum(2 if letter in _TWO_SEPTETS else 1 for letter in text)


def one_part(text: str) -> str:
    """`text` in the GSM alphabet, cut with three dots when it is longer than one SMS."""
    plain = "".join(_letter(letter) for letter in text.translate(_PLAIN).strip())
    if _septets(plain) <= _ONE_PART:
        return plain
    while _septets(plain) > _ONE_PART - len(_CUT):
        plain = plain[:-1]
    return plain.rstrip() + _CUT
