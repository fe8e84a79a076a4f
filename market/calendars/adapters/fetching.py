"""Fetching an address that a host typed in, so that it can reach nothing but a public web server.

The name is resolved here, every address it has is judged, and the connection goes to one of exactly these: the
name is not asked again. TLS and the Host header still carry the name. Redirects are followed within the same
host only. Five seconds in all, one megabyte after unpacking. No proxy, no cookie, no credentials.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import zlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urljoin

import httpcore

from market import db
from market.calendars.addresses import PORTS, BadAddress, Target, checked_url, is_public

SECONDS: Final = 5.0
MOST_BYTES: Final = 1_000_000
_MOST_HOPS: Final = 3
_ELSEWHERE: Final = frozenset({301, 302, 303, 307, 308})
_AGENT: Final = "Benang-Calendar/1.0 (iCalendar import)"

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class FetchFailed(Exception):
    """Nothing usable came back. `problem` is a code that the pages have words for."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


async def resolve(host: str, port: int) -> Sequence[str]:
    """Every address of a name, as the system's resolver gives them."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class _Pinned(httpcore.AsyncNetworkBackend):
    """Connects to judged addresses only. Refuses a name when any one of its addresses is not public."""

    def __init__(self, resolver: Resolve, allowed: Callable[[str], bool]) -> None:
        self._resolve = resolver
        self._allowed = allowed
        self._plain = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise FetchFailed("no_such_host") from error
        if not addresses:
            raise FetchFailed("no_such_host")
        if not all(self._allowed(address) for address in addresses):
            raise FetchFailed("not_public")
        error: Exception | None = None
        for address in addresses[:4]:
            try:
                return await self._plain.connect_tcp(
                    address, port, timeout=timeout, local_address=local_address, socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as failed:
                error = failed
        raise FetchFailed("no_answer") from error

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's signature
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise FetchFailed("not_public")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True)
class CalendarFetcher:
    """Fetches calendars. The defaults are the only safe ones; tests hand in their own resolver and rule."""

    resolver: Resolve = resolve
    allowed: Callable[[str], bool] = is_public
    ports: frozenset[int] = PORTS
    seconds: float = SECONDS
    tls: ssl.SSLContext | None = None

    async def fetch(self, url: str) -> bytes:
        """What the address answers. Raises FetchFailed for everything that is not one complete small file."""
        db.assert_idle()
        try:
            async with asyncio.timeout(self.seconds):
                return await self._fetch(self._target(url))
        except TimeoutError as error:
            raise FetchFailed("too_slow") from error
        except httpcore.TimeoutException as error:
            raise FetchFailed("too_slow") from error
        except ssl.SSLError as error:
            raise FetchFailed("tls") from error
        except httpcore.ProtocolError as error:
            raise FetchFailed("broken") from error
        except (httpcore.NetworkError, httpcore.UnsupportedProtocol) as error:
            problem = "tls" if isinstance(error.__cause__ or error.__context__, ssl.SSLError) else "no_answer"
            raise FetchFailed(problem) from error
        except (OSError, ValueError) as error:
            raise FetchFailed("no_answer") from error

    def _target(self, url: str) -> Target:
        try:
            return checked_url(url, ports=self.ports)
        except BadAddress as error:
            raise FetchFailed("bad_address") from error

    async def _fetch(self, target: Target) -> bytes:
        first = target.host
        for _ in range(_MOST_HOPS):
            answer = await self._ask(target)
            if isinstance(answer, bytes):
                return answer
            before, target = target, self._target(urljoin(target.url, answer))
            if target.host != first or (before.scheme == "https" and target.scheme != "https"):
                raise FetchFailed("leads_elsewhere")
        raise FetchFailed("leads_elsewhere")

    async def _ask(self, target: Target) -> bytes | str:
        """The file, or where it says it is now. One connection, closed at once."""
        headers = [
            ("host", target.host if target.port in PORTS else f"{target.host}:{target.port}"),
            ("user-agent", _AGENT),
            ("accept", "text/calendar, text/plain;q=0.5, */*;q=0.1"),
            ("accept-encoding", "gzip, identity;q=0.5"),
            ("connection", "close"),
        ]
        backend = _Pinned(self.resolver, self.allowed)
        limits = dict.fromkeys(("connect", "read", "write", "pool"), self.seconds)
        context = self.tls or ssl.create_default_context()
        async with (
            httpcore.AsyncConnectionPool(ssl_context=context, network_backend=backend) as pool,
            pool.stream("GET", target.url, headers=headers, extensions={"timeout": limits}) as answer,
        ):
            told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
            if answer.status in _ELSEWHERE:
                return told.get("location", "")
            if answer.status in {401, 403, 404, 410}:
                raise FetchFailed("gone")
            if answer.status != 200:
                raise FetchFailed("refused")
            length = told.get("content-length", "")
            if length.isascii() and length.isdigit() and (len(length) > 8 or int(length) > MOST_BYTES):
                raise FetchFailed("too_big")
            return await _read(answer, told.get("content-encoding", "identity").strip().lower())


async def _read(answer: httpcore.Response, encoding: str) -> bytes:
    """The body, unpacked, never more than `MOST_BYTES` of it in memory."""
    unpack = None
    if encoding in {"gzip", "x-gzip", "deflate"}:
        unpack = zlib.decompressobj(zlib.MAX_WBITS | 32)
    elif encoding not in {"", "identity"}:
        raise FetchFailed("refused")
    kept = bytearray()
    async for chunk in answer.aiter_stream():
        try:
            kept += chunk if unpack is None else unpack.decompress(chunk, MOST_BYTES + 1 - len(kept))
        except zlib.error as error:
            raise FetchFailed("broken") from error
        if len(kept) > MOST_BYTES or (unpack is not None and unpack.unconsumed_tail):
            raise FetchFailed("too_big")
    if unpack is not None and not unpack.eof:
        raise FetchFailed("broken")
    return bytes(kept)
