"""The live schema and the table classes agree, on both databases; what must never change cannot be changed."""

from __future__ import annotations

import pytest
from tortoise import Tortoise
from tortoise.exceptions import BaseORMException

from market import clock
from market.db import execute, fetch, is_postgres
from market.db.migrate import MigrationChanged, migrate, migrations


async def live_columns(table: str) -> dict[str, bool]:
    """Column names of a table, and whether each may be null."""
    if is_postgres():
        rows = await fetch(
            "SELECT column_name AS name, is_nullable = 'YES' AS empty FROM information_schema.columns"
            " WHERE table_name = $1",
            table,
        )
        return {row["name"]: bool(row["empty"]) for row in rows}
    rows = await fetch(f"SELECT name, \"notnull\" = 0 AND pk = 0 AS empty FROM pragma_table_info('{table}')")
    return {row["name"]: bool(row["empty"]) for row in rows}


async def test_models_and_tables_have_the_same_columns(db):
    for model in Tortoise.apps["market"].values():
        described = model._meta
        live = await live_columns(described.db_table)
        columns = {field.source_field or name: field.null for name, field in described.fields_map.items()}
        assert columns == live, described.db_table


@pytest.mark.parametrize("table", ["ledger_entry", "ledger_transfer", "booking_event"])
async def test_append_only_tables_refuse_changes(db, table):
    now = clock.now()
    if table == "booking_event":
        from tests import factories

        listing = await factories.make_listing()
        columns = (
            "reference, request_key, state, kind, listing_id, host_id, locale, starts_on, ends_on, starts_at, ends_at,"
            " cutoff_at, adults, instant, currency, total_minor, offer, held_at, created_at, updated_at"
        )
        await execute(
            f"INSERT INTO booking ({columns}) VALUES ('R', 'K', 'held', 'lesson', $1, $2, 'en', $3, $3, $4, $4, $4, 1,"
            " TRUE, 'IDR', 1, '{}', $4, $4, $4)",
            listing.id,
            listing.host_id,
            clock.today(),
            now,
        )
        await execute(
            "INSERT INTO booking_event (booking_id, name, from_state, to_state, actor, at)"
            " VALUES ((SELECT id FROM booking), 'held', '', 'held', 'guest', $1)",
            now,
        )
    else:
        await execute("INSERT INTO ledger_entry (key, kind, at) VALUES ('k', 'test', $1)", now)
        await execute(
            "INSERT INTO ledger_transfer (entry_id, debit, credit, amount_minor, currency)"
            " VALUES ((SELECT id FROM ledger_entry), 'asset:bank', 'suspense', 5, 'IDR')"
        )
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):
        with pytest.raises(Exception, match="append-only"):
            await execute(statement)
    assert len(await fetch(f"SELECT id FROM {table}")) == 1


@pytest.mark.parametrize(
    "change",
    ["held = 4", "held = 2, confirmed = 1, blocked = 1", "held = -1", "confirmed = -1", "capacity = -1"],
)
async def test_the_database_itself_refuses_overselling(db, change):
    from tests import factories

    slot = await factories.make_start(await factories.make_listing(), capacity=3)
    with pytest.raises((BaseORMException, Exception), match=r"(?i)check"):
        await execute(f"UPDATE slot SET {change} WHERE id = $1", slot.id)


async def test_an_entry_cannot_be_written_unbalanced(db):
    await execute("INSERT INTO ledger_entry (key, kind, at) VALUES ('k', 'test', $1)", clock.now())
    for debit, credit, amount in (("a", "a", 5), ("a", "b", 0), ("a", "b", -5)):
        with pytest.raises(Exception, match=r"(?i)check"):
            await execute(
                "INSERT INTO ledger_transfer (entry_id, debit, credit, amount_minor, currency)"
                " VALUES ((SELECT MAX(id) FROM ledger_entry), $1, $2, $3, 'IDR')",
                debit,
                credit,
                amount,
            )
    assert await fetch("SELECT SUM(amount_minor) AS total FROM ledger_posting") == [{"total": None}]


async def test_migrating_twice_changes_nothing_and_a_changed_file_stops(db, monkeypatch):
    assert await migrate(db) == []
    first = migrations()[0]
    monkeypatch.setattr(type(first), "digest", property(lambda _: "other"))
    with pytest.raises(MigrationChanged):
        await migrate(db)
