"""Another date instead of the money: what a guest may choose for 48 hours when a promise could not be kept.

The move is free: a dearer date costs nothing more, a cheaper one gives the difference back. Silence is the money.
`cancelling.open_choice` opens the choice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from market import db
from market.bookings import (
    alternatives,
    cancelling,
    checks,
    lapsing,
    paying,
    placing,
    rotation,
    rows,
    stock,
    story,
    waiting_offers,
)
from market.bookings.alternatives import Alternative
from market.bookings.placing import Span
from market.bookings.quote import Choice, Quote, quote
from market.bookings.rows import BookingRow
from market.bookings.states import TAKEN_BACK, State
from market.db.sql import to_json
from market.errors import Refused
from market.listings import queries as listings
from market.listings.offering import Offering
from market.payments import service as payments
from market.values.text import lazy

_MOST_DATES = 24


class ChoiceOver(Refused):
    """The guest chose already, or the time to choose is over and the money is on its way."""

    code = "choice_over"
    message = lazy("The time to choose is over. The page of your booking shows what was decided.")


class SameDate(Refused):
    """The date that cannot take place is not a choice."""

    code = "same_date"
    message = lazy("This is the date that cannot take place. Please choose another one.")


@dataclass(frozen=True, slots=True)
class Move:
    """A free move as it would be: the price that counts from then on, and what comes back."""

    quote: Quote
    total: int
    refund: int


def is_open(booking: BookingRow, now: datetime) -> bool:
    """Whether the guest may still choose."""
    return booking.state in TAKEN_BACK and booking.deadline_at is not None and now < booking.deadline_at


async def usual_choice(booking: BookingRow, offering: Offering, now: datetime) -> Choice | None:
    """What was booked, as a choice whose date can be replaced; None when its room is not offered any more."""
    known = {extra.key for extra in offering.extras}
    extras = {key: count for key, count in booking.extras.items() if key in known}
    if booking.nights is None:
        slot = await listings.get_slot(booking.slot_id, now) if booking.slot_id is not None else None
        return Choice(booking.party, slot=slot, extras=extras)
    kept = booking.offer["room"]
    room = offering.room(kept["id"]) if kept else None
    if room is None:
        return None
    return Choice(
        booking.party, room=room, rooms=booking.offer["rooms"], nights=booking.nights, extras=extras
    )


async def list_dates(booking: BookingRow, offering: Offering, now: datetime) -> list[Alternative]:
    """Other dates of the same listing that are free for the same party, soonest first."""
    usual = await usual_choice(booking, offering, now)
    if usual is None:
        return []
    if usual.nights is None:
        return await alternatives.find(offering, usual, now, most=_MOST_DATES)
    found = await alternatives.other_nights(offering, usual, now, most=_MOST_DATES)
    others = [other for other in found if other.choice.nights != booking.nights]
    return sorted(others, key=lambda other: other.choice.nights.start if other.choice.nights else date.max)


def preview(booking: BookingRow, offering: Offering, choice: Choice) -> Move:
    """What a move would change about the price: never more than was agreed."""
    fresh = quote(offering, choice)
    if fresh.total > booking.total_minor:
        return Move(_redated(booking, choice), booking.total_minor, 0)
    return Move(fresh, fresh.total, min(booking.balance, booking.total_minor - fresh.total))


def _redated(booking: BookingRow, choice: Choice) -> Quote:
    """The price lines that were agreed, on the new nights."""
    old, nights = booking.quote, choice.nights
    if nights is None or booking.nights is None:
        return old
    shift = nights.start - booking.nights.start
    lines = tuple(
        replace(line, from_on=(date.fromisoformat(line.from_on) + shift).isoformat())
        if line.from_on
        else line
        for line in old.lines
    )
    amounts = tuple((night + shift, amount) for night, amount in old.night_amounts)
    return replace(old, lines=lines, night_amounts=amounts)


async def move(
    reference: str, *, offering: Offering, choice: Choice, by: int | None, actor: str, now: datetime
) -> Move:
    """Take another date: confirmed again at once. Raises ChoiceOver, SameDate, Unbookable or SoldOut."""
    await waiting_offers.serve_first(offering.id, now)
    for last_try in (False, True):
        try:
            async with db.transaction():
                return await _move(reference, offering, choice, by, actor, now)
        except stock.SoldOut as full:
            if last_try or not await lapsing.lapse_on(full.slot_id, now):
                raise
    raise AssertionError


async def _move(
    reference: str, offering: Offering, choice: Choice, by: int | None, actor: str, now: datetime
) -> Move:
    booking = await rows.lock(reference)
    if not is_open(booking, now):
        raise ChoiceOver
    _check(booking, offering, choice, now)
    planned = preview(booking, offering, choice)
    await rotation.take(booking.id, offering, choice, now + placing.HOLD, now=now)
    await stock.confirm(booking.id)
    await _rewrite(booking, offering, choice, planned)
    await story.move(
        booking,
        State.CONFIRMED,
        name="moved",
        actor=actor,
        now=now,
        person_id=by,
        deadline_at=None,
        closed_at=None,
        confirmed_at=now,
        refunded_minor=booking.refunded_minor + planned.refund,
    )
    await _return_difference(booking, planned, now)
    fresh = await rows.get(reference)
    if booking.method == "on_arrival" and not booking.paid_minor:
        await paying.expect_on_arrival(fresh, now)
    await story.tell(fresh, "moved", refund=planned.refund, amendment=f"moved-{await _moves(booking)}")
    return planned


def _check(booking: BookingRow, offering: Offering, choice: Choice, now: datetime) -> None:
    if choice.party != booking.party or offering.id != booking.listing_id:
        raise ValueError("a free move keeps the listing and the party")
    found = checks.problems(offering, choice, now)
    if found:
        raise checks.Unbookable(found)
    same_start = choice.slot is not None and choice.slot.id == booking.slot_id
    if same_start or (choice.nights is not None and choice.nights == booking.nights):
        raise SameDate


async def _rewrite(booking: BookingRow, offering: Offering, choice: Choice, planned: Move) -> None:
    """The booking's days and price are the new ones; the cancellation terms stay those it was sold under."""
    when: Span = placing.span(offering, choice)
    offer = {**placing.offer_json(offering, choice, planned.quote), "policy": booking.offer["policy"]}
    columns: dict[str, object] = {
        "slot_id": choice.slot.id if choice.slot else None,
        "starts_on": when.starts_on,
        "ends_on": when.ends_on,
        "starts_at": when.starts_at,
        "ends_at": when.ends_at,
        "cutoff_at": when.cutoff_at,
        "total_minor": planned.total,
        "offer": to_json(offer),
    }
    sets = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, start=2))
    await db.execute(f"UPDATE booking SET {sets} WHERE id = $1", booking.id, *columns.values())


async def _return_difference(booking: BookingRow, planned: Move, now: datetime) -> None:
    if not planned.refund:
        return
    key = f"mov:{booking.reference}:{await _moves(booking)}"
    await payments.cancelled(
        booking_reference=booking.reference,
        key=key,
        refund_minor=planned.refund,
        rest=[],
        host_id=booking.paid_host_id,
        village_id=await cancelling.village_of(booking),
        now=now,
    )
    await payments.refund(
        booking_reference=booking.reference, amount_minor=planned.refund, key=key, reason="moved", now=now
    )


async def _moves(booking: BookingRow) -> int:
    """How often this booking was moved, this time included."""
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM booking_event WHERE booking_id = $1 AND name = 'moved'", booking.id
    )
    return row["n"] if row else 0


async def take_money(reference: str, *, by: int | None, now: datetime) -> int:
    """The guest wants everything back; the amount. Raises ChoiceOver."""
    async with db.transaction():
        booking = await rows.lock(reference)
        if not is_open(booking, now):
            raise ChoiceOver
        return await _end(booking, actor=story.GUEST, by=by, now=now)


async def end_silent(now: datetime, limit: int = 200) -> int:
    """Give the money back to everybody who said nothing for 48 hours; how many."""
    states = ", ".join(f"'{state.value}'" for state in sorted(TAKEN_BACK))
    due = await db.fetch(
        f"SELECT reference FROM booking WHERE state IN ({states}) AND deadline_at <= $1 ORDER BY id LIMIT $2",
        now,
        limit,
    )
    return sum([await _end_silent(row["reference"], now) for row in due])


async def _end_silent(reference: str, now: datetime) -> bool:
    async with db.transaction():
        booking = await rows.lock(reference)
        if booking.state not in TAKEN_BACK or booking.deadline_at is None or booking.deadline_at > now:
            return False
        await _end(booking, actor=story.TIME, by=None, now=now)
    return True


async def _end(booking: BookingRow, *, actor: str, by: int | None, now: datetime) -> int:
    amount = booking.balance
    await db.execute(
        "UPDATE booking SET deadline_at = NULL, closed_at = $2, refunded_minor = refunded_minor + $3,"
        " updated_at = $2 WHERE id = $1",
        booking.id,
        now,
        amount,
    )
    await story.note(
        booking.id, "money_back", booking.state, booking.state, actor=actor, now=now, person_id=by
    )
    await cancelling.pay_back(booking, amount, reason=booking.state.value, now=now)
    await story.tell(booking, "money_back", refund=amount, silent=actor == story.TIME)
    return amount
