"""The secret of a voucher: a short code to read aloud, and a longer one inside the QR picture.

Both are computed from the booking's reference with the installation's key, so nothing is stored and nobody can
guess one from a reference. While keys rotate, vouchers made with the previous one stay good. Pure.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from market.values.ids import ALPHABET

SHORT: Final = 6
LONG: Final = 20
_PURPOSE: Final = "arrival"


def short_code(reference: str, secrets: tuple[str, ...]) -> str:
    """Six letters and digits that a guest reads out (about 29 bits; only a host's own bookings are tried)."""
    return _letters(reference, "short", SHORT, secrets[0])


def qr_token(reference: str, secrets: tuple[str, ...]) -> str:
    """What the QR picture carries: the reference and 97 bits that only we can make."""
    return f"{reference}-{_letters(reference, 'long', LONG, secrets[0])}"


def is_short_code(typed: str, reference: str, secrets: tuple[str, ...]) -> bool:
    """Whether a typed code is this booking's; case, blanks and dashes do not matter."""
    return _is_one(tidy(typed), reference, "short", SHORT, secrets)


def reference_in(token: str, secrets: tuple[str, ...]) -> str | None:
    """The booking a QR token is for; None when it is not one of ours."""
    reference, _, letters = token.strip().upper().rpartition("-")
    return reference if reference and _is_one(letters, reference, "long", LONG, secrets) else None


def tidy(typed: str) -> str:
    """A code as it was meant: upper case, without what people put between letters."""
    return "".join(letter for letter in typed.upper() if letter in ALPHABET)


def _is_one(given: str, reference: str, kind: str, length: int, secrets: tuple[str, ...]) -> bool:
    return any(
        hmac.compare_digest(_letters(reference, kind, length, secret).encode(), given.encode())
        for secret in secrets
    )


def _letters(reference: str, kind: str, length: int, secret: str) -> str:
    digest = hmac.new(secret.encode(), f"{_PURPOSE}\n{kind}\n{reference}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest)
    letters: list[str] = []
    for _ in range(length):
        number, rest = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[rest])
    return "".join(letters)
