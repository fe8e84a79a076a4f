"""Headers that every answer carries, and the visitor's form cookie when a page needs one.

The content policy forbids inline script and style, foreign hosts and framing. Two things may widen it: where
media are served from, and where a form may lead (the card provider's page).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from market.settings import Settings


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
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
        f"img-src 'self' data:{media}; form-action 'self'{pay}; manifest-src 'self'; worker-src 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


class SecurityHeaders:
    """ASGI middleware that adds the headers to every answer of this app, unless the answer brings its own."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.headers: list[tuple[bytes, bytes]] = [
            (b"content-security-policy", content_policy(settings).encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"strict-origin-when-cross-origin"),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"permissions-policy", b"camera=(self), geolocation=(), microphone=(), payment=()"),
            (b"x-frame-options", b"DENY"),
        ]
        if settings.secure:
            self.headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name.lower() for name, _ in message["headers"]}
                added = [header for header in self.headers if header[0] not in own]
                message["headers"] = [*message["headers"], *added]
                headers = MutableHeaders(raw=message["headers"])
                if "cache-control" not in headers:
                    headers["cache-control"] = "no-store"
            await send(message)

        await self.app(scope, receive, with_headers)
