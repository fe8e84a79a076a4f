"""Certificates: facts, the salt that opens their commitment, the log's entry and the proof that the log holds it.

One JSON file that anybody can check offline with the log's public key. What the facts mean is the issuing
package's business; setting one on paper is `certificate_pdf`. Whether a certificate still holds is not in it: that
is said by later entries about the same subject, see `standing`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from market.transparency import checkpoints, log
from market.transparency.checkpoint import Checkpoint, InclusionProof, open_checkpoint
from market.transparency.entries import SALT_BYTES, JsonValue, Leaf, canonical, commits_to
from market.transparency.keys import LogKeys
from market.transparency.merkle import BadProof, leaf_hash, verify_inclusion
from market.transparency.notes import BadNote, Verifier

FORM = "benang-certificate/v1"
MOST_BYTES = 200_000


class Step(StrEnum):
    """What is checked, in this order."""

    FORM = "form"
    FACTS = "facts"
    SIGNATURE = "signature"
    INCLUSION = "inclusion"


@dataclass(frozen=True, slots=True)
class Result:
    """What a check found. `passed` are the steps that hold; `failed` the first that does not, or None."""

    passed: tuple[Step, ...]
    failed: Step | None
    facts: Mapping[str, Any]
    leaf: Leaf | None = None
    index: int | None = None
    checkpoint: Checkpoint | None = None

    @property
    def valid(self) -> bool:
        return self.failed is None


class State(StrEnum):
    """Whether what an entry says still holds."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of an entry, the entry that ended it, and everything the log says about its subject."""

    state: State
    ended_by: log.Entry | None
    history: tuple[log.Entry, ...]


def build_certificate(
    facts: Mapping[str, JsonValue], entry: log.Entry, proof: InclusionProof, *, verify_url: str
) -> bytes:
    """The certificate of an entry that commits to exactly these facts.

    `proof` comes from `log.entry_with_proof`, `verify_url` leads to the public page about the entry. Raises
    ValueError for other facts, or when the salt was erased.
    """
    if entry.salt is None or not commits_to(entry.commitment, entry.salt, dict(facts)):
        raise ValueError("the entry does not commit to these facts")
    parts = {
        "certificate": FORM,
        "facts": dict(facts),
        "salt": entry.salt.hex(),
        "entry": entry.leaf_bytes.decode(),
        "proof": str(proof),
        "verify": verify_url,
    }
    return (json.dumps(parts, ensure_ascii=False, indent=1) + "\n").encode()


async def issue(index: int, *, keys: LogKeys, verify_url: str, now: datetime) -> bytes:
    """The certificate of the entry at `index` with all the facts it commits to, in a checkpoint that holds it.

    Outside of a transaction: a checkpoint may have to be signed first. Raises ValueError when the facts are gone.
    """
    await checkpoints.covering(index, keys, now=now)
    found = await log.entry_with_proof(index)
    if found is None or found[0].facts_json is None:
        raise ValueError("the entry's facts are gone")
    entry, proof = found
    return build_certificate(json.loads(found[0].facts_json), entry, proof, verify_url=verify_url)


def check_certificate(
    data: bytes, trusted: Verifier | Sequence[Verifier], *, origin: str | None = None
) -> Result:
    """Check a certificate with the log's public key alone, without asking the log."""
    verifiers = [trusted] if isinstance(trusted, Verifier) else list(trusted)
    try:
        parts = _parts(data)
        leaf, proof = Leaf.decode(parts.entry), InclusionProof.parse(parts.proof)
    except ValueError:
        return Result((), Step.FORM, {})
    if not commits_to(leaf.commitment, parts.salt, parts.facts):
        return Result((Step.FORM,), Step.FACTS, parts.facts, leaf, proof.index)
    try:
        checkpoint = open_checkpoint(proof.checkpoint_note, verifiers, origin=origin)
    except BadNote:
        return Result((Step.FORM, Step.FACTS), Step.SIGNATURE, parts.facts, leaf, proof.index)
    done = (Step.FORM, Step.FACTS, Step.SIGNATURE)
    try:
        verify_inclusion(leaf_hash(parts.entry), proof.index, checkpoint.size, proof.hashes, checkpoint.root)
    except BadProof:
        return Result(done, Step.INCLUSION, parts.facts, leaf, proof.index, checkpoint)
    return Result((*done, Step.INCLUSION), None, parts.facts, leaf, proof.index, checkpoint)


async def standing(index: int) -> Standing | None:
    """What later entries about the same subject say of an entry; None when there is no such entry.

    `….revoked` revokes, `….superseded` or the same kind in a higher version supersedes; anything else leaves it
    standing.
    """
    entry = await log.get_entry(index)
    if entry is None:
        return None
    history = tuple(await log.entries_about(entry.leaf.subject))
    return standing_among(entry, history)


def standing_among(entry: log.Entry, history: Sequence[log.Entry]) -> Standing:
    """`standing`, from the entries about the subject. The strongest word counts, then the newest."""
    later = [one for one in history if one.index > entry.index]
    for state, ends in ((State.REVOKED, ".revoked"), (State.SUPERSEDED, ".superseded")):
        ended = [one for one in later if one.leaf.kind.endswith(ends)]
        if ended:
            return Standing(state, ended[-1], tuple(history))
    again = [
        one for one in later if one.leaf.kind == entry.leaf.kind and one.leaf.version > entry.leaf.version
    ]
    if again:
        return Standing(State.SUPERSEDED, again[-1], tuple(history))
    return Standing(State.CURRENT, None, tuple(history))


@dataclass(frozen=True, slots=True)
class _Parts:
    facts: dict[str, Any]
    salt: bytes
    entry: bytes
    proof: str


def _parts(data: bytes) -> _Parts:
    """Raises ValueError unless it is a certificate in form."""
    if len(data) > MOST_BYTES:
        raise ValueError("this is too long for a certificate")
    try:
        found: Any = json.loads(data)
        parts = cast("dict[str, Any]", found)
        texts = [parts[name] for name in ("certificate", "salt", "entry", "proof")]
        facts = parts["facts"]
        canonical(facts)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("this is not a certificate") from error
    if not all(isinstance(text, str) for text in texts) or not isinstance(facts, dict) or texts[0] != FORM:
        raise ValueError("this is not a certificate")
    salt = bytes.fromhex(texts[1])
    if len(salt) != SALT_BYTES:
        raise ValueError("this is not a certificate")
    return _Parts(cast("dict[str, Any]", facts), salt, texts[2].encode(), texts[3])
