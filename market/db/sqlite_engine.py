"""Tortoise's SQLite engine with two faults removed, both found by experiment (docs/adr/0003), and with commits
that need not wait for the disk (docs/adr/0032).

Its transactions begin with a plain BEGIN, so two processes that read and then write fail as "database is
locked" whatever the busy timeout; ours take the write lock at once (BEGIN IMMEDIATE). And a task cancelled
inside a transaction could leave the connection's lock held for ever; ours always finishes begin, commit or
rollback, and always lets go.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Coroutine, Sequence
from typing import Any

import aiosqlite
from tortoise.backends.base.client import TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
    translate_exceptions,
)
from tortoise.connection import get_connections

from market.db.tx import is_brief, is_repeated_work

# Built so that one connection may be used by several threads, one after the other.
_SERIALIZED = sqlite3.threadsafety == 3


async def _finish(step: Coroutine[Any, Any, None]) -> None:
    """Run `step` to its end even when this task is cancelled meanwhile; the cancellation follows after it."""
    task = asyncio.ensure_future(step)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            if task.cancelled():
                raise
            cancelled = error
        except Exception:  # noqa: BLE001 - raised below by task.result(), after the loop has seen it done
            break
    task.result()
    if cancelled is not None:
        raise cancelled


class _Wrapper(SqliteTransactionWrapper):
    _unflushed = False
    _here = False

    async def begin(self) -> None:
        self._here = _SERIALIZED and is_brief()
        # Not inside of a transaction, and in one step with its beginning: each step is a way to the thread and back.
        if is_repeated_work():
            self._unflushed = True
            await self._connection.executescript("PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE")
        else:
            await self._connection.execute("BEGIN IMMEDIATE")

    @translate_exceptions
    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[Any]]:
        if not self._here:
            return await super().execute_query(query, values)
        connection = self._connection._conn  # noqa: SLF001
        before = connection.total_changes
        rows = connection.execute(query, values or ()).fetchall()
        return (connection.total_changes - before) or len(rows), rows

    @translate_exceptions
    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        if not self._here:
            return await super().execute_query_dict(query, values)
        # Nothing else uses the connection now: what was handed to its thread before has ended with BEGIN.
        return [dict(row) for row in self._connection._conn.execute(query, values or ()).fetchall()]  # noqa: SLF001

    async def commit(self) -> None:
        if self._unflushed:
            # A script commits first what is open: both in one step.
            await self._connection.executescript("PRAGMA synchronous = FULL")
        else:
            await super().commit()

    async def rollback(self) -> None:
        await self._connection.rollback()
        if self._unflushed:
            await self._connection.execute("PRAGMA synchronous = FULL")


class _Context(SqliteTransactionContext):
    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await _finish(self.connection.begin())
        except BaseException:
            try:
                if self.connection._connection:  # noqa: SLF001
                    await _finish(self.connection.rollback())
            finally:
                self._trxlock.release()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return self.connection

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:  # noqa: PYI036 - the parent's types
        try:
            await _finish(self.connection.rollback() if exc_type else self._commit())
        finally:
            get_connections().reset(self.token)
            self._trxlock.release()

    async def _commit(self) -> None:
        try:
            await self.connection.commit()
        except BaseException:
            await self.connection.rollback()
            raise


class MarketSqliteClient(SqliteClient):
    """One connection, one lock, honest transactions."""

    async def create_connection(self, with_db: bool) -> None:
        if self._connection is None:
            self._connection = await aiosqlite.connect(
                self.filename, isolation_level=None, check_same_thread=not _SERIALIZED
            )
            self._connection.row_factory = sqlite3.Row
            for pragma, value in self.pragmas.items():
                await self._connection.execute_fetchall(f"PRAGMA {pragma}={value}")
            await self._post_connect()

    def _in_transaction(self) -> TransactionContext:
        return _Context(_Wrapper(self), self._lock)


client_class = MarketSqliteClient
