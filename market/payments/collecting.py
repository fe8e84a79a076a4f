"""Collecting a booking's money: offer ways to pay, open a payment, begin it with the provider, capture, give up.

Commands that take `now` run inside the caller's transaction and leave provider work to jobs (`handlers`,
`settlement`); `begin` alone calls the provider, outside any transaction. Giving back is in `refunding`, what
people enter by hand in `by_hand`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from market import clock, db
from market.errors import Refused
from market.outbox import queue
from market.outbox.tools import Tools
from market.payments import queries, rules
from market.payments.port import (
    CONFLICT,
    CardProvider,
    CheckoutRequest,
    Declined,
    Done,
    OpenCheckout,
    ProviderSilent,
    Unknown,
)
from market.payments.queries import PaymentRow
from market.payments.rules import Method, State
from market.settings import Settings
from market.values.ids import new_reference
from market.values.text import lazy

_PAGE_TIME = timedelta(minutes=30)


class PaymentClosed(Refused):
    """This attempt to pay is over; the booking's page knows what can be done."""

    code = "payment_closed"
    message = lazy("This payment is closed. Please open your booking and choose how to pay once more.")


def offered(tools: Tools, *, days_ahead: int, instant: bool = True, on_arrival: bool = False) -> list[Method]:
    """How a guest may pay for a start so many days ahead; see `rules.methods_offered`.

    `on_arrival` is the listing's word (homestays and classes yes, tours no). Requests are offered what
    instant bookings are: a card is then only authorised, and nothing else is taken before the host says
    yes.
    """
    bank = tools.of(Settings).bank is not None
    cards = tools.of(CardProvider).methods
    return rules.methods_offered(cards, has_bank=bank, days_ahead=days_ahead, on_arrival=on_arrival)


async def open_payment(
    *,
    booking_reference: str,
    purpose: str,
    subject: str,
    method: str,
    amount_minor: int,
    capture_later: bool,
    expires_at: datetime | None,
    now: datetime,
) -> str:
    """A new payment for a subject (a booking or a change of one).

    Its reference. Earlier unfinished ones are closed. A transfer gets its code here and waits; a card
    payment waits for `begin`.
    """
    earlier = await queries.list_payments(booking_reference)
    await _close(queries.unfinished(earlier, subject=subject), now)
    chosen = Method(method)
    state = State.CREATED if chosen.by_card else State.PENDING
    while True:
        # 30 letters to the power of 10 and of 6: a clash is rare, and simply tried again.
        rows = await db.fetch(
            "INSERT INTO payment (reference, booking_reference, purpose, subject, method, state,"
            " capture_later,"
            " amount_minor, currency, captured_minor, refunded_minor, transfer_code, url,"
            " expires_at, created_at,"
            " updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'IDR', 0, 0, $9, '', $10, $11, $11)"
            " ON CONFLICT DO NOTHING RETURNING reference",
            f"PY{new_reference(10)}",
            booking_reference,
            purpose,
            subject,
            chosen.value,
            state.value,
            capture_later,
            amount_minor,
            f"TR-{new_reference(6)}" if chosen is Method.TRANSFER else None,
            expires_at,
            now,
        )
        if rows:
            return rows[0]["reference"]


async def begin(
    payment_reference: str,
    *,
    tools: Tools,
    description: str,
    email: str,
    locale: str,
    return_url: str,
    cancel_url: str,
    order: str = "",
) -> str | None:
    """Where to send the guest to pay; None when there is nowhere to go (transfer, on arrival).

    Calls the provider, so never inside a transaction. Asked again, it gives the same address; a payment
    that is already paid gives `return_url`. Raises PaymentClosed, and ProviderSilent when the provider does
    not answer (nothing is lost: the guest has no address to pay at, and may press again).
    """
    db.assert_idle()
    payment = await queries.get_payment(payment_reference)
    if not payment.method.by_card:
        return None
    if payment.state in {State.AUTHORISED, State.CAPTURED}:
        return return_url
    if payment.state is State.PENDING and payment.url:
        return payment.url
    if payment.state is not State.CREATED:
        raise PaymentClosed
    now = clock.now()
    request = CheckoutRequest(
        key=payment.reference,
        payment_reference=payment.reference,
        booking_reference=payment.booking_reference,
        amount_minor=payment.amount_minor,
        capture_later=payment.capture_later,
        description=description,
        email=email,
        locale=locale,
        return_url=return_url,
        cancel_url=cancel_url,
        expires_at=payment.expires_at or now + _PAGE_TIME,
        order=order,
    )
    provider = tools.of(CardProvider)
    # Asked again with the same key, the provider gives the same page: what a power failure took comes back.
    with db.repeated_work():
        page = await _open_page(provider, request, now)
        return await _keep_page(provider, payment, page, now)


async def _open_page(provider: CardProvider, request: CheckoutRequest, now: datetime) -> OpenCheckout:
    """Ask for the page; an unknown outcome is asked again with the same key, a key used up with a fresh one.

    A page we lost sight of is harmless: nobody but us ever had its address.
    """
    outcome = await provider.open_checkout(request)
    if isinstance(outcome, Unknown):
        outcome = await provider.open_checkout(request)
    if isinstance(outcome, Declined) and outcome.reason == CONFLICT:
        fresh = f"{request.key}:{int(now.timestamp())}"
        outcome = await provider.open_checkout(replace(request, key=fresh))
    if isinstance(outcome, Done):
        return outcome.value
    raise ProviderSilent(payment=request.payment_reference)


async def _keep_page(provider: CardProvider, payment: PaymentRow, page: OpenCheckout, now: datetime) -> str:
    """Remember the page; whoever came first wins, and a page that nobody needs is closed."""
    kept = await db.execute(
        "UPDATE payment SET state = 'pending', session_ref = $1, url = $2, updated_at = $3"
        " WHERE id = $4 AND state = 'created'",
        page.session_ref,
        page.url,
        now,
        payment.id,
    )
    if kept:
        return page.url
    current = await queries.get_payment(payment.reference)
    if current.session_ref != page.session_ref:
        await provider.close_checkout(page.session_ref)
    if current.state is State.PENDING and current.url:
        return current.url
    raise PaymentClosed


async def capture(payment_reference: str, *, now: datetime) -> None:
    """Have an authorised payment captured.

    Safe to repeat; nothing to do for transfers and payments on arrival.
    """
    payment = await queries.get_payment(payment_reference)
    if payment.method.by_card and payment.state is not State.CAPTURED:
        await queue.add(
            "payments.capture",
            {"payment": payment.reference},
            dedupe_key=f"payments.capture:{payment.reference}",
        )


async def capture_authorised(booking_reference: str, *, now: datetime) -> None:
    """Have a booking's authorised payments captured."""
    for payment in await queries.list_payments(booking_reference):
        if payment.state is State.AUTHORISED:
            await capture(payment.reference, now=now)


async def void(payment_reference: str, *, now: datetime) -> None:
    """Give up a payment that was not captured: nobody can pay it any more, and an authorisation is let go."""
    await _close(queries.unfinished([await queries.get_payment(payment_reference)]), now)


async def abandon(booking_reference: str, *, now: datetime, purpose: str | None = None) -> None:
    """Give up all of a booking's unfinished payments, or only those of one purpose."""
    payments = await queries.list_payments(booking_reference)
    await _close(queries.unfinished(payments, **({"purpose": purpose} if purpose else {})), now)


async def _close(payments: Sequence[PaymentRow], now: datetime) -> None:
    """Close at our side at once, at the provider by a job.

    An authorisation stays one until the provider let it go.
    """
    for payment in payments:
        if payment.state is not State.AUTHORISED:
            await db.execute(
                "UPDATE payment SET state = 'cancelled', updated_at = $1 WHERE id = $2", now, payment.id
            )
        if payment.session_ref:
            await queue.add(
                "payments.void",
                {"payment": payment.reference},
                dedupe_key=f"payments.void:{payment.reference}",
            )


async def look_again(payment_reference: str, *, now: datetime) -> None:
    """Have the provider asked how a payment stands, for a guest who is back before the webhook is."""
    async with db.transaction():
        minute = int(now.timestamp()) // 60
        await queue.add(
            "payments.settle_unknown",
            {"payment": payment_reference},
            dedupe_key=f"payments.settle_unknown:{payment_reference}:{minute}",
        )
