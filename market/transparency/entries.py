"""What stands in the log: event type, ids, version and a salted commitment to the facts, never the facts.

The salt stays with the facts, off the log. Whoever holds both can show what was committed to; once the salt
is destroyed nobody can test a guess, and the entry and its proofs stay as valid as before.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from typing import Any, cast

import rfc8785

from market.transparency.tiles import MOST_ENTRY_BYTES

SALT_BYTES = 32
_TYPE = re.compile(r"[a-z][a-z0-9_.]{0,63}", re.ASCII)
_COMMITMENT = re.compile(r"[0-9a-f]{64}", re.ASCII)


def new_salt() -> bytes:
    """A fresh salt: long enough that no list of likely facts can be tried against a commitment."""
    return secrets.token_bytes(SALT_BYTES)


def canonical(facts: Any) -> bytes:
    """JSON in its one canonical form (RFC 8785).

    Raises ValueError for what has no such form: floats that are not finite, whole numbers from 2**53 on.
    """
    return rfc8785.dumps(facts)


def commitment(salt: bytes, facts: Any) -> bytes:
    """SHA-256 of the salt followed by the facts as canonical JSON."""
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt has 32 bytes")
    return hashlib.sha256(salt + canonical(facts)).digest()


def commits_to(found: bytes, salt: bytes, facts: Any) -> bool:
    """Whether a commitment was made to exactly these facts with this salt."""
    return hmac.compare_digest(found, commitment(salt, facts))


@dataclass(frozen=True, slots=True)
class Entry:
    """One log entry. `ids` are opaque ids of rows, without personal data; `version` is that of the facts."""

    event_type: str
    ids: tuple[tuple[str, str], ...]
    version: int
    commitment: bytes

    def __post_init__(self) -> None:
        if not _TYPE.fullmatch(self.event_type) or self.version < 1:
            raise ValueError("an entry has a type such as claim.decided and a version from 1")
        names = [name for name, _ in self.ids]
        if names != sorted(set(names)) or len(self.commitment) != hashlib.sha256().digest_size:
            raise ValueError("ids are sorted and unique, a commitment has 32 bytes")

    def encode(self) -> bytes:
        """The bytes that are hashed and served. Raises ValueError when they do not fit a bundle."""
        data = canonical(
            {
                "commitment": self.commitment.hex(),
                "ids": dict(self.ids),
                "type": self.event_type,
                "version": self.version,
            }
        )
        if len(data) > MOST_ENTRY_BYTES:
            raise ValueError("the entry is too long for the log")
        return data

    @classmethod
    def decode(cls, data: bytes) -> Entry:
        """Read an entry back. Raises ValueError for bytes that `encode` would not write."""
        try:
            found: Any = json.loads(data)
            ids = cast("dict[str, str]", found["ids"])
            written = str(found["commitment"])
            if not _COMMITMENT.fullmatch(written):
                raise ValueError("the commitment is not written in hexadecimal")
            entry = cls(
                str(found["type"]), tuple(sorted(ids.items())), int(found["version"]), bytes.fromhex(written)
            )
        except (KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
            raise ValueError("this is not a log entry") from error
        if entry.encode() != data:
            raise ValueError("an entry has one spelling only")
        return entry


def new_entry(event_type: str, ids: dict[str, str], version: int, *, salt: bytes, facts: Any) -> Entry:
    """The entry that commits to `facts` with `salt`."""
    return Entry(event_type, tuple(sorted(ids.items())), version, commitment(salt, facts))
