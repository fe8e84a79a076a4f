"""A small keep-alive HTTP/1.1 client over loopback, cheap enough not to be what is measured."""

from __future__ import annotations

import asyncio
import base64
import os
import time
from dataclasses import dataclass
from urllib.parse import urlencode

FORM_SECRET = bytes(range(16))
FORM_COOKIE = "bn_form=" + base64.urlsafe_b64encode(FORM_SECRET).decode().rstrip("=")
FORM_TOKEN = base64.urlsafe_b64encode(bytes(16) + FORM_SECRET).decode().rstrip("=")


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (lower-case names) and body of one response."""

    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """One persistent connection with its own cookies."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None

    async def get(self, path: str) -> Answer:
        return await self.send("GET", path)

    async def post(self, path: str, form: dict[str, str]) -> Answer:
        """Send a form with a valid token (the token only has to match this client's own cookie)."""
        return await self.send("POST", path, urlencode({**form, "csrf": FORM_TOKEN}).encode())

    async def send(self, method: str, path: str, body: bytes = b"") -> Answer:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        cookies = "; ".join([*(f"{k}={v}" for k, v in self.cookies.items())])
        if method == "POST":
            cookies = "; ".join(part for part in (cookies, FORM_COOKIE) if part)
        head = f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{self.port}\r\n"
        head += "accept: text/html\r\naccept-encoding: gzip\r\n"
        if cookies:
            head += f"cookie: {cookies}\r\n"
        if method == "POST":
            head += f"content-type: application/x-www-form-urlencoded\r\ncontent-length: {len(body)}\r\n"
        self.writer.write(head.encode() + b"\r\n" + body)
        return await self._read()

    async def _read(self) -> Answer:
        assert self.reader is not None
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers: dict[str, str] = {}
        for line in lines[1:-2]:
            name, _, value = line.partition(": ")
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";")[0]
            headers[name.lower()] = value
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return Answer(int(lines[0].split(" ")[1]), headers, body)

    def close(self) -> None:
        if self.writer is not None:
            self.writer.close()


def cpu_seconds(pids: list[int]) -> float:
    """User and system time of processes so far."""
    total = 0.0
    for pid in pids:
        with open(f"/proc/{pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


@dataclass(frozen=True, slots=True)
class Measured:
    """Requests a second and CPU milliseconds a request, of the server alone."""

    rate: float
    cpu_ms: float


async def measure(
    port: int, pids: list[int], paths: list[str], *, seconds: float = 3.0, clients: int = 4
) -> Measured:
    """Ask for `paths` in turn from several connections for a while."""
    stop_at = time.monotonic() + seconds
    before = cpu_seconds(pids)
    started = time.monotonic()
    counter = iter(range(1 << 40))

    async def client() -> int:
        connection, done = Connection(port), 0
        while time.monotonic() < stop_at:
            answer = await connection.get(paths[next(counter) % len(paths)])
            assert answer.status == 200, (answer.status, paths[0])
            done += 1
        connection.close()
        return done

    done = sum(await asyncio.gather(*(client() for _ in range(clients))))
    elapsed = time.monotonic() - started
    return Measured(done / elapsed, (cpu_seconds(pids) - before) / done * 1000)
