"""Search finds only what is really free for those dates and that party."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from market import clock, db
from market.listings.models import Listing, RoomType, Slot
from market.values.dates import local_instant
from market.web import page_cache
from tests import factories as make
from tests.integration.discovery.conftest import Search, give_words


def days(start: int, end: int) -> dict[str, str]:
    return {"from_": make.in_days(start).isoformat(), "to": make.in_days(end).isoformat()}


async def make_night(room: RoomType, listing: Listing, in_days: int, **fields: Any) -> Slot:
    night = make.in_days(in_days)
    values: dict[str, Any] = {
        "kind": "night", "listing_id": listing.id, "room_type_id": room.id, "starts_on": night,
        "ends_on": night + timedelta(days=1), "starts_at": local_instant(night),
        "ends_at": local_instant(night + timedelta(days=1)), "book_until": local_instant(night),
        "capacity": room.count,
    }  # fmt: skip
    return await Slot.create(**{**values, **fields})


async def sleep_in(slot: Slot, room: RoomType, in_days: int) -> None:
    await db.execute(
        "INSERT INTO departure_night (slot_id, room_type_id, night_on) VALUES ($1, $2, $3)",
        slot.id, room.id, make.in_days(in_days),
    )  # fmt: skip


async def test_a_start_inside_the_days_with_enough_places(find: Search) -> None:
    tour = await make.make_listing(kind="tour")
    await make.make_start(tour, days=20, capacity=4)
    assert await find(**days(20, 22), adults=4) == [tour.slug]
    assert await find(**days(20, 22), adults=5) == []
    assert await find(**days(20, 21), adults=2) == []  # it ends a day later
    assert await find(**days(21, 25), adults=2) == []
    assert await find() == [tour.slug]


@pytest.mark.parametrize("status", ["closed", "called_off"])
async def test_closed_and_called_off_starts_do_not_count(find: Search, status: str) -> None:
    lesson = await make.make_listing(kind="lesson")
    await make.make_start(lesson, days=10, status=status)
    assert await find() == []
    assert await find(**days(9, 12)) == []


async def test_past_cutoff_and_too_little_notice(find: Search) -> None:
    late = await make.make_listing(kind="lesson")
    await make.make_start(late, days=3, book_until=clock.now() - timedelta(minutes=1))
    slow = await make.make_listing(kind="lesson", notice_hours=24 * 10)
    await make.make_start(slow, days=3)
    assert await find() == []
    await make.make_start(slow, days=15)
    assert await find() == [slow.slug]


async def test_held_places_are_taken_until_the_hold_dies(find: Search) -> None:
    lesson = await make.make_listing(kind="lesson")
    slot = await make.make_start(lesson, days=10, capacity=2, held=2)
    assert await find(**days(9, 12), adults=1) == []
    await dead_hold(slot, lesson, 2)
    assert await find(**days(9, 12), adults=2) == [lesson.slug]


async def dead_hold(slot: Slot, listing: Listing, quantity: int) -> None:
    """A booking whose hold ran out a moment ago and that no worker has noticed."""
    now = clock.now()
    day, instant = make.in_days(10), now + timedelta(days=10)
    rows = await db.fetch(
        "INSERT INTO booking (reference, request_key, state, kind, listing_id, host_id, locale, starts_on, ends_on,"
        " starts_at, ends_at, cutoff_at, adults, instant, currency, total_minor, offer, held_at, created_at,"
        " updated_at) VALUES ($1, $1, 'held', 'lesson', $2, $3, 'en', $4, $4, $5, $5, $5, 1, $6, 'IDR', 1, '{}',"
        " $7, $7, $7) RETURNING id",
        f"R{slot.id}", listing.id, listing.host_id, day, instant, True, now,
    )  # fmt: skip
    await db.execute(
        "INSERT INTO allocation (booking_id, slot_id, quantity, state, expires_at) VALUES ($1, $2, $3, 'held', $4)",
        rows[0]["id"], slot.id, quantity, now - timedelta(minutes=1),
    )  # fmt: skip


async def test_a_tour_needs_the_nights_it_sleeps_in(find: Search) -> None:
    house, room = await make.make_homestay(rooms=2, sleeps=2)
    tour = await make.make_listing(kind="tour")
    start = await make.make_start(tour, days=20)
    await sleep_in(start, room, 20)
    query = {**days(20, 22), "kind": "tour"}
    assert await find(**query, adults=4) == [tour.slug]  # no row for the night: wholly free
    assert await find(**query, adults=5) == []
    await make_night(room, house, 20, confirmed=1)
    assert await find(**query, adults=2) == [tour.slug]
    assert await find(**query, adults=3) == []
    await Slot.filter(room_type_id=room.id).update(status="closed")
    assert await find(**query, adults=1) == []


async def test_every_night_of_a_stay_must_be_free_in_one_room_type(find: Search) -> None:
    house, room = await make.make_homestay(rooms=1, sleeps=2)
    other = await make.make_room(house, count=1, sleeps=2)
    await make_night(room, house, 11, confirmed=1)
    await make_night(other, house, 12, confirmed=1)
    assert await find(**days(10, 12), adults=2) == [house.slug]  # the other room
    assert await find(**days(11, 13), adults=2) == []  # neither room on both nights
    assert await find(**days(12, 14), adults=2) == [house.slug]  # half-open: free again from the 12th
    assert await find(**days(14, 16), adults=3) == []
    big = await make.make_room(house, count=1, sleeps=4)
    assert big.sleeps == 4
    assert await find(**days(11, 13), adults=3) == [house.slug]


async def test_closures_and_the_length_of_a_stay(find: Search) -> None:
    house, _ = await make.make_homestay(min_nights=2, max_nights=4)
    await make.make_closure(house, make.in_days(20), make.in_days(21))
    assert await find(**days(18, 20)) == [house.slug]
    assert await find(**days(18, 21)) == []
    assert await find(**days(21, 23)) == []
    assert await find(**days(22, 24)) == [house.slug]
    assert await find(**days(30, 31)) == []
    assert await find(**days(30, 35)) == []


async def test_party_limits(find: Search) -> None:
    small = await make.make_listing(kind="lesson", min_party=2, max_party=3)
    await make.make_start(small, days=10)
    assert await find(adults=1) == []
    assert await find(adults=2) == [small.slug]
    assert await find(adults=2, children=2) == []
    grown = await make.make_listing(kind="lesson", bands=make.BANDS[:1])
    await make.make_start(grown, days=10)
    assert await find(adults=1, children=1) == [small.slug]


async def test_place_price_language_theme_and_order(find: Search) -> None:
    village = await make.make_village(slug="takpala", island="alor", code="53.05.07.2001")
    host = await make.make_host(village_id=village.id)
    alor = await make.make_listing(
        host_id=host.id, island="alor", kabupaten="53.05", rank=5, price_minor=900_000
    )
    flores = await make.make_listing(rank=3, price_minor=300_000)
    for listing in (alor, flores):
        await make.make_start(listing, days=10)
    await db.execute("INSERT INTO listing_language (listing_id, language) VALUES ($1, 'abui')", alor.id)
    await db.execute("INSERT INTO listing_theme (listing_id, theme) VALUES ($1, 'dance')", alor.id)
    assert await find() == [flores.slug, alor.slug]
    assert (
        await find(place="alor") == await find(place="takpala") == await find(language="abui") == [alor.slug]
    )
    assert await find(place="ngada") == [flores.slug]
    assert await find(theme="dance") == [alor.slug]
    assert await find(max=500_000) == [flores.slug]
    assert await find(sort="price") == [flores.slug, alor.slug]
    await Listing.filter(id=flores.id).update(shown_price_minor=2_000_000, price_minor=1_900_000)
    assert await find(sort="price") == [alor.slug, flores.slug]


async def test_soonest_first(find: Search) -> None:
    later, sooner = [await make.make_listing(rank=n) for n in (1, 2)]
    await make.make_start(later, days=30)
    await make.make_start(sooner, days=12)
    assert await find(sort="soonest") == [sooner.slug, later.slug]
    assert await find(sort="soonest", **days(10, 40)) == [sooner.slug, later.slug]


async def test_drafts_and_paused_listings_are_not_found(find: Search) -> None:
    for status in ("draft", "paused"):
        await make.make_homestay(status=status)
    assert await find() == []


async def test_words_in_both_languages_misspelt_and_in_titles_first(find: Search) -> None:
    body, _ = await make.make_homestay(rank=1)
    title, _ = await make.make_homestay(rank=9)
    other, _ = await make.make_homestay(rank=2)
    await give_words(body, "House by the sea", "Ada tenun di rumah, weaving every day")
    await give_words(title, "Tenun ikat, Wae Rebo", "loom")
    await give_words(other, "Coffee garden", "kopi")
    assert await find(q="tenun") == [title.slug, body.slug]
    assert await find(q="tenum") == [title.slug, body.slug]
    assert await find(q="weavign") == [body.slug]
    assert await find(q="wae reboo") == await find(q="waerebo") == [title.slug]
    assert await find(q="tenun kopi") == []
    assert await find(q="zzzzzzzz") == []


async def test_words_follow_the_content(find: Search) -> None:
    house, _ = await make.make_homestay()
    await give_words(house, "Old words")
    assert await find(q="old") == [house.slug]
    await give_words(house, "New words")
    assert await find(q="old") == []
    assert await find(q="new") == [house.slug]


async def test_no_more_than_240_are_counted(find: Search) -> None:
    host = await make.make_host()
    for _ in range(243):
        listing = await make.make_listing(kind="homestay", host_id=host.id)
        del listing
    await page_cache.bump()
    assert len(await find()) == 240
