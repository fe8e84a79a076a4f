"""From choosing to a confirmed booking, as a browser without JavaScript and without an account does it."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from market import clock, db
from market.bookings import rows
from market.bookings.states import State
from market.outbox import worker
from market.outbox.tools import Tools
from tests.factories import in_days, make_extra, make_homestay, make_listing, make_room, make_start
from tests.integration.bookings.doing import CONTACT, book, check_out, hold, look, pay_demo
from tests.web import forms, submit


async def test_a_class_is_found_priced_held_paid_and_confirmed(client: httpx.AsyncClient, tools: Tools):
    listing = await make_listing()
    start = await make_start(listing)
    page = await look(client, listing.slug, slot=start.id, adults=2)
    assert page.status_code == 200
    assert "Rp\xa0420,000" in page.text
    assert "Adults, 2 × Rp\xa0210,000" in page.text
    reference = await hold(client, listing.slug, slot=start.id, adults=2)
    response = await check_out(client, reference, "demo_card")
    assert response.status_code == 303
    shown = await pay_demo(client, tools, response)
    assert "Your booking is confirmed." in shown.text
    assert "Voucher" in shown.text
    assert "Private road 1" in shown.text
    assert "+628120000000" in shown.text
    assert (await rows.get(reference)).state is State.CONFIRMED


async def test_a_stay_paid_at_the_village_is_confirmed_at_once_in_indonesian(
    client: httpx.AsyncClient, tools: Tools
):
    listing, room = await make_homestay(rooms=2)
    choice = {"from_": in_days(10), "to": in_days(12), "room": room.id, "adults": 3}
    page = await look(client, listing.slug, "id", **choice)
    assert "Rp\xa0840.000" in page.text  # two rooms because three people came, two nights
    reference = await hold(client, listing.slug, "id", **choice)
    response = await check_out(client, reference, "on_arrival", "id")
    assert response.headers["location"].endswith(f"/bookings/{reference}")
    await worker.drain(tools)
    booking = await rows.get(reference)
    assert (booking.state, booking.offer["rooms"], booking.locale) == (State.CONFIRMED, 2, "id")


async def test_a_request_waits_for_the_host(client: httpx.AsyncClient, tools: Tools):
    listing = await make_listing(kind="tour", instant=False)
    start = await make_start(listing, days=30)
    reference = await hold(client, listing.slug, slot=start.id, adults=1)
    response = await check_out(client, reference, "demo_card")
    shown = await pay_demo(client, tools, response)
    assert "Waiting for the host" in shown.text
    assert "Voucher" not in shown.text
    assert "Private road 1" not in shown.text


async def test_a_transfer_shows_where_and_how_much(client: httpx.AsyncClient, tools: Tools):
    listing = await make_listing()
    start = await make_start(listing)
    reference = await book(client, tools, listing.slug, "transfer", slot=start.id, adults=1)
    shown = await client.get(f"/en/bookings/{reference}")
    for fact in ("Bank Uji", "123-456-789", "TR-", "Rp\xa0210,000", "Please pay by"):
        assert fact in shown.text


async def test_the_return_page_waits_and_never_confirms(client: httpx.AsyncClient, tools: Tools):
    listing = await make_listing()
    start = await make_start(listing)
    reference = await hold(client, listing.slug, slot=start.id, adults=1)
    await check_out(client, reference, "demo_card")
    waiting = await client.get(f"/en/bookings/{reference}/return")
    assert waiting.status_code == 200
    assert waiting.headers["refresh"].startswith("3; url=/en/bookings/")
    assert (await rows.get(reference)).state is State.HELD
    given_up = await client.get(f"/en/bookings/{reference}/return?tries=20")
    assert "refresh" not in given_up.headers


@pytest.mark.parametrize("key_kept", [True, False])
async def test_pressing_hold_twice_makes_one_hold(client: httpx.AsyncClient, key_kept: bool):
    listing = await make_listing()
    start = await make_start(listing)
    page = await look(client, listing.slug, slot=start.id, adults=1)
    first = await submit(client, page, action="/book")
    second = await submit(
        client, page, {} if key_kept else {"adults": "2", "shown": "420000"}, action="/book"
    )
    assert (first.headers["location"] == second.headers["location"]) is key_kept


async def test_the_price_button_leads_to_the_priced_address(client: httpx.AsyncClient):
    listing = await make_listing()
    start = await make_start(listing)
    response = await submit(
        client,
        await look(client, listing.slug),
        {"slot": str(start.id), "adults": "2", "look": "1"},
        action="/book",
    )
    assert response.status_code == 303
    assert f"slot={start.id}" in response.headers["location"]
    assert "csrf" not in response.headers["location"]


async def test_sold_out_says_so_with_other_dates_and_keeps_the_choice(client: httpx.AsyncClient):
    listing = await make_listing()
    start = await make_start(listing, days=20, capacity=1)
    other = await make_start(listing, days=27)
    page = await look(client, listing.slug, slot=start.id, adults=1)
    await db.execute("UPDATE slot SET blocked = 1 WHERE id = $1", start.id)
    response = await submit(client, page, action="/book")
    assert response.status_code == 409
    assert "Sold out" in response.text
    assert f"slot={other.id}" in response.text
    row = await db.fetch_one("SELECT COUNT(*) AS n FROM booking")
    assert row
    assert row["n"] == 0


async def test_a_full_house_offers_another_room_and_the_nearest_nights(client: httpx.AsyncClient):
    listing, room = await make_homestay(rooms=1)
    garden = await make_room(listing, count=1)
    await hold(client, listing.slug, from_=in_days(10), to=in_days(12), room=room.id, adults=1)
    page = await look(client, listing.slug, from_=in_days(10), to=in_days(12), room=room.id, adults=1)
    assert page.status_code == 200
    assert "Sold out" in page.text
    assert f"room={garden.id}" in page.text
    assert f"from={in_days(12)}" in page.text
    assert f"from={in_days(8)}" in page.text


async def test_an_expired_hold_keeps_the_details_and_holds_again(client: httpx.AsyncClient):
    listing = await make_listing()
    start = await make_start(listing)
    reference = await hold(client, listing.slug, slot=start.id, adults=2)
    page = await client.get(f"/en/bookings/{reference}/checkout")
    with clock.frozen(clock.now() + timedelta(minutes=16)):
        over = await submit(client, page, {**CONTACT, "method": "transfer"}, action="/checkout")
        assert over.status_code == 409
        assert "The time to book has run out" in over.text
        again = await submit(client, over, {"again": "1"}, action="/checkout")
        assert again.status_code == 200
        data = next(form["data"] for form in forms(again.text) if "email" in form["data"])
        assert (data["name"], data["email"], data["phone"]) == (
            CONTACT["name"],
            CONTACT["email"],
            CONTACT["phone"],
        )
        fresh = await submit(client, again, {"method": "transfer"}, action="/checkout")
        assert fresh.status_code == 303
        assert reference not in fresh.headers["location"]


async def test_more_time_keeps_what_was_typed(client: httpx.AsyncClient):
    listing = await make_listing()
    start = await make_start(listing)
    reference = await hold(client, listing.slug, slot=start.id, adults=1)
    before = (await rows.get(reference)).expires_at
    page = await client.get(f"/en/bookings/{reference}/checkout")
    with clock.frozen(clock.now() + timedelta(minutes=10)):
        more = await submit(client, page, {"name": "Half Typed", "extend": "1"}, action="/checkout")
    assert 'value="Half Typed"' in more.text
    after = (await rows.get(reference)).expires_at
    assert before
    assert after
    assert after - before > timedelta(minutes=9)


async def test_extras_are_priced_and_their_limits_kept(client: httpx.AsyncClient):
    listing = await make_listing()
    start = await make_start(listing)
    await make_extra(listing)
    page = await look(client, listing.slug, slot=start.id, adults=2, extra_dinner=2)
    assert "Dinner, 2 × Rp\xa052,500" in page.text
    too_many = await look(client, listing.slug, slot=start.id, adults=2, extra_dinner=3)
    assert "At most 2 guests." in too_many.text
