"""Against cross-site requests: unsafe forms carry a token bound to a cookie, and browsers say where they come from.

The cookie holds a random secret; forms hold it masked afresh each time (so compression cannot leak it). A
request that a browser marks as cross-site is refused whatever it carries.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from urllib.parse import urlsplit

from starlette.requests import Request

from market.errors import Forbidden, Invalid
from market.values.text import lazy

COOKIE = "bn_form"
FIELD = "csrf"
_SIZE = 16


class CrossSite(Forbidden):
    """The form did not come from this site, or the page it came from is too old."""

    code = "cross_site"
    message = lazy(
        "This form has expired. Nothing was changed. Please open the page again and send it once more."
    )


def _secret(request: Request) -> bytes | None:
    try:
        raw = base64.urlsafe_b64decode(request.cookies.get(COOKIE, "") + "==")
    except (binascii.Error, ValueError):
        return None
    return raw if len(raw) == _SIZE else None


def token(request: Request) -> str:
    """A form token for this visitor; asks the response to set the cookie when there is none yet."""
    secret: bytes | None = getattr(request.state, "csrf_secret", None) or _secret(request)
    if secret is None:
        secret = secrets.token_bytes(_SIZE)
        request.state.csrf_new = base64.urlsafe_b64encode(secret).decode().rstrip("=")
    request.state.csrf_secret = secret
    mask = secrets.token_bytes(_SIZE)
    masked = bytes(a ^ b for a, b in zip(mask, secret, strict=True))
    return base64.urlsafe_b64encode(mask + masked).decode().rstrip("=")


def _matches(secret: bytes, given: str) -> bool:
    try:
        raw = base64.urlsafe_b64decode(given + "==")
    except (binascii.Error, ValueError):
        return False
    if len(raw) != 2 * _SIZE:
        return False
    unmasked = bytes(a ^ b for a, b in zip(raw[:_SIZE], raw[_SIZE:], strict=True))
    return hmac.compare_digest(unmasked, secret)


def _from_elsewhere(request: Request, own_host: str) -> bool:
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        return True
    origin = request.headers.get("origin")
    return origin is not None and origin != "null" and urlsplit(origin).netloc != own_host


async def check(request: Request) -> None:
    """Raise CrossSite unless this unsafe request carries our token and comes from our own pages."""
    secret = _secret(request)
    own_host = request.headers.get("host", "")
    if secret is None or _from_elsewhere(request, own_host):
        raise CrossSite
    try:
        form = await request.form(max_files=12, max_fields=400)
    except ValueError as error:  # letters in a code that no browser sends
        raise Invalid from error
    given = form.get(FIELD)
    if not isinstance(given, str) or not _matches(secret, given):
        raise CrossSite
