"""Checking everything the log's tables hold, row by row: what `verify-log` does, without reading anything itself.

Feed the rows in the order of the methods below; `faults` then says what is wrong, the first bad entry first.
Nothing stored is believed: hashes, tree, head, checkpoints and covered rows are all made again from the leaves.
An insider can make them all anew as well; only a checkpoint from outside tells, so hand one in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from market.db.sql import as_instant
from market.transparency.checkpoint import Checkpoint, open_checkpoint
from market.transparency.entries import written
from market.transparency.merkle import EMPTY_ROOT, HASH_BYTES, Frontier, leaf_hash, node_hash
from market.transparency.notes import BadNote, Verifier
from market.transparency.sealing import SEAL_KIND, Batch

Row = Mapping[str, Any]
_LAST = 2**62


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something that is not as it was. `position` orders faults: that of the entry that shows it."""

    position: int
    table: str
    row: int
    what: str

    def __str__(self) -> str:
        return f"{self.table} {self.row}: {self.what}"


@dataclass(slots=True)
class Sealed:
    """A batch of covered rows to be compared: those after `after`, up to the batch's last."""

    position: int
    batch: Batch
    after: int | None


@dataclass
class Audit:
    """One run. `verifiers` are the keys trusted from outside, `outside` checkpoints that outsiders kept."""

    verifiers: Sequence[Verifier]
    outside: Sequence[Checkpoint] = ()
    faults: list[Fault] = field(default_factory=list[Fault])
    erased: set[int] = field(default_factory=set[int])
    batches: list[Sealed] = field(default_factory=list[Sealed])

    def __post_init__(self) -> None:
        self._frontier = Frontier()
        self._next = 0
        self._leaves = bytearray()
        self._keys = list(self.verifiers)
        self._unopened: set[int] = set()
        self._stored: dict[int, Row] = {}
        self._roots: dict[int, bytes] = {0: EMPTY_ROOT}
        self._wanted = {checkpoint.size for checkpoint in self.outside}
        self._last_of: dict[str, int] = {}
        self._expected_nodes: Iterator[tuple[int, int, bytes]] | None = None
        self._pending: tuple[int, int, bytes] | None = None

    @property
    def size(self) -> int:
        """How many entries were read."""
        return self._frontier.size

    @property
    def checkpoint_count(self) -> int:
        return len(self._stored)

    # --- fed in this order -------------------------------------------------------------------------------

    def checkpoints(self, rows: Iterable[Row]) -> None:
        """Every stored checkpoint."""
        for row in self._proper(rows, "log_checkpoint", "size"):
            size = row["size"]
            if size in self._stored:
                self._fault(max(size - 1, 0), "log_checkpoint", size, "is there twice")
            self._stored[size] = row
            self._wanted.add(size)

    def entries(self, rows: Iterable[Row]) -> None:
        """Entries with what opens them, in the order of their positions."""
        for row in self._proper(rows, "log_entry", "position"):
            self._entry(row)

    def entries_end(self) -> None:
        """All entries were read: erasures, and every root that was signed."""
        for position in sorted(self._unopened - self.erased):
            self._fault(position, "log_opening", position, "is gone, and no entry says that it was erased")
        for checkpoint in self.outside:
            self._outside(checkpoint)
        for size in sorted(self._stored):
            self._checkpoint(size, self._stored[size])

    def openings(self, count: int) -> None:
        """How many rows open a commitment."""
        if count != self._next - len(self._unopened):
            self._fault(_LAST, "log_opening", count, "rows do not belong to the entries one by one")

    def nodes(self, rows: Iterable[Row]) -> None:
        """Stored subtree hashes, by level and position."""
        if self._expected_nodes is None:
            self._expected_nodes = self._make_nodes()
            self._pending = next(self._expected_nodes, None)
        for row in self._proper(rows, "log_node", "position", "level"):
            self._node(row["level"], row["position"], row["hash"])

    def nodes_end(self) -> None:
        self.nodes(())
        while self._pending is not None:
            level, position, _ = self._pending
            self._node_fault(level, position, "is missing")
            self._advance()

    def head(self, rows: Sequence[Row]) -> None:
        """The one row that hands out positions."""
        peaks = b"".join(self._frontier.peaks).hex()
        if [(row["size"], row["peaks"]) for row in rows] != [(self._next, peaks)]:
            self._fault(_LAST, "log_head", 1, "does not fit the entries")

    def seals(self, rows: Iterable[Row]) -> None:
        """The index of covered rows."""
        made = {sealed.position: sealed.batch for sealed in self.batches}
        for row in self._proper(rows, "log_seal", "position"):
            batch = made.pop(row["position"], None)
            told = (row["table_name"], row["first_id"], row["last_id"])
            if batch is None or told != (batch.columns.table, batch.ids[0], batch.last):
                self._fault(row["position"], "log_seal", row["position"], "does not fit its entry")
        for position in made:
            self._fault(position, "log_seal", position, "is missing")

    def covered(self, sealed: Sealed, rows: Iterable[Row]) -> None:
        """The rows of one of `batches`, as its table holds them now."""
        difference = sealed.batch.first_difference(rows)
        if difference is not None:
            self._fault(sealed.position, sealed.batch.columns.table, *difference)

    def unreadable(self, sealed: Sealed) -> None:
        """The table of one of `batches` cannot be read as it was."""
        table = sealed.batch.columns.table
        self._fault(sealed.position, table, sealed.batch.ids[0], "cannot be read: table or columns are gone")

    def _proper(self, rows: Iterable[Row], table: str, *numbers: str) -> Iterator[Row]:
        """Rows whose numbers are numbers: SQLite keeps whatever is written into a column."""
        for row in rows:
            if all(isinstance(row[name], int) and abs(row[name]) <= _LAST for name in numbers):
                yield row
            else:
                self._fault(_LAST, table, 0, "has a row that is known by no number")

    # --- entries -----------------------------------------------------------------------------------------

    def _entry(self, row: Row) -> None:
        position = row["position"]
        if position != self._next:
            self._fault(self._next, "log_entry", self._next, "is missing")
        data = str(row["leaf"]).encode(errors="surrogatepass")
        digest = leaf_hash(data)
        if row["leaf_hash"] != digest.hex():
            self._fault(position, "log_entry", position, "does not hash to its hash")
        self._next = position + 1
        self._frontier.append(digest)
        self._leaves += digest
        if self._frontier.size in self._wanted:
            self._roots[self._frontier.size] = self._frontier.root()
        try:
            found = cast("dict[str, Any]", json.loads(data))
            self._columns(row, found)
            self._meaning(row["position"], found, row["facts"] if self._opening(row, found) else None)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self._fault(position, "log_entry", position, "holds no entry")

    def _columns(self, row: Row, leaf: dict[str, Any]) -> None:
        told = (row["kind"], row["subject"], row["version"], written(as_instant(row["at"])))
        if told != (leaf["type"], leaf["subject"], leaf["version"], leaf["at"]):
            self._fault(
                row["position"], "log_entry", row["position"], "has columns that its leaf does not have"
            )

    def _opening(self, row: Row, leaf: dict[str, Any]) -> bool:
        """Whether the facts are there and are what was committed to: only then are they believed."""
        position = row["position"]
        if row["salt"] is None:
            self._unopened.add(position)
            return False
        try:
            salt = bytes.fromhex(row["salt"])
            opened = (
                hashlib.sha256(salt + row["facts"].encode()).hexdigest() if salt.hex() == row["salt"] else ""
            )
        except (ValueError, AttributeError):
            opened = ""
        if opened == leaf["commitment"]:
            return True
        self._fault(position, "log_opening", position, "is not what the entry commits to")
        return False

    def _meaning(self, position: int, leaf: dict[str, Any], facts: str | None) -> None:
        public = leaf.get("public") or {}
        if leaf["type"] == "opening.erased":
            self.erased.add(int(public["entry"]))
        elif leaf["type"] == "log.key":
            key = Verifier.parse(public["key"])
            self._keys += [key] if key not in self._keys else []
        elif leaf["type"] == SEAL_KIND:
            self._sealed(position, public, facts)

    def _sealed(self, position: int, public: dict[str, Any], facts: str | None) -> None:
        try:
            batch = Batch.parse(facts or "")
        except ValueError:
            self._fault(position, str(public["table"]), int(public["first_id"]), "can no longer be checked")
            return
        if batch.public != public:
            self._fault(position, "log_entry", position, "covers other rows than it says")
        table = batch.columns.table
        self.batches.append(Sealed(position, batch, self._last_of.get(table)))
        self._last_of[table] = batch.last

    # --- checkpoints -------------------------------------------------------------------------------------

    def _checkpoint(self, size: int, row: Row) -> None:
        place = (max(size - 1, 0), "log_checkpoint", size)
        try:
            signed = open_checkpoint(row["note"], [key for key in self._keys if key.name == self._name])
        except (BadNote, IndexError, AttributeError, TypeError):
            self._fault(*place, "is not signed by a key of this log")
            return
        if (signed.size, signed.root.hex()) != (size, row["root"]):
            self._fault(*place, "does not say what its note says")
        if self._roots.get(signed.size) != signed.root:
            self._fault(*place, "does not fit the entries before it")

    @property
    def _name(self) -> str:
        return self.verifiers[0].name if self.verifiers else ""

    def _outside(self, checkpoint: Checkpoint) -> None:
        place = (max(checkpoint.size - 1, 0), "checkpoint from outside", checkpoint.size)
        if checkpoint.size > self.size:
            self._fault(*place, f"covers {checkpoint.size} entries, the log has only {self.size}")
        elif self._roots.get(checkpoint.size) != checkpoint.root:
            fitting = [c.size for c in self.outside if self._roots.get(c.size) == c.root]
            since = max((size for size in fitting if size < checkpoint.size), default=0)
            span = f"{since} to {checkpoint.size - 1}"
            self._fault(*place, f"is of another history: an entry from {span} is not what it was")
        elif checkpoint.size and checkpoint.size not in self._stored:
            self._fault(*place, "is not among the stored ones")

    # --- the tree ----------------------------------------------------------------------------------------

    def _make_nodes(self) -> Iterator[tuple[int, int, bytes]]:
        """Every complete subtree above the leaves, level by level."""
        below, level = bytes(self._leaves), 1
        while len(below) >= 2 * HASH_BYTES:
            here = bytearray()
            for position in range(len(below) // (2 * HASH_BYTES)):
                at = position * 2 * HASH_BYTES
                node = node_hash(below[at : at + HASH_BYTES], below[at + HASH_BYTES : at + 2 * HASH_BYTES])
                here += node
                yield level, position, node
            below, level = bytes(here), level + 1

    def _node(self, level: int, position: int, digest: str) -> None:
        while self._pending is not None and self._pending[:2] < (level, position):
            self._node_fault(*self._pending[:2], "is missing")
            self._advance()
        if self._pending is None or self._pending[:2] != (level, position):
            self._node_fault(level, position, "belongs to no entries")
            return
        if self._pending[2].hex() != digest:
            self._node_fault(level, position, "is not the hash of its entries")
        self._advance()

    def _advance(self) -> None:
        self._pending = next(self._expected_nodes, None) if self._expected_nodes is not None else None

    def _node_fault(self, level: int, position: int, what: str) -> None:
        last = ((position + 1) << max(level, 0)) - 1
        self._fault(min(last, _LAST), f"log_node of level {level}", position, what)

    def _fault(self, position: int, table: str, row: int, what: str) -> None:
        self.faults.append(Fault(position, table, row, what))
