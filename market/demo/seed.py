"""Filling an empty database with the demo, once; and growing it for measurements (`scale`)."""

from __future__ import annotations

from market import db
from market.demo import (
    arrivals,
    departures,
    linked,
    loader,
    money,
    purchases,
    scale_up,
    sourcing,
    staff,
    suppliers,
    together,
    trips,
    witnesses,
)
from market.settings import Settings

scale = scale_up.scale
_LOCK_KEY = 5371_0002
_EMPTY = (
    "SELECT NOT EXISTS (SELECT 1 FROM village) AND NOT EXISTS (SELECT 1 FROM person)"
    " AND NOT EXISTS (SELECT 1 FROM listing) AS empty"
)


async def fill_if_empty(config: Settings | None = None) -> bool:
    """Put the demo into a database that holds nothing yet; True when this call did it.

    All of it or nothing, in one transaction. Of two processes that start at once, one fills and the other
    finds it filled. A filled database costs one query. `config` has the keys that seal bank
    details; without it those of demo mode do.
    """
    if not await _is_empty():
        return False
    async with db.transaction():
        if db.is_postgres():  # on SQLite the transaction itself is the lock
            await db.fetch("SELECT pg_advisory_xact_lock($1::bigint)", _LOCK_KEY)
        if not await _is_empty():
            return False
        await loader.load()
        await suppliers.load()
        await together.make(config)
    await trips.load()
    await departures.load()
    await together.visit()
    await money.load(config)
    await sourcing.load(config)
    await purchases.load()
    await arrivals.load(config)
    await linked.load(config)
    await witnesses.load()
    await staff.load()
    return True


async def _is_empty() -> bool:
    row = await db.fetch_one(_EMPTY)
    return row is not None and bool(row["empty"])


__all__ = ["fill_if_empty", "scale"]
