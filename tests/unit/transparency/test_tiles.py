"""Tiles: paths by the letter of the format, widths, bytes, and proofs made from nothing but tiles."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.transparency.merkle import consistency_proof, inclusion_proof, root_of
from market.transparency.tiles import (
    Tile,
    decode_bundle,
    decode_tile,
    encode_bundle,
    encode_tile,
    new_tiles,
    range_hash_from_tiles,
    tiles_of,
)
from tests.unit.transparency.builders import Log

LOG = Log(70_000)


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 1_234_067), "tile/0/x001/x234/067"),
        (Tile(1, 1_000), "tile/1/x001/000"),
        (Tile(2, 0, 1), "tile/2/000.p/1"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(None, 5), "tile/entries/005"),
        (Tile(None, 999_999, 17), "tile/entries/x999/999.p/17"),
        (Tile(63, 0), "tile/63/000"),
    ],
)
def test_paths(tile, path):
    assert tile.path == path
    assert Tile.parse(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0", "tile/00/000", "tile/64/000", "tile/0/x000/001", "tile/0/001.p/0", "tile/0/001.p/256",
        "tile/0/001.p/01", "tile/0/x001", "tile/0/001/002", "tile/-1/000", "tile/0/001.p/", "/tile/0/001",
        "tile/0/001\n", "tile/0/00١", "tile/data/000", "", "tile/0/001.p/999",
    ],
)  # fmt: skip
def test_other_spellings_are_no_paths(path):
    with pytest.raises(ValueError, match="tile"):
        Tile.parse(path)


@given(st.none() | st.integers(0, 63), st.integers(0, 10**12), st.integers(1, 256))
def test_paths_and_back(level, index, width):
    tile = Tile(level, index, width)
    assert Tile.parse(tile.path) == tile


@pytest.mark.parametrize(
    ("level", "index", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)]
)
def test_impossible_tiles(level, index, width):
    with pytest.raises(ValueError, match="a tile"):
        Tile(level, index, width)


def test_the_tiles_of_seventy_thousand_entries():
    tiles = list(tiles_of(70_000))
    by_level = [[tile for tile in tiles if tile.level == level] for level in range(4)]
    assert [len(level) for level in by_level] == [274, 2, 1, 0]
    assert by_level[0][-1] == Tile(0, 273, 112)
    assert by_level[1] == [Tile(1, 0), Tile(1, 1, 17)]
    assert by_level[2] == [Tile(2, 0, 1)]
    assert list(tiles_of(256)) == [Tile(0, 0), Tile(1, 0, 1)]
    assert list(tiles_of(0)) == []


@given(st.integers(0, 70_000), st.integers(0, 70_000))
def test_new_tiles_are_those_the_smaller_tree_lacked(old, new):
    before = set(tiles_of(old))
    assert set(new_tiles(old, new)) == {tile for tile in tiles_of(new) if tile not in before} or old > new
    assert all(tile.exists_in(new) for tile in tiles_of(new))
    assert not any(tile.exists_in(old) for tile in new_tiles(old, new))


def test_tile_bytes():
    tile = Tile(0, 1, 3)
    data = encode_tile(tile, LOG.hash_of)
    assert decode_tile(data) == LOG.leaves[256:259]
    above = encode_tile(Tile(1, 0, 2), LOG.hash_of)
    assert decode_tile(above) == [root_of(LOG.leaves[:256]), root_of(LOG.leaves[256:512])]
    for wrong in (b"", b"x" * 31, b"x" * 257 * 32):
        with pytest.raises(ValueError, match="1 to 256 hashes"):
            decode_tile(wrong)
    with pytest.raises(ValueError, match="no hashes"):
        encode_tile(Tile(None, 0, 1), LOG.hash_of)


@given(st.lists(st.binary(max_size=70), min_size=1, max_size=256))
def test_bundles_and_back(entries):
    assert decode_bundle(encode_bundle(entries)) == entries


@pytest.mark.parametrize("data", [b"\x00", b"\x00\x02a", b"\x00\x01ab", b"\x00\x00" * 257])
def test_broken_bundles(data):
    with pytest.raises(ValueError, match="cut off or too long"):
        decode_bundle(data)


@pytest.mark.parametrize("entries", [[], [b""] * 257, [b"x" * 65_536]])
def test_impossible_bundles(entries):
    with pytest.raises(ValueError, match="a bundle holds"):
        encode_bundle(entries)


STORED = {tile: encode_tile(tile, LOG.hash_of) for tile in tiles_of(len(LOG.leaves))}


def test_the_root_from_tiles_alone():
    assert range_hash_from_tiles(70_000, STORED.__getitem__)(0, 70_000) == LOG.root(70_000)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 69_999), st.integers(0, 70_000))
def test_proofs_from_tiles_alone(index, old):
    size = len(LOG.leaves)
    read = []
    from_tiles = range_hash_from_tiles(size, lambda tile: read.append(tile) or STORED[tile])
    assert inclusion_proof(index, size, from_tiles) == inclusion_proof(index, size, LOG.hash_of)
    assert consistency_proof(old, size, from_tiles) == consistency_proof(old, size, LOG.hash_of)
    assert all(tile in STORED for tile in read)


def test_a_tile_with_too_few_hashes():
    short = range_hash_from_tiles(300, lambda _: STORED[Tile(0, 1)][: 32 * 3])
    with pytest.raises(ValueError, match="too few hashes"):
        short(256, 264)
