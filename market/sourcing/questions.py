"""The link and the six digits by which a supplier without an account answers about one document. Pure.

Both are derived from the installation's secret, so that a reminder carries the same link as the first letter
although only hashes are kept. 128 bits open the page by themselves; six digits go with the document's reference.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Final

from market.values.ids import token_hash

ANSWER_WITHIN: Final = timedelta(days=7)
REMIND_AFTER: Final = (timedelta(days=3), timedelta(days=6))
MOST_TRIES: Final = 3
MOST_QUESTIONS: Final = 3  # about one document, each after the silence of the one before
_TOKEN_BYTES: Final = 16


def nonce(reference: str, asked_at: datetime) -> str:
    """What one question is recognised by."""
    return f"{reference}:{int(asked_at.astimezone(UTC).timestamp() * 1000)}"


def token(about: str, secret: str) -> str:
    """The secret part of the link: 128 bits, 22 letters."""
    digest = hmac.new(secret.encode(), f"purchase-link\n{about}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:_TOKEN_BYTES]).decode().rstrip("=")


def code(about: str, secret: str) -> str:
    """Six digits."""
    digest = hmac.new(secret.encode(), f"purchase-code\n{about}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**6:06d}"


def code_hash(about: str, digits: str, secret: str) -> str:
    """What is kept of the digits; without the secret a million guesses would find them."""
    return hmac.new(
        secret.encode(), f"purchase-digits\n{about}\n{digits}".encode(), hashlib.sha256
    ).hexdigest()


def known_token(about: str, kept: str, installation: tuple[str, ...]) -> str | None:
    """The link of a question asked before, also when the secret was changed since; None after two changes."""
    return next((made for secret in installation if token_hash(made := token(about, secret)) == kept), None)


def known_code(about: str, kept: str, installation: tuple[str, ...]) -> str | None:
    """The digits of a question that was asked before; None as above."""
    for secret in installation:
        made = code(about, secret)
        if hmac.compare_digest(code_hash(about, made, secret), kept):
            return made
    return None


def is_code(about: str, typed: str, kept: str, installation: tuple[str, ...]) -> bool:
    """Whether these are the digits."""
    return any(hmac.compare_digest(code_hash(about, typed, secret), kept) for secret in installation)


def reminders_due(asked_at: datetime, reminded_at: datetime | None, now: datetime) -> bool:
    """Whether a question that nobody answered should be asked again now: after three days and after six."""
    return any(
        now >= asked_at + after and (reminded_at is None or reminded_at < asked_at + after)
        for after in REMIND_AFTER
    )
