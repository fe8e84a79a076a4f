"""What somebody brings to be checked (a certificate, a checkpoint, a proof, an entry), and what became of it.

It is compared with the stored log, so it says what this server knows; checking without trusting the server is the
public script's and the browser's part.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from market.transparency import certificates, log
from market.transparency.certificates import Result, Standing, Step
from market.transparency.checkpoint import Checkpoint, InclusionProof, open_checkpoint
from market.transparency.entries import Leaf
from market.transparency.merkle import EMPTY_ROOT, BadProof, leaf_hash
from market.transparency.notes import BadNote, Verifier
from market.transparency.stored_tree import with_hashes


class Brought(StrEnum):
    """What was recognised."""

    CERTIFICATE = "certificate"
    CHECKPOINT = "checkpoint"
    PROOF = "proof"
    ENTRY = "entry"
    UNKNOWN = "unknown"


class Check(StrEnum):
    """One thing that was looked at."""

    FACTS = "facts"
    SIGNATURE = "signature"
    INCLUSION = "inclusion"
    SAME_ENTRY = "same_entry"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was brought, each check with its outcome, and the entry it is about."""

    brought: Brought
    checks: tuple[tuple[Check, bool], ...] = ()
    facts: Mapping[str, Any] | None = None
    entry: log.Entry | None = None
    standing: Standing | None = None
    checkpoint: Checkpoint | None = None

    @property
    def holds(self) -> bool:
        return bool(self.checks) and all(passed for _, passed in self.checks)


async def check(text: str, trusted: Sequence[Verifier], origin: str) -> Finding:
    """Recognise a text and check it against the stored log."""
    text = text.strip() + "\n"
    if text.startswith("c2sp.org/tlog-proof@"):
        return await _proof(text, trusted, origin)
    if '"certificate"' in text:
        return await _certificate(text, trusted, origin)
    if text.startswith("{"):
        return await _entry(text.strip())
    if "\n— " in text:
        return await _checkpoint(text, trusted, origin)
    return Finding(Brought.UNKNOWN)


async def printed(index: int, leaf_start: str, trusted: Sequence[Verifier], origin: str) -> Finding:
    """The entry a printed certificate names, by position and the first digits of its hash."""
    entry = await log.get_entry(index)
    same = entry is not None and len(leaf_start) >= 8 and entry.leaf_hash_hex.startswith(leaf_start)
    checks = [(Check.SAME_ENTRY, same)]
    found = await log.entry_with_proof(index)
    checkpoint = None
    if same and found is not None:
        more, checkpoint = _against_proof(found[1], found[0].leaf_bytes, trusted, origin)
        checks += more
    standing = await certificates.standing(index) if same else None
    return Finding(
        Brought.ENTRY, tuple(checks), entry=entry if same else None, standing=standing, checkpoint=checkpoint
    )


async def still_history(checkpoint: Checkpoint) -> bool:
    """Whether the stored log begins with exactly what this checkpoint covers."""
    if checkpoint.size > await log.size():
        return False
    if checkpoint.size == 0:
        return checkpoint.root == EMPTY_ROOT
    return await with_hashes(lambda hash_of: hash_of(0, checkpoint.size)) == checkpoint.root


_STEPS = {Step.FACTS: Check.FACTS, Step.SIGNATURE: Check.SIGNATURE, Step.INCLUSION: Check.INCLUSION}


async def _certificate(text: str, trusted: Sequence[Verifier], origin: str) -> Finding:
    result: Result = certificates.check_certificate(text.encode(errors="replace"), trusted, origin=origin)
    if result.leaf is None or result.index is None:
        return Finding(Brought.UNKNOWN)
    checks = [(check, True) for step, check in _STEPS.items() if step in result.passed]
    if result.failed is not None:
        checks.append((_STEPS[result.failed], False))
    kept = await log.get_entry(result.index)
    same = kept is not None and kept.leaf_bytes == result.leaf.encode()
    checks.append((Check.SAME_ENTRY, same))
    if result.checkpoint is not None:
        checks.append((Check.HISTORY, await still_history(result.checkpoint)))
    standing = await certificates.standing(result.index) if same else None
    return Finding(
        Brought.CERTIFICATE, tuple(checks), result.facts, kept if same else None, standing, result.checkpoint
    )


async def _checkpoint(text: str, trusted: Sequence[Verifier], origin: str) -> Finding:
    try:
        checkpoint = open_checkpoint(text, trusted, origin=origin)
    except BadNote:
        return Finding(Brought.CHECKPOINT, ((Check.SIGNATURE, False),))
    checks = ((Check.SIGNATURE, True), (Check.HISTORY, await still_history(checkpoint)))
    return Finding(Brought.CHECKPOINT, checks, checkpoint=checkpoint)


async def _proof(text: str, trusted: Sequence[Verifier], origin: str) -> Finding:
    try:
        proof = InclusionProof.parse(text)
    except ValueError:
        return Finding(Brought.UNKNOWN)
    entry = await log.get_entry(proof.index)
    if entry is None:
        return Finding(Brought.PROOF, ((Check.SAME_ENTRY, False),))
    checks, checkpoint = _against_proof(proof, entry.leaf_bytes, trusted, origin)
    if checkpoint is not None:
        checks.append((Check.HISTORY, await still_history(checkpoint)))
    standing = await certificates.standing(entry.index)
    return Finding(Brought.PROOF, tuple(checks), entry=entry, standing=standing, checkpoint=checkpoint)


async def _entry(text: str) -> Finding:
    try:
        leaf = Leaf.decode(text.encode(errors="replace"))
    except ValueError:
        return Finding(Brought.UNKNOWN)
    entry = await log.find_by_hash(leaf_hash(leaf.encode()).hex())
    standing = await certificates.standing(entry.index) if entry else None
    return Finding(Brought.ENTRY, ((Check.SAME_ENTRY, entry is not None),), entry=entry, standing=standing)


def _against_proof(
    proof: InclusionProof, entry: bytes, trusted: Sequence[Verifier], origin: str
) -> tuple[list[tuple[Check, bool]], Checkpoint | None]:
    try:
        checkpoint = proof.verify(entry, trusted, origin=origin)
    except BadNote:
        return [(Check.SIGNATURE, False)], None
    except BadProof:
        return [(Check.SIGNATURE, True), (Check.INCLUSION, False)], None
    return [(Check.SIGNATURE, True), (Check.INCLUSION, True)], checkpoint
