"""Appending to the public log and reading from it, with proofs.

`append` is called inside the transaction of the business event: fact and entry stand or fall together. It locks
the one row that hands out positions until that transaction ends, so call it as the last step. Signing is
`checkpoints`, checking everything is `audit`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from market import db
from market.db.sql import Row, as_instant, execute_many
from market.transparency.checkpoint import InclusionProof
from market.transparency.entries import JsonValue, Leaf, canonical, new_leaf, new_salt
from market.transparency.merkle import HASH_BYTES, Frontier, inclusion_proof, leaf_hash
from market.transparency.stored_tree import with_hashes

ERASED_KIND = "opening.erased"


@dataclass(frozen=True, slots=True)
class Event:
    """What is to be logged: facts that are committed to, and those of them that may stand openly."""

    kind: str
    subject: str
    facts: Mapping[str, JsonValue]
    version: int = 1
    public: Mapping[str, JsonValue] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the log. `salt` is None once the facts were erased."""

    index: int
    leaf: Leaf
    leaf_bytes: bytes
    leaf_hash_hex: str
    salt: bytes | None
    facts_json: str | None

    @property
    def commitment(self) -> bytes:
        return self.leaf.commitment


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint that the log signed."""

    id: int
    size: int
    root: bytes
    note: str
    at: datetime


async def append(
    kind: str,
    *,
    subject: str,
    version: int = 1,
    facts: Mapping[str, JsonValue],
    now: datetime,
    public: Mapping[str, JsonValue] | None = None,
) -> Entry:
    """Add an entry for a business event, in that event's transaction.

    `kind` is such as `claim.decided`, `subject` the opaque id of what it is about (`claim:12`), never personal
    data. `facts` are committed to with a fresh salt; `public` stands openly in the entry for ever.
    """
    (entry,) = await append_many([Event(kind, subject, facts, version, public)], now=now)
    return entry


async def append_many(events: Sequence[Event], *, now: datetime) -> list[Entry]:
    """`append` for many events at once, in their order."""
    if not db.in_transaction():
        raise RuntimeError("an entry is appended in the transaction of the event it records")
    if not events:
        return []
    made = [_make(event, now) for event in events]
    head = await db.fetch_one(
        "UPDATE log_head SET size = size + $1 WHERE id = 1 RETURNING size, peaks", len(made)
    )
    if head is None:
        raise RuntimeError("the log has no head")
    start = int(head["size"]) - len(made)
    frontier = Frontier(start, _hashes(head["peaks"]))
    nodes: list[list[Any]] = []
    entries: list[Entry] = []
    for index, (leaf, data, salt, facts) in enumerate(made, start):
        digest = leaf_hash(data)
        completed = frontier.append(digest)
        nodes += [[level, index >> level, node.hex()] for level, node in enumerate(completed, 1)]
        entries.append(Entry(index, leaf, data, digest.hex(), salt, facts))
    await db.execute("UPDATE log_head SET peaks = $1 WHERE id = 1", b"".join(frontier.peaks).hex())
    await _insert(entries, nodes)
    return entries


async def lock() -> int:
    """Hold the log still until this transaction ends; how many entries it has."""
    row = await db.fetch_one("UPDATE log_head SET size = size WHERE id = 1 RETURNING size")
    return int(row["size"]) if row else 0


async def erase(index: int, *, now: datetime) -> bool:
    """Destroy salt and facts of an entry (personal data was erased); the log says so. False when they are gone.

    The entry, its proofs and every checkpoint stay valid. What covers rows of other tables is never destroyed:
    it holds nothing personal, and the rows could no longer be checked.
    """
    gone = await db.execute(
        "DELETE FROM log_opening WHERE position = $1 AND position NOT IN (SELECT position FROM log_seal)",
        index,
    )
    if not gone:
        return False
    await append(ERASED_KIND, subject=f"entry:{index}", facts={}, now=now, public={"entry": index})
    return True


async def get_entry(index: int) -> Entry | None:
    """The entry at a position, or None."""
    rows = await db.fetch(f"{_ENTRY} WHERE e.position = $1", index)
    return _entry(rows[0]) if rows else None


async def entries_about(subject: str) -> list[Entry]:
    """Everything the log says about a subject, oldest first."""
    rows = await db.fetch(f"{_ENTRY} WHERE e.subject = $1 ORDER BY e.position LIMIT 500", subject)
    return [_entry(row) for row in rows]


async def entries_of(kind: str, limit: int = 200) -> list[Entry]:
    """The first entries of a kind, oldest first."""
    rows = await db.fetch(f"{_ENTRY} WHERE e.kind = $1 ORDER BY e.position LIMIT $2", kind, limit)
    return [_entry(row) for row in rows]


async def newest_entries(limit: int, *, before: int | None = None) -> list[Entry]:
    """The last entries, newest first; `before` a position for the ones further back."""
    rows = await db.fetch(
        f"{_ENTRY} WHERE e.position < $1 ORDER BY e.position DESC LIMIT $2",
        2**62 if before is None else before,
        limit,
    )
    return [_entry(row) for row in rows]


async def find_by_hash(leaf_hash_hex: str) -> Entry | None:
    """The entry with this leaf hash, or None."""
    rows = await db.fetch(f"{_ENTRY} WHERE e.leaf_hash = $1 ORDER BY e.position LIMIT 1", leaf_hash_hex)
    return _entry(rows[0]) if rows else None


async def size() -> int:
    """How many entries the log has, signed or not."""
    row = await db.fetch_one("SELECT size FROM log_head WHERE id = 1")
    return int(row["size"]) if row else 0


async def current_root() -> tuple[int, bytes]:
    """Size and root of the whole tree, as they stand now."""
    row = await db.fetch_one("SELECT size, peaks FROM log_head WHERE id = 1")
    if row is None:
        raise RuntimeError("the log has no head")
    frontier = Frontier(int(row["size"]), _hashes(row["peaks"]))
    return frontier.size, frontier.root()


async def current_checkpoint() -> Signed | None:
    """The newest signed checkpoint; None before the first."""
    row = await db.fetch_one(f"{_CHECKPOINT} ORDER BY size DESC LIMIT 1")
    return _signed(row) if row else None


async def checkpoint_of(size: int) -> Signed | None:
    """The signed checkpoint of exactly this size, or None."""
    row = await db.fetch_one(f"{_CHECKPOINT} WHERE size = $1", size)
    return _signed(row) if row else None


async def checkpoints(limit: int) -> list[Signed]:
    """The last signed checkpoints, newest first."""
    rows = await db.fetch(f"{_CHECKPOINT} ORDER BY size DESC LIMIT $1", limit)
    return [_signed(row) for row in rows]


async def entry_with_proof(index: int) -> tuple[Entry, InclusionProof] | None:
    """An entry and the proof that the newest checkpoint holds it; None while no checkpoint does."""
    entry, checkpoint = await get_entry(index), await current_checkpoint()
    if entry is None or checkpoint is None or checkpoint.size <= index:
        return None
    hashes = await with_hashes(lambda hash_of: inclusion_proof(index, checkpoint.size, hash_of))
    return entry, InclusionProof(index, tuple(hashes), checkpoint.note)


# --- rows ------------------------------------------------------------------------------------------------

_ENTRY = (
    "SELECT e.position, e.leaf, e.leaf_hash, o.salt, o.facts FROM log_entry e"
    " LEFT JOIN log_opening o ON o.position = e.position"
)
_CHECKPOINT = "SELECT id, size, root, note, at FROM log_checkpoint"


def _make(event: Event, now: datetime) -> tuple[Leaf, bytes, bytes, str]:
    salt = new_salt()
    leaf = new_leaf(
        event.kind, event.subject, event.version, now, salt=salt, facts=event.facts, public=event.public
    )
    return leaf, leaf.encode(), salt, canonical(dict(event.facts)).decode()


async def _insert(entries: list[Entry], nodes: list[list[Any]]) -> None:
    await _write(
        "log_entry (position, kind, subject, version, at, leaf, leaf_hash)",
        [
            [
                e.index,
                e.leaf.kind,
                e.leaf.subject,
                e.leaf.version,
                e.leaf.at,
                e.leaf_bytes.decode(),
                e.leaf_hash_hex,
            ]
            for e in entries
        ],
    )
    await _write(
        "log_opening (position, salt, facts)",
        [[e.index, e.salt.hex() if e.salt else "", e.facts_json] for e in entries],
    )
    await _write("log_node (level, position, hash)", nodes)


async def _write(columns: str, rows: list[list[Any]]) -> None:
    if not rows:
        return
    places = ", ".join(f"${n}" for n in range(1, len(rows[0]) + 1))
    sql = f"INSERT INTO {columns} VALUES ({places})"
    if len(rows) == 1:
        await db.execute(sql, *rows[0])
    else:
        await execute_many(sql, rows)


def _hashes(joined: str) -> list[bytes]:
    data = bytes.fromhex(joined)
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def _entry(row: Row) -> Entry:
    data = row["leaf"].encode()
    return Entry(
        row["position"],
        Leaf.decode(data),
        data,
        row["leaf_hash"],
        bytes.fromhex(row["salt"]) if row["salt"] else None,
        row["facts"],
    )


def _signed(row: Row) -> Signed:
    return Signed(row["id"], row["size"], bytes.fromhex(row["root"]), row["note"], as_instant(row["at"]))
