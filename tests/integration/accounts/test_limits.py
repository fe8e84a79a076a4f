"""Limits: counted before the act, strict in parallel, open again after the window, closed when in doubt."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from market import clock
from market import db as database
from market.accounts import limits
from market.errors import TooMany


async def test_the_limit_holds_and_opens_again(db: str) -> None:
    for _ in range(5):
        await limits.count("second_factor", 1)
    with pytest.raises(TooMany) as refused:
        await limits.count("second_factor", 1)
    assert 0 < refused.value.facts["retry_after"] <= 301
    await limits.count("second_factor", 2)
    with clock.frozen(clock.now() + timedelta(minutes=5, seconds=1)):
        await limits.count("second_factor", 1)


async def test_refused_attempts_do_not_count(db: str) -> None:
    for _ in range(5):
        await limits.count("second_factor", 1)
    with clock.frozen(clock.now() + timedelta(minutes=4)):
        for _ in range(3):
            with pytest.raises(TooMany):
                await limits.count("second_factor", 1)
    with clock.frozen(clock.now() + timedelta(minutes=5, seconds=1)):
        for _ in range(5):
            await limits.count("second_factor", 1)


async def test_attempts_at_the_same_time_see_each_other(db: str) -> None:
    outcomes = await asyncio.gather(
        *(limits.count("sign_in", "a@example.test", "10.0.0.1") for _ in range(40)), return_exceptions=True
    )
    passed = [outcome for outcome in outcomes if outcome is None]
    assert len(passed) <= 10
    assert all(isinstance(outcome, TooMany) for outcome in outcomes if outcome is not None)


async def test_counts_keep_no_readable_address(db: str) -> None:
    await limits.count("sign_in", "secret@example.test", "10.9.8.7")
    rows = await database.fetch("SELECT * FROM attempt")
    assert "secret@example.test" not in str(rows)
    assert "10.9.8.7" not in str(rows)


async def test_a_limit_never_joins_a_transaction(db: str) -> None:
    async with database.transaction():
        with pytest.raises(RuntimeError):
            await limits.count("sign_in", "x")


async def test_without_a_database_nothing_passes(db: str) -> None:
    await database.execute("ALTER TABLE attempt RENAME TO attempt_gone")
    with pytest.raises(Exception, match="attempt"):
        await limits.count("sign_in", "x")


async def test_old_counts_are_forgotten(db: str) -> None:
    await limits.count("reset", "x")
    with clock.frozen(clock.now() + timedelta(days=1, seconds=1)):
        await limits.forget_old()
    assert await database.fetch("SELECT * FROM attempt") == []
