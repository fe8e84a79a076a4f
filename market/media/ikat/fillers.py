"""Small geometry between the emblems: lozenges, chevrons, dashes, seeds. Grids in, grids out; no SVG.

A grid is a tuple of equally long strings in the alphabet of `motifs.py`.
"""

from __future__ import annotations

from random import Random

from market.media.ikat.motifs import Rows

_SEEDS = (
    ((0, 0),),
    ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)),
    ((1, 1), (-1, -1), (1, -1), (-1, 1)),
)


def padded(rows: Rows, width: int, height: int) -> Rows:
    """The grid in the middle of an empty one; what is taller than `height` loses its last rows."""
    left = (width - len(rows[0])) // 2
    right = width - len(rows[0]) - left
    top = (height - len(rows)) // 2
    blank = "." * width
    body = ["." * left + row + "." * right for row in rows]
    return tuple([blank] * top + body + [blank] * (height - len(rows) - top))[:height]


def beside(*grids: Rows) -> Rows:
    """Grids of equal height, joined left to right."""
    return tuple("".join(parts) for parts in zip(*grids, strict=True))


def lozenge(width: int, height: int, rings: str) -> Rows:
    """Nested diamonds; `rings` lists their threads from the middle outward."""
    cx, cy = (width - 1) / 2, (height - 1) / 2

    def cell(x: int, y: int) -> str:
        ring = int((abs(x - cx) / (width / 2) + abs(y - cy) / (height / 2)) * len(rings))
        return rings[ring] if ring < len(rings) else "."

    return tuple("".join(cell(x, y) for x in range(width)) for y in range(height))


def chevron(width: int, height: int, unit: str) -> Rows:
    """The unit repeated, leaning towards the middle row from both sides."""
    cy = (height - 1) / 2
    return tuple(
        "".join(unit[int(x + abs(y - cy) * 1.5) % width % len(unit)] for x in range(width))
        for y in range(height)
    )


def dashes(width: int, height: int, rng: Random) -> Rows:
    """Equal rows of one of a few broken lines."""
    unit = rng.choice(["##..", "###...", "#.#...", "##.o.", "#*#..."])
    return ("".join(unit[x % len(unit)] for x in range(width)),) * height


def framed(rows: Rows, rng: Random) -> Rows:
    """Small seeds in the empty ground, and a tied edge along both sides."""
    width = len(rows[0])
    step = rng.choice((6, 7, 8))
    sown = _sown(rows, step, rng.choice(_SEEDS))
    unit = rng.choice(("##..", "#.o.", "##o.", "#*#."))
    edge = "".join(unit[x % len(unit)] for x in range(width))
    return (edge, *sown, edge)


def _sown(rows: Rows, step: int, seed: tuple[tuple[int, int], ...]) -> Rows:
    cells = [list(row) for row in rows]
    height, width = len(cells), len(cells[0])
    pitch = step - 2
    for y in range(3, height - 2, pitch):
        for x in range((y // pitch) % 2 * (step // 2), width, step):
            if not _is_clear(cells, x, y):
                continue
            for dx, dy in seed:
                if 0 <= y + dy < height:
                    cells[y + dy][(x + dx) % width] = "o" if dx or dy else "#"
    return tuple("".join(row) for row in cells)


def _is_clear(cells: list[list[str]], x: int, y: int) -> bool:
    width = len(cells[0])
    near = cells[max(0, y - 3) : y + 4]
    return all(row[column % width] == "." for row in near for column in range(x - 3, x + 4))
