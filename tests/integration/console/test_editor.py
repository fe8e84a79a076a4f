"""The listing editor: each kind from its first question to published, in both languages, losing nothing."""

from __future__ import annotations

import pytest

from market.db import execute, fetch_one
from market.listings import draft_queries
from market.listings.models import Listing
from market.listings.offering import Kind
from tests import factories, web
from tests.integration.console import desk

WORDS = {
    "title_id": "Menenun kain buna",
    "title_en": "Weaving a buna cloth",
    "summary_id": "Satu pagi di alat tenun.",
    "summary_en": "A morning at the loom.",
    "body_id": "Kita mulai dari benang.\n\nLalu menenun.",
    "body_en": "We begin with thread.\n\nThen we weave.",
    "included_id": "Benang\nKopi",
    "included_en": "Thread\nCoffee",
}


async def begin(client, kind: str) -> Listing:
    person = await factories.make_person()
    await factories.make_host(person=person)
    await web.sign_in(client, person.id)
    answer = await web.post_form(
        client, "/en/host/new", {"kind": kind, "title_id": WORDS["title_id"]}, action="/host/new"
    )
    assert answer.status_code == 303
    listing = await Listing.all().order_by("-id").first()
    assert listing is not None
    assert listing.status == "draft"
    return listing


async def save(client, listing: Listing, section: str, values: dict[str, object]):
    path = f"/en/host/listings/{listing.slug}/edit/{section}"
    answer = await web.post_form(client, path, values)
    assert answer.status_code == 303, answer.text
    return answer


async def publish(client, listing: Listing) -> str:
    text = await desk.page(client, f"/en/host/listings/{listing.slug}")
    assert "things to do before" not in text, text
    await web.post_form(client, f"/en/host/listings/{listing.slug}", action="/status")
    row = await fetch_one("SELECT status FROM listing WHERE id = $1", listing.id)
    assert row is not None
    return row["status"]


async def test_a_class_from_the_first_question_to_its_guests(client):
    listing = await begin(client, "lesson")
    overview = await desk.page(client, f"/id/host/listings/{listing.slug}")
    assert listing.slug in overview
    await save(client, listing, "words", WORDS)
    await save(client, listing, "price", {"price": "Rp 175.000", "ages": "children", "child_percent": "60"})
    await save(client, listing, "groups", {"min_size-0": "4", "price-0": "150.000"})
    step = {"title_id-0": "Benang", "title_en-0": "Thread", "body_id-0": "Memintal", "body_en-0": "Spinning"}
    await save(client, listing, "steps", step)
    await save(client, listing, "terms", {"languages": ["id", "uab"], "instant": "yes", "minutes": "150"})
    extra = {"name_id-0": "Makan siang", "name_en-0": "Lunch", "price-0": "40000", "per-0": "person"}
    await save(client, listing, "extras", extra)
    payee = {"name_id-0": "Mama Ance", "name_en-0": "Mama Ance", "kind-0": "guide", "share-0": "12,5"}
    await save(client, listing, "payees", payee)
    date = factories.in_days(10).isoformat()
    calendar = f"/en/host/calendar?listing={listing.slug}"
    await web.post_form(
        client, calendar, {"starts_on": date, "at": "09:00", "weeks": "3"}, action="/dates/new"
    )
    assert await publish(client, listing) == "published"
    draft = await draft_queries.get_draft(listing.id)
    assert draft is not None
    assert draft.texts["en"].included == ("Thread", "Coffee")
    assert draft.price_minor == 175_000
    assert [(band.key, band.percent) for band in draft.bands] == [("adult", 100), ("child", 60)]
    assert draft.group_prices[0].price_minor == 150_000
    assert draft.payees[0].bp == 1250
    assert draft.extras[0].key == "lunch"
    assert draft.instant
    assert draft.languages == ("id", "uab")


async def test_a_homestay_with_rooms_seasons_and_weekdays(client):
    listing = await begin(client, "homestay")
    await save(client, listing, "words", WORDS)
    room = {"name_id-0": "Kamar depan", "name_en-0": "Front room", "count-0": "2", "sleeps-0": "3"}
    answer = await save(client, listing, "rooms", {**room, "price-0": "250.000", "more": "yes"})
    assert answer.headers["location"].endswith("more=1")
    second = {"name_id-1": "Kamar kebun", "name_en-1": "Garden room", "count-1": "1", "price-1": "200000"}
    path = f"/en/host/listings/{listing.slug}/edit/rooms?more=1"
    assert (await web.post_form(client, path, second)).status_code == 303
    season = {"name_id-0": "Natal", "name_en-0": "Christmas", "from_day-0": "20", "from_month-0": "12"}
    await save(client, listing, "seasons", {**season, "to_day-0": "5", "to_month-0": "1", "percent-0": "125"})
    await save(client, listing, "weekdays", {"day_5": "110"})
    closed = factories.in_days(9).isoformat()
    reason = {"reason_id-0": "Panen", "reason_en-0": "Harvest"}
    await save(client, listing, "closures", {"start-0": closed, "end-0": closed, **reason})
    await save(client, listing, "place", {"address": "Jalan kecil 3", "emblem": "lontar", "region": "kupang"})
    assert await publish(client, listing) == "published"
    draft = await draft_queries.get_draft(listing.id)
    assert draft is not None
    assert [(room.key, room.price_minor) for room in draft.rooms] == [
        ("front-room", 250_000),
        ("garden-room", 200_000),
    ]
    assert (draft.seasons[0].from_md, draft.seasons[0].to_md) == ("12-20", "01-05")
    assert draft.weekday_percent == {5: 110}
    assert draft.closures[0].texts["en"]["reason"] == "Harvest"
    assert draft.emblem == "lontar"


async def test_a_tour_that_sleeps_in_the_hosts_own_room(client):
    listing = await begin(client, "tour")
    house = await factories.make_listing(kind="homestay", host_id=listing.host_id)
    room = await factories.make_room(house)
    await save(client, listing, "words", WORDS)
    days: dict[str, object] = {}
    for n in range(2):
        days |= {
            f"title_id-{n}": "Hari",
            f"title_en-{n}": "Day",
            f"body_id-{n}": "Jalan",
            f"body_en-{n}": "Walk",
        }
    path = f"/en/host/listings/{listing.slug}/edit/days"
    shown = await desk.page(client, path)
    assert "Day 3" in shown  # three blank days at first
    await save(client, listing, "days", {**days, "sleeps-0": str(room.id), "meals-0": ["lunch", "dinner"]})
    draft = await draft_queries.get_draft(listing.id)
    assert draft is not None
    assert draft.days == 2
    assert draft.steps[0].room_type_id == room.id
    assert draft.steps[0].meals == ("lunch", "dinner")
    date = factories.in_days(20).isoformat()
    calendar = f"/en/host/calendar?listing={listing.slug}"
    await web.post_form(client, calendar, {"starts_on": date, "capacity": "4"}, action="/dates/new")
    assert await publish(client, listing) == "published"


async def test_a_strangers_room_cannot_be_chosen_to_sleep_in(client):
    listing = await begin(client, "tour")
    _, room = await factories.make_homestay()
    values = {"title_id-0": "Hari", "sleeps-0": str(room.id)}
    path = f"/en/host/listings/{listing.slug}/edit/days"
    answer = await web.post_form(client, path, values)
    assert answer.status_code == 422
    assert "Choose one of the options." in answer.text


@pytest.mark.parametrize(
    ("section", "values", "message"),
    [
        ("words", {"title_id": "x" * 71, "summary_en": "kept <b>"}, "Use at most 70 characters."),
        ("words", {"title_id": "a\x00b", "summary_en": "kept <b>"}, "invisible"),
        ("price", {"price": "-5", "summary": ""}, "whole rupiah"),
        ("price", {"price": "99999999999999999999"}, "whole rupiah"),
        ("price", {"price": "999999999"}, "Enter 100000000 or less."),
        (
            "price",
            {"price": "100000", "ages": "babies", "adult_from": "4", "baby_until": "3"},
            "older than babies",
        ),
        ("terms", {"min_party": "5", "max_party": "2"}, "at least as big"),
        ("terms", {"max_party": "1e9"}, "whole number"),
        ("terms", {"policy": "none"}, "cancellation policy"),
        ("terms", {"start_time": "25:99"}, "Enter a time"),
        ("groups", {"min_size-0": "4"}, "Please fill this in."),
        ("groups", {"min_size-0": "4", "price-0": "900.000.000"}, "or less"),
        ("payees", {"name_id-0": "A", "share-0": "95"}, "9000 or less"),
        ("closures", {"start-0": "2026-02-30", "end-0": "2026-03-01", "reason_id-0": "x"}, "Choose a date"),
        (
            "closures",
            {"start-0": "2027-03-02", "end-0": "2027-03-01", "reason_id-0": "x"},
            "ends after it starts",
        ),
        ("place", {"lat": "48.1", "lon": "11.5"}, "East Nusa Tenggara"),
        ("place", {"lat": "nan"}, "East Nusa Tenggara"),
    ],
)
async def test_wrong_input_is_said_at_its_field_and_nothing_is_lost(client, section, values, message):
    listing = await begin(client, "lesson")
    before = await draft_queries.get_draft(listing.id)
    path = f"/en/host/listings/{listing.slug}/edit/{section}"
    answer = await web.post_form(client, path, values)
    assert answer.status_code == 422
    assert message in answer.text
    assert 'class="problem"' in answer.text
    if values.get("summary_en"):
        assert "kept &lt;b&gt;" in answer.text
    assert await draft_queries.get_draft(listing.id) == before


async def test_errors_come_in_indonesian_too(client):
    listing = await begin(client, "lesson")
    answer = await web.post_form(client, f"/id/host/listings/{listing.slug}/edit/price", {"price": "x"})
    assert answer.status_code == 422
    assert 'lang="id"' in answer.text


async def test_publishing_too_early_says_what_is_missing(client):
    listing = await begin(client, "homestay")
    text = await desk.page(client, f"/en/host/listings/{listing.slug}")
    assert "Add at least one room." in text
    assert "Write the title, the summary and the description in English." in text
    form = web.form_with((await client.get("/en/host/new")).text, action="/host/new")
    answer = await client.post(
        f"/en/host/listings/{listing.slug}/status", data={"csrf": form["data"]["csrf"], "status": "published"}
    )
    assert answer.status_code == 303
    row = await fetch_one("SELECT status FROM listing WHERE id = $1", listing.id)
    assert row is not None
    assert row["status"] == "draft"


async def test_a_published_listing_refuses_an_edit_that_would_break_it(client):
    host = await desk.host_with("homestay")
    room = await factories.make_room(host.listing)
    await web.sign_in(client, host.person.id)
    path = f"/en/host/listings/{host.listing.slug}/edit/rooms"
    answer = await web.post_form(client, path, {"remove-0": "yes"})
    assert answer.status_code == 422
    assert "Add at least one room." in answer.text
    assert await fetch_one("SELECT id FROM room_type WHERE id = $1", room.id) is not None


@pytest.mark.parametrize("kind", ["lesson", "homestay", "tour"])
async def test_a_host_previews_a_draft_that_nobody_else_finds(client, kind):
    host = await desk.host_with(kind)
    if kind == "homestay":
        await factories.make_room(host.listing)
    else:
        await factories.make_start(host.listing)
    await execute("UPDATE listing SET status = 'draft', days = 1 WHERE id = $1", host.listing.id)
    assert (await client.get(f"/en/listings/{host.listing.slug}")).status_code == 404
    stranger = await desk.host_with(kind)
    await web.sign_in(client, stranger.person.id)
    assert (await client.get(f"/en/listings/{host.listing.slug}")).status_code == 404
    await web.sign_in(client, host.person.id)
    preview = await client.get(f"/en/listings/{host.listing.slug}")
    assert preview.status_code == 200
    assert "noindex" in preview.text


async def test_pausing_and_publishing_again(client):
    host = await desk.host_with("lesson")
    await factories.make_start(host.listing)
    await web.sign_in(client, host.person.id)
    path = f"/en/host/listings/{host.listing.slug}"
    await web.post_form(client, path, action="/status")
    assert (await Listing.get(id=host.listing.id)).status == "paused"
    await web.post_form(client, path, action="/status")
    assert (await Listing.get(id=host.listing.id)).status == "published"


async def test_anothers_listing_is_not_found_anywhere(client):
    theirs = await desk.host_with("lesson")
    mine = await desk.host_with("lesson")
    await web.sign_in(client, mine.person.id)
    form = web.form_with((await client.get("/en/host/new")).text, action="/host/new")
    base = f"/en/host/listings/{theirs.listing.slug}"
    for path in ("", "/edit/words", "/photos", "/photos/work"):
        assert (await client.get(base + path)).status_code == 404
    for path in ("/status", "/edit/words", "/photos", "/photos/1", "/nights", "/dates/new", "/dates/1"):
        assert (await client.post(base + path, data=form["data"])).status_code == 404
    assert (await client.get(f"/en/host/calendar?listing={theirs.listing.slug}")).status_code == 404
    assert (await client.get(f"/en/host/listings/{mine.listing.slug}/edit/rooms")).status_code == 404
    assert theirs.listing.slug not in (await client.get("/en/host/listings")).text


async def test_a_listing_cannot_be_begun_for_somebody_elses_house(client):
    theirs = await desk.host_with("lesson")
    mine = await desk.host_with("lesson")
    await web.sign_in(client, mine.person.id)
    values = {"kind": "lesson", "title_id": "Masak", "host": str(theirs.organisation.id)}
    answer = await web.post_form(client, "/en/host/new", values, action="/host/new")
    assert answer.status_code == 422
    assert "Choose who hosts." in answer.text


async def test_every_section_of_every_kind_opens_in_both_languages(client):
    from market.console.editor.sections import SECTIONS

    for kind in Kind:
        host = await desk.host_with(kind.value)
        if kind is Kind.HOMESTAY:
            await factories.make_room(host.listing)
        await factories.make_extra(host.listing)
        await execute("UPDATE listing SET address = 'x' WHERE id = $1", host.listing.id)
        await web.sign_in(client, host.person.id)
        for locale in ("id", "en"):
            for section in SECTIONS[kind]:
                await desk.page(client, f"/{locale}/host/listings/{host.listing.slug}/edit/{section.name}")
            await desk.page(client, f"/{locale}/host/listings/{host.listing.slug}")
            await desk.page(client, f"/{locale}/host/listings")
