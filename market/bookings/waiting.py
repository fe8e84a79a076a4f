"""Waiting lists: who waits for what. Joining, proving the address, leaving, and being forgotten.

Places that come free are offered by `waiting_offers`; reads for pages are in `waiting_queries`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from market import db
from market.bookings import alternatives, checks, lapsing, placing, rows, stock, story
from market.bookings.quote import Choice
from market.bookings.states import State, WrongState
from market.db.sql import Row, as_date, as_instant, as_json, to_json
from market.errors import NotFound, Refused
from market.listings.offering import Offering
from market.notifications import service as notifications
from market.outbox import queue
from market.values.ids import new_reference, token_hash
from market.values.party import Party
from market.values.text import lazy

UNCONFIRMED_FOR: Final = timedelta(hours=48)
TELL: Final = "bookings.tell_waiting"


class EntryState(StrEnum):
    UNCONFIRMED = "unconfirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    TAKEN = "taken"
    MISSED = "missed"
    LEFT = "left"
    ENDED = "ended"


class StillFree(Refused):
    """Nobody needs to wait for this."""

    code = "still_free"
    message = lazy("These places are free at this moment. You can hold them at once.")


class NotWaiting(Refused):
    """The entry is over."""

    code = "not_waiting"
    message = lazy("This place on the waiting list is over.")


@dataclass(frozen=True, slots=True)
class Entry:
    """One place on a waiting list. `booking_id` is the hold that was offered."""

    id: int
    reference: str
    listing_id: int
    slot_id: int | None
    room_type_id: int | None
    rooms: int
    starts_on: date
    ends_on: date
    starts_at: datetime
    cutoff_at: datetime
    party: Party
    extras: Mapping[str, int]
    person_id: int | None
    name: str
    email: str
    locale: str
    state: EntryState
    booking_id: int | None

    @property
    def request_key(self) -> str:
        """One entry makes one hold, however many workers try."""
        return f"waiting:{self.reference}"


def entry_of(row: Row) -> Entry:
    """From a `SELECT * FROM waiting_entry` row."""
    return Entry(
        id=row["id"],
        reference=row["reference"],
        listing_id=row["listing_id"],
        slot_id=row["slot_id"],
        room_type_id=row["room_type_id"],
        rooms=row["rooms"],
        starts_on=as_date(row["starts_on"]),
        ends_on=as_date(row["ends_on"]),
        starts_at=as_instant(row["starts_at"]),
        cutoff_at=as_instant(row["cutoff_at"]),
        party=Party(row["adults"], row["children"], row["infants"]),
        extras=as_json(row["extras"]),
        person_id=row["person_id"],
        name=row["name"],
        email=row["email"],
        locale=row["locale"],
        state=EntryState(row["state"]),
        booking_id=row["booking_id"],
    )


# Joining, confirming, leaving ----------------------------------------------------------------------------
async def join(
    *,
    offering: Offering,
    choice: Choice,
    name: str,
    email: str,
    person_id: int | None,
    proven: bool,
    locale: str,
    now: datetime,
) -> Entry:
    """Wait for a choice that is sold out; an address that is not `proven` waits only once it is confirmed.

    The same address on the same list again is the same entry. Raises Unbookable, or StillFree.
    """
    found = checks.problems(offering, choice, now)
    if found:
        raise checks.Unbookable(found)
    if await alternatives.is_free(offering, choice, now):
        raise StillFree
    when = placing.span(offering, choice)
    columns: dict[str, Any] = {
        "reference": new_reference(10),
        "listing_id": offering.id,
        "slot_id": choice.slot.id if choice.slot else None,
        "room_type_id": choice.room.id if choice.room else None,
        "rooms": choice.rooms if choice.room else 0,
        "starts_on": when.starts_on,
        "ends_on": when.ends_on,
        "starts_at": when.starts_at,
        "cutoff_at": checks.last_moment(offering, choice),
        "adults": choice.party.adults,
        "children": choice.party.children,
        "infants": choice.party.infants,
        "extras": to_json({key: count for key, count in choice.extras.items() if count}),
        "person_id": person_id,
        "name": name,
        "email": email.lower(),
        "locale": locale,
        "state": (EntryState.WAITING if proven else EntryState.UNCONFIRMED).value,
        "joined_at": now,
    }
    places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    async with db.transaction():
        made = await db.fetch_one(
            f"INSERT INTO waiting_entry ({', '.join(columns)}) VALUES ({places})"
            " ON CONFLICT DO NOTHING RETURNING *",
            *columns.values(),
        )
        entry = entry_of(made) if made else await _standing(offering, choice, email.lower())
        what = "confirm" if entry.state is EntryState.UNCONFIRMED else "joined"
        await queue.add(TELL, {"entry": entry.reference, "what": what})
    return entry


async def _standing(offering: Offering, choice: Choice, email: str) -> Entry:
    """The entry that this address has already on this list."""
    where, key = ("slot_id = $2", [choice.slot.id]) if choice.slot else ("room_type_id = $2", [])
    if choice.room is not None and choice.nights is not None:
        key = [choice.room.id, choice.nights.start, choice.nights.end]
        where += " AND starts_on = $3 AND ends_on = $4"
    row = await db.fetch_one(
        f"SELECT * FROM waiting_entry WHERE email = $1 AND {where} AND state IN ('unconfirmed','waiting','offered')",
        email,
        *key,
    )
    if row is None:
        raise NotFound(listing=offering.id)
    return entry_of(row)


async def get(reference: str) -> Entry:
    """An entry by its reference; NotFound when there is none. Who may see it is the caller's question."""
    row = await db.fetch_one("SELECT * FROM waiting_entry WHERE reference = $1", reference)
    if row is None:
        raise NotFound
    return entry_of(row)


async def confirm(reference: str, now: datetime) -> Entry:
    """The address is proven: from now on it waits, with the rank of the day it joined. Raises NotWaiting."""
    async with db.transaction():
        changed = await db.execute(
            "UPDATE waiting_entry SET state = 'waiting' WHERE reference = $1 AND state = 'unconfirmed'"
            " AND cutoff_at > $2",
            reference,
            now,
        )
        entry = await get(reference)
        if entry.state not in {EntryState.WAITING, EntryState.OFFERED}:
            raise NotWaiting
        if changed:
            await queue.add(TELL, {"entry": reference, "what": "joined"})
            await queue.add(stock.SERVE_WAITING, {"listing": entry.listing_id})
    return entry


async def leave(reference: str, now: datetime) -> None:
    """Leave the list; who it was is forgotten, and places that were offered go to the next."""
    async with db.transaction():
        entry = await get(reference)
        if entry.state not in {EntryState.UNCONFIRMED, EntryState.WAITING, EntryState.OFFERED}:
            raise NotWaiting
        if entry.booking_id is not None:
            await _give_back_offer(entry.booking_id, now)
        await _forget([entry.id], EntryState.LEFT, now)
        await notifications.forget_about(entry.reference)


async def _give_back_offer(booking_id: int, now: datetime) -> None:
    """Let an offered hold go. Raises WrongState once the guest went on with it."""
    row = await db.fetch_one("SELECT reference FROM booking WHERE id = $1", booking_id)
    if row is not None:
        booking = await rows.lock(row["reference"])
        if booking.state is not State.HELD:
            raise WrongState(state=booking.state.value)
        await lapsing.end_wait(booking, State.WITHDRAWN, name="withdrawn", actor=story.GUEST, now=now)


async def _forget(ids: list[int], to: EntryState | None, now: datetime) -> None:
    """Erase who waited; with `to`, the entry ends as well."""
    places = ", ".join(f"${n}" for n in range(1, 1 + len(ids)))
    await db.execute(
        f"UPDATE waiting_entry SET name = '', email = '', person_id = NULL WHERE id IN ({places})", *ids
    )
    if to is not None:
        places = ", ".join(f"${n}" for n in range(3, 3 + len(ids)))
        await db.execute(
            f"UPDATE waiting_entry SET state = $1, closed_at = $2 WHERE id IN ({places})", to.value, now, *ids
        )


# Ending and forgetting ----------------------------------------------------------------------------------
async def end_closed(now: datetime) -> None:
    """Booking closed before a place came free: those who waited are told."""
    await _end_where("cutoff_at <= $1", now)


async def end_start(slot_id: int, now: datetime) -> None:
    """A date does not take place: nobody waits for it any more."""
    await _end_where("slot_id = $2", now, slot_id)


async def _end_where(condition: str, now: datetime, *more: Any) -> None:
    async with db.transaction():
        ended = await db.fetch(
            f"UPDATE waiting_entry SET state = 'ended', closed_at = $1 WHERE state = 'waiting' AND {condition}"
            " RETURNING reference",
            now,
            *more,
        )
        for row in ended:
            await queue.add(TELL, {"entry": row["reference"], "what": "ended"})


async def forget_old(now: datetime) -> None:
    """Nobody's name stays after the date, nor that of somebody who never confirmed."""
    stale = await db.fetch(
        "SELECT id, reference FROM waiting_entry WHERE state = 'unconfirmed' AND (joined_at <= $1 OR cutoff_at <= $2)"
        " LIMIT 200",
        now - UNCONFIRMED_FOR,
        now,
    )
    past = await db.fetch(
        "SELECT id, reference FROM waiting_entry WHERE email <> '' AND starts_at <= $1 LIMIT 200", now
    )
    for found, to in ((stale, EntryState.ENDED), (past, None)):
        if found:
            async with db.transaction():
                ids = [row["id"] for row in found]
                await _forget(ids, to, now)
                await _forget_missed(ids)
                for row in found:
                    await notifications.forget_about(row["reference"])


async def _forget_missed(ids: list[int]) -> None:
    """An offer that nobody took up holds no name either."""
    places = ", ".join(f"${n}" for n in range(1, 1 + len(ids)))
    await db.execute(
        "UPDATE booking SET guest_name = '', guest_email = '', guest_phone = '', note = ''"
        " WHERE state IN ('expired', 'withdrawn') AND id IN"
        f" (SELECT booking_id FROM waiting_entry WHERE state = 'missed' AND id IN ({places}))",
        *ids,
    )


async def forget_person(person_id: int, mailbox_hash: str, now: datetime) -> None:
    """Erase somebody who deleted their account from every list; where they still waited, they left."""
    named = await db.fetch("SELECT id, reference, email, person_id FROM waiting_entry WHERE email <> ''")
    for row in named:
        own = mailbox_hash and token_hash(row["email"]) == mailbox_hash
        if row["person_id"] == person_id or own:
            try:
                await leave(row["reference"], now)
            except (NotWaiting, WrongState):
                async with db.transaction():
                    await _forget([row["id"]], None, now)
                    await notifications.forget_about(row["reference"])
