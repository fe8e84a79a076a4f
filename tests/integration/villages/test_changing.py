"""Changing what a village or a standing allotment sold: the same family first, the host's promise as the limit."""

from __future__ import annotations

import asyncio

import pytest

from market import clock
from market.app import handlers as _handlers
from market.bookings import changing, rotation, rows, service, stock
from market.bookings.quote import Choice
from market.bookings.rows import BookingRow
from market.db import execute, fetch
from market.listings import allotments
from market.listings import queries as listings
from market.listings.models import Listing, RoomType, Slot
from market.outbox import worker
from market.outbox.tools import Tools
from market.values.dates import DateRange
from market.values.party import Party
from market.villages import queries
from market.villages import service as villages
from tests import factories
from tests.integration.bookings import flows
from tests.integration.villages import pool

assert _handlers  # importing it registers the jobs


async def booked(
    listing: Listing, room: RoomType, first: int, last: int, tools: Tools, method: str = "on_arrival"
) -> BookingRow:
    reference = await pool.hold(listing, room, first, last)
    await flows.go_on(reference, tools, method=method)
    if method == "demo_card":
        await flows.press(reference, tools)
    return await rows.get(reference)


async def choose(listing: Listing, room: RoomType, first: int, last: int, rooms: int = 1) -> Choice:
    offering = await listings.get_offering(listing_id=listing.id)
    assert offering
    nights = DateRange(factories.in_days(first), factories.in_days(last))
    return Choice(Party(2), room=offering.room(room.id), rooms=rooms, nights=nights)


async def change(booking: BookingRow, choice: Choice, tools: Tools) -> str | None:
    offering = await listings.get_offering(listing_id=booking.listing_id)
    assert offering
    now = clock.now()
    planned = service.preview(await rows.get(booking.reference), offering, choice, now)
    return await service.change(
        booking.reference,
        offering=offering,
        choice=choice,
        shown_difference=planned.difference,
        tools=tools,
        links=flows.LINKS,
        description="Change",
        now=now,
    )


async def sold(room: RoomType) -> dict[int, int]:
    """How many of a room are sold or held, by days from today."""
    slots = await Slot.filter(room_type_id=room.id)
    taken = {slot.starts_on: slot.held + slot.confirmed for slot in slots}
    return {n: taken[factories.in_days(n)] for n in range(60) if taken.get(factories.in_days(n))}


async def nights_of(village: pool.Village) -> list[int]:
    places = {place.host_id: place.nights for place in await queries.list_places(village.listing.id, "en")}
    return [places[home.host.id] for home in village.homes]


async def test_a_longer_stay_of_the_village_remains_with_its_family(db, tools):
    village = await pool.build(2)
    first = village.homes[0]
    booking = await booked(village.listing, village.room, 10, 12, tools)
    assert await change(booking, await choose(village.listing, village.room, 11, 14), tools) is None
    after = await rows.get(booking.reference)
    assert (after.hosting_id, after.starts_on) == (first.host.id, factories.in_days(11))
    assert after.total_minor == booking.total_minor // 2 * 3
    assert await sold(first.room) == {11: 1, 12: 1, 13: 1}
    assert await nights_of(village) == [3, 0]


async def test_where_the_family_is_full_the_next_in_turn_hosts_and_both_are_told(db, tools):
    village = await pool.build(2)
    first, second = village.homes
    booking = await booked(village.listing, village.room, 10, 12, tools)
    await pool.hold(first.listing, first.room, 12, 13)
    assert await change(booking, await choose(village.listing, village.room, 10, 13), tools) is None
    after = await rows.get(booking.reference)
    assert after.hosting_id == second.host.id
    assert (await sold(first.room), await sold(second.room)) == ({12: 1}, {10: 1, 11: 1, 12: 1})
    assert await nights_of(village) == [0, 3]
    await worker.drain(tools)
    mails = await fetch("SELECT recipient, subject, body FROM delivery ORDER BY id")
    over = [mail for mail in mails if str(mail["subject"]).startswith("Not with you any more")]
    assert [mail["recipient"] for mail in over] == [first.person.email]
    changed = {mail["recipient"] for mail in mails if str(mail["subject"]).startswith("Changed")}
    assert changed == {"hannah@example.test", second.person.email, village.coordinator.email}
    # Nobody handed these guests on: the first family may host them again.
    assert await change(booking, await choose(village.listing, village.room, 20, 21), tools) is None
    await rotation.hand_on(booking.reference, reason="Away", by=second.person.id, now=clock.now())
    assert (await rows.get(booking.reference)).hosting_id == first.host.id


async def test_fewer_nights_stay_with_a_family_that_left_the_turns(db, tools):
    village = await pool.build(2)
    first, second = village.homes
    booking = await booked(village.listing, village.room, 10, 13, tools)
    place = next(p for p in await queries.list_places(village.listing.id, "en") if p.host_id == first.host.id)
    await villages.leave(village.listing.id, place.id, clock.now())
    assert await change(booking, await choose(village.listing, village.room, 10, 12), tools) is None
    assert (await rows.get(booking.reference)).hosting_id == first.host.id
    assert await sold(first.room) == {10: 1, 11: 1}
    assert await change(booking, await choose(village.listing, village.room, 20, 22), tools) is None
    assert (await rows.get(booking.reference)).hosting_id == second.host.id


async def test_a_dearer_change_waits_for_its_money_and_a_handing_on_ends_it(db, tools):
    village = await pool.build(2)
    first, second = village.homes
    booking = await booked(village.listing, village.room, 10, 12, tools, "demo_card")
    assert booking.state.value == "confirmed"
    assert await change(booking, await choose(village.listing, village.room, 10, 13), tools)
    assert await sold(first.room) == {10: 1, 11: 1, 12: 1}
    assert (await rows.get(booking.reference)).total_minor == booking.total_minor
    await rotation.hand_on(booking.reference, reason="A funeral", by=first.person.id, now=clock.now())
    assert await sold(first.room) == {}
    # The money of the change arrives after all: its family hosts no more, so it goes back and nothing changes.
    await flows.press(booking.reference, tools, purpose="amendment")
    after = await rows.get(booking.reference)
    assert (after.hosting_id, after.nights, after.balance) == (
        second.host.id,
        booking.nights,
        booking.total_minor,
    )
    assert await sold(second.room) == {10: 1, 11: 1}


async def test_nobody_free_leaves_everything_as_it_was(db, tools):
    village = await pool.build(2)
    booking = await booked(village.listing, village.room, 10, 12, tools)
    for home in village.homes:
        await pool.hold(home.listing, home.room, 12, 13)
    choice = await choose(village.listing, village.room, 10, 13)
    offering = await listings.get_offering(listing_id=village.listing.id)
    assert offering
    assert not (await service.outlook(booking, offering, choice, clock.now())).free
    with pytest.raises(stock.SoldOut):
        await change(booking, choice, tools)
    assert (await rows.get(booking.reference)).nights == booking.nights
    assert await nights_of(village) == [2, 0]


async def test_of_many_changes_to_the_last_free_room_one_wins(db, tools):
    village = await pool.build(4)
    bookings = [await booked(village.listing, village.room, 10, 11, tools) for _ in range(4)]
    for home in village.homes[1:]:
        await pool.hold(home.listing, home.room, 20, 21)
    choice = await choose(village.listing, village.room, 20, 21)
    answers = await asyncio.gather(
        *(change(booking, choice, tools) for booking in bookings), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["NoneType", *["SoldOut"] * 3]
    after = [await rows.get(booking.reference) for booking in bookings]
    assert [row.starts_on for row in after].count(factories.in_days(20)) == 1
    moved = next(row for row in after if row.starts_on == factories.in_days(20))
    assert moved.hosting_id == village.homes[0].host.id
    assert (await sold(village.homes[0].room))[20] == 1
    kept = sum([(await sold(home.room)).get(10, 0) for home in village.homes])
    assert kept == 3


# A standing allotment ------------------------------------------------------------------------------------
async def promised(units: int, count: int = 3) -> tuple[Listing, RoomType]:
    """A homestay on request whose host keeps so many rooms for guests."""
    host = await factories.make_host()
    listing, room = await factories.make_homestay(host_id=host.id, instant=False, rooms=count)
    by = (await factories.make_person()).id
    await allotments.declare(listing.id, room.id, units, by=by, now=clock.now())
    return listing, room


async def test_what_was_promised_is_changed_within_the_promise(db, tools):
    listing, room = await promised(2)
    booking = await booked(listing, room, 10, 12, tools)
    assert booking.instant
    assert await change(booking, await choose(listing, room, 11, 14), tools) is None
    assert await sold(room) == {11: 1, 12: 1, 13: 1}
    assert await change(booking, await choose(listing, room, 11, 14, rooms=2), tools) is None
    assert await sold(room) == {11: 2, 12: 2, 13: 2}


async def test_beyond_the_promise_the_host_is_asked_and_nothing_changes(db, tools):
    listing, room = await promised(1)
    booking = await booked(listing, room, 10, 12, tools)
    other = await booked(listing, room, 20, 21, tools)
    offering = await listings.get_offering(listing_id=listing.id)
    assert offering
    beyond = [await choose(listing, room, 10, 12, rooms=2), await choose(listing, room, 20, 22)]
    for choice in beyond:
        found = await service.outlook(booking, offering, choice, clock.now())
        assert (found.free, found.agreed) == (True, False)
        with pytest.raises(changing.BeyondPromise):
            await change(booking, choice, tools)
    assert await sold(room) == {10: 1, 11: 1, 20: 1}
    assert (await rows.get(booking.reference)).total_minor == booking.total_minor
    # What is left of it is the guest's to keep, even after the promise has ended.
    await execute(
        "UPDATE allotment SET until_on = from_on, withdrawn_by = created_by, withdrawn_at = created_at"
    )
    assert await change(booking, await choose(listing, room, 10, 11), tools) is None
    assert other.instant


async def test_two_changes_never_share_one_promised_room(db, tools):
    listing, room = await promised(1)
    bookings = [await booked(listing, room, 10 + 2 * n, 11 + 2 * n, tools) for n in range(3)]
    choice = await choose(listing, room, 30, 31)
    answers = await asyncio.gather(
        *(change(booking, choice, tools) for booking in bookings), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["BeyondPromise"] * 2 + ["NoneType"]
    assert (await sold(room))[30] == 1


async def test_what_the_host_agreed_to_is_still_the_host_s(db, tools):
    listing, room = await factories.make_homestay(instant=False)
    reference = await pool.hold(listing, room, 10, 12)
    await flows.go_on(reference, tools, method="on_arrival")
    await service.accept(reference, by=None, actor="host", now=clock.now())
    booking = await rows.get(reference)
    assert booking.state.value == "confirmed"
    with pytest.raises(changing.NotChangeable):
        await change(booking, await choose(listing, room, 10, 11), tools)
