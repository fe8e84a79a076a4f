"""The tree against its published vectors, every proof of small trees, and every way to tamper with one."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.transparency.merkle import (
    EMPTY_ROOT,
    BadProof,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    range_hash_of,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.unit.transparency.builders import Log

MOST = 64
LOG = Log(MOST)
ROOTS = [LOG.root(size) for size in range(MOST + 1)]


def recursive_root(leaves):
    """RFC 6962 section 2.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(recursive_root(leaves[:split]), recursive_root(leaves[split:]))


def test_published_vectors():
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    root = root_of(leaf_hash(entry) for entry in (b"a", b"b", b"c"))
    assert root.hex() == "36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1"


@pytest.mark.parametrize(
    ("size", "root"),
    [
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ],
)
def test_vectors_of_certificate_transparency(size, root):
    data = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    assert root_of(leaf_hash(bytes.fromhex(entry)) for entry in data[:size]).hex() == root


@pytest.mark.parametrize("size", range(MOST + 1))
def test_roots_follow_the_definition(size):
    assert ROOTS[size] == recursive_root(LOG.leaves[:size])


def test_a_frontier_goes_on_where_it_stopped():
    frontier = Frontier()
    for size, leaf in enumerate(LOG.leaves):
        frontier = Frontier(frontier.size, frontier.peaks)
        assert frontier.root() == ROOTS[size]
        frontier.append(leaf)
    with pytest.raises(ValueError, match="every set bit"):
        Frontier(3, [b"x"])


@pytest.mark.parametrize("size", range(1, MOST + 1))
def test_every_inclusion_proof_of_small_trees(size):
    for index in range(size):
        proof = inclusion_proof(index, size, LOG.hash_of)
        verify_inclusion(LOG.leaves[index], index, size, proof, ROOTS[size])


@pytest.mark.parametrize("new", range(MOST + 1))
def test_every_consistency_proof_of_small_trees(new):
    for old in range(new + 1):
        proof = consistency_proof(old, new, LOG.hash_of)
        verify_consistency(old, new, proof, ROOTS[old], ROOTS[new])


@given(st.lists(st.binary(max_size=9), min_size=1, max_size=700), st.data())
def test_proofs_of_any_log(entries, data):
    leaves = [leaf_hash(entry) for entry in entries]
    new = len(leaves)
    index = data.draw(st.integers(0, new - 1))
    old = data.draw(st.integers(0, new))
    hash_of = range_hash_of(leaves)
    verify_inclusion(leaves[index], index, new, inclusion_proof(index, new, hash_of), root_of(leaves))
    proof = consistency_proof(old, new, hash_of)
    verify_consistency(old, new, proof, root_of(leaves[:old]), root_of(leaves))


def flipped(node, bit):
    return (int.from_bytes(node, "big") ^ 1 << bit).to_bytes(32, "big")


def tampered(proof, data):
    """A proof that differs from the right one in one hash, or by one hash."""
    kind = data.draw(st.sampled_from(["flip", "drop", "repeat", "add", "cut"] if proof else ["add"]))
    at = data.draw(st.integers(0, max(0, len(proof) - 1)))
    match kind:
        case "flip":
            return [*proof[:at], flipped(proof[at], data.draw(st.integers(0, 255))), *proof[at + 1 :]]
        case "drop":
            return proof[:at] + proof[at + 1 :]
        case "repeat":
            return [*proof[:at], proof[at], *proof[at:]]
        case "cut":
            return [*proof[:at], proof[at][:-1], *proof[at + 1 :]]
        case _:
            return [*proof, bytes(32)]


@given(st.integers(1, MOST), st.data())
def test_a_tampered_inclusion_proof_is_found(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, LOG.hash_of)
    bit = data.draw(st.integers(0, 255))
    other = data.draw(st.integers(-1, MOST).filter(lambda other: other != index))
    wrong = [
        (LOG.leaves[index], index, size, tampered(proof, data), ROOTS[size]),
        (flipped(LOG.leaves[index], bit), index, size, proof, ROOTS[size]),
        (LOG.leaves[index], index, size, proof, flipped(ROOTS[size], bit)),
        (LOG.leaves[index], other, size, proof, ROOTS[size]),
    ]
    for arguments in wrong:
        with pytest.raises(BadProof):
            verify_inclusion(*arguments)


@given(st.integers(0, MOST), st.data())
def test_a_tampered_consistency_proof_is_found(new, data):
    old = data.draw(st.integers(0, new))
    proof = consistency_proof(old, new, LOG.hash_of)
    bit = data.draw(st.integers(0, 255))
    wrong = [
        (old, new, tampered(proof, data), ROOTS[old], ROOTS[new]),
        (old, new, proof, flipped(ROOTS[old], bit), ROOTS[new]),
        (new + 1, new, proof, ROOTS[old], ROOTS[new]),
        (-1, new, proof, ROOTS[old], ROOTS[new]),
    ]
    if old:  # every tree continues the empty one
        wrong.append((old, new, proof, ROOTS[old], flipped(ROOTS[new], bit)))
    for arguments in wrong:
        with pytest.raises(BadProof):
            verify_consistency(*arguments)


@given(st.integers(1, MOST - 1), st.data())
def test_a_rewritten_history_has_no_proof(old, data):
    new = data.draw(st.integers(old + 1, MOST))
    changed = data.draw(st.integers(0, old - 1))
    leaves = LOG.leaves[:new]
    leaves[changed] = leaf_hash(b"rewritten")
    proof = consistency_proof(old, new, range_hash_of(leaves))
    with pytest.raises(BadProof):
        verify_consistency(old, new, proof, ROOTS[old], root_of(leaves))


def test_proofs_are_asked_for_inside_the_tree():
    for index, size in ((-1, 3), (3, 3), (0, 0)):
        with pytest.raises(ValueError, match="inside the tree"):
            inclusion_proof(index, size, LOG.hash_of)
    for old, new in ((-1, 3), (4, 3)):
        with pytest.raises(ValueError, match="not larger"):
            consistency_proof(old, new, LOG.hash_of)
