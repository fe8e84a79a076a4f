"""A village that hosts together: one inventory, fair turns, and guests who are handed on with a reason."""

from __future__ import annotations

import pytest

from market import clock
from market.app import handlers as _handlers
from market.bookings import rotation, rows, stock
from market.bookings.states import WrongState
from market.db import execute, fetch
from market.errors import Invalid
from market.listings import nights
from market.listings.models import Slot
from market.outbox import worker
from market.villages import queries, service
from tests import factories
from tests.integration.bookings import flows
from tests.integration.villages import pool

assert _handlers  # importing it registers the jobs


async def hosting(reference: str) -> int | None:
    return (await rows.get(reference)).hosting_id


async def test_the_village_is_booked_and_the_next_family_s_own_room_is_taken(db):
    village = await pool.build(3)
    references = [await pool.hold(village.listing, village.room, 10, 12) for _ in range(3)]
    assert [await hosting(r) for r in references] == [home.host.id for home in village.homes]
    for home in village.homes:
        slots = await Slot.filter(room_type_id=home.room.id)
        assert [slot.held for slot in slots] == [1, 1]
    assert await Slot.filter(room_type_id=village.room.id).count() == 0
    with pytest.raises(stock.SoldOut):
        await pool.hold(village.listing, village.room, 10, 11)
    assert (await rows.get(references[0])).host_id == village.org.id


async def test_a_family_that_sold_its_room_itself_is_passed_over_and_keeps_its_turn(db):
    village = await pool.build(2)
    first, second = village.homes
    own = await pool.hold(first.listing, first.room, 10, 11)
    assert await hosting(own) is None
    assert await hosting(await pool.hold(village.listing, village.room, 10, 11)) == second.host.id
    assert await hosting(await pool.hold(village.listing, village.room, 20, 21)) == first.host.id
    await factories.make_closure(first.listing, factories.in_days(30), factories.in_days(30))
    assert await hosting(await pool.hold(village.listing, village.room, 30, 31)) == second.host.id


async def test_turns_are_fair_by_nights_and_a_lapsed_hold_counts_for_nothing(db):
    village = await pool.build(2)
    first, second = village.homes
    long = await pool.hold(village.listing, village.room, 10, 14)
    assert await hosting(long) == first.host.id
    for n in (20, 25, 30):
        assert await hosting(await pool.hold(village.listing, village.room, n, n + 1)) == second.host.id
    nights = {place.host_id: place.nights for place in await queries.list_places(village.listing.id, "en")}
    assert nights == {first.host.id: 4, second.host.id: 3}
    await execute("UPDATE booking SET state = 'expired' WHERE reference = $1", long)
    assert await hosting(await pool.hold(village.listing, village.room, 40, 41)) == first.host.id


async def test_who_joins_later_takes_its_turn_among_the_others(db):
    village = await pool.build(2)
    for n in range(4):
        await pool.hold(village.listing, village.room, 10 + 3 * n, 12 + 3 * n)
    newcomer = await pool.family(village.org.village_id, 9)
    stranger = await pool.family((await factories.make_village()).id, 8)
    with pytest.raises(service.NotOfVillage):
        await service.ask_to_join(village.listing.id, stranger.host.id, stranger.room.id, clock.now())
    await pool.join(village, newcomer)
    turns = [await hosting(await pool.hold(village.listing, village.room, 40 + n, 41 + n)) for n in range(3)]
    assert turns.count(newcomer.host.id) == 1


async def test_a_family_that_cannot_host_hands_on_and_everybody_reads_why(db, tools):
    village = await pool.build(3)
    first, second, third = village.homes
    reference = await pool.hold(village.listing, village.room, 10, 12)
    await flows.go_on(reference, tools, method="on_arrival")
    with pytest.raises(Invalid):
        await rotation.hand_on(reference, reason="  ", by=first.person.id, now=clock.now())
    now_hosts = await rotation.hand_on(
        reference, reason="A funeral in the family", by=first.person.id, now=clock.now()
    )
    assert now_hosts == second.host.id
    assert await hosting(reference) == second.host.id
    sold = {
        home.host.id: [s.confirmed for s in await Slot.filter(room_type_id=home.room.id)]
        for home in village.homes
    }
    assert sold == {first.host.id: [0, 0], second.host.id: [1, 1], third.host.id: []}
    turns = await queries.list_turns(village.listing.id)
    assert (turns[0].host, turns[0].before, turns[0].reason) == (
        second.host.name,
        first.host.name,
        "A funeral in the family",
    )
    await rotation.hand_on(reference, reason="Illness", by=second.person.id, now=clock.now())
    with pytest.raises(rotation.NobodyFree):
        await rotation.hand_on(reference, reason="Away", by=third.person.id, now=clock.now())
    assert await hosting(reference) == third.host.id
    nights = {place.host_id: place.nights for place in await queries.list_places(village.listing.id, "en")}
    assert nights == {first.host.id: 0, second.host.id: 0, third.host.id: 2}
    await worker.drain(tools)
    letters = await fetch("SELECT recipient, body FROM delivery WHERE body LIKE '%A funeral in the family%'")
    assert {letter["recipient"] for letter in letters} >= {third.person.email, "hannah@example.test"}
    with pytest.raises(Exception, match="append-only"):
        await execute("DELETE FROM hosting_turn")


async def test_the_village_may_close_nights_of_its_own(db):
    village = await pool.build(1)
    await nights.close_days(village.room.id, [factories.in_days(10)], clock.now())
    with pytest.raises(stock.SoldOut):
        await pool.hold(village.listing, village.room, 9, 11)
    assert await pool.hold(village.listing, village.room, 11, 12)


async def test_only_a_booking_of_a_village_ahead_is_handed_on(db):
    village = await pool.build(2)
    own = await pool.hold(village.homes[0].listing, village.homes[0].room, 10, 11)
    with pytest.raises(WrongState):
        await rotation.hand_on(own, reason="No", by=None, now=clock.now())
