"""`python -m market verify-log`: reads the log's tables and all rows it covers through an `audit`.

It believes nothing but the key it is given and the checkpoints from outside. It only reads, from one moment of the
database, so that it may run while the market is open.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from market import db
from market.db.sql import Row
from market.transparency.audit import Audit, Fault, Sealed
from market.transparency.checkpoint import Checkpoint
from market.transparency.notes import Verifier

PAGE = 2000
CHECKPOINTS = "SELECT id, size, root, note FROM log_checkpoint ORDER BY size, id"
ENTRIES = (
    "SELECT e.position, e.kind, e.subject, e.version, e.at, e.leaf, e.leaf_hash, o.salt, o.facts"
    " FROM log_entry e LEFT JOIN log_opening o ON o.position = e.position"
    f" WHERE e.position >= $1 ORDER BY e.position LIMIT {PAGE}"
)
OPENINGS = "SELECT COUNT(*) AS count FROM log_opening"
NODES = (
    "SELECT level, position, hash FROM log_node WHERE level = $1 AND position >= $2"
    f" ORDER BY position LIMIT {PAGE}"
)
LEVELS = "SELECT DISTINCT level FROM log_node ORDER BY level"
HEAD = "SELECT size, peaks FROM log_head WHERE id = 1"
SEALS = "SELECT table_name, first_id, last_id, position FROM log_seal ORDER BY position"


@dataclass(frozen=True, slots=True)
class Report:
    """What was read, and what is wrong with it, the first bad entry first."""

    entries: int
    checkpoints: int
    covered_rows: int
    erased: int
    faults: tuple[Fault, ...]


def covered_rows(sealed: Sealed) -> tuple[str, list[int]]:
    """The query for the rows that a batch covers, and its parameters."""
    select, last = sealed.batch.columns.select, sealed.batch.last
    if sealed.after is None:
        return f"{select} WHERE id <= $1 ORDER BY id", [last]
    return f"{select} WHERE id > $1 AND id <= $2 ORDER BY id", [sealed.after, last]


class Reader(Protocol):
    """Where rows come from: the connected database, or the one of a test."""

    async def rows(self, sql: str, *parameters: Any) -> list[Row]: ...

    async def rows_if_readable(self, sql: str, *parameters: Any) -> list[Row] | None: ...


async def verify(verifiers: Sequence[Verifier], outside: Sequence[Checkpoint] = ()) -> Report:
    """Recompute everything the database holds of the log, and the rows it covers."""
    audit = Audit(verifiers, outside)
    async with _one_moment():
        await read_all(audit, _Database())
    return Report(
        audit.size,
        audit.checkpoint_count,
        sum(len(sealed.batch.ids) for sealed in audit.batches),
        len(audit.erased),
        tuple(sorted(audit.faults)),
    )


async def read_all(audit: Audit, reader: Reader) -> None:
    """Feed an audit with everything it wants to see."""
    audit.checkpoints(await reader.rows(CHECKPOINTS))
    async for page in _pages(reader, ENTRIES):
        audit.entries(page)
    audit.entries_end()
    audit.openings(int((await reader.rows(OPENINGS))[0]["count"]))
    for level in [found["level"] for found in await reader.rows(LEVELS)]:
        async for page in _pages(reader, NODES, level):
            audit.nodes(page)
    audit.nodes_end()
    audit.head(await reader.rows(HEAD))
    audit.seals(await reader.rows(SEALS))
    for sealed in audit.batches:
        sql, parameters = covered_rows(sealed)
        rows = await reader.rows_if_readable(sql, *parameters)
        if rows is None:
            audit.unreadable(sealed)
        else:
            audit.covered(sealed, rows)


async def _pages(reader: Reader, sql: str, *parameters: int) -> AsyncGenerator[list[Row]]:
    """Page by page in the order of positions, which are whole numbers unless somebody tampered."""
    start = -(2**62)
    while page := await reader.rows(sql, *parameters, start):
        yield page
        last = page[-1]["position"]
        if len(page) < PAGE or not isinstance(last, int):
            return
        start = last + 1


class _Database:
    """The connected database."""

    async def rows(self, sql: str, *parameters: Any) -> list[Row]:
        return await db.fetch(sql, *parameters)

    async def rows_if_readable(self, sql: str, *parameters: Any) -> list[Row] | None:
        try:
            async with db.savepoint() if db.is_postgres() else _nothing():
                return await db.fetch(sql, *parameters)
        except Exception:  # noqa: BLE001 - whatever the database says about a table that should be there
            return None


@asynccontextmanager
async def _one_moment() -> AsyncGenerator[None]:
    """Read the database as it was at one moment, without keeping anybody from writing."""
    if db.is_postgres():
        async with db.transaction():
            await db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    await db.execute("BEGIN")  # not our own `transaction`: that one would hold up writers
    try:
        yield
    finally:
        await db.execute("ROLLBACK")


@asynccontextmanager
async def _nothing() -> AsyncGenerator[None]:
    yield
