"""A host's monthly statement: opening balance, every movement with its facts, closing balance, tied to the ledger.

The balance is what we owe the host: what is on the host's and the guides' account and on its way to them, less
what the host owes us. Each line is one ledger entry's effect on that sum, so opening + lines = closing holds by
construction and is checked against the ledger's own balances. Months are WITA's. Files are `statement_files`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from market import db
from market.db.sql import Row, as_date, as_instant, as_json
from market.payments import ledger
from market.values.dates import local_day, local_instant

_FUND: Final = ledger.community_fund(0)[:-1]
_TRANSIT: Final = ledger.payout_in_transit("")


class Kind(StrEnum):
    """What a line of a statement is."""

    EARNED = "earned"
    TAKEN_BACK = "taken_back"
    CASH = "cash"
    PAID_OUT = "paid_out"
    RETURNED = "returned"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Line:
    """One movement of the balance. `gross` is what the guest paid for it, `net` what it changes."""

    kind: Kind
    on: date
    reference: str
    titles: dict[str, str]
    stay: tuple[date, date] | None
    gross_minor: int
    fund_minor: int
    fee_minor: int
    net_minor: int
    bank_reference: str = ""
    masked: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A month of one host's money, to the rupiah."""

    number: str
    host_id: int
    host_name: str
    village: str
    first_day: date
    last_day: date
    is_over: bool
    opening_minor: int
    lines: Sequence[Line]
    closing_minor: int

    @property
    def bookings(self) -> Sequence[Line]:
        """What guests' money did: earned, taken back, taken in cash."""
        return [line for line in self.lines if line.kind not in _PAYMENTS]

    @property
    def payments(self) -> Sequence[Line]:
        """What the bank did."""
        return [line for line in self.lines if line.kind in _PAYMENTS]

    def total(self, name: str, lines: Iterable[Line]) -> int:
        """The sum of one column."""
        return sum(getattr(line, name) for line in lines)


_PAYMENTS: Final = frozenset({Kind.PAID_OUT, Kind.RETURNED})
_ACCOUNTS = (
    "(p.account IN ($1, $2, $3) OR p.account IN (SELECT '" + _TRANSIT + "' || t.reference FROM payout t"
    " WHERE t.organisation_id = $4))"
)


def _accounts(host_id: int) -> list[object]:
    names = [ledger.host_payable(host_id), ledger.guide_payable(host_id), ledger.host_receivable(host_id)]
    return [*names, host_id]


def month_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def next_month(first: date) -> date:
    return first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)


def number_of(host_id: int, first: date) -> str:
    """A statement's number: the month and the host; the same month has the same number for ever."""
    return f"{first:%Y%m}-{host_id:05d}"


async def balance(host_id: int, *, before: datetime | None = None) -> int:
    """What we owe a host (negative: the host owes us), now or just before a moment."""
    limit = " AND e.at < $5" if before else ""
    row = await db.fetch_one(
        "SELECT CAST(COALESCE(-SUM(p.amount_minor), 0) AS BIGINT) AS total FROM ledger_posting p"
        f" JOIN ledger_entry e ON e.id = p.entry_id WHERE {_ACCOUNTS}{limit}",
        *_accounts(host_id),
        *([before] if before else []),
    )
    return int(row["total"]) if row else 0


async def list_months(host_id: int) -> list[date]:
    """Months in which something moved, newest first."""
    rows = await db.fetch(
        "SELECT DISTINCT e.at FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id"
        f" WHERE {_ACCOUNTS}",
        *_accounts(host_id),
    )
    return sorted({month_of(local_day(as_instant(row["at"]))) for row in rows}, reverse=True)


async def get_statement(host_id: int, first: date, *, now: datetime) -> Statement:
    """The statement of a month; of a month that is not over, what it is so far."""
    start, end = local_instant(first), local_instant(next_month(first))
    host = await db.fetch_one(
        "SELECT o.name, v.name AS village FROM organisation o LEFT JOIN village v ON v.id = o.village_id"
        " WHERE o.id = $1",
        host_id,
    )
    opening, lines = await balance(host_id, before=start), await list_lines(host_id, start, end)
    closing = await balance(host_id, before=end)
    if opening + sum(line.net_minor for line in lines) != closing:
        raise RuntimeError(f"the statement of host {host_id} for {first:%Y-%m} does not tie to the ledger")
    last = date.fromordinal(next_month(first).toordinal() - 1)
    return Statement(
        number=number_of(host_id, first),
        host_id=host_id,
        host_name=host["name"] if host else "",
        village=(host["village"] or "") if host else "",
        first_day=first,
        last_day=last,
        is_over=end <= now,
        opening_minor=opening,
        lines=lines,
        closing_minor=closing,
    )


async def list_lines(host_id: int, start: datetime, end: datetime) -> list[Line]:
    """Every movement of a host's balance in [start, end), in the ledger's order."""
    rows = await db.fetch(
        "SELECT e.id, e.key, e.kind, e.booking_reference, e.note, e.at, CAST(-SUM(p.amount_minor) AS BIGINT) AS net"
        f" FROM ledger_posting p JOIN ledger_entry e ON e.id = p.entry_id WHERE {_ACCOUNTS}"
        " AND e.at >= $5 AND e.at < $6 GROUP BY e.id, e.key, e.kind, e.booking_reference, e.note, e.at"
        " HAVING SUM(p.amount_minor) <> 0 ORDER BY e.at, e.id",
        *_accounts(host_id),
        start,
        end,
    )
    wholes = await _wholes(row["id"] for row in rows)
    bookings = await _bookings(row["booking_reference"] for row in rows)
    payouts = await _payouts(row["key"].split(":")[1] for row in rows if row["key"].startswith("payout-"))
    return [_line(row, wholes.get(row["id"], (0, 0)), bookings, payouts) for row in rows]


def _line(row: Row, whole: tuple[int, int], bookings: dict[str, Row], payouts: dict[str, Row]) -> Line:
    head, _, rest = row["key"].partition(":")
    net, booking = int(row["net"]), bookings.get(row["booking_reference"])
    kind = _kind(head, net, has_booking=booking is not None)
    payout = payouts.get(rest) if kind in _PAYMENTS else None
    split = kind in {Kind.EARNED, Kind.TAKEN_BACK}
    fund, fee = whole if split else (0, 0)
    return Line(
        kind=kind,
        on=local_day(as_instant(row["at"])),
        reference=rest if kind in _PAYMENTS else row["booking_reference"] or row["key"],
        titles=as_json(booking["offer"])["titles"] if booking else {},
        stay=(as_date(booking["starts_on"]), as_date(booking["ends_on"])) if booking else None,
        gross_minor=net + fund + fee if split else 0,
        fund_minor=-fund,
        fee_minor=-fee,
        net_minor=net,
        bank_reference=payout["bank_reference"] if payout else "",
        masked=f"{payout['bank']} {payout['masked']}" if payout else "",
    )


def _kind(head: str, net: int, *, has_booking: bool) -> Kind:
    if head == "payout-settled":
        return Kind.PAID_OUT
    if head == "payout-returned":
        return Kind.RETURNED
    if head == "pay":
        return Kind.CASH
    if not has_booking or head == "ref":
        return Kind.OTHER
    return Kind.EARNED if net > 0 else Kind.TAKEN_BACK


async def _wholes(entry_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """What else each entry gave: (village fund, platform and tax), by entry."""
    ids = sorted(entry_ids)
    if not ids:
        return {}
    rows = await db.fetch(
        "SELECT p.entry_id, CAST(COALESCE(-SUM(CASE WHEN SUBSTR(p.account, 1, $1) = $2 THEN p.amount_minor END), 0)"
        " AS BIGINT) AS fund, CAST(COALESCE(-SUM(CASE WHEN p.account IN ($3, $4) THEN p.amount_minor END), 0)"
        " AS BIGINT) AS fee FROM ledger_posting p"
        f" WHERE p.entry_id BETWEEN $5 AND $6 AND p.entry_id IN ({', '.join(str(int(i)) for i in ids)})"
        " GROUP BY p.entry_id",
        len(_FUND),
        _FUND,
        ledger.SERVICE_FEE,
        ledger.TAX_DUE,
        ids[0],
        ids[-1],
    )
    return {row["entry_id"]: (int(row["fund"]), int(row["fee"])) for row in rows}


async def _bookings(references: Iterable[str]) -> dict[str, Row]:
    wanted = sorted({reference for reference in references if reference})
    if not wanted:
        return {}
    places = ", ".join(f"${n}" for n in range(1, len(wanted) + 1))
    rows = await db.fetch(
        f"SELECT reference, offer, starts_on, ends_on FROM booking WHERE reference IN ({places})", *wanted
    )
    return {row["reference"]: row for row in rows}


async def _payouts(references: Iterable[str]) -> dict[str, Row]:
    wanted = sorted(set(references))
    if not wanted:
        return {}
    places = ", ".join(f"${n}" for n in range(1, len(wanted) + 1))
    rows = await db.fetch(
        "SELECT t.reference, t.bank_reference, a.bank, a.masked FROM payout t JOIN payout_account a"
        f" ON a.id = t.account_id WHERE t.reference IN ({places})",
        *wanted,
    )
    return {row["reference"]: row for row in rows}
