"""How much two photos of receipts look alike: 256 bits of what is written, whatever the camera did (RULES, IMG).

Pure, on Pillow images. A photo is straightened first: the paper is found on its table and pulled square, light is
divided out, ink is levelled by its ruled lines and centred by its own weight, and the ruled lines are taken away:
receipts of one pad share form and lines, and only what is written tells them apart. The bits are signs of middle
frequencies, too fine for the layout and too coarse for grain. Measured on drawn pads in
tests/unit/sourcing/test_looks.py; why so is docs/adr/0024-receipts-that-look-alike.md.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Final

from PIL import Image, ImageChops, ImageFilter

BITS: Final = 256
SAME_UP_TO: Final = 16
LOOK_UP_TO: Final = 45
_FAR: Final = 100  # no small correction brings two photos of one paper nearer than from here

_WORK, _SQUARE, _FINE, _GRID = 1000, 640, 128, 32
_FIRST, _COUNT = 4, 16  # frequencies 4 to 19 in both directions
_SPREAD: Final = 2.0  # how many standard deviations of the ink the window holds to each side
_PAPER_CONTRAST: Final = 45
_LEAST_PAPER: Final = 0.3
_INSET: Final = 0.985
_LEAST_INK: Final = 0.4  # mean of 255; below it there is nothing to compare
_SHIFTS: Final = (-1.5, 0.0, 1.5)
_SCALES: Final = (0.985, 1.0, 1.015)
_QUARTER_TURNS: Final = (
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_180,
    Image.Transpose.ROTATE_270,
)
_LOG: Final = [round(255 * math.log1p(value) / math.log(256)) for value in range(256)]
_INK: Final = [0 if value < 5 else min(255, (value - 5) * 14) for value in range(256)]
_COSINES: Final = [
    [math.cos(math.pi * frequency * (2 * x + 1) / (2 * _GRID)) for x in range(_GRID)]
    for frequency in range(_FIRST, _FIRST + _COUNT)
]
_EDGES: Final = [
    (0.5 - 0.5 * math.cos(2 * math.pi * (row + 1) / (_GRID + 1))) ** 0.3 for row in range(_GRID)
]  # the outermost rows are cut off first


class Likeness(StrEnum):
    """What a distance means to an officer; a flag never rejects by itself."""

    SAME = "same"
    LOOK = "look"
    OTHER = "other"


def likeness(distance: int) -> Likeness:
    """Up to 16 bits the same receipt, up to 45 worth a look, beyond that another one."""
    if distance <= SAME_UP_TO:
        return Likeness.SAME
    return Likeness.LOOK if distance <= LOOK_UP_TO else Likeness.OTHER


def look(photo: Image.Image) -> str:
    """The 256 bits of a photo as 64 hexadecimal digits, or "" when nothing is written on it."""
    written = _written(photo.convert("L"))
    return "" if written is None else f"{_bits(written):064x}"


class Views:
    """A photo seen in its four quarter turns (a phone does not always know which way is up), for comparing it with
    looks that are kept. Small corrections of a turn are made when something comes near enough to need them.
    """

    def __init__(self, photo: Image.Image) -> None:
        grey = photo.convert("L")
        turned = [grey, *(grey.transpose(turn) for turn in _QUARTER_TURNS)]
        self._written = [found for found in map(_written, turned) if found is not None]
        self._bits = [_bits(found) for found in self._written]
        self._corrected: dict[int, list[int]] = {}

    @property
    def look(self) -> str:
        """The photo's own look, "" without ink."""
        return f"{self._bits[0]:064x}" if self._bits else ""

    def distance(self, kept: str) -> int:
        """To a kept look: 0 for the same picture, about 128 for a stranger's."""
        if not self._bits or not kept:
            return BITS
        other, best = int(kept, 16), BITS
        for turn, bits in enumerate(self._bits):
            first = (bits ^ other).bit_count()
            if SAME_UP_TO < first <= _FAR:
                first = min(first, *((seen ^ other).bit_count() for seen in self._corrections(turn)))
            best = min(best, first)
        return best

    def _corrections(self, turn: int) -> list[int]:
        if turn not in self._corrected:
            self._corrected[turn] = _corrections(self._written[turn])
        return self._corrected[turn]


def _corrections(written: Image.Image) -> list[int]:
    """The same writing moved and stretched by a hundredth or so: what straightening gets wrong."""
    found: list[int] = []
    for dx, dy in ((x, y) for x in _SHIFTS for y in _SHIFTS):
        for across, down in ((x, y) for x in _SCALES for y in _SCALES):
            half_x, half_y, middle = _FINE * across / 2, _FINE * down / 2, _FINE / 2
            box = (middle - half_x + dx, middle - half_y + dy, middle + half_x + dx, middle + half_y + dy)
            found.append(_bits(_framed(written, box, _FINE, Image.Resampling.BILINEAR)))
    return found


# Straightening ----------------------------------------------------------------------------------------------
def _written(grey: Image.Image) -> Image.Image | None:
    """What is written on the paper, white on black, in a square of its own size; None for a blank one."""
    ink = _level(_ink(_squared(_sized(grey))))
    if _mean(ink) < _LEAST_INK:
        return None
    framed = _framed(ink, _window(ink), 2 * _FINE, Image.Resampling.BICUBIC)
    plain = ImageChops.subtract(framed, _ruled_lines(framed))
    if _mean(plain) < _LEAST_INK:
        return None
    return plain.resize((_FINE, _FINE), Image.Resampling.BOX)


def _sized(grey: Image.Image) -> Image.Image:
    scale = _WORK / max(grey.size)
    size = (max(8, round(grey.width * scale)), max(8, round(grey.height * scale)))
    return grey.resize(size, Image.Resampling.LANCZOS)


def _squared(grey: Image.Image) -> Image.Image:
    """The paper pulled square; the whole picture when no darker table is seen around it."""
    corners = _paper(grey)
    if corners is None:
        return grey.resize((_SQUARE, _SQUARE), Image.Resampling.LANCZOS)
    cx, cy = sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4
    inset = [(cx + (x - cx) * _INSET, cy + (y - cy) * _INSET) for x, y in corners]
    flat = tuple(value for point in inset for value in point)
    return grey.transform((_SQUARE, _SQUARE), Image.Transform.QUAD, flat, Image.Resampling.BICUBIC)


def _paper(grey: Image.Image) -> list[tuple[float, float]] | None:
    """The paper's corners (top left, bottom left, bottom right, top right), if it stands out from what it lies on."""
    small = grey.filter(ImageFilter.MedianFilter(5)).resize(
        (max(2, grey.width // 4), max(2, grey.height // 4)), Image.Resampling.BOX
    )
    small = small.filter(ImageFilter.MaxFilter(7)).filter(ImageFilter.MinFilter(7))  # writing is not table
    threshold, contrast = _threshold(small.histogram())
    if contrast < _PAPER_CONTRAST:
        return None
    width = small.width
    bright = [
        (place % width, place // width) for place, value in enumerate(small.tobytes()) if value > threshold
    ]
    if len(bright) < _LEAST_PAPER * small.width * small.height:
        return None
    found = (
        min(bright, key=lambda p: p[0] + p[1]),
        min(bright, key=lambda p: p[0] - p[1]),
        max(bright, key=lambda p: p[0] + p[1]),
        max(bright, key=lambda p: p[0] - p[1]),
    )
    scale = grey.width / width
    return [(x * scale + scale / 2, y * scale + scale / 2) for x, y in found]


def _threshold(histogram: list[int]) -> tuple[int, float]:
    """The grey level that parts the picture best into dark and bright (Otsu), and how far apart the two are."""
    total, weighted = sum(histogram), sum(level * count for level, count in enumerate(histogram))
    best, chosen, contrast, dark, dark_sum = -1.0, 0, 0.0, 0, 0
    for level, count in enumerate(histogram):
        dark, dark_sum = dark + count, dark_sum + level * count
        if not 0 < dark < total:
            continue
        below, above = dark_sum / dark, (weighted - dark_sum) / (total - dark)
        parted = dark * (total - dark) * (above - below) ** 2
        if parted > best:
            best, chosen, contrast = parted, level, above - below
    return chosen, contrast


def _ink(paper: Image.Image) -> Image.Image:
    """How much darker than the paper around it each point is, as a ratio: light and shade divide out."""
    logs = paper.point(_LOG)
    around = (
        logs.filter(ImageFilter.GaussianBlur(1))
        .filter(ImageFilter.MaxFilter(9))
        .filter(ImageFilter.GaussianBlur(10))
    )
    return ImageChops.subtract(around, logs).point(_INK)


def _level(ink: Image.Image) -> Image.Image:
    """Turned until its rows of writing and rules lie level: then rows differ most from one another."""
    small = ink.resize((_SQUARE // 2, _SQUARE // 2), Image.Resampling.BOX)
    rough = max((step / 2 for step in range(-10, 11)), key=lambda angle: _unevenness(small, angle))
    fine = max((rough + step / 8 for step in range(-3, 4)), key=lambda angle: _unevenness(ink, angle))
    return ink.rotate(fine, Image.Resampling.BICUBIC)


def _unevenness(ink: Image.Image, angle: float) -> int:
    return sum(value * value for value in _rows(ink.rotate(angle, Image.Resampling.BILINEAR)))


def _window(ink: Image.Image) -> tuple[float, float, float, float]:
    """The frame around the ink's centre that holds two standard deviations to each side."""
    columns = ink.resize((ink.width, 1), Image.Resampling.BOX).tobytes()
    (x, wide), (y, high) = _moments(columns), _moments(_rows(ink))
    return (x - _SPREAD * wide, y - _SPREAD * high, x + _SPREAD * wide, y + _SPREAD * high)


def _moments(weights: bytes) -> tuple[float, float]:
    total = sum(weights) or 1
    mean = sum(place * weight for place, weight in enumerate(weights)) / total
    spread = sum((place - mean) ** 2 * weight for place, weight in enumerate(weights)) / total
    return mean, max(1.0, math.sqrt(spread))


def _ruled_lines(ink: Image.Image) -> Image.Image:
    """What runs on level or upright for longer than a letter is: the form's lines, a little widened."""
    lines = ImageChops.lighter(_runs(ink, 1, 0), _runs(ink, 0, 1))
    return lines.filter(ImageFilter.MaxFilter(3))


def _runs(ink: Image.Image, dx: int, dy: int) -> Image.Image:
    """Opened with a line of 32 points: erosion by doubling, then the same way back."""
    steps = (1, 2, 4, 8, 16)
    for step in steps:
        ink = ImageChops.darker(ink, ImageChops.offset(ink, -dx * step, -dy * step))
    for step in steps:
        ink = ImageChops.lighter(ink, ImageChops.offset(ink, dx * step, dy * step))
    return ink


def _framed(
    image: Image.Image, box: tuple[float, float, float, float], side: int, how: Image.Resampling
) -> Image.Image:
    return image.transform((side, side), Image.Transform.EXTENT, box, how)


def _rows(image: Image.Image) -> bytes:
    return image.resize((1, image.height), Image.Resampling.BOX).tobytes()


def _mean(image: Image.Image) -> float:
    histogram = image.histogram()
    return sum(level * count for level, count in enumerate(histogram)) / (image.width * image.height)


# Bits -------------------------------------------------------------------------------------------------------
def _bits(written: Image.Image) -> int:
    """The signs of 16 by 16 frequencies of the writing, as one number."""
    grid = (
        written.filter(ImageFilter.GaussianBlur(1.2)).resize((_GRID, _GRID), Image.Resampling.BOX).tobytes()
    )
    rows = [grid[start : start + _GRID] for start in range(0, len(grid), _GRID)]
    # First along each row, then down each column of what came out.
    across = [
        [weight * sum(map(float.__mul__, cosine, map(float, row))) for cosine in _COSINES]
        for row, weight in zip(rows, _EDGES, strict=True)
    ]
    columns = list(zip(*across, strict=True))
    bits = 0
    for cosine in _COSINES:
        for column in columns:
            bits = bits << 1 | (sum(map(float.__mul__, cosine, column)) > 0)
    return bits
