"""Which append-only tables the log covers, and covering their new rows.

A package (or the app, for packages that must not know the log) calls `seal_table` once at import. From then on
every hour's new rows are hashed into an entry `rows.sealed`: whoever edits, deletes, inserts or swaps such rows
afterwards is found by `verify-log` against any later checkpoint. The form of rows and batches is `sealing`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from market import db
from market.transparency import log
from market.transparency.sealing import SEAL_KIND, Columns, Kind, make_batch

told = structlog.get_logger()
ROWS_AN_ENTRY = 1000
_BEFORE_ALL = -(2**62)


@dataclass(frozen=True, slots=True)
class Covered:
    """A table whose rows are covered; `daily` for those that grow whenever the log is signed."""

    columns: Columns
    daily: bool


_tables: dict[str, Covered] = {}


def seal_table(name: str, columns: Mapping[str, Kind | str], *, daily: bool = False) -> None:
    """Have the log cover every row of an append-only table from now on.

    `columns` names each column and what it holds, `id` (whole numbers that grow) first. Columns that may
    change, such as a state kept for speed, are left out.
    """
    covered = Covered(Columns(name, tuple((c, Kind(kind)) for c, kind in columns.items())), daily)
    if _tables.setdefault(name, covered) != covered:
        raise ValueError(f"{name} is covered twice")


def sealed_tables() -> list[str]:
    """Names of the covered tables."""
    return sorted(_tables)


def columns_of(table: str) -> Columns:
    """Which columns of a covered table are covered."""
    return _tables[table].columns


async def seal_all(*, now: datetime, daily: bool) -> int:
    """Cover the new rows of every table, the daily ones only when asked; how many rows that were.

    A table that cannot be covered now (somebody holds it for long) is told to the operators' log and left for the
    next time: the others, and the day's checkpoint, must not wait for it.
    """
    count = 0
    for name, covered in _tables.items():
        if daily or not covered.daily:
            try:
                count += await _seal(covered.columns, now=now)
            except Exception as error:  # noqa: BLE001 - whatever the database says, the others go on
                told.exception("rows not covered", table=name, error=str(error))
    return count


async def uncovered() -> dict[str, int]:
    """How many rows of each table no entry covers yet; tables without such rows are left out."""
    counts: dict[str, int] = {}
    for name in _tables:
        last = await _last(name)
        row = await db.fetch_one(f"SELECT COUNT(*) AS count FROM {name} WHERE id > $1", last)
        if row and row["count"]:
            counts[name] = int(row["count"])
    return counts


async def _seal(columns: Columns, *, now: datetime) -> int:
    top = await _settled(columns.table)
    last = await _last(columns.table)
    count = 0
    while last < top:
        rows = await db.fetch(
            f"{columns.select} WHERE id > $1 AND id <= $2 ORDER BY id LIMIT {ROWS_AN_ENTRY}", last, top
        )
        if not rows:
            break
        batch = make_batch(columns, rows)
        async with db.transaction():
            await log.lock()
            if await _last(columns.table) != last:  # another process covered them
                break
            entry = await log.append(
                SEAL_KIND, subject=f"table:{columns.table}", facts=batch.facts, public=batch.public, now=now
            )
            await db.execute(
                "INSERT INTO log_seal (table_name, first_id, last_id, position) VALUES ($1, $2, $3, $4)",
                columns.table,
                batch.ids[0],
                batch.last,
                entry.index,
            )
        last, count = batch.last, count + len(rows)
    return count


async def _last(table: str) -> int:
    row = await db.fetch_one("SELECT MAX(last_id) AS last FROM log_seal WHERE table_name = $1", table)
    return int(row["last"]) if row and row["last"] is not None else _BEFORE_ALL


async def _settled(table: str) -> int:
    """The highest id below which no further row can appear: nobody is about to commit a lower one.

    SQLite has one writer at a time. PostgreSQL hands out ids before it commits, so the lock waits for those
    who hold one; it is let go at once, long before anything else is locked.
    """
    highest = f"SELECT MAX(id) AS top FROM {table}"
    if not db.is_postgres():
        row = await db.fetch_one(highest)
    else:
        if db.in_transaction():
            raise RuntimeError("covering rows begins outside of a transaction")
        async with db.transaction():
            await db.execute("SET LOCAL lock_timeout = '5s'")
            await db.execute(f"LOCK TABLE {table} IN SHARE MODE")
            row = await db.fetch_one(highest)
    return int(row["top"]) if row and row["top"] is not None else _BEFORE_ALL
