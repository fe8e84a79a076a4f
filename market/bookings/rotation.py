"""Villages that host together: taking the room of the next family in turn, and handing guests on to the one after.

There is one inventory: what a booking of the village takes are the nights of a family's own room. The order of
turns is `market.villages.rules`; every turn and every handing on is a row that stays, with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from market import db
from market.bookings import lapsing, pool_rooms, rows, stock, story
from market.bookings.pool_rooms import NOTHING
from market.bookings.quote import Choice, seats
from market.bookings.rows import BookingRow
from market.bookings.states import SOLD, State, WrongState
from market.errors import Invalid, Refused
from market.listings import allotments
from market.listings import queries as listings
from market.listings.offering import Offering, SlotRow
from market.values.dates import DateRange
from market.values.text import lazy
from market.villages import queries as villages
from market.villages import service as village_service
from market.villages.rules import Family

_HANDED_ON = frozenset({State.REQUESTED, State.PAYMENT_DUE, State.CONFIRMED})


class NobodyFree(Refused):
    """No other family of the village has a room for these nights."""

    code = "nobody_free"
    message = lazy(
        "No other family has a free room for these nights. Please talk to your coordinator or the guest."
    )


async def take(
    booking_id: int, offering: Offering, choice: Choice, expires_at: datetime, *, now: datetime
) -> None:
    """Hold everything a choice takes; of a village, the room of the next family in turn. Raises SoldOut.

    A booking within a standing allotment is confirmed without asking, also where the listing is on request.
    """
    if offering.pooled:
        await _take_turn(booking_id, offering, choice, expires_at, now)
        return
    wanted = await stock.needs(offering, choice)
    await stock.take(booking_id, wanted, expires_at)
    if not offering.instant and await allotments.covers(offering.id, [need.slot_id for need in wanted], now):
        await db.execute("UPDATE booking SET instant = TRUE WHERE id = $1", booking_id)


async def is_sure(
    offering: Offering, choice: Choice, now: datetime, *, own: Mapping[int, int] = NOTHING
) -> bool:
    """Whether this choice would be confirmed at once: everywhere on an instant listing, elsewhere as far as the
    host's standing allotment goes, or as what a booking has already (`own`, by slot). For what a page says before
    the hold or the change; those decide.
    """
    if offering.instant or offering.pooled:
        return offering.instant
    if choice.slot is not None:
        units = (await allotments.promised_seats(offering.id, [choice.slot.starts_on])).get(
            choice.slot.starts_on, 0
        )
        return _covered(choice.slot, seats(offering, choice.party), units, own)
    if choice.room is None or choice.nights is None:
        return False
    nights = choice.nights
    promised = await allotments.promised_nights(choice.room.id, nights)
    taken = await listings.list_nights([choice.room.id], nights.start, nights.end, now)
    return all(
        _covered(taken.get((choice.room.id, night)), choice.rooms, promised.get(night, 0), own)
        for night in nights
    )


def _covered(slot: SlotRow | None, wanted: int, promised: int, own: Mapping[int, int]) -> bool:
    """Whether so many of one slot are the booking's already, or lie within the promise with all others."""
    if slot is None:
        return wanted <= promised
    kept = own.get(slot.id, 0)
    return wanted <= kept or slot.sold - kept + wanted <= promised


async def is_free(
    offering: Offering, choice: Choice, now: datetime, *, own: Mapping[int, int] = NOTHING
) -> bool:
    """Whether some family of the village has a room for all of these nights; `own` places count as free."""
    return bool(await _free(offering, choice, now, own))


async def _free(
    offering: Offering, choice: Choice, now: datetime, own: Mapping[int, int] = NOTHING
) -> list[Family]:
    if choice.nights is None or choice.room is None:
        return []
    return await pool_rooms.free_families(
        offering.id, choice.nights, choice.rooms, now, village_room=choice.room.id, own=own
    )


async def _take_turn(
    booking_id: int, offering: Offering, choice: Choice, expires_at: datetime, now: datetime
) -> None:
    nights = choice.nights
    if nights is None:
        raise ValueError("a stay needs nights")
    family = await _first(booking_id, await _free(offering, choice, now), offering, choice, expires_at)
    await db.execute("UPDATE booking SET hosting_id = $2 WHERE id = $1", booking_id, family.host_id)
    await village_service.assign(
        booking_id,
        offering.id,
        family.host_id,
        family.room_type_id,
        rooms=choice.rooms,
        nights=nights.nights,
        now=now,
    )


async def _first(
    booking_id: int, order: Sequence[Family], offering: Offering, choice: Choice, expires_at: datetime
) -> Family:
    """The first family whose room could be taken; raises SoldOut when none could."""
    full: stock.SoldOut | None = None
    for family in order:
        try:
            async with db.savepoint():
                wanted = await stock.needs(offering, choice, room_type_id=family.room_type_id)
                await stock.take(booking_id, wanted, expires_at)
        except stock.SoldOut as refusal:
            full = full or refusal
        else:
            return family
    raise full or stock.SoldOut(0)


# A change -------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Turn:
    """The family that hosts a booking of the village, and its room."""

    host_id: int
    room_type_id: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What a change took: `more` by slot beyond what was owned, `wanted` all that is owned once it is done."""

    wanted: Mapping[int, int]
    more: Sequence[stock.Need]
    turn: Turn | None


async def hosts_for_change(
    booking: BookingRow, offering: Offering, choice: Choice, now: datetime
) -> list[Turn]:
    """Who could host a changed booking of the village: the same family where it can, then the others in turn.

    A family that handed this booking on is not asked again. Whoever keeps fewer nights or rooms stays where they
    are, even if the family has left the turns meanwhile.
    """
    held = await villages.get_turn(booking.id)
    current = Turn(*held) if held else None
    if current is not None and _fits_within(booking, choice):
        return [current]
    own = await stock.own_places(booking.id, now)
    passed = await _passed(booking)
    free = [Turn(f.host_id, f.room_type_id) for f in await _free(offering, choice, now, own)]
    return [turn for turn in free if turn == current] + [
        turn for turn in free if turn != current and turn.host_id not in passed
    ]


def _fits_within(booking: BookingRow, choice: Choice) -> bool:
    nights = booking.nights
    if nights is None or choice.nights is None:
        return False
    inside = nights.start <= choice.nights.start and choice.nights.end <= nights.end
    return inside and choice.rooms <= int(booking.offer["rooms"])


async def take_change(
    booking: BookingRow,
    offering: Offering,
    choice: Choice,
    *,
    amendment_id: int,
    expires_at: datetime,
    now: datetime,
) -> Taken:
    """Hold what a change takes beyond what the booking owns; of a village, in one family's house. Raises SoldOut."""
    if not offering.pooled:
        return await _take_more(booking, offering, choice, None, amendment_id, expires_at)
    full: stock.SoldOut | None = None
    for turn in await hosts_for_change(booking, offering, choice, now):
        try:
            async with db.savepoint():
                return await _take_more(booking, offering, choice, turn, amendment_id, expires_at)
        except stock.SoldOut as refusal:
            full = full or refusal
    raise full or stock.SoldOut(0)


async def _take_more(
    booking: BookingRow,
    offering: Offering,
    choice: Choice,
    turn: Turn | None,
    amendment_id: int,
    expires_at: datetime,
) -> Taken:
    needs = await stock.needs(offering, choice, room_type_id=turn.room_type_id if turn else None)
    wanted = {need.slot_id: need.quantity for need in needs}
    more = await stock.beyond_owned(booking.id, wanted)
    if more:
        await stock.take(booking.id, more, expires_at, amendment_id=amendment_id)
    return Taken(wanted, more, turn)


# Handing on ----------------------------------------------------------------------------------------------
async def hand_on(reference: str, *, reason: str, by: int | None, now: datetime) -> int:
    """The family cannot host: the next one in turn does; its organisation's id.

    The new room is taken before the old one is given back, so the guests never stand without one. Guest, family
    and members see the reason. Raises Invalid without a reason, NobodyFree, or WrongState when it is too late.
    """
    why = " ".join(reason.split())
    if not why:
        raise Invalid("reason", lazy("Say why; the guest and the other families read it."), field="reason")
    async with db.transaction():
        booking = await rows.lock(reference)
        if booking.hosting_id is None or booking.state not in _HANDED_ON or booking.starts_at <= now:
            raise WrongState(state=booking.state.value)
        nights = booking.nights
        if nights is None:
            raise WrongState(state=booking.state.value)
        # A change that waits for its payment counts on the old family's room.
        await lapsing.drop_open_changes(booking, now)
        passed = {*await _passed(booking), booking.hosting_id}
        rooms = int(booking.offer["rooms"])
        free = await pool_rooms.free_families(booking.listing_id, nights, rooms, now)
        order = [family for family in free if family.host_id not in passed]
        family = await _swap(booking, order, nights, rooms, now)
        await db.execute("UPDATE booking SET hosting_id = $2 WHERE id = $1", booking.id, family.host_id)
        await village_service.assign(
            booking.id,
            booking.listing_id,
            family.host_id,
            family.room_type_id,
            rooms=rooms,
            nights=nights.nights,
            now=now,
            before=booking.hosting_id,
            reason=why,
            person_id=by,
        )
        await story.note(
            booking.id,
            "handed_on",
            booking.state,
            booking.state,
            actor=story.HOST,
            now=now,
            person_id=by,
            reason=why,
        )
        await story.tell(booking, "handed_on", reason=why, once=str(family.host_id))
    return family.host_id


async def _passed(booking: BookingRow) -> set[int]:
    """Every family that handed this booking on: nobody is asked twice."""
    found = await db.fetch(
        "SELECT DISTINCT before_id FROM hosting_turn WHERE booking_id = $1 AND before_id IS NOT NULL",
        booking.id,
    )
    return {row["before_id"] for row in found}


async def _swap(
    booking: BookingRow, order: Sequence[Family], nights: DateRange, rooms: int, now: datetime
) -> Family:
    """Take the next family's room and only then give the old one back."""
    old = [part for part in await stock.owned(booking.id) if part.state in {"held", "confirmed"}]
    until = booking.expires_at or booking.deadline_at or now + timedelta(hours=1)
    for family in order:
        try:
            async with db.savepoint():
                wanted = await stock.nights_needed(family.room_type_id, nights, rooms)
                await stock.take(booking.id, wanted, until)
        except stock.SoldOut:
            continue
        await stock.release_parts(old)
        if booking.state in SOLD:
            await stock.confirm(booking.id)
        return family
    raise NobodyFree
