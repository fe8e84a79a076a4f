"""The emblems a cover can show, tied on a grid the way a warp ikat is tied.

Here: the drawings and `drawn(name)`, which unfolds one into whole rows. How rows become cloth is `cloth.py`;
the small geometric fillers are `fillers.py`. Motifs are general geometry and everyday things (house, palm,
boat, drum, horse). Clan-owned and ritual patterns are never added here unless the community asks and is
credited.
"""

from __future__ import annotations

Rows = tuple[str, ...]

# "#" undyed cotton, "o" accent, "*" spark, "." ground.
# Drawn to the middle thread: the right half mirrors the left.
_HALF = {
    "house": """
...........#
...........#
..........##
..........#o
.........##o
.........#oo
........##oo
........#o*o
.......##ooo
.......#oooo
......##oo*o
......#ooooo
.....##oooo*
.....#oo*ooo
....##oooooo
....#ooo*oo*
...##ooooooo
...#oo*ooo##
..##ooooo##.
..#ooo*oo#..
.##oooooo#..
.###########""",
    "peak": """
...........#
...........#
..........##
..........#o
.........##o
.........#o*
.........#oo
........##oo
........#oo*
.......##ooo
######.#oooo
.######ooooo
..##ooooo*oo
...##ooooooo
....########
.....#..#..#
.....#..#..#
....##..#..#
..##########""",
    "lontar": """
......##..##
....##.####.
...##.##oo##
..##.##o##o#
..#.##o##o##
.##.#o##o##o
.#.##o#o##o#
.#.#o##o#oo#
...#.#.##.##
...#.#.#..##
.......#...#
...........#
..........##
...........#
..........##
...........#
..........##
...........#
..........##
....##...###
..##########""",
    "sasando": """
.....#......
...##.#...##
..#.##.#.##o
.#.#.##.##o*
.##.#.####oo
#.##.#.##oo*
#.#.##.##ooo
.##.#.###oo*
#.##.####ooo
.#.##.###oo*
.##.#.###ooo
..##.####oo*
..#.#####ooo
...##.###oo*
....#####ooo
.....####oo*
......###ooo
.......##o*o
........####
.........###""",
    "moko": """
..##########
..#o*o*o*o*o
..##########
...#oooooooo
...##o##oo##
....#o#*o#*o
....##oo##oo
.....#oooooo
.....#######
.....#*o*o*o
.....#######
.....#oooooo
....##o##o##
....#oo#*o#o
...##ooooooo
...#########
..#o*o*o*o*o
..##########""",
    "ngadhu": """
...........#
..........##
..........#o
.........##o
........##oo
.......##o*o
......##oooo
....###o*ooo
..###ooooooo
.###########
...#..#..#..
.........#o*
..........##
.........#oo
..........##
.........#o*
..........##
.........#oo
........####
......######""",
    "star": """
...........#
..........##
....#....##o
....##...#oo
...#o##.##oo
....#oo##oo*
.....#oo#o**
.##...##oo**
..####oo#o##
...#ooo**###
.##ooo**##oo
##oo****#o**""",
    "kait": """
...........#
..........##
.####....##o
.#..##..##oo
.#.#.#.##ooo
.#.##.##ooo*
.##..##oo**o
.....#oo*o**
..####o*o***
.##oooo*****
##ooo*o**###
#ooo*o***#oo""",
    "gecko": """
...........#
..........##
.........##o
.........#oo
.#.#.....##o
..##......##
.##.##.....#
.....##...#o
......##.##o
.......###oo
........#oo*
........#ooo
........#oo*
........#ooo
.......###oo
......##.##o
.#.#.##...#o
..###......#
.##........#
...........#
...........#
...........#""",
    "hearth": """
......#...#.
.....##..##.
.....#...#..
......#...#.
......##..##
.......#...#
............
..##########
..#ooooooooo
.##o*o*o*o*o
..#ooooooooo
..##oooooooo
...#########
..##.##..##.
.##..##...##
.#..##.....#
.##########.""",
    "dancers": """
....####....
...##oo##...
...#o**o#...
...##oo##...
....####....
...#o*o*##..
..##o##o*##.
..#oo.#oo##.
..#o*.##o*o#
..#oo..#ooo#
..#o*..##oo#
..##...#oo##
.......#oo#.
......##o##.
......#oo#..
.....##o##..
.....####...""",
}

# Drawn whole: they look one way, and the cloth lets two of them face each other.
_WHOLE = {
    "horse": """
................##......
...............###......
..............##o##.....
.............##oo*##....
............##ooooo##...
............#oo##ooo#...
..#.........#o#..####...
.##........##o#.........
##..#########oo#........
#.###ooooooooo##........
#.#oo*oo*oo*oo#.........
..#oooooooooo##.........
..#oo######oo#..........
..#o##....##o##.........
..#o#......##o#.........
..#o#.......#o##........
..#o##......##o#........
..##o#.......#o#........
...#o#.......#o#........
...###.......###........""",
    "rooster": """
..............#.#.......
.............#####......
.#..........##oo#.......
##...#......#o*o##......
#o#.###.....#ooo####....
#o##ooo#...##oo#........
#oo#oo*o#.##oo##........
##ooooo*o##ooo#.........
.##oo*ooooooo##.........
..##ooo*oo*oo#..........
...##oooooooo#..........
....##oo*oo*##..........
.....##ooooo#...........
......######............
........#.#.............
........#.#.............
.......##.##............
......##.##.............""",
    "boat": """
............#...........
............##..........
............#o#.........
............#oo#........
............#o*o#.......
............#oooo#......
............#oo*oo#.....
............#ooooo##....
............#oo*oooo#...
............########....
............#...........
.#..........#.........#.
.##.........#........##.
.###################.##.
..##oo*ooo*ooo*ooo*oo##.
...##oooooooooooooooo#..
....################....
.##....##....##....##...
#..####..####..####..##.""",
    "fish": """
........................
..........####..........
#.......###oo##.........
##.....##oo*o*###.......
#o##.###oo*o*oo##.......
#oo###o*oo*o*oooo##.....
.#oooo*o*oo*oo##o*##....
.#oo*oo*o*oo*o##oooo#...
.#oooo*o*oo*oo##o*##....
#oo###o*oo*o*oooo##.....
#o##.###oo*o*oo##.......
##.....##oo*o*###.......
#.......###oo##.........
..........####..........""",
}

# Also mirrored top to bottom.
_QUARTER = frozenset({"star", "kait"})

EMBLEMS: tuple[str, ...] = tuple(sorted([*_HALF, *_WHOLE]))


def faces_one_way(name: str) -> bool:
    """Whether the emblem has a left and a right, so that a row of it alternates direction."""
    return name in _WHOLE


def drawn(name: str) -> Rows:
    """Rows of equal length for the emblem; ValueError when there is no such emblem."""
    if name not in EMBLEMS:
        raise ValueError(f"no emblem {name!r}; there are {', '.join(EMBLEMS)}")
    lines = (_HALF.get(name) or _WHOLE[name]).strip("\n").split("\n")
    width = max(map(len, lines))
    rows = [line.ljust(width, ".") for line in lines]
    if name in _HALF:
        rows = [row + row[-2::-1] for row in rows]
    if name in _QUARTER:
        rows += rows[-2::-1]
    return tuple(rows)
