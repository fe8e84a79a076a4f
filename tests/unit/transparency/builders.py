"""A small log in memory for the tests of the tree, its tiles and its proofs."""

from __future__ import annotations

import hashlib

from market.transparency.merkle import leaf_hash, range_hash_of, root_of
from market.transparency.notes import Signer

SIGNER = Signer("log.example/benang", hashlib.sha256(b"test key").digest())
OTHER = Signer("witness.example/one", hashlib.sha256(b"other key").digest())


def entries(count: int) -> list[bytes]:
    """Entries that are all different."""
    return [f"entry {number}".encode() for number in range(count)]


class Log:
    """Entries with their leaf hashes; `root(n)` is the root of the first n."""

    def __init__(self, count: int) -> None:
        self.entries = entries(count)
        self.leaves = [leaf_hash(entry) for entry in self.entries]
        self.hash_of = range_hash_of(self.leaves)

    def root(self, size: int) -> bytes:
        return root_of(self.leaves[:size])
