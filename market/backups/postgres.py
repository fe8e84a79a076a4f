"""Copies of a PostgreSQL database by its own programs: `pg_dump` takes them, `pg_restore` reads and restores them.

The programs must be at least as new as the server. They are told where it is by their environment, so that no
password stands in a list of processes.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import asyncpg

from market.backups import facts
from market.backups.facts import NoDatabase, Rows
from market.backups.manifest import Facts
from market.db.config import tortoise_config

_TABLES: Final = (
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    " AND table_type = 'BASE TABLE' ORDER BY table_name"
)
_VERSION: Final = re.compile(r"\(PostgreSQL\) (\d+)")
_LOG_TABLE: Final = "log_entry"
_ESCAPES: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPE: Final = re.compile(r"\\(.)")


class ProgramFailed(RuntimeError):
    """A program of PostgreSQL is missing, too old, or ended badly; the words say which and what to do."""


async def copy(url: str, to: Path) -> Facts:
    """A consistent copy of a database that others may be writing to; its facts, of the same moment.

    Raises NoDatabase, and ProgramFailed.
    """
    connection = await asyncpg.connect(url)
    try:
        await _fit("pg_dump", connection)
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            found = await _facts(connection)
            moment = await connection.fetchval("SELECT pg_export_snapshot()")
            await _run(
                "pg_dump",
                ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={moment}", f"--file={to}"],
                _where(url),
            )
            return found
    finally:
        await connection.close()


async def _facts(connection: Any) -> Facts:
    tables = [str(row[0]) for row in await connection.fetch(_TABLES)]
    if "schema_version" not in tables:
        raise NoDatabase

    async def ask(sql: str) -> Rows:
        return [tuple(row) for row in await connection.fetch(sql)]

    counts = {table: int((await ask(facts.count(table)))[0][0]) for table in tables}
    has_log = "log_head" in tables
    return facts.facts(
        await ask(facts.MIGRATIONS),
        await ask(facts.HEAD) if has_log else [],
        await ask(facts.CHECKPOINT) if has_log else [],
        counts,
    )


async def check(copied: Path) -> str:
    """Whether `pg_restore` can list a copy, the log among it; what is wrong, or an empty string.

    Raises ProgramFailed when there is no such program.
    """
    _found("pg_restore")
    try:
        listed = await _run("pg_restore", ["--list", str(copied)], {})
    except ProgramFailed as error:
        return f"pg_restore cannot list it: {error}"
    return "" if f"TABLE DATA public {_LOG_TABLE} " in listed else "it holds no table of the public log"


async def leaves(copied: Path) -> list[tuple[int, str]]:
    """The entries of the log in a copy, in order, without a server. Raises ProgramFailed."""
    listed = await _run("pg_restore", ["--data-only", f"--table={_LOG_TABLE}", "--file=-", str(copied)], {})
    entries: list[tuple[int, str]] = []
    columns: list[str] | None = None
    for line in listed.split("\n"):
        if line.startswith("COPY "):
            columns = [name.strip(' "') for name in line[line.index("(") + 1 : line.index(")")].split(",")]
        elif line == "\\.":
            columns = None
        elif columns is not None:
            row = dict(zip(columns, line.split("\t"), strict=True))
            entries.append((int(row["position"]), _plain(row["leaf"])))
    return sorted(entries)  # a table has no order of its own


def _plain(field: str) -> str:
    """A field of PostgreSQL's text format as it was."""
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), field)


async def is_empty(url: str) -> bool:
    """Whether a database has no tables at all."""
    connection = await asyncpg.connect(url)
    try:
        return not await connection.fetch(_TABLES)
    finally:
        await connection.close()


async def restore(copied: Path, url: str) -> None:
    """Put a copy into an empty database, whole or not at all. Raises ProgramFailed."""
    options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    where = _where(url)
    await _run("pg_restore", [*options, f"--dbname={where['PGDATABASE']}", str(copied)], where)


def _where(url: str) -> dict[str, str]:
    """A database as the programs' environment names it."""
    known: dict[str, Any] = tortoise_config(url)["connections"]["default"]["credentials"]
    names = {
        "PGHOST": "host",
        "PGPORT": "port",
        "PGUSER": "user",
        "PGPASSWORD": "password",
        "PGDATABASE": "database",
        "PGSSLMODE": "ssl",
    }
    return {name: str(known[key]) for name, key in names.items() if known.get(key)}


def _found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise ProgramFailed(
            f"{program} is not installed here: install PostgreSQL's client programs, at least as new as the server"
        )
    return path


async def _fit(program: str, connection: Any) -> None:
    """Raise ProgramFailed when a program is older than the server: it could not read everything."""
    said = _VERSION.search(await _run(program, ["--version"], {}))
    ours, theirs = int(said[1]) if said else 0, connection.get_server_version().major
    if ours < theirs:
        raise ProgramFailed(
            f"{_found(program)} is of version {ours} and the server of version {theirs}:"
            f" install PostgreSQL's client programs of version {theirs} or newer"
        )


async def _run(program: str, arguments: Sequence[str], where: dict[str, str]) -> str:
    """What a program said. Raises ProgramFailed with its last words when it ended badly."""
    process = await asyncio.create_subprocess_exec(
        _found(program),
        *arguments,
        env={**os.environ, **where},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    if process.returncode:
        words = err.decode(errors="replace").strip().splitlines()
        raise ProgramFailed(words[-1] if words else f"{program} ended with {process.returncode}")
    return out.decode(errors="replace")
