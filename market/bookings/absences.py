"""What follows when a host said that nobody came: the guest's answer, an operator's decision, and the money.

The money waits for 48 hours, and longer when the guest contests: then an operator decides. `arriving` makes the
no-show; nothing here frees or takes stock except when a guest turns out to have been there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from market import db
from market.bookings import arrival_rules as rules
from market.bookings import arriving, cancelling, rows, stock, story
from market.bookings.arrival_rules import Outcome
from market.bookings.rows import BookingRow
from market.bookings.states import State, WrongState
from market.db.sql import Row, as_instant, as_instant_or_none
from market.errors import NotFound, Refused
from market.outbox import queue
from market.payments import disputes
from market.payments import service as payments
from market.values.text import lazy

LONGEST_ANSWER = 2000


class TooLateToContest(Refused):
    """The guest had 48 hours to answer."""

    code = "too_late_to_contest"
    message = lazy("The 48 hours to answer are over. Please write to us if something is wrong.")


class AlreadyContested(Refused):
    """The answer came before; an operator looks into it."""

    code = "already_contested"
    message = lazy("You have answered already. We are looking into it and write to you.")


@dataclass(frozen=True, slots=True)
class NoShowRow:
    """One no-show with what was said and decided. `outcome` is empty while it is open."""

    id: int
    reference: str
    stated_at: datetime
    contest_until: datetime
    refund_minor: int
    contested_at: datetime | None
    contest_text: str
    outcome: str
    settled_at: datetime | None
    note: str


_SELECT = "SELECT n.*, b.reference AS reference FROM no_show n JOIN booking b ON b.id = n.booking_id"


def _row(row: Row) -> NoShowRow:
    return NoShowRow(
        id=row["id"],
        reference=row["reference"],
        stated_at=as_instant(row["stated_at"]),
        contest_until=as_instant(row["contest_until"]),
        refund_minor=row["refund_minor"],
        contested_at=as_instant_or_none(row["contested_at"]),
        contest_text=row["contest_text"],
        outcome=row["outcome"],
        settled_at=as_instant_or_none(row["settled_at"]),
        note=row["note"],
    )


async def find_no_show(reference: str) -> NoShowRow | None:
    """The newest no-show of a booking, or None."""
    row = await db.fetch_one(f"{_SELECT} WHERE b.reference = $1 ORDER BY n.id DESC LIMIT 1", reference)
    return _row(row) if row else None


async def list_contested(*, limit: int = 100) -> list[NoShowRow]:
    """No-shows that wait for an operator's decision, oldest answer first."""
    found = await db.fetch(
        f"{_SELECT} WHERE n.settled_at IS NULL AND n.contested_at IS NOT NULL ORDER BY n.contested_at LIMIT {limit:d}"
    )
    return [_row(row) for row in found]


async def contest(reference: str, *, text: str, by: int | None, now: datetime) -> None:
    """The guest says otherwise: from now on an operator decides. Raises TooLateToContest, AlreadyContested."""
    async with db.transaction():
        booking = await rows.lock(reference)
        found = await _open(booking)
        if found.contested_at is not None:
            raise AlreadyContested
        if not rules.may_contest(contest_until=found.contest_until, now=now):
            raise TooLateToContest
        await db.execute(
            "UPDATE no_show SET contested_at = $2, contest_text = $3 WHERE id = $1",
            found.id,
            now,
            text[:LONGEST_ANSWER],
        )
        await story.note(
            booking.id,
            "no_show_contested",
            booking.state.value,
            booking.state.value,
            actor=story.GUEST,
            now=now,
            person_id=by,
        )
        await queue.add("arrivals.tell", {"booking": reference, "what": "contested"})


async def forget_answer(reference: str) -> None:
    """The guest of a booking is forgotten: their own words go."""
    await db.execute(
        "UPDATE no_show SET contest_text = '' WHERE booking_id = (SELECT id FROM booking WHERE reference = $1)",
        reference,
    )


async def resolve(reference: str, *, by: int, outcome: Outcome, note: str, now: datetime) -> None:
    """An operator decides about a contested no-show, with a reason that both sides read.

    `STANDS`: money by the terms. `ARRIVED`: the guest was there, back to checked in. `HOST_FAILED`: everything
    goes back to the guest. Raises WrongState when it is settled already or was never contested.
    """
    async with db.transaction():
        booking = await rows.lock(reference)
        found = await _open(booking)
        if found.contested_at is None:
            raise WrongState(state=booking.state.value)
        match outcome:
            case Outcome.STANDS:
                await _stands(booking, found, actor=story.OPERATOR, by=by, note=note, now=now)
            case Outcome.ARRIVED:
                await _arrived(booking, by=by, note=note, now=now)
            case Outcome.HOST_FAILED:
                await _host_failed(booking, by=by, note=note, now=now)
        await _settle(found.id, outcome, by, note, now)
        await queue.add(
            "arrivals.tell",
            {"booking": reference, "what": "resolved"},
            dedupe_key=f"arrivals.tell:{found.id}",
        )


async def _arrived(booking: BookingRow, *, by: int, note: str, now: datetime) -> None:
    """The guest was there. Freed nights that lie ahead are taken back where they can be; the rest is history."""
    if booking.ends_at > now:
        try:
            async with db.savepoint():
                await arriving.retake_freed(booking, now)
        except arriving.NightsGone:
            await stock.release(booking.id, not_before=now)
    await story.move(
        booking,
        State.CHECKED_IN,
        name="checked_in",
        actor=story.OPERATOR,
        now=now,
        person_id=by,
        reason=note,
    )


async def settle_uncontested(now: datetime, limit: int = 200) -> int:
    """Settle every no-show whose guest had 48 hours and said nothing; how many."""
    due = await db.fetch(
        "SELECT b.reference FROM no_show n JOIN booking b ON b.id = n.booking_id"
        " WHERE n.settled_at IS NULL AND n.contested_at IS NULL AND n.contest_until < $1"
        f" ORDER BY n.id LIMIT {limit:d}",
        now,
    )
    return sum([await _settle_one(row["reference"], now) for row in due])


async def _settle_one(reference: str, now: datetime) -> bool:
    async with db.transaction():
        booking = await rows.lock(reference)
        row = await db.fetch_one(f"{_SELECT} WHERE b.id = $1 AND n.settled_at IS NULL", booking.id)
        found = _row(row) if row else None
        waits = found is None or found.contested_at is not None or found.contest_until >= now
        if found is None or waits or booking.state is not State.NO_SHOW:
            return False
        if await disputes.is_frozen(reference):
            return False
        await _stands(booking, found, actor=story.TIME, by=None, note="", now=now)
        await _settle(found.id, Outcome.STANDS, None, "", now)
    return True


async def _stands(
    booking: BookingRow, found: NoShowRow, *, actor: str, by: int | None, note: str, now: datetime
) -> None:
    """Nobody came: what the terms give goes back, the rest finds its receivers, and the booking is over."""
    refund = min(found.refund_minor, booking.balance)
    await story.move(
        booking,
        State.COMPLETED,
        name="no_show_settled",
        actor=actor,
        now=now,
        person_id=by,
        reason=note,
        closed_at=now,
        refunded_minor=booking.refunded_minor + refund,
    )
    await _give_back(booking, refund, now)
    await story.tell(booking, "no_show_settled", refund=refund)


async def _host_failed(booking: BookingRow, *, by: int, note: str, now: datetime) -> None:
    """The guest came and was not hosted: everything goes back."""
    refund = booking.balance
    await story.move(
        booking,
        State.CANCELLED_BY_HOST,
        name=State.CANCELLED_BY_HOST.value,
        actor=story.OPERATOR,
        now=now,
        person_id=by,
        reason=note,
        closed_at=now,
        refunded_minor=booking.refunded_minor + refund,
    )
    await _give_back(booking, refund, now)
    await story.tell(booking, "cancelled_by_host", refund=refund, reason=note)


async def _give_back(booking: BookingRow, refund: int, now: datetime) -> None:
    """Move the guest's money on: `refund` back to the guest, the rest to its receivers."""
    key = f"cxl:{booking.reference}:noshow"
    await payments.abandon(booking.reference, now=now)
    await payments.cancelled(
        booking_reference=booking.reference,
        key=key,
        refund_minor=refund,
        rest=cancelling.shares(booking, booking.balance - refund),
        host_id=booking.paid_host_id,
        village_id=await cancelling.village_of(booking),
        now=now,
    )
    if refund:
        await payments.refund(
            booking_reference=booking.reference,
            amount_minor=refund,
            key=key,
            reason="no_show",
            now=now,
        )


async def _settle(no_show_id: int, outcome: Outcome, by: int | None, note: str, now: datetime) -> None:
    await db.execute(
        "UPDATE no_show SET outcome = $2, settled_at = $3, settled_by = $4, note = $5 WHERE id = $1",
        no_show_id,
        outcome.value,
        now,
        by,
        note,
    )


async def _open(booking: BookingRow) -> NoShowRow:
    """The open no-show of a locked booking. Raises NotFound when there never was one, WrongState when it is settled."""
    row = await db.fetch_one(f"{_SELECT} WHERE b.id = $1 ORDER BY n.id DESC LIMIT 1", booking.id)
    if row is None:
        raise NotFound
    found = _row(row)
    if found.settled_at is not None or booking.state is not State.NO_SHOW:
        raise WrongState(state=booking.state.value)
    return found
