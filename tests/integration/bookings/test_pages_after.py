"""After booking: the calendar file, cancelling with the refund shown first, changing with the difference shown."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
from icalendar import Calendar

from market import clock, db
from market.bookings import rows, service
from market.bookings.states import State
from market.listings import allotments
from market.outbox import worker
from market.outbox.tools import Tools
from market.payments import queries as payments
from market.payments.rules import Method
from market.payments.rules import State as PaymentState
from tests.factories import in_days, make_homestay, make_listing, make_person, make_start
from tests.integration.bookings.doing import book, pay_demo
from tests.integration.villages import pool
from tests.web import follow, submit


async def test_the_calendar_file_keeps_its_id_and_tells_a_cancellation(
    client: httpx.AsyncClient, tools: Tools
):
    listing = await make_listing()
    start = await make_start(listing)
    reference = await book(client, tools, listing.slug, slot=start.id, adults=1)
    first = await client.get(f"/en/bookings/{reference}/calendar.ics")
    assert first.headers["content-type"].startswith("text/calendar")
    event = Calendar.from_ical(first.text).walk("VEVENT")[0]
    assert event["uid"] == f"{reference}@testserver"
    assert event.decoded("dtstart") == start.starts_at
    assert (str(event["status"]), int(event["sequence"])) == ("CONFIRMED", 0)
    assert "Private road 1" in str(event["location"])
    page = await client.get(f"/en/bookings/{reference}/cancel")
    await submit(client, page, action="/cancel")
    gone = Calendar.from_ical((await client.get(f"/en/bookings/{reference}/calendar.ics")).text).walk(
        "VEVENT"
    )[0]
    assert (str(gone["uid"]), str(gone["status"]), int(gone["sequence"])) == (
        str(event["uid"]),
        "CANCELLED",
        1,
    )


async def test_cancelling_shows_the_refund_then_pays_it_back(client: httpx.AsyncClient, tools: Tools):
    listing = await make_listing()
    start = await make_start(listing)
    reference = await book(client, tools, listing.slug, slot=start.id, adults=2)
    page = await client.get(f"/en/bookings/{reference}/cancel")
    assert "Cancel and get Rp\xa0420,000 back" in page.text
    response = await submit(client, page, action="/cancel")
    shown = await follow(client, response)
    assert "Your booking is cancelled." in shown.text
    await worker.drain(tools)
    shown = await client.get(f"/en/bookings/{reference}")
    assert "You cancelled this booking." in shown.text
    assert "Sent back" in shown.text


async def test_a_refund_that_shrank_is_shown_again(client: httpx.AsyncClient, tools: Tools):
    listing = await make_listing()
    start = await make_start(listing, days=3)
    reference = await book(client, tools, listing.slug, slot=start.id, adults=1)
    page = await client.get(f"/en/bookings/{reference}/cancel")
    with clock.frozen(start.starts_at - timedelta(hours=5)):
        response = await submit(client, page, action="/cancel")
    assert response.status_code == 409
    assert "The refund has changed" in response.text
    assert (await rows.get(reference)).state is State.CONFIRMED


async def test_a_dearer_change_is_paid_first_and_a_cheaper_one_gives_back(
    client: httpx.AsyncClient, tools: Tools
):
    listing, room = await make_homestay()
    reference = await book(
        client, tools, listing.slug, from_=in_days(20), to=in_days(22), room=room.id, adults=1
    )
    longer = {"from": in_days(20), "to": in_days(23), "room": room.id, "adults": 1}
    page = await client.get(f"/en/bookings/{reference}/change", params=longer)
    assert "Difference to pay: Rp\xa0210,000." in page.text
    response = await submit(client, page, action="/change")
    await pay_demo(client, tools, response)
    booking = await rows.get(reference)
    assert (booking.ends_on, booking.total_minor) == (in_days(23), 630_000)
    shorter = {"from": in_days(21), "to": in_days(22), "room": room.id, "adults": 1}
    page = await client.get(f"/en/bookings/{reference}/change", params=shorter)
    assert "You get back: Rp\xa0420,000." in page.text
    await follow(client, await submit(client, page, action="/change"))
    assert (await rows.get(reference)).starts_on == in_days(21)


async def test_a_change_to_a_full_date_leaves_the_booking_as_it_was(client: httpx.AsyncClient, tools: Tools):
    listing = await make_listing()
    start, full = await make_start(listing), await make_start(listing, days=25, capacity=1)
    reference = await book(client, tools, listing.slug, slot=start.id, adults=1)
    page = await client.get(f"/en/bookings/{reference}/change", params={"slot": full.id, "adults": 1})
    await db.execute("UPDATE slot SET blocked = 1 WHERE id = $1", full.id)
    response = await submit(client, page, action="/change")
    assert response.status_code == 409
    assert "Sold out" in response.text
    assert (await rows.get(reference)).slot_id == start.id
    same = await client.get(f"/en/bookings/{reference}/change", params={"slot": start.id, "adults": 1})
    assert "This is what you have already booked." in same.text


async def test_a_request_is_taken_back(client: httpx.AsyncClient, tools: Tools):
    listing = await make_listing(instant=False)
    start = await make_start(listing)
    reference = await book(client, tools, listing.slug, "transfer", slot=start.id, adults=1)
    page = await client.get(f"/en/bookings/{reference}")
    shown = await follow(client, await submit(client, page, action="/withdraw"))
    assert "You took this booking back." in shown.text
    assert (await rows.get(reference)).state is State.WITHDRAWN


async def expected_at_the_village(reference: str) -> list[int]:
    """The amounts that the host may still mark as paid."""
    paid = await payments.list_payments(reference)
    return [p.amount_minor for p in paid if p.method is Method.ON_ARRIVAL and p.state is PaymentState.PENDING]


async def test_the_village_expects_the_price_of_an_accepted_request(client: httpx.AsyncClient, tools: Tools):
    listing = await make_listing(instant=False)
    start = await make_start(listing)
    reference = await book(client, tools, listing.slug, "on_arrival", slot=start.id, adults=1)
    assert await expected_at_the_village(reference) == []
    await service.accept(reference, by=None, actor="host", now=clock.now())
    assert await expected_at_the_village(reference) == [210_000]


async def test_the_village_expects_the_new_price_after_a_change(client: httpx.AsyncClient, tools: Tools):
    listing = await make_listing()
    start = await make_start(listing)
    reference = await book(client, tools, listing.slug, "on_arrival", slot=start.id, adults=1)
    page = await client.get(f"/en/bookings/{reference}/change", params={"slot": start.id, "adults": 2})
    assert "You pay the new price when you arrive." in page.text
    await submit(client, page, action="/change")
    assert await expected_at_the_village(reference) == [420_000]


async def test_what_cannot_be_changed_says_why_and_what_to_do(client: httpx.AsyncClient, tools: Tools):
    listing, room = await make_homestay()
    reference = await book(
        client, tools, listing.slug, from_=in_days(20), to=in_days(22), room=room.id, adults=1
    )
    here = f"/en/bookings/{reference}"
    assert "Change dates or party" in (await client.get(here)).text
    told = {
        "It begins too soon": "UPDATE booking SET cutoff_at = held_at WHERE reference = $1",
        "The host agreed to these days": "UPDATE booking SET instant = FALSE WHERE reference = $1",
    }
    for words, change in told.items():
        await db.execute(change, reference)
        page = (await client.get(here)).text
        assert words in page
        assert "Change dates or party" not in page
        assert "Write to the host" in page
        back = await client.get(f"{here}/change")
        assert back.status_code == 303
        assert words in (await follow(client, back)).text


async def test_what_a_promise_sold_is_changed_within_it(client: httpx.AsyncClient, tools: Tools):
    listing, room = await make_homestay(instant=False, rooms=2)
    by = (await make_person()).id
    await allotments.declare(listing.id, room.id, 1, by=by, now=clock.now())
    reference = await book(
        client, tools, listing.slug, "on_arrival", from_=in_days(20), to=in_days(22), room=room.id, adults=1
    )
    here = f"/en/bookings/{reference}/change"
    longer = {"from": in_days(20), "to": in_days(23), "room": room.id, "adults": 1}
    assert "The host has promised to keep some days" in (await client.get(here)).text
    beyond = await client.get(here, params={**longer, "rooms": 2, "adults": 2})
    assert "more than the host has promised" in beyond.text
    assert "Your change" not in beyond.text
    page = await client.get(here, params=longer)
    assert "Your change" in page.text
    shown = await follow(client, await submit(client, page, action="/change"))
    assert "Your booking is changed." in shown.text
    assert (await rows.get(reference)).ends_on == in_days(23)


async def test_a_change_of_a_village_s_booking_names_the_family_that_would_host(
    client: httpx.AsyncClient, tools: Tools
):
    village = await pool.build(2)
    first, second = village.homes
    listing = await client.get(f"/en/listings/{village.listing.slug}")
    assert "The family whose turn it is" in listing.text
    reference = await book(
        client, tools, village.listing.slug, "on_arrival", from_=in_days(20), to=in_days(22), adults=2
    )
    await pool.hold(first.listing, first.room, 30, 32)
    here = f"/en/bookings/{reference}/change"
    page = await client.get(here, params={"from": in_days(30), "to": in_days(32), "adults": 2})
    assert f"It would be the turn of {second.host.name}" in page.text
    same = await client.get(here, params={"from": in_days(21), "to": in_days(23), "adults": 2})
    assert "Your change" in same.text
    assert "the turn of" not in same.text
    await db.execute("UPDATE listing SET address = 'House ' || id WHERE pooled = FALSE")
    await db.execute(
        "UPDATE listing_text SET access = 'Ask for us at the gate' WHERE locale = 'en' AND listing_id = $1",
        second.listing.id,
    )
    first_house = await client.get(f"/en/bookings/{reference}")
    assert f"{first.host.name} and family" in first_house.text
    assert f"House {first.listing.id}" in first_house.text
    shown = await follow(client, await submit(client, page, action="/change"))
    assert second.host.name in shown.text
    assert f"House {second.listing.id}" in shown.text
    assert "Ask for us at the gate" in shown.text


async def test_the_own_date_can_be_kept_although_it_is_full(client: httpx.AsyncClient, tools: Tools):
    listing = await make_listing()
    full = await make_start(listing, capacity=2)
    reference = await book(client, tools, listing.slug, "on_arrival", slot=full.id, adults=2)
    here = f"/en/bookings/{reference}/change"
    for others in (1, 8):  # as rows, and folded into a select
        for n in range(others):
            await make_start(listing, days=30 + others + n)
        page = (await client.get(here)).text
        assert "Your date" in page
        assert re.search(rf'value="{full.id}" (checked|selected)>', page)
    fewer = await client.get(here, params={"slot": full.id, "adults": 1})
    assert "Your change" in fewer.text


async def test_too_many_guests_hear_the_listing_s_own_limit_beside_what_else_is_wrong(
    client: httpx.AsyncClient,
):
    listing, room = await make_homestay()
    asked = {"from": in_days(20), "to": in_days(20), "room": room.id, "adults": 99}
    page = (await client.get(f"/en/listings/{listing.slug}/book", params=asked)).text
    assert f"At most {listing.max_party} guests." in page
    first, second = page.index("Choose a day after the day you arrive."), page.index("At most")
    assert first < second


async def test_a_trip_that_waits_says_until_when(client: httpx.AsyncClient, tools: Tools):
    listing = await make_listing()
    start = await make_start(listing)
    await book(client, tools, listing.slug, "transfer", slot=start.id, adults=1)
    assert re.search(r"Pay by \d+ \w+ \d{4}, \d\d:\d\d WITA", (await client.get("/en/trips")).text)
