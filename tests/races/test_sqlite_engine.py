"""The SQLite engine's two promises: a cancelled transaction never hangs the process, and processes queue to write."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from market.db import execute, fetch_one, transaction
from market.db.config import connect, disconnect

ROOT = Path(__file__).resolve().parents[2]
COUNTER = """
import asyncio, sys
from market.db import execute, fetch_one, transaction
from market.db.config import connect, disconnect

async def main(url, times):
    await connect(url)
    for _ in range(times):
        async with transaction():
            row = await fetch_one("SELECT value FROM content_version WHERE name = 'public'")
            await execute("UPDATE content_version SET value = $1 WHERE name = 'public'", row["value"] + 1)
    await disconnect()

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


@pytest.fixture
async def file_url(tmp_path, sqlite_template):
    shutil.copy(sqlite_template, tmp_path / "race.db")
    url = f"sqlite:///{tmp_path / 'race.db'}"
    await connect(url)
    yield url
    await disconnect()


async def value() -> int:
    row = await fetch_one("SELECT value FROM content_version WHERE name = 'public'")
    return row["value"]


async def test_300_cancelled_transactions_leave_no_lock_and_no_half_commit(file_url):
    async def both() -> None:
        async with transaction():
            await execute("UPDATE content_version SET value = value + 1 WHERE name = 'public'")
            await asyncio.sleep(0)
            await execute(
                "INSERT INTO content_version (name, value) VALUES ('other', 1) ON CONFLICT (name)"
                " DO UPDATE SET value = content_version.value + 1"
            )

    before = await value()
    for round_number in range(300):
        task = asyncio.create_task(both())
        for _ in range(round_number % 12):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(5):
        after = await value()
        other = await fetch_one("SELECT value FROM content_version WHERE name = 'other'")
    assert after - before == (other["value"] if other else 0)


async def test_read_then_write_from_three_processes_loses_nothing(file_url):
    before = await value()
    children = [
        subprocess.Popen([sys.executable, "-c", COUNTER, file_url, "100"], cwd=ROOT) for _ in range(3)
    ]
    codes = await asyncio.to_thread(lambda: [child.wait(timeout=60) for child in children])
    assert codes == [0, 0, 0]
    assert await value() - before == 300
