"""One receipt is found again however it was photographed; another sheet of the same pad is not."""

from __future__ import annotations

import itertools
from io import BytesIO

import pytest
from PIL import Image

from market.sourcing import looks
from tests.unit.sourcing import pads

SHEETS = (3, 8)


def resaved(photo: Image.Image, quality: int) -> Image.Image:
    file = BytesIO()
    photo.save(file, "JPEG", quality=quality)
    return Image.open(BytesIO(file.getvalue())).convert("RGB")


@pytest.fixture(scope="module")
def photos() -> dict[int, Image.Image]:
    return {sheet: pads.photo(pads.receipt(sheet), sheet * 7) for sheet in SHEETS}


@pytest.fixture(scope="module")
def kept(photos: dict[int, Image.Image]) -> dict[int, str]:
    return {sheet: looks.Views(photo).look for sheet, photo in photos.items()}


@pytest.mark.parametrize("sheet", SHEETS)
def test_the_same_receipt_is_found_again(photos, kept, sheet):
    again = {
        "resaved at quality 40": resaved(photos[sheet], 40),
        "cropped by 5 %": pads.cropped(photos[sheet], 0.05, 0),
        "cropped by 5 % at one side": pads.cropped(photos[sheet], 0.05, 1 + sheet % 4),
        "turned by 2 degrees": photos[sheet].rotate(2),
        "photographed again": pads.photo(pads.receipt(sheet), 1000 + sheet),
        "photographed aslant": pads.photo(pads.receipt(sheet), 2000 + sheet, turn=2),
        "all of it": resaved(
            pads.cropped(pads.photo(pads.receipt(sheet), 3000 + sheet, turn=-2), 0.05, 0), 40
        ),
        "on its head": photos[sheet].transpose(Image.Transpose.ROTATE_180),
    }
    distances = {how: looks.Views(photo).distance(kept[sheet]) for how, photo in again.items()}
    # Far below the 45 bits of "look", so that no single bit decides; half of them even within "same".
    print(distances)
    assert max(distances.values()) <= 30, distances
    assert sorted(distances.values())[len(distances) // 2] <= 24, distances


def test_another_sheet_of_the_same_pad_is_another_receipt(photos, kept):
    distances = {
        (a, b): looks.Views(photos[a]).distance(kept[b]) for a, b in itertools.permutations(SHEETS, 2)
    }
    assert min(distances.values()) >= 58, distances
    assert {looks.likeness(distance) for distance in distances.values()} == {looks.Likeness.OTHER}


def test_even_sheets_that_list_the_same_goods_are_told_apart():
    first, second = (pads.photo(pads.receipt(n, same_goods=True), n) for n in (4, 6))
    assert looks.Views(first).distance(looks.look(second)) > looks.LOOK_UP_TO


def test_sheets_with_hardly_a_word_are_never_called_the_same():
    first, second = (pads.photo(pads.receipt(n, same_goods=True, rows=1), n) for n in (4, 6))
    assert looks.Views(first).distance(looks.look(second)) > looks.SAME_UP_TO


def test_a_picture_is_itself(photos, kept):
    for sheet, photo in photos.items():
        assert looks.Views(photo).distance(kept[sheet]) == 0
        assert len(kept[sheet]) == 64


@pytest.mark.parametrize("colour", ["white", "black", "#808080"])
def test_a_blank_picture_looks_like_nothing(colour):
    blank = Image.new("RGB", (300, 400), colour)
    assert looks.look(blank) == looks.Views(blank).look == ""
    assert looks.Views(blank).distance("0" * 64) == looks.BITS


@pytest.mark.parametrize("size", [(1, 1), (2000, 3), (3, 2000), (16, 16)])
def test_odd_pictures_are_no_trouble(size):
    assert looks.Views(Image.effect_noise(size, 90)).distance("") == looks.BITS


def test_what_a_distance_means():
    assert [looks.likeness(n).value for n in (0, 16, 17, 45, 46, 256)] == [
        "same",
        "same",
        "look",
        "look",
        "other",
        "other",
    ]
