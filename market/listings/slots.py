"""Commands on dates: departures, sessions, closed nights, capacity. Each is one short transaction.

Taking places off a slot is `stock`'s capacity rule. What is sold is never undone from here: a command that
cannot leave every booking as it is refuses, and names the bookings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from market import clock, db
from market.db.sql import Row, as_date, as_instant, execute_many
from market.errors import Invalid, NotFound, Refused
from market.listings import allotments, departures, queries, rows, rules, sleeping, stock
from market.listings.allotments import Promised
from market.listings.offering import Kind, Offering
from market.values.dates import DateRange
from market.values.text import lazy
from market.web import page_cache


@dataclass(frozen=True, slots=True)
class Standing:
    """A booking that owns part of a slot."""

    reference: str
    quantity: int
    state: str


class HasBookings(Refused):
    """Bookings stand in the way; `bookings` among the facts lists them."""

    code = "has_bookings"

    def __init__(self, bookings: Sequence[Standing]) -> None:
        references = ", ".join(booking.reference for booking in bookings)
        super().__init__(
            message=lazy("These bookings stand in the way: %(references)s.", references=references),
            bookings=tuple(bookings),
        )


class BeingPaid(Refused):
    """A guest holds the place while paying; it is free or sold within minutes."""

    code = "being_paid"
    message = lazy("Somebody is just paying for this place. Please try again in a few minutes.")


# Departures and sessions ---------------------------------------------------------------------------------
async def schedule_departure(
    listing_id: int,
    starts_on: date,
    *,
    capacity: int | None = None,
    price_minor: int | None = None,
    min_guests: int | None = None,
) -> int:
    """Put a tour on the calendar, together with the nights it sleeps in listed homestays; the slot's id.

    Capacity and minimum come from the listing unless given; `price_minor` replaces the adult price.
    Raises Refused for a closed day, a date it already has or a house that did not agree, Invalid for the past.
    """
    async with db.transaction():
        offering = await _offering(listing_id, Kind.TOUR)
        times = rules.departure_times(starts_on, offering.start_time, offering.days, _lead(offering))
        slot_id = await _start("departure", offering, times, capacity, price_minor, min_guests)
        nights = [
            (step.room_type_id, starts_on + timedelta(days=n))
            for n, step in enumerate(offering.steps)
            if step.room_type_id is not None
        ]
        await sleeping.check(listing_id, offering.host_id, {room_type_id for room_type_id, _ in nights})
        for room_type_id, night in nights:
            await _open_house(room_type_id, night)
        await rows.insert("departure_night", rows.DEPARTURE_NIGHT, [[slot_id, *pair] for pair in nights])
        await page_cache.bump()
    return slot_id


async def schedule_session(
    listing_id: int,
    starts_on: date,
    *,
    at: time | None = None,
    capacity: int | None = None,
    price_minor: int | None = None,
    min_guests: int | None = None,
) -> int:
    """Put a class on the calendar, at the listing's time unless another is given; the slot's id.

    Raises as `schedule_departure` does.
    """
    async with db.transaction():
        offering = await _offering(listing_id, Kind.LESSON)
        start = at or offering.start_time
        times = rules.session_times(starts_on, start, offering.minutes, _lead(offering))
        slot_id = await _start("session", offering, times, capacity, price_minor, min_guests)
        await page_cache.bump()
    return slot_id


async def _start(
    kind: str,
    offering: Offering,
    times: rules.SlotTimes,
    capacity: int | None,
    price_minor: int | None,
    min_guests: int | None,
) -> int:
    places = offering.capacity if capacity is None else capacity
    needed = min(offering.min_guests, places) if min_guests is None else min_guests
    if times.starts_at <= clock.now():
        raise Invalid("past", lazy("Choose a date in the future."), field="starts_on")
    if not 1 <= places <= rules.MAX_CAPACITY or not 1 <= needed <= places:
        raise Invalid("capacity", lazy("Say how many guests there is room for."), field="capacity")
    if price_minor is not None and not 1 <= price_minor <= rules.MAX_PRICE:
        raise Invalid("price", lazy("Enter a price in whole rupiah."), field="price")
    days = DateRange(times.starts_on, times.ends_on + timedelta(days=1))
    if offering.closed_on(days) is not None:
        raise Refused("closed_days", lazy("The listing is closed on these days."))
    status = departures.status_when_new(
        kind, starts_on=times.starts_on, min_guests=needed, today=clock.today()
    )
    found = await db.fetch_one(
        f"{rows.insert_sql('slot', (*rows.SLOT, 'status'))} ON CONFLICT DO NOTHING RETURNING id",
        *rows.slot_row(kind, offering.id, times, capacity=places, price_minor=price_minor, min_guests=needed),
        status,
    )
    if found is None:
        raise Refused("scheduled", lazy("The listing already starts at this time."))
    return found["id"]


async def _open_house(room_type_id: int, night: date) -> None:
    closed = await db.fetch_one(
        "SELECT c.id FROM closure c JOIN room_type r ON r.listing_id = c.listing_id"
        " WHERE r.id = $1 AND c.from_on <= $2 AND c.to_on >= $2",
        room_type_id,
        night,
    )
    if closed is not None:
        raise Refused("house_closed", lazy("A homestay in which this tour sleeps is closed on these days."))


async def _offering(listing_id: int, kind: Kind) -> Offering:
    offering = await queries.get_offering(listing_id=listing_id)
    if offering is None or offering.kind is not kind:
        raise NotFound(listing=listing_id)
    return offering


def _lead(offering: Offering) -> int:
    return rules.lead_hours(offering.notice_hours, offering.cutoff_hours)


async def count_starts_ahead(listing_id: int, now: datetime) -> int:
    """How many departures or sessions can still be booked."""
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM slot WHERE listing_id = $1 AND kind <> 'night' AND book_until > $2"
        " AND status IN ('open', 'guaranteed')",
        listing_id,
        now,
    )
    return row["n"] if row else 0


async def move_deadlines(listing_id: int, lead_hours: int, now: datetime) -> None:
    """Departures and sessions ahead can be booked until so many hours before they start."""
    ahead = await db.fetch(
        "SELECT id, starts_at FROM slot WHERE listing_id = $1 AND kind <> 'night' AND starts_at > $2",
        listing_id,
        now,
    )
    if ahead:
        await execute_many(
            "UPDATE slot SET book_until = $1 WHERE id = $2",
            [[as_instant(row["starts_at"]) - timedelta(hours=lead_hours), row["id"]] for row in ahead],
        )


# Capacity and status -------------------------------------------------------------------------------------
async def set_capacity(slot_id: int, capacity: int) -> None:
    """Change how much a slot holds. What the host had closed stays closed.

    Raises HasBookings below what is sold, BeingPaid when only lapsed holds are in the way, Promised below an
    allotment.
    """
    if not 0 <= capacity <= rules.MAX_CAPACITY:
        raise Invalid("capacity", lazy("Say how many guests there is room for."), field="capacity")
    async with db.transaction():
        slot = await _slot(slot_id)
        await _resize(slot, capacity)
        await page_cache.bump()


async def _resize(slot: Row, capacity: int) -> None:
    sold = slot["held"] + slot["confirmed"]
    if sold > capacity:
        await _refuse(slot["id"])
    if capacity < slot["capacity"]:
        await _keep_promise(slot, capacity)
    blocked = rules.blocked_after(
        sold=sold, blocked=slot["blocked"], capacity=slot["capacity"], new_capacity=capacity
    )
    changed = await db.execute(
        "UPDATE slot SET capacity = $2, blocked = $3,"
        " imported = CASE WHEN imported > $3 THEN $3 ELSE imported END, min_guests = CASE WHEN min_guests > $4 THEN $4"
        " ELSE min_guests END WHERE id = $1 AND held + confirmed + $3 <= $2",
        slot["id"],
        capacity,
        blocked,
        max(capacity, 1),
    )
    if not changed:  # sold between our look and our write
        await _refuse(slot["id"])


async def _keep_promise(slot: Row, left: int) -> None:
    """Raise Promised when fewer than the promised places would be for sale."""
    day = as_date(slot["starts_on"])
    if slot["kind"] == "night":
        promised = await allotments.promised_nights(slot["room_type_id"], [day])
    else:
        promised = await allotments.promised_seats(slot["listing_id"], [day])
    if promised.get(day, 0) > left:
        raise Promised([day], promised[day])


async def _refuse(slot_id: int) -> None:
    standing = await list_standing(slot_id, clock.now())
    raise HasBookings(standing) if standing else BeingPaid


async def list_standing(slot_id: int, now: datetime) -> list[Standing]:
    """The bookings that own part of a slot now; holds that ran out are not among them."""
    found = await db.fetch(
        "SELECT b.reference, a.state, SUM(a.quantity) AS quantity FROM allocation a"
        " JOIN booking b ON b.id = a.booking_id WHERE a.slot_id = $1 AND (a.state = 'confirmed'"
        " OR (a.state = 'held' AND (a.expires_at IS NULL OR a.expires_at > $2)))"
        " GROUP BY b.reference, a.state ORDER BY b.reference",
        slot_id,
        now,
    )
    return [Standing(row["reference"], int(row["quantity"]), row["state"]) for row in found]


async def set_slot_status(slot_id: int, status: str) -> None:
    """Close, reopen, guarantee or call off; the status it already has is nothing.

    Settling with the guests of a departure that is called off is the bookings' business. Raises Refused for a
    move that does not exist (a departure that is called off stays so).
    """
    async with db.transaction():
        slot = await _slot(slot_id)
        if slot["status"] == status:
            return
        moves = rules.SLOT_MOVES if slot["kind"] != "night" else rules.NIGHT_MOVES
        if status not in moves[slot["status"]]:
            raise Refused("slot_status", lazy("This date cannot be changed in this way."))
        if status == "closed":
            await _keep_promise(slot, 0)
        if status == "open" and slot["kind"] != "night":
            status = await departures.reopened_status(slot, clock.today())
        changed = await db.execute(
            "UPDATE slot SET status = $1 WHERE id = $2 AND status = $3", status, slot_id, slot["status"]
        )
        if not changed:
            raise Refused("slot_status", lazy("Somebody else has just changed this date."))
        await page_cache.bump()


async def lock(slot_ids: Sequence[int]) -> list[Row]:
    """Slots for changing, locked in the order given (ascending, as everybody takes them)."""
    return [await _slot(slot_id) for slot_id in slot_ids]


async def _slot(slot_id: int) -> Row:
    lock = " FOR UPDATE" if db.is_postgres() else ""
    row = await db.fetch_one(f"SELECT * FROM slot WHERE id = $1{lock}", slot_id)
    if row is None:
        raise NotFound(slot=slot_id)
    return row


# Nights --------------------------------------------------------------------------------------------------
async def block_nights(room_type_id: int, nights: DateRange, rooms: int | None = None) -> None:
    """Take rooms off sale for these nights: everything that is not sold, or exactly `rooms` of them.

    Nights on which everything was closed stay closed when a booking is cancelled. Raises HasBookings when
    fewer than `rooms` are unsold, Promised below an allotment, NotFound for an unknown room.
    """
    async with db.transaction():
        for slot_id in await _nights(room_type_id, nights):
            slot = await _slot(slot_id)
            sold = slot["held"] + slot["confirmed"]
            wanted = slot["capacity"] - sold if rooms is None else max(rooms, slot["imported"])
            if wanted < 0 or sold + wanted > slot["capacity"]:
                await _refuse(slot_id)
            await _keep_promise(slot, slot["capacity"] - wanted)
            status = "closed" if rooms is None else "open"
            await db.execute(
                "UPDATE slot SET blocked = $2, status = $3 WHERE id = $1", slot_id, wanted, status
            )
        await page_cache.bump()


async def open_nights(room_type_id: int, nights: DateRange) -> None:
    """Put every unsold room of these nights on sale again."""
    async with db.transaction():
        await db.execute(
            "UPDATE slot SET blocked = imported, status = 'open' WHERE kind = 'night' AND room_type_id = $1"
            " AND starts_on >= $2 AND starts_on < $3",
            room_type_id,
            nights.start,
            nights.end,
        )
        await page_cache.bump()


async def _nights(room_type_id: int, nights: DateRange) -> list[int]:
    if nights.nights > 366:
        raise Invalid("nights", lazy("Choose at most a year at a time."), field="end")
    if await db.fetch_one("SELECT id FROM room_type WHERE id = $1", room_type_id) is None:
        raise NotFound(room_type=room_type_id)
    ids = await stock.ensure_nights((room_type_id, night) for night in nights)
    return sorted(ids.values())


async def change_room_count(room_type_id: int, count: int, now: datetime) -> None:
    """A room type has another number of rooms: every night ahead that has a slot follows.

    Raises HasBookings when more rooms than that are sold on one of them.
    """
    ahead = await db.fetch(
        "SELECT id FROM slot WHERE kind = 'night' AND room_type_id = $1 AND ends_at > $2 ORDER BY id",
        room_type_id,
        now,
    )
    for row in ahead:
        await _resize(await _slot(row["id"]), count)


async def remove_room(room_type_id: int, now: datetime) -> None:
    """Take a room type away; one that was ever booked stays, with no rooms, because bookings name it.

    Raises HasBookings when a night ahead is sold, Refused when a tour sleeps in it.
    """
    if await db.fetch_one("SELECT id FROM listing_step WHERE room_type_id = $1", room_type_id) is not None:
        raise Refused("room_in_tour", lazy("A tour sleeps in this room. Change the tour first."))
    await change_room_count(room_type_id, 0, now)
    history = await db.fetch_one(
        "SELECT a.id FROM allocation a JOIN slot s ON s.id = a.slot_id WHERE s.room_type_id = $1"
        " UNION ALL SELECT slot_id FROM departure_night WHERE room_type_id = $1"
        " UNION ALL SELECT id FROM waiting_entry WHERE room_type_id = $1",
        room_type_id,
    )
    if history is not None:
        await db.execute("UPDATE room_type SET count = 0 WHERE id = $1", room_type_id)
        return
    await db.execute("DELETE FROM slot WHERE room_type_id = $1", room_type_id)
    await db.execute("DELETE FROM room_type WHERE id = $1", room_type_id)
