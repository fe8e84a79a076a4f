"""Whatever is done to rows of the log or the ledger by SQL is found against yesterday's checkpoint, and nothing
else is: 10,000 random attacks on SQLite, hundreds on PostgreSQL.
"""

from __future__ import annotations

import asyncio
import random
import re
import sqlite3
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from market import clock
from market import db as database
from market.db.config import connect, disconnect
from market.transparency import checkpoints, digests, log
from market.transparency.audit import Audit
from market.transparency.checkpoint import Checkpoint, open_checkpoint
from market.transparency.verify_log import read_all, verify
from tests.tamper import history
from tests.tamper.attacks import ATTACKS, KEYS, LEDGER, State

REFUSED = "refused by the database"  # two rows with one unique value
PARTS = 4  # for several processors
VERIFIERS = [history.SIGNER.verifier]


@lru_cache(maxsize=1000)
def numbered(sql: str) -> str:
    return re.sub(r"\$(\d+)", r"?\1", sql)


class Sqlite:
    """A database in memory, whose attacker has removed every guard."""

    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=1000)
        file = sqlite3.connect(path)
        file.backup(self.connection)
        file.close()
        self.connection.row_factory = sqlite3.Row
        self.connection.execute("PRAGMA ignore_check_constraints = ON")
        triggers = self.connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for row in triggers:
            self.connection.execute(f"DROP TRIGGER {row['name']}")

    async def rows(self, sql: str, *parameters: Any) -> list[Any]:
        return self.connection.execute(numbered(sql), parameters).fetchall()

    async def rows_if_readable(self, sql: str, *parameters: Any) -> list[Any]:
        return await self.rows(sql, *parameters)

    async def execute(self, sql: str, parameters: list[Any]) -> None:
        self.connection.execute(numbered(sql), parameters)


class Postgres:
    """A connection with every guard switched off."""

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        self.connection = connection

    async def unguard(self) -> None:
        await self.connection.execute("SET session_replication_role = replica")
        checks = await self.connection.fetch(
            "SELECT conname, conrelid::regclass AS owner FROM pg_constraint WHERE contype = 'c'"
            " AND conrelid::regclass::text = ANY($1)",
            list(KEYS),
        )
        for check in checks:
            await self.connection.execute(f"ALTER TABLE {check['owner']} DROP CONSTRAINT {check['conname']}")

    async def rows(self, sql: str, *parameters: Any) -> list[Any]:
        return await self.connection.fetch(sql, *parameters)

    async def rows_if_readable(self, sql: str, *parameters: Any) -> list[Any]:
        return await self.rows(sql, *parameters)

    async def execute(self, sql: str, parameters: list[Any]) -> None:
        await self.connection.execute(sql, *parameters)


async def faults(reader: Sqlite | Postgres, outside: Checkpoint) -> list[str]:
    audit = Audit(VERIFIERS, [outside])
    await read_all(audit, reader)
    return [str(fault) for fault in sorted(audit.faults)]


async def state_of(reader: Sqlite | Postgres, outside: Checkpoint) -> State:
    tables = {
        table: [dict(row) for row in await reader.rows(f"SELECT * FROM {table} ORDER BY {', '.join(key)}")]
        for table, key in KEYS.items()
    }
    seals = [row for row in tables["log_seal"] if row["position"] < outside.size]
    covered = {table: max(row["last_id"] for row in seals if row["table_name"] == table) for table in LEDGER}
    return State(tables, outside.size, covered)


async def attack(reader: Sqlite | Postgres, state: State, outside: Checkpoint, rng: random.Random) -> str:
    """One attack in the transaction that is open; its name. Fails unless it is found and rightly named."""
    done = rng.choice(ATTACKS)(rng, state)
    try:
        for sql, parameters in done.statements:
            await reader.execute(sql, parameters)
    except (sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError):
        return REFUSED
    found = await faults(reader, outside)
    assert found, f"{done.name} was not found: {done.statements}"
    if done.victim is not None:
        table, row_id = done.victim
        assert found[0].startswith(f"{table} {row_id}: "), (done.name, done.victim, found)
    return done.name


@pytest.fixture
async def lived(database_url: str):
    """A database with a history: its URL and the checkpoint outsiders hold."""
    await connect(database_url, pool_size=2)
    try:
        outside = await history.yesterday()
        await history.today()
    finally:
        await disconnect()
    return database_url, outside


@pytest.mark.parametrize("part", range(PARTS))
async def test_every_attack_is_found_and_nothing_else(lived, part):
    url, outside = lived
    rng, names = random.Random(53_71 + part), Counter[str]()
    if url.startswith("sqlite"):
        reader = Sqlite(str(Path(url.removeprefix("sqlite:///"))))
        state = await state_of(reader, outside)
        while names.total() - names[REFUSED] < 10_000 // PARTS:
            reader.connection.execute("BEGIN")
            names[await attack(reader, state, outside, rng)] += 1
            reader.connection.execute("ROLLBACK")
            if names.total() % 100 == 0:
                assert await faults(reader, outside) == []
                await asyncio.sleep(0)
        assert len(names) >= 50
        assert names[REFUSED] < 50
    else:
        connection = await asyncpg.connect(url)
        try:
            reader = Postgres(connection)
            await reader.unguard()
            state = await state_of(reader, outside)
            for _ in range(300 // PARTS):
                assert await faults(reader, outside) == []
                transaction = connection.transaction()
                await transaction.start()
                names[await attack(reader, state, outside, rng)] += 1
                await transaction.rollback()
        finally:
            await connection.close()


async def test_no_false_alarm_while_life_goes_on(db):
    """Posting, logging, covering, erasing and signing in any order: every earlier checkpoint still fits."""
    rng, kept, posted, logged = random.Random(7), list[Checkpoint](), 1, 0
    for _ in range(60):
        match rng.randrange(5):
            case 0:
                count = rng.randint(1, 4)
                await history.post(posted, count)
                posted += count
            case 1:
                await history.happen(logged, rng.randint(1, 4))
                logged += 5
            case 2:
                await digests.seal_all(now=clock.now(), daily=rng.random() < 0.3)
            case 3:
                async with database.transaction():
                    await log.erase(rng.randrange(1 + await log.size()), now=clock.now())
            case _:
                signed = await checkpoints.sign_if_grown(history.KEYS, now=clock.now())
                kept.append(open_checkpoint(signed.note, VERIFIERS))
    await checkpoints.sign_if_grown(history.KEYS, now=clock.now())
    assert (await verify(VERIFIERS, kept)).faults == ()
    assert len(kept) > 5
