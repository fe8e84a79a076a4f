"""Sealing what must not be read in a database or a bucket: AES-256-GCM, under keys that the secret gives.

A file gets a key of its own, and that key is wrapped: a new secret means wrapping short keys again and never
touching files. Short facts go into a box. Each purpose derives its own keys, so that nothing sealed for one
opens for another. Pure apart from randomness; who may open what is decided by the features.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE: Final = 12
_KEY: Final = 32


class CannotOpen(ValueError):
    """Sealed with another secret, for another purpose, about something else, or changed since."""


def new_key() -> bytes:
    """A key for one file or one person's facts."""
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


@dataclass(frozen=True, slots=True)
class Purpose:
    """One use of the installation's secrets. The newest secret stands first; older ones only open."""

    name: str

    def wrap(self, key: bytes, about: str, installation: tuple[str, ...]) -> str:
        """A key, sealed with the newest secret. It begins with the name of what sealed it."""
        newest = installation[0]
        closed = base64.b64encode(seal(key, self._derived(newest), about)).decode()
        return f"{self.key_name(newest)}.{closed}"

    def unwrap(self, wrapped: str, about: str, installation: tuple[str, ...]) -> bytes:
        """A key again, with whichever secret sealed it. Raises CannotOpen."""
        name, _, closed = wrapped.partition(".")
        for secret in installation:
            if self.key_name(secret) == name:
                try:
                    return unseal(base64.b64decode(closed), self._derived(secret), about)
                except binascii.Error as error:
                    raise CannotOpen(about) from error
        raise CannotOpen(f"{about}: no key called {name}")

    def rewrapped(self, wrapped: str, about: str, installation: tuple[str, ...]) -> str | None:
        """The same key under the newest secret; None when it is already. Raises CannotOpen."""
        if wrapped.partition(".")[0] == self.key_name(installation[0]):
            return None
        return self.wrap(self.unwrap(wrapped, about, installation), about, installation)

    def key_name(self, secret: str) -> str:
        """What the key of a secret is called where it sealed something; says nothing about the key."""
        return hashlib.sha256(b"name" + self._derived(secret)).hexdigest()[:12]

    def box(self, installation: tuple[str, ...]) -> MultiFernet:
        """Seals short texts with the newest secret and opens those of any."""
        return MultiFernet([Fernet(base64.urlsafe_b64encode(self._derived(one))) for one in installation])

    def _derived(self, secret: str) -> bytes:
        return HKDF(algorithm=SHA256(), length=_KEY, salt=None, info=self.name.encode()).derive(
            secret.encode()
        )
