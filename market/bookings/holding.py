"""Taking a choice off the shelf: hold, extend, lapse. Nothing here waits for a network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.exceptions import IntegrityError

from market import db
from market.bookings import checks, flooding, rows, stock, story
from market.bookings.flooding import Holder
from market.bookings.policies import POLICIES
from market.bookings.quote import Choice, Quote, quote
from market.bookings.rows import BookingRow
from market.bookings.states import State, WrongState
from market.db.sql import to_json
from market.errors import NotFound, TooMany
from market.listings.offering import Kind, Offering
from market.listings.stock import CHECK_OUT
from market.payments import service as payments
from market.values.dates import local_instant
from market.values.ids import new_reference

HOLD = timedelta(minutes=15)
LONGEST_HOLD = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class Held:
    """A fresh hold: how to find it and how long it lasts."""

    reference: str
    expires_at: datetime


async def hold(
    *,
    offering: Offering,
    choice: Choice,
    request_key: str,
    locale: str,
    person_id: int | None,
    now: datetime,
    holder: Holder | None = None,
) -> Held:
    """Hold a choice for 15 minutes at today's price, under today's terms.

    The same `request_key` again gives the same hold. Raises Unbookable with every reason, SoldOut, or TooMany
    when `holder` (whoever asks from outside) keeps too much already.
    """
    found = checks.problems(offering, choice, now)
    if found:
        raise checks.Unbookable(found)
    if holder is not None:
        try:
            await flooding.check_live(holder, now)
        except TooMany:
            existing = await _by_request_key(request_key)
            if existing is None:
                raise
            return existing
    priced = quote(offering, choice)
    for last_try in (False, True):
        try:
            return await _hold(offering, choice, priced, request_key, locale, person_id, now, holder)
        except stock.SoldOut as full:
            # The place may be kept only by a hold whose time has run out.
            if last_try or not await lapse_on(full.slot_id, now):
                raise
        except IntegrityError:
            existing = await _by_request_key(request_key)
            if existing is None:
                raise
            return existing
    raise AssertionError


async def _by_request_key(request_key: str) -> Held | None:
    row = await db.fetch_one("SELECT * FROM booking WHERE request_key = $1", request_key)
    if row is None:
        return None
    booking = rows.booking_row(row)
    return Held(booking.reference, booking.expires_at or booking.held_at)


async def _hold(
    offering: Offering,
    choice: Choice,
    priced: Quote,
    request_key: str,
    locale: str,
    person_id: int | None,
    now: datetime,
    holder: Holder | None,
) -> Held:
    reference, expires_at = new_reference(), now + HOLD
    async with db.transaction():
        wanted = await stock.needs(offering, choice)
        booking_id = await _insert(
            offering, choice, priced, reference, request_key, locale, person_id, now, expires_at
        )
        await stock.take(booking_id, wanted, expires_at)
        if holder is not None:
            await flooding.count_new(holder, now)
        await story.note(booking_id, "held", "", State.HELD, actor=story.GUEST, person_id=person_id, now=now)
    return Held(reference, expires_at)


def offer_json(offering: Offering, choice: Choice, priced: Quote) -> dict[str, object]:
    """The promise a booking keeps: price lines, where the money goes, and the cancellation terms of today."""
    room = choice.room
    return {
        "quote": priced.to_json(),
        "policy": POLICIES[offering.policy].to_json(),
        "titles": offering.titles,
        "extras": {key: count for key, count in choice.extras.items() if count},
        "room": {"id": room.id, "key": room.key, "texts": room.texts} if room else None,
        "rooms": choice.rooms if room else 0,
    }


@dataclass(frozen=True, slots=True)
class Span:
    """When a choice begins and ends, as days and as instants, and until when it can be booked."""

    starts_on: object
    ends_on: object
    starts_at: datetime
    ends_at: datetime
    cutoff_at: datetime


def span(offering: Offering, choice: Choice) -> Span:
    """The time a choice covers."""
    cutoff = checks.cutoff_at(offering, choice)
    if choice.slot is not None:
        slot = choice.slot
        return Span(slot.starts_on, slot.ends_on, slot.starts_at, slot.ends_at, cutoff)
    if choice.nights is None or offering.kind is not Kind.HOMESTAY:
        raise ValueError("a choice is a departure, a session or nights")
    ends_at = local_instant(choice.nights.end, CHECK_OUT)
    return Span(choice.nights.start, choice.nights.end, checks.starts_at(offering, choice), ends_at, cutoff)


async def _insert(
    offering: Offering,
    choice: Choice,
    priced: Quote,
    reference: str,
    request_key: str,
    locale: str,
    person_id: int | None,
    now: datetime,
    expires_at: datetime,
) -> int:
    when = span(offering, choice)
    columns: dict[str, object] = {
        "reference": reference,
        "request_key": request_key,
        "state": State.HELD.value,
        "kind": offering.kind.value,
        "listing_id": offering.id,
        "host_id": offering.host_id,
        "person_id": person_id,
        "slot_id": choice.slot.id if choice.slot else None,
        "locale": locale,
        "starts_on": when.starts_on,
        "ends_on": when.ends_on,
        "starts_at": when.starts_at,
        "ends_at": when.ends_at,
        "cutoff_at": when.cutoff_at,
        "adults": choice.party.adults,
        "children": choice.party.children,
        "infants": choice.party.infants,
        "instant": offering.instant,
        "method": "",
        "guest_name": "",
        "guest_email": "",
        "guest_phone": "",
        "note": "",
        "currency": offering.currency,
        "total_minor": priced.total,
        "paid_minor": 0,
        "refunded_minor": 0,
        "offer": to_json(offer_json(offering, choice, priced)),
        "held_at": now,
        "expires_at": expires_at,
        "created_at": now,
        "updated_at": now,
    }
    places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    inserted = await db.fetch_one(
        f"INSERT INTO booking ({', '.join(columns)}) VALUES ({places}) RETURNING id", *columns.values()
    )
    if inserted is None:
        raise AssertionError("an insert returns its id")
    return inserted["id"]


async def extend(reference: str, now: datetime) -> datetime:
    """Fifteen more minutes, at most an hour in all; the new end. Raises WrongState when the hold is over."""
    async with db.transaction():
        booking = await rows.lock(reference)
        if booking.state is not State.HELD or booking.expires_at is None or booking.expires_at <= now:
            raise WrongState(state=booking.state.value)
        until = max(booking.expires_at, min(now + HOLD, booking.held_at + LONGEST_HOLD))
        await set_expiry(booking, until)
    return until


async def set_expiry(booking: BookingRow, until: datetime) -> None:
    """Keep a booking's stock held until `until`."""
    await db.execute("UPDATE booking SET expires_at = $2 WHERE id = $1", booking.id, until)
    await stock.prolong(booking.id, until)


async def lapse(reference: str, now: datetime) -> bool:
    """End a wait whose time has run out and give its stock back; False when there was nothing to end."""
    async with db.transaction():
        try:
            booking = await rows.lock(reference)
        except NotFound:
            return False
        ends = booking.deadline_at if booking.state is State.REQUESTED else booking.expires_at
        waiting = booking.state in {State.HELD, State.REQUESTED, State.PAYMENT_DUE}
        if not waiting or ends is None or ends > now:
            return False
        await stock.release(booking.id)
        await story.move(booking, State.EXPIRED, name="expired", actor=story.TIME, now=now, closed_at=now)
        await payments.abandon(booking.reference, now=now)
        if booking.guest_email:
            await story.tell(booking, "expired", was=booking.state.value)
    return True


async def lapse_on(slot_id: int, now: datetime) -> bool:
    """End every dead wait on one slot; True when that freed something."""
    dead = await db.fetch(
        "SELECT DISTINCT b.reference, a.amendment_id FROM allocation a JOIN booking b ON b.id = a.booking_id"
        " WHERE a.slot_id = $1 AND a.state = 'held' AND a.expires_at <= $2",
        slot_id,
        now,
    )
    freed = False
    for row in dead:
        if row["amendment_id"] is None:
            freed = await lapse(row["reference"], now) or freed
        else:
            freed = await abandon_change(row["amendment_id"], now) or freed
    return freed


async def abandon_change(amendment_id: int, now: datetime) -> bool:
    """A change that was not paid in time gives its stock back; the booking stays as it was."""
    async with db.transaction():
        changed = await db.execute(
            "UPDATE amendment SET state = 'abandoned' WHERE id = $1 AND state = 'held' AND expires_at <= $2",
            amendment_id,
            now,
        )
        if not changed:
            return False
        row = await db.fetch_one("SELECT booking_id FROM amendment WHERE id = $1", amendment_id)
        if row is not None:
            await stock.release(row["booking_id"], amendment_id=amendment_id)
    return True


async def lapse_all(now: datetime, limit: int = 200) -> int:
    """End every wait and change whose time has run out; how many."""
    due = await db.fetch(
        "SELECT reference FROM booking WHERE (state IN ('held', 'payment_due') AND expires_at <= $1)"
        " OR (state = 'requested' AND deadline_at <= $1) ORDER BY id LIMIT $2",
        now,
        limit,
    )
    changes = await db.fetch(
        "SELECT id FROM amendment WHERE state = 'held' AND expires_at <= $1 LIMIT $2", now, limit
    )
    ended = [await lapse(row["reference"], now) for row in due]
    ended += [await abandon_change(row["id"], now) for row in changes]
    return sum(ended)
