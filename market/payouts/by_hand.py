"""One payout booked by hand, from the bank's statement instead of its file: paid, or sent back.

Two people sent the money, so that it left is stated by one. That money which was booked as paid came back makes it
payable once more: that is never stated by the person who booked it as paid.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from market import db
from market.errors import NotFound, Refused
from market.payouts import queries, service
from market.payouts.rules import PayoutState, Way
from market.values.text import lazy

_BOOKABLE: Final = frozenset({PayoutState.IN_TRANSIT, PayoutState.PAID})


class SameBooker(Refused):
    """Paid and back by one and the same person would be money that leaves twice at one person's word."""

    code = "same_booker"
    message = lazy("You booked this payout as paid. Another operator has to book that it came back.")


def can_book(way: Way, state: PayoutState) -> bool:
    """Whether what became of a payout is still told by hand: it went through the bank and has not come back."""
    return way is Way.BANK and state in _BOOKABLE


async def book(
    batch_reference: str, reference: str, *, paid: bool, note: str, by: int, now: datetime
) -> bool:
    """Book one payout of a batch; `note` is the bank's reference, or why it came back. False when it was known.

    Raises NotFound, SameBooker, and WrongPayoutState for one that was never sent or came back before.
    """
    async with db.transaction():
        payout = await queries.get_payout(reference)
        if payout.batch_reference != batch_reference or payout.way is not Way.BANK:
            raise NotFound
        if paid:
            return await service.settle_line(
                reference, amount_minor=payout.amount_minor, bank_reference=note, now=now, by=by
            )
        if payout.state is PayoutState.PAID and by in await _bookers(payout.id):
            raise SameBooker
        return await service.bounce_line(
            reference, amount_minor=payout.amount_minor, reason=note, now=now, by=by
        )


async def _bookers(payout_id: int) -> set[int]:
    rows = await db.fetch(
        "SELECT person_id FROM payout_event WHERE payout_id = $1 AND name = 'paid' AND person_id IS NOT NULL",
        payout_id,
    )
    return {row["person_id"] for row in rows}
