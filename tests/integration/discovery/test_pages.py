"""The guests' pages through the whole application: what they show, and that bad input never breaks them."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from io import BytesIO
from xml.etree import ElementTree as ET

import httpx
import pytest
from PIL import Image

from market import clock, db
from market.listings.models import Listing, RoomType, Slot
from market.listings.search_words import index_listing
from market.values.dates import local_instant
from market.web import page_cache
from tests import factories as make
from tests.web import forms

WORST = [
    "%00",
    "-1",
    "99999999999999999999999",
    "2026-02-30",
    "'; DROP TABLE listing; --",
    "%ED%A0%80",
    "x" * 3000,
]


def text(response: httpx.Response) -> str:
    """The words of a page, without tags."""
    assert response.status_code == 200, response.text[:300]
    body = re.sub(r"<(script|style|symbol)\b.*?</\1>", " ", response.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


async def a_tour() -> tuple[Listing, Slot]:
    tour = await make.make_listing(kind="tour", title="Five slow days", price_minor=1_000_000)
    await make.make_payee(tour, bp=2000)
    return tour, await make.make_start(tour, days=20, capacity=6, min_guests=2)


async def fill(room: RoomType, listing: Listing, in_days: int) -> None:
    night = make.in_days(in_days)
    await Slot.create(
        kind="night", listing_id=listing.id, room_type_id=room.id, starts_on=night,
        ends_on=night + timedelta(days=1), starts_at=local_instant(night), ends_at=local_instant(night),
        book_until=local_instant(night), capacity=room.count, confirmed=room.count,
    )  # fmt: skip


@pytest.mark.parametrize("locale", ["id", "en"])
async def test_every_guest_page_in_both_languages(client: httpx.AsyncClient, locale: str) -> None:
    tour, _ = await a_tour()
    house, _ = await make.make_homestay(title="House below the mountain")
    lesson = await make.make_listing(title="Weaving buna")
    await make.make_start(lesson, days=12)
    village = await db.fetch_one("SELECT slug FROM village WHERE id = $1", tour.village_id)
    assert village is not None
    paths = ["", "search", "money", f"villages/{village['slug']}"]
    paths += [f"listings/{listing.slug}" for listing in (tour, house, lesson)]
    for path in paths:
        response = await client.get(f"/{locale}/{path}")
        assert response.status_code == 200, path
        assert f'<html lang="{locale}">' in response.text
        assert "style=" not in response.text
        assert 'name="csrf"' not in response.text  # kept whole for visitors: nothing personal inside
        assert response.headers.get("etag"), path
        assert response.text.count("<h1") == 1
        twins = re.findall(r'hreflang="([\w-]+)" href="http://testserver/(\w+)/', response.text)
        assert sorted(twins) == [("en", "en"), ("id", "id"), ("x-default", "id")], path
    private = await client.get(f"/{locale}/search", params={"q": "tenun"})
    assert "noindex" in private.text
    assert "x-default" not in private.text


async def test_results_show_the_whole_price_for_the_party_and_the_days(client: httpx.AsyncClient) -> None:
    tour, slot = await a_tour()
    await make.make_homestay(title="House below the mountain")
    query = f"from={slot.starts_on}&to={slot.ends_on}&adults=2&children=1"
    page = text(await client.get(f"/en/search?{query}"))
    assert "1 experience" in page
    assert "Rp\xa02,625,000" in page or "Rp 2,625,000" in page  # 2 × 1,050,000 + 525,000
    assert "3 guests" in page
    assert "House below" not in page  # the room sleeps two
    links = (await client.get(f"/en/search?{query}")).text
    assert (
        f"/en/listings/{tour.slug}?from={slot.starts_on}&amp;to={slot.ends_on}&amp;adults=2&amp;children=1"
        in links
    )


@pytest.mark.parametrize(
    "name",
    ["q", "place", "from", "to", "adults", "children", "kind", "max", "language", "theme", "sort", "page"],
)
async def test_bad_input_to_search_is_answered(client: httpx.AsyncClient, name: str) -> None:
    await a_tour()
    for value in WORST:
        response = await client.get(f"/en/search?{name}={value}&kind=tour")
        assert response.status_code == 200, (name, value)


@pytest.mark.parametrize(
    "name",
    [
        "from",
        "to",
        "adults",
        "children",
        "infants",
        "room",
        "rooms",
        "slot",
        "month",
        "reviews",
        "extra_dinner",
    ],
)
async def test_bad_input_to_a_listing_is_answered(client: httpx.AsyncClient, name: str) -> None:
    tour, _ = await a_tour()
    await make.make_extra(tour)
    house, _ = await make.make_homestay()
    for value in [*WORST, "0001-01", "9999-12", "9999-12-31", make.in_days(400).isoformat()]:
        for listing in (tour, house):
            response = await client.get(f"/en/listings/{listing.slug}?{name}={value}")
            assert response.status_code == 200, (name, value)


async def test_unknown_things_are_not_found(client: httpx.AsyncClient) -> None:
    draft = await make.make_listing(status="draft")
    paths = [f"/en/listings/{draft.slug}", "/en/listings/nothing", "/en/villages/nothing", "/xx/search"]
    paths += ["/covers/1-card-atlantis-house/a.svg", "/covers/9/a.svg", "/media/originals/1/a.jpg"]
    paths += ["/media/photos/%2e%2e/x", "/media/photos/ab/none.webp"]
    for path in paths:
        assert (await client.get(path)).status_code == 404, path
    for path in ("/en/listings/%00", "/en/villages/%00"):
        assert (await client.get(path)).status_code in {400, 404}


async def test_the_tour_page_tells_the_story_and_the_price(client: httpx.AsyncClient) -> None:
    tour, slot = await a_tour()
    response = await client.get(f"/en/listings/{tour.slug}?adults=2")
    page = text(response)
    for words in (
        "6 places left",
        "needs 2 more guests to be guaranteed",
        "Where your money goes",
        "Free until 30 days before.",
    ):
        assert words in page, words
    assert "Private road 1" not in response.text  # a family's address is for guests who booked
    assert str(tour.lat) not in response.text
    form = next(f for f in forms(response.text) if f["action"].endswith("/book"))
    assert form["method"] == "get"
    assert form["data"]["slot"] == str(slot.id)
    assert {"adults", "children", "infants"} <= form["data"].keys()
    amounts = [
        int(a.replace(",", "")) for a in re.findall(r'<span class="num">Rp.([\d,]+)</span>', response.text)
    ]
    assert sum(amounts) == 1_050_000


async def test_a_full_departure_is_shown_with_others_instead(client: httpx.AsyncClient) -> None:
    tour, full = await a_tour()
    await Slot.filter(id=full.id).update(confirmed=6)
    free = await make.make_start(tour, days=40)
    page = await client.get(f"/en/listings/{tour.slug}?slot={full.id}&adults=2")
    assert "has no places for your party any more" in text(page)
    assert f"slot={free.id}" in page.text
    page = await client.get(f"/en/listings/{tour.slug}?from={full.starts_on}&to={full.ends_on}&adults=2")
    assert "Nothing is free within your days" in text(page)


async def test_the_calendar_is_used_by_links_alone(client: httpx.AsyncClient) -> None:
    house, room = await make.make_homestay()
    start, full = make.in_days(40).replace(day=1) + timedelta(days=4), timedelta(days=3)
    offset = (start - make.in_days(0)).days
    await fill(room, house, offset + full.days)
    url = f"/en/listings/{house.slug}?month={start:%Y-%m}"
    page = await client.get(url)
    arrive = next(
        unescape(h)
        for h in re.findall(r'href="([^"]+)"', page.text)
        if f"from={start}" in h and "#calendar" in h
    )
    page = await client.get(arrive)
    assert "Now choose the day you leave." in text(page)
    leave = start + timedelta(days=2)
    hrefs = [unescape(h) for h in re.findall(r'href="([^"]+)"', page.text) if "#calendar" in h]
    chosen = next(h for h in hrefs if f"from={start}" in h and f"to={leave}" in h)
    assert not any(
        f"from={start}" in h and f"to={start + timedelta(days=4)}" in h for h in hrefs
    )  # across a full night
    page = await client.get(chosen)
    assert "Rp 420,000" in text(page).replace("\xa0", " ")  # two nights at 210,000
    form = next(f for f in forms(page.text) if f["action"].endswith("/book"))
    assert (form["data"]["from"], form["data"]["to"], form["data"]["room"]) == (
        str(start),
        str(leave),
        str(room.id),
    )


async def test_a_taken_room_offers_other_rooms_and_days(client: httpx.AsyncClient) -> None:
    house, room = await make.make_homestay()
    other = await make.make_room(house)
    await fill(room, house, 20)
    query = f"from={make.in_days(20)}&to={make.in_days(21)}&room={room.id}&adults=2"
    page = await client.get(f"/en/listings/{house.slug}?{query}")
    assert "not free on all of these nights" in text(page)
    assert f"room={other.id}" in page.text
    assert f"from={make.in_days(21)}" in page.text


async def test_closed_days_say_why(client: httpx.AsyncClient) -> None:
    house, _ = await make.make_homestay()
    await make.make_closure(house, make.in_days(5), make.in_days(6))
    assert "Harvest ceremony" in text(await client.get(f"/en/listings/{house.slug}"))


async def test_a_paused_listing_cannot_be_booked(client: httpx.AsyncClient) -> None:
    house, _ = await make.make_homestay(status="paused")
    response = await client.get(f"/en/listings/{house.slug}")
    assert "not taking bookings" in text(response)
    assert "/book" not in response.text


async def test_reviews_with_their_language_and_pages(client: httpx.AsyncClient) -> None:
    lesson = await make.make_listing(rating_sum=35, rating_count=8)
    for n in range(8):
        await db.execute(
            "INSERT INTO review (listing_id, host_id, author, country, stars, body, locale, written_at, published_at)"
            " VALUES ($1, $7, $2, $3, 4, $4, $5, $6, $6)",
            lesson.id, f"Guest {n}", '{"en":"Japan","id":"Jepang"}', f"Words {n}", "id" if n % 2 else "en",
            clock.now() - timedelta(days=n), lesson.host_id,
        )  # fmt: skip
    page = await client.get(f"/en/listings/{lesson.slug}")
    assert "4.4 from 8 reviews" in text(page)
    assert 'lang="id"' in page.text
    assert "Guest 7" not in text(page)
    assert "Guest 7" in text(await client.get(f"/en/listings/{lesson.slug}?reviews=2"))


async def test_nothing_found_suggests_what_is(client: httpx.AsyncClient) -> None:
    await make.make_homestay()
    village = await make.make_village(island="alor", code="53.05.07.2001")
    host = await make.make_host(village_id=village.id)
    await make.make_listing(kind="homestay", host_id=host.id, island="alor", kabupaten="53.05", max_party=1)
    page = text(await client.get("/en/search?place=alor&adults=2"))
    assert "No listing fits this search" in page
    assert "Flores (1)" in page


async def test_words_that_no_listing_has_together_are_offered_alone(client: httpx.AsyncClient) -> None:
    for title in ("House below the mountain", "Rooms by the harbour"):
        house, _ = await make.make_homestay(title=title)
        await index_listing(house.id, [title], 1, titles=[title])
    page = await client.get("/en/search?q=mountain+harbour")
    assert "No listing fits this search" in text(page)
    assert "“mountain” (1)" in text(page)
    assert "q=harbour" in page.text


async def test_pages_follow_the_content_at_once(client: httpx.AsyncClient) -> None:
    house, _ = await make.make_homestay(title="Before")
    assert "Before" in text(await client.get("/en/search"))
    await db.execute("UPDATE listing_text SET title = 'After' WHERE listing_id = $1", house.id)
    async with db.transaction():
        await page_cache.bump()
    assert "After" in text(await client.get("/en/search"))


async def test_the_map_and_the_money_page(client: httpx.AsyncClient) -> None:
    await a_tour()
    home = await client.get("/en/")
    assert "Flores, 1 experience" in home.text
    assert "Rp 950,000" in text(await client.get("/en/money")).replace("\xa0", " ")


async def test_the_site_map_names_every_page_in_every_language(client: httpx.AsyncClient) -> None:
    tour, _ = await a_tour()
    response = await client.get("/sitemap.xml")
    root = ET.fromstring(response.content)  # noqa: S314 - our own document
    locations = [node.text for node in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert f"http://testserver/id/listings/{tour.slug}" in locations
    assert f"http://testserver/en/listings/{tour.slug}" in locations
    twins = list(root.iter("{http://www.w3.org/1999/xhtml}link"))
    assert len(twins) == len(locations) * 3


async def test_covers_are_the_same_for_ever(client: httpx.AsyncClient) -> None:
    from market.media.covers import cover_url

    url = cover_url("a-house", "flores", "house")
    one, two = await client.get(url), await client.get(url)
    assert one.content == two.content
    assert one.headers["content-type"].startswith("image/svg+xml")
    assert "immutable" in one.headers["cache-control"]


async def test_a_link_to_a_listing_shows_a_picture(client: httpx.AsyncClient) -> None:
    tour, _ = await a_tour()
    page = await client.get(f"/id/listings/{tour.slug}")
    found = re.search(r'property="og:image" content="http://testserver(/[^"]+)"', page.text)
    assert found
    picture = await client.get(found[1])
    assert picture.headers["content-type"] == "image/jpeg"
    assert "immutable" in picture.headers["cache-control"]
    with Image.open(BytesIO(picture.content)) as image:
        assert image.size == (1200, 630)
    home = await client.get("/id/")
    found = re.search(r'property="og:image" content="http://testserver(/[^"]+)"', home.text)
    assert found
    assert (await client.get(found[1])).headers["content-type"] == "image/jpeg"
    for other in (
        found[1].replace("static", "covers"),
        "/covers/1-card-alor-moko/a.jpg",
        "/covers/1-preview-alor-moko/a.svg",
    ):
        assert (await client.get(other)).status_code == 404, other


async def test_few_queries_a_page(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from market.db import sql

    for _ in range(3):
        await make.make_homestay()
    lesson = await make.make_listing()
    slot = await make.make_start(lesson, days=10)
    await client.get("/en/search")
    counted: list[str] = []
    real = sql.fetch

    async def counting(query: str, *params: object) -> object:
        counted.append(query)
        return await real(query, *params)

    monkeypatch.setattr(sql, "fetch", counting)
    monkeypatch.setattr(db, "fetch", counting)
    await client.get("/en/search?kind=homestay")
    assert len(counted) <= 2, counted
    counted.clear()
    await client.get(f"/en/search?from={slot.starts_on}&to={slot.starts_on + timedelta(days=2)}&adults=2")
    assert len(counted) <= 5, counted


async def test_sums_of_the_ledger_stand_on_the_money_and_village_pages(client: httpx.AsyncClient) -> None:
    from market.payments import ledger

    village = await make.make_village(slug="bena")
    async with db.transaction():
        moves = [
            ("liab:guest_hold:B1", "liab:host_payable:7", 950_000),
            ("liab:guest_hold:B1", ledger.community_fund(village.id), 50_000),
            ("liab:guest_hold:B1", ledger.SERVICE_FEE, 50_000),
        ]
        await ledger.post("rel:B1", "completed", "B1", moves, clock.now())
    page = text(await client.get("/en/money")).replace("\xa0", " ")
    assert "Of Rp 1,050,000 from 1 completed booking" in page
    assert "Rp 50,000 from completed bookings so far" in text(await client.get("/en/villages/bena")).replace(
        "\xa0", " "
    )
