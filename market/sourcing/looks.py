"""How much two photos of receipts look alike: 256 bits of what is written, whatever the camera did.

Pure, on Pillow images. A photo is straightened first: the paper is found on its table and pulled square, light is
divided out, ink is levelled by its ruled lines and centred by its own weight, and the ruled lines are taken away:
receipts of one pad share form and lines, and only what is written tells them apart. The bits are signs of middle
frequencies, too fine for the layout and too coarse for grain. Measured on drawn pads in
tests/unit/sourcing/test_looks.py; why so is docs/adr/0024-receipts-that-look-alike.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from operator import add, mul, sub
from typing import Final

from PIL import Image, ImageChops, ImageFilter

BITS: Final = 256
SAME_UP_TO: Final = 16
LOOK_UP_TO: Final = 45
_FAR: Final = 70  # beyond it, straightening more carefully does not make two photos one receipt

_WORK, _SQUARE, _FINE, _GRID = 1000, 640, 256, 64
_FIRST, _COUNT = 12, 16  # frequencies 12 to 27 in both directions: strokes, neither layout nor grain
_SPREAD: Final = 2.0  # how many standard deviations of the ink the window holds to each side
_PAPER_CONTRAST: Final = 45
_LEAST_PAPER: Final = 0.3
_INSET: Final = 0.985
_LEAST_INK: Final = 0.4  # mean of 255; below it there is nothing to compare
_SHIFTS: Final = (-3.0, 0.0, 3.0)
_SCALES: Final = (0.985, 1.0, 1.015)
_FIRST_STEP: Final = (1.5, 1.5, 0.01, 0.01)
_ROUNDS, _CLOSER = 4, 0.6
_QUARTER_TURNS: Final = (
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_180,
    Image.Transpose.ROTATE_270,
)
_LOG: Final = [round(255 * math.log1p(value) / math.log(256)) for value in range(256)]
_INK: Final = [0 if value < 5 else min(255, (value - 5) * 14) for value in range(256)]
_HALF: Final = _GRID // 2
_COSINES: Final = [
    [math.cos(math.pi * frequency * (2 * x + 1) / (2 * _GRID)) for x in range(_HALF)]
    for frequency in range(_FIRST, _FIRST + _COUNT)
]
_EDGES: Final = [
    (0.5 - 0.5 * math.cos(2 * math.pi * (row + 1) / (_GRID + 1))) ** 0.8 for row in range(_GRID)
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


# Where a window lies over the writing: moved right and down, stretched across and down.
Fit = tuple[float, float, float, float]
_EXACT: Final[Fit] = (0.0, 0.0, 1.0, 1.0)
_FITS: Final[tuple[Fit, ...]] = tuple(
    (x, y, scale, scale) for x in _SHIFTS for y in _SHIFTS for scale in _SCALES
)


class Views:
    """A photo seen in its four quarter turns (a phone does not always know which way is up), each a little moved and
    stretched, for comparing it with looks that are kept.
    """

    def __init__(self, photo: Image.Image) -> None:
        upright = _written(photo.convert("L"))
        turned = [upright.transpose(turn) for turn in _QUARTER_TURNS] if upright is not None else []
        self._written = [upright, *turned] if upright is not None else []
        self._seen = [
            (_bits(_fitted(written, fit)), turn, fit)
            for turn, written in enumerate(self._written)
            for fit in _FITS
        ]

    @property
    def look(self) -> str:
        """The photo's own look, "" without ink."""
        return f"{_bits(self._written[0]):064x}" if self._written else ""

    def distance(self, kept: str) -> int:
        """To a kept look: a few bits for the same receipt, about 128 for a stranger's."""
        if not self._seen or not kept:
            return BITS
        other = int(kept, 16)
        nearest, turn, fit = min(((bits ^ other).bit_count(), turn, fit) for bits, turn, fit in self._seen)
        return nearest if nearest > _FAR else _closer(self._written[turn], fit, nearest, other)


def _closer(written: Image.Image, fit: Fit, nearest: int, other: int) -> int:
    """The distance once the window is moved and stretched in ever smaller steps, as long as that helps."""
    step: Fit = _FIRST_STEP
    for _ in range(_ROUNDS):
        for axis in range(4):
            for sign in (-1, 1):
                tried = _moved(fit, axis, sign * step[axis])
                distance = (_bits(_fitted(written, tried)) ^ other).bit_count()
                if distance < nearest:
                    nearest, fit = distance, tried
        step = (step[0] * _CLOSER, step[1] * _CLOSER, step[2] * _CLOSER, step[3] * _CLOSER)
    return nearest


def _moved(fit: Fit, axis: int, by: float) -> Fit:
    values = list(fit)
    values[axis] += by
    return values[0], values[1], values[2], values[3]


def _fitted(written: Image.Image, fit: Fit) -> Image.Image:
    if fit == _EXACT:
        return written
    dx, dy, across, down = fit
    half_x, half_y, middle = _FINE * across / 2, _FINE * down / 2, _FINE / 2
    box = (middle - half_x + dx, middle - half_y + dy, middle + half_x + dx, middle + half_y + dy)
    return _framed(written, box, _FINE, Image.Resampling.BILINEAR)


# Straightening ----------------------------------------------------------------------------------------------
def _written(grey: Image.Image) -> Image.Image | None:
    """What is written on the paper, white on black, in a square of its own size; None for a blank one."""
    ink = _level(_ink(_squared(_sized(grey))))
    if _mean(ink) < _LEAST_INK:
        return None
    framed = _framed(ink, _window(ink), 2 * _FINE, Image.Resampling.BICUBIC)
    small = framed.resize((_FINE, _FINE), Image.Resampling.BOX)
    plain = ImageChops.subtract(small, _ruled_lines(small))
    return None if _mean(plain) < _LEAST_INK else plain


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
    """Turned until writing and rules lie level: then rows differ most from one another, and so do columns. Both are
    asked, so that a photo and its quarter turns are straightened alike.
    """
    small = ink.resize((_SQUARE // 2, _SQUARE // 2), Image.Resampling.BOX)
    rough = max((step / 2 for step in range(-10, 11)), key=lambda angle: _unevenness(small, angle))
    fine = max((rough + step / 8 for step in range(-3, 4)), key=lambda angle: _unevenness(ink, angle))
    return ink.rotate(fine, Image.Resampling.BICUBIC)


def _unevenness(ink: Image.Image, angle: float) -> int:
    turned = ink.rotate(angle, Image.Resampling.BILINEAR)
    return sum(value * value for value in (*_rows(turned), *_columns(turned)))


def _window(ink: Image.Image) -> tuple[float, float, float, float]:
    """The frame around the ink's centre that holds two standard deviations to each side."""
    (x, wide), (y, high) = _moments(_columns(ink)), _moments(_rows(ink))
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


def _columns(image: Image.Image) -> bytes:
    return image.resize((image.width, 1), Image.Resampling.BOX).tobytes()


def _mean(image: Image.Image) -> float:
    histogram = image.histogram()
    return sum(level * count for level, count in enumerate(histogram)) / (image.width * image.height)


# Bits -------------------------------------------------------------------------------------------------------
def _bits(written: Image.Image) -> int:
    """The signs of 16 by 16 frequencies of the writing, as one number."""
    grid = (
        written.filter(ImageFilter.GaussianBlur(1.2)).resize((_GRID, _GRID), Image.Resampling.BOX).tobytes()
    )
    # First along each row, then down each column of what came out.
    across = [
        [weight * value for value in _waves(grid[start : start + _GRID])]
        for start, weight in zip(range(0, len(grid), _GRID), _EDGES, strict=True)
    ]
    down = [_waves(column) for column in zip(*across, strict=True)]
    bits = 0
    for values in zip(*down, strict=True):
        for value in values:
            bits = bits << 1 | (value > 0)
    return bits


def _waves(values: Sequence[float]) -> list[float]:
    """How much of each frequency a row has. A wave is the same or the opposite in the other half, so the halves are
    folded first.
    """
    other = values[: _HALF - 1 : -1]
    same = list(map(add, values, other))
    opposite = list(map(sub, values, other))
    return [
        sum(map(mul, cosine, opposite if frequency % 2 else same))
        for frequency, cosine in enumerate(_COSINES, start=_FIRST)
    ]
