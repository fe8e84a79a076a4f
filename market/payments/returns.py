"""Money that goes back, as a provider reports it: refunds, and disputes of cardholders.

Like `reports`, inside one transaction and blind to order and repetition.
"""

from __future__ import annotations

from datetime import datetime

from market import db
from market.payments import disputes, ledger, queries
from market.payments.events import Event, alert, tell
from market.payments.port import Dispute, DisputeState, ProviderRefund, ProviderRefundState
from market.payments.queries import PaymentRow, RefundRow
from market.payments.rules import Received, RefundState

APPLIED = ""
"""The outcome of news that had its effect; other outcomes are words for people who read the inbox."""


async def refund_reported(payment: PaymentRow, reported: ProviderRefund, now: datetime) -> str:
    """How a refund stands at the provider.

    One that nobody here asked for is recorded and told to a person.
    """
    refund = await queries.find_refund(reported.reference) if reported.reference else None
    if refund is None or refund.payment_id != payment.id:
        refund = await queries.find_refund_at_provider(payment.id, reported.provider_ref)
    if refund is None:
        return await _foreign_refund(payment, reported, now)
    if refund.state is RefundState.DUE and refund.provider_ref == reported.provider_ref:
        return "an earlier attempt"
    if reported.amount != Received(refund.amount_minor):
        await alert(
            f"refund:{reported.provider_ref}",
            "A refund has another amount than we asked for.",
            refund=refund.reference,
        )
        return "refused: amount"
    match reported.state:
        case ProviderRefundState.PENDING:
            return await _refund_moves(refund, RefundState.SENT, {RefundState.DUE}, reported, now)
        case ProviderRefundState.SUCCEEDED:
            return await _refund_succeeded(payment, refund, reported, now)
        case ProviderRefundState.FAILED:
            return await _refund_failed(payment, refund, reported, now)


async def _refund_moves(
    refund: RefundRow, to: RefundState, allowed: set[RefundState], reported: ProviderRefund, now: datetime
) -> str:
    if refund.state not in allowed:
        return "known already"
    await db.execute(
        "UPDATE refund SET state = $1, provider_ref = $2, updated_at = $3 WHERE id = $4",
        to.value,
        reported.provider_ref,
        now,
        refund.id,
    )
    return APPLIED


async def _refund_succeeded(
    payment: PaymentRow, refund: RefundRow, reported: ProviderRefund, now: datetime
) -> str:
    outcome = await _refund_moves(
        refund, RefundState.CONFIRMED, {RefundState.DUE, RefundState.SENT}, reported, now
    )
    if outcome == APPLIED:
        await ledger.post(
            f"ref:{reported.provider_ref}",
            "refunded",
            refund.booking_reference,
            [(ledger.refund_due(refund.booking_reference), ledger.PSP_AVAILABLE, refund.amount_minor)],
            now,
            note=refund.reference,
        )
        await tell(
            Event.REFUNDED, payment, refund.amount_minor, now, once=refund.reference, refund=refund.reference
        )
    return outcome


async def _refund_failed(
    payment: PaymentRow, refund: RefundRow, reported: ProviderRefund, now: datetime
) -> str:
    """The card's bank did not take it: the money is still owed, and a person must find another way."""
    live = {RefundState.DUE, RefundState.SENT, RefundState.CONFIRMED}
    outcome = await _refund_moves(refund, RefundState.FAILED, live, reported, now)
    if outcome != APPLIED:
        return outcome
    if refund.state is RefundState.CONFIRMED:
        await ledger.post(
            f"ref-failed:{reported.provider_ref}",
            "refund failed",
            refund.booking_reference,
            [(ledger.PSP_AVAILABLE, ledger.refund_due(refund.booking_reference), refund.amount_minor)],
            now,
            note=refund.reference,
        )
    await alert(
        f"refund:{reported.provider_ref}",
        f"A refund failed: {reported.reason or 'no reason given'}.",
        refund=refund.reference,
        payment=payment.reference,
    )
    return APPLIED


async def _foreign_refund(payment: PaymentRow, reported: ProviderRefund, now: datetime) -> str:
    """Made in the provider's own screens: the money is gone, so it is written down against suspense."""
    if reported.state is not ProviderRefundState.SUCCEEDED:
        return "not ours, not final"
    await db.execute(
        "INSERT INTO refund (reference, booking_reference, payment_id, amount_minor, currency, reason, state,"
        " provider_ref, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, 'made at the provider',"
        " 'confirmed', $6,"
        " $7, $7) ON CONFLICT (reference) DO NOTHING",
        f"RF-{reported.provider_ref}",
        payment.booking_reference,
        payment.id,
        reported.amount.minor,
        payment.currency,
        reported.provider_ref,
        now,
    )
    await db.execute(
        "UPDATE payment SET refunded_minor = CASE WHEN refunded_minor + $1 > captured_minor THEN"
        " captured_minor"
        " ELSE refunded_minor + $1 END WHERE id = $2",
        reported.amount.minor,
        payment.id,
    )
    await ledger.post(
        f"ref:{reported.provider_ref}",
        "refunded outside",
        payment.booking_reference,
        [(ledger.SUSPENSE, ledger.PSP_AVAILABLE, reported.amount.minor)],
        now,
        note=f"{payment.reference}: {reported.amount}",
    )
    await alert(
        f"refund:{reported.provider_ref}",
        f"{reported.amount} were given back outside this system.",
        payment=payment.reference,
    )
    return APPLIED


async def disputed(
    payment: PaymentRow | None, charge_ref: str, dispute: Dispute, currency: str, now: datetime
) -> str:
    """A cardholder's bank took money back, and later perhaps returned it. Each of the two is posted once.

    The booking is frozen meanwhile (`disputes`). A dispute may be told before its payment, and its end before its
    beginning, so nothing here depends on the payment's state or on order.
    """
    booking = payment.booking_reference if payment else ""
    await disputes.open_dispute(
        booking_reference=booking,
        now=now,
        kind=disputes.Kind.CARD,
        opened_by="card",
        provider_ref=dispute.reference,
        charge_ref=charge_ref,
        amount_minor=dispute.amount.minor,
    )
    if currency.upper() != "IDR" or dispute.state in {DisputeState.INQUIRY, DisputeState.DROPPED}:
        if dispute.state is DisputeState.DROPPED:
            await disputes.bank_decided(dispute.reference, won=True, now=now)
        await alert(
            f"dispute:{dispute.reference}", "A cardholder asks about a payment.", dispute=dispute.reference
        )
        return "told a person"
    await _post_dispute(dispute, booking, now)
    if dispute.state is not DisputeState.OPEN:
        await disputes.bank_decided(dispute.reference, won=dispute.state is DisputeState.WON, now=now)
    await alert(
        f"dispute:{dispute.reference}:{dispute.state.value}",
        f"A dispute over {dispute.amount} is {dispute.state.value}.",
        dispute=dispute.reference,
        booking=booking,
    )
    return APPLIED


async def _post_dispute(dispute: Dispute, booking: str, now: datetime) -> None:
    odd = dispute.amount.odd_sen or dispute.fee.odd_sen
    amount, fee = dispute.amount.minor, dispute.fee.minor
    claim = ledger.SUSPENSE if odd else ledger.DISPUTE_RECEIVABLE
    cost = ledger.SUSPENSE if odd else ledger.DISPUTE_FEE
    await ledger.post(
        f"cb:{dispute.reference}",
        "dispute opened",
        booking,
        [(claim, ledger.PSP_AVAILABLE, amount), (cost, ledger.PSP_AVAILABLE, fee)],
        now,
        note=f"{dispute.amount}, fee {dispute.fee}",
    )
    if dispute.state is DisputeState.WON:
        # A lost dispute may still be won in a second round: what was written off comes back then.
        lost = await ledger.moves_of(f"cb-lost:{dispute.reference}")
        source = ledger.BAD_DEBT if lost else claim
        moves = [(ledger.PSP_AVAILABLE, source, amount)]
        if not await ledger.moves_of(f"cb-won:{dispute.reference}"):
            await ledger.post(f"cb-won:{dispute.reference}", "dispute won", booking, moves, now)
    elif dispute.state is DisputeState.LOST and not await ledger.moves_of(f"cb-won:{dispute.reference}"):
        moves = [(ledger.BAD_DEBT, claim, amount)]
        await ledger.post(f"cb-lost:{dispute.reference}", "dispute lost", booking, moves, now)
