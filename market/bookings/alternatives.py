"""Whether a choice is free right now, and what comes close when it is not. Reads only.

An answer here is a kindness, not a promise: only taking the stock decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from market.bookings import checks, rotation
from market.bookings.pool_rooms import NOTHING
from market.bookings.quote import Choice, needs_nights, seats
from market.listings import queries as listings
from market.listings.offering import Kind, Offering, Room, SlotRow
from market.values.dates import DateRange, local_day

_WINDOW = 21
_MOST = 4


async def is_free(
    offering: Offering, choice: Choice, now: datetime, *, own: Mapping[int, int] = NOTHING
) -> bool:
    """Whether everything the choice takes is there at this moment.

    `own` is what a booking that changes has already of each slot: it counts as free for it, and only for it.
    """
    if choice.slot is not None:
        return await _start_free(offering, choice, choice.slot, now, own)
    if choice.room is None or choice.nights is None:
        return False
    if offering.pooled:
        return await rotation.is_free(offering, choice, now, own=own)
    nights = choice.nights
    taken = await listings.list_nights([choice.room.id], nights.start, nights.end, now)
    return _room_free(choice.room, choice.rooms, nights, taken, own)


def _enough(slot: SlotRow, wanted: int, own: Mapping[int, int]) -> bool:
    kept = own.get(slot.id, 0)
    return kept >= wanted or (slot.status in {"open", "guaranteed"} and slot.free + kept >= wanted)


async def _start_free(
    offering: Offering, choice: Choice, slot: SlotRow, now: datetime, own: Mapping[int, int]
) -> bool:
    if not _enough(slot, seats(offering, choice.party), own):
        return False
    if not needs_nights(offering):
        return True
    pairs = await listings.list_departure_nights(slot.id)
    if not pairs:
        return True
    rooms = await listings.get_rooms({room for room, _ in pairs})
    days = [night for _, night in pairs]
    taken = await listings.list_nights(rooms, min(days), max(days) + timedelta(days=1), now)
    return all(
        _night_free(rooms[room][0], -(-choice.party.total // rooms[room][0].sleeps), night, taken, own)
        for room, night in pairs
    )


Taken = Mapping[tuple[int, date], SlotRow]


def _room_free(room: Room, wanted: int, nights: DateRange, taken: Taken, own: Mapping[int, int]) -> bool:
    return all(_night_free(room, wanted, night, taken, own) for night in nights)


def _night_free(room: Room, wanted: int, night: date, taken: Taken, own: Mapping[int, int]) -> bool:
    slot = taken.get((room.id, night))
    return room.count >= wanted if slot is None else _enough(slot, wanted, own)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another choice of the same listing that is free. `free` is what is left of it."""

    choice: Choice
    free: int


async def find(
    offering: Offering, choice: Choice, now: datetime, *, own: Mapping[int, int] = NOTHING, most: int = _MOST
) -> list[Alternative]:
    """What comes closest: other dates for the same party, or other rooms for the same nights; `most` of them."""
    if offering.kind is not Kind.HOMESTAY:
        return await _other_starts(offering, choice, now, own, most)
    rooms = await _other_rooms(offering, choice, now, own)
    return [*rooms, *await other_nights(offering, choice, now, own=own, most=most)][:most]


async def _other_starts(
    offering: Offering, choice: Choice, now: datetime, own: Mapping[int, int], most: int
) -> list[Alternative]:
    """The free departures or sessions nearest to the one asked for, soonest first."""
    asked = choice.slot
    starts = [
        slot for slot in await listings.list_starts(offering.id, now) if asked is None or slot.id != asked.id
    ]
    if asked is not None:
        starts.sort(key=lambda slot: abs(slot.starts_at - asked.starts_at))
    found: list[Alternative] = []
    for slot in starts:
        other = replace(choice, slot=slot)
        if not checks.problems(offering, other, now) and await _start_free(offering, other, slot, now, own):
            found.append(Alternative(other, slot.free + own.get(slot.id, 0)))
        if len(found) == most:
            break
    return sorted(
        found, key=lambda alternative: alternative.choice.slot.starts_at if alternative.choice.slot else now
    )


async def _other_rooms(
    offering: Offering, choice: Choice, now: datetime, own: Mapping[int, int]
) -> list[Alternative]:
    nights = choice.nights
    if nights is None:
        return []
    rooms = [room for room in offering.rooms if choice.room is None or room.id != choice.room.id]
    taken = await listings.list_nights([room.id for room in rooms], nights.start, nights.end, now)
    guests = choice.party.total - choice.party.infants
    found: list[Alternative] = []
    for room in rooms:
        other = replace(choice, room=room, rooms=max(1, -(-guests // room.sleeps)))
        if not checks.problems(offering, other, now) and _room_free(room, other.rooms, nights, taken, own):
            found.append(Alternative(other, _least_free(room, nights, taken)))
    return found


def _least_free(room: Room, nights: DateRange, taken: Taken) -> int:
    return min(taken[room.id, night].free if (room.id, night) in taken else room.count for night in nights)


async def other_nights(
    offering: Offering, choice: Choice, now: datetime, *, own: Mapping[int, int] = NOTHING, most: int = _MOST
) -> list[Alternative]:
    """The same room and length as near as possible to the nights asked for, one earlier and later each."""
    room, nights = choice.room, choice.nights
    if room is None or nights is None:
        return []
    first = max(local_day(now), nights.start - timedelta(days=_WINDOW))
    last = nights.start + timedelta(days=_WINDOW)
    taken = await listings.list_nights([room.id], first, last + timedelta(days=nights.nights), now)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    days.sort(key=lambda day: (abs((day - nights.start).days), day))
    found: list[Alternative] = []
    for day in days:
        moved = DateRange(day, day + timedelta(days=nights.nights))
        other = replace(choice, nights=moved)
        near = any(abs((day - (f.choice.nights or moved).start).days) < nights.nights for f in found)
        if near or not _room_free(room, choice.rooms, moved, taken, own):
            continue
        if checks.problems(offering, other, now):
            continue
        # Rooms of several families may be free night by night without one house that has them all.
        if offering.pooled and not await rotation.is_free(offering, other, now, own=own):
            continue
        found.append(Alternative(other, _least_free(room, moved, taken)))
        if len(found) == most:
            break
    return found
