"""What a provider reports, applied to our payments, refunds and ledger. Always inside one transaction.

Reports come twice, late and out of order, by webhook or because we asked; every function here reaches the
same state and the same postings whatever the order. Amounts and currency must equal our record, or nothing
is confirmed and a person is alerted.
"""

from __future__ import annotations

from datetime import datetime

from market import db
from market.outbox import queue
from market.payments import ledger, queries, returns
from market.payments.events import Event, alert, tell
from market.payments.port import Kind, News, ProviderPayment, ProviderState
from market.payments.queries import PaymentRow
from market.payments.returns import APPLIED
from market.payments.rules import TRANSITIONS, Received, State, mismatch

__all__ = [
    "APPLIED",
    "apply_fetched",
    "apply_news",
    "authorised",
    "capture_failed",
    "expired",
    "paid",
    "voided",
]


async def apply_news(news: News, now: datetime) -> str:
    """Let one piece of news take effect; the outcome in a word."""
    if news.problem:
        await alert(
            f"event:{news.event_id}", f"A payment message came from {news.problem}.", event_id=news.event_id
        )
        return f"refused: {news.problem}"
    if news.kind is Kind.IGNORED:
        return "ignored"
    payment = await _payment_of(news)
    if news.dispute is not None:
        return await returns.disputed(payment, news.provider_ref, news.dispute, news.currency, now)
    if payment is None:
        await alert(
            f"event:{news.event_id}", "A payment message names no payment of ours.", event_id=news.event_id
        )
        return "unknown payment"
    return await _about_payment(payment, news, now)


async def _about_payment(payment: PaymentRow, news: News, now: datetime) -> str:
    match news.kind:
        case Kind.PAID | Kind.AUTHORISED:
            return await _money(payment, news, now)
        case Kind.EXPIRED:
            return await expired(payment, now)
        case Kind.VOIDED:
            return await voided(payment, news.provider_ref, now)
        case Kind.DECLINED:
            return await _declined(payment, news, now)
        case Kind.REFUND if news.refund is not None and payment.state is State.CAPTURED:
            return await returns.refund_reported(payment, news.refund, now)
        case _:
            return await _look_again(payment, news)


async def _payment_of(news: News) -> PaymentRow | None:
    if news.payment_reference:
        found = await queries.find_payment(news.payment_reference)
        if found is not None:
            return found
    if news.refund is not None and news.refund.reference:
        refund = await queries.find_refund(news.refund.reference)
        if refund is not None:
            return await queries.find_payment(refund.payment_reference)
    return await queries.find_payment_at_provider(
        provider_ref=news.provider_ref, session_ref=news.session_ref
    )


async def _money(payment: PaymentRow, news: News, now: datetime) -> str:
    if news.amount is None:
        return "no amount"
    apply = paid if news.kind is Kind.PAID else authorised
    return await apply(
        payment, news.provider_ref, news.amount, news.currency, now, session_ref=news.session_ref
    )


async def _look_again(payment: PaymentRow, news: News) -> str:
    """The message alone does not say enough (refunds before the charge): ask the provider for the whole."""
    await queue.add(
        "payments.settle_unknown",
        {"payment": payment.reference},
        dedupe_key=f"payments.settle_unknown:{news.event_id}",
    )
    return "asked the provider"


async def paid(
    payment: PaymentRow,
    provider_ref: str,
    amount: Received,
    currency: str,
    now: datetime,
    *,
    session_ref: str = "",
) -> str:
    """The provider has the money: capture once, post once, tell once."""
    wrong = mismatch(payment.amount_minor, payment.currency, amount, currency)
    if not wrong and payment.state is State.CAPTURED and payment.provider_ref != provider_ref:
        wrong = f"a second charge {provider_ref}"
    if wrong:
        return await _unexpected_money(payment, provider_ref, amount, currency, wrong, now)
    if State.CAPTURED not in TRANSITIONS[payment.state]:
        return "known already"
    await db.execute(
        "UPDATE payment SET state = 'captured', captured_minor = amount_minor, provider_ref = $1,"
        " session_ref = COALESCE(session_ref, $2), updated_at = $3 WHERE id = $4",
        provider_ref,
        session_ref or None,
        now,
        payment.id,
    )
    await ledger.post(
        f"pay:{provider_ref}",
        "paid",
        payment.booking_reference,
        [(ledger.PSP_PENDING, ledger.guest_hold(payment.booking_reference), payment.amount_minor)],
        now,
    )
    await tell(Event.SUCCEEDED, payment, payment.amount_minor, now)
    return APPLIED


async def _unexpected_money(
    payment: PaymentRow, provider_ref: str, amount: Received, currency: str, wrong: str, now: datetime
) -> str:
    """Money that is not what we asked for confirms nothing: it waits in suspense, to the sen in the note."""
    if currency.upper() == payment.currency:
        await ledger.post(
            f"sus:{provider_ref}:{amount.minor}:{amount.odd_sen}",
            "unexpected",
            payment.booking_reference,
            [(ledger.PSP_PENDING, ledger.SUSPENSE, amount.minor)],
            now,
            note=f"{payment.reference}: {wrong}",
        )
    await alert(
        f"amount:{payment.reference}:{provider_ref}:{amount}:{currency}",
        f"A payment of {amount} was not what was asked for: {wrong}.",
        payment=payment.reference,
        provider_ref=provider_ref,
    )
    return f"refused: {wrong}"


async def authorised(
    payment: PaymentRow,
    provider_ref: str,
    amount: Received,
    currency: str,
    now: datetime,
    *,
    session_ref: str = "",
) -> str:
    """The card's bank promised the money."""
    wrong = mismatch(payment.amount_minor, payment.currency, amount, currency)
    if wrong:
        await alert(
            f"amount:{payment.reference}:{provider_ref}:{amount}:{currency}",
            f"An authorisation was not what was asked for: {wrong}.",
            payment=payment.reference,
            provider_ref=provider_ref,
        )
        return f"refused: {wrong}"
    over = payment.state in {State.FAILED, State.CANCELLED} and not payment.url
    if over or State.AUTHORISED not in TRANSITIONS[payment.state]:
        return "known already"
    await db.execute(
        "UPDATE payment SET state = 'authorised', provider_ref = $1, session_ref = COALESCE(session_ref, $2),"
        " updated_at = $3 WHERE id = $4",
        provider_ref,
        session_ref or None,
        now,
        payment.id,
    )
    await tell(Event.AUTHORISED, payment, payment.amount_minor, now)
    return APPLIED


async def expired(payment: PaymentRow, now: datetime) -> str:
    """The provider's page closed with nobody having paid."""
    unpaid = payment.state in {State.CREATED, State.PENDING}
    await _over(payment, State.FAILED if unpaid else payment.state, "", now)
    if unpaid:
        await tell(Event.FAILED, payment, payment.amount_minor, now, reason="expired", final=True)
    return APPLIED


async def voided(payment: PaymentRow, provider_ref: str, now: datetime) -> str:
    """The provider let the authorisation go, or cancelled before anything was paid."""
    if payment.state is State.CAPTURED:
        return "known already"
    await _over(payment, State.CANCELLED, provider_ref, now)
    if payment.state is State.AUTHORISED:
        await tell(Event.VOIDED, payment, payment.amount_minor, now)
    return APPLIED


async def capture_failed(payment: PaymentRow, reason: str, now: datetime) -> None:
    """The promise could not be turned into money, for good."""
    if payment.state is State.AUTHORISED:
        await _over(payment, State.FAILED, payment.provider_ref, now)
    await tell(Event.CAPTURE_FAILED, payment, payment.amount_minor, now, reason=reason)


async def _over(payment: PaymentRow, state: State, provider_ref: str, now: datetime) -> None:
    """Nothing can be paid there any more: an empty url says so."""
    await db.execute(
        "UPDATE payment SET state = $1, provider_ref = COALESCE($2, provider_ref), url = '', updated_at = $3"
        " WHERE id = $4",
        state.value,
        provider_ref or None,
        now,
        payment.id,
    )


async def _declined(payment: PaymentRow, news: News, now: datetime) -> str:
    """A card was refused; the page stays open, and the guest may try another card."""
    if payment.state not in {State.CREATED, State.PENDING}:
        return "known already"
    await tell(
        Event.FAILED,
        payment,
        payment.amount_minor,
        now,
        once=news.event_id,
        reason=news.reason or "card_declined",
        final=False,
    )
    return APPLIED


async def apply_fetched(payment_reference: str, found: ProviderPayment, now: datetime) -> PaymentRow:
    """Bring a payment to where the provider has it; the payment as it is then.

    Opens or joins a transaction.
    """
    async with db.transaction():
        payment = await queries.get_payment(payment_reference)
        if found.problem:
            await alert(
                f"fetch:{payment.reference}",
                f"A payment belongs to {found.problem}.",
                payment=payment.reference,
            )
            return payment
        match found.state:
            case ProviderState.PAID:
                await paid(payment, found.provider_ref, found.amount, found.currency, now)
            case ProviderState.AUTHORISED:
                await authorised(payment, found.provider_ref, found.amount, found.currency, now)
            case ProviderState.VOIDED:
                await voided(payment, found.provider_ref, now)
            case ProviderState.EXPIRED:
                await expired(payment, now)
            case ProviderState.OPEN:
                pass
        payment = await queries.get_payment(payment_reference)
        if payment.state is State.CAPTURED:
            for refund in found.refunds:
                await returns.refund_reported(payment, refund, now)
        return payment
