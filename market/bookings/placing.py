"""A booking's row and its stock, written together: the promise as it is today, and the places it takes.

Who may hold what for how long is `holding`'s business; places that came free for somebody who waits, `waiting`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from market import db
from market.bookings import checks, rotation
from market.bookings.policies import POLICIES
from market.bookings.quote import Choice, Quote
from market.bookings.states import State
from market.db.sql import to_json
from market.listings.offering import Kind, Offering
from market.listings.stock import CHECK_OUT
from market.values.dates import local_instant
from market.values.ids import new_reference

HOLD = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Held:
    """A fresh hold: how to find it and how long it lasts."""

    reference: str
    expires_at: datetime


async def place(
    offering: Offering,
    choice: Choice,
    priced: Quote,
    *,
    request_key: str,
    locale: str,
    person_id: int | None,
    now: datetime,
    until: datetime | None = None,
    reference: str | None = None,
) -> tuple[int, Held]:
    """Inside the caller's transaction: a booking that holds its stock for 15 minutes, or `until`; its id.

    It gets a new reference, unless it is made again under its old one.

    Raises SoldOut, Unbookable for a request that comes too late, and IntegrityError for a `request_key` that was
    used before.
    """
    reference, expires_at = reference or new_reference(), until or now + HOLD
    booking_id = await _insert(
        offering, choice, priced, reference, request_key, locale, person_id, now, expires_at
    )
    await rotation.take(booking_id, offering, choice, expires_at, now=now)
    if checks.last_moment(offering, choice) <= now and await _asks_first(booking_id):
        raise checks.too_late_to_ask(offering)
    return booking_id, Held(reference, expires_at)


async def _asks_first(booking_id: int) -> bool:
    """Whether the host must say yes: known once the stock is taken, because an allotment is sold at once."""
    row = await db.fetch_one("SELECT instant FROM booking WHERE id = $1", booking_id)
    return row is not None and not row["instant"]


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
