"""The double-entry ledger: accounts, postings that happen once, and what operators read.

Append-only; each row of an entry moves one amount from the credited to the debited account, so an unbalanced
entry cannot be written. Debits count plus, credits minus. Which event posts what is decided by the callers
(`service`, `settlement`, `by_hand`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from market import db
from market.db.sql import Row, as_instant

PSP_PENDING: Final = "asset:psp_pending"
PSP_AVAILABLE: Final = "asset:psp_available"
BANK: Final = "asset:bank"
DISPUTE_RECEIVABLE: Final = "asset:dispute_receivable"
TAX_DUE: Final = "liab:tax_due"
SERVICE_FEE: Final = "rev:service_fee"
PSP_FEE: Final = "exp:psp_fee"
DISPUTE_FEE: Final = "exp:dispute_fee"
GOODWILL: Final = "exp:goodwill"
BAD_DEBT: Final = "exp:bad_debt"
FX_CLEARING: Final = "fx:clearing"
SUSPENSE: Final = "suspense"

Move = tuple[str, str, int]
"""(debited account, credited account, rupiah)."""


def host_receivable(host_id: int) -> str:
    """What a host collected for us at the village and owes until a payout nets it."""
    return f"asset:host_receivable:{host_id}"


def guest_hold(booking_reference: str) -> str:
    return f"liab:guest_hold:{booking_reference}"


def refund_due(booking_reference: str) -> str:
    return f"liab:refund_due:{booking_reference}"


def host_payable(host_id: int) -> str:
    return f"liab:host_payable:{host_id}"


def guide_payable(host_id: int) -> str:
    """What the guides and cooks named by a host receive."""
    return f"liab:guide_payable:{host_id}"


def community_fund(village_id: int) -> str:
    return f"liab:community_fund:{village_id}"


def payout_in_transit(payout_reference: str) -> str:
    """What was approved to be paid out and is not yet known to have arrived."""
    return f"liab:payout_in_transit:{payout_reference}"


class KeyReused(Exception):
    """The same event was posted before with other amounts: somebody is wrong, and nothing was written."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One account's side of an entry; plus is debit."""

    account: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of money with its postings, which sum to zero."""

    id: int
    key: str
    kind: str
    booking_reference: str
    note: str
    at: datetime
    postings: tuple[Posting, ...]


async def post(
    key: str, kind: str, booking_reference: str, transfers: Iterable[Move], now: datetime, *, note: str = ""
) -> bool:
    """Write an entry once, in the caller's transaction; True when it was new.

    The same key with the same amounts does nothing; with other amounts it raises KeyReused. Moves of zero are
    left out; an entry without moves is not written. ValueError for a negative amount.
    """
    if not db.in_transaction():
        raise RuntimeError("a posting belongs to the transaction of its event")
    moves = _checked(transfers)
    if not moves:
        return False
    entry = await db.fetch_one(
        "INSERT INTO ledger_entry (key, kind, booking_reference, note, at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (key) DO NOTHING RETURNING id",
        key,
        kind,
        booking_reference,
        note,
        now,
    )
    if entry is None:
        if await moves_of(key) != moves:
            raise KeyReused(f"{key} was posted before with other amounts")
        return False
    rows = ", ".join(f"($1, ${3 * n + 2}, ${3 * n + 3}, ${3 * n + 4}, 'IDR')" for n in range(len(moves)))
    values: list[Any] = [value for move in moves for value in move]
    await db.execute(
        f"INSERT INTO ledger_transfer (entry_id, debit, credit, amount_minor, currency) VALUES {rows}",
        entry["id"],
        *values,
    )
    return True


def _checked(transfers: Iterable[Move]) -> list[Move]:
    moves = sorted(move for move in transfers if move[2] != 0)
    if any(amount < 0 or debit == credit for debit, credit, amount in moves):
        raise ValueError("a move goes from one account to another, by a positive amount")
    return moves


async def moves_of(key: str) -> list[Move]:
    """An entry's moves in order; empty when it was never posted."""
    rows = await db.fetch(
        "SELECT t.debit, t.credit, t.amount_minor FROM ledger_transfer t"
        " JOIN ledger_entry e ON e.id = t.entry_id WHERE e.key = $1",
        key,
    )
    return sorted((row["debit"], row["credit"], row["amount_minor"]) for row in rows)


async def balance(account: str) -> int:
    """An account's balance in rupiah: debits minus credits (a liability we owe is negative)."""
    row = await db.fetch_one(
        "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) AS total FROM ledger_posting WHERE"
        " account = $1",
        account,
    )
    return 0 if row is None else int(row["total"])


async def owed(account: str, booking_reference: str) -> int:
    """What a liability account still owes of one booking's money (credits minus debits of its entries)."""
    row = await db.fetch_one(
        "SELECT CAST(COALESCE(SUM(p.amount_minor), 0) AS BIGINT) AS total FROM ledger_posting p"
        " JOIN ledger_entry e ON e.id = p.entry_id WHERE p.account = $1 AND e.booking_reference = $2",
        account,
        booking_reference,
    )
    return 0 if row is None else -int(row["total"])


async def balances(prefix: str = "") -> dict[str, int]:
    """Balances of all accounts whose name begins with `prefix`, by name."""
    rows = await db.fetch(
        "SELECT account, CAST(SUM(amount_minor) AS BIGINT) AS total FROM ledger_posting"
        " WHERE SUBSTR(account, 1, $1) = $2 GROUP BY account ORDER BY account",
        len(prefix),
        prefix,
    )
    return {row["account"]: int(row["total"]) for row in rows}


async def trial_balance() -> int:
    """The sum over all accounts: zero, or something is very wrong."""
    return sum((await balances()).values())


async def entries_for(booking_reference: str) -> list[Entry]:
    """The whole story of a booking's money, oldest first."""
    rows = await db.fetch(
        f"{_SELECT_ENTRIES} WHERE e.booking_reference = $1 ORDER BY e.id, t.id", booking_reference
    )
    return _entries(rows)


async def list_entries(*, before_id: int | None = None, limit: int = 50) -> list[Entry]:
    """A page of the ledger, newest first; give the last entry's id to go on."""
    rows = await db.fetch(
        f"{_SELECT_ENTRIES} WHERE e.id IN (SELECT id FROM ledger_entry WHERE id < $1 ORDER BY id DESC"
        " LIMIT $2)"
        " ORDER BY e.id DESC, t.id",
        before_id or 2**62,
        limit,
    )
    return _entries(rows)


_SELECT_ENTRIES = (
    "SELECT e.id, e.key, e.kind, e.booking_reference, e.note, e.at, t.debit, t.credit, t.amount_minor"
    " FROM ledger_entry e JOIN ledger_transfer t ON t.entry_id = e.id"
)


def _entries(rows: Sequence[Row]) -> list[Entry]:
    grouped: dict[int, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["id"], []).append(row)
    return [_entry(members) for members in grouped.values()]


def _entry(rows: Sequence[Row]) -> Entry:
    """Add up what each account got: a guest's hold that goes to four receivers is one posting of it."""
    sums: dict[str, int] = {}
    for row in rows:
        sums[row["debit"]] = sums.get(row["debit"], 0) + row["amount_minor"]
        sums[row["credit"]] = sums.get(row["credit"], 0) - row["amount_minor"]
    first = rows[0]
    return Entry(
        id=first["id"],
        key=first["key"],
        kind=first["kind"],
        booking_reference=first["booking_reference"],
        note=first["note"],
        at=as_instant(first["at"]),
        postings=tuple(Posting(account, amount) for account, amount in sums.items() if amount),
    )
