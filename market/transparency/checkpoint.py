"""Checkpoints (C2SP tlog-checkpoint) and the proof files that carry one (C2SP tlog-proof).

A checkpoint is the log's signed word on its size and root. A log must never sign two that do not fit
together; who keeps to that is the log's keeper, not this module.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from market.transparency.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from market.transparency.notes import BadNote, Signer, Verifier, open_note, sign_note, unbase64

_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
_PROOF_HEADER = "c2sp.org/tlog-proof@v1"
_MOST_HASHES = 64


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log `origin` had `size` entries with this `root`. Extension lines are kept, and best left empty."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.origin or "\n" in self.origin or not 0 <= self.size < 10**18:
            raise ValueError("a checkpoint names its log and a size")
        if len(self.root) != HASH_BYTES:
            raise ValueError("a root has 32 bytes")
        if any(not line or "\n" in line for line in self.extensions):
            raise ValueError("an extension is one line that is not empty")

    @property
    def text(self) -> str:
        """The note text: origin, size, root in base64, extensions; each on its line."""
        root = base64.b64encode(self.root).decode()
        return "".join(f"{line}\n" for line in (self.origin, str(self.size), root, *self.extensions))

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a note text. Raises ValueError for anything that `text` would not write."""
        lines = text.removesuffix("\n").split("\n")
        if not text.endswith("\n") or len(lines) < 3:
            raise ValueError("a checkpoint has at least three lines")
        origin, size, root, *extensions = lines
        return cls(origin, _number(size), unbase64(root), tuple(extensions))


def sign_checkpoint(checkpoint: Checkpoint, *signers: Signer) -> str:
    """The checkpoint as a signed note, ready to serve and to mail."""
    return sign_note(checkpoint.text, *signers)


def open_checkpoint(note: str, trusted: Sequence[Verifier], *, origin: str | None = None) -> Checkpoint:
    """The checkpoint of a note that a trusted key signed.

    `origin` is the log it must be of; by default the name of the first trusted key. Raises BadNote.
    """
    text, _ = open_note(note, trusted)
    try:
        checkpoint = Checkpoint.parse(text)
    except ValueError as error:
        raise BadNote(str(error)) from None
    if checkpoint.origin != (origin or trusted[0].name):
        raise BadNote(f"this is a checkpoint of {checkpoint.origin}")
    return checkpoint


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """A file that shows, offline, that an entry is in a log: index, audit path and a signed checkpoint."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint_note: str

    def __str__(self) -> str:
        lines = [_PROOF_HEADER, f"index {self.index}", *(base64.b64encode(h).decode() for h in self.hashes)]
        return "\n".join(lines) + "\n\n" + self.checkpoint_note

    @classmethod
    def parse(cls, text: str) -> InclusionProof:
        """Read a proof file; extra data, which nothing vouches for, is passed over. Raises ValueError."""
        head, gap, note = text.partition("\n\n")
        header, *lines = head.split("\n")
        if lines and lines[0].startswith("extra "):
            lines = lines[1:]
        if not gap or header != _PROOF_HEADER or not lines or not lines[0].startswith("index "):
            raise ValueError("this is not a tlog-proof file")
        hashes = tuple(unbase64(line) for line in lines[1:])
        if len(hashes) > _MOST_HASHES:
            raise ValueError("the proof is too long")
        return cls(_number(lines[0].removeprefix("index ")), hashes, note)

    def verify(self, entry: bytes, trusted: Sequence[Verifier], *, origin: str | None = None) -> Checkpoint:
        """The checkpoint in which `entry` is included. Raises BadNote or merkle.BadProof."""
        checkpoint = open_checkpoint(self.checkpoint_note, trusted, origin=origin)
        verify_inclusion(leaf_hash(entry), self.index, checkpoint.size, self.hashes, checkpoint.root)
        return checkpoint


def _number(digits: str) -> int:
    if not _NUMBER.fullmatch(digits):
        raise ValueError("a size or index is written in digits without leading zeroes")
    return int(digits)
