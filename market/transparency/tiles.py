"""The tree as C2SP tlog-tiles: static files of 256 hashes, and bundles of the entries themselves.

Paths, widths and bytes only; where tiles are kept and served is not decided here. `range_hash_from_tiles`
turns tiles back into the subtree hashes that `merkle` makes proofs from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from market.transparency.merkle import HASH_BYTES, RangeHash, node_hash, root_of, split_point

HEIGHT = 8
WIDTH = 1 << HEIGHT
MOST_ENTRY_BYTES = 0xFFFF
CHECKPOINT_PATH = "checkpoint"

_MOST_LEVEL = 63
_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/)*[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """Tile `index` of `level` with its first `width` hashes; level None is the bundle of entries."""

    level: int | None
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if not (self.level is None or 0 <= self.level <= _MOST_LEVEL):
            raise ValueError("a tile's level lies between 0 and 63")
        if self.index < 0 or not 1 <= self.width <= WIDTH:
            raise ValueError("a tile has an index from 0 and holds 1 to 256 hashes")

    @property
    def path(self) -> str:
        """Where the tile is served: tile/0/x001/x234/067, tile/entries/000.p/17."""
        digits = str(self.index)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        name = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
        level = "entries" if self.level is None else str(self.level)
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{level}/{name}{partial}"

    @classmethod
    def parse(cls, path: str) -> Tile:
        """The tile of a path. Raises ValueError for every spelling but the one that `path` gives."""
        match = _PATH.fullmatch(path)
        if match is None:
            raise ValueError("this is not the path of a tile")
        level = None if match["level"] == "entries" else int(match["level"])
        index = int(match["index"].replace("x", "").replace("/", ""))
        tile = cls(level, index, int(match["width"] or WIDTH))
        if tile.path != path:
            raise ValueError("a tile has one path only")
        return tile

    def exists_in(self, size: int) -> bool:
        """Whether a tree of `size` leaves has this tile, at this width or a greater one."""
        hashes = size >> HEIGHT * (self.level or 0)
        return self.index * WIDTH + self.width <= hashes


def tiles_of(size: int) -> Iterator[Tile]:
    """Every tile of a tree of `size` leaves, level by level, partial ones last in their level."""
    level, hashes = 0, size
    while hashes:
        for index in range(hashes // WIDTH):
            yield Tile(level, index)
        if hashes % WIDTH:
            yield Tile(level, hashes // WIDTH, hashes % WIDTH)
        level, hashes = level + 1, hashes // WIDTH


def new_tiles(old: int, new: int) -> Iterator[Tile]:
    """The tiles of the larger tree that the smaller one did not have in this width."""
    level, before, after = 0, old, new
    while after:
        for index in range(before // WIDTH, -(-after // WIDTH)):
            width = min(WIDTH, after - index * WIDTH)
            if index * WIDTH + width > before:
                yield Tile(level, index, width)
        level, before, after = level + 1, before // WIDTH, after // WIDTH


def encode_tile(tile: Tile, hash_of: RangeHash) -> bytes:
    """The bytes of a hash tile, from the subtree hashes of a tree that has it."""
    if tile.level is None:
        raise ValueError("a bundle of entries holds no hashes")
    span = 1 << HEIGHT * tile.level
    first = tile.index * WIDTH
    return b"".join(hash_of((first + i) * span, (first + i + 1) * span) for i in range(tile.width))


def decode_tile(data: bytes) -> list[bytes]:
    """The hashes of a tile. Raises ValueError unless there are 1 to 256 whole ones."""
    if not data or len(data) % HASH_BYTES or len(data) > WIDTH * HASH_BYTES:
        raise ValueError("a tile is 1 to 256 hashes of 32 bytes")
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Entries, each behind its length in two bytes, most significant first."""
    if not 1 <= len(entries) <= WIDTH or any(len(entry) > MOST_ENTRY_BYTES for entry in entries):
        raise ValueError("a bundle holds 1 to 256 entries of at most 65,535 bytes")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises ValueError when a length does not fit."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        start, at = at + 2, at + 2 + length
        if start > len(data) or at > len(data) or len(entries) == WIDTH:
            raise ValueError("the bundle is cut off or too long")
        entries.append(data[start:at])
    return entries


def range_hash_from_tiles(size: int, read: Callable[[Tile], bytes]) -> RangeHash:
    """Subtree hashes of a tree of `size` leaves, reading only tiles (each range at most two per level).

    `read` returns the bytes of a tile of that tree; a tile with too few hashes raises ValueError.
    """

    def hash_of(start: int, end: int) -> bytes:
        length = end - start
        if length & (length - 1) == 0 and start % length == 0:
            return _complete(start, length)
        middle = start + split_point(length)
        return node_hash(hash_of(start, middle), hash_of(middle, end))

    def _complete(start: int, length: int) -> bytes:
        level = (length.bit_length() - 1) // HEIGHT
        span = 1 << HEIGHT * level
        index, first = divmod(start // span, WIDTH)
        tile = Tile(level, index, min(WIDTH, (size // span) - index * WIDTH))
        hashes = decode_tile(read(tile))
        count = length // span
        if len(hashes) < first + count:
            raise ValueError(f"{tile.path} holds too few hashes")
        return root_of(hashes[first : first + count])

    return hash_of
