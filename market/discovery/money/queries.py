"""Read-only sums over the ledger, for everybody to see. Accounts are named in the ledger's own module."""

from __future__ import annotations

from dataclasses import dataclass

from market import db
from market.payments import ledger


@dataclass(frozen=True, slots=True)
class Totals:
    """What completed bookings have brought to whom so far, in whole rupiah."""

    hosts: int
    villages: int
    platform: int
    bookings: int

    @property
    def total(self) -> int:
        return self.hosts + self.villages + self.platform


async def get_totals() -> Totals:
    """Credits of completed bookings (`rel:` entries), by kind of receiver."""
    row = await db.fetch_one(
        "SELECT COALESCE(SUM(CASE WHEN t.credit LIKE 'liab:host_payable:%' OR t.credit LIKE 'liab:guide_payable:%'"
        " THEN t.amount_minor ELSE 0 END), 0) AS hosts,"
        " COALESCE(SUM(CASE WHEN t.credit LIKE 'liab:community_fund:%' THEN t.amount_minor ELSE 0 END), 0) AS funds,"
        " COALESCE(SUM(CASE WHEN t.credit = $1 THEN t.amount_minor ELSE 0 END), 0) AS fees,"
        " COUNT(DISTINCT e.id) AS bookings"
        " FROM ledger_entry e JOIN ledger_transfer t ON t.entry_id = e.id WHERE e.key LIKE 'rel:%'",
        ledger.SERVICE_FEE,
    )
    if row is None:
        return Totals(0, 0, 0, 0)
    return Totals(int(row["hosts"]), int(row["funds"]), int(row["fees"]), row["bookings"])


async def get_fund(village_id: int) -> int:
    """What completed bookings have brought to a village's fund."""
    row = await db.fetch_one(
        "SELECT COALESCE(SUM(t.amount_minor), 0) AS amount FROM ledger_transfer t JOIN ledger_entry e"
        " ON e.id = t.entry_id WHERE t.credit = $1 AND e.key LIKE 'rel:%'",
        ledger.community_fund(village_id),
    )
    return int(row["amount"]) if row else 0
