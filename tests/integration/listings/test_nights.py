"""Many nights at once: prices of their own, rooms for sale, what is sold and what is promised stays."""

from __future__ import annotations

import pytest

from market import clock
from market.bookings import rows
from market.bookings.quote import Choice, quote
from market.db import execute
from market.errors import Invalid, NotFound
from market.listings import allotments, nights, queries, service, slots
from market.listings.allotments import Promised
from market.listings.drafts import ClosureDraft
from market.listings.models import Slot
from market.listings.nights import NightsSold
from market.listings.offering import Status
from market.values.dates import DateRange
from market.values.party import Party
from tests import factories
from tests.factories import in_days
from tests.integration.bookings import flows
from tests.integration.villages import pool


async def house(rooms: int = 2, **fields):
    listing, room = await factories.make_homestay(rooms=rooms, **fields)
    return listing, room


def days(*offsets: int):
    return [in_days(n) for n in offsets]


async def test_a_price_of_a_night_is_what_the_guest_pays_and_goes_back_to_usual(db):
    listing, room = await house(weekday_percent={"5": 150})
    await nights.price_days(room.id, days(10, 11), 300_000, clock.now())
    offering = await queries.get_offering(listing_id=listing.id)
    stay = DateRange(in_days(9), in_days(12))
    priced = quote(offering, Choice(Party(2), room=offering.room(room.id), nights=stay))
    amounts = dict(priced.night_amounts)
    assert amounts[in_days(10)] == amounts[in_days(11)] == 315_000
    assert sum(line.amount for line in priced.lines) == priced.total
    await nights.price_days(room.id, days(10, 11), None, clock.now())
    offering = await queries.get_offering(listing_id=listing.id)
    assert offering.night_prices == {}
    for wrong in (0, -5, 10**12):
        with pytest.raises(Invalid):
            await nights.price_days(room.id, days(10), wrong, clock.now())


async def test_closing_what_is_sold_names_every_booking_and_changes_nothing(db):
    listing, room = await house()
    one = await pool.hold(listing, room, 10, 12)
    two = await pool.hold(listing, room, 11, 13)
    with pytest.raises(NightsSold) as refused:
        await nights.close_days(room.id, days(9, 10, 11, 12), clock.now())
    assert [(each.day, each.standing.reference) for each in refused.value.in_the_way] == [
        (in_days(10), one),
        *sorted([(in_days(11), one), (in_days(11), two)]),
        (in_days(12), two),
    ]
    assert not await Slot.filter(status="closed").exists()
    await nights.close_days(room.id, days(9, 10, 11, 12), clock.now(), only_free=True)
    found = await Slot.filter(room_type_id=room.id).order_by("starts_on")
    assert [(s.held, s.blocked) for s in found] == [(0, 2), (1, 1), (2, 0), (1, 1)]
    await nights.open_days(room.id, days(9), clock.now())
    assert (await Slot.get(room_type_id=room.id, starts_on=in_days(9))).blocked == 0


async def test_rooms_for_sale_never_fall_below_what_is_sold(db):
    listing, room = await house(3)
    reference = await pool.hold(listing, room, 10, 11)
    await pool.hold(listing, room, 10, 11)
    with pytest.raises(NightsSold) as refused:
        await nights.sell_days(room.id, days(9, 10), 1, clock.now())
    assert reference in {each.standing.reference for each in refused.value.in_the_way}
    await nights.sell_days(room.id, days(9, 10), 2, clock.now())
    found = await Slot.filter(room_type_id=room.id).order_by("starts_on")
    assert [(s.held, s.blocked, s.status) for s in found] == [(0, 1, "open"), (2, 1, "open")]
    with pytest.raises(Invalid):
        await nights.sell_days(room.id, days(9), 4, clock.now())
    with pytest.raises(Invalid):
        await nights.sell_days(room.id, [], 1, clock.now())
    with pytest.raises(NotFound):
        await nights.sell_days(999_999, days(9), 1, clock.now())
    with pytest.raises(Invalid):
        await nights.open_days(room.id, days(-1), clock.now())


async def test_dates_of_a_class_change_together_or_not_at_all(db):
    listing = await factories.make_listing()
    starts = [await factories.make_start(listing, days=n, capacity=6) for n in (10, 17, 24)]
    reference = await flows.hold_seat(listing, starts[1], adults=3)
    ids = [slot.id for slot in starts]
    for change in ({"status": "closed"}, {"capacity": 2}):
        with pytest.raises(NightsSold) as refused:
            await nights.change_starts(ids, clock.now(), **change)
        assert [each.standing.reference for each in refused.value.in_the_way] == [reference]
    await nights.change_starts(ids, clock.now(), capacity=4, price_minor=150_000)
    await nights.change_starts([ids[0], ids[2]], clock.now(), status="closed")
    found = await Slot.all().order_by("id")
    assert [(s.status, s.capacity, s.price_minor) for s in found] == [
        ("closed", 4, 150_000),
        ("open", 4, 150_000),
        ("closed", 4, 150_000),
    ]
    await nights.change_starts(ids, clock.now(), status="open", usual_price=True)
    assert {(s.status, s.price_minor) for s in await Slot.all()} == {("open", None)}


# Standing allotments -------------------------------------------------------------------------------------
async def test_within_the_allotment_a_request_listing_confirms_at_once(db, tools):
    listing, room = await house(3, instant=False)
    by = (await factories.make_person()).id
    await allotments.declare(listing.id, room.id, 2, by=by, now=clock.now())
    references = [await pool.hold(listing, room, 10, 12) for _ in range(3)]
    assert [(await rows.get(r)).instant for r in references] == [True, True, False]
    state = await flows.go_on(references[0], tools, method="on_arrival")
    assert (await rows.get(references[0])).state == "confirmed", state


async def test_what_is_promised_is_not_closed_before_it_is_withdrawn_with_notice(db):
    listing, room = await house(3)
    by, now = (await factories.make_person()).id, clock.now()
    await execute("INSERT INTO listing_language (listing_id, language) VALUES ($1, 'id')", listing.id)
    await nights.close_days(room.id, days(10), now)
    await allotments.declare(listing.id, room.id, 2, by=by, now=now)
    slot = await Slot.get(room_type_id=room.id)
    assert (slot.status, slot.blocked) == ("open", 1), "what was closed below the promise is for sale again"
    ways = (
        lambda: nights.close_days(room.id, days(40), now),
        lambda: nights.sell_days(room.id, days(40), 1, now),
        lambda: service.block_nights(room.id, DateRange(in_days(40), in_days(41))),
        lambda: slots.set_capacity(slot.id, 1),
        lambda: service.set_closures(
            listing.id,
            [
                ClosureDraft(
                    start=in_days(40), end=in_days(41), texts={l: {"reason": "x"} for l in ("id", "en")}
                )
            ],
        ),
        lambda: service.set_status(listing.id, Status.PAUSED),
    )
    for close in ways:
        with pytest.raises(Promised):
            await close()
    assert await nights.close_days(room.id, days(40), now, only_free=True) == days(40)
    assert (await Slot.get(room_type_id=room.id, starts_on=in_days(40))).blocked == 1
    promise = (await allotments.list_promises(listing.id, clock.today()))[0]
    with pytest.raises(NotFound):
        await allotments.withdraw((await house())[0].id, promise.id, by=by, now=now)
    ends = await allotments.withdraw(listing.id, promise.id, by=by, now=now)
    assert ends == in_days(allotments.LEAD_DAYS)
    with pytest.raises(Promised):
        await nights.close_days(room.id, days(allotments.LEAD_DAYS - 1), now)
    await nights.close_days(room.id, days(allotments.LEAD_DAYS), now)


async def test_fewer_counts_after_the_notice_and_more_at_once(db):
    listing, room = await house(3)
    by, now = (await factories.make_person()).id, clock.now()
    for units in (2, 3):
        await allotments.declare(listing.id, room.id, units, by=by, now=now)
    day = [in_days(0), in_days(allotments.LEAD_DAYS)]
    assert set((await allotments.promised_nights(room.id, day)).values()) == {3}
    await allotments.declare(listing.id, room.id, 1, by=by, now=now)
    assert list((await allotments.promised_nights(room.id, day)).values()) == [3, 1]
    for wrong in (0, 4):
        with pytest.raises(Invalid):
            await allotments.declare(listing.id, room.id, wrong, by=by, now=now)
    with pytest.raises(NotFound):
        await allotments.declare(listing.id, (await house())[1].id, 1, by=by, now=now)


async def test_seats_of_every_date_can_be_promised(db):
    listing = await factories.make_listing(instant=False)
    slot = await factories.make_start(listing, days=20, capacity=6)
    by, now = (await factories.make_person()).id, clock.now()
    await allotments.declare(listing.id, None, 3, by=by, now=now)
    first = await flows.hold_seat(listing, slot, adults=2)
    second = await flows.hold_seat(listing, slot, adults=2)
    assert [(await rows.get(r)).instant for r in (first, second)] == [True, False]
    empty = await factories.make_start(listing, days=27, capacity=6)
    for change in ({"capacity": 2}, {"status": "closed"}):
        with pytest.raises(Promised):
            await nights.change_starts([empty.id], now, **change)
