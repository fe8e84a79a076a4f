"""The SQLite engine's promises: a cancelled transaction never hangs the process, processes queue to write, and brief
transactions, whose statements run where they are asked for, keep both.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from market.db import execute, fetch, fetch_one, savepoint, transaction
from market.db.config import connect, disconnect

ROOT = Path(__file__).resolve().parents[2]
COUNTER = """
import asyncio, sys
from market.db import execute, fetch_one, transaction
from market.db.config import connect, disconnect

async def main(url, times):
    await connect(url)
    for _ in range(times):
        async with transaction(brief=sys.argv[3] == "brief"):
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


KINDS = pytest.mark.parametrize("brief", [False, True], ids=["usual", "brief"])


@KINDS
async def test_300_cancelled_transactions_leave_no_lock_and_no_half_commit(file_url, brief: bool):
    async def both() -> None:
        async with transaction(brief=brief):
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


@KINDS
async def test_read_then_write_from_three_processes_loses_nothing(file_url, brief: bool):
    before = await value()
    kind = "brief" if brief else "usual"
    children = [
        subprocess.Popen([sys.executable, "-c", COUNTER, file_url, "100", kind], cwd=ROOT) for _ in range(3)
    ]
    codes = await asyncio.to_thread(lambda: [child.wait(timeout=60) for child in children])
    assert codes == [0, 0, 0]
    assert await value() - before == 300


LONG_READ = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)"
    " SELECT MAX(i) AS most FROM n"
)


async def test_a_brief_one_waits_for_what_was_asked_before_and_given_up(file_url):
    """The connection's thread still works on a read nobody waits for any more when the next transaction begins."""
    before = await value()
    for _ in range(10):
        given_up = asyncio.create_task(fetch(LONG_READ))
        await asyncio.sleep(0.001)
        given_up.cancel()
        async with transaction(brief=True):
            await execute("UPDATE content_version SET value = value + 1 WHERE name = 'public'")
    assert await value() - before == 10


async def test_brief_ones_side_by_side_do_not_see_each_other_half_done(file_url):
    async def once() -> None:
        async with transaction(brief=True):
            seen = await value()
            await asyncio.sleep(0.001)
            await execute("UPDATE content_version SET value = $1 WHERE name = 'public'", seen + 1)

    before = await value()
    await asyncio.gather(*(once() for _ in range(50)), *(fetch(LONG_READ) for _ in range(3)))
    assert await value() - before == 50


async def taken_name() -> None:
    async with savepoint():
        await execute("UPDATE content_version SET value = 100 WHERE name = 'public'")
        await execute("INSERT INTO content_version (name, value) VALUES ('public', 7)")


async def unknown_table(*, brief: bool) -> None:
    async with transaction(brief=brief):
        await execute("UPDATE content_version SET value = 100 WHERE name = 'public'")
        await execute("UPDATE no_such_table SET value = 1")


@KINDS
async def test_errors_and_savepoints_are_the_same(file_url, brief: bool):
    before = await value()
    async with transaction(brief=brief):
        assert await execute("UPDATE content_version SET value = value + 1 WHERE name = 'public'") == 1
        assert await execute("UPDATE content_version SET value = 0 WHERE name = 'no such'") == 0
        with pytest.raises(IntegrityError):
            await taken_name()
        assert await value() == before + 1
    with pytest.raises(OperationalError):
        await unknown_table(brief=brief)
    assert await value() == before + 1
