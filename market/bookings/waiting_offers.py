"""Offering places that come free to those who wait for them, in the order of joining.

An offer is a hold of 24 hours (at most until booking closes). A party that does not fit keeps its rank, and the
next one that fits is offered; what nobody who waits can use is open to everybody. A visitor's own hold first lets
those who wait have theirs (`serve_first`), so that being fast is worth nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from tortoise.exceptions import IntegrityError

from market import db
from market.bookings import alternatives, checks, lapsing, placing, stock, story, waiting
from market.bookings.quote import Choice, quote
from market.bookings.states import State
from market.bookings.waiting import Entry, entry_of
from market.listings import queries as listings
from market.listings.offering import Offering
from market.outbox import queue
from market.values.dates import DateRange

OFFER: Final = timedelta(hours=24)
_SERVED_AT_ONCE: Final = 500


async def serve(listing_id: int, now: datetime) -> int:
    """Offer what is free of one listing to those who wait for it, in their order; how many were offered."""
    await _settle_offers(now)
    found = await db.fetch(
        "SELECT * FROM waiting_entry WHERE listing_id = $1 AND state = 'waiting' AND cutoff_at > $2"
        " ORDER BY id LIMIT $3",
        listing_id,
        now,
        _SERVED_AT_ONCE,
    )
    offering = await listings.get_offering(listing_id=listing_id) if found else None
    if offering is None:
        return 0
    full: set[int] = set()
    offered = 0
    for entry in map(entry_of, found):
        if entry.slot_id in full:
            continue
        choice = await choice_of(entry, offering, now)
        if choice is None or checks.problems(offering, choice, now):
            continue
        if choice.slot is not None and choice.slot.free <= 0:
            full.add(choice.slot.id)
        elif await alternatives.is_free(offering, choice, now):
            offered += await _offer(entry, offering, choice, now)
    return offered


async def serve_first(listing_id: int, now: datetime) -> None:
    """Before somebody else takes places of a listing: those who wait for them have theirs."""
    waiting = await db.fetch_one(
        "SELECT id FROM waiting_entry WHERE listing_id = $1 AND state = 'waiting' LIMIT 1", listing_id
    )
    if waiting is not None:
        await serve(listing_id, now)


async def choice_of(entry: Entry, offering: Offering, now: datetime) -> Choice | None:
    """What an entry waits for, with today's stock; None when it is not offered any more."""
    extras = {extra.key: entry.extras[extra.key] for extra in offering.extras if extra.key in entry.extras}
    if entry.slot_id is not None:
        slot = await listings.get_slot(entry.slot_id, now)
        return Choice(entry.party, slot=slot, extras=extras) if slot else None
    room = offering.room(entry.room_type_id or 0)
    if room is None:
        return None
    nights = DateRange(entry.starts_on, entry.ends_on)
    return Choice(entry.party, room=room, rooms=entry.rooms, nights=nights, extras=extras)


class _Outrun(Exception):
    """Another worker offered this entry, or it left at this moment."""


async def _offer(entry: Entry, offering: Offering, choice: Choice, now: datetime) -> bool:
    """Hold an entry's places for it; False when they are gone after all."""
    for last_try in (False, True):
        try:
            async with db.transaction():
                await _hold(entry, offering, choice, now)
        except stock.SoldOut as gone:
            if last_try or not await lapsing.lapse_on(gone.slot_id, now):
                return False
        except (IntegrityError, _Outrun):
            return False
        else:
            return True
    return False


async def _hold(entry: Entry, offering: Offering, choice: Choice, now: datetime) -> None:
    booking_id, held = await placing.place(
        offering,
        choice,
        quote(offering, choice),
        request_key=entry.request_key,
        locale=entry.locale,
        person_id=entry.person_id,
        now=now,
        until=min(now + OFFER, entry.cutoff_at),
    )
    claimed = await db.fetch_one(
        "UPDATE waiting_entry SET state = 'offered', booking_id = $2, offered_at = $3"
        " WHERE id = $1 AND state = 'waiting' RETURNING name, email",
        entry.id,
        booking_id,
        now,
    )
    if claimed is None:
        raise _Outrun
    await db.execute(
        "UPDATE booking SET guest_name = $2, guest_email = $3 WHERE id = $1",
        booking_id,
        claimed["name"],
        claimed["email"],
    )
    await story.note(booking_id, "held", "", State.HELD, actor=story.TIME, now=now, reason="waiting list")
    await queue.add(waiting.TELL, {"entry": entry.reference, "what": "offered", "booking": held.reference})


async def _settle_offers(now: datetime) -> None:
    """An offer that was taken up, or not, ends its entry."""
    await db.execute(
        "UPDATE waiting_entry SET closed_at = $1, state = CASE WHEN (SELECT b.state FROM booking b"
        " WHERE b.id = waiting_entry.booking_id) IN ('expired', 'withdrawn', 'called_off') THEN 'missed'"
        " ELSE 'taken' END WHERE state = 'offered' AND EXISTS (SELECT 1 FROM booking b"
        " WHERE b.id = waiting_entry.booking_id AND b.state <> 'held')",
        now,
    )


async def keep(now: datetime) -> None:
    """What time does to the lists: offers that ended, booking that closed, people who are to be forgotten."""
    await _settle_offers(now)
    await waiting.end_closed(now)
    await waiting.forget_old(now)
    for listing_id in await _list_servable(now):
        await serve(listing_id, now)


async def _list_servable(now: datetime, limit: int = 200) -> list[int]:
    """Listings with somebody waiting for what is free now, at least in part."""
    found = await db.fetch(
        "SELECT DISTINCT w.listing_id FROM waiting_entry w WHERE w.state = 'waiting' AND w.cutoff_at > $1 AND ("
        " EXISTS (SELECT 1 FROM slot s WHERE s.id = w.slot_id AND s.status IN ('open', 'guaranteed')"
        f" AND {listings.FREE} > 0) OR (w.room_type_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM slot s"
        " WHERE s.kind = 'night' AND s.room_type_id = w.room_type_id AND s.starts_on >= w.starts_on"
        f" AND s.starts_on < w.ends_on AND (s.status = 'closed' OR {listings.FREE} < w.rooms))))"
        " ORDER BY w.listing_id LIMIT $2",
        now,
        limit,
    )
    return [row["listing_id"] for row in found]
