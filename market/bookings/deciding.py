"""What hosts and operators decide about a request, and what guests take back before it is settled."""

from __future__ import annotations

from datetime import datetime

from market import db
from market.bookings import lapsing, paying, rows, story
from market.bookings.states import WAITING, State, WrongState
from market.errors import Refused
from market.payments import service as payments
from market.values.text import lazy


class AnsweredTooLate(Refused):
    """The deadline has passed; the guest has been told."""

    code = "answered_too_late"
    message = lazy("The time to answer has passed and the guest has been told. There is no penalty.")


class NotOffered(Refused):
    """The listing is not published any more."""

    code = "not_offered"
    message = lazy("This listing is paused. Publish it again before accepting, or decline the request.")


async def accept(reference: str, *, by: int | None, actor: str, now: datetime) -> State:
    """Say yes to a request; the state it leads to. Saying yes twice changes nothing.

    Pay-at-the-village is confirmed at once. A card's promise is now captured, a transfer awaited.
    """
    async with db.transaction():
        booking = await rows.lock(reference)
        if booking.state in {State.PAYMENT_DUE, State.CONFIRMED}:
            return booking.state
        if booking.state is not State.REQUESTED:
            raise WrongState(state=booking.state.value)
        if booking.deadline_at is not None and booking.deadline_at <= now:
            raise AnsweredTooLate
        if not await paying.still_offered(booking):
            raise NotOffered
        if booking.method == "on_arrival":
            await paying.expect_on_arrival(booking, now)
            await paying.confirm(booking, now=now, actor=actor, key=None, person_id=by)
            return State.CONFIRMED
        await paying.await_payment(booking, now, actor=actor, person_id=by)
        if booking.method in {"card", "demo_card"}:
            await payments.capture_authorised(booking.reference, now=now)
        return State.PAYMENT_DUE


async def decline(reference: str, *, by: int | None, actor: str, reason: str, now: datetime) -> None:
    """Say no: the stock is free at once, and a card's promise is let go in full."""
    async with db.transaction():
        booking = await rows.lock(reference)
        if booking.state is State.DECLINED:
            return
        await lapsing.end_wait(
            booking, State.DECLINED, name="declined", actor=actor, by=by, reason=reason, now=now
        )
        await story.tell(booking, "declined", reason=reason)


async def withdraw(reference: str, *, by: int | None, now: datetime) -> None:
    """The guest takes back a hold, a request or an unpaid booking. Nothing was charged."""
    async with db.transaction():
        booking = await rows.lock(reference)
        if booking.state is State.WITHDRAWN:
            return
        if booking.state not in WAITING:
            raise WrongState(state=booking.state.value)
        was_request = booking.state is not State.HELD
        await lapsing.end_wait(booking, State.WITHDRAWN, name="withdrawn", actor=story.GUEST, by=by, now=now)
        if was_request:
            await story.tell(booking, "withdrawn")
