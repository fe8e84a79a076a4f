"""The second factor: six digits from an authenticator app, and recovery codes for a lost phone.

Pure functions on secrets and codes; who has which, and what was used, is kept by `service`. The shared secret
is sealed with the installation's key, so a copy of the database alone does not produce codes.
"""

from __future__ import annotations

import hashlib
import io
import re
import secrets
from datetime import datetime

import segno
from cryptography.fernet import InvalidToken
from markupsafe import Markup
from pyotp import random_base32
from pyotp.totp import TOTP

from market.sealing import Purpose
from market.values.ids import ALPHABET

STEP_SECONDS = 30
RECOVERY_CODES = 8
_GROUPS, _GROUP = 5, 5
_SECOND_FACTOR = Purpose("second factor")
_SEPARATORS = re.compile(r"[\s-]")


def seal(secret: str, keys: tuple[str, ...]) -> str:
    """The secret as it is kept: unreadable without the installation's key."""
    return _SECOND_FACTOR.box(keys).encrypt(secret.encode()).decode()


def unseal(sealed: str, keys: tuple[str, ...], *, max_age_seconds: int | None = None) -> str | None:
    """The secret again; None when no key opens it, or it was sealed longer ago than `max_age_seconds`."""
    try:
        return _SECOND_FACTOR.box(keys).decrypt(sealed.encode(), ttl=max_age_seconds).decode()
    except InvalidToken:
        return None


def new_secret() -> str:
    """A fresh shared secret of 160 bits."""
    return random_base32()


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The 30-second step a code belongs to (the present one or a neighbour), or None when it is wrong."""
    digits = _SEPARATORS.sub("", code)
    if not (digits.isascii() and digits.isdigit()):
        return None
    current = int(now.timestamp()) // STEP_SECONDS
    totp = TOTP(secret)
    for step in (current, current - 1, current + 1):
        if secrets.compare_digest(totp.generate_otp(step), digits):
            return step
    return None


def code_now(secret: str, now: datetime) -> str:
    """The code that an app with this secret would show."""
    return TOTP(secret).generate_otp(int(now.timestamp()) // STEP_SECONDS)


def app_address(secret: str, email: str, brand: str) -> str:
    """The `otpauth://` address an authenticator app reads."""
    return TOTP(secret).provisioning_uri(name=email, issuer_name=brand)


def qr_svg(text: str) -> Markup:
    """A QR code as inline SVG, dark on light in both themes because scanners want it so."""
    out = io.BytesIO()
    segno.make(text, error="m").save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=False,
        scale=5,
        border=3,
        dark="#1b1d2a",
        light="#ffffff",
        nl=False,
    )
    # Everything in it is drawn by us; the text only decides which modules are dark.
    return Markup(out.getvalue().decode())  # noqa: S704


def spaced(secret: str) -> str:
    """A secret in groups of four, for typing by hand."""
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))


def new_recovery_codes() -> list[str]:
    """Eight codes of 122 bits, written in five groups."""
    return [
        "-".join("".join(secrets.choice(ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(code: str) -> str:
    """What is kept of a recovery code, however it was typed."""
    return hashlib.sha256(_SEPARATORS.sub("", code).upper().encode()).hexdigest()
