"""Reads of payments, refunds and bank receipts as frozen rows.

Ledger reads are in `ledger`. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from market import db
from market.db.sql import Row, as_date, as_instant, as_instant_or_none
from market.errors import NotFound
from market.payments.rules import Method, RefundState, State
from market.settings import Bank, Settings

_LIMIT = 200


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """One attempt to collect money. `url` is empty once there is nothing (more) to pay at."""

    id: int
    reference: str
    booking_reference: str
    purpose: str
    subject: str
    method: Method
    state: State
    capture_later: bool
    amount_minor: int
    currency: str
    captured_minor: int
    refunded_minor: int
    transfer_code: str
    session_ref: str
    provider_ref: str
    url: str
    expires_at: datetime | None
    created_at: datetime

    @property
    def refundable(self) -> int:
        """What was taken and not yet given back or promised back."""
        return self.captured_minor - self.refunded_minor


@dataclass(frozen=True, slots=True)
class RefundRow:
    """Money owed back, with the method it was paid by."""

    id: int
    reference: str
    booking_reference: str
    payment_id: int
    payment_reference: str
    method: Method
    amount_minor: int
    reason: str
    state: RefundState
    provider_ref: str
    bank_account: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """Money in the bank that an operator entered; without a payment it waits in suspense."""

    bank_reference: str
    received_on: date
    amount_minor: int
    payer: str
    payment_reference: str
    booking_reference: str


@dataclass(frozen=True, slots=True)
class TransferInstructions:
    """What a guest needs to make a bank transfer."""

    bank: Bank
    code: str
    amount_minor: int
    expires_at: datetime | None


_PAYMENT = (
    "SELECT id, reference, booking_reference, purpose, subject, method, state, capture_later,"
    " amount_minor, currency,"
    " captured_minor, refunded_minor, transfer_code, session_ref, provider_ref, url, expires_at,"
    " created_at FROM payment"
)
_REFUND = (
    "SELECT r.id, r.reference, r.booking_reference, r.payment_id, p.reference AS payment_reference, p.method,"
    " r.amount_minor, r.reason, r.state, r.provider_ref, r.bank_account, r.created_at"
    " FROM refund r JOIN payment p ON p.id = r.payment_id"
)


def payment_row(row: Row) -> PaymentRow:
    """A payment's columns as a row."""
    return PaymentRow(
        id=row["id"],
        reference=row["reference"],
        booking_reference=row["booking_reference"],
        purpose=row["purpose"],
        subject=row["subject"],
        method=Method(row["method"]),
        state=State(row["state"]),
        capture_later=bool(row["capture_later"]),
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        captured_minor=row["captured_minor"],
        refunded_minor=row["refunded_minor"],
        transfer_code=row["transfer_code"] or "",
        session_ref=row["session_ref"] or "",
        provider_ref=row["provider_ref"] or "",
        url=row["url"],
        expires_at=as_instant_or_none(row["expires_at"]),
        created_at=as_instant(row["created_at"]),
    )


def _refund_row(row: Row) -> RefundRow:
    return RefundRow(
        id=row["id"],
        reference=row["reference"],
        booking_reference=row["booking_reference"],
        payment_id=row["payment_id"],
        payment_reference=row["payment_reference"],
        method=Method(row["method"]),
        amount_minor=row["amount_minor"],
        reason=row["reason"],
        state=RefundState(row["state"]),
        provider_ref=row["provider_ref"] or "",
        bank_account=row["bank_account"],
        created_at=as_instant(row["created_at"]),
    )


def _lock() -> str:
    """SQLite's transactions are alone already."""
    return " FOR UPDATE" if db.in_transaction() and db.is_postgres() else ""


async def find_payment(reference: str) -> PaymentRow | None:
    """A payment by our reference; inside a transaction its row is locked."""
    row = await db.fetch_one(f"{_PAYMENT} WHERE reference = $1{_lock()}", reference)
    return None if row is None else payment_row(row)


async def get_payment(reference: str) -> PaymentRow:
    """A payment by our reference; NotFound when there is none."""
    found = await find_payment(reference)
    if found is None:
        raise NotFound
    return found


async def find_payment_at_provider(*, provider_ref: str, session_ref: str) -> PaymentRow | None:
    """A payment by what the provider calls it; inside a transaction its row is locked."""
    for column, value in (("provider_ref", provider_ref), ("session_ref", session_ref)):
        if value:
            row = await db.fetch_one(f"{_PAYMENT} WHERE {column} = $1 ORDER BY id LIMIT 1{_lock()}", value)
            if row is not None:
                return payment_row(row)
    return None


async def find_transfer(code: str) -> PaymentRow | None:
    """A payment by its transfer code (in its true form); inside a transaction its row is locked."""
    row = await db.fetch_one(f"{_PAYMENT} WHERE transfer_code = $1{_lock()}", code)
    return None if row is None else payment_row(row)


async def list_payments(booking_reference: str) -> list[PaymentRow]:
    """All attempts to collect a booking's money, oldest first; inside a transaction their rows are locked."""
    rows = await db.fetch(f"{_PAYMENT} WHERE booking_reference = $1 ORDER BY id{_lock()}", booking_reference)
    return [payment_row(row) for row in rows]


async def find_open_transfer(booking_reference: str, settings: Settings) -> TransferInstructions | None:
    """How to pay a booking's newest unpaid transfer, or None."""
    row = await db.fetch_one(
        f"{_PAYMENT} WHERE booking_reference = $1 AND method = 'transfer' AND state = 'pending'"
        " ORDER BY id DESC LIMIT 1",
        booking_reference,
    )
    if row is None or settings.bank is None:
        return None
    payment = payment_row(row)
    return TransferInstructions(
        settings.bank, payment.transfer_code, payment.amount_minor, payment.expires_at
    )


async def list_waiting_transfers() -> list[PaymentRow]:
    """Transfers that operators may expect in the bank, the most urgent first."""
    rows = await db.fetch(
        f"{_PAYMENT} WHERE method = 'transfer' AND state = 'pending' ORDER BY expires_at, id LIMIT {_LIMIT}"
    )
    return [payment_row(row) for row in rows]


async def list_unsettled(now: datetime) -> list[PaymentRow]:
    """Card payments to ask the provider about: nobody told us how they ended, and they may have ended.

    Pending ones and ones that we closed but the provider may not have, after two quiet minutes; authorised
    ones once a day.
    """
    rows = await db.fetch(
        f"{_PAYMENT} WHERE session_ref IS NOT NULL AND url <> '' AND ("
        " (state IN ('pending', 'cancelled') AND updated_at <= $1) OR (state = 'authorised' AND"
        " updated_at <= $2)"
        f") ORDER BY updated_at LIMIT {_LIMIT}",
        now - timedelta(minutes=2),
        now - timedelta(days=1),
    )
    return [payment_row(row) for row in rows]


async def list_authorised() -> list[PaymentRow]:
    """Card payments that are promised and not yet taken, as we have it."""
    rows = await db.fetch(f"{_PAYMENT} WHERE state = 'authorised' AND session_ref IS NOT NULL ORDER BY id")
    return [payment_row(row) for row in rows]


async def list_not_yet_available(now: datetime) -> list[PaymentRow]:
    """Captured card payments of the last 30 days whose money the provider has not yet made available."""
    rows = await db.fetch(
        f"{_PAYMENT} p WHERE state = 'captured' AND method IN ('card', 'demo_card') AND updated_at >= $1"
        " AND NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.booking_reference = p.booking_reference"
        f" AND e.kind = 'available' AND e.note = p.reference) ORDER BY id LIMIT {_LIMIT}",
        now - timedelta(days=30),
    )
    return [payment_row(row) for row in rows]


async def find_refund(reference: str) -> RefundRow | None:
    """A refund by our reference."""
    row = await db.fetch_one(f"{_REFUND} WHERE r.reference = $1", reference)
    return None if row is None else _refund_row(row)


async def get_refund(reference: str) -> RefundRow:
    """A refund by our reference; NotFound when there is none."""
    found = await find_refund(reference)
    if found is None:
        raise NotFound
    return found


async def find_refund_at_provider(payment_id: int, provider_ref: str) -> RefundRow | None:
    """A refund of a payment by what the provider calls it."""
    row = await db.fetch_one(
        f"{_REFUND} WHERE r.payment_id = $1 AND r.provider_ref = $2", payment_id, provider_ref
    )
    return None if row is None else _refund_row(row)


async def list_refunds(booking_reference: str) -> list[RefundRow]:
    """A booking's refunds, oldest first."""
    rows = await db.fetch(f"{_REFUND} WHERE r.booking_reference = $1 ORDER BY r.id", booking_reference)
    return [_refund_row(row) for row in rows]


async def list_refunds_by_hand() -> list[RefundRow]:
    """Refunds a person has to pay (transfers, and what a host collected) or look at (failed), oldest
    first.
    """
    rows = await db.fetch(
        f"{_REFUND} WHERE (r.state = 'due' AND p.method IN ('transfer', 'on_arrival')) OR r.state = 'failed'"
        f" ORDER BY r.id LIMIT {_LIMIT}"
    )
    return [_refund_row(row) for row in rows]


async def list_receipts(*, unmatched_only: bool = False) -> list[ReceiptRow]:
    """Money that operators entered, newest first."""
    where = "WHERE b.payment_id IS NULL" if unmatched_only else ""
    rows = await db.fetch(
        "SELECT b.bank_reference, b.received_on, b.amount_minor, b.payer, p.reference, p.booking_reference"
        f" FROM bank_receipt b LEFT JOIN payment p ON p.id = b.payment_id {where} ORDER BY b.id DESC"
        f" LIMIT {_LIMIT}"
    )
    return [_receipt_row(row) for row in rows]


def _receipt_row(row: Row) -> ReceiptRow:
    return ReceiptRow(
        bank_reference=row["bank_reference"],
        received_on=as_date(row["received_on"]),
        amount_minor=row["amount_minor"],
        payer=row["payer"],
        payment_reference=row["reference"] or "",
        booking_reference=row["booking_reference"] or "",
    )


def unfinished(payments: Sequence[PaymentRow], **facts: Any) -> list[PaymentRow]:
    """Those that may still collect money and match the given columns."""
    return [
        payment
        for payment in payments
        if payment.state in {State.CREATED, State.PENDING, State.AUTHORISED}
        and all(getattr(payment, name) == value for name, value in facts.items())
    ]
