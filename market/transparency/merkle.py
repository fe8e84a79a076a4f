"""The RFC 6962 Merkle tree: leaf and node hashes, roots, inclusion and consistency proofs.

Pure functions on bytes. Proofs are made from any source of subtree hashes (`RangeHash`): a list in memory
here, tiles in `tiles`, rows elsewhere. `verify_script` repeats the verifying half on its own, on purpose.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

# The hash of leaves [start, end) as a tree of its own. Asked only for ranges of a tree, never for empty ones.
RangeHash = Callable[[int, int], bytes]


class BadProof(ValueError):
    """The proof does not show what it claims; the words say which part failed."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one log entry (RFC 6962 section 2.1: prefix 0)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node (prefix 1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def split_point(size: int) -> int:
    """The largest power of two below `size` (size >= 2): how many leaves lie in the left subtree."""
    return 1 << (size - 1).bit_length() - 1


# --- roots -----------------------------------------------------------------------------------------------


class Frontier:
    """The right edge of a growing tree: appends in constant memory per level and knows the root at any time.

    `peaks` are the roots of the complete subtrees from left to right; with `size` they are the whole state.
    """

    __slots__ = ("peaks", "size")

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        self.size = size
        self.peaks = list(peaks)
        if size < 0 or len(self.peaks) != size.bit_count():
            raise ValueError("a tree has one complete subtree for every set bit of its size")

    def append(self, leaf: bytes) -> list[bytes]:
        """Add the hash of the next leaf; the subtrees it completes, from level 1 up.

        The subtree of level n that leaf `i` completes is number `i >> n` of its level.
        """
        node, merged = leaf, self.size
        completed: list[bytes] = []
        while merged & 1:
            node = node_hash(self.peaks.pop(), node)
            completed.append(node)
            merged >>= 1
        self.peaks.append(node)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """The tree hash of everything appended so far."""
        if not self.peaks:
            return EMPTY_ROOT
        node = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            node = node_hash(peak, node)
        return node


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The tree hash of leaf hashes, in one pass."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def range_hash_of(leaves: Sequence[bytes]) -> RangeHash:
    """Subtree hashes from leaf hashes in memory."""
    return lambda start, end: root_of(leaves[start:end])


# --- making proofs ---------------------------------------------------------------------------------------


def inclusion_proof(index: int, size: int, hash_of: RangeHash) -> list[bytes]:
    """The audit path of leaf `index` in the tree of `size` leaves, from the leaf's sibling up."""
    if not 0 <= index < size:
        raise ValueError("the leaf lies inside the tree")
    return _path(index, 0, size, hash_of)


def _path(index: int, start: int, end: int, hash_of: RangeHash) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + split_point(end - start)
    if index < middle:
        return [*_path(index, start, middle, hash_of), hash_of(middle, end)]
    return [*_path(index, middle, end, hash_of), hash_of(start, middle)]


def consistency_proof(old: int, new: int, hash_of: RangeHash) -> list[bytes]:
    """The proof that the tree of `old` leaves is the beginning of the tree of `new` leaves.

    Empty for equal sizes and for an empty old tree, which is the beginning of every tree.
    """
    if not 0 <= old <= new:
        raise ValueError("the old tree is not larger than the new one")
    if old in {0, new}:
        return []
    return _subproof(old, 0, new, hash_of, old_is_whole=True)


def _subproof(old: int, start: int, end: int, hash_of: RangeHash, *, old_is_whole: bool) -> list[bytes]:
    if old == end:
        return [] if old_is_whole else [hash_of(start, end)]
    middle = start + split_point(end - start)
    if old <= middle:
        inner = _subproof(old, start, middle, hash_of, old_is_whole=old_is_whole)
        return [*inner, hash_of(middle, end)]
    return [*_subproof(old, middle, end, hash_of, old_is_whole=False), hash_of(start, middle)]


# --- verifying proofs ------------------------------------------------------------------------------------


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return quietly if the leaf hash stands at `index` in the tree of that size and root, else BadProof."""
    if not 0 <= index < size:
        raise BadProof("the leaf does not lie inside the tree")
    found = leaf
    for sibling, on_the_left in _climb(index, size - 1, proof):
        found = node_hash(sibling, found) if on_the_left else node_hash(found, sibling)
    if found != root:
        raise BadProof("the entry is not in the tree with this root")


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Return quietly if the old tree is the beginning of the new one, else BadProof."""
    if not 0 <= old <= new:
        raise BadProof("the old tree is larger than the new one")
    if old in {0, new}:
        _check_trivial(old, new, proof, old_root, new_root)
        return
    # A complete old tree is itself the first node, which the proof then does not repeat.
    first, *siblings = [old_root, *proof] if old & (old - 1) == 0 else [*proof] or [b""]
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    from_old = from_new = first
    for sibling, on_the_left in _climb(node, last, siblings):
        if on_the_left:
            from_old, from_new = node_hash(sibling, from_old), node_hash(sibling, from_new)
        else:
            from_new = node_hash(from_new, sibling)
    if from_old != old_root:
        raise BadProof("the proof does not lead to the old root")
    if from_new != new_root:
        raise BadProof("the proof does not lead to the new root")


def _climb(node: int, last: int, siblings: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each sibling on the way from `node` to the root, and whether it stands on the left.

    Raises BadProof at the end unless there are exactly as many siblings as the tree has levels to climb.
    """
    for sibling in siblings:
        if len(sibling) != HASH_BYTES:
            raise BadProof("a hash in the proof does not have 32 bytes")
        if last == 0:
            raise BadProof("the proof is too long")
        on_the_left = bool(node & 1) or node == last
        yield sibling, on_the_left
        while on_the_left and node and not node & 1:  # levels at which the right edge has no sibling
            node, last = node >> 1, last >> 1
        node, last = node >> 1, last >> 1
    if last != 0:
        raise BadProof("the proof is too short")


def _check_trivial(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    if proof:
        raise BadProof("the proof is too long")
    if old == 0 and old_root != EMPTY_ROOT:
        raise BadProof("the old root is not that of an empty tree")
    if old == new and old_root != new_root:
        raise BadProof("two trees of one size have two roots")
