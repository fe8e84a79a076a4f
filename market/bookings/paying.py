"""From a hold to a confirmed booking: contact details, the way of paying, and what payments report back.

Only a payment's own report confirms a card booking, never the page a guest returns to. A payment that comes
too late tries once to take the same stock again, and is given back in full when that cannot be.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from market import db
from market.bookings import holding, lapsing, orders, rows, stock, story
from market.bookings.checks import ANSWER_MARGIN
from market.bookings.rows import BookingRow
from market.bookings.states import State, WrongState
from market.errors import Refused
from market.listings import queries as listings
from market.outbox.tools import Tools
from market.payments import service as payments
from market.values.text import lazy

ANSWER_TIME = timedelta(hours=48)
AUTHORISATION = timedelta(days=7)
PAYMENT_TIME = timedelta(hours=24)


class HoldOver(Refused):
    """The hold ran out before the guest went on."""

    code = "hold_over"
    message = lazy(
        "The time to book has run out, and the places are open to others again. Nothing was charged."
    )


@dataclass(frozen=True, slots=True)
class Guest:
    """Who books: as on the identity card or passport."""

    name: str
    email: str
    phone: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Links:
    """Where the provider sends the guest afterwards."""

    done: str
    back: str


def answer_deadline(booking: BookingRow, now: datetime) -> datetime:
    """Until when a host may answer a request: 48 h, or 12 h before the cut-off or the authorisation's end."""
    latest = [now + ANSWER_TIME, booking.cutoff_at - ANSWER_MARGIN]
    if booking.method in {"card", "demo_card"}:
        latest.append(now + AUTHORISATION - ANSWER_MARGIN)
    return min(latest)


def payment_deadline(booking: BookingRow, now: datetime) -> datetime:
    """Until when a payment that is due must arrive: 24 h, or the cut-off."""
    return min(now + PAYMENT_TIME, booking.cutoff_at)


async def proceed(
    reference: str, *, guest: Guest, method: str, tools: Tools, links: Links, description: str, now: datetime
) -> str | None:
    """Keep the guest's details and go on in the chosen way; the provider's address to go to, or None.

    Raises HoldOver when the 15 minutes are over, WrongState when the booking has moved on.
    """
    async with db.transaction(brief=True):
        booking = await _keep_details(reference, guest, method, now)
        payment = await _go_on(booking, now)
    if payment is None:
        return None
    return await payments.begin(
        payment,
        tools=tools,
        description=description,
        email=guest.email,
        locale=booking.locale,
        return_url=links.done,
        cancel_url=links.back,
        order=orders.written(booking),
    )


async def _keep_details(reference: str, guest: Guest, method: str, now: datetime) -> BookingRow:
    booking = await rows.lock(reference)
    if booking.state is State.EXPIRED or (booking.expires_at and booking.expires_at <= now):
        raise HoldOver
    if booking.state is not State.HELD:
        raise WrongState(state=booking.state.value)
    if not booking.instant and answer_deadline(booking, now) <= now:
        raise HoldOver
    until = booking.expires_at
    if method in {"card", "demo_card"}:
        # A card page takes its time: a fresh quarter of an hour, within the hold's longest.
        until = max(until or now, min(now + holding.HOLD, booking.held_at + holding.LONGEST_HOLD))
    [kept] = await db.fetch(
        "UPDATE booking SET guest_name = $2, guest_email = $3, guest_phone = $4, note = $5, method = $6,"
        " updated_at = $7, expires_at = $8 WHERE id = $1 RETURNING *",
        booking.id,
        guest.name,
        guest.email.lower(),
        guest.phone,
        guest.note,
        method,
        now,
        until,
    )
    return rows.booking_row(kept)


async def _go_on(booking: BookingRow, now: datetime) -> str | None:
    """The next step in the open transaction; a payment to begin with the provider, or None."""
    method = booking.method
    if method in {"card", "demo_card"}:
        until = booking.expires_at or now
        await stock.prolong(booking.id, until)
        return await _open(booking, capture_later=not booking.instant, expires_at=until, now=now)
    if not booking.instant:
        await request(booking, now, actor=story.GUEST)
    elif method == "on_arrival":
        await expect_on_arrival(booking, now)
        await confirm(booking, now=now, actor=story.GUEST, key=None)
    else:
        await await_payment(booking, now, actor=story.GUEST)
    return None


async def _open(
    booking: BookingRow, *, capture_later: bool, expires_at: datetime | None, now: datetime
) -> str:
    return await payments.open_payment(
        booking_reference=booking.reference,
        purpose="booking",
        subject=booking.reference,
        method=booking.method,
        amount_minor=booking.total_minor,
        capture_later=capture_later,
        expires_at=expires_at,
        now=now,
    )


async def expect_on_arrival(booking: BookingRow, now: datetime) -> None:
    """The guest will pay the whole price at the village; in place of any amount that was expected before."""
    await _open(booking, capture_later=False, expires_at=None, now=now)


async def request(booking: BookingRow, now: datetime, *, actor: str, key: str | None = None) -> None:
    """Ask the host; the stock stays held until the deadline."""
    deadline = answer_deadline(booking, now)
    await stock.prolong(booking.id, deadline)
    await story.move(
        booking,
        State.REQUESTED,
        name="requested",
        actor=actor,
        now=now,
        key=key,
        deadline_at=deadline,
        expires_at=None,
    )
    await story.tell(booking, "requested")


async def await_payment(
    booking: BookingRow, now: datetime, *, actor: str, person_id: int | None = None
) -> None:
    """Hold the stock for the money: 24 h or the cut-off. A bank transfer gets its own reference."""
    until = payment_deadline(booking, now)
    await stock.prolong(booking.id, until)
    await story.move(
        booking,
        State.PAYMENT_DUE,
        name="payment_due",
        actor=actor,
        now=now,
        person_id=person_id,
        expires_at=until,
        deadline_at=None,
    )
    if booking.method == "transfer":
        await _open(booking, capture_later=False, expires_at=until, now=now)
    await story.tell(booking, "payment_due")


async def confirm(
    booking: BookingRow,
    *,
    now: datetime,
    actor: str,
    key: str | None,
    paid: int = 0,
    person_id: int | None = None,
) -> None:
    """Everything is in order: the held stock is sold, and everybody hears of it."""
    await stock.confirm(booking.id)
    await story.move(
        booking,
        State.CONFIRMED,
        name="confirmed",
        actor=actor,
        now=now,
        person_id=person_id,
        key=key,
        expires_at=None,
        deadline_at=None,
        confirmed_at=now,
        paid_minor=booking.paid_minor + paid,
    )
    await story.tell(booking, "confirmed")


async def payment_succeeded(reference: str, payment: str, amount: int, now: datetime) -> None:
    """Money arrived for a booking. Told twice, it happens once."""
    key = f"paid:{payment}"
    async with db.transaction(brief=True):
        booking = await rows.lock(reference)
        if await story.has(key):
            return
        in_time = booking.state in {State.HELD, State.PAYMENT_DUE}
        if amount == booking.total_minor and (in_time or await _again(booking, now)):
            await confirm(booking, now=now, actor=story.PROVIDER, key=key, paid=amount)
        elif booking.method == "on_arrival" and booking.state in {
            State.CONFIRMED,
            State.CHECKED_IN,
            State.COMPLETED,
        }:
            await _paid_at_village(booking, key, amount, now)
        else:
            await give_back(booking, payment, amount, now, tell="too_late")


async def _again(booking: BookingRow, now: datetime) -> bool:
    """One try to take a lapsed booking's stock again, at its own price; False when it is gone or too late."""
    if booking.state is not State.EXPIRED or booking.starts_at <= now:
        return False
    try:
        async with db.savepoint():
            await stock.retake(booking.id, now + holding.HOLD)
    except stock.SoldOut:
        return False
    return True


async def _paid_at_village(booking: BookingRow, key: str, amount: int, now: datetime) -> None:
    await db.execute("UPDATE booking SET paid_minor = paid_minor + $2 WHERE id = $1", booking.id, amount)
    await story.note(
        booking.id, "paid_at_village", booking.state, booking.state, actor=story.HOST, now=now, key=key
    )


async def give_back(booking: BookingRow, payment: str, amount: int, now: datetime, *, tell: str) -> None:
    """Money that can buy nothing any more (too late, or paid twice) goes back in full, and the guest hears why."""
    await db.execute(
        "UPDATE booking SET paid_minor = paid_minor + $2, refunded_minor = refunded_minor + $2 WHERE id = $1",
        booking.id,
        amount,
    )
    await story.note(
        booking.id,
        "refunded_late",
        booking.state,
        booking.state,
        actor=story.TIME,
        now=now,
        key=f"paid:{payment}",
        reason=payment,
    )
    key = f"late:{payment}"
    await payments.cancelled(
        booking_reference=booking.reference,
        key=key,
        refund_minor=amount,
        rest=[],
        host_id=booking.paid_host_id,
        village_id=0,
        now=now,
    )
    await payments.refund(
        booking_reference=booking.reference, amount_minor=amount, key=key, reason="late", now=now
    )
    await story.tell(booking, tell, payment=payment)


async def payment_authorised(reference: str, payment: str, now: datetime) -> None:
    """The card's bank promised the money for a request: now the host is asked."""
    key = f"authorised:{payment}"
    async with db.transaction(brief=True):
        booking = await rows.lock(reference)
        if await story.has(key):
            return
        held = booking.state is State.HELD
        if held and answer_deadline(booking, now) > now:
            await request(booking, now, actor=story.PROVIDER, key=key)
            return
        if held:  # the card page took so long that the host has no time left to answer
            await lapsing.end_wait(booking, State.EXPIRED, name="expired", actor=story.TIME, now=now)
        stands = State.EXPIRED if held else booking.state
        await story.note(
            booking.id,
            "authorised_late",
            stands,
            stands,
            actor=story.PROVIDER,
            now=now,
            key=key,
        )
        await payments.void(payment, now=now)
        if stands is State.EXPIRED:
            await story.tell(booking, "expired", was=State.HELD.value)


async def capture_failed(reference: str, payment: str, now: datetime) -> None:
    """The card's bank took its promise back after the host said yes: the guest gets a day to pay anew."""
    async with db.transaction():
        booking = await rows.lock(reference)
        key = f"capture_failed:{payment}"
        if booking.state is State.PAYMENT_DUE and not await story.has(key):
            await story.note(
                booking.id,
                "capture_failed",
                booking.state,
                booking.state,
                actor=story.PROVIDER,
                now=now,
                key=key,
            )
            await story.tell(booking, "capture_failed", payment=payment)


async def pay_again(
    reference: str, *, method: str, tools: Tools, links: Links, description: str, now: datetime
) -> str | None:
    """A new payment for a booking whose money is due; the address to go to, or None for a transfer."""
    async with db.transaction():
        booking = await rows.lock(reference)
        if booking.state is not State.PAYMENT_DUE:
            raise WrongState(state=booking.state.value)
        if booking.expires_at is None or booking.expires_at <= now:
            raise HoldOver
        await db.execute("UPDATE booking SET method = $2 WHERE id = $1", booking.id, method)
        booking = await rows.get(reference)
        payment = await _open(booking, capture_later=False, expires_at=booking.expires_at, now=now)
    return await payments.begin(
        payment,
        tools=tools,
        description=description,
        email=booking.guest_email,
        locale=booking.locale,
        return_url=links.done,
        cancel_url=links.back,
        order=orders.written(booking),
    )


async def still_offered(booking: BookingRow) -> bool:
    """Whether the listing is still published (a request needs that to be accepted)."""
    offering = await listings.get_offering(listing_id=booking.listing_id)
    return offering is not None and offering.status.value == "published"
