"""What stands in the log: event type, subject, version, time and a salted commitment to the facts.

The facts themselves stay off the log, with their salt. Whoever holds both can show what was committed to; once
the salt is destroyed nobody can test a guess, and the entry and its proofs stay as valid as before. Facts that
are meant for everybody may stand openly in the leaf.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias, cast

import rfc8785

from market.transparency.tiles import MOST_ENTRY_BYTES

JsonValue: TypeAlias = (
    "str | int | float | bool | list[JsonValue] | tuple[JsonValue, ...] | Mapping[str, JsonValue] | None"
)
SALT_BYTES = 32
LONGEST_SUBJECT = 200
_TYPE = re.compile(r"[a-z][a-z0-9_.]{0,63}", re.ASCII)
_COMMITMENT = re.compile(r"[0-9a-f]{64}", re.ASCII)
_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z", re.ASCII)
_NAMES = frozenset({"at", "commitment", "public", "subject", "type", "version"})


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


def written(at: datetime) -> str:
    """An instant as leaves write it: UTC to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One log entry. `subject` is the opaque id of what it is about, without personal data.

    `version` is that of the facts; `public` are facts that everybody may read, or None.
    """

    kind: str
    subject: str
    version: int
    at: datetime
    commitment: bytes
    public: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if not _TYPE.fullmatch(self.kind) or self.version < 1:
            raise ValueError("an entry has a type such as claim.decided and a version from 1")
        if not 1 <= len(self.subject) <= LONGEST_SUBJECT or not self.subject.isprintable():
            raise ValueError("an entry names what it is about in one short line")
        if self.at.tzinfo is None or len(self.commitment) != hashlib.sha256().digest_size:
            raise ValueError("an entry has an instant, and a commitment of 32 bytes")

    def encode(self) -> bytes:
        """The bytes that are hashed and served. Raises ValueError when they do not fit a bundle."""
        parts: dict[str, Any] = {
            "at": written(self.at),
            "commitment": self.commitment.hex(),
            "subject": self.subject,
            "type": self.kind,
            "version": self.version,
        }
        if self.public is not None:
            parts["public"] = dict(self.public)
        data = canonical(parts)
        if len(data) > MOST_ENTRY_BYTES:
            raise ValueError("the entry is too long for the log")
        return data

    @classmethod
    def decode(cls, data: bytes) -> Leaf:
        """Read an entry back. Raises ValueError for bytes that `encode` would not write."""
        try:
            found: Any = json.loads(data)
            leaf = cls._read(cast("dict[str, Any]", found))
        except (KeyError, TypeError, AttributeError, RecursionError, UnicodeDecodeError) as error:
            raise ValueError("this is not a log entry") from error
        if leaf.encode() != data:
            raise ValueError("an entry has one spelling only")
        return leaf

    @classmethod
    def _read(cls, found: dict[str, Any]) -> Leaf:
        kind, subject, version = found["type"], found["subject"], found["version"]
        at, digest, public = found["at"], found["commitment"], found.get("public")
        if not all(isinstance(text, str) for text in (kind, subject, at, digest)) or type(version) is not int:
            raise ValueError("this is not a log entry")
        if not _AT.fullmatch(at) or not _COMMITMENT.fullmatch(digest) or not found.keys() <= _NAMES:
            raise ValueError("this is not a log entry")
        if "public" in found and not isinstance(public, dict):
            raise ValueError("open facts have names")
        return cls(kind, subject, version, datetime.fromisoformat(at), bytes.fromhex(digest), public)


def new_leaf(
    kind: str,
    subject: str,
    version: int,
    at: datetime,
    *,
    salt: bytes,
    facts: Mapping[str, JsonValue],
    public: Mapping[str, JsonValue] | None = None,
) -> Leaf:
    """The entry that commits to `facts` with `salt`."""
    return Leaf(kind, subject, version, at, commitment(salt, dict(facts)), public)
