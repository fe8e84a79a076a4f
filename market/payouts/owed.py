"""What hosts are owed, booking by booking, straight from the ledger, and whether it may leave yet.

Reads only. A booking's open money is what its own ledger entries left on the host's and the guides' account, so
what was paid out once is gone from here, whatever is retried.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from market import db
from market.db.sql import Row, as_date, as_instant, as_json
from market.payments import ledger
from market.payouts import accounts, rules
from market.payouts.accounts import Account
from market.payouts.rules import Block, Share

_HOST: Final = ledger.host_payable(0)[:-1]
_GUIDE: Final = ledger.guide_payable(0)[:-1]
_RECEIVABLE: Final = ledger.host_receivable(0)[:-1]


@dataclass(frozen=True, slots=True)
class Owed:
    """A booking's money that belongs to a host and has not left. `payout` names the live payout that holds it."""

    booking_reference: str
    host_id: int
    host_minor: int
    guide_minor: int
    starts_on: date
    ends_on: date
    due_at: datetime
    titles: dict[str, str]
    guest_name: str
    disputed: bool
    payout: str

    @property
    def total(self) -> int:
        return self.host_minor + self.guide_minor

    def is_due(self, now: datetime) -> bool:
        """Whether it may be put into a payout."""
        return self.due_at <= now and not self.disputed and not self.payout

    @property
    def share(self) -> Share:
        return Share(self.booking_reference, self.host_minor, self.guide_minor)


@dataclass(frozen=True, slots=True)
class HostDue:
    """What could be paid out to one host now. `block` says why it cannot; then `shares` is what waits."""

    host_id: int
    host_name: str
    account: Account | None
    shares: Sequence[Share]
    block: Block | None

    @property
    def amount_minor(self) -> int:
        return sum(share.paid_minor for share in self.shares)

    @property
    def netted_minor(self) -> int:
        return sum(share.netted_minor for share in self.shares)

    @property
    def gross_minor(self) -> int:
        return sum(share.total for share in self.shares)


async def list_owed(host_id: int | None = None) -> list[Owed]:
    """Open money of one host or of all, the earliest due first."""
    if host_id is None:
        where = "SUBSTR(p.account, 1, $1) = $2 OR SUBSTR(p.account, 1, $3) = $4"
        given: list[Any] = [len(_HOST), _HOST, len(_GUIDE), _GUIDE]
    else:
        where, given = (
            "p.account = $1 OR p.account = $2",
            [ledger.host_payable(host_id), ledger.guide_payable(host_id)],
        )
    rows = await db.fetch(
        "SELECT o.reference, o.account, o.amount, b.starts_on, b.ends_on, b.ends_at, b.offer, b.guest_name,"
        " EXISTS (SELECT 1 FROM dispute d WHERE d.booking_reference = o.reference AND d.closed_at IS NULL)"
        " AS disputed, (SELECT t.reference FROM payout_item i JOIN payout t ON t.id = i.payout_id"
        " WHERE i.booking_reference = o.reference AND i.live) AS payout"
        " FROM (SELECT e.booking_reference AS reference, p.account, CAST(-SUM(p.amount_minor) AS BIGINT) AS amount"
        f" FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id WHERE {where}"
        " GROUP BY e.booking_reference, p.account HAVING SUM(p.amount_minor) < 0) o"
        " JOIN booking b ON b.reference = o.reference ORDER BY b.ends_at, b.id",
        *given,
    )
    grouped: dict[tuple[str, int], list[Row]] = {}
    for row in rows:
        grouped.setdefault((row["reference"], int(row["account"].rpartition(":")[2])), []).append(row)
    return [_owed(host, members) for (_, host), members in grouped.items()]


def _owed(host_id: int, rows: Sequence[Row]) -> Owed:
    sums = {row["account"]: int(row["amount"]) for row in rows}
    first = rows[0]
    return Owed(
        booking_reference=first["reference"],
        host_id=host_id,
        host_minor=sums.get(ledger.host_payable(host_id), 0),
        guide_minor=sums.get(ledger.guide_payable(host_id), 0),
        starts_on=as_date(first["starts_on"]),
        ends_on=as_date(first["ends_on"]),
        due_at=rules.due_at(as_instant(first["ends_at"])),
        titles=as_json(first["offer"])["titles"],
        guest_name=first["guest_name"],
        disputed=bool(first["disputed"]),
        payout=first["payout"] or "",
    )


async def receivables() -> dict[int, int]:
    """What hosts owe us (cash they took for us, money taken back after it was paid), less what waits in proposals."""
    rows = await db.fetch(
        "SELECT organisation_id, CAST(SUM(netted_minor) AS BIGINT) AS netted FROM payout WHERE state = 'proposed'"
        " GROUP BY organisation_id"
    )
    planned = {row["organisation_id"]: int(row["netted"]) for row in rows}
    found = {
        int(account.rpartition(":")[2]): n for account, n in (await ledger.balances(_RECEIVABLE)).items()
    }
    return {host: amount - planned.get(host, 0) for host, amount in found.items()}


async def list_due(now: datetime) -> list[HostDue]:
    """Every host with money that is due at `now`: what a payout would hold, or why there can be none."""
    by_host: dict[int, list[Share]] = {}
    for owed in await list_owed():
        if owed.is_due(now):
            by_host.setdefault(owed.host_id, []).append(owed.share)
    known = await accounts.current(by_host)
    names, owing, bounced = await _names(by_host), await receivables(), await _bounced(known.values())
    found: list[HostDue] = []
    for host_id, shares in sorted(by_host.items()):
        account = known.get(host_id)
        block = _block(account, bounced, now)
        less = rules.netted(shares, owing.get(host_id, 0))
        if block is None and sum(share.paid_minor for share in less) <= 0:
            block = Block.OWES
        found.append(HostDue(host_id, names[host_id], account, less, block))
    return found


def _block(account: Account | None, bounced: frozenset[int], now: datetime) -> Block | None:
    if account is None:
        return Block.NO_ACCOUNT
    if account.id in bounced:
        return Block.ACCOUNT_BOUNCED
    return None if account.is_usable(now) else Block.ACCOUNT_HOLD


async def block_of(account: Account | None, now: datetime) -> Block | None:
    """Why nothing can be paid to these bank details now; None when it can."""
    return _block(account, await _bounced([account] if account else []), now)


async def _bounced(known: Iterable[Account]) -> frozenset[int]:
    """Accounts to which the bank sent money back."""
    ids = [account.id for account in known]
    if not ids:
        return frozenset()
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    rows = await db.fetch(
        f"SELECT DISTINCT account_id FROM payout WHERE state = 'bounced' AND account_id IN ({places})", *ids
    )
    return frozenset(row["account_id"] for row in rows)


async def _names(host_ids: Iterable[int]) -> dict[int, str]:
    ids = sorted(host_ids)
    if not ids:
        return {}
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    rows = await db.fetch(f"SELECT id, name FROM organisation WHERE id IN ({places})", *ids)
    return {row["id"]: row["name"] for row in rows}
