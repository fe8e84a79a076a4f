"""A village's fund: what bookings brought, what the village spent, and two members' names under every spending.

The balance is the ledger's; a spending counts once a second member signed it, and is then posted (the fund to the
bank) in the same transaction. Who may come here is decided by `is_member`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from market import db
from market.db.sql import Row, as_date, as_instant, as_instant_or_none
from market.errors import NotFound, Refused
from market.outbox import queue
from market.payments import ledger
from market.payouts.statements import month_of
from market.values.dates import local_day
from market.values.ids import new_reference
from market.values.text import lazy
from market.web import page_cache

_LIMIT: Final = 200


class NotEnough(Refused):
    """The fund holds less than would be spent."""

    code = "fund_too_small"
    message = lazy("The fund does not hold that much.")


class SameMember(Refused):
    """Two people stand for every spending."""

    code = "same_member"
    message = lazy("You entered this spending. Another member of the committee has to sign it.")


class SpendingDecided(Refused):
    """It was signed or withdrawn meanwhile."""

    code = "spending_decided"
    message = lazy("This entry has been signed or withdrawn already.")


class AlreadyMember(Refused):
    """Nobody sits on a committee twice."""

    code = "already_member"
    message = lazy("This person is a member of the committee already.")


@dataclass(frozen=True, slots=True)
class Spending:
    """One entry. Names are shown to visitors as initials only."""

    reference: str
    village_id: int
    state: str
    spent_on: date
    amount_minor: int
    purpose: str
    receipt: str
    proposed_by: int
    proposer: str
    signer: str
    proposed_at: datetime
    signed_at: datetime | None

    @property
    def is_signed(self) -> bool:
        return self.state == "signed"

    @property
    def waits(self) -> bool:
        return self.state == "proposed"


@dataclass(frozen=True, slots=True)
class Member:
    person_id: int
    name: str
    email: str
    since: datetime


@dataclass(frozen=True, slots=True)
class MonthIncome:
    """What a month's bookings brought to the fund, less what was taken back."""

    first: date
    amount_minor: int
    bookings: int


@dataclass(frozen=True, slots=True)
class Fund:
    """A village's fund as everybody may see it."""

    village_id: int
    balance_minor: int
    income_minor: int
    spent_minor: int
    months: Sequence[MonthIncome]
    spendings: Sequence[Spending]


@dataclass(frozen=True, slots=True)
class FundLine:
    """A village in the operators' list."""

    village_id: int
    slug: str
    name: str
    balance_minor: int
    members: int
    waiting: int


async def get_fund(village_id: int) -> Fund:
    """Income by month and signed spendings, newest first; balance = income − spent, and the ledger's own."""
    account = ledger.community_fund(village_id)
    rows = await db.fetch(
        "SELECT e.at, e.booking_reference, t.debit, t.credit, t.amount_minor FROM ledger_transfer t"
        " JOIN ledger_entry e ON e.id = t.entry_id WHERE t.credit = $1 OR t.debit = $1 ORDER BY e.at",
        account,
    )
    months: dict[date, int] = {}
    guests: dict[date, set[str]] = {}
    spent = 0
    for row in rows:
        if row["credit"] == ledger.BANK:
            spent += row["amount_minor"]
            continue
        first = month_of(local_day(as_instant(row["at"])))
        sign = 1 if row["credit"] == account else -1
        months[first] = months.get(first, 0) + sign * row["amount_minor"]
        guests.setdefault(first, set()).add(row["booking_reference"])
    income = sum(months.values())
    return Fund(
        village_id=village_id,
        balance_minor=income - spent,
        income_minor=income,
        spent_minor=spent,
        months=[MonthIncome(m, months[m], len(guests[m])) for m in sorted(months, reverse=True)],
        spendings=await _spendings("s.village_id = $1 AND s.state = 'signed'", village_id),
    )


async def list_waiting(village_id: int) -> list[Spending]:
    """Entries that wait for a second member."""
    return await _spendings("s.village_id = $1 AND s.state = 'proposed'", village_id)


async def _spendings(where: str, *params: object) -> list[Spending]:
    rows = await db.fetch(
        "SELECT s.*, a.name AS proposer, b.name AS signer FROM fund_spending s JOIN person a ON a.id = s.proposed_by"
        f" LEFT JOIN person b ON b.id = s.signed_by WHERE {where} ORDER BY s.spent_on DESC, s.id DESC LIMIT {_LIMIT}",
        *params,
    )
    return [_spending(row) for row in rows]


def _spending(row: Row) -> Spending:
    return Spending(
        reference=row["reference"],
        village_id=row["village_id"],
        state=row["state"],
        spent_on=as_date(row["spent_on"]),
        amount_minor=row["amount_minor"],
        purpose=row["purpose"],
        receipt=row["receipt"],
        proposed_by=row["proposed_by"],
        proposer=row["proposer"],
        signer=row["signer"] or "",
        proposed_at=as_instant(row["proposed_at"]),
        signed_at=as_instant_or_none(row["signed_at"]),
    )


async def propose(
    village_id: int, *, spent_on: date, amount_minor: int, purpose: str, receipt: str, by: int, now: datetime
) -> str:
    """A member enters a spending; nothing moves yet. Its reference. Raises NotEnough."""
    async with db.transaction():
        if -await ledger.balance(ledger.community_fund(village_id)) < amount_minor:
            raise NotEnough
        reference = f"FS{new_reference(8)}"
        await db.execute(
            "INSERT INTO fund_spending (reference, village_id, state, spent_on, amount_minor, purpose, receipt,"
            " proposed_by, proposed_at) VALUES ($1, $2, 'proposed', $3, $4, $5, $6, $7, $8)",
            reference,
            village_id,
            spent_on,
            amount_minor,
            purpose,
            receipt,
            by,
            now,
        )
        await queue.add("payouts.tell_spending", {"spending": reference})
    return reference


async def sign(reference: str, village_id: int, *, by: int, now: datetime) -> None:
    """A second member's name: the money leaves the fund. Raises NotFound, SameMember, SpendingDecided, NotEnough."""
    async with db.transaction():
        row = await _lock(reference, village_id)
        if row["proposed_by"] == by:
            raise SameMember
        account = ledger.community_fund(village_id)
        if -await ledger.balance(account) < row["amount_minor"]:
            raise NotEnough
        await db.execute(
            "UPDATE fund_spending SET state = 'signed', signed_by = $2, signed_at = $3 WHERE id = $1",
            row["id"],
            by,
            now,
        )
        moves = [(account, ledger.BANK, row["amount_minor"])]
        await ledger.post(
            f"fund:{reference}", "village fund spent", "", moves, now, note=row["purpose"][:200]
        )
        await page_cache.bump()


async def withdraw(reference: str, village_id: int, *, by: int, now: datetime) -> None:
    """A member takes an unsigned entry away; it stays on record. Raises NotFound and SpendingDecided."""
    async with db.transaction():
        row = await _lock(reference, village_id)
        await db.execute(
            "UPDATE fund_spending SET state = 'withdrawn', withdrawn_by = $2, withdrawn_at = $3 WHERE id = $1",
            row["id"],
            by,
            now,
        )


async def _lock(reference: str, village_id: int) -> Row:
    """An unsigned entry of this village; its village is locked too, so that a fund is spent by one at a time."""
    lock = " FOR UPDATE" if db.is_postgres() else ""
    await db.fetch_one(f"SELECT id FROM village WHERE id = $1{lock}", village_id)
    row = await db.fetch_one(
        f"SELECT * FROM fund_spending WHERE reference = $1 AND village_id = $2{lock}", reference, village_id
    )
    if row is None:
        raise NotFound
    if row["state"] != "proposed":
        raise SpendingDecided
    return row


async def is_member(person_id: int | None, village_id: int) -> bool:
    """Whether somebody sits on a village's committee now."""
    if person_id is None:
        return False
    row = await db.fetch_one(
        "SELECT 1 AS found FROM fund_member WHERE village_id = $1 AND person_id = $2 AND ended_at IS NULL",
        village_id,
        person_id,
    )
    return row is not None


async def list_members(village_id: int) -> list[Member]:
    """A village's committee, longest first."""
    rows = await db.fetch(
        "SELECT m.person_id, p.name, p.email, m.appointed_at FROM fund_member m JOIN person p ON p.id = m.person_id"
        " WHERE m.village_id = $1 AND m.ended_at IS NULL ORDER BY m.id",
        village_id,
    )
    return [Member(r["person_id"], r["name"], r["email"] or "", as_instant(r["appointed_at"])) for r in rows]


async def villages_of(person_id: int) -> list[tuple[str, str]]:
    """(slug, name) of the villages whose committee somebody sits on."""
    rows = await db.fetch(
        "SELECT v.slug, v.name FROM fund_member m JOIN village v ON v.id = m.village_id"
        " WHERE m.person_id = $1 AND m.ended_at IS NULL ORDER BY v.name",
        person_id,
    )
    return [(row["slug"], row["name"]) for row in rows]


async def appoint(village_id: int, person_id: int, *, by: int | None, now: datetime) -> None:
    """Give somebody a seat on a village's committee, and tell them. Raises AlreadyMember."""
    async with db.transaction():
        rows = await db.fetch(
            "INSERT INTO fund_member (village_id, person_id, appointed_by, appointed_at) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT DO NOTHING RETURNING id",
            village_id,
            person_id,
            by,
            now,
        )
        if not rows:
            raise AlreadyMember
        await queue.add("payouts.tell_seat", {"village": village_id, "person": person_id})


async def dismiss(village_id: int, person_id: int, *, by: int, now: datetime) -> None:
    """Take the seat back; what was signed stays signed."""
    await db.execute(
        "UPDATE fund_member SET ended_by = $3, ended_at = $4 WHERE village_id = $1 AND person_id = $2"
        " AND ended_at IS NULL",
        village_id,
        person_id,
        by,
        now,
    )


async def list_funds(member: int | None = None) -> list[FundLine]:
    """Every village with its fund's balance, for operators; or those whose committee somebody sits on."""
    own = (
        " WHERE EXISTS (SELECT 1 FROM fund_member o WHERE o.village_id = v.id AND o.person_id = $1"
        " AND o.ended_at IS NULL)"
    )
    balances = await ledger.balances(ledger.community_fund(0)[:-1])
    rows = await db.fetch(
        "SELECT v.id, v.slug, v.name, (SELECT COUNT(*) FROM fund_member m WHERE m.village_id = v.id"
        " AND m.ended_at IS NULL) AS members, (SELECT COUNT(*) FROM fund_spending s WHERE s.village_id = v.id"
        f" AND s.state = 'proposed') AS waiting FROM village v{own if member else ''} ORDER BY v.name, v.id",
        *([member] if member else []),
    )
    return [
        FundLine(
            row["id"], row["slug"], row["name"], -balances.get(ledger.community_fund(row["id"]), 0),
            row["members"], row["waiting"],
        )
        for row in rows
    ]  # fmt: skip
