"""Signed values for cookies and links: tamper-evident, purpose-bound, dated, and rotatable with two keys."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

from market import clock


def _mac(secret: str, purpose: str, value: str) -> str:
    digest = hmac.new(secret.encode(), f"{purpose}\n{value}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def sign(value: str, purpose: str, secrets: tuple[str, ...], expires_at: datetime) -> str:
    """`value~expiry~mac`: readable by anyone, forgeable by nobody without a key."""
    dated = f"{value}~{int(expires_at.timestamp()):x}"
    return f"{dated}~{_mac(secrets[0], purpose, dated)}"


def unsign(signed: str, purpose: str, secrets: tuple[str, ...]) -> str | None:
    """The value when the signature holds for this purpose and has not expired; None otherwise."""
    dated, _, mac = signed.rpartition("~")
    value, _, expiry = dated.rpartition("~")
    given = mac.encode()  # a forged one may hold letters that compare_digest refuses in text
    if not value or not any(hmac.compare_digest(_mac(s, purpose, dated).encode(), given) for s in secrets):
        return None
    try:
        expires_at = datetime.fromtimestamp(int(expiry, 16), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return value if expires_at > clock.now() else None
