"""Another site that serves calendars: a real HTTP server on loopback, and the one fetcher that may reach it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date

from market.calendars.adapters.fetching import CalendarFetcher

Answer = bytes | Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Site:
    """Answers by path; `asked` keeps the heads of the requests."""

    port: int = 0
    pages: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def url(self, path: str = "/room.ics") -> str:
        return f"http://calendars.test:{self.port}{path}"

    def fetcher(self, **more: object) -> CalendarFetcher:
        """Resolves every name to loopback and lets that pass: for tests only."""

        async def here(host: str, port: int) -> list[str]:
            return ["127.0.0.1"]

        values = {
            "resolver": here,
            "allowed": lambda _: True,
            "ports": frozenset({80, 443, self.port}),
            **more,
        }
        return CalendarFetcher(**values)  # type: ignore[arg-type]


def http(body: bytes, *, status: str = "200 OK", headers: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/calendar\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


def ics(*events: tuple[date, date] | tuple[date, date, str], domain: str = "airbnb.test") -> bytes:
    """A calendar as that site writes it; each event's id is its place in the list."""
    lines = ["BEGIN:VCALENDAR", "PRODID:-//Elsewhere//EN", "VERSION:2.0"]
    for number, (start, end, *words) in enumerate(events):
        lines += [
            "BEGIN:VEVENT",
            f"DTEND;VALUE=DATE:{end:%Y%m%d}",
            f"DTSTART;VALUE=DATE:{start:%Y%m%d}",
            f"UID:event-{number}@{domain}",
            f"SUMMARY:{words[0] if words else 'Reserved'}",
            "END:VEVENT",
        ]
    return ("\r\n".join([*lines, "END:VCALENDAR"]) + "\r\n").encode()


@asynccontextmanager
async def running(tls: ssl.SSLContext | None = None) -> AsyncGenerator[Site]:
    site = Site()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            site.asked.append(head)
            answer = site.pages.get(head.split(" ")[1], http(b"", status="404 Not Found"))
            if isinstance(answer, bytes):
                writer.write(answer)
                await writer.drain()
            else:
                await answer(writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    site.port = server.sockets[0].getsockname()[1]
    async with server:
        yield site
