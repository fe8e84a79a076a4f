"""Forgetting a guest who deleted their account: who they were goes, what was booked, paid and decided stays.

A booking that is not over yet needs its guest; so does a refund that somebody still has to send. Those are
forgotten later. Messages belong to the conversation, which hears of it by a job.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from market import db
from market.bookings import rows, waiting
from market.bookings.rows import BookingRow, booking_row
from market.bookings.states import CLOSED, TAKEN_BACK, State
from market.notifications import service as notifications
from market.outbox import queue
from market.payments import disputes
from market.payments import queries as payments
from market.payments.rules import RefundState
from market.values.ids import token_hash

NEWS: Final = "booking.guest_forgotten"
_LATE_MONEY: Final = timedelta(days=2)
_LOOK_AGAIN: Final = timedelta(days=1)


async def forget_guest(person_id: int, mailbox_hash: str, now: datetime) -> datetime | None:
    """Erase the person from waiting lists and every booking that is over; when to come back for the others, or None."""
    await waiting.forget_person(person_id, mailbox_hash, now)
    later: list[datetime] = []
    for booking in await _bookings_of(person_id, mailbox_hash):
        if await _is_over(booking, now):
            await _forget(booking.reference)
        else:
            later.append(max(booking.ends_at, now + _LOOK_AGAIN))
    return max(later, default=None)


async def addresses_of(mailbox_hash: str, table: str = "booking", column: str = "guest_email") -> list[str]:
    """The address with this hash, where a table knows it: jobs carry hashes, so that they name nobody."""
    if not mailbox_hash:
        return []
    found = await db.fetch(f"SELECT DISTINCT {column} AS address FROM {table} WHERE {column} <> ''")
    return [row["address"] for row in found if token_hash(row["address"]) == mailbox_hash]


async def _bookings_of(person_id: int, mailbox_hash: str) -> list[BookingRow]:
    """What was booked with the account, and without it with the address that the account had proved."""
    addresses = await addresses_of(mailbox_hash)
    places = ", ".join(f"${n}" for n in range(2, 2 + len(addresses)))
    by_address = f" OR guest_email IN ({places})" if places else ""
    found = await db.fetch(
        f"SELECT * FROM booking WHERE person_id = $1{by_address} ORDER BY id", person_id, *addresses
    )
    return [booking_row(row) for row in found]


async def _is_over(booking: BookingRow, now: datetime) -> bool:
    """Nothing more happens to it: no stay to come, no problem open, no money that may still come or has to go back."""
    lapsed = booking.state is State.EXPIRED and booking.held_at + _LATE_MONEY < now
    chooses = booking.state in TAKEN_BACK and booking.deadline_at is not None
    if await disputes.is_frozen(booking.reference):
        return False
    if chooses or (booking.state not in CLOSED and not lapsed):
        return False
    refunds = await payments.list_refunds(booking.reference)
    return all(refund.state is RefundState.CONFIRMED for refund in refunds)


async def _forget(reference: str) -> None:
    async with db.transaction():
        booking = await rows.lock(reference)
        if not (booking.guest_name or booking.guest_email or booking.guest_phone or booking.note):
            return
        await db.execute(
            "UPDATE booking SET guest_name = '', guest_email = '', guest_phone = '', note = '' WHERE id = $1",
            booking.id,
        )
        await notifications.forget_about(reference)
        for problem in await disputes.disputes_of(reference):
            await notifications.forget_about(problem.reference)
        await disputes.forget_guest(reference)
        for news in (NEWS, "reviews.guest_forgotten", "arrivals.guest_forgotten"):
            await queue.add(news, {"booking": reference}, dedupe_key=f"{news}:{reference}")
