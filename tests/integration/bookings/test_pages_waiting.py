"""Waiting lists, the choice after a promise was taken back, and the change that looks first: pages without a script."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from market import clock, db
from market.app import handlers as _handlers  # noqa: F401
from market.bookings import departing, rows, service
from market.bookings.models import WaitingEntry
from market.bookings.states import State
from market.outbox import worker
from market.values.dates import local_instant
from tests import factories
from tests.integration.bookings import doing, flows
from tests.web import follow, sign_in, submit

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def lesson(db):
    return await factories.make_listing(price_minor=1_000_000)


@pytest.fixture
async def full(lesson, tools):
    session = await factories.make_start(lesson, days=40, capacity=2)
    await flows.confirmed(lesson, session, tools, adults=2, method="on_arrival")
    return session


async def link_in_mail(to: str, containing: str) -> str:
    row = await db.fetch_one(
        "SELECT body FROM delivery WHERE recipient = $1 AND body LIKE $2 ORDER BY id DESC LIMIT 1",
        to,
        f"%{containing}%",
    )
    assert row, f"no mail to {to} with {containing}"
    found = re.search(rf"http://testserver(/\S*{containing}\S*)", row["body"])
    assert found
    return found[1]


async def test_sold_out_leads_to_the_list_and_the_link_in_the_mail_confirms(
    client: httpx.AsyncClient, lesson: Any, full: Any, tools: Any
):
    listing = await client.get(f"/en/listings/{lesson.slug}?adults=2")
    assert "Join a waiting list" in listing.text
    quote = await doing.look(client, lesson.slug, slot=full.id, adults=1)
    assert "/waiting?" in quote.text
    page = await client.get(f"/en/listings/{lesson.slug}/waiting", params={"slot": full.id, "adults": 1})
    assert page.status_code == 200
    wrong = await submit(client, page, {"name": "", "email": "nobody"}, action="/waiting")
    assert wrong.status_code == 422
    assert "Fix: Waiting list" in wrong.text
    sent = await submit(
        client, page, {"name": "Maria Ndolu", "email": "Maria@Example.test"}, action="/waiting"
    )
    assert sent.status_code == 200
    assert "maria@example.test" in sent.text
    await worker.drain(tools)
    place = await client.get(await link_in_mail("maria@example.test", "/waiting/"))
    assert "Confirm my place" in place.text
    after = await follow(client, await submit(client, place, action="/waiting/"))
    assert "number 1 on the list" in after.text
    left = await follow(client, await submit(client, after, {"act": "leave"}, action="/waiting/"))
    assert "You left the list" in left.text
    assert (await WaitingEntry.first()).email == ""


async def test_an_offer_is_taken_from_the_mail(client: httpx.AsyncClient, lesson: Any, full: Any, tools: Any):
    person = await factories.make_person(name="Maria Ndolu", email="maria@example.test")
    await sign_in(client, person.id)
    page = await client.get(f"/en/listings/{lesson.slug}/waiting", params={"slot": full.id, "adults": 1})
    assert 'value="maria@example.test"' in page.text
    place = await submit(client, page, action="/waiting")
    assert place.status_code == 303
    assert "number 1 on the list" in (await follow(client, place)).text
    row = await db.fetch_one("SELECT reference FROM booking WHERE state = 'confirmed'")
    booking = await rows.get(row["reference"])
    await service.cancel_by_guest(booking.reference, by=None, shown_refund=0, now=clock.now())
    await worker.drain(tools)
    client.cookies.clear()
    checkout = await follow(client, await client.get(await link_in_mail("maria@example.test", "/trip/")))
    assert str(checkout.url).endswith("/checkout")
    assert 'value="maria@example.test"' in checkout.text


async def test_what_is_free_or_unknown_is_not_waited_for(client: httpx.AsyncClient, lesson: Any, full: Any):
    free = await factories.make_start(lesson, days=41)
    there = await client.get(f"/en/listings/{lesson.slug}/waiting", params={"slot": free.id, "adults": 1})
    assert there.status_code == 303
    assert "/book" in there.headers["location"]
    assert (await client.get("/en/listings/nothing/waiting")).status_code == 404
    assert (await client.get("/en/waiting/forged~1~abc")).status_code == 404


async def called_off(client: httpx.AsyncClient, tools: Any) -> tuple[str, Any, Any]:
    tour = await factories.make_listing(kind="tour", price_minor=1_000_000)
    departure = await factories.make_start(tour, days=9, min_guests=4)
    other = await factories.make_start(tour, days=20, price_minor=800_000)
    reference = await doing.book(client, tools, tour.slug, slot=departure.id, adults=2)
    return reference, departure, other


async def test_before_the_day_the_trip_page_says_what_happens(client: httpx.AsyncClient, tools: Any):
    reference, _, _ = await called_off(client, tools)
    shown = (await client.get(f"/en/bookings/{reference}")).text
    assert "This departure needs 2 more guests to be guaranteed." in shown
    change = await client.get(f"/en/bookings/{reference}/change")
    assert "needs 2 more guests to be guaranteed" in change.text


async def test_the_mailed_link_leads_to_the_choice_and_a_new_date_is_confirmed(
    client: httpx.AsyncClient, tools: Any
):
    reference, departure, other = await called_off(client, tools)
    day = local_instant(departure.starts_on - timedelta(days=7))
    with clock.frozen(day):
        await departing.decide_all(clock.now())
        await worker.drain(tools)
        client.cookies.clear()
        choose = await follow(client, await client.get(await link_in_mail("maria@example.test", "/trip/")))
        assert str(choose.url).endswith(f"/bookings/{reference}/choose")
        assert "No extra charge, Rp" in choose.text
        nothing = await submit(client, choose, {"act": "move"}, action="/choose")
        assert nothing.status_code == 422
        assert "Choose one of the dates." in nothing.text
        done = await submit(client, choose, {"act": "move", "slot": other.id}, action="/choose")
        assert done.status_code == 303
        shown = await follow(client, done)
        assert "Your new date is confirmed" in shown.text
        again = await client.get(f"/en/bookings/{reference}/choose")
        assert again.status_code == 303
    assert (await rows.get(reference)).state is State.CONFIRMED


async def test_the_guest_may_take_the_money_instead(client: httpx.AsyncClient, tools: Any):
    reference, departure, _ = await called_off(client, tools)
    with clock.frozen(local_instant(departure.starts_on - timedelta(days=7))):
        await departing.decide_all(clock.now())
        await worker.drain(tools)
        page = await client.get(f"/id/bookings/{reference}/choose")
        assert page.status_code == 200
        assert "Rp 2.100.000" in page.text.replace("\xa0", " ")
        done = await submit(client, page, {"act": "money"}, action="/choose")
        assert done.status_code == 303
    assert (await rows.get(reference)).balance == 0


async def test_the_change_page_looks_for_the_places_before_it_shows_a_price(
    client: httpx.AsyncClient, lesson: Any, full: Any, tools: Any
):
    own = await factories.make_start(lesson, days=42, capacity=2)
    near = await factories.make_start(lesson, days=43, capacity=8)
    reference = await doing.book(client, tools, lesson.slug, method="on_arrival", slot=own.id, adults=2)
    change = f"/en/bookings/{reference}/change"
    gone = await client.get(change, params={"slot": full.id, "adults": 2})
    assert "Sold out" in gone.text
    assert f"{change}?slot={near.id}" in gone.text.replace("&amp;", "&")
    assert "Your change" not in gone.text
    # A booking's own places count as free for itself: one fewer guest on its own full date is fine.
    fewer = await client.get(change, params={"slot": own.id, "adults": 1})
    assert "Your change" in fewer.text
    assert "Sold out" not in fewer.text


async def test_a_stay_that_shifts_over_its_own_nights_is_not_sold_out(client: httpx.AsyncClient, tools: Any):
    homestay, room = await factories.make_homestay(rooms=1)
    start = factories.in_days(30)

    def nights(first: int, last: int) -> dict[str, Any]:
        return {
            "from": (start + timedelta(days=first)).isoformat(),
            "to": (start + timedelta(days=last)).isoformat(),
            "room": room.id,
            "adults": 2,
        }

    reference = await doing.book(
        client, tools, homestay.slug, method="on_arrival", **{f"{k}_": v for k, v in nights(0, 3).items()}
    )
    shifted = await client.get(f"/en/bookings/{reference}/change", params=nights(1, 4))
    assert "Your change" in shifted.text
    await doing.book(
        client, tools, homestay.slug, method="on_arrival", **{f"{k}_": v for k, v in nights(3, 5).items()}
    )
    gone = await client.get(f"/en/bookings/{reference}/change", params=nights(1, 4))
    assert "Sold out" in gone.text
