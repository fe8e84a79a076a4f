"""verify-log over a living database: quiet when all is as it was, and naming the first thing that is not."""

from __future__ import annotations

import pytest

from market import clock
from market import db as database
from market.transparency import digests, log
from market.transparency.checkpoint import Checkpoint
from market.transparency.verify_log import verify
from tests.tamper import history

LOG_TABLES = ("log_entry", "log_opening", "log_node", "log_head", "log_checkpoint", "log_seal")
KEY = [history.SIGNER.verifier]


async def unprotect() -> None:
    """What somebody with full access to the database does first."""
    if database.is_postgres():
        for table in ("ledger_entry", "ledger_transfer", *LOG_TABLES):
            await database.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        return
    for row in await database.fetch("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
        await database.execute(f"DROP TRIGGER {row['name']}")


async def test_an_empty_log_is_in_order(db):
    report = await verify(KEY)
    assert report.faults == ()
    assert report.entries == 0


async def test_a_history_is_in_order_and_covered(db):
    outside = await history.yesterday()
    await history.today()
    report = await verify(KEY, [outside])
    assert report.faults == ()
    assert report.entries == await log.size()
    assert report.covered_rows >= 18 * 3
    assert report.erased == 1


async def test_covering_is_done_once(db):
    await history.yesterday()
    before = await log.size()
    assert await digests.seal_all(now=clock.now(), daily=False) == 0
    assert await log.size() == before


@pytest.mark.parametrize(
    ("statement", "first"),
    [
        ("UPDATE ledger_transfer SET amount_minor = amount_minor + 1 WHERE id = 18", "ledger_transfer 18: was changed"),
        ("DELETE FROM ledger_transfer WHERE id = 19", "ledger_transfer 19: was deleted"),
        (
            ("INSERT INTO ledger_transfer (id, entry_id, debit, credit, amount_minor, currency)"
            " VALUES (20, 6, 'a', 'b', 1, 'IDR')"),
            "ledger_transfer 20: was put in",
        ),
        (
            ("INSERT INTO ledger_entry (id, key, kind, booking_reference, note, at)"
            " SELECT -5, 'x', 'paid', '', '', at FROM ledger_entry WHERE id = 6"),
            "ledger_entry -5: was put in",
        ),
        ("UPDATE log_entry SET subject = 'claim:99' WHERE position = 7", "log_entry 7: has columns"),
        ("UPDATE log_entry SET leaf = '{}' WHERE position = 7", "log_entry 7: does not hash"),
        ("UPDATE log_opening SET facts = '{}' WHERE position = 6", "log_opening 6: is not what"),
        ("DELETE FROM log_opening WHERE position = 6", "log_opening 6: is gone"),
        ("UPDATE log_node SET hash = '00' WHERE level = 1 AND position = 2", "log_node of level 1 2: is not the hash"),
        ("UPDATE log_head SET size = size + 1", "log_head 1: does not fit"),
        ("DELETE FROM log_seal WHERE id = 1", "log_seal 8: is missing"),
        ("UPDATE log_checkpoint SET root = '00' WHERE id = 1", "log_checkpoint"),
    ],
)  # fmt: skip
async def test_the_first_bad_row_is_named(db, statement, first):
    outside = await history.yesterday()
    await history.today()
    await unprotect()
    await database.execute(statement)
    report = await verify(KEY, [outside])
    assert report.faults
    assert str(report.faults[0]).startswith(first), [str(fault) for fault in report.faults[:3]]


async def test_a_lost_table_is_a_fault(db):
    await history.yesterday()
    await unprotect()
    await database.execute("DROP VIEW ledger_posting")
    await database.execute("ALTER TABLE ledger_transfer DROP COLUMN currency")
    report = await verify(KEY)
    assert "cannot be read" in str(report.faults[0])


async def test_a_log_that_lost_its_end_is_found_only_from_outside(db):
    outside = await history.yesterday()
    longer = Checkpoint(outside.origin, outside.size + 7, outside.root)
    assert (await verify(KEY)).faults == ()
    report = await verify(KEY, [longer])
    assert "the log has only" in str(report.faults[0])
