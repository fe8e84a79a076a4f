"""The table of areas: complete as the decree counts, and read the right way."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market import places
from market.places.areas import Island, Level, UnknownArea, every

CODES = st.sampled_from(sorted(every()))


def test_the_counts_are_those_of_the_decree() -> None:
    assert Counter(area.level for area in every().values()) == {
        Level.PROVINSI: 1,
        Level.KABUPATEN: 21,
        Level.KOTA: 1,
        Level.KECAMATAN: 315,
        Level.KELURAHAN: 305,
        Level.DESA: 3137,
    }


def test_every_area_stands_in_its_place() -> None:
    parts = {Level.PROVINSI: 1, Level.KABUPATEN: 2, Level.KOTA: 2, Level.KECAMATAN: 3}
    for code, area in every().items():
        assert code == area.code
        assert code.count(".") + 1 == parts.get(area.level, 4)
        assert area.name == " ".join(area.name.split())
        assert area.name[0].isupper()
        if area.level is not Level.PROVINSI:
            assert area.parent in every()
            assert area.island is not None
        if area.level in {Level.KELURAHAN, Level.DESA}:
            assert code[9] == ("1" if area.level is Level.KELURAHAN else "2")
    assert all(one < other for one, other in pairwise(every()))


def test_kota_kupang_is_counted_right() -> None:
    assert places.get("53.71").level is Level.KOTA
    districts = places.children("53.71")
    assert len(districts) == 6
    assert sum(len(places.children(district.code)) for district in districts) == 51


def test_kabupaten_are_the_twenty_one_and_the_city() -> None:
    found = places.kabupaten()
    assert len(found) == 22
    assert found[0].name == "Kabupaten Kupang"
    assert found[-1].name == "Kota Kupang"
    assert {area.island for area in found} == set(Island)


@pytest.mark.parametrize(
    ("code", "island"),
    [
        ("53.05.06", Island.ALOR),  # Pantar
        ("53.06.06", Island.FLORES),  # Solor
        ("53.06.17", Island.FLORES),  # Adonara
        ("53.15.05", Island.FLORES),  # Komodo
        ("53.13.08.2008", Island.LEMBATA),  # Lamalera
        ("53.14.09", Island.ROTE),  # Ndao
        ("53.20.06", Island.SABU),  # Raijua
        ("53.01.04", Island.TIMOR),  # Semau
        ("53.71", Island.TIMOR),
        ("53.18", Island.SUMBA),
        ("53", None),
    ],
)
def test_the_travellers_island(code: str, island: Island | None) -> None:
    assert places.island_of(code) == island


def test_a_path_reads_from_the_village_up() -> None:
    assert places.path("53.71.03.1010") == ("Oesapa", "Kelapa Lima", "Kota Kupang", "Nusa Tenggara Timur")
    assert places.path("53") == ("Nusa Tenggara Timur",)


@pytest.mark.parametrize("code", ["", "53.99", "53.1", "5371", "53.71.", "51", "53.71.03.9999", "x"])
def test_unlisted_codes_are_not_found(code: str) -> None:
    assert not places.exists(code)
    for question in (places.get, places.children, places.path, places.island_of):
        with pytest.raises(UnknownArea):
            question(code)


def test_a_village_has_nothing_inside() -> None:
    assert places.children("53.71.03.1010") == ()


def test_prefixes_compare_whole_parts() -> None:
    assert places.is_within("53.10", ["53.10"])
    assert places.is_within("53.10.01.2001", ["53.71", "53.10"])
    assert not places.is_within("53.10", ["53.1"])
    assert not places.is_within("53.10.01", "53.1")
    assert places.is_within("53.10.01", "53.10")
    assert not places.is_within("53.10", [])
    assert not places.is_within("53.10", [""])
    assert not places.is_within("53", ["53.10"])


@given(code=CODES, other=CODES)
def test_within_agrees_with_the_parents(code: str, other: str) -> None:
    inside = other in {area.code for area in places.ancestry(code)}
    assert places.is_within(code, [other]) == inside


@given(code=CODES)
def test_children_and_parents_are_one_tree(code: str) -> None:
    area = places.get(code)
    if area.parent is not None:
        assert area in places.children(area.parent)
    assert all(child.parent == code and child.level != area.level for child in places.children(code))


def test_importing_reads_nothing() -> None:
    code = (
        "import market.places, market.places.areas as a, market.places.names as s, sys;"
        "sys.exit(a.every.cache_info().currsize + s._entries.cache_info().currsize)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
