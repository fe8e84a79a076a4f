"""The host's page of one date, waiting lists in numbers, and cancelling with the consequences shown first."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from market import clock
from market.app import handlers as _handlers  # noqa: F401
from market.bookings import rows, waiting
from market.bookings.quote import Choice
from market.bookings.states import State
from market.listings import queries as listings
from market.listings.models import Slot
from market.values.party import Party
from tests import factories
from tests.integration.bookings import flows
from tests.web import follow, sign_in, submit

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
async def tour(client: httpx.AsyncClient, db):
    host = await factories.make_person(name="Mama Rosalina")
    organisation = await factories.make_host(person=host)
    await sign_in(client, host.id)
    return await factories.make_listing(kind="tour", price_minor=1_000_000, host_id=organisation.id)


@pytest.fixture
async def departure(tour):
    return await factories.make_start(tour, days=20, capacity=4, min_guests=4)


async def test_the_host_sees_what_is_missing_and_waives_it(
    client: httpx.AsyncClient, tour: Any, departure: Any, tools: Any
):
    booking = await flows.confirmed(tour, departure, tools, adults=2)
    page = await client.get(f"/en/host/departures/{departure.id}")
    assert "2 more guests are needed for it to run." in page.text
    assert "2 of 4 places are sold" in page.text
    assert booking.guest_name in page.text
    after = await follow(client, await submit(client, page, action="/waive"))
    assert "It is guaranteed now." in after.text
    assert "You said that it runs whoever comes." in after.text
    assert (await Slot.get(id=departure.id)).status == "guaranteed"
    again = await submit(client, page, action="/waive")
    assert "settled already" in (await follow(client, again)).text


async def test_waiting_lists_are_numbers_without_names(
    client: httpx.AsyncClient, tour: Any, departure: Any, tools: Any
):
    await flows.confirmed(tour, departure, tools, adults=4)
    now = clock.now()
    await waiting.join(
        offering=await listings.get_offering(listing_id=tour.id),
        choice=Choice(Party(2), slot=await listings.get_slot(departure.id, now)),
        name="Maria Secret",
        email="maria@example.test",
        person_id=None,
        proven=True,
        locale="en",
        now=now,
    )
    for path in ("/en/host/waiting", f"/en/host/departures/{departure.id}"):
        page = await client.get(path)
        assert "1 party" in page.text
        assert "2 guests" in page.text
        assert "Maria" not in page.text


async def test_a_host_cancels_with_the_consequences_shown_first(
    client: httpx.AsyncClient, tour: Any, departure: Any, tools: Any
):
    booking = await flows.confirmed(tour, departure, tools, adults=2)
    path = f"/en/host/bookings/{booking.reference}/cancel"
    page = await client.get(path)
    assert "The guest gets all Rp 2,100,000 back, fees included." in page.text.replace("\xa0", " ")
    short = await submit(client, page, {"reason": "no"}, action="/cancel")
    assert short.status_code == 422
    assert "Fix: Cancel a confirmed booking" in short.text
    done = await submit(client, page, {"reason": "My mother is ill.", "places": "block"}, action="/cancel")
    assert done.status_code == 303
    after = await rows.get(booking.reference)
    assert after.state is State.CANCELLED_BY_HOST
    assert after.deadline_at is not None
    assert (await Slot.get(id=departure.id)).blocked == 2
    assert (await client.get(path)).status_code == 303


async def test_an_operator_cancels_for_force_majeure(
    client: httpx.AsyncClient, tour: Any, departure: Any, tools: Any
):
    booking = await flows.confirmed(tour, departure, tools, adults=2)
    operator = await factories.make_person(name="Ops")
    await factories.make_member(operator, "operator")
    await sign_in(client, operator.id)
    shown = await client.get(f"/en/operator/bookings/{booking.reference}")
    path = f"/en/operator/bookings/{booking.reference}/cancel"
    assert path in shown.text
    page = await client.get(path)
    missing = await submit(client, page, {"reason": "The harbour is closed."}, action="/cancel")
    assert missing.status_code == 422
    done = await submit(
        client, page, {"reason": "The harbour is closed.", "cause": "force_majeure"}, action="/cancel"
    )
    assert done.status_code == 303
    assert (await rows.get(booking.reference)).state is State.FORCE_MAJEURE


async def test_anothers_date_and_booking_are_not_there(
    client: httpx.AsyncClient, departure: Any, tour: Any, tools: Any
):
    booking = await flows.confirmed(tour, departure, tools, adults=1)
    stranger = await factories.make_person()
    await factories.make_host(person=stranger)
    await sign_in(client, stranger.id)
    assert (await client.get(f"/en/host/departures/{departure.id}")).status_code == 404
    assert (await client.get(f"/en/host/bookings/{booking.reference}/cancel")).status_code == 404
