"""Reading a database for its manifest: migrations, counts and the head of the public log, on either kind.

Here are the questions and what their answers mean; who asks them of which copy is in `sqlite` and `postgres`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final

from market.backups.manifest import Facts, LogHead, Schema
from market.db.migrate import migrations
from market.transparency.checkpoint import Checkpoint
from market.transparency.merkle import EMPTY_ROOT, Frontier, leaf_hash

MIGRATIONS: Final = "SELECT number, name, digest FROM schema_version ORDER BY number"
HEAD: Final = "SELECT size, peaks FROM log_head WHERE id = 1"
CHECKPOINT: Final = "SELECT note FROM log_checkpoint ORDER BY size DESC LIMIT 1"
_HEX_OF_HASH: Final = 64
Rows = Sequence[tuple[Any, ...]]


class NoDatabase(RuntimeError):
    """There is nothing of this product to back up."""

    def __init__(self) -> None:
        super().__init__("there is no database of this product here")


def count(table: str) -> str:
    """How many rows a table has; table names come from the database's own catalogue."""
    return f'SELECT COUNT(*) FROM "{table}"'


def facts(applied: Rows, head: Rows, checkpoint: Rows, counts: dict[str, int]) -> Facts:
    """What those questions gave, as the manifest says it. Raises NoDatabase for an empty database."""
    if not applied:
        raise NoDatabase
    return Facts(
        schema(applied),
        LogHead(
            int(head[0][0]) if head else 0,
            _root(int(head[0][0]), str(head[0][1])) if head else _root(0, ""),
            str(checkpoint[0][0]) if checkpoint else "",
        ),
        counts,
    )


def schema(applied: Rows) -> Schema:
    """The migrations that ran, as one line."""
    digest = hashlib.sha256("".join(f"{number} {sum_}\n" for number, _, sum_ in applied).encode()).hexdigest()
    number, name, _ = applied[-1]
    return Schema(int(number), str(name), len(applied), digest)


def unknown_migration(found: Schema) -> str:
    """Why this version cannot take a database of that schema; an empty string when it can."""
    known = [(m.number, m.name, m.digest) for m in migrations() if m.number <= found.number]
    if not known or known[-1][0] != found.number:
        return f"its newest migration {found.number:04} ({found.name}) is unknown to this version: use a newer one"
    if schema(known) != found:
        return "it ran other migrations than this version has"
    return ""


def _root(size: int, peaks: str) -> str:
    hashes = [bytes.fromhex(peaks[at : at + _HEX_OF_HASH]) for at in range(0, len(peaks), _HEX_OF_HASH)]
    return Frontier(size, hashes).root().hex()


def log_fault(leaves: Iterable[tuple[int, str]], told: LogHead, signed: Checkpoint | None) -> str:
    """Build the log's tree again from its entries, in order: what is wrong with them, or an empty string."""
    frontier, root_then = Frontier(), EMPTY_ROOT
    for position, leaf in leaves:
        if position != frontier.size:
            return f"entry {frontier.size} of its log is missing"
        frontier.append(leaf_hash(leaf.encode(errors="surrogatepass")))
        if signed is not None and frontier.size == signed.size:
            root_then = frontier.root()
    if frontier.size != told.size:
        return f"its log has {frontier.size} entries, and the manifest says {told.size}"
    if frontier.root().hex() != told.root:
        return f"the {told.size} entries of its log do not give the root in the manifest"
    if signed is not None and signed.root != root_then:
        return f"the first {signed.size} entries of its log do not give the signed checkpoint"
    return ""
