"""Money that goes back after something went wrong with a stay: decided by an operator, taken from wherever it is.

Before the end it comes out of the guest's hold; afterwards from those who received it, in the proportions they
did. What cancelling gives back is in `cancelling`.
"""

from __future__ import annotations

from datetime import datetime

from market import db
from market.bookings import rows, story
from market.payments import ledger
from market.payments import service as payments


async def give_back(
    reference: str,
    *,
    amount: int,
    key: str,
    reason: str,
    by: int | None,
    now: datetime,
    by_bank: bool = False,
) -> None:
    """Give a guest part of their money back, once under `key`.

    `by_bank`: the card's bank has done so already, so it is only taken from those who received it. Raises
    RefundTooLarge for more than was paid and not yet given back.
    """
    async with db.transaction():
        booking = await rows.lock(reference)
        if await story.has(key):
            return
        if not 0 < amount <= booking.balance:
            raise payments.RefundTooLarge(booking=reference, amount_minor=amount)
        await db.execute(
            "UPDATE booking SET refunded_minor = refunded_minor + $2 WHERE id = $1", booking.id, amount
        )
        await story.note(
            booking.id,
            "given_back",
            booking.state,
            booking.state,
            actor=story.OPERATOR,
            person_id=by,
            reason=reason,
            key=key,
            now=now,
        )
        await payments.reclaim(
            booking_reference=reference,
            key=key,
            kind="charged back" if by_bank else "given back",
            amount_minor=amount,
            to=ledger.BAD_DEBT if by_bank else ledger.refund_due(reference),
            now=now,
        )
        if not by_bank:
            await payments.refund(
                booking_reference=reference, amount_minor=amount, key=key, reason="complaint", now=now
            )
