"""The database floor: connection, transactions, raw SQL for both dialects, migrations. No feature's tables."""

from market.db.sql import as_date, execute, fetch, fetch_one, is_postgres
from market.db.tx import (
    after_commit,
    assert_idle,
    in_transaction,
    read_only,
    repeated_work,
    savepoint,
    transaction,
)

__all__ = [
    "after_commit",
    "as_date",
    "assert_idle",
    "execute",
    "fetch",
    "fetch_one",
    "in_transaction",
    "is_postgres",
    "read_only",
    "repeated_work",
    "savepoint",
    "transaction",
]
