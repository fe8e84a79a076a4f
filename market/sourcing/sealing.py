"""Files that only this installation can read: AES-256-GCM, a key of its own for each file.

The file's key is itself sealed with a key derived from the installation's secret, so that a new secret means
sealing short keys again and never touching files. Pure: bytes in, bytes out.
"""

from __future__ import annotations

import base64
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE: Final = 12
_KEY: Final = 32
_PURPOSE: Final = b"benang evidence key 1"


class CannotOpen(ValueError):
    """Sealed with another secret, for another purpose, or changed since."""


def new_key() -> bytes:
    """A key for one file."""
    return secrets.token_bytes(_KEY)


def seal(data: bytes, key: bytes, about: str) -> bytes:
    """The data, encrypted and bound to what it is `about`: it opens as nothing else."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, about.encode())


def unseal(sealed: bytes, key: bytes, about: str) -> bytes:
    """What `seal` was given. Raises CannotOpen."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], about.encode())
    except (InvalidTag, ValueError) as error:
        raise CannotOpen(about) from error


def wrap(key: bytes, about: str, installation: tuple[str, ...]) -> str:
    """A file's key, sealed with the newest of the installation's secrets."""
    return base64.b64encode(seal(key, _derived(installation[0]), about)).decode()


def unwrap(wrapped: str, about: str, installation: tuple[str, ...]) -> bytes:
    """A file's key; the previous secret still opens it while rotating. Raises CannotOpen."""
    for secret in installation:
        try:
            return unseal(base64.b64decode(wrapped), _derived(secret), about)
        except CannotOpen:
            continue
    raise CannotOpen(about)


def is_current(wrapped: str, about: str, installation: tuple[str, ...]) -> bool:
    """Whether a key is sealed with the newest secret."""
    try:
        unwrap(wrapped, about, installation[:1])
    except CannotOpen:
        return False
    return True


def _derived(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=_PURPOSE).derive(secret.encode())
