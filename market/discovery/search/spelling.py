"""What a visitor typed against the words that listings have: whole words, beginnings, and slips.

Pure but for loading the vocabulary, which is kept in memory per content version. No database extension is
needed: a few thousand words are compared here, and the database only looks up the words found.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from market.discovery.kept import Kept
from market.listings import search_words
from market.listings.search_words import JOINED
from market.values.slips import slips

_MOST_TOKENS: Final = 6
_MOST_WORDS: Final = 12
_MOST_CANDIDATES: Final = 100
_SHORTEST_BEGINNING: Final = 3


@dataclass(frozen=True, slots=True)
class Meant:
    """One typed word and the listing words it may mean; `corrected` when none is spelt like it."""

    typed: str
    words: tuple[str, ...]
    corrected: bool = False


class Vocabulary:
    """The words of all listings, ready to be compared with."""

    def __init__(self, words: list[str]) -> None:
        self._known = frozenset(words)
        self._written = sorted(word for word in words if not word.startswith(JOINED))
        self._by_trigram: dict[str, list[str]] = {}
        for word in words:
            for trigram in _trigrams(word.removeprefix(JOINED)):
                self._by_trigram.setdefault(trigram, []).append(word)
        self.meant = lru_cache(maxsize=2048)(self._meant)

    def _meant(self, typed: str) -> Meant:
        """The word itself, words that begin with it, or else the nearest ones within a slip or two."""
        found = [word for word in (typed, JOINED + typed) if word in self._known]
        if len(typed) >= _SHORTEST_BEGINNING:
            found += self._beginning_with(typed)
        if found:
            return Meant(typed, tuple(found))
        return Meant(typed, tuple(self._near(typed)), corrected=True)

    def _beginning_with(self, typed: str) -> list[str]:
        start = bisect_left(self._written, typed)
        longer: list[str] = []
        for word in self._written[start : start + 200]:
            if not word.startswith(typed):
                break
            if word != typed:
                longer.append(word)
        return sorted(longer, key=len)[:_MOST_WORDS]

    def _near(self, typed: str) -> list[str]:
        allowed = 0 if len(typed) < 4 else 1 if len(typed) < 6 else 2
        if not allowed:
            return []
        shared = Counter(word for t in _trigrams(typed) for word in self._by_trigram.get(t, ()))
        likely = [word for word, _ in shared.most_common(_MOST_CANDIDATES)]
        measured = [(slips(typed, word.removeprefix(JOINED)), word) for word in likely]
        best = min((count for count, _ in measured), default=allowed + 1)
        return [word for count, word in measured if count == best and count <= allowed][:_MOST_WORDS]


def _trigrams(word: str) -> set[str]:
    padded = f"  {word} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}


def understand(text: str, vocabulary: Vocabulary) -> list[Meant]:
    """What each typed word may mean, in order; at most six words count."""
    typed = list(dict.fromkeys(search_words.words_of(text)))[:_MOST_TOKENS]
    return [vocabulary.meant(word) for word in typed]


async def _load() -> Vocabulary:
    return Vocabulary(await search_words.list_words())


_kept = Kept(_load)


async def get_vocabulary() -> Vocabulary:
    """The words of all listings; no query unless the content changed."""
    return await _kept.get()
