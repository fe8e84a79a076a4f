"""What somebody with full access to the database may do to it: lists of statements, made at random.

The plain attacks touch rows; `rechain` also makes every hash, the tree, the index of covered rows and all stored
checkpoints anew and signs them with the log's own key. Only the checkpoint that outsiders hold is out of reach.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from market.db.sql import as_instant
from market.transparency.checkpoint import Checkpoint, sign_checkpoint
from market.transparency.entries import canonical, commitment
from market.transparency.merkle import Frontier, leaf_hash
from market.transparency.sealing import Batch, make_batch
from tests.tamper.history import SIGNER

Row = dict[str, Any]
Statement = tuple[str, list[Any]]
LEDGER = ("ledger_entry", "ledger_transfer")
LOG = ("log_entry", "log_opening", "log_node", "log_head", "log_checkpoint", "log_seal")
KEYS = {
    "ledger_entry": ("id",), "ledger_transfer": ("id",), "log_entry": ("position",), "log_opening": ("position",),
    "log_node": ("level", "position"), "log_head": ("id",), "log_checkpoint": ("size",), "log_seal": ("position",),
}  # fmt: skip
# Numbers that say nothing: a seal's own number, and when the newest checkpoints were kept.
MEANINGLESS = {"log_seal": {"id"}, "log_head": {"id"}, "log_checkpoint": {"id", "at"}}


@dataclass(frozen=True)
class State:
    """The database before the attack, and how much of it outsiders vouch for."""

    tables: dict[str, list[Row]]
    size: int
    covered_to: dict[str, int]

    def targets(self, table: str) -> list[Row]:
        """Rows that the checkpoint from outside covers, or that follow from entries."""
        rows = self.tables[table]
        if table == "log_checkpoint":
            return [row for row in rows if row["size"] <= self.size]
        return [row for row in rows if row["id"] <= self.covered_to[table]] if table in LEDGER else rows


@dataclass(frozen=True)
class Attack:
    """Statements, and the ledger row that must be named, if one must."""

    name: str
    statements: list[Statement]
    victim: tuple[str, int] | None = None


def any_table(rng: random.Random) -> str:
    return rng.choice((*LEDGER, *LEDGER, *LOG))


def edit(rng: random.Random, state: State) -> Attack:
    table = any_table(rng)
    row = rng.choice(state.targets(table))
    column = rng.choice([name for name in row if name not in MEANINGLESS.get(table, ())])
    free = other_key(rng, state, table) if column in KEYS[table] else None
    value = free if free is not None else later(row[column]) if column == "at" else other(rng, row[column])
    if column == "key":  # the database itself refuses one that is taken
        value = f"forged:{rng.randrange(10**9)}"
    victim = (table, row["id"]) if table in LEDGER and column not in KEYS[table] else None
    return Attack(f"edit {table}.{column}", [update(table, row, {column: value})], victim)


def delete(rng: random.Random, state: State) -> Attack:
    table = any_table(rng)
    row = rng.choice(state.targets(table))
    where, values = condition(table, row)
    victim = (table, row["id"]) if table in LEDGER else None
    return Attack(f"delete from {table}", [(f"DELETE FROM {table} WHERE {where}", values)], victim)


def insert(rng: random.Random, state: State) -> Attack:
    table = rng.choice((*LEDGER, "log_entry", "log_opening", "log_node", "log_seal", "log_checkpoint"))
    row = dict(rng.choice(state.targets(table)))
    if table in LEDGER:
        taken = {r["id"] for r in state.tables[table]}
        row["id"] = rng.choice([n for n in range(-9, state.covered_to[table]) if n not in taken])
    elif table == "log_entry":
        return push_in(rng, state, row)
    elif table == "log_node":
        row["level"] = rng.randint(7, 20)
    elif table == "log_seal":
        row |= {"position": rng.randint(500, 900), "last_id": row["last_id"] + 100_000, "id": 900}
    elif table == "log_checkpoint":
        row |= {"size": rng.choice(sorted(set(range(state.size)) - sizes(state))), "id": 900}
    else:
        row["position"] = rng.randint(500, 900)
    if "key" in row:
        row["key"] = f"forged:{row['id']}"
    victim = (table, row["id"]) if table in LEDGER else None
    return Attack(f"insert into {table}", [put(table, row)], victim)


def swap(rng: random.Random, state: State) -> Attack:
    table = rng.choice((*LEDGER, *LEDGER, "log_entry", "log_opening", "log_node"))
    one, two = rng.sample(state.targets(table), 2)
    contents = [{name: v for name, v in row.items() if name not in KEYS[table]} for row in (one, two)]
    statements = [
        update(table, one, contents[1] | unique(table, "swapping")),
        update(table, two, contents[0]),
    ]
    if unique(table, ""):
        statements.append(update(table, one, contents[1]))
    return Attack(f"swap in {table}", statements)


def rechain(rng: random.Random, state: State) -> Attack:
    entries = {row["position"]: row for row in state.tables["log_entry"]}
    openings = {row["position"]: row for row in state.tables["log_opening"]}
    log = [(entries[n], openings.get(n)) for n in sorted(entries)]
    what = rng.choice(("edit", "delete", "insert", "swap", "ledger"))
    at = rng.randrange(state.size)
    statements: list[Statement] = []
    if what == "edit":
        log[at] = forged(rng, *log[at])
    elif what == "delete":
        del log[at]
    elif what == "insert":
        log.insert(at, forged(rng, *log[at]))
    elif what == "swap":
        other_one = rng.choice([n for n in range(state.size) if n != at])
        log[at], log[other_one] = log[other_one], log[at]
    else:
        statements, log = resealed(rng, state, log)
    return Attack(f"rechain after {what}", statements + anew(state, log))


ATTACKS: tuple[Callable[[random.Random, State], Attack], ...] = (edit, delete, insert, swap, rechain)


# --- forging ---------------------------------------------------------------------------------------------


def forged(rng: random.Random, entry: Row, opening: Row | None) -> tuple[Row, Row]:
    """Another story in the place of an entry, with salt and facts that fit."""
    leaf = json.loads(entry["leaf"])
    facts = {"award": rng.randrange(10**9), "hotel": "H-insider"}
    salt = rng.randbytes(32)
    leaf["commitment"] = commitment(salt, facts).hex()
    if rng.random() < 0.5:
        leaf["subject"] = f"claim:{rng.randrange(10**6)}"
    leaf.pop("public", None)
    leaf["type"] = "claim.decided"
    return (
        {**entry, "leaf": canonical(leaf).decode(), "kind": leaf["type"], "subject": leaf["subject"]},
        {"position": 0, "salt": salt.hex(), "facts": canonical(facts).decode()},
    )


def resealed(
    rng: random.Random, state: State, log: list[tuple[Row, Row | None]]
) -> tuple[list[Statement], list[tuple[Row, Row | None]]]:
    """A ledger row changed, and the entry that covers it made to fit."""
    at = rng.choice(
        [n for n, (e, _) in enumerate(log[: state.size]) if e["subject"] == "table:ledger_transfer"]
    )
    entry, opening = log[at]
    assert opening is not None
    batch = Batch.parse(opening["facts"])
    rows = [dict(row) for row in state.tables["ledger_transfer"] if row["id"] in batch.ids]
    victim = rng.choice(rows)
    victim["amount_minor"] += 1_000_000
    facts, salt = make_batch(batch.columns, rows).facts, rng.randbytes(32)
    leaf = json.loads(entry["leaf"]) | {"commitment": commitment(salt, facts).hex()}
    changed = list(log)
    changed[at] = (
        {**entry, "leaf": canonical(leaf).decode()},
        {"position": 0, "salt": salt.hex(), "facts": canonical(facts).decode()},
    )
    return [update("ledger_transfer", victim, {"amount_minor": victim["amount_minor"]})], changed


def anew(state: State, log: list[tuple[Row, Row | None]]) -> list[Statement]:
    """Everything the log's tables hold, made again from these entries."""
    statements: list[Statement] = [
        (f"DELETE FROM {table}", []) for table in reversed(LOG) if table != "log_head"
    ]
    frontier = Frontier()
    for position, (entry, opening) in enumerate(log):
        digest = leaf_hash(entry["leaf"].encode())
        nodes = frontier.append(digest)
        statements.append(put("log_entry", {**entry, "position": position, "leaf_hash": digest.hex()}))
        if opening is not None:
            statements.append(put("log_opening", {**opening, "position": position}))
        for level, node in enumerate(nodes, 1):
            statements.append(
                put("log_node", {"level": level, "position": position >> level, "hash": node.hex()})
            )
        statements += [
            put("log_checkpoint", signed_anew(row, frontier))
            for row in state.tables["log_checkpoint"]
            if row["size"] == frontier.size
        ]
        if entry["kind"] == "rows.sealed" and opening is not None:
            statements.append(put("log_seal", seal_row(position, opening)))
    peaks = b"".join(frontier.peaks).hex()
    return [*statements, ("UPDATE log_head SET size = $1, peaks = $2", [frontier.size, peaks])]


def signed_anew(row: Row, frontier: Frontier) -> Row:
    root = frontier.root()
    note = sign_checkpoint(Checkpoint(SIGNER.name, frontier.size, root), SIGNER)
    return {**row, "root": root.hex(), "note": note}


def seal_row(position: int, opening: Row) -> Row:
    batch = Batch.parse(opening["facts"])
    return {
        "id": position + 1,
        "table_name": batch.columns.table,
        "first_id": batch.ids[0],
        "last_id": batch.last,
        "position": position,
    }


def push_in(rng: random.Random, state: State, row: Row) -> Attack:
    """An entry between others, which move on by one."""
    at = rng.randrange(state.size)
    entry, _ = forged(rng, row, None)
    return Attack(
        "insert into log_entry",
        [
            ("UPDATE log_entry SET position = position + 1000 WHERE position >= $1", [at]),
            ("UPDATE log_entry SET position = position - 999 WHERE position >= 1000", []),
            put("log_entry", {**entry, "position": at, "leaf_hash": leaf_hash(entry["leaf"].encode()).hex()}),
        ],
    )


# --- statements ------------------------------------------------------------------------------------------


def other(rng: random.Random, value: Any) -> Any:
    """Something else of the same kind."""
    if isinstance(value, int):
        return value + rng.choice((-1, 1, 1000, rng.randint(2, 10**6)))
    if isinstance(value, str):
        at = rng.randrange(len(value) + 1)
        return value[:at] + rng.choice("0123456789abcdefXYZ {}\"'é") + value[at:]
    raise TypeError(value)


def later(value: Any) -> Any:
    """Another instant, as the database spells instants: another spelling of the same one changes nothing."""
    moved = as_instant(value) + timedelta(microseconds=1)
    return moved if isinstance(value, datetime) else moved.isoformat(sep=" ")


def other_key(rng: random.Random, state: State, table: str) -> int | None:
    """A number that no row of the table has, to move a row to."""
    return rng.randint(2000, 10**6) if table not in LEDGER else rng.choice((-1, -2)) * rng.randint(1, 99)


def unique(table: str, value: str) -> Row:
    return {"key": value} if table == "ledger_entry" else {}


def sizes(state: State) -> set[int]:
    return {row["size"] for row in state.tables["log_checkpoint"]}


def condition(table: str, row: Row, first: int = 1) -> tuple[str, list[Any]]:
    names = KEYS[table]
    return " AND ".join(f"{name} = ${n}" for n, name in enumerate(names, first)), [
        row[name] for name in names
    ]


def update(table: str, row: Row, values: Row) -> Statement:
    changes = ", ".join(f"{name} = ${n}" for n, name in enumerate(values, 1))
    where, keys = condition(table, row, len(values) + 1)
    return f"UPDATE {table} SET {changes} WHERE {where}", [*values.values(), *keys]


def put(table: str, row: Row) -> Statement:
    places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", list(row.values())
