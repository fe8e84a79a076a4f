"""Months that a claim has frozen: their documents can no longer be voided, and only adjustments join them.

The claim decides when; this keeps the lock and which documents it holds. A frozen document's standing does not
change any more either.
"""

from __future__ import annotations

from datetime import datetime

from market import db
from market.errors import Refused
from market.values.text import lazy


class Locked(Refused):
    """The month is submitted. Facts: `period`."""

    code = "period_locked"
    message = lazy(
        "This month is submitted already. What is added or taken back now is an adjustment, and is reckoned"
        " with the next claim."
    )


async def freeze(hotel_id: int, period: str, claim_id: int, now: datetime) -> int:
    """Freeze a month's live documents for a claim; how many they are. Frozen for the same claim before: nothing.

    Inside the caller's transaction, so that the claim's snapshot and the lock see the same lines.
    Raises Locked when another claim holds the month.
    """
    async with db.transaction():
        await _hold(hotel_id)
        row = await db.fetch_one(
            "SELECT claim_id FROM purchase_lock WHERE hotel_id = $1 AND period = $2", hotel_id, period
        )
        if row is not None and row["claim_id"] != claim_id:
            raise Locked(period=period)
        if row is None:
            await db.execute(
                "INSERT INTO purchase_lock (hotel_id, period, claim_id, frozen_at) VALUES ($1, $2, $3, $4)",
                hotel_id,
                period,
                claim_id,
                now,
            )
        return await db.execute(
            "UPDATE purchase_document SET claim_id = $3 WHERE hotel_id = $1 AND period = $2 AND status = 'live'"
            " AND claim_id IS NULL AND NOT is_adjustment",
            hotel_id,
            period,
            claim_id,
        )


async def freeze_adjustments(hotel_id: int, period: str, claim_id: int) -> int:
    """Freeze the adjustments of a month that no claim holds yet, for the correction that reckons with them.

    The month stays locked by the claim that froze it first.
    """
    async with db.transaction():
        await _hold(hotel_id)
        return await db.execute(
            "UPDATE purchase_document SET claim_id = $3 WHERE hotel_id = $1 AND period = $2 AND status = 'live'"
            " AND claim_id IS NULL",
            hotel_id,
            period,
            claim_id,
        )


async def release(hotel_id: int, period: str, claim_id: int) -> None:
    """Open a month again whose claim was taken back before anybody decided it; its documents are free again."""
    async with db.transaction():
        await _hold(hotel_id)
        await db.execute(
            "DELETE FROM purchase_lock WHERE hotel_id = $1 AND period = $2 AND claim_id = $3",
            hotel_id,
            period,
            claim_id,
        )
        await db.execute(
            "UPDATE purchase_document SET claim_id = NULL WHERE hotel_id = $1 AND period = $2 AND claim_id = $3",
            hotel_id,
            period,
            claim_id,
        )


async def is_locked(hotel_id: int, period: str) -> bool:
    """Whether a claim holds the month."""
    return bool(await locked_periods(hotel_id, [period]))


async def locked_periods(hotel_id: int, periods: list[str]) -> frozenset[str]:
    """Which of these months a claim holds."""
    if not periods:
        return frozenset()
    places = ", ".join(f"${n}" for n in range(2, len(periods) + 2))
    rows = await db.fetch(
        f"SELECT period FROM purchase_lock WHERE hotel_id = $1 AND period IN ({places})", hotel_id, *periods
    )
    return frozenset(row["period"] for row in rows)


async def hold_open(hotel_id: int, periods: list[str]) -> frozenset[str]:
    """The locked months among these, read so that none is frozen before the caller's transaction ends."""
    await _hold(hotel_id)
    return await locked_periods(hotel_id, periods)


async def _hold(hotel_id: int) -> None:
    """One at a time per hotel. On SQLite the transaction itself is alone."""
    if db.is_postgres():
        await db.fetch("SELECT pg_advisory_xact_lock($1, $2)", 5371, hotel_id % 2**31)
