"""Where a booking's money goes when it stops being the guest's deposit, and how it is taken back from there.

Only postings; each command runs inside the caller's transaction and posts once under its key. Accounts are
named in `ledger`, decisions are made by bookings and by operators.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final, Protocol

from market import db
from market.payments import ledger
from market.payments.rules import Split
from market.values.money import allocate

_HOST_PAYABLE: Final = ledger.host_payable(0)[:-1]
_GUIDE_PAYABLE: Final = ledger.guide_payable(0)[:-1]


class PartOf(Protocol):
    """A receiver's part of a booking's money, as receipts list it."""

    @property
    def kind(self) -> str: ...
    @property
    def amount(self) -> int: ...


async def cancelled(
    *,
    booking_reference: str,
    key: str,
    refund_minor: int,
    rest: Iterable[PartOf],
    host_id: int,
    village_id: int,
    now: datetime,
) -> None:
    """Move a guest's money on.

    `refund_minor` is owed back, the rest goes to its receivers. Posted once under `key`. ValueError when
    the guest's hold has less than that: nothing is written.
    """
    split = Split.from_parts((part.kind, part.amount) for part in rest)
    back = (ledger.guest_hold(booking_reference), ledger.refund_due(booking_reference), refund_minor)
    moves = [back, *_receivers(booking_reference, split, host_id, village_id)]
    await _release(key, "cancelled", booking_reference, moves, now)


async def settle(
    *, booking_reference: str, parts: Iterable[PartOf], host_id: int, village_id: int, now: datetime
) -> None:
    """The stay is over: the guest's money belongs to its receivers (`rel:{booking}`, posted once).

    ValueError when the guest's hold has less than the parts.
    """
    split = Split.from_parts((part.kind, part.amount) for part in parts)
    moves = _receivers(booking_reference, split, host_id, village_id)
    await _release(f"rel:{booking_reference}", "completed", booking_reference, moves, now)


async def _release(
    key: str, kind: str, booking_reference: str, moves: list[ledger.Move], now: datetime
) -> None:
    fresh = await ledger.post(key, kind, booking_reference, moves, now)
    if fresh and await ledger.balance(ledger.guest_hold(booking_reference)) > 0:
        raise ValueError(f"{booking_reference} would give out more than its guest paid")


def _receivers(booking_reference: str, split: Split, host_id: int, village_id: int) -> list[ledger.Move]:
    hold = ledger.guest_hold(booking_reference)
    return [
        (hold, ledger.host_payable(host_id), split.host),
        (hold, ledger.guide_payable(host_id), split.guides),
        (hold, ledger.community_fund(village_id), split.fund),
        (hold, ledger.SERVICE_FEE, split.fee),
        (hold, ledger.TAX_DUE, split.tax),
    ]


async def reclaim(
    *, booking_reference: str, key: str, kind: str, amount_minor: int, to: str, now: datetime
) -> None:
    """Take a booking's money from wherever it is now and move it to the account `to`; posted once under `key`.

    What the guest's hold still has goes first; the rest comes back from its receivers in the proportions they
    got it. What a host was already paid out becomes `asset:host_receivable`, taken off the next payout. ValueError
    when the booking has less than that; KeyReused for the same key with another amount.
    """
    known = await ledger.moves_of(key)
    if known:
        if sum(amount for _, credit, amount in known if credit == to) != amount_minor:
            raise ledger.KeyReused(f"{key} was posted before with another amount")
        return
    hold = ledger.guest_hold(booking_reference)
    held = -await ledger.balance(hold)
    moves: list[ledger.Move] = [(hold, to, amount_minor)]
    missing = amount_minor - min(held, amount_minor)
    if missing:
        moves += await _taken_back(booking_reference, missing)
    await ledger.post(key, kind, booking_reference, moves, now)


async def _taken_back(booking_reference: str, amount: int) -> list[ledger.Move]:
    """From each receiver its part, into the guest's hold."""
    hold, got = ledger.guest_hold(booking_reference), await released(booking_reference)
    if amount > sum(got.values()):
        raise ValueError(f"{booking_reference} has less than would be taken back")
    moves: list[ledger.Move] = []
    for (account, _), part in zip(got.items(), allocate(amount, list(got.values())), strict=True):
        moves.append((account, hold, part))
        if account.startswith((_HOST_PAYABLE, _GUIDE_PAYABLE)):
            gone = part - await ledger.owed(account, booking_reference)
            host_id = int(account.rpartition(":")[2])
            moves.append((ledger.host_receivable(host_id), account, max(0, gone)))
    return moves


async def released(booking_reference: str) -> dict[str, int]:
    """What each receiver got of a booking's money and still counts as theirs, paid out or not, by account."""
    hold = ledger.guest_hold(booking_reference)
    rows = await db.fetch(
        "SELECT account, CAST(SUM(amount) AS BIGINT) AS amount FROM ("
        " SELECT credit AS account, amount_minor AS amount FROM ledger_transfer WHERE debit = $1"
        " UNION ALL SELECT debit, -amount_minor FROM ledger_transfer WHERE credit = $1) AS moved"
        " GROUP BY account HAVING SUM(amount) > 0 ORDER BY account",
        hold,
    )
    return {row["account"]: int(row["amount"]) for row in rows if _is_receiver(row["account"])}


def _is_receiver(account: str) -> bool:
    return account in {ledger.SERVICE_FEE, ledger.TAX_DUE} or account.startswith(
        (_HOST_PAYABLE, _GUIDE_PAYABLE, ledger.community_fund(0)[:-1])
    )
