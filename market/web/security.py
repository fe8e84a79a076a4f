"""What every answer carries and every request passes at the outermost edge: security headers, guarded cookies.

The content policy forbids inline script and style, foreign hosts and framing. Two things may widen it: where
media are served from, and where a form may lead (the card provider's page).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from market.settings import Settings

Headers = list[tuple[bytes, bytes]]
_PREFIX: Final = b"__Host-"
_OURS: Final = b"bn_"
_NO_STORE: Final = (b"cache-control", b"no-store")


def origin(url: str) -> str:
    """`https://host:port` of a URL, or an empty string."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def content_policy(settings: Settings) -> str:
    """The Content-Security-Policy of this installation."""
    media = f" {origin(settings.s3.endpoint)}" if settings.s3 else ""
    pay = ""
    if settings.stripe:
        pay = " https://checkout.stripe.com" + (
            f" {origin(settings.stripe.api_base)}" if settings.stripe.api_base else ""
        )
    return (
        "default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "connect-src 'self'; "
        f"img-src 'self' data:{media}; form-action 'self'{pay}; manifest-src 'self'; worker-src 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


@lru_cache(maxsize=4)
def headers_of(settings: Settings) -> tuple[tuple[bytes, bytes], ...]:
    """The headers of every answer of this installation. An answer that says otherwise itself keeps its own."""
    secure = ((b"strict-transport-security", b"max-age=31536000; includeSubDomains"),)
    return (
        (b"content-security-policy", content_policy(settings).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"strict-origin-when-cross-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(self), geolocation=(), microphone=(), payment=()"),
        (b"x-frame-options", b"DENY"),
        *(secure if settings.secure else ()),
        _NO_STORE,
    )


class SecurityHeaders:
    """ASGI middleware, the outermost: adds the headers that an answer does not bring itself."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.headers = headers_of(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own: Headers = message["headers"]
                names = {name for name, _ in own}
                added = [header for header in self.headers if header[0] not in names]
                # A kept page is sent many times: its message is not ours to change.
                message = {**message, "headers": [*own, *added]}
            await send(message)

        await self.app(scope, receive, with_headers)


class GuardedCookies:
    """ASGI middleware for https: our cookies travel as `__Host-…`, which neighbours and http cannot plant.

    Browsers take such a cookie only from this very host, over https, for every path. Inside the app the names
    are the same as without https; a cookie of ours without the prefix is somebody else's and is dropped.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope["headers"] = _inward(scope["headers"])

        async def outward(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [_outward(*header) for header in message["headers"]]}
            await send(message)

        await self.app(scope, receive, outward)


def _inward(headers: Headers) -> Headers:
    kept = [header for header in headers if header[0] != b"cookie"]
    pairs = [pair.strip() for name, value in headers if name == b"cookie" for pair in value.split(b";")]
    pairs = [
        pair.removeprefix(_PREFIX) if pair.startswith(_PREFIX + _OURS) else pair
        for pair in pairs
        if not pair.startswith(_OURS)
    ]
    return [*kept, (b"cookie", b"; ".join(pairs))] if pairs else kept


def _outward(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    if name != b"set-cookie" or not value.startswith(_OURS):
        return name, value
    secure = b"" if b"; secure" in value.lower() else b"; Secure"
    return name, _PREFIX + value + secure
