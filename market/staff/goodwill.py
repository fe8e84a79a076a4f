"""Goodwill: money given back beyond a booking's terms, out of our own pocket (`exp:goodwill`).

One operator gives small amounts; once a booking's goodwill exceeds the limit of the settings a second one approves.
Only for bookings that are closed: while one is open, its terms and its disputes decide about the guest's own money.
Each is posted once, under its reference, and never gives back more than was paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from market import db
from market.bookings import rows as bookings
from market.bookings import story
from market.bookings.rows import BookingRow
from market.bookings.states import State
from market.db.sql import Row, as_instant, as_instant_or_none
from market.errors import Invalid, NotFound, Refused
from market.payments import ledger
from market.payments import service as payments
from market.staff import log
from market.staff.log import Act
from market.values.ids import new_reference
from market.values.text import lazy

_OPEN: Final = frozenset({State.HELD, State.REQUESTED, State.PAYMENT_DUE, State.CONFIRMED, State.CHECKED_IN})


@dataclass(frozen=True, slots=True)
class GoodwillRow:
    """One goodwill with the people of it."""

    reference: str
    booking_reference: str
    amount_minor: int
    reason: str
    state: str
    needs_second: bool
    proposed_by: int
    proposer: str
    proposed_at: datetime
    approver: str
    decided_at: datetime | None


class StillOpen(Refused):
    """The booking's own terms still decide about its money."""

    code = "still_open"
    message = lazy("This booking is still open. Cancel it by its terms first, or decide its dispute.")


class SamePerson(Refused):
    """Whoever proposed it may not approve it."""

    code = "same_person"
    message = lazy("Somebody else has to approve what you proposed.")


class AlreadyDecided(Refused):
    """Somebody else was faster."""

    code = "already_decided"
    message = lazy("This was decided already.")


async def can_have(booking: BookingRow) -> bool:
    """Whether goodwill can be given for a booking: it is closed, and something that was paid is still kept."""
    return booking.balance > 0 and await _is_closed(booking)


async def _is_closed(booking: BookingRow) -> bool:
    """Nothing of the guest's deposit waits any more (for the end, a choice, a contested no-show)."""
    return booking.state not in _OPEN and await ledger.balance(ledger.guest_hold(booking.reference)) == 0


async def propose(
    booking_reference: str, *, amount: int, reason: str, limit: int, by: int, now: datetime
) -> bool:
    """Give goodwill at once, or, beyond `limit` for the booking as a whole, propose it; True when it was given.

    Raises StillOpen, or Invalid for more than is still kept of what was paid.
    """
    async with db.transaction():
        booking = await bookings.lock(booking_reference)
        if not await _is_closed(booking):
            raise StillOpen
        before = await _sum(booking_reference)
        waiting = sum(row.amount_minor for row in await list_of(booking_reference) if row.state == "proposed")
        if not 0 < amount <= booking.balance - waiting:
            message = lazy("Enter an amount of at most what was paid and is not given back yet.")
            raise Invalid("amount", message, field="amount")
        row = await db.fetch_one(
            "INSERT INTO goodwill (reference, booking_reference, amount_minor, reason, state, needs_second,"
            " proposed_by, proposed_at) VALUES ($1, $2, $3, $4, 'proposed', $5, $6, $7) RETURNING reference",
            f"G-{new_reference()}",
            booking_reference,
            amount,
            reason,
            before + waiting + amount > limit,
            by,
            now,
        )
        if row is None:
            raise AssertionError("an insert returns its reference")
        found = await get(row["reference"])
        await _note(Act.GOODWILL_PROPOSED, found, by, now, reason)
        if not found.needs_second:
            await _give(found, booking, None, by, now)
        return not found.needs_second


async def approve(reference: str, *, by: int, now: datetime) -> None:
    """A second operator lets it go out. Raises SamePerson, AlreadyDecided or NotFound."""
    async with db.transaction():
        found = await get(reference)
        if found.proposed_by == by:
            raise SamePerson
        booking = await bookings.lock(found.booking_reference)
        if found.amount_minor > booking.balance:
            raise payments.RefundTooLarge(booking=booking.reference, amount_minor=found.amount_minor)
        await _give(found, booking, by, by, now)


async def refuse(reference: str, *, reason: str, by: int, now: datetime) -> None:
    """It is not given; whoever proposed it may take it back that way. Raises AlreadyDecided or NotFound."""
    async with db.transaction():
        found = await get(reference)
        changed = await db.execute(
            "UPDATE goodwill SET state = 'refused', decided_at = $2 WHERE reference = $1 AND state = 'proposed'",
            reference,
            now,
        )
        if not changed:
            raise AlreadyDecided
        await _note(Act.GOODWILL_REFUSED, found, by, now, reason)


async def _give(
    found: GoodwillRow, booking: BookingRow, approver: int | None, by: int, now: datetime
) -> None:
    changed = await db.execute(
        "UPDATE goodwill SET state = 'given', approved_by = $2, decided_at = $3"
        " WHERE reference = $1 AND state = 'proposed'",
        found.reference,
        approver,
        now,
    )
    if not changed:
        raise AlreadyDecided
    key = f"goodwill:{found.reference}"
    await db.execute(
        "UPDATE booking SET refunded_minor = refunded_minor + $2 WHERE id = $1",
        booking.id,
        found.amount_minor,
    )
    await story.note(
        booking.id,
        "given_back",
        booking.state,
        booking.state,
        actor=story.OPERATOR,
        person_id=by,
        reason=found.reason,
        key=key,
        now=now,
    )
    due = (ledger.GOODWILL, ledger.refund_due(booking.reference), found.amount_minor)
    await ledger.post(key, "goodwill", booking.reference, [due], now, note=found.reference)
    await payments.refund(
        booking_reference=booking.reference,
        amount_minor=found.amount_minor,
        key=key,
        reason="goodwill",
        now=now,
    )
    await _note(Act.GOODWILL_GIVEN, found, by, now, found.reason)


async def _note(act: Act, found: GoodwillRow, by: int, now: datetime, reason: str) -> None:
    subject = f"{found.reference} {found.booking_reference} {found.amount_minor}"
    await log.note(act, by=by, now=now, subject=subject, reason=reason)


async def _sum(booking_reference: str) -> int:
    row = await db.fetch_one(
        "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) AS n FROM goodwill"
        " WHERE booking_reference = $1 AND state = 'given'",
        booking_reference,
    )
    return int(row["n"]) if row else 0


_SELECT: Final = (
    "SELECT g.*, p.name AS proposer, a.name AS approver FROM goodwill g JOIN person p ON p.id = g.proposed_by"
    " LEFT JOIN person a ON a.id = g.approved_by"
)


async def get(reference: str) -> GoodwillRow:
    """One goodwill. Raises NotFound."""
    row = await db.fetch_one(f"{_SELECT} WHERE g.reference = $1", reference)
    if row is None:
        raise NotFound
    return _row(row)


async def list_of(booking_reference: str) -> list[GoodwillRow]:
    """A booking's goodwill, oldest first."""
    rows = await db.fetch(f"{_SELECT} WHERE g.booking_reference = $1 ORDER BY g.id", booking_reference)
    return [_row(row) for row in rows]


async def list_all(*, open_only: bool, limit: int = 60) -> list[GoodwillRow]:
    """What waits for a second person, longest waiting first; or what was decided, newest first."""
    if open_only:
        return [_row(row) for row in await db.fetch(f"{_SELECT} WHERE g.state = 'proposed' ORDER BY g.id")]
    rows = await db.fetch(f"{_SELECT} WHERE g.state <> 'proposed' ORDER BY g.id DESC LIMIT {limit:d}")
    return [_row(row) for row in rows]


def _row(row: Row) -> GoodwillRow:
    return GoodwillRow(
        reference=row["reference"],
        booking_reference=row["booking_reference"],
        amount_minor=row["amount_minor"],
        reason=row["reason"],
        state=row["state"],
        needs_second=bool(row["needs_second"]),
        proposed_by=row["proposed_by"],
        proposer=row["proposer"],
        proposed_at=as_instant(row["proposed_at"]),
        approver=row["approver"] or "",
        decided_at=as_instant_or_none(row["decided_at"]),
    )
