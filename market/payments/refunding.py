"""Owing a guest money back: spread over the booking's payments, sent to cards by a job, tried again by staff.

How much is owed is the booking's decision; what providers report about it is in `returns`.
"""

from __future__ import annotations

from datetime import datetime

from market import db
from market.errors import Refused
from market.outbox import queue
from market.payments import ledger, queries, rules
from market.payments.queries import PaymentRow
from market.payments.rules import RefundState
from market.values.text import lazy


class RefundTooLarge(Refused):
    """More would be given back than was taken."""

    code = "refund_too_large"
    message = lazy("This is more than was paid and not yet given back.")


async def refund(
    *,
    booking_reference: str,
    amount_minor: int,
    key: str,
    reason: str,
    now: datetime,
    bank_account: str = "",
) -> None:
    """Owe the guest money back, spread over the booking's captured payments, oldest first.

    The same `key` is the same refund: again, nothing happens; with another amount it raises ledger.KeyReused.
    Cards are paid back by a job; transfers and money that a host took wait for a person (`mark_refund_paid`).
    Raises RefundTooLarge.
    """
    base = rules.refund_base(key)
    payments = await queries.list_payments(booking_reference)
    known = [
        r.amount_minor for r in await queries.list_refunds(booking_reference) if r.reference.startswith(base)
    ]
    if known:
        if sum(known) != amount_minor:
            raise ledger.KeyReused(f"refund {key} was asked for before with another amount")
        return
    try:
        parts = rules.spread(amount_minor, [payment.refundable for payment in payments])
    except ValueError as error:
        raise RefundTooLarge(booking=booking_reference, amount_minor=amount_minor) from error
    for number, (payment, part) in enumerate(zip(payments, parts, strict=True), start=1):
        if part:
            await _owe(payment, f"{base}-{number}", part, reason, bank_account, now)


async def _owe(
    payment: PaymentRow, reference: str, amount: int, reason: str, bank_account: str, now: datetime
) -> None:
    await db.execute(
        "UPDATE payment SET refunded_minor = refunded_minor + $1 WHERE id = $2", amount, payment.id
    )
    await db.execute(
        "INSERT INTO refund (reference, booking_reference, payment_id, amount_minor, currency, reason, state,"
        " bank_account, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, 'due', $7, $8, $8)",
        reference,
        payment.booking_reference,
        payment.id,
        amount,
        payment.currency,
        reason,
        bank_account,
        now,
    )
    if payment.method.by_card:
        await _send(reference, reference)


async def _send(reference: str, key: str) -> None:
    await queue.add(
        "payments.send_refund", {"refund": reference, "key": key}, dedupe_key=f"payments.send_refund:{key}"
    )


async def retry_refund(refund_reference: str, *, now: datetime) -> None:
    """Try a failed card refund once more (staff act). Nothing happens for one that has not failed.

    The refund keeps the provider's name of the failed attempt, so that late news of it are known to be old.
    """
    async with db.transaction():
        changed = await db.execute(
            "UPDATE refund SET state = 'due', updated_at = $1 WHERE reference = $2 AND state = $3",
            now,
            refund_reference,
            RefundState.FAILED.value,
        )
        if changed:
            await _send(refund_reference, f"{refund_reference}:{int(now.timestamp())}")
