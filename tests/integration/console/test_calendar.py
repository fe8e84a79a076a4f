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


async def test_one_tapped_day_or_many_close_open_and_get_a_price(client):
    _host, room_id, path = await homestay(client, rooms=2)
    night = factories.in_days(40)
    month = f"{path}&room={room_id}&month={night:%Y-%m}"
    assert f'name="day" value="{night.isoformat()}"' in await desk.page(client, month)
    days = [night.isoformat(), (night + timedelta(days=3)).isoformat()]
    answer = await web.post_form(client, month, {"day": days, "act": "close"}, action="/nights")
    assert answer.status_code == 303
    assert f"month={night:%Y-%m}" in answer.headers["location"]
    assert await blocked(room_id) == [("closed", 2), ("closed", 2)]
    await web.post_form(client, month, {"day": days[0], "act": "open"}, action="/nights")
    assert await blocked(room_id) == [("open", 0), ("closed", 2)]
    answer = await web.post_form(
        client, month, {"day": days, "act": "price", "price": "Rp 275.000"}, action="/nights"
    )
    assert answer.status_code == 303
    assert [slot.price_minor for slot in await Slot.all()] == [275_000, 275_000]
    assert '<small class="own">275</small>' in (await client.get(month)).text
    await web.post_form(client, month, {"day": days, "act": "usual"}, action="/nights")
    assert [slot.price_minor for slot in await Slot.all()] == [None, None]
    await web.post_form(client, month, {"day": days[0], "act": "rooms", "rooms": "1"}, action="/nights")
    assert (await blocked(room_id))[0] == ("open", 1)


async def test_a_stretch_may_mean_some_weekdays_only(client):
    _, _, path = await homestay(client)
    monday = factories.in_days(30)
    monday += timedelta(days=-monday.weekday())
    values = {
        "start": monday.isoformat(),
        "end": (monday + timedelta(days=13)).isoformat(),
        "weekdays": ["4", "5"],
        "act": "price",
        "price": "300000",
    }
    assert (await web.post_form(client, path, values, action="/nights")).status_code == 303
    assert sorted(slot.starts_on.weekday() for slot in await Slot.all()) == [4, 4, 5, 5]


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
        ({"act": "close"}, "Choose days from the calendar"),
        ({"start": today.isoformat(), "act": "price"}, "whole rupiah"),
        (
            {"start": today.isoformat(), "end": (today - timedelta(days=1)).isoformat(), "act": "close"},
            "after the first",
        ),
        ({"start": "2020-01-01", "end": "2020-01-03", "act": "close"}, "This day has passed"),
        ({"start": today.isoformat(), "end": "2099-01-01", "act": "open"}, "at most a year"),
        ({"start": "yesterday", "act": "open"}, "Choose a date"),
        ({"day": "0000-00-00", "act": "open"}, "Choose days from the calendar"),
        ({"start": today.isoformat()}, "Choose what to do"),
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
        action="/dates/new",
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
    other = await factories.make_start(host.listing, days=30, capacity=6)
    both = [str(slot.id), str(other.id)]
    for change in ({"act": "capacity", "places": "2"}, {"act": "close"}):
        refused = await web.post_form(client, path, {"slot": both, **change}, action="/dates")
        assert refused.status_code == 422
        assert reference in refused.text
        assert "What stands in the way" in refused.text
        assert f'value="{other.id}" checked' in refused.text
    answer = await web.post_form(
        client, path, {"slot": both, "act": "capacity", "places": "3"}, action="/dates"
    )
    assert answer.status_code == 303
    assert {s.capacity for s in await Slot.all()} == {3}
    await web.post_form(
        client, path, {"slot": both, "act": "price", "new_price": "1.500.000"}, action="/dates"
    )
    assert {s.price_minor for s in await Slot.all()} == {1_500_000}
    assert {s.status for s in await Slot.all()} == {"open"}
    for wrong, message in (
        ({"act": "close"}, "Tick at least one date."),
        ({"slot": both, "act": "price"}, "rupiah"),
    ):
        answer = await web.post_form(client, path, wrong, action="/dates")
        assert answer.status_code == 422
        assert message in answer.text


async def test_an_unsold_date_closes_and_opens(client):
    host = await desk.host_with("lesson")
    slot = await factories.make_start(host.listing)
    await web.sign_in(client, host.person.id)
    path = f"/id/host/calendar?listing={host.listing.slug}"
    for act, status in (("close", "closed"), ("open", "open")):
        await web.post_form(client, path, {"slot": str(slot.id), "act": act}, action="/dates")
        assert (await Slot.get(id=slot.id)).status == status
    other = await factories.make_start(await factories.make_listing())
    values = {"slot": [str(slot.id), str(other.id)], "act": "close"}
    assert (await web.post_form(client, path, values, action="/dates")).status_code == 404
    assert {s.status for s in await Slot.all()} == {"open"}
    await execute("UPDATE slot SET status = 'called_off' WHERE id = $1", slot.id)
    assert "Called off" in await desk.page(client, path.replace("/id/", "/en/"))
