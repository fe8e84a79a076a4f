"""Sealing what must not be read in the database: a key for each guest, wrapped by the installation's key.

AES-256-GCM both times. The wrapping key is derived from the settings' secret for this purpose alone; each
wrapped key names the one it was made with, so that a rotation can find and re-wrap what is old. The stay is
bound in, so that an envelope moved to another stay does not open. Pure apart from randomness.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE: Final = 12
_PURPOSE: Final = b"benang guest register 1"


class CannotOpen(ValueError):
    """None of our keys opens this envelope: it is damaged, moved, or its key is gone."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A guest's facts as they are stored."""

    wrapped_key: str
    sealed: str


def seal(facts: dict[str, str], *, stay_id: int, secrets: tuple[str, ...]) -> Envelope:
    """Close facts under a fresh key."""
    key, about = AESGCM.generate_key(bit_length=256), _about(stay_id)
    text = json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()
    return Envelope(_wrap(key, about, secrets[0]), _closed(key, text, about))


def unseal(envelope: Envelope, *, stay_id: int, secrets: tuple[str, ...]) -> dict[str, str]:
    """The facts again. Raises CannotOpen."""
    about = _about(stay_id)
    return json.loads(_opened(_unwrap(envelope.wrapped_key, about, secrets), envelope.sealed, about))


def rewrapped(wrapped_key: str, *, stay_id: int, secrets: tuple[str, ...]) -> str | None:
    """The same key under the present secret; None when it is already. Raises CannotOpen."""
    if wrapped_key.partition(".")[0] == key_name(secrets[0]):
        return None
    about = _about(stay_id)
    return _wrap(_unwrap(wrapped_key, about, secrets), about, secrets[0])


def key_name(secret: str) -> str:
    """What a wrapping key is called in the database; says nothing about the key."""
    return hashlib.sha256(b"name" + _wrapping_key(secret)).hexdigest()[:12]


def _about(stay_id: int) -> bytes:
    return b"%s:%d" % (_PURPOSE, stay_id)


def _wrapping_key(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())


def _wrap(key: bytes, about: bytes, secret: str) -> str:
    return f"{key_name(secret)}.{_closed(_wrapping_key(secret), key, about)}"


def _unwrap(wrapped: str, about: bytes, secrets: tuple[str, ...]) -> bytes:
    name, _, closed = wrapped.partition(".")
    for secret in secrets:
        if key_name(secret) == name:
            return _opened(_wrapping_key(secret), closed, about)
    raise CannotOpen(f"no key called {name}")


def _closed(key: bytes, text: bytes, about: bytes) -> str:
    nonce = os.urandom(_NONCE)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, text, about)).decode()


def _opened(key: bytes, closed: str, about: bytes) -> bytes:
    raw = base64.b64decode(closed)
    try:
        return AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], about)
    except InvalidTag as error:
        raise CannotOpen("damaged or moved") from error
