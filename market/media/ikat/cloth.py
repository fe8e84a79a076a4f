"""An ikat cloth laid out from a slug: which thread is dyed where. How it is painted is `svg.py` and `raster.py`.

How a real warp ikat is made decides how it is drawn. The warp lies along x and every thread is one
horizontal line. A motif is tied on bundles of threads, so it is stepped. Dye creeps under the ties and
threads slip on the loom, so edges feather along the warp only and stay crisp across it. Ikat bands alternate
with plain stripes, mirrored about the centre band. Motifs are in `motifs.py`, their dyes in `palettes.py`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from random import Random
from typing import Literal

from market.media.ikat.fillers import beside, chevron, dashes, framed, lozenge, padded
from market.media.ikat.motifs import Rows, drawn, faces_one_way
from market.media.ikat.palettes import palette

_CELL = 4  # units of one grid cell
_THREAD = 2  # thread pitch: two threads to a cell
_MAIN_SCALE = 1.5  # the middle band is woven larger than the rest
_SHORTEST = 0.8  # runs below this are not worth a thread
_DRAWING_ORDER = ("o", "*", "#")  # undyed cotton lies on top


@dataclass(frozen=True, slots=True)
class Run:
    """One visible stretch of one thread, from the tile's corner."""

    x: float
    y: float
    length: float


@dataclass(frozen=True, slots=True)
class Tile:
    """A piece of a band that repeats along the warp: what stays undyed, and in which colours, bottom layer first."""

    left: int
    width: float
    height: int
    scale: float
    layers: tuple[tuple[str, str, tuple[Run, ...]], ...]  # grid sign, colour, threads


@dataclass(frozen=True, slots=True)
class Area:
    """A strip over the whole width: its ground, and the tile woven over it if it is an ikat band."""

    top: float
    height: float
    colour: str
    tile: Tile | None = None


@dataclass(frozen=True, slots=True)
class _Band:
    """The grid of the middle band, and the cell that belongs on the centre line."""

    rows: Rows
    focus: float


@dataclass(frozen=True, slots=True)
class _Strip:
    """One strip of the stack on either side of the middle: plain stripes, or a narrow or tiny ikat band."""

    kind: Literal["stripes", "narrow", "tiny"]
    height: int
    rows: Rows = ()


class Cloth:
    """One cloth. The order of random draws is part of the promise: another order is another cloth."""

    def __init__(self, slug: str, place: str, emblem: str | None, width: int, height: int) -> None:
        seed = int.from_bytes(hashlib.sha256(slug.encode()).digest()[:8], "big")
        self._rng = Random(seed)  # noqa: S311 - a pattern, not a secret
        self._dyes = palette(place)
        self._width, self._height, self._emblem = width, height, emblem
        self._areas: list[Area] = []

    def areas(self) -> list[Area]:
        """The strips in the order in which they are painted over each other."""
        middle = self._middle_band()
        narrow, tiny = self._narrow_bands()
        middle_height = int(len(middle.rows) * _CELL * _MAIN_SCALE)
        centre = self._height * self._rng.choice((0.5, 0.5, 0.56))
        top = round(centre - middle_height / 2)
        self._areas.append(Area(0, self._height, self._dyes.ground))
        self._weave(top, middle.rows, self._dyes.ground, repeats=1, scale=_MAIN_SCALE, focus=middle.focus)
        strips = self._strips(narrow, tiny)
        state = self._rng.getstate()
        self._stack_up(top, strips)
        self._rng.setstate(state)  # the same threads again, so that both sides mirror
        self._stack_down(top + middle_height, strips)
        return self._areas

    def _middle_band(self) -> _Band:
        rng = self._rng
        height = rng.choice((26, 27, 28))
        emblem = self._emblem or rng.choice(["star", "kait", "gecko", "lontar", "boat"])
        side = rng.choice([name for name in ("star", "kait", "loz", "loz2") if name != emblem])
        rows = drawn(emblem)
        width = len(rows[0]) + rng.choice((3, 5))
        figure = padded(rows, width, height)
        match side:
            case "loz":
                between = padded(lozenge(17, 23, "*o#.#o"), 19, height)
            case "loz2":
                between = padded(lozenge(13, 27, "#*#o.o#"), 15, height)
            case _:
                between = padded(drawn(side), 25, height)
        if not faces_one_way(emblem):
            return _Band(framed(beside(figure, between), rng), width / 2)
        mirrored = tuple(row[::-1] for row in figure)
        return _Band(framed(beside(figure, between, mirrored), rng), width + len(between[0]) / 2)

    def _narrow_bands(self) -> tuple[Rows, Rows]:
        rng = self._rng
        width = rng.choice((8, 10, 12, 14))
        narrow = rng.choice(
            [
                lozenge(width, rng.choice((7, 9)), rng.choice(["#o.#", "*#.#", "#.o#", "o*#"])),
                chevron(8, rng.choice((6, 7)), rng.choice(["##..oo..", "##..**..", "##....oo"])),
                lozenge(width, 7, "#*#o"),
            ]
        )
        return narrow, dashes(12, rng.choice((2, 3)), rng)

    def _strips(self, narrow: Rows, tiny: Rows) -> list[_Strip]:
        """The stack beside the middle band, more of it than any cover shows."""
        rng = self._rng
        narrow_band = _Strip("narrow", len(narrow) * _CELL, narrow)
        tiny_band = _Strip("tiny", len(tiny) * _CELL, tiny)
        return [
            _Strip("stripes", rng.choice((10, 14))),
            narrow_band,
            _Strip("stripes", rng.choice((8, 12))),
            tiny_band,
            _Strip("stripes", rng.choice((18, 26))),
            narrow_band,
            _Strip("stripes", 14),
            tiny_band,
            _Strip("stripes", 30),
        ] * 3

    def _stack_up(self, bottom: int, strips: list[_Strip]) -> None:
        for strip in strips:
            bottom -= strip.height
            self._lay(bottom, strip)

    def _stack_down(self, top: int, strips: list[_Strip]) -> None:
        for strip in strips:
            self._lay(top, strip)
            top += strip.height

    def _lay(self, top: int, strip: _Strip) -> None:
        if top >= self._height or top + strip.height <= 0:
            return
        match strip.kind:
            case "stripes":
                self._stripe(top, strip.height)
            case "narrow":
                self._weave(top, strip.rows, self._dyes.ground_2)
            case "tiny":
                self._weave(top, strip.rows, self._dyes.ground)

    def _stripe(self, top: float, height: int) -> None:
        """Plain warp stripes, mirrored about their own middle."""
        rng, dyes = self._rng, self._dyes
        end = top + height
        colours = rng.choice(
            [
                (dyes.ground_2, dyes.spark, dyes.ground_2, dyes.ground),
                (dyes.accent, dyes.ground, dyes.ecru, dyes.ground, dyes.accent),
                (dyes.ground_2, dyes.accent, dyes.spark, dyes.accent, dyes.ground_2),
                (dyes.ground, dyes.ecru, dyes.accent, dyes.ecru, dyes.ground),
            ]
        )
        weights = [rng.choice((1, 2, 3)) for _ in colours]
        weights = [one + other for one, other in zip(weights, weights[::-1], strict=True)]
        unit = height / sum(weights)
        for colour, weight in zip(colours, weights, strict=True):
            drawn_height = min(weight * unit + 0.4, end - top)  # a hair of overlap hides the seam
            self._areas.append(Area(top, drawn_height, colour))
            top += weight * unit

    def _weave(
        self,
        top: int,
        rows: Rows,
        ground: str,
        *,
        repeats: int = 2,
        scale: float = 1,
        focus: float | None = None,
    ) -> None:
        """Repeat a grid along the warp from `top` down, over its own ground.

        A tile holds `repeats` copies with threads slipped differently, so that the eye finds no seam.
        """
        cell = _CELL * scale
        period = cell * len(rows[0])
        tile = period * repeats
        middle = focus * cell if focus else period / 2
        left = round((self._width / 2 - middle) % tile - tile)
        height = int(cell * len(rows))
        runs = self._threads(rows, repeats, scale)
        colours = {"o": self._dyes.accent, "*": self._dyes.spark, "#": self._dyes.ecru}
        layers = tuple((sign, colours[sign], tuple(runs[sign])) for sign in _DRAWING_ORDER if runs[sign])
        self._areas.append(Area(top, height, ground, Tile(left, tile, height, scale, layers)))

    def _threads(self, rows: Rows, repeats: int, scale: float) -> dict[str, list[Run]]:
        rng = self._rng
        cell, pitch = _CELL * scale, _THREAD * scale
        runs: dict[str, list[Run]] = {"#": [], "o": [], "*": []}
        for thread in range(int(int(cell * len(rows)) / pitch)):
            line = rows[min(int(thread * pitch / cell), len(rows) - 1)] * repeats
            slip = rng.gauss(0, 0.55)
            for sign, start, end in _stretches(line):
                if sign == ".":
                    continue
                left = start * cell + slip + rng.gauss(0, 0.75)
                right = end * cell + slip + rng.gauss(0, 0.75)
                if right - left > _SHORTEST:
                    runs[sign].append(Run(left, thread * pitch + pitch / 2, right - left))
        return runs


def _stretches(line: str) -> list[tuple[str, int, int]]:
    """Runs of one sign: (sign, first cell, cell after the last)."""
    found: list[tuple[str, int, int]] = []
    start = 0
    for end in range(1, len(line) + 1):
        if end == len(line) or line[end] != line[start]:
            found.append((line[start], start, end))
            start = end
    return found
