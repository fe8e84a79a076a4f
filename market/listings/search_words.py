"""The words of a listing, as search keeps them: folded, without accents, apostrophes and stop words.

`index_listing` writes them in the transaction of whoever saves the listing. How a visitor's words find them,
misspelt ones included, is `market.discovery.search.spelling`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from market import db
from market.db.sql import execute_many

# A word that stands only in a listing's long texts is kept under its rank plus this, so that titles come first.
BODY: Final = 1_000_000
JOINED: Final = "+"
_LONGEST, _SHORTEST = 40, 2
_MOST_WORDS = 900
INSERT_WORD: Final = "INSERT INTO listing_word (word, rank, listing_id) VALUES ($1, $2, $3)"
_APOSTROPHES = str.maketrans("", "", "'’‘ʼʻ`´")
_WORD = re.compile(r"[^\W_]+")
STOP: Final = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "for",
        "from",
        "have",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "no",
        "not",
        "of",
        "on",
        "or",
        "our",
        "so",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "they",
        "this",
        "to",
        "was",
        "we",
        "were",
        "what",
        "when",
        "which",
        "who",
        "will",
        "with",
        "you",
        "your",
        "ada",
        "adalah",
        "agar",
        "akan",
        "anda",
        "atau",
        "bagi",
        "bila",
        "boleh",
        "bisa",
        "dalam",
        "dan",
        "dapat",
        "dari",
        "dengan",
        "di",
        "hanya",
        "ini",
        "itu",
        "jadi",
        "juga",
        "kalau",
        "kami",
        "karena",
        "ke",
        "kita",
        "lalu",
        "lebih",
        "maka",
        "masih",
        "mereka",
        "namun",
        "oleh",
        "pada",
        "para",
        "sambil",
        "sampai",
        "saat",
        "sangat",
        "saya",
        "sebagai",
        "sebuah",
        "secara",
        "sejak",
        "seorang",
        "seperti",
        "serta",
        "sudah",
        "supaya",
        "tanpa",
        "telah",
        "tempat",
        "tidak",
        "untuk",
        "yang",
    ]
)


def fold(text: str) -> str:
    """Lower case without accents and apostrophes: `Se'i` is `sei`, `Lété` is `lete`."""
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
    return "".join(c for c in plain if not unicodedata.combining(c)).lower()


def words_of(text: str) -> list[str]:
    """The words worth searching for, in reading order, repeats included."""
    found = _WORD.findall(fold(text))
    return [word[:_LONGEST] for word in found if len(word) >= _SHORTEST and word not in STOP]


def _joined(title: str) -> list[str]:
    """Neighbours written as one, as people do: `+waerebo` for Wae Rebo.

    The sign keeps them apart from words that somebody wrote: what begins with `rebo` is not `rebobermalam`.
    """
    words = words_of(title)
    pairs = (JOINED + a + b for a, b in pairwise(words))
    return [pair for pair in pairs if len(pair) <= _LONGEST]


def word_rows(
    listing_id: int, texts: Iterable[str], rank: int, *, titles: Iterable[str] = ()
) -> list[list[str | int]]:
    """A listing's words as rows of `listing_word`.

    `titles` are its titles in every language (also the places and people in them), `texts` everything else
    people may look for. `rank` is the listing's own: index again when it changes.
    """
    strong = {word for title in titles for word in (*words_of(title), *_joined(title))}
    weak = {word for text in texts for word in words_of(text)} - strong
    rows: list[list[str | int]] = [[word, rank, listing_id] for word in sorted(strong)]
    return rows + [[word, rank + BODY, listing_id] for word in sorted(weak)[:_MOST_WORDS]]


async def index_listing(
    listing_id: int, texts: Iterable[str], rank: int, *, titles: Iterable[str] = ()
) -> None:
    """Replace a listing's words (see `word_rows`); inside the transaction that saves it."""
    rows = word_rows(listing_id, texts, rank, titles=titles)
    await db.execute("DELETE FROM listing_word WHERE listing_id = $1", listing_id)
    if rows:
        await execute_many(INSERT_WORD, rows)


async def list_words() -> list[str]:
    """Every word that any listing has, in order. One look into the index per word, not per row."""
    rows = await db.fetch(
        "WITH RECURSIVE word_list(word) AS ("
        " SELECT MIN(word) FROM listing_word"
        " UNION ALL"
        " SELECT (SELECT MIN(w.word) FROM listing_word w WHERE w.word > l.word) FROM word_list l"
        " WHERE l.word IS NOT NULL"
        ") SELECT word FROM word_list WHERE word IS NOT NULL"
    )
    return [row["word"] for row in rows]
