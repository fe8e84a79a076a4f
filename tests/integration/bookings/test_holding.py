"""Holds: all or nothing, half-open nights, lapsed holds free at once, retries harmless. No worker runs here."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from market import clock
from market.bookings import checks, holding, lapsing, rows, stock
from market.bookings.models import Allocation, Booking
from market.bookings.quote import Choice
from market.bookings.states import State, WrongState
from market.db import execute
from market.listings import queries as listings
from market.listings.models import ListingStep, Slot
from market.values.dates import DateRange
from market.values.party import Party
from tests import factories

MINUTES = timedelta(minutes=1)


async def seat_choice(listing, slot_id: int, adults: int = 1, *, now=None) -> Choice:
    slot = await listings.get_slot(slot_id, now or clock.now())
    return Choice(Party(adults), slot=slot)


async def hold(listing, choice: Choice, *, key: str = "k1", now=None) -> holding.Held:
    offering = await listings.get_offering(listing_id=listing.id)
    return await holding.hold(
        offering=offering, choice=choice, request_key=key, locale="en", person_id=None, now=now or clock.now()
    )


async def stay(listing, room, first: int, last: int, *, rooms: int = 1, adults: int = 2) -> Choice:
    offering = await listings.get_offering(listing_id=listing.id)
    nights = DateRange(factories.in_days(first), factories.in_days(last))
    return Choice(Party(adults), room=offering.room(room.id), rooms=rooms, nights=nights)


async def test_a_hold_takes_its_places_for_fifteen_minutes(db):
    listing = await factories.make_listing()
    slot = await factories.make_start(listing, capacity=4)
    now = clock.now()
    held = await hold(listing, await seat_choice(listing, slot.id, 3), now=now)
    assert held.expires_at == now + 15 * MINUTES
    assert (await listings.get_slot(slot.id, now)).free == 1
    booking = await rows.get(held.reference)
    assert booking.state is State.HELD
    assert booking.total_minor == 3 * 210_000
    assert booking.quote.total == booking.total_minor


async def test_the_same_request_again_is_the_same_hold(db):
    listing = await factories.make_listing()
    slot = await factories.make_start(listing, capacity=4)
    first = await hold(listing, await seat_choice(listing, slot.id, 3))
    again = await hold(listing, await seat_choice(listing, slot.id, 3))
    assert again.reference == first.reference
    assert (await Slot.get(id=slot.id)).held == 3


async def test_the_last_place_goes_to_one_and_nothing_is_half_held(db):
    listing = await factories.make_listing()
    slot = await factories.make_start(listing, capacity=2)
    choice = await seat_choice(listing, slot.id, 2)
    answers = await asyncio.gather(
        *(hold(listing, choice, key=f"k{n}") for n in range(12)), return_exceptions=True
    )
    assert sum(isinstance(a, holding.Held) for a in answers) == 1
    assert all(isinstance(a, holding.Held | stock.SoldOut) for a in answers)
    assert await Booking.all().count() == 1
    assert await Allocation.all().count() == 1
    assert (await Slot.get(id=slot.id)).held == 2


async def test_nights_are_half_open(db):
    listing, room = await factories.make_homestay()
    await hold(listing, await stay(listing, room, 21, 24), key="a")
    await hold(listing, await stay(listing, room, 24, 27), key="b")
    with pytest.raises(stock.SoldOut):
        await hold(listing, await stay(listing, room, 23, 25), key="c")
    nights = await listings.list_nights([room.id], factories.in_days(20), factories.in_days(28), clock.now())
    assert [n for (_, n), s in sorted(nights.items()) if s.free == 0] == [
        factories.in_days(d) for d in range(21, 27)
    ]


async def test_a_stay_that_fails_on_its_last_night_holds_none(db):
    listing, room = await factories.make_homestay()
    await hold(listing, await stay(listing, room, 24, 25), key="a")
    with pytest.raises(stock.SoldOut):
        await hold(listing, await stay(listing, room, 21, 25), key="b")
    assert await Booking.all().count() == 1
    assert sum([s.held for s in await Slot.all()]) == 1


async def test_a_lapsed_hold_counts_as_free_at_once_without_a_worker(db):
    listing = await factories.make_listing()
    slot = await factories.make_start(listing, capacity=1)
    now = clock.now()
    first = await hold(listing, await seat_choice(listing, slot.id), key="a", now=now)
    later = now + 15 * MINUTES
    assert (await listings.get_slot(slot.id, later - timedelta(seconds=1))).free == 0
    assert (await listings.get_slot(slot.id, later)).free == 1
    second = await hold(listing, await seat_choice(listing, slot.id, now=later), key="b", now=later)
    assert (await rows.get(first.reference)).state is State.EXPIRED
    assert (await rows.get(second.reference)).state is State.HELD
    assert (await Slot.get(id=slot.id)).held == 1


async def test_a_tour_takes_the_homestay_nights_it_sleeps_in(db):
    homestay, room = await factories.make_homestay(rooms=2, sleeps=2)
    tour = await factories.make_listing(kind="tour", min_party=1)
    for position in (1, 2):
        await ListingStep.create(
            listing_id=tour.id, position=position, room_type_id=room.id, meals=[], texts={}
        )
    departure = await factories.make_start(tour, days=30, capacity=8)
    for night in (30, 31):
        await execute(
            "INSERT INTO departure_night (slot_id, room_type_id, night_on) VALUES ($1, $2, $3)",
            departure.id,
            room.id,
            factories.in_days(night),
        )
    await hold(tour, await seat_choice(tour, departure.id, 3), key="tour")
    nights = await listings.list_nights([room.id], factories.in_days(29), factories.in_days(33), clock.now())
    assert {n: s.free for (_, n), s in nights.items()} == {factories.in_days(30): 0, factories.in_days(31): 0}
    with pytest.raises(stock.SoldOut):
        await hold(homestay, await stay(homestay, room, 31, 32, adults=1), key="stay")
    with pytest.raises(stock.SoldOut):
        await hold(tour, await seat_choice(tour, departure.id, 1), key="more")
    assert (await Slot.get(id=departure.id)).held == 3


async def test_a_hold_can_be_extended_to_an_hour_in_all(db):
    listing = await factories.make_listing()
    slot = await factories.make_start(listing)
    now = clock.now()
    held = await hold(listing, await seat_choice(listing, slot.id), now=now)
    until = now + 15 * MINUTES
    for minute in (10, 20, 30, 40, 50):
        until = await holding.extend(held.reference, now + minute * MINUTES)
    assert until == now + 60 * MINUTES
    allocation = await Allocation.get(slot_id=slot.id)
    assert allocation.expires_at == until
    with pytest.raises(WrongState):
        await holding.extend(held.reference, until)


@pytest.mark.parametrize(
    ("changes", "slot_changes", "adults", "field"),
    [
        ({"min_party": 2}, {}, 1, "adults"),
        ({"max_party": 2}, {}, 3, "adults"),
        ({"cutoff_hours": 24 * 30}, {}, 1, "slot"),
        ({"notice_hours": 24 * 30}, {}, 1, "slot"),
        ({}, {"status": "called_off"}, 1, "slot"),
        ({"status": "paused"}, {}, 1, ""),
    ],
)
async def test_the_server_keeps_the_limits(db, changes, slot_changes, adults, field):
    listing = await factories.make_listing(**changes)
    slot = await factories.make_start(listing, **slot_changes)
    with pytest.raises(checks.Unbookable) as refusal:
        await hold(listing, await seat_choice(listing, slot.id, adults))
    assert [name for name, _ in refusal.value.problems] == [field]
    assert await Booking.all().count() == 0


async def test_closed_days_and_foreign_rooms_are_refused(db):
    listing, room = await factories.make_homestay()
    await factories.make_closure(listing, factories.in_days(12), factories.in_days(13))
    for first, last, closed in ((10, 12, False), (10, 13, True), (13, 15, True), (14, 16, False)):
        choice = await stay(listing, room, first, last)
        offering = await listings.get_offering(listing_id=listing.id)
        assert bool(checks.problems(offering, choice, clock.now())) is closed, (first, last)
    other, foreign = await factories.make_homestay()
    choice = await stay(other, foreign, 20, 22)
    with pytest.raises(checks.Unbookable):
        await hold(listing, choice)


async def test_lapse_all_ends_what_ran_out_and_only_that(db):
    listing = await factories.make_listing()
    slot = await factories.make_start(listing, capacity=5)
    now = clock.now()
    old = await hold(listing, await seat_choice(listing, slot.id), key="old", now=now - 20 * MINUTES)
    new = await hold(listing, await seat_choice(listing, slot.id), key="new", now=now)
    assert await lapsing.lapse_all(now) == 1
    assert (await rows.get(old.reference)).state is State.EXPIRED
    assert (await rows.get(new.reference)).state is State.HELD
    assert (await Slot.get(id=slot.id)).held == 1
    assert await lapsing.lapse_all(now) == 0
