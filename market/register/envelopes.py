"""The envelopes of the guest register: a key for each guest, wrapped by the installation's key.

The stay is bound in, so that an envelope moved to another stay does not open. How sealing works: `market.sealing`.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Final

from market import sealing
from market.sealing import CannotOpen, Purpose

__all__ = ["CannotOpen", "Envelope", "key_name", "rewrapped", "seal", "unseal"]

_REGISTER: Final = Purpose("benang guest register 1")
key_name = _REGISTER.key_name


@dataclass(frozen=True, slots=True)
class Envelope:
    """A guest's facts as they are stored."""

    wrapped_key: str
    sealed: str


def seal(facts: dict[str, str], *, stay_id: int, secrets: tuple[str, ...]) -> Envelope:
    """Close facts under a fresh key."""
    key, about = sealing.new_key(), _about(stay_id)
    text = json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()
    closed = base64.b64encode(sealing.seal(text, key, about)).decode()
    return Envelope(_REGISTER.wrap(key, about, secrets), closed)


def unseal(envelope: Envelope, *, stay_id: int, secrets: tuple[str, ...]) -> dict[str, str]:
    """The facts again. Raises CannotOpen."""
    about = _about(stay_id)
    key = _REGISTER.unwrap(envelope.wrapped_key, about, secrets)
    try:
        closed = base64.b64decode(envelope.sealed)
    except binascii.Error as error:
        raise CannotOpen(about) from error
    return json.loads(sealing.unseal(closed, key, about))


def rewrapped(wrapped_key: str, *, stay_id: int, secrets: tuple[str, ...]) -> str | None:
    """The same key under the present secret; None when it is already. Raises CannotOpen."""
    return _REGISTER.rewrapped(wrapped_key, _about(stay_id), secrets)


def _about(stay_id: int) -> str:
    return f"stay {stay_id}"
