"""Finding a place the way people type it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market import places
from market.places import names
from market.places.areas import every
from market.values.slips import slips as count_slips


def first(text: str) -> str:
    found = places.search(text, 1)
    return found[0].name if found else ""


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("oesapa", "Oesapa"),
        ("  OESAPA ", "Oesapa"),
        ("Oesápa", "Oesapa"),
        ("kabupaten alor", "Kabupaten Alor"),
        ("alor", "Kabupaten Alor"),
        ("koepang", "Kota Kupang"),
        ("waingapoe", "Kabupaten Sumba Timur"),
        ("Labuhan Bajo", "Kabupaten Manggarai Barat"),
        ("labuanbajo", "Kabupaten Manggarai Barat"),
        ("kalabai", "Kabupaten Alor"),
        ("maumere", "Kabupaten Sikka"),
        ("Tuapukna", "Tuapukan"),
        ("kie", "Ki'e"),
        ("KI’E", "Ki'e"),
        ("nikiniki", "Niki-Niki"),
        ("atu walupang", "Atu' Walupang"),
        ("baa", "Kabupaten Rote Ndao"),
        ("Ba'a", "Kabupaten Rote Ndao"),
        ("TTS", "Kabupaten Timor Tengah Selatan"),
        ("savu", "Kabupaten Sabu Raijua"),
        ("roti", "Kabupaten Rote Ndao"),
        ("lamalera", "Lamalera A"),
        ("lemba", "Kabupaten Lembata"),
        ("53.71.03.1010", "Oesapa"),
    ],
)
def test_the_first_answer(typed: str, name: str) -> None:
    assert first(typed) == name


def test_larger_areas_come_first_among_equals() -> None:
    assert [area.level.value for area in places.search("bajawa", 3)] == [
        "kecamatan",
        "kelurahan",
        "kabupaten",
    ]


def test_an_island_finds_its_kabupaten() -> None:
    names = {area.name for area in places.search("flores", 20)}
    assert {
        "Kabupaten Ende",
        "Kabupaten Sikka",
        "Kabupaten Manggarai Barat",
        "Kabupaten Flores Timur",
    } <= names


def test_a_comma_says_where_to_look() -> None:
    everywhere = places.search("baru", 50)
    there = places.search("baru, ende", 50)
    assert there
    assert set(there) < set(everywhere)
    assert all(area.code.startswith("53.08") for area in there)
    assert places.search("oesapa, sumba") == ()
    assert places.search("labuan bajo, flores")[0].name == "Labuan Bajo"


@pytest.mark.parametrize(
    "typed", ["", "   ", ",", ", kupang", "'", "%", "qqqqqq", "\x00", "x" * 5000, "wae rebo kampung"]
)
def test_nothing_is_found_quietly(typed: str) -> None:
    assert places.search(typed) == ()


def test_the_limit_holds() -> None:
    assert len(places.search("a", 5)) == 5
    assert places.search("a", 0) == ()


@given(area=st.sampled_from(sorted(every().values(), key=lambda area: area.code)))
@settings(max_examples=60, deadline=None)
def test_every_name_finds_its_area_however_it_is_typed(area: places.Area) -> None:
    for typed in (area.name, area.name.upper(), area.name.replace("'", "")):
        assert area in places.search(typed, 200)


@given(text=st.text(max_size=120), limit=st.integers(-1, 12))
@settings(max_examples=60, deadline=None)
def test_any_text_is_answered(text: str, limit: int) -> None:
    found = places.search(text, limit)
    assert len(found) <= max(0, limit)
    assert len(set(found)) == len(found)


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [
        ("", "", 0),
        ("ende", "ende", 0),
        ("ende", "edne", 1),
        ("ende", "end", 1),
        ("ende", "enda", 1),
        ("a", "", 1),
        ("kupang", "lombok", 6),
    ],
)
def test_slips_are_counted(one: str, other: str, slips: int) -> None:
    assert count_slips(one, other) == slips


@pytest.mark.parametrize("typed", ["labuhan bajo", "kalabai", "wae rebo kampung", "qqqqqq"])
def test_few_names_are_compared_letter_by_letter(typed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    monkeypatch.setattr(names, "slips", lambda one, other: compared.append(other) or count_slips(one, other))
    names._search.cache_clear()
    places.search(typed)
    assert len(compared) < len(names._all_heard()) / 50
