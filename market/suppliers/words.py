"""The words of a supplier's page as the directory's search keeps them, and what a typed word may mean.

Pure: folding, word lists and the tolerance for slips. Reading and writing the index is for `queries` and
`service`. A few thousand words are compared here, so no extension of the database is needed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from market.values.slips import slips

_LONGEST, _SHORTEST = 40, 2
_MOST_WORDS: Final = 600
_MOST_TYPED: Final = 6
_MOST_MEANT: Final = 12
_APOSTROPHES = str.maketrans("", "", "'’‘ʼʻ`´")
_WORD = re.compile(r"[^\W_]+")
_SMALL: Final = (
    "a an and are as at by for from in is it of on or our that the their to we with you your "
    "ada adalah atau bagi dalam dan dapat dari dengan di juga kami ke oleh pada serta untuk yang"
)
_STOP: Final = frozenset(_SMALL.split())


@dataclass(frozen=True, slots=True)
class Meant:
    """One typed word and the indexed words it may mean; `corrected` when none is spelt like it."""

    typed: str
    words: tuple[str, ...]
    corrected: bool = False


def fold(text: str) -> str:
    """Lower case without accents and apostrophes: `Se'i` is `sei`."""
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
    return "".join(c for c in plain if not unicodedata.combining(c)).lower()


def words_of(text: str) -> list[str]:
    """The words worth searching for, in reading order, repeats included."""
    found = _WORD.findall(fold(text))
    return [word for word in found if _SHORTEST <= len(word) <= _LONGEST and word not in _STOP]


def indexed(strong: Iterable[str], weak: Iterable[str]) -> dict[str, bool]:
    """The words to keep and whether each is strong: a name, a product, a place, or two of them written as one."""
    heavy: set[str] = set()
    for text in strong:
        words = words_of(text)
        heavy.update(words)
        heavy.update(a + b for a, b in pairwise(words) if len(a + b) <= _LONGEST)
    light = sorted({word for text in weak for word in words_of(text)} - heavy)[:_MOST_WORDS]
    return dict.fromkeys(sorted(heavy), True) | dict.fromkeys(light, False)


def understand(text: str, known: Sequence[str]) -> list[Meant]:
    """What each typed word may mean among the `known` ones, in order; at most six words count."""
    typed = list(dict.fromkeys(words_of(text)))[:_MOST_TYPED]
    return [_meant(word, known) for word in typed]


def _meant(typed: str, known: Sequence[str]) -> Meant:
    """Words that begin as typed, shortest first; or else the nearest ones within a slip or two."""
    same = [word for word in known if word == typed]
    longer = [word for word in known if len(typed) > _SHORTEST and word != typed and word.startswith(typed)]
    if same or longer:
        return Meant(typed, tuple([*same, *sorted(longer, key=len)][:_MOST_MEANT]))
    return Meant(typed, tuple(_near(typed, known)), corrected=True)


def _near(typed: str, known: Sequence[str]) -> list[str]:
    allowed = 0 if len(typed) < 4 else 1 if len(typed) < 6 else 2
    if not allowed:
        return []
    letters = set(typed)
    close = [
        w
        for w in known
        if abs(len(w) - len(typed)) <= allowed and len(letters.symmetric_difference(w)) <= 2 * allowed
    ]
    measured = [(slips(typed, word), word) for word in close]
    best = min((count for count, _ in measured), default=allowed + 1)
    return [word for count, word in measured if count == best <= allowed][:_MOST_MEANT]
