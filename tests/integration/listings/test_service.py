"""Commands on listings and their dates, on both databases."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from market import clock
from market.bookings.models import Allocation, Booking
from market.db import fetch, fetch_one
from market.errors import Invalid, NotFound, Refused
from market.listings import bulk, draft_queries, queries, rows, service, slots, stock
from market.listings.drafts import (
    ClosureDraft,
    ExtraDraft,
    ListingDraft,
    ListingText,
    PayeeDraft,
    SeasonDraft,
    StepDraft,
)
from market.listings.models import Slot
from market.listings.offering import GroupPrice, Per, Status
from market.values.dates import DateRange
from tests.factories import in_days, make_host, make_village
from tests.unit.listings.drafts import both, homestay, lesson, room, tour

pytestmark = pytest.mark.usefixtures("db")


async def at_home(draft: ListingDraft) -> ListingDraft:
    """The draft with a village and host that exist."""
    village = await make_village()
    host = await make_host(village_id=village.id)
    return replace(draft, village_id=village.id, host_id=host.id)


async def published_lesson(**changes: object) -> int:
    listing_id = await service.create_listing(await at_home(lesson(**changes)))
    await service.schedule_session(listing_id, in_days(20))
    await service.set_status(listing_id, Status.PUBLISHED)
    return listing_id


async def sell(slot_id: int, quantity: int = 1, *, state: str = "confirmed", minutes: int = 15) -> str:
    """A booking that owns part of a slot."""
    slot = await Slot.get(id=slot_id)
    now = clock.now()
    reference = f"BK{slot_id}X{await Booking.all().count()}"
    host = await fetch_one("SELECT host_id FROM listing WHERE id = $1", slot.listing_id)
    assert host is not None
    booking = await Booking.create(
        reference=reference,
        request_key=reference,
        state=state,
        kind="lesson",
        listing_id=slot.listing_id,
        host_id=host["host_id"],
        locale="en",
        starts_on=slot.starts_on,
        ends_on=slot.ends_on,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        cutoff_at=slot.book_until,
        adults=1,
        instant=True,
        total_minor=1,
        offer={},
        held_at=now,
        created_at=now,
        updated_at=now,
    )
    held = state == "held"
    await Allocation.create(
        booking_id=booking.id,
        slot_id=slot_id,
        quantity=quantity,
        state=state,
        expires_at=now + timedelta(minutes=minutes) if held else None,
    )
    assert await stock.hold(slot_id, quantity)
    if not held:
        await stock.confirm_held(slot_id, quantity)
    return reference


async def version() -> int:
    row = await fetch_one("SELECT value FROM content_version WHERE name = 'public'")
    return row["value"] if row else 0


async def words(listing_id: int) -> set[str]:
    return {
        row["word"] for row in await fetch("SELECT word FROM listing_word WHERE listing_id = $1", listing_id)
    }


FULL = {
    "extras": (
        ExtraDraft(key="dinner", price_minor=50_000, per=Per.PERSON, texts=both(name="Dinner")),
        ExtraDraft(key="pickup", price_minor=90_000, per=Per.BOOKING, texts=both(name="Pick-up")),
    ),
    "payees": (PayeeDraft(kind="guide", bp=2000, texts=both(name="Guide")),),
    "closures": (ClosureDraft(start=date(2027, 3, 1), end=date(2027, 3, 3), texts=both(reason="Harvest")),),
    "languages": ("en", "id", "lam"),
    "themes": ("food", "weaving"),
    "address": "A private lane",
    "lat": -8.5,
    "lon": 121.5,
    "slug": "whole",
    "region": "flores",
}


@pytest.mark.parametrize(
    "draft",
    [
        lesson(**FULL),
        tour(**FULL, group_prices=(GroupPrice(4, 2_800_000),), min_guests=2),
        homestay(
            **FULL,
            rooms=(room(), room("back", count=1, price_minor=150_000, sleeps=4)),
            seasons=(SeasonDraft(from_md="12-20", to_md="01-05", percent=125, texts=both(name="Feast")),),
            weekday_percent={5: 110},
            min_nights=2,
        ),
    ],
    ids=["lesson", "tour", "homestay"],
)
async def test_what_is_stored_reads_back_as_the_same_draft(draft: ListingDraft) -> None:
    draft = await at_home(draft)
    listing_id = await service.create_listing(draft)
    assert await draft_queries.get_draft(listing_id) == draft
    await service.update_listing(listing_id, draft)
    assert await draft_queries.get_draft(listing_id) == draft
    offering = await queries.get_offering(listing_id=listing_id)
    assert offering is not None
    assert offering.status is Status.DRAFT
    assert offering.fund_bp == 500


async def test_the_shown_price_holds_the_fee_and_follows_the_cheapest_room() -> None:
    draft = await at_home(homestay(rooms=(room(price_minor=300_000), room("back", price_minor=155_555))))
    listing_id = await service.create_listing(draft)
    row = await fetch_one(
        "SELECT price_minor, shown_price_minor, kabupaten FROM listing WHERE id = $1", listing_id
    )
    assert row == {"price_minor": 155_555, "shown_price_minor": 163_333, "kabupaten": "53.09"}
    await service.set_rooms(listing_id, [room(price_minor=200_000)])
    row = await fetch_one("SELECT shown_price_minor FROM listing WHERE id = $1", listing_id)
    assert row == {"shown_price_minor": 210_000}


async def test_bad_drafts_and_unknown_homes_are_refused_whole() -> None:
    draft = await at_home(lesson())
    with pytest.raises(service.BadDraft):
        await service.create_listing(replace(draft, capacity=0))
    with pytest.raises(NotFound):
        await service.create_listing(replace(draft, village_id=999_999))
    assert await fetch("SELECT id FROM listing") == []


async def test_addresses_are_made_from_titles_and_never_twice() -> None:
    draft = await at_home(lesson())
    ids = [await service.create_listing(draft) for _ in range(3)]
    found = [row["slug"] for row in await fetch("SELECT slug FROM listing ORDER BY id")]
    assert found == ["weave-with-mama", "weave-with-mama-2", "weave-with-mama-3"]
    with pytest.raises(service.SlugTaken):
        await service.create_listing(replace(draft, slug="weave-with-mama"))
    await service.update_listing(ids[0], replace(draft, slug="another"))
    after = await draft_queries.get_draft(ids[0])
    assert after is not None
    assert after.slug == "weave-with-mama"


async def test_publishing_says_everything_that_is_missing() -> None:
    draft = await at_home(lesson(texts={"en": ListingText(title="Only a title")}))
    listing_id = await service.create_listing(draft)
    with pytest.raises(service.NotReady) as refused:
        await service.set_status(listing_id, Status.PUBLISHED)
    assert {p.code for p in refused.value.facts["problems"]} == {"text_en", "text_id", "no_starts"}
    assert (await fetch_one("SELECT status FROM listing WHERE id = $1", listing_id)) == {"status": "draft"}


async def test_a_listing_is_published_paused_and_published_again() -> None:
    listing_id = await published_lesson()
    before = await version()
    await service.set_status(listing_id, Status.PUBLISHED)
    assert await version() == before, "nothing happened"
    await service.set_status(listing_id, Status.PAUSED)
    await service.set_status(listing_id, Status.PUBLISHED)
    assert await version() == before + 2
    with pytest.raises(Refused):
        await service.set_status(listing_id, Status.DRAFT)


async def test_a_published_listing_stays_fit_for_guests() -> None:
    listing_id = await published_lesson()
    draft = await draft_queries.get_draft(listing_id)
    assert draft is not None
    with pytest.raises(service.NotReady):
        await service.update_listing(listing_id, replace(draft, texts={"en": draft.texts["en"]}))
    with pytest.raises(Invalid):
        await service.update_listing(listing_id, homestay(village_id=draft.village_id, host_id=draft.host_id))
    after = await draft_queries.get_draft(listing_id)
    assert after == draft


async def test_every_change_is_found_by_search_and_told_to_the_page_cache() -> None:
    listing_id = await published_lesson()
    assert {"weave", "menenun", "warp", "tiworiwu", "class"} <= await words(listing_id)
    before = await version()
    draft = await draft_queries.get_draft(listing_id)
    assert draft is not None
    texts = {**draft.texts, "en": replace(draft.texts["en"], title="Dye with indigo")}
    await service.update_listing(listing_id, replace(draft, texts=texts))
    assert "indigo" in await words(listing_id)
    assert "weave" not in await words(listing_id)
    assert await version() > before


async def test_ratings_move_the_rank_and_the_words_follow() -> None:
    good, bad = await published_lesson(), await published_lesson()
    await service.add_ratings(good, [5, 5, 5])
    await service.add_ratings(bad, [1, 2])
    found = {row["id"]: row for row in await fetch("SELECT id, rank, rating_sum, rating_count FROM listing")}
    assert (found[good]["rating_sum"], found[good]["rating_count"]) == (15, 3)
    assert found[good]["rank"] < found[bad]["rank"]
    ranks = await fetch("SELECT MIN(rank) AS rank FROM listing_word WHERE listing_id = $1", good)
    assert ranks[0]["rank"] == found[good]["rank"]
    with pytest.raises(Invalid):
        await service.add_ratings(good, [6])


# Dates ---------------------------------------------------------------------------------------------------
async def test_a_departure_takes_its_homestay_nights_along() -> None:
    house = await service.create_listing(await at_home(homestay()))
    room_id = (await draft_queries.get_room_ids(house))["front"]
    sleeping = StepDraft(texts=both(title="Walk", body="Far."), room_type_id=room_id)
    awake = StepDraft(texts=both(title="Home", body="Back."))
    draft = tour(steps=(sleeping, sleeping, awake), notice_hours=24, cutoff_hours=72, start_time=time(7, 30))
    listing_id = await service.create_listing(await at_home(draft), houses_agreed=True)
    day = in_days(30)
    slot_id = await service.schedule_departure(listing_id, day)
    assert await queries.list_departure_nights(slot_id) == [
        (room_id, day),
        (room_id, day + timedelta(days=1)),
    ]
    slot = await queries.get_slot(slot_id, clock.now())
    assert slot is not None
    assert (slot.kind, slot.starts_on, slot.ends_on) == ("departure", day, day + timedelta(days=2))
    assert (slot.capacity, slot.free, slot.status) == (6, 6, "open")
    assert slot.starts_at == datetime.combine(day, time(7, 30), UTC) - timedelta(hours=8)
    assert slot.book_until == slot.starts_at - timedelta(hours=72)
    with pytest.raises(Refused) as twice:
        await service.schedule_departure(listing_id, day)
    assert twice.value.code == "scheduled"


async def test_dates_on_closed_days_are_refused() -> None:
    day = in_days(40)
    closed = ClosureDraft(start=day, end=day, texts=both(reason="Adat"))
    house = await service.create_listing(await at_home(homestay(closures=(closed,))))
    room_id = (await draft_queries.get_room_ids(house))["front"]
    steps = (StepDraft(texts=both(title="A", body="B"), room_type_id=room_id), StepDraft(texts={}))
    listing_id = await service.create_listing(
        await at_home(tour(days=2, steps=steps, closures=())), houses_agreed=True
    )
    with pytest.raises(Refused) as refused:
        await service.schedule_departure(listing_id, day)
    assert refused.value.code == "house_closed"
    assert await fetch("SELECT id FROM slot") == []
    await service.set_closures(
        listing_id, [replace(closed, start=day + timedelta(5), end=day + timedelta(5))]
    )
    with pytest.raises(Refused) as refused:
        await service.schedule_departure(listing_id, day + timedelta(days=4))
    assert refused.value.code == "closed_days"
    await service.schedule_departure(listing_id, day + timedelta(days=6))


async def test_sessions_have_their_own_time_price_and_size() -> None:
    listing_id = await service.create_listing(await at_home(lesson()))
    day = in_days(10)
    await service.schedule_session(listing_id, day)
    slot_id = await service.schedule_session(listing_id, day, at=time(15), capacity=3, price_minor=99_000)
    slot = await queries.get_slot(slot_id, clock.now())
    assert slot is not None
    assert (slot.capacity, slot.price_minor, slot.ends_at - slot.starts_at) == (3, 99_000, timedelta(hours=3))
    for wrong in ({"capacity": 0}, {"price_minor": 0}, {"min_guests": 9}):
        with pytest.raises(Invalid):
            await service.schedule_session(listing_id, in_days(11), **wrong)
    with pytest.raises(Invalid):
        await service.schedule_session(listing_id, in_days(-1))
    with pytest.raises(NotFound):
        await service.schedule_departure(listing_id, day)


async def test_a_longer_notice_moves_the_deadlines_ahead() -> None:
    listing_id = await published_lesson()
    draft = await draft_queries.get_draft(listing_id)
    assert draft is not None
    await service.update_listing(listing_id, replace(draft, notice_hours=48))
    (slot,) = await queries.list_starts(listing_id, clock.now())
    assert slot.starts_at - slot.book_until == timedelta(hours=48)


async def test_capacity_never_goes_below_what_is_sold() -> None:
    listing_id = await published_lesson()
    (slot,) = await queries.list_starts(listing_id, clock.now())
    sold, held = await sell(slot.id, 3), await sell(slot.id, 1, state="held")
    with pytest.raises(slots.HasBookings) as refused:
        await service.set_capacity(slot.id, 3)
    standing = refused.value.facts["bookings"]
    assert {(s.reference, s.quantity, s.state) for s in standing} == {
        (sold, 3, "confirmed"),
        (held, 1, "held"),
    }
    await service.set_capacity(slot.id, 4)
    after = await queries.get_slot(slot.id, clock.now())
    assert after is not None
    assert (after.capacity, after.free) == (4, 0)


async def test_a_lapsed_hold_in_the_way_asks_for_patience() -> None:
    listing_id = await published_lesson()
    (slot,) = await queries.list_starts(listing_id, clock.now())
    await sell(slot.id, 2, state="held", minutes=-1)
    with pytest.raises(slots.BeingPaid):
        await service.set_capacity(slot.id, 1)


async def test_slots_move_only_along_their_ways() -> None:
    listing_id = await published_lesson()
    (slot,) = await queries.list_starts(listing_id, clock.now())
    for status in ("closed", "open", "guaranteed", "guaranteed", "called_off"):
        await service.set_slot_status(slot.id, status)
    with pytest.raises(Refused):
        await service.set_slot_status(slot.id, "open")
    with pytest.raises(NotFound):
        await service.set_slot_status(999_999, "open")


# Nights --------------------------------------------------------------------------------------------------
async def house_with_nights() -> tuple[int, int, DateRange]:
    listing_id = await service.create_listing(await at_home(homestay(rooms=(room(count=3),))))
    room_id = (await draft_queries.get_room_ids(listing_id))["front"]
    return listing_id, room_id, DateRange(in_days(10), in_days(13))


async def night_rows(room_id: int) -> list[tuple[int, int, str]]:
    found = await Slot.filter(room_type_id=room_id).order_by("starts_on")
    return [(slot.capacity, slot.blocked, slot.status) for slot in found]


async def test_nights_close_and_open_around_what_is_sold() -> None:
    _, room_id, nights = await house_with_nights()
    ids = await stock.ensure_nights([(room_id, nights.start)])
    reference = await sell(ids[room_id, nights.start])
    await service.block_nights(room_id, nights)
    assert await night_rows(room_id) == [(3, 2, "closed"), (3, 3, "closed"), (3, 3, "closed")]
    assert not await stock.hold(ids[room_id, nights.start], 1)
    await service.open_nights(room_id, DateRange(nights.start, nights.start + timedelta(days=1)))
    assert (await night_rows(room_id))[0] == (3, 0, "open")
    await service.block_nights(room_id, nights, rooms=2)
    assert await night_rows(room_id) == [(3, 2, "open")] * 3
    with pytest.raises(slots.HasBookings) as refused:
        await service.block_nights(room_id, nights, rooms=3)
    assert [standing.reference for standing in refused.value.facts["bookings"]] == [reference]
    assert await night_rows(room_id) == [(3, 2, "open")] * 3, "all of it or nothing"


async def test_nights_know_only_two_states() -> None:
    _, room_id, nights = await house_with_nights()
    ids = await stock.ensure_nights([(room_id, nights.start)])
    with pytest.raises(Refused):
        await service.set_slot_status(ids[room_id, nights.start], "guaranteed")


async def test_fewer_rooms_shrink_the_nights_ahead_unless_sold() -> None:
    listing_id, room_id, nights = await house_with_nights()
    ids = await stock.ensure_nights([(room_id, night) for night in nights])
    await sell(ids[room_id, nights.start], 2)
    await service.set_rooms(listing_id, [room(count=2)])
    assert await night_rows(room_id) == [(2, 0, "open")] * 3
    with pytest.raises(slots.HasBookings):
        await service.set_rooms(listing_id, [room(count=1)])
    await service.set_rooms(listing_id, [room(count=4)])
    assert await night_rows(room_id) == [(4, 0, "open")] * 3


async def test_a_room_leaves_only_without_bookings_and_tours() -> None:
    listing_id, room_id, nights = await house_with_nights()
    await service.set_rooms(listing_id, [room(count=3), room("back")])
    back = (await draft_queries.get_room_ids(listing_id))["back"]
    await service.block_nights(back, nights)
    await service.set_rooms(listing_id, [room(count=3)])
    assert list(await draft_queries.get_room_ids(listing_id)) == ["front"]
    assert await night_rows(back) == []

    ids = await stock.ensure_nights([(room_id, nights.start)])
    await sell(ids[room_id, nights.start])
    with pytest.raises(slots.HasBookings):
        await service.set_rooms(listing_id, [room("new")])
    await stock.release_confirmed(ids[room_id, nights.start], 1)
    await Allocation.filter(slot_id=ids[room_id, nights.start]).update(state="released")
    await service.set_rooms(listing_id, [room("new")])
    draft = await draft_queries.get_draft(listing_id)
    assert draft is not None
    assert {r.key: r.count for r in draft.rooms} == {"front": 0, "new": 2}, "bookings still name the old room"

    new = (await draft_queries.get_room_ids(listing_id))["new"]
    step = StepDraft(texts={}, room_type_id=new)
    sleeping = await at_home(tour(days=2, steps=(step, StepDraft(texts={}))))
    await service.create_listing(sleeping, houses_agreed=True)
    with pytest.raises(Refused) as refused:
        await service.set_rooms(listing_id, [room("newer")])
    assert refused.value.code == "room_in_tour"


async def test_bulk_loading_writes_what_single_saves_write() -> None:
    draft = await at_home(homestay(**FULL))
    one = await service.create_listing(draft)
    home = await rows.get_home(draft.village_id, draft.host_id)
    assert home is not None
    item = bulk.BulkListing(draft=replace(draft, slug="bulk"), home=home, closed_nights=(in_days(5),))
    (rooms,) = await bulk.load([item])
    found = await fetch_one("SELECT id FROM listing WHERE slug = 'bulk'")
    assert found is not None
    assert await draft_queries.get_room_ids(found["id"]) == rooms
    assert await draft_queries.get_draft(found["id"]) == replace(draft, slug="bulk")
    assert await words(found["id"]) == await words(one)
    assert await night_rows(rooms["front"]) == [(2, 2, "closed")]
    another = await service.create_listing(replace(draft, slug="after"))
    assert another > found["id"], "ids taken in bulk are not given again"
