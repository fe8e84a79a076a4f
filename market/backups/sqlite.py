"""Copies of a SQLite database: made by its own online backup, never by copying the file (ADR 0034), and checked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from market.backups import facts
from market.backups.facts import NoDatabase, Rows
from market.backups.manifest import Facts

_TABLES: Final = (
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
)
_LEAVES: Final = "SELECT position, leaf FROM log_entry ORDER BY position"
_WAIT_SECONDS: Final = 30


def copy(live: Path, to: Path) -> Facts:
    """A consistent copy of a database that others may be writing to; its facts, read from the copy.

    Raises NoDatabase.
    """
    if not live.is_file():
        raise NoDatabase
    # Not `with connection`: that ends a transaction and leaves the connection open.
    with (
        closing(sqlite3.connect(f"file:{live}?mode=ro", uri=True, timeout=_WAIT_SECONDS)) as source,
        closing(sqlite3.connect(to)) as target,
    ):
        source.backup(target)  # all pages in one step: one moment of the database, and writers go on
        target.execute("PRAGMA journal_mode = DELETE")  # one file, without companions
        return _facts(target)


def _facts(connection: sqlite3.Connection) -> Facts:
    tables = [row[0] for row in connection.execute(_TABLES)]
    if "schema_version" not in tables:
        raise NoDatabase

    def ask(sql: str) -> Rows:
        return connection.execute(sql).fetchall()

    counts = {table: int(ask(facts.count(table))[0][0]) for table in tables}
    has_log = "log_head" in tables
    return facts.facts(
        ask(facts.MIGRATIONS),
        ask(facts.HEAD) if has_log else [],
        ask(facts.CHECKPOINT) if has_log else [],
        counts,
    )


def fold_in(path: Path) -> None:
    """Bring everything that was written into the one file: it can then be given another name."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def check(copied: Path) -> tuple[str, Facts | None]:
    """Whether a copy is sound: what is wrong with it, or its facts."""
    try:
        with closing(_opened(copied)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(1)")]
            if found != ["ok"]:
                return f"its integrity check says: {found[0].splitlines()[-1]}", None
            return "", _facts(connection)
    except NoDatabase:
        return "it is not a database of this product", None
    except sqlite3.Error as error:
        return f"it cannot be opened: {error}", None


def leaves(copied: Path) -> Iterator[tuple[int, str]]:
    """The entries of the log in a copy, in order."""
    with closing(_opened(copied)) as connection:
        for position, leaf in connection.execute(_LEAVES):
            yield int(position), str(leaf)


def _opened(copied: Path) -> sqlite3.Connection:
    """To be read only, and without a trace beside it."""
    return sqlite3.connect(f"file:{copied}?mode=ro&immutable=1", uri=True)
