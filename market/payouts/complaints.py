"""“Problem with this stay”: a guest or a host says so, the money waits, and an operator decides with a reason.

A complaint is open from the start of a stay until 72 hours after its end, the moment the host would be paid. The
same desk decides who bears a card dispute that the bank decided against us. Who is guest or host, and that the
operator just proved who they are, is the pages' duty.
"""

from __future__ import annotations

from datetime import datetime

from market import db
from market.bookings import rows
from market.bookings import service as bookings
from market.bookings.rows import BookingRow
from market.bookings.states import State
from market.errors import Invalid, Refused
from market.outbox import queue
from market.payments import disputes
from market.payments.disputes import DisputeClosed, DisputeRow, Kind, Outcome
from market.payments.disputes import State as DisputeState
from market.payouts import rules
from market.values.text import lazy

_CAN = frozenset({State.CONFIRMED, State.CHECKED_IN, State.COMPLETED, State.NO_SHOW})


class TooLateToComplain(Refused):
    """The stay has not begun, or the host's money is on its way."""

    code = "too_late_to_complain"
    message = lazy("A problem can be told from the start of a stay until 72 hours after its end.")


class NotYetDecided(Refused):
    """The card's bank has the word first."""

    code = "not_yet_decided"
    message = lazy("The card's bank has not decided this dispute yet.")


def can_complain(booking: BookingRow, now: datetime) -> bool:
    """Whether a problem with a stay can still be told."""
    return booking.state in _CAN and booking.starts_at <= now <= booking.ends_at + rules.COMPLAIN_UNTIL


async def complain(
    booking_reference: str, *, opened_by: str, body: str, person_id: int | None, now: datetime
) -> str:
    """Open a complaint; the dispute's reference (that of the open one when there is one already)."""
    async with db.transaction():
        booking = await rows.lock(booking_reference)
        if not can_complain(booking, now):
            raise TooLateToComplain
        reference = await disputes.open_dispute(
            booking_reference=booking_reference, now=now, opened_by=opened_by, body=body, person_id=person_id
        )
        await queue.add(
            "payouts.tell_dispute",
            {"dispute": reference, "what": "opened"},
            dedupe_key=f"payouts.tell_dispute:{reference}:opened",
        )
    return reference


async def resolve(reference: str, *, refund_minor: int, reason: str, by: int, now: datetime) -> None:
    """An operator's decision on a complaint: so much goes back to the guest (0: everything is released).

    Raises DisputeClosed, and Invalid for more than the guest still has paid.
    """
    async with db.transaction():
        dispute = await _open(reference, Kind.COMPLAINT)
        booking = await rows.lock(dispute.booking_reference)
        if not 0 <= refund_minor <= booking.balance:
            message = lazy("This is more than the guest has paid and not got back.")
            raise Invalid("too_much", message, field="refund")
        if refund_minor:
            await bookings.give_back(
                booking.reference, amount=refund_minor, key=f"ds:{reference}", reason=reason, by=by, now=now
            )
        outcome = Outcome.REFUNDED if refund_minor else Outcome.RELEASED
        await disputes.close_dispute(
            reference, outcome=outcome, by=by, reason=reason, refund_minor=refund_minor, now=now
        )
        await queue.add(
            "payouts.tell_dispute",
            {"dispute": reference, "what": "closed"},
            dedupe_key=f"payouts.tell_dispute:{reference}:closed",
        )


async def bear(reference: str, *, host_bears: bool, reason: str, by: int, now: datetime) -> None:
    """Who bears a card dispute that was lost: the platform (it is written off already), or the booking's receivers.

    A booking that is not over has only its own money: then the receivers bear it. Raises NotYetDecided while the
    bank has not decided, and DisputeClosed.
    """
    async with db.transaction():
        dispute = await _open(reference, Kind.CARD)
        if dispute.state is not DisputeState.LOST:
            raise NotYetDecided
        booking = await rows.lock(dispute.booking_reference)
        amount = min(dispute.amount_minor, booking.balance)
        host_bears = host_bears or booking.state is not State.COMPLETED
        await disputes.count_as_returned(booking.reference, dispute.amount_minor)
        if host_bears and amount:
            await bookings.give_back(
                booking.reference,
                amount=amount,
                key=f"ds:{reference}",
                reason=reason,
                by=by,
                now=now,
                by_bank=True,
            )
        outcome = Outcome.HOST_BEARS if host_bears else Outcome.PLATFORM_BEARS
        await disputes.close_dispute(reference, outcome=outcome, by=by, reason=reason, now=now)


async def _open(reference: str, kind: Kind) -> DisputeRow:
    dispute = await disputes.get_dispute(reference)
    if not dispute.is_open or dispute.kind is not kind:
        raise DisputeClosed
    return dispute
