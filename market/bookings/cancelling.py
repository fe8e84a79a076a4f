"""Cancelling a confirmed booking: what comes back is shown first, then decided once, then paid back.

Who cannot keep a promise gives everything back, or lets the guest choose another date; that choice is in `moving`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from market import db
from market.bookings import lapsing, rows, stock, story
from market.bookings.policies import Refund, refund_due
from market.bookings.quote import Part
from market.bookings.rows import BookingRow
from market.bookings.states import SOLD, State, WrongState
from market.errors import Refused
from market.payments import service as payments
from market.values.money import allocate
from market.values.text import lazy

CHOICE_TIME: Final = timedelta(hours=48)
"""How long a guest may choose between another date and the money."""


class RefundChanged(Refused):
    """The refund differs from the one that was shown; `amount` is today's."""

    code = "refund_changed"
    message = lazy(
        "The refund has changed since you opened this page. Please look at it again before you confirm."
    )


def refund_now(booking: BookingRow, now: datetime) -> Refund:
    """What the guest would get back by cancelling at `now`."""
    return refund_due(
        booking.policy,
        paid=booking.balance,
        starts_at=booking.starts_at,
        confirmed_at=booking.confirmed_at or booking.held_at,
        now=now,
        nights=list(booking.quote.night_amounts),
    )


def can_cancel(booking: BookingRow, now: datetime) -> bool:
    """A guest may cancel what is sold and not over."""
    return booking.state in SOLD and now < booking.ends_at


async def cancel_by_guest(reference: str, *, by: int | None, shown_refund: int, now: datetime) -> Refund:
    """Cancel under the booking's own terms. Raises RefundChanged when `shown_refund` is no longer right."""
    async with db.transaction():
        booking = await rows.lock(reference)
        if not can_cancel(booking, now):
            raise WrongState(state=booking.state.value)
        refund = refund_now(booking, now)
        if refund.amount != shown_refund:
            raise RefundChanged(amount=refund.amount)
        started = booking.starts_at <= now
        await lapsing.drop_open_changes(booking, now)
        await stock.release(booking.id, not_before=now if started else None)
        await _close(
            booking, State.CANCELLED_BY_GUEST, refund.amount, actor=story.GUEST, by=by, reason="", now=now
        )
        await story.tell(booking, "cancelled_by_guest", refund=refund.amount)
    return refund


async def cancel_by_host(
    reference: str,
    *,
    by: int | None,
    actor: str,
    reason: str,
    now: datetime,
    to: State = State.CANCELLED_BY_HOST,
    block: bool = False,
    offer_move: bool = False,
) -> int:
    """The host or the operator cannot keep the promise: everything comes back, fees included; the amount.

    `to` says who or what it was (one of TAKEN_BACK). With `block` the places are not sold again. With
    `offer_move` the guest has 48 hours to take another date instead of the money, which waits until then.
    Raises WrongState for what is not sold, or not accepted.
    """
    async with db.transaction():
        booking = await rows.lock(reference)
        if booking.state not in SOLD and booking.state is not State.PAYMENT_DUE:
            raise WrongState(state=booking.state.value)
        amount = booking.balance
        await lapsing.drop_open_changes(booking, now)
        await stock.release(booking.id, block=block)
        if offer_move and booking.state in SOLD and booking.starts_at > now:
            await open_choice(booking, to, actor=actor, by=by, reason=reason, now=now)
        else:
            await _close(booking, to, amount, actor=actor, by=by, reason=reason, now=now)
            await story.tell(booking, to.value, refund=amount, reason=reason)
    return amount


async def open_choice(
    booking: BookingRow, to: State, *, actor: str, by: int | None, reason: str, now: datetime, **facts: int
) -> None:
    """Take a promise back and let its guest choose for 48 hours: another date (`moving`), or the money.

    Inside the caller's transaction, once the stock is released. Until the choice the money stays where it is.
    """
    until = now + CHOICE_TIME
    await story.move(
        booking,
        to,
        name=to.value,
        actor=actor,
        now=now,
        person_id=by,
        reason=reason,
        deadline_at=until,
        expires_at=None,
    )
    await payments.abandon(booking.reference, now=now)
    await story.tell(
        booking, to.value, refund=booking.balance, reason=reason, until=until.isoformat(), **facts
    )


async def _close(
    booking: BookingRow, to: State, refund: int, *, actor: str, by: int | None, reason: str, now: datetime
) -> None:
    await story.move(
        booking,
        to,
        name=to.value,
        actor=actor,
        now=now,
        person_id=by,
        reason=reason,
        closed_at=now,
        refunded_minor=booking.refunded_minor + refund,
    )
    await pay_back(booking, refund, reason=to.value, now=now)


async def pay_back(booking: BookingRow, refund: int, *, reason: str, now: datetime) -> None:
    """Move a booking's money on for good: `refund` to the guest, the rest to its receivers."""
    await payments.abandon(booking.reference, now=now)
    key = f"cxl:{booking.reference}:1"
    await payments.cancelled(
        booking_reference=booking.reference,
        key=key,
        refund_minor=refund,
        rest=shares(booking, booking.balance - refund),
        host_id=booking.paid_host_id,
        village_id=await village_of(booking),
        now=now,
    )
    if refund:
        await payments.refund(
            booking_reference=booking.reference, amount_minor=refund, key=key, reason=reason, now=now
        )


def shares(booking: BookingRow, amount: int) -> list[Part]:
    """How an amount of a booking's money is divided: like its whole price, by largest remainder."""
    if amount <= 0:
        return []
    parts = [part for part in booking.quote.parts if part.amount]
    divided = allocate(amount, [part.amount for part in parts])
    return [Part(part.kind, share, part.texts) for part, share in zip(parts, divided, strict=True) if share]


async def village_of(booking: BookingRow) -> int:
    """The village whose fund a booking feeds."""
    row = await db.fetch_one("SELECT village_id FROM listing WHERE id = $1", booking.listing_id)
    return row["village_id"] if row else 0
