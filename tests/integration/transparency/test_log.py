"""The log in the database: entries in the transaction of their event, without gaps, with proofs that hold."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from market import clock
from market import db as database
from market.transparency import log, stored_tree
from market.transparency.entries import commits_to
from market.transparency.merkle import leaf_hash, root_of, verify_consistency


async def add(count: int, *, first: int = 0) -> list[log.Entry]:
    events = [
        log.Event("test.happened", f"thing:{n}", {"n": n}, public={"n": n})
        for n in range(first, first + count)
    ]
    async with database.transaction():
        return await log.append_many(events, now=clock.now())


async def test_an_entry_belongs_to_a_transaction(db):
    with pytest.raises(RuntimeError, match="in the transaction"):
        await log.append("claim.decided", subject="claim:1", facts={}, now=clock.now())


async def test_an_entry_and_what_opens_it(db):
    facts = {"hotel": "H-1", "award": 8_000_000}
    async with database.transaction():
        entry = await log.append(
            "claim.decided",
            subject="claim:1",
            version=3,
            facts=facts,
            now=clock.now(),
            public={"award": 8_000_000},
        )
    assert entry.index == 0
    assert entry.salt is not None
    assert commits_to(entry.commitment, entry.salt, facts)
    kept = await log.get_entry(0)
    assert kept == entry
    assert kept.leaf_hash_hex == leaf_hash(kept.leaf_bytes).hex()
    assert await log.entries_about("claim:1") == [entry]
    assert await log.get_entry(1) is None


async def test_a_rolled_back_event_leaves_no_gap(db):
    await add(3)

    async def fail() -> None:
        async with database.transaction():
            await log.append("test.happened", subject="thing:x", facts={}, now=clock.now())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert [entry.index for entry in await add(2)] == [3, 4]
    assert await log.size() == 5


async def test_the_tree_is_that_of_the_entries(db):
    hashes = [bytes.fromhex(entry.leaf_hash_hex) for entry in await add(1)]
    roots = {0: root_of([]), 1: root_of(hashes)}
    for step in (1, 2, 3, 5, 8, 300):
        hashes += [bytes.fromhex(entry.leaf_hash_hex) for entry in await add(step, first=len(hashes))]
        roots[len(hashes)] = root_of(hashes)
        assert await log.current_root() == (len(hashes), roots[len(hashes)])
    for old, new in itertools.combinations_with_replacement(roots, 2):
        verify_consistency(old, new, await stored_tree.consistency(old, new), roots[old], roots[new])
    assert await stored_tree.level_hashes(0, 0, 400) == hashes
    assert await stored_tree.level_hashes(8, 0, 2) == [root_of(hashes[:256])]


async def test_many_at_once_leave_no_gap(db):
    async def one(number: int) -> None:
        async with database.transaction():
            await log.append("test.happened", subject=f"thing:{number}", facts={}, now=clock.now())

    await asyncio.gather(*(one(number) for number in range(40)))
    rows = await database.fetch("SELECT position, leaf_hash FROM log_entry ORDER BY position")
    assert [row["position"] for row in rows] == list(range(40))
    assert (await log.current_root())[1] == root_of(bytes.fromhex(row["leaf_hash"]) for row in rows)


async def test_erasing_facts_leaves_the_entry(db):
    await add(3)
    async with database.transaction():
        assert await log.erase(1, now=clock.now())
        assert not await log.erase(1, now=clock.now())
    entry = await log.get_entry(1)
    assert entry is not None
    assert (entry.salt, entry.facts_json) == (None, None)
    told = await log.get_entry(3)
    assert told is not None
    assert told.leaf.kind == "opening.erased"
    assert told.leaf.public == {"entry": 1}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_entry SET kind = 'x'", "DELETE FROM log_entry", "UPDATE log_node SET hash = ''",
        "DELETE FROM log_node", "UPDATE log_opening SET salt = ''", "UPDATE log_head SET size = 1",
        "DELETE FROM log_head",
    ],
)  # fmt: skip
async def test_the_database_refuses_changes(db, statement):
    await add(4)
    with pytest.raises(Exception, match="append-only"):
        await database.execute(statement)


async def test_many_thousand_entries_take_few_statements(db, statements):
    for first in range(0, 10_000, 5_000):
        statements.clear()
        await add(5_000, first=first)
        assert len(statements) < 10
    assert await log.size() == 10_000
