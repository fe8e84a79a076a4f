"""No append-only table is forgotten, and nothing that may change is covered: then an edit would be an alarm."""

from __future__ import annotations

import re

import market.app.handlers  # noqa: F401 - every package names its tables
from market import clock
from market import db as database
from market.transparency import digests
from market.transparency.verify_log import verify
from tests.tamper import history

# Append-only tables that need no covering: the log's own, and rows that are known by something else than a number.
APART = {
    "log_entry": "is the log",
    "log_node": "made anew by verify-log",
    "log_opening": "committed to by its entry",
    "log_head": "made anew by verify-log",
    "log_seal": "made anew by verify-log",
    "claim_line": "the claim's entry commits to its hash",
    "claim_sk": "its own entry of the log",
    "claim_chair": "the draws' entries",
}
_REFUSED = re.compile(
    r"BEFORE UPDATE(\s+OF\s+(?P<columns>.*?))?\s+ON (?P<table>\w+)(?P<when>\s+(FOR EACH ROW )?WHEN)?",
    re.DOTALL,
)


async def refused() -> dict[str, set[str]]:
    """Tables whose rows cannot be changed, and which of their columns (all of them: empty)."""
    found: dict[str, set[str]] = {}
    for row in await database.fetch("SELECT sql FROM sqlite_master WHERE type = 'trigger'"):
        match = _REFUSED.search(row["sql"])
        if match and "append-only" in row["sql"] and not match["when"]:
            names = set(re.findall(r"\w+", match["columns"] or ""))
            before = found.get(match["table"])
            found[match["table"]] = set() if before == set() or not names else (before or set()) | names
    return found


async def test_every_append_only_table_is_covered_in_what_cannot_change(db):
    if database.is_postgres():
        return  # the triggers are read off the other database, which has the same
    guarded = await refused()
    covered = set(digests.sealed_tables())
    assert set(guarded) - covered - set(APART) == set(), "cover them in market/app/sealed.py"
    for table in covered:
        assert table in guarded, f"{table} may change: it cannot be covered"
        columns = {name for name, _ in digests.columns_of(table).kinds} - {"id"}
        assert not guarded[table] or columns <= guarded[table], (
            f"{table} may change in {columns - guarded[table]}"
        )


async def test_every_covered_table_can_be_read(db):
    await digests.seal_all(now=clock.now(), daily=True)
    for table in digests.sealed_tables():
        await database.fetch(f"{digests.columns_of(table).select} WHERE id < 0")
    assert await digests.uncovered() == {}


async def test_the_whole_demo_is_covered_and_in_order(db):
    from market.app.routes import routes
    from market.demo import seed
    from market.transparency import checkpoints
    from market.web import urls

    urls.learn(routes())
    await seed.fill_if_empty()
    assert await digests.uncovered()
    assert await digests.seal_all(now=clock.now(), daily=True) > 100
    await checkpoints.sign_if_grown(history.KEYS, now=clock.now())
    assert await digests.uncovered() == {"log_checkpoint": 1}
    report = await verify([history.SIGNER.verifier])
    assert report.faults == ()
    assert report.covered_rows > 100


async def test_a_table_that_cannot_be_covered_holds_up_nothing(db):
    await history.post(1, 2)
    await database.execute("DROP VIEW ledger_posting")
    await database.execute("ALTER TABLE ledger_transfer RENAME COLUMN currency TO coin")
    assert await digests.seal_all(now=clock.now(), daily=True) == 2
