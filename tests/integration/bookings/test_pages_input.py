"""What people and machines type wrongly: a clear message at its field, nothing lost, never a failure of ours."""

from __future__ import annotations

import httpx
import pytest

from tests.factories import in_days, make_homestay, make_listing, make_start
from tests.integration.bookings.doing import CONTACT, check_out, hold, look
from tests.web import submit

BAD_PARTIES = [
    ({"adults": "0"}, "Enter 1 or more."),
    ({"adults": "-3"}, "Enter 1 or more."),
    ({"adults": "999999999999999999999999"}, "Enter"),
    ({"adults": "two"}, "Enter a whole number, for example 2."),
    ({"adults": "1\x00"}, "Please remove the invisible characters."),
    ({"children": "-1"}, "Enter 0 or more."),
    ({"adults": "40", "children": "40"}, "At most 12 guests."),
    ({"adults": "13"}, "At most 12 guests."),
    ({"extra_none": "1"}, "One of the extras is not offered any more."),
]


@pytest.mark.parametrize(("typed", "message"), BAD_PARTIES)
async def test_a_bad_party_is_told_beside_its_field(
    client: httpx.AsyncClient, typed: dict[str, str], message: str
):
    listing = await make_listing()
    start = await make_start(listing)
    page = await look(client, listing.slug, slot=start.id, **typed)
    assert page.status_code == 200
    assert message in page.text
    assert "<title>Fix: " in page.text
    posted = await submit(
        client,
        await look(client, listing.slug, slot=start.id),
        {"slot": str(start.id), **typed},
        action="/book",
    )
    assert posted.status_code == 422
    assert message in posted.text


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("2020-01-01", "2020-01-03", "This day has passed."),
        ("0001-01-01", "9999-12-31", "This day has passed."),
        ("12345", "20000", "Choose a date, for example 2026-12-24."),
        ("2026-02-30", "2026-03-01", "Choose a date, for example 2026-12-24."),
        ("tomorrow", "", "Choose a date, for example 2026-12-24."),
        ("FAR", "FARTHER", "Rooms can be booked up to a year ahead."),
        ("LATER", "SOONER", "Choose a day after the day you arrive."),
    ],
)
async def test_bad_days_are_told_and_kept(client: httpx.AsyncClient, start: str, end: str, message: str):
    days = {"FAR": in_days(500), "FARTHER": in_days(502), "LATER": in_days(12), "SOONER": in_days(10)}
    listing, room = await make_homestay()
    typed = {"from_": days.get(start, start), "to": days.get(end, end)}
    page = await look(client, listing.slug, room=room.id, adults=1, **typed)
    assert page.status_code == 200
    assert message in page.text
    assert f'value="{typed["from_"]}"' in page.text


@pytest.mark.parametrize(
    "value", ["0", "-1", "9223372036854775808", "99999999999999999999999", "abc", "1;drop"]
)
async def test_odd_ids_are_no_slot(client: httpx.AsyncClient, value: str):
    listing = await make_listing()
    await make_start(listing)
    page = await look(client, listing.slug, slot=value, adults=1)
    assert page.status_code == 200
    assert "Choose one of the options." in page.text or "Choose a date." in page.text


async def test_another_listings_slot_and_room_are_not_bookable_here(client: httpx.AsyncClient):
    mine, other = await make_listing(), await make_listing()
    await make_start(mine)
    foreign = await make_start(other)
    assert "Choose a date." in (await look(client, mine.slug, slot=foreign.id, adults=1)).text
    house, _ = await make_homestay()
    _, foreign_room = await make_homestay()
    page = await look(client, house.slug, from_=in_days(5), to=in_days(6), room=foreign_room.id, adults=1)
    assert "Choose a room." in page.text


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"name": " "}, "Enter your name as on your identity card or passport."),
        ({"name": "1234"}, "Enter your name as on your identity card or passport."),
        ({"email": "maria"}, "Enter an email address, for example maria@example.org."),
        ({"email": "a@b.test, c@d.test"}, "Enter an email address, for example maria@example.org."),
        ({"phone": "12345"}, "Enter the phone number with its country code"),
        ({"phone": "5551234567"}, "Enter the phone number with its country code"),
        ({"note": "x" * 1001}, "Use at most 1,000 characters."),
        ({"note": "a\x00b"}, "Please remove the invisible characters."),
        ({"method": "barter"}, "Choose how you want to pay."),
    ],
)
async def test_the_checkout_keeps_what_was_typed(
    client: httpx.AsyncClient, typed: dict[str, str], message: str
):
    listing = await make_listing()
    start = await make_start(listing)
    reference = await hold(client, listing.slug, slot=start.id, adults=1)
    response = await check_out(client, reference, **{"method": "transfer", **typed})
    assert response.status_code == 422
    assert message.replace("1,000", "1000") in response.text or message in response.text
    assert "<title>Fix: " in response.text
    kept = next(value for name, value in CONTACT.items() if name not in typed and name != "note")
    assert f'value="{kept}"' in response.text


async def test_a_tour_is_not_paid_at_the_village(client: httpx.AsyncClient):
    listing = await make_listing(kind="tour")
    start = await make_start(listing, days=40)
    reference = await hold(client, listing.slug, slot=start.id, adults=1)
    assert (await check_out(client, reference, "on_arrival")).status_code == 422


async def test_a_draft_and_an_unknown_listing_do_not_exist(client: httpx.AsyncClient):
    draft = await make_listing(status="draft")
    for slug in (draft.slug, "nothing-here"):
        assert (await client.get(f"/en/listings/{slug}/book")).status_code == 404
