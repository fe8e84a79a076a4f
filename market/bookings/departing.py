"""What a decision about a departure means for its guests: guaranteed and told, or called off with a choice each.

`market.listings.departures` decides. Here every booking of the departure is settled on its own, so that one that
cannot be settled at this moment keeps nobody else waiting. Safe to repeat.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from market import db
from market.bookings import cancelling, lapsing, rows, stock, story, waiting
from market.bookings.rows import BookingRow
from market.bookings.states import WAITING, State
from market.listings import departures
from market.listings.departures import Decision, Outcome
from market.listings.offering import SlotRow
from market.payments import service as payments


@dataclass(frozen=True, slots=True)
class Minimum:
    """Where a departure that needs a minimum stands. `missing` guests until `decided_on`; 0 is enough so far."""

    guaranteed: bool
    called_off: bool
    missing: int
    needed: int
    decided_on: date


def minimum_of(slot: SlotRow) -> Minimum | None:
    """Where a start stands; None when it has no minimum and simply runs."""
    if not departures.needs_minimum(slot):
        return None
    return Minimum(
        guaranteed=slot.status == "guaranteed",
        called_off=slot.status == "called_off",
        missing=max(0, slot.min_guests - slot.confirmed),
        needed=slot.min_guests,
        decided_on=departures.decided_on(slot.starts_on),
    )


async def get_minimum(slot: SlotRow) -> Minimum | None:
    """The same for one start, which counts as guaranteed although its host closed it to more guests."""
    stands = minimum_of(slot)
    decision = await departures.get_decision(slot.id) if stands is not None else None
    if stands is None or decision is None or decision.outcome is Outcome.CALLED_OFF:
        return stands
    return replace(stands, guaranteed=True)


async def decide_all(now: datetime) -> int:
    """Guarantee or call off every departure whose day has come; how many were decided by this call."""
    decided = [await departures.decide(slot_id, now) for slot_id in await departures.list_due(now)]
    return sum(outcome is not None for outcome in decided)


async def settle(slot_id: int, now: datetime) -> None:
    """Carry out what was decided about a departure."""
    decision = await departures.get_decision(slot_id)
    if decision is None:
        return
    if decision.outcome is Outcome.CALLED_OFF:
        await _call_off(slot_id, decision, now)
    else:
        await _guarantee(slot_id, now)


async def _guarantee(slot_id: int, now: datetime) -> None:
    """Tell every confirmed guest that the departure is sure to run."""
    for reference in await _bookings(slot_id):
        async with db.transaction():
            booking = await rows.lock(reference)
            key = f"guaranteed:{booking.id}:{slot_id}"
            if booking.state is not State.CONFIRMED or booking.slot_id != slot_id or await story.has(key):
                continue
            await story.note(
                booking.id,
                "guaranteed",
                booking.state,
                booking.state,
                actor=story.TIME,
                now=now,
                key=key,
            )
            await story.tell(booking, "guaranteed", once=f"slot-{slot_id}")


async def _call_off(slot_id: int, decision: Decision, now: datetime) -> None:
    """End everything that stands on a departure. Nobody can take its places any more, so this comes to an end."""
    before: list[str] = []
    while (standing := await _bookings(slot_id)) != before:
        for reference in standing:
            await _end(reference, slot_id, decision, now)
        before = standing
    await waiting.end_start(slot_id, now)


async def _bookings(slot_id: int) -> list[str]:
    """Whoever owns places of a departure, for a booking or for a change that is being paid."""
    found = await db.fetch(
        "SELECT b.reference FROM booking b WHERE b.id IN (SELECT a.booking_id FROM allocation a"
        " WHERE a.slot_id = $1 AND a.state <> 'released') ORDER BY b.id",
        slot_id,
    )
    return [row["reference"] for row in found]


async def _end(reference: str, slot_id: int, decision: Decision, now: datetime) -> None:
    """End one booking, or only its change to this departure."""
    async with db.transaction():
        booking = await rows.lock(reference)
        await lapsing.drop_open_changes(booking, now)
        if booking.slot_id != slot_id:
            return
        if booking.state in WAITING:
            await _void(booking, now)
        elif booking.state is State.CONFIRMED:
            await stock.release(booking.id)
            await cancelling.open_choice(
                booking,
                State.CALLED_OFF,
                actor=story.TIME,
                by=None,
                reason="",
                now=now,
                guests=decision.guests,
                needed=decision.needed,
            )


async def _void(booking: BookingRow, now: datetime) -> None:
    """A hold, a request or an unpaid booking ends; nothing was charged, and a card's promise is let go."""
    was = booking.state
    await stock.release(booking.id)
    await story.move(
        booking,
        State.CALLED_OFF,
        name=State.CALLED_OFF.value,
        actor=story.TIME,
        now=now,
        closed_at=now,
        expires_at=None,
        deadline_at=None,
    )
    await payments.abandon(booking.reference, now=now)
    if booking.guest_email:
        await story.tell(booking, State.CALLED_OFF.value, was=was.value)
