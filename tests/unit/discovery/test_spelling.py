"""Words that visitors type against the words that listings have."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.discovery.search.spelling import Vocabulary, understand
from market.listings.search_words import fold, word_rows, words_of
from market.values.slips import slips

WORDS = [
    "tenun",
    "tenunan",
    "weaving",
    "wae",
    "rebo",
    "+waerebo",
    "kelimutu",
    "sei",
    "ikat",
    "kopi",
    "coffee",
]


def meant(text: str) -> dict[str, tuple[str, ...]]:
    return {one.typed: one.words for one in understand(text, Vocabulary(WORDS))}


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("tenum", "tenun"),
        ("tennun", "tenun"),
        ("reboo", "rebo"),
        ("kelimtu", "kelimutu"),
        ("klimutu", "kelimutu"),
        ("ikta", "ikat"),
        ("weavign", "weaving"),
        ("cofee", "coffee"),
        ("waereboo", "+waerebo"),
    ],
)
def test_a_slip_is_forgiven(typed: str, word: str) -> None:
    assert word in meant(typed)[typed]


def test_known_words_and_beginnings_are_not_corrected() -> None:
    found = understand("tenun kop", Vocabulary(WORDS))
    assert [one.words for one in found] == [("tenun", "tenunan"), ("kopi",)]
    assert not any(one.corrected for one in found)


def test_two_words_written_as_one() -> None:
    assert meant("waerebo")["waerebo"] == ("+waerebo",)


def test_nonsense_means_nothing() -> None:
    assert meant("qqqqxxxx") == {"qqqqxxxx": ()}


def test_accents_apostrophes_and_stop_words() -> None:
    assert words_of("Se’i di rumah Lété, the sasando") == ["sei", "rumah", "lete", "sasando"]
    assert fold("TI'I LANGGA") == "tii langga"


def test_words_of_titles_come_before_those_of_texts() -> None:
    rows = word_rows(7, ["Kopi dan tenun"], 40, titles=["Tenun ikat"])
    assert ["tenun", 40, 7] in rows
    assert ["kopi", 1_000_040, 7] in rows
    assert ["+tenunikat", 40, 7] in rows
    assert len({(word, listing) for word, _, listing in rows}) == len(rows)


@given(st.text(max_size=30), st.text(max_size=30))
def test_slips_are_a_distance(one: str, other: str) -> None:
    assert slips(one, other) == slips(other, one)
    assert (slips(one, other) == 0) == (one == other)
    assert slips(one, other) <= max(len(one), len(other))


@given(st.text(max_size=200))
def test_anything_can_be_typed(text: str) -> None:
    assert len(understand(text, Vocabulary(WORDS))) <= 6
