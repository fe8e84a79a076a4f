"""Raw SQL that reads the same on SQLite and PostgreSQL.

Write `$1 … $n` placeholders; parameters may be dates and aware datetimes. SQLite gives dates and instants
back as text: read them through `as_date` and `as_instant`, and JSON through `as_json`.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from tortoise.connection import get_connections

from market.db.tx import check_writable, in_transaction, is_repeated_work, transaction

Row = dict[str, Any]
_READS = ("SELECT", "WITH", "(", "EXPLAIN")
_PLACEHOLDER = re.compile(r"\$(\d+)")


@lru_cache(maxsize=512)
def _numbered(sql: str) -> str:
    return _PLACEHOLDER.sub(r"?\1", sql)


def _client() -> Any:
    return get_connections().get("default")


def is_postgres() -> bool:
    """Which of the two dialects the process runs on."""
    return _client().capabilities.dialect == "postgres"


def _is_alone_and_repeated() -> bool:
    """A statement that is its own commit, of work that need not wait for the disk: it gets a transaction that knows."""
    return is_repeated_work() and not in_transaction()


async def fetch(sql: str, *params: Any) -> list[Row]:
    """The rows of a SELECT, or of a write with RETURNING."""
    writes = not sql.startswith(_READS)
    if writes:
        check_writable()
    client = _client()
    if client.capabilities.dialect == "sqlite":
        if writes and _is_alone_and_repeated():
            async with transaction(brief=True):
                return await fetch(sql, *params)
        sql = _numbered(sql)
    return await client.execute_query_dict(sql, list(params))


async def fetch_one(sql: str, *params: Any) -> Row | None:
    """The first row, or None."""
    rows = await fetch(sql, *params)
    return rows[0] if rows else None


async def execute(sql: str, *params: Any) -> int:
    """Run a write; how many rows it changed."""
    check_writable()
    client = _client()
    if client.capabilities.dialect == "sqlite":
        if _is_alone_and_repeated():
            async with transaction(brief=True):
                return await execute(sql, *params)
        count, _ = await client.execute_query(_numbered(sql), list(params))
        return count
    async with client.acquire_connection() as connection:
        status: str = await connection.execute(sql, *params)
    return int(status.rsplit(" ", 1)[-1]) if status[-1].isdigit() else 0


async def execute_many(sql: str, rows: list[list[Any]]) -> None:
    """Run one write for many parameter lists (bulk loading)."""
    check_writable()
    client = _client()
    if client.capabilities.dialect == "sqlite":
        sql = _numbered(sql)
    await client.execute_many(sql, rows)


def as_date(value: Any) -> date:
    """A DATE column as a date on either database."""
    return value if isinstance(value, date) else date.fromisoformat(value)


def as_instant(value: Any) -> datetime:
    """An instant column as an aware UTC datetime on either database."""
    return (value if isinstance(value, datetime) else datetime.fromisoformat(value)).astimezone(UTC)


def as_instant_or_none(value: Any) -> datetime | None:
    return None if value is None else as_instant(value)


def as_json(value: Any) -> Any:
    """A JSON column as Python data on either database."""
    return json.loads(value) if isinstance(value, str | bytes) else value


def to_json(value: Any) -> str:
    """Compact JSON for a JSON column parameter."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
