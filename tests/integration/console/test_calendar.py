"""The host's calendar: nights open and close, what is sold stays, dates come and change."""

from __future__ import annotations

from datetime import timedelta

from market.bookings.quote import Choice
from market.console import calendar_queries
from market.db import execute
from market.listings import queries as listing_queries
from market.listings.models import Slot
from market.values.dates import DateRange
from market.values.party import Party
from tests import factories, web
from tests.integration.bookings import flows
from tests.integration.console import desk


async def homestay(client, *, rooms: int = 1) -> tuple[desk.Host, int, str]:
    host = await desk.host_with("homestay")
    room = await factories.make_room(host.listing, count=rooms)
    await web.sign_in(client, host.person.id)
    return host, room.id, f"/en/host/calendar?listing={host.listing.slug}"


async def sell_night(host: desk.Host, room_id: int, first: int, last: int, tools) -> str:
    offering = await listing_queries.get_offering(listing_id=host.listing.id)
    nights = DateRange(factories.in_days(first), factories.in_days(last))
    reference = await flows.hold_choice(
        host.listing, Choice(Party(2), room=offering.room(room_id), nights=nights)
    )
    await flows.go_on(reference, tools, method="on_arrival")
    return reference


async def blocked(room_id: int) -> list[tuple[str, int]]:
    slots = await Slot.filter(room_type_id=room_id).order_by("starts_on")
    return [(slot.status, slot.blocked) for slot in slots]


async def test_a_tap_closes_a_night_and_another_opens_it(client):
    _host, room_id, path = await homestay(client, rooms=2)
    night = factories.in_days(40)
    month = f"{path}&room={room_id}&month={night:%Y-%m}"
    assert f'value="{night.isoformat()}"' in await desk.page(client, month)
    answer = await web.post_form(client, month, {"night": night.isoformat()}, action="/nights")
    assert answer.status_code == 303
    assert f"month={night:%Y-%m}" in answer.headers["location"]
    assert await blocked(room_id) == [("closed", 2)]
    await web.post_form(client, month, {"night": night.isoformat()}, action="/nights")
    assert await blocked(room_id) == [("open", 0)]


async def test_a_range_closes_and_what_is_sold_refuses_with_the_list(client, tools):
    host, room_id, path = await homestay(client)
    reference = await sell_night(host, room_id, 21, 23, tools)
    first, last = factories.in_days(20).isoformat(), factories.in_days(24).isoformat()
    answer = await web.post_form(
        client, path, {"start": first, "end": last, "act": "close"}, action="/nights"
    )
    assert answer.status_code == 422
    assert reference in answer.text
    assert f'value="{first}"' in answer.text
    assert "Close only what is free" in answer.text
    assert all(status == "open" for status, _ in await blocked(room_id))
    answer = await web.post_form(
        client, path, {"start": first, "end": last, "act": "close_rest"}, action="/nights"
    )
    assert answer.status_code == 303
    slots = await Slot.filter(room_type_id=room_id).order_by("starts_on")
    assert [(slot.confirmed, slot.blocked) for slot in slots] == [(0, 1), (1, 0), (1, 0), (0, 1), (0, 1)]


async def test_wrong_ranges_are_said_at_their_field(client):
    _, _room_id, path = await homestay(client)
    today = factories.in_days(0)
    for values, message in (
        ({"act": "close"}, "Choose the first night."),
        (
            {"start": today.isoformat(), "end": (today - timedelta(days=1)).isoformat(), "act": "close"},
            "after the first",
        ),
        ({"start": "2020-01-01", "end": "2020-01-03", "act": "close"}, "This day has passed"),
        ({"start": today.isoformat(), "end": "2099-01-01", "act": "open"}, "at most a year"),
        ({"start": "yesterday", "act": "open"}, "Choose a date"),
        ({"night": "0000-00-00"}, "Choose a date"),
        ({"room": "-1", "act": "open"}, "Enter 1 or more."),
    ):
        answer = await web.post_form(client, path, values, action="/nights")
        assert answer.status_code == 422, values
        assert message in answer.text
    other = await factories.make_homestay()
    values = {"room": str(other[1].id), "start": today.isoformat(), "act": "close"}
    assert (await web.post_form(client, path, values, action="/nights")).status_code == 404


async def test_the_month_tells_every_state_in_words(client, tools):
    host, room_id, path = await homestay(client)
    await sell_night(host, room_id, 1, 2, tools)
    await factories.make_closure(host.listing, factories.in_days(3), factories.in_days(3))
    for offset in (1, 3):
        day = factories.in_days(offset)
        text = await desk.page(client, f"{path}&month={day:%Y-%m}")
        assert {1: "booked", 3: "closed"}[offset] in text
    assert (await client.get(f"{path}&month=9999-99")).status_code == 200
    assert (await client.get(f"{path}&month=%00&room=x")).status_code == 200


async def test_dates_of_a_class_are_added_week_after_week_or_not_at_all(client):
    host = await desk.host_with("lesson")
    await web.sign_in(client, host.person.id)
    path = f"/en/host/calendar?listing={host.listing.slug}"
    start = factories.in_days(10)
    answer = await web.post_form(
        client,
        path,
        {"starts_on": start.isoformat(), "at": "14:30", "capacity": "5", "weeks": "4"},
        action="/dates",
    )
    assert answer.status_code == 303
    starts = await calendar_queries.list_starts(
        host.listing.id, (await Slot.first()).starts_at - timedelta(days=9)
    )
    assert [each.capacity for each in starts] == [5, 5, 5, 5]
    again = {
        "starts_on": (start - timedelta(days=7)).isoformat(),
        "at": "14:30",
        "capacity": "5",
        "weeks": "2",
    }
    answer = await web.post_form(client, path, again, action="/dates/new")
    assert answer.status_code == 422  # the second week is taken already
    assert await Slot.all().count() == 4
    for values, message in (
        ({"starts_on": "2020-01-01"}, "Choose a date in the future."),
        ({"starts_on": ""}, "Choose a date."),
        ({"starts_on": start.isoformat(), "capacity": "0"}, "Enter 1 or more."),
        ({"starts_on": start.isoformat(), "price": "gratis"}, "whole rupiah"),
        ({"starts_on": start.isoformat(), "weeks": "999"}, "Enter 26 or less."),
    ):
        answer = await web.post_form(client, path, values, action="/dates/new")
        assert answer.status_code == 422
        assert message in answer.text


async def test_places_change_and_a_sold_date_does_not_close(client, tools):
    host = await desk.host_with("tour")
    slot = await factories.make_start(host.listing, capacity=6)
    reference = await flows.hold_seat(host.listing, slot, adults=3)
    await flows.go_on(reference, tools, method="on_arrival")
    await web.sign_in(client, host.person.id)
    path = f"/en/host/calendar?listing={host.listing.slug}"
    assert "3 of 6 sold" in await desk.page(client, path)
    action = f"/dates/{slot.id}"
    refused = await web.post_form(client, path, {"capacity": "2", "act": "capacity"}, action=action)
    assert refused.status_code == 422
    assert reference in refused.text
    assert (
        await web.post_form(client, path, {"capacity": "3", "act": "capacity"}, action=action)
    ).status_code == 303
    assert (await Slot.get(id=slot.id)).capacity == 3
    refused = await web.post_form(client, path, {"act": "close"}, action=action)
    assert refused.status_code == 422
    assert reference in refused.text
    assert (await Slot.get(id=slot.id)).status == "open"


async def test_an_unsold_date_closes_and_opens(client):
    host = await desk.host_with("lesson")
    slot = await factories.make_start(host.listing)
    await web.sign_in(client, host.person.id)
    path = f"/id/host/calendar?listing={host.listing.slug}"
    await web.post_form(client, path, {"act": "close"}, action=f"/dates/{slot.id}")
    assert (await Slot.get(id=slot.id)).status == "closed"
    await web.post_form(client, path, {"act": "open"}, action=f"/dates/{slot.id}")
    assert (await Slot.get(id=slot.id)).status == "open"
    other = await factories.make_start(await factories.make_listing())
    form = web.form_with((await client.get(path)).text, action="/dates/")
    foreign = f"/en/host/listings/{host.listing.slug}/dates/{other.id}"
    assert (await client.post(foreign, data={**form["data"], "act": "close"})).status_code == 404
    await execute("UPDATE slot SET status = 'called_off' WHERE id = $1", slot.id)
    assert "Called off" in await desk.page(client, path.replace("/id/", "/en/"))
