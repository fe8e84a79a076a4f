"""Work that needs the provider.

Keep promises made in transactions (capture, void, refund) and ask how things stand. Run by the handlers,
safe to repeat. The network is called outside transactions; what it answered is applied by `reports`. An
unknown outcome asks the provider, and raises to be tried again when that does not settle it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from market import db
from market.errors import DomainError
from market.payments import ledger, queries, reports, returns
from market.payments.events import alert
from market.payments.port import (
    BalanceMove,
    CardProvider,
    Declined,
    Done,
    ProviderPayment,
    ProviderRefund,
    ProviderRefundState,
    ProviderSilent,
    ProviderState,
)
from market.payments.queries import PaymentRow, RefundRow
from market.payments.rules import Received, RefundState, State

log = structlog.get_logger()
_KEYS_LAST = timedelta(hours=20)
"""Providers forget idempotency keys after a day; older attempts are looked up before they are repeated."""


class NotSettled(DomainError):
    """The provider has not decided yet: the job comes back."""

    code = "not_settled"


async def refresh(reference: str, provider: CardProvider, *, now: datetime) -> PaymentRow:
    """Ask the provider about a payment and bring ours to the same place. Raises ProviderSilent."""
    payment = await queries.get_payment(reference)
    if not payment.session_ref or payment.method not in provider.methods:
        return payment
    found = await provider.fetch(payment.session_ref)
    return await reports.apply_fetched(reference, found, now)


async def capture(reference: str, provider: CardProvider, *, now: datetime) -> None:
    """Turn an authorisation into money, or find out for good that it cannot be."""
    payment = await _card_payment(reference, provider)
    if payment.state in {State.CREATED, State.PENDING}:
        payment = await refresh(reference, provider, now=now)
    match payment.state:
        case State.CAPTURED:
            return
        case State.FAILED | State.CANCELLED:
            await _tell_capture_failed(payment, payment.state.value, now)
            return
        case State.CREATED | State.PENDING:
            raise NotSettled(state=payment.state.value)
        case State.AUTHORISED:
            await _capture_authorised(payment, provider, now)


async def _card_payment(reference: str, provider: CardProvider) -> PaymentRow:
    """A payment of this provider.

    Raises NotSettled for another's: its jobs wait until that one is set up again.
    """
    payment = await queries.get_payment(reference)
    if payment.method not in provider.methods:
        raise NotSettled(provider=provider.name, method=payment.method.value)
    return payment


async def _capture_authorised(payment: PaymentRow, provider: CardProvider, now: datetime) -> None:
    reference = payment.reference
    outcome = await provider.capture(payment.provider_ref, payment.amount_minor, f"{reference}:capture")
    if isinstance(outcome, Done):
        found = ProviderPayment(
            payment.session_ref, payment.provider_ref, ProviderState.PAID, Received(payment.amount_minor)
        )
        await reports.apply_fetched(reference, found, now)
        return
    payment = await refresh(reference, provider, now=now)
    if payment.state is State.CAPTURED:
        return
    if not isinstance(outcome, Declined):
        raise NotSettled(outcome=outcome.detail)
    await _tell_capture_failed(payment, outcome.reason, now)


async def _tell_capture_failed(payment: PaymentRow, reason: str, now: datetime) -> None:
    async with db.transaction():
        await reports.capture_failed(await queries.get_payment(payment.reference), reason, now)


async def void(reference: str, provider: CardProvider, *, now: datetime) -> None:
    """Make sure that a payment we gave up cannot take money: close its page, let its authorisation go."""
    payment = await _card_payment(reference, provider)
    if payment.state is State.CANCELLED and payment.url:
        payment = await _close_page(payment, provider, now)
    if payment.state is not State.AUTHORISED:
        return
    outcome = await provider.void(payment.provider_ref, f"{reference}:void")
    if isinstance(outcome, Done):
        found = ProviderPayment(
            payment.session_ref, payment.provider_ref, ProviderState.VOIDED, Received(payment.amount_minor)
        )
        await reports.apply_fetched(reference, found, now)
    elif (await refresh(reference, provider, now=now)).state is State.AUTHORISED:
        raise NotSettled


async def _close_page(payment: PaymentRow, provider: CardProvider, now: datetime) -> PaymentRow:
    outcome = await provider.close_checkout(payment.session_ref)
    if isinstance(outcome, Done):
        async with db.transaction():
            locked = await queries.get_payment(payment.reference)
            await reports.expired(locked, now)
            return locked
    after = await refresh(payment.reference, provider, now=now)
    if after.state is State.CANCELLED and after.url:
        raise NotSettled
    return after


async def send_refund(reference: str, key: str, provider: CardProvider, *, now: datetime) -> None:
    """Give money back on the card it came from."""
    refund = await queries.get_refund(reference)
    if refund.state is not RefundState.DUE:
        return
    payment = await _card_payment(refund.payment_reference, provider)
    if now - refund.created_at > _KEYS_LAST and await _known_now(refund, provider, now):
        return
    outcome = await provider.refund(payment.provider_ref, refund.amount_minor, key, reference)
    if isinstance(outcome, Done):
        await _apply_refund(payment, outcome.value, now)
    elif isinstance(outcome, Declined):
        if not await _known_now(refund, provider, now):
            await _apply_refund(payment, _refused(refund, outcome.reason, now), now)
    else:
        raise NotSettled(outcome=outcome.detail)


async def _known_now(refund: RefundRow, provider: CardProvider, now: datetime) -> bool:
    """Ask the provider whether an earlier attempt got through after all."""
    await refresh(refund.payment_reference, provider, now=now)
    return (await queries.get_refund(refund.reference)).state is not RefundState.DUE


def _refused(refund: RefundRow, reason: str, now: datetime) -> ProviderRefund:
    return ProviderRefund(
        f"refused-{refund.reference}-{int(now.timestamp())}",
        Received(refund.amount_minor),
        ProviderRefundState.FAILED,
        refund.reference,
        reason,
    )


async def _apply_refund(payment: PaymentRow, reported: ProviderRefund, now: datetime) -> None:
    async with db.transaction():
        await returns.refund_reported(await queries.get_payment(payment.reference), reported, now)


async def reconcile(provider: CardProvider, *, now: datetime) -> int:
    """Ask about every payment that nobody told the end of; how many were asked about.

    Lost webhooks heal here.
    """
    asked = 0
    for payment in await queries.list_unsettled(now):
        if payment.method not in provider.methods:
            continue
        asked += 1
        try:
            after = await refresh(payment.reference, provider, now=now)
            if after.state is State.CANCELLED and after.url:
                await void(payment.reference, provider, now=now)
        except (ProviderSilent, NotSettled) as error:
            log.warning("payment not settled", payment=payment.reference, error=str(error))
        # The next round begins with those that waited longest, answered or not.
        await db.execute("UPDATE payment SET updated_at = $1 WHERE id = $2", now, payment.id)
    return asked


async def settle_balances(provider: CardProvider, *, now: datetime) -> int:
    """Post fees, and money that became available at the provider; how many payments became available."""
    available = 0
    for payment in await queries.list_not_yet_available(now):
        if payment.method not in provider.methods:
            continue
        try:
            move = await provider.settlement(payment.provider_ref)
        except ProviderSilent as error:
            log.warning("balance not known", payment=payment.reference, error=str(error))
            continue
        if move is not None:
            await _post_balance(payment, move, now)
            available += move.available
    return available


async def _post_balance(payment: PaymentRow, move: BalanceMove, now: datetime) -> None:
    fee = move.fee.minor
    odd = bool(move.fee.odd_sen)
    async with db.transaction():
        fresh = await ledger.post(
            f"fee:{move.reference}",
            "provider fee",
            payment.booking_reference,
            [(ledger.SUSPENSE if odd else ledger.PSP_FEE, ledger.PSP_PENDING, fee)],
            now,
            note=f"{payment.reference}: {move.fee}",
        )
        if fresh and odd:
            await alert(
                f"fee:{move.reference}",
                f"A fee of {move.fee} is not whole rupiah.",
                payment=payment.reference,
            )
        if move.available:
            await ledger.post(
                f"avail:{move.reference}",
                "available",
                payment.booking_reference,
                [(ledger.PSP_AVAILABLE, ledger.PSP_PENDING, payment.captured_minor - fee)],
                now,
                note=payment.reference,
            )
