"""What people enter.

Money that came into the bank, cash that a host took, refunds paid outside the card provider. Called by
operators' and hosts' pages, through `service`. Nothing is confirmed on a wrong amount: the money is then
kept in suspense under its bank reference, and the answer says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from market import db
from market.errors import Invalid, Refused
from market.payments import ledger, queries
from market.payments.events import Event, tell
from market.payments.queries import PaymentRow
from market.payments.rules import TRANSITIONS, Method, RefundState, State, tidy_code
from market.values.text import Text, lazy

_MOST = 10**12


class ReceiptKnown(Refused):
    """This bank reference was entered before, with other facts."""

    code = "receipt_known"
    message = lazy("This bank reference was entered before. Each transfer is entered once.")


class WrongRefundState(Refused):
    """The refund is not waiting for a person any more."""

    code = "wrong_refund_state"
    message = lazy("This refund has been dealt with already.")


@dataclass(frozen=True, slots=True)
class Match:
    """What became of a receipt: matched to a payment, or kept in suspense.

    `message` says it to the operator.
    """

    matched: bool
    message: Text
    payment_reference: str = ""
    booking_reference: str = ""
    expected_minor: int = 0


@dataclass(frozen=True, slots=True)
class _Receipt:
    bank_reference: str
    received_on: date
    amount_minor: int
    payer: str
    by: int | None


async def match_transfer(
    *,
    transfer_code: str = "",
    payment_reference: str = "",
    bank_reference: str,
    received_on: date,
    amount_minor: int,
    payer: str = "",
    by: int | None,
    now: datetime,
) -> Match:
    """Enter a transfer that arrived, and pay with it what its code names.

    A code nobody has or another amount puts the money into suspense. The same bank reference again with the
    right code takes it out of suspense; with the same facts it changes nothing; with another amount it raises
    ReceiptKnown. Invalid for an empty bank reference or an impossible amount.
    """
    bank_reference = " ".join(bank_reference.split()).upper()
    if not bank_reference:
        raise Invalid("no_bank_reference", lazy("Enter the bank's own reference."), field="bank_reference")
    if not 0 < amount_minor <= _MOST:
        raise Invalid("wrong_amount", lazy("Enter the amount that arrived."), field="amount")
    receipt = _Receipt(bank_reference, received_on, amount_minor, payer, by)
    async with db.transaction():
        if payment_reference:
            payment = await queries.find_payment(payment_reference)
        else:
            payment = await queries.find_transfer(tidy_code(transfer_code))
        return await _match(payment, receipt, now)


async def _match(payment: PaymentRow | None, receipt: _Receipt, now: datetime) -> Match:
    matched_id, is_new = await _enter(receipt, now)
    problem = _problem(payment, receipt.amount_minor)
    if matched_id is not None:
        if payment is None or payment.id != matched_id:
            raise ReceiptKnown
        return _matched(payment)
    if payment is None or problem is not None:
        await _into_suspense(payment, receipt, now)
        expected = payment.amount_minor if payment else 0
        return Match(matched=False, message=problem or _NO_SUCH_CODE, expected_minor=expected)
    source = ledger.BANK if is_new else ledger.SUSPENSE
    await _collect(payment, source, now, note=f"{receipt.bank_reference} by {receipt.by or 'nobody'}")
    await db.execute(
        "UPDATE bank_receipt SET payment_id = $1, matched_by = $2 WHERE bank_reference = $3",
        payment.id,
        receipt.by,
        receipt.bank_reference,
    )
    return _matched(payment)


def _matched(payment: PaymentRow) -> Match:
    message = lazy("The transfer is matched. The traveller is told at once.")
    return Match(True, message, payment.reference, payment.booking_reference, payment.amount_minor)


_NO_SUCH_CODE = lazy(
    "No booking has this transfer code. The money is kept in suspense; enter it again with the right code."
)


def _problem(payment: PaymentRow | None, amount_minor: int) -> Text | None:
    """Why a payment cannot be paid with this receipt, in words for the operator."""
    if payment is None:
        return _NO_SUCH_CODE
    if payment.method is not Method.TRANSFER:
        return lazy("This payment is not a bank transfer. The money is kept in suspense.")
    if payment.state is State.CAPTURED:
        return lazy("This booking was paid already. The money is kept in suspense, to be sent back.")
    if payment.amount_minor != amount_minor:
        return lazy("Another amount was asked for. Nothing is confirmed; the money is kept in suspense.")
    return None


async def _enter(receipt: _Receipt, now: datetime) -> tuple[int | None, bool]:
    """(the payment this receipt already paid, whether the receipt is new). Raises ReceiptKnown."""
    fresh = await db.fetch(
        "INSERT INTO bank_receipt (bank_reference, received_on, amount_minor, payer, created_at)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (bank_reference) DO NOTHING RETURNING id",
        receipt.bank_reference,
        receipt.received_on,
        receipt.amount_minor,
        receipt.payer,
        now,
    )
    if fresh:
        return None, True
    lock = " FOR UPDATE" if db.is_postgres() else ""
    known = await db.fetch_one(
        f"SELECT amount_minor, payment_id FROM bank_receipt WHERE bank_reference = $1{lock}",
        receipt.bank_reference,
    )
    if known is None or known["amount_minor"] != receipt.amount_minor:
        raise ReceiptKnown
    return known["payment_id"], False


async def _into_suspense(payment: PaymentRow | None, receipt: _Receipt, now: datetime) -> None:
    await ledger.post(
        f"bank:{receipt.bank_reference}",
        "unmatched transfer",
        payment.booking_reference if payment else "",
        [(ledger.BANK, ledger.SUSPENSE, receipt.amount_minor)],
        now,
        note=f"by {receipt.by or 'nobody'}",
    )


async def _collect(payment: PaymentRow, source: str, now: datetime, *, note: str) -> None:
    """The money for a payment is here: capture, post, tell."""
    await db.execute(
        "UPDATE payment SET state = 'captured', captured_minor = amount_minor, updated_at = $1 WHERE id = $2",
        now,
        payment.id,
    )
    await ledger.post(
        f"pay:{payment.reference}",
        "paid",
        payment.booking_reference,
        [(source, ledger.guest_hold(payment.booking_reference), payment.amount_minor)],
        now,
        note=note,
    )
    await tell(Event.SUCCEEDED, payment, payment.amount_minor, now)


async def mark_paid_on_arrival(
    payment_reference: str, *, host_id: int, by: int | None, now: datetime
) -> None:
    """A host says that the guest paid at the village; again, it changes nothing.

    The host now holds our guest's money: `asset:host_receivable:{host}` up, the guest's hold up. Completion
    releases the hold as for any payment; the next payout pays the host the payable less the receivable.
    Raises Refused for a payment by another method.
    """
    async with db.transaction():
        payment = await queries.get_payment(payment_reference)
        if payment.method is not Method.ON_ARRIVAL:
            raise Refused("not_on_arrival", lazy("This booking is not paid at the village."))
        if State.CAPTURED in TRANSITIONS[payment.state]:
            await _collect(payment, ledger.host_receivable(host_id), now, note=f"by {by or 'nobody'}")


async def mark_refund_paid(
    refund_reference: str, *, by: int | None, bank_reference: str = "", now: datetime
) -> None:
    """A person paid a refund back.

    By bank for transfers (or after a card failed), by hand where a host collected. Again, it changes
    nothing. Raises WrongRefundState for a refund that a card provider is still working on.
    """
    async with db.transaction():
        refund = await queries.get_refund(refund_reference)
        payment = await queries.get_payment(refund.payment_reference)
        refund = await queries.get_refund(refund_reference)
        if refund.state is RefundState.CONFIRMED:
            return
        if payment.method.by_card and refund.state is not RefundState.FAILED:
            raise WrongRefundState
        await db.execute(
            "UPDATE refund SET state = 'confirmed', provider_ref = $1, updated_at = $2 WHERE id = $3",
            bank_reference or None,
            now,
            refund.id,
        )
        await ledger.post(
            f"ref:{refund.reference}",
            "refunded",
            refund.booking_reference,
            [(ledger.refund_due(refund.booking_reference), await _source_of(payment), refund.amount_minor)],
            now,
            note=f"{bank_reference} by {by or 'nobody'}".strip(),
        )
        await tell(
            Event.REFUNDED, payment, refund.amount_minor, now, once=refund.reference, refund=refund.reference
        )


async def _source_of(payment: PaymentRow) -> str:
    """Where a refund by hand comes out of: the host's pocket if the host collected, the bank otherwise."""
    if payment.method is not Method.ON_ARRIVAL:
        return ledger.BANK
    return (await ledger.moves_of(f"pay:{payment.reference}"))[0][0]
