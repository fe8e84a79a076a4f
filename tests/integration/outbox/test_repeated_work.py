"""What is done again after a power failure does not wait for the disk; everything else does, and again after it.

Only SQLite is told so: commits of PostgreSQL share one wait.
"""

from __future__ import annotations

import pytest

from market import db as database
from market.outbox import queue, registry, worker
from market.outbox.registry import Payload
from market.outbox.tools import Tools

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WAITS, GOES_ON = "waits for the disk", "goes on"


async def manner() -> str:
    """How the connection in use would commit now."""
    [shown] = await database.fetch("PRAGMA synchronous")
    return {2: WAITS, 1: GOES_ON}[shown["synchronous"]]


async def commit() -> str:
    async with database.transaction():
        return await manner()


async def test_only_within_and_never_afterwards(db: str):
    assert await commit() == WAITS
    with database.repeated_work():
        assert await commit() == GOES_ON
        assert await manner() == GOES_ON  # a statement that is its own commit
    assert await commit() == WAITS
    assert await manner() == WAITS


async def failing() -> None:
    async with database.transaction():
        assert await manner() == GOES_ON
        raise ZeroDivisionError


async def test_what_is_rolled_back_leaves_nothing_behind(db: str):
    with database.repeated_work(), pytest.raises(ZeroDivisionError):
        await failing()
    assert await manner() == WAITS
    assert await commit() == WAITS


async def test_a_handler_says_whether_its_commits_wait(
    db: str, tools: Tools, monkeypatch: pytest.MonkeyPatch
):
    seen: dict[str, str] = {}
    monkeypatch.setattr(registry, "_handlers", dict(registry._handlers))
    monkeypatch.setattr(registry, "_unflushed", set(registry._unflushed))

    async def one(payload: Payload, tools: Tools) -> None:
        seen["one"] = await commit()

    async def other(payload: Payload, tools: Tools) -> None:
        seen["other"] = await commit()

    registry.handles("tests.one")(one)
    registry.handles("tests.other", flushed=False)(other)
    async with database.transaction():
        await queue.add_all({}, ("tests.one", "tests.other"))
    assert await worker.drain(tools) == 2
    assert seen == {"one": WAITS, "other": GOES_ON}
    assert await commit() == WAITS
