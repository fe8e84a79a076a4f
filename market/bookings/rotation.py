"""Villages that host together: taking the room of the next family in turn, and handing guests on to the one after.

There is one inventory: what a booking of the village takes are the nights of a family's own room. The order of
turns is `market.villages.rules`; every turn and every handing on is a row that stays, with its reason.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from market import db
from market.bookings import rows, stock, story
from market.bookings.quote import Choice, seats
from market.bookings.rows import BookingRow
from market.bookings.states import SOLD, State, WrongState
from market.errors import Invalid, Refused
from market.listings import allotments
from market.listings import queries as listings
from market.listings.offering import Offering
from market.values.dates import DateRange
from market.values.text import lazy
from market.villages import queries as villages
from market.villages import service as village_service
from market.villages.rules import Family, turn_order

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


async def is_sure(offering: Offering, choice: Choice, now: datetime) -> bool:
    """Whether this choice would be confirmed at once: everywhere on an instant listing, elsewhere as far as the
    host's standing allotment goes. For what a page says before the hold; the hold decides.
    """
    if offering.instant or offering.pooled:
        return offering.instant
    if choice.slot is not None:
        units = (await allotments.promised_seats(offering.id, [choice.slot.starts_on])).get(
            choice.slot.starts_on, 0
        )
        return choice.slot.sold + seats(offering, choice.party) <= units
    if choice.room is None or choice.nights is None:
        return False
    nights = choice.nights
    promised = await allotments.promised_nights(choice.room.id, nights)
    taken = await listings.list_nights([choice.room.id], nights.start, nights.end, now)
    sold = {night: slot.sold for (_, night), slot in taken.items()}
    return all(sold.get(night, 0) + choice.rooms <= promised.get(night, 0) for night in nights)


async def is_free(offering: Offering, choice: Choice, now: datetime) -> bool:
    """Whether some family of the village has a room for all of these nights."""
    if choice.nights is None:
        return False
    families = await villages.list_families(offering.id)
    return await _is_open(choice, choice.nights) and bool(
        await _free(families, choice.nights, choice.rooms, now)
    )


async def _is_open(choice: Choice, nights: DateRange) -> bool:
    """Whether the village itself has closed none of these nights."""
    if choice.room is None:
        return False
    closed = await db.fetch_one(
        "SELECT id FROM slot WHERE kind = 'night' AND room_type_id = $1 AND starts_on >= $2 AND starts_on < $3"
        " AND status = 'closed'",
        choice.room.id,
        nights.start,
        nights.end,
    )
    return closed is None


async def _take_turn(
    booking_id: int, offering: Offering, choice: Choice, expires_at: datetime, now: datetime
) -> None:
    nights = choice.nights
    if nights is None:
        raise ValueError("a stay needs nights")
    if not await _is_open(choice, nights):
        raise stock.SoldOut(0)
    families = await villages.list_families(offering.id)
    free = await _free(families, nights, choice.rooms, now)
    family = await _first(
        booking_id, [f for f in turn_order(families) if f.room_type_id in free], offering, choice, expires_at
    )
    await db.execute("UPDATE booking SET hosting_id = $2 WHERE id = $1", booking_id, family.host_id)
    await village_service.assign(
        booking_id, offering.id, family, rooms=choice.rooms, nights=nights.nights, now=now
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


async def _free(families: Collection[Family], nights: DateRange, rooms: int, now: datetime) -> set[int]:
    """The families' rooms that are free on every one of these nights and not closed by their own house."""
    ids = [family.room_type_id for family in families]
    known = await listings.get_rooms(ids)
    taken = await listings.list_nights(ids, nights.start, nights.end, now)
    closed = await _closed(ids, nights)

    def night_free(room_type_id: int, night: date) -> bool:
        slot = taken.get((room_type_id, night))
        if slot is None:
            return known[room_type_id][0].count >= rooms
        return slot.status in {"open", "guaranteed"} and slot.free >= rooms

    return {
        room
        for room in ids
        if room in known and room not in closed and all(night_free(room, night) for night in nights)
    }


async def _closed(room_type_ids: Collection[int], nights: DateRange) -> set[int]:
    ids = sorted(room_type_ids)
    places = ", ".join(f"${n}" for n in range(3, 3 + len(ids))) or "NULL"
    found = await db.fetch(
        "SELECT r.id FROM room_type r JOIN closure c ON c.listing_id = r.listing_id"
        f" WHERE c.from_on <= $1 AND c.to_on >= $2 AND r.id IN ({places})",
        nights.end - timedelta(days=1),
        nights.start,
        *ids,
    )
    return {row["id"] for row in found}


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
        passed = await _passed(booking.id)
        rooms = int(booking.offer["rooms"])
        families = [f for f in await villages.list_families(booking.listing_id) if f.host_id not in passed]
        free = await _free(families, nights, rooms, now)
        order = [f for f in turn_order(families) if f.room_type_id in free]
        family = await _swap(booking, order, nights, rooms, now)
        await db.execute("UPDATE booking SET hosting_id = $2 WHERE id = $1", booking.id, family.host_id)
        await village_service.assign(
            booking.id,
            booking.listing_id,
            family,
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


async def _passed(booking_id: int) -> set[int]:
    """Every family that had this booking already: nobody is asked twice."""
    found = await db.fetch("SELECT DISTINCT host_id FROM hosting_turn WHERE booking_id = $1", booking_id)
    return {row["host_id"] for row in found}


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
