"""The stored tree: subtree hashes out of the rows, and the proofs made from them.

Leaf hashes stand with their entries, those of complete subtrees in `log_node`. Writing them is `log`'s business.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from market import db
from market.transparency.merkle import HASH_BYTES, RangeHash, consistency_proof, node_hash, split_point

T = TypeVar("T")


async def consistency(old: int, new: int) -> list[bytes]:
    """The proof that the tree of `old` entries is the beginning of the tree of `new` entries."""
    return await with_hashes(lambda hash_of: consistency_proof(old, new, hash_of))


async def with_hashes(make: Callable[[RangeHash], T]) -> T:
    """What `make` makes out of subtree hashes of the stored tree, with two queries at most.

    `make` is called twice: first to learn which ranges it asks for, then with their hashes.
    """
    wanted: set[tuple[int, int]] = set()

    def note(start: int, end: int) -> bytes:
        wanted.update(_complete_parts(start, end))
        return bytes(HASH_BYTES)

    make(note)
    known = await _stored(wanted)

    def hash_of(start: int, end: int) -> bytes:
        length = end - start
        if length & (length - 1) == 0:
            return known[length.bit_length() - 1, start // length]
        middle = start + split_point(length)
        return node_hash(hash_of(start, middle), hash_of(middle, end))

    return make(hash_of)


async def level_hashes(level: int, first: int, count: int) -> list[bytes]:
    """Consecutive subtree hashes of one level, as many as there are."""
    table = (
        "SELECT leaf_hash AS hash FROM log_entry WHERE"
        if level == 0
        else "SELECT hash FROM log_node WHERE level = $3 AND"
    )
    rows = await db.fetch(
        f"{table} position >= $1 AND position < $2 ORDER BY position",
        first,
        first + count,
        *([level] if level else []),
    )
    return [bytes.fromhex(row["hash"]) for row in rows]


async def leaves(first: int, count: int) -> list[bytes]:
    """Consecutive entries as they are hashed and served."""
    rows = await db.fetch(
        "SELECT leaf FROM log_entry WHERE position >= $1 AND position < $2 ORDER BY position",
        first,
        first + count,
    )
    return [row["leaf"].encode() for row in rows]


def _complete_parts(start: int, end: int) -> list[tuple[int, int]]:
    """The complete subtrees (level, number in the level) that make up a range of a tree."""
    length = end - start
    if length & (length - 1) == 0:
        return [(length.bit_length() - 1, start // length)]
    middle = start + split_point(length)
    return [*_complete_parts(start, middle), *_complete_parts(middle, end)]


async def _stored(wanted: set[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    leaf_positions = sorted(position for level, position in wanted if level == 0)
    inner = sorted(part for part in wanted if part[0])
    known: dict[tuple[int, int], bytes] = {}
    if leaf_positions:
        places = ", ".join(f"${n}" for n in range(1, len(leaf_positions) + 1))
        rows = await db.fetch(
            f"SELECT position, leaf_hash FROM log_entry WHERE position IN ({places})", *leaf_positions
        )
        known |= {(0, row["position"]): bytes.fromhex(row["leaf_hash"]) for row in rows}
    if inner:
        either = " OR ".join(f"(level = ${2 * n + 1} AND position = ${2 * n + 2})" for n in range(len(inner)))
        numbers = [number for part in inner for number in part]
        rows = await db.fetch(f"SELECT level, position, hash FROM log_node WHERE {either}", *numbers)
        known |= {(row["level"], row["position"]): bytes.fromhex(row["hash"]) for row in rows}
    return known
