"""Whole pages for visitors without a session, kept in memory for a moment.

A visitor's page depends on its address and language only, so most views of the public pages are served from
here at the cost of a dictionary look-up. An entry lives until the public content changes (`bump`, at once in
this process, within `CHECK_SECONDS` in others) and never longer than `MAX_SECONDS`, so that a hold that lapses
shows soon. What a visitor books is always checked by the database, never by a cached page.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from dataclasses import dataclass

from isal import igzip
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from market import db
from market.web.csrf import COOKIE as FORM_COOKIE

CHECK_SECONDS = 1.0
MAX_SECONDS = 15.0
MAX_ENTRIES = 2000
MAX_BYTES = 64 * 1024 * 1024
MARK = "x-page-cache"
_HARMLESS = frozenset({FORM_COOKIE})
_Key = tuple[str, bytes, bytes]


class _Version:
    """The public content version as last seen, when it was seen, and how often this process forgot it."""

    value = 0
    checked = -1e9
    forgotten = 0


async def bump() -> None:
    """Public content changed: call inside the transaction that changes it."""
    await db.execute("UPDATE content_version SET value = value + 1 WHERE name = 'public'")
    db.after_commit(forget)


def forget() -> None:
    """Drop what this process has kept (stock or content changed here)."""
    _Version.forgotten += 1
    _Version.checked = -1e9


async def _version(now: float) -> tuple[int, int]:
    if now - _Version.checked > CHECK_SECONDS:
        _Version.checked = now
        row = await db.fetch_one("SELECT value FROM content_version WHERE name = 'public'")
        _Version.value = row["value"] if row else 0
    return _Version.value, _Version.forgotten


async def content_version() -> int:
    """The version of the public content, at most `CHECK_SECONDS` old: the key of whatever is kept per content."""
    value, _ = await _version(time.monotonic())
    return value


@dataclass(slots=True)
class _Entry:
    version: tuple[int, int]
    until: float
    etag: bytes
    plain: list[Message]
    zipped: list[Message]
    unchanged: list[Message]

    @property
    def size(self) -> int:
        return len(self.plain[1]["body"]) + len(self.zipped[1]["body"])


def _anonymous(headers: list[tuple[bytes, bytes]]) -> bool:
    for name, value in headers:
        if name == b"cookie":  # a proxy may split cookies over several headers
            names = {part.split("=", 1)[0].strip() for part in value.decode("latin-1").split(";")}
            if not names <= _HARMLESS:
                return False
        if name == b"authorization":
            return False
    return True


def _header(headers: list[tuple[bytes, bytes]], wanted: bytes) -> bytes:
    return next((value for name, value in headers if name == wanted), b"")


class PageCache:
    """ASGI middleware. Pages ask to be kept by setting the header `x-page-cache: 1` (see `render`)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.entries: OrderedDict[_Key, _Entry] = OrderedDict()
        self.size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] != "http"
            or scope["method"] not in {"GET", "HEAD"}
            or not _anonymous(scope["headers"])
        ):
            await self.app(scope, receive, send)
            return
        key = (scope["method"], scope.get("raw_path") or scope["path"].encode(), scope["query_string"])
        now = time.monotonic()
        entry = self.entries.get(key)
        if entry is not None and entry.until > now and entry.version == await _version(now):
            await _replay(entry, scope, send)
            return
        version = await _version(now)
        recorder = _Recorder(send)
        await self.app(scope, receive, recorder)
        if recorder.wanted:
            entry = _entry(recorder, version, now)
            self._keep(key, entry)
            await _replay(entry, scope, send)

    def _keep(self, key: _Key, entry: _Entry) -> None:
        """Keep a page, and let the oldest go where there are too many or they are too much."""
        before = self.entries.pop(key, None)
        self.size += entry.size - (before.size if before else 0)
        self.entries[key] = entry
        while len(self.entries) > MAX_ENTRIES or self.size > MAX_BYTES:
            _, gone = self.entries.popitem(last=False)
            self.size -= gone.size


class _Recorder:
    """Passes a response through, unless it asks to be kept; then holds it back to be replayed."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.wanted = False
        self.start: Message = {}
        self.body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            self.wanted = (
                headers.get(MARK) == "1" and message["status"] == 200 and "set-cookie" not in headers
            )
            if MARK in headers:
                del headers[MARK]
            self.start = message
        elif self.wanted:
            self.body += message.get("body", b"")
        if not self.wanted:
            await self.send(message)


_LEVEL = 3  # of ISA-L: a page in a third of zlib's time, and 5 % larger than its level 4
_OWN_HEADERS = frozenset({b"content-length", b"vary", b"etag", b"cache-control"})


def _entry(recorder: _Recorder, version: tuple[int, int], now: float) -> _Entry:
    body = bytes(recorder.body)
    zipped = igzip.compress(body, _LEVEL, mtime=0)
    etag = b'W/"' + hashlib.sha256(body).hexdigest()[:24].encode() + b'"'
    common = [(n, v) for n, v in recorder.start["headers"] if n not in _OWN_HEADERS]
    common += [
        (b"etag", etag),
        (b"vary", b"Accept-Encoding, Cookie"),
        (b"cache-control", b"private, no-cache"),
    ]

    def answer(extra: list[tuple[bytes, bytes]], content: bytes) -> list[Message]:
        headers = [*common, *extra, (b"content-length", str(len(content)).encode())]
        return [
            {"type": "http.response.start", "status": 200, "headers": headers},
            {"type": "http.response.body", "body": content},
        ]

    unchanged: list[Message] = [
        {
            "type": "http.response.start",
            "status": 304,
            "headers": [h for h in common if h[0] != b"content-type"],
        },
        {"type": "http.response.body", "body": b""},
    ]
    zipped_answer = answer([(b"content-encoding", b"gzip")], zipped)
    return _Entry(version, now + MAX_SECONDS, etag, answer([], body), zipped_answer, unchanged)


async def _replay(entry: _Entry, scope: Scope, send: Send) -> None:
    headers = scope["headers"]
    if entry.etag in _header(headers, b"if-none-match"):
        messages = entry.unchanged
    elif b"gzip" in _header(headers, b"accept-encoding"):
        messages = entry.zipped
    else:
        messages = entry.plain
    start, body = messages
    # Middleware outside may add headers to what it is sent; what is kept stays as it is.
    await send({**start, "headers": [*start["headers"]]})
    await send(body)
