"""Reading the card provider's books again and comparing them with ours: what a restored database has forgotten.

`gaps` says what differs for one payment, `differences` for everything since a moment, and `repair` brings ours to where
the provider's is, by the same functions that take its news (`reports`). What cannot be settled that way is told to a
person. A payment that is not here at all needs its booking first: that is for the floors above.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from market import db
from market.payments import queries, reports
from market.payments.events import alert
from market.payments.port import (
    CardProvider,
    ListedPayment,
    ProviderPayment,
    ProviderRefund,
    ProviderRefundState,
    ProviderState,
)
from market.payments.queries import PaymentRow, RefundRow
from market.payments.rules import RefundState, State, mismatch

_PAGE_LIVES: Final = timedelta(hours=25)
"""A page opened this long before may be paid at since."""


class Gap(StrEnum):
    """In what our books differ from the provider's."""

    UNKNOWN = "paid there, not here at all"
    OPEN_PAGE = "can still be paid there, not here at all"
    NOT_CAPTURED = "paid there, not here"
    NOT_AUTHORISED = "authorised there, not here"
    GIVEN_BACK = "paid and given back there, still open here"
    LET_GO = "let go there, authorised here"
    REFUND = "given back there, not here"
    REFUND_FAILED = "refund failed there, not here"
    AMOUNT = "another amount or charge there"
    NOT_THERE = "captured here, not there"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs. `payment` is ours, None when there is none; `refund` the provider's, where it is one."""

    gap: Gap
    listed: ListedPayment
    payment: PaymentRow | None = None
    refund: ProviderRefund | None = None

    @property
    def key(self) -> tuple[str, ...]:
        """The same difference, found again, has the same key."""
        return (self.gap, self.listed.found.session_ref, self.refund.provider_ref if self.refund else "")

    @property
    def amount_minor(self) -> int:
        return (self.refund or self.listed.found).amount.minor


def given_back(found: ProviderPayment) -> int:
    """How much of a payment went back, for good."""
    return sum(r.amount.minor for r in found.refunds if r.state is ProviderRefundState.SUCCEEDED)


def gaps(
    payment: PaymentRow, refunds: Sequence[RefundRow], found: ProviderPayment
) -> list[tuple[Gap, ProviderRefund | None]]:
    """In what one of our payments, with its refunds, differs from what the provider has."""
    main = _gap(payment, found)
    captured = payment.state is State.CAPTURED or main is Gap.NOT_CAPTURED
    told = [(gap, one) for one in found.refunds if captured and (gap := _refund_gap(refunds, one))]
    return [*([(main, None)] if main else []), *told]


def _gap(payment: PaymentRow, found: ProviderPayment) -> Gap | None:
    match found.state:
        case ProviderState.PAID:
            return _gap_of_paid(payment, found)
        case ProviderState.AUTHORISED if payment.state in {State.CREATED, State.PENDING}:
            return Gap.NOT_AUTHORISED
        case ProviderState.VOIDED if payment.state is State.AUTHORISED:
            return Gap.LET_GO
        case _:
            return Gap.NOT_THERE if payment.state is State.CAPTURED else None


def _gap_of_paid(payment: PaymentRow, found: ProviderPayment) -> Gap | None:
    all_back = given_back(found) >= found.amount.minor
    captured = payment.state is State.CAPTURED
    odd = mismatch(payment.amount_minor, payment.currency, found.amount, found.currency)
    if odd or found.problem or (captured and payment.provider_ref != found.provider_ref):
        return None if all_back else Gap.AMOUNT
    if captured:
        return None
    if all_back:
        return Gap.GIVEN_BACK if payment.url or payment.state is State.CREATED else None
    return Gap.NOT_CAPTURED


def _refund_gap(refunds: Sequence[RefundRow], reported: ProviderRefund) -> Gap | None:
    ours = next((r for r in refunds if reported.reference and r.reference == reported.reference), None)
    ours = ours or next((r for r in refunds if r.provider_ref == reported.provider_ref), None)
    if ours is not None and ours.state is RefundState.DUE and ours.provider_ref == reported.provider_ref:
        return None  # an earlier attempt; the next one is on its way
    match reported.state:
        case ProviderRefundState.SUCCEEDED:
            return None if ours is not None and ours.state is RefundState.CONFIRMED else Gap.REFUND
        case ProviderRefundState.FAILED:
            failed = ours is None or ours.state is RefundState.FAILED
            return None if failed else Gap.REFUND_FAILED
        case ProviderRefundState.PENDING:
            return None


async def differences(provider: CardProvider, since: datetime) -> list[Difference]:
    """Everything that differs since then, oldest first. Raises ProviderSilent."""
    db.assert_idle()
    found: list[Difference] = []
    seen: set[str] = set()
    for listed in await provider.list_payments(since - _PAGE_LIVES):
        payment = await queries.find_payment(listed.payment_reference)
        seen.add(listed.payment_reference)
        found += _of_unknown(listed) if payment is None else await _of_known(payment, listed)
    for payment in await _others(provider, since):
        if payment.reference not in seen and payment.method in provider.methods:
            seen.add(payment.reference)
            fetched = await provider.fetch(payment.session_ref)
            found += await _of_known(payment, _as_listed(payment, fetched))
    return found


async def _others(provider: CardProvider, since: datetime) -> list[PaymentRow]:
    """Ours that may have moved although their page is older: authorised ones, and those with something given back."""
    refunded = [
        await queries.find_payment_at_provider(provider_ref=reference, session_ref="")
        for reference in await provider.list_refunded(since)
    ]
    return [
        *await queries.list_authorised(),
        *(one for one in refunded if one is not None and one.session_ref),
    ]


def _as_listed(payment: PaymentRow, found: ProviderPayment) -> ListedPayment:
    return ListedPayment(found, payment.created_at, payment.reference, payment.booking_reference)


async def _of_known(payment: PaymentRow, listed: ListedPayment) -> list[Difference]:
    refunds = [r for r in await queries.list_refunds(payment.booking_reference) if r.payment_id == payment.id]
    return [Difference(gap, listed, payment, refund) for gap, refund in gaps(payment, refunds, listed.found)]


def _of_unknown(listed: ListedPayment) -> list[Difference]:
    """A payment that is not here: nothing is lost when all of it went back, or nobody paid and nobody can."""
    found = listed.found
    if found.state is ProviderState.OPEN:
        return [Difference(Gap.OPEN_PAGE, listed)]
    taken = found.state is ProviderState.PAID and given_back(found) < found.amount.minor
    return [Difference(Gap.UNKNOWN, listed)] if taken or found.state is ProviderState.AUTHORISED else []


async def repair(difference: Difference, now: datetime) -> None:
    """Bring a payment of ours to where the provider has it; posts nothing twice.

    Money that nobody expected goes to suspense.
    """
    payment, found = difference.payment, difference.listed.found
    if payment is None:
        raise ValueError("a payment that is not here is adopted first")
    async with db.transaction():
        await db.execute(
            "UPDATE payment SET session_ref = $1 WHERE id = $2 AND session_ref IS NULL",
            found.session_ref,
            payment.id,
        )
        if difference.gap is Gap.GIVEN_BACK:
            await reports.voided(await queries.get_payment(payment.reference), found.provider_ref, now)
        elif difference.gap is Gap.NOT_THERE:
            await tell_person(difference, "we have it as captured, and the provider does not")
        else:
            await reports.apply_fetched(payment.reference, found, now)


async def adopt(listed: ListedPayment, *, method: str, now: datetime) -> None:
    """A payment under its old reference, for a booking that is here (again); what became of it is `repair`'s."""
    found = listed.found
    await db.execute(
        "INSERT INTO payment (reference, booking_reference, purpose, subject, method, state, capture_later,"
        " amount_minor, currency, captured_minor, refunded_minor, session_ref, url, created_at, updated_at)"
        " VALUES ($1, $2, 'booking', $2, $3, 'pending', $4, $5, $6, 0, 0, $7, '', $8, $9)"
        " ON CONFLICT (reference) DO NOTHING",
        listed.payment_reference,
        listed.booking_reference,
        method,
        found.state is ProviderState.AUTHORISED,
        found.amount.minor,
        found.currency,
        found.session_ref,
        listed.at,
        now,
    )


async def tell_person(difference: Difference, why: str) -> None:
    """Put a difference that does not settle itself among the parked jobs, once."""
    listed = difference.listed
    async with db.transaction():
        await alert(
            ":".join(("reread", *difference.key)),
            f"{listed.found.amount} of booking {listed.booking_reference or '?'}: {why}.",
            payment=listed.payment_reference,
            provider_ref=listed.found.provider_ref,
        )
