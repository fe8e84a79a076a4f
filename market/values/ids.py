"""References people read aloud, and secrets nobody should guess."""

from __future__ import annotations

import hashlib
import secrets

# No 0/O, 1/I/L, U: a reference survives a phone call and never spells a word by accident.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_reference(length: int = 8) -> str:
    """A random reference such as `K7QF3M9T` (about 39 bits at 8 letters; unique in the database)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_token() -> str:
    """A URL-safe secret of 192 bits. Store only its `token_hash`."""
    return secrets.token_urlsafe(24)


def token_hash(token: str) -> str:
    """What is kept of a secret token: enough to recognise it, useless to a thief."""
    return hashlib.sha256(token.encode()).hexdigest()
