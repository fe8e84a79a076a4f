"""From nothing to guests: opening a host, the short form, the look at a first listing; other families' rooms."""

from __future__ import annotations

import httpx
import pytest

from market import clock
from market.accounts.models import Membership, Organisation
from market.bookings.quote import Choice
from market.db import fetch_one
from market.errors import Invalid
from market.listings import moderation, queries
from market.listings import service as listings
from market.listings.drafts import StepDraft
from market.listings.models import Listing, ListingStep, SleepConsent
from market.listings.sleeping import NoConsent
from market.values.dates import DateRange
from market.values.party import Party
from tests import factories, web
from tests.integration.bookings import flows
from tests.integration.console import desk

HOUSE = {
    "title_id": "Rumah Keluarga Maro",
    "title_en": "The Maro family's house",
    "body_id": "Rumah panggung di tepi kampung. Kami makan bersama di beranda.",
    "body_en": "A stilt house at the edge of the village. We eat together on the veranda.",
    "price": "225.000",
    "sleeps": "2",
}


async def become_host(client: httpx.AsyncClient):
    village = await factories.make_village(name="Takpala")
    person = await factories.make_person(name="Agustina")
    await web.sign_in(client, person.id)
    values = {"name": "Keluarga Maro", "village": str(village.id), "phone": "0812 3456 7890"}
    answer = await web.post_form(client, "/en/become-a-host", values, action="")
    assert answer.status_code == 303, answer.text
    return person, answer


async def test_a_new_host_s_first_listing_is_looked_at_and_then_booked(
    client: httpx.AsyncClient, settings, tools
):
    person, answer = await become_host(client)
    host = await Organisation.get(name="Keluarga Maro")
    assert host.needs_review
    assert (await Membership.get(person_id=person.id)).rights == "all"
    answer = await web.post_form(client, answer.headers["location"], HOUSE, action="")
    listing = await Listing.get(host_id=host.id)
    assert (listing.status, listing.review) == ("draft", "waiting")
    page = await web.follow(client, answer)
    assert "We are looking at your first listing" in page.text
    operator = await factories.make_person(name="Orin")
    waiting = await moderation.list_waiting("en")
    assert [(each.listing_id, each.host_name, each.village) for each in waiting] == [
        (listing.id, "Keluarga Maro", "Takpala")
    ]
    with pytest.raises(Invalid):
        await moderation.return_listing(
            listing.id, reason=" ", by=operator.id, now=clock.now(), config=settings
        )
    await moderation.return_listing(
        listing.id, reason="Tell us where guests wash.", by=operator.id, now=clock.now(), config=settings
    )
    text = (await client.get(f"/en/host/listings/{listing.slug}")).text
    assert "Tell us where guests wash." in text
    await web.post_form(client, f"/en/host/listings/{listing.slug}", action="/status")
    await moderation.approve_listing(listing.id, by=operator.id, now=clock.now(), config=settings)
    with pytest.raises(moderation.NotWaiting):
        await moderation.approve_listing(listing.id, by=operator.id, now=clock.now(), config=settings)
    assert [step.decision for step in await moderation.list_steps(listing.id)] == [
        "asked",
        "returned",
        "asked",
        "approved",
    ]
    offering = await queries.get_offering(listing_id=listing.id)
    assert offering
    nights = DateRange(factories.in_days(20), factories.in_days(22))
    reference = await flows.hold_choice(listing, Choice(Party(2), room=offering.rooms[0], nights=nights))
    assert reference
    told = await fetch_one("SELECT COUNT(*) AS n FROM delivery WHERE recipient = $1", person.email)
    assert told == {"n": 2}
    # The second listing of this host is published at once.
    await web.post_form(client, "/en/host/new/homestay", {**HOUSE, "title_en": "The second house"}, action="")
    assert await Listing.filter(host_id=host.id, status="published").count() == 2


async def test_errors_stand_at_their_fields_and_what_was_typed_stays(client: httpx.AsyncClient):
    await become_host(client)
    answer = await web.post_form(client, "/en/host/new/homestay", {**HOUSE, "price": "much"}, action="")
    assert answer.status_code == 422
    assert "whole rupiah" in answer.text
    assert "Rumah panggung di tepi kampung." in answer.text
    await web.sign_in(client, (await factories.make_person()).id)
    for values, message in (
        ({"name": ""}, "Enter your family"),
        ({"name": "Keluarga X", "village": "99999", "phone": "0812 3456 7890"}, "Choose your village."),
        ({"name": "Keluarga X", "phone": "none"}, "country code"),
    ):
        answer = await web.post_form(client, "/en/become-a-host", values, action="")
        assert answer.status_code == 422
        assert message in answer.text
    assert (await client.get("/en/host/new/homestay")).status_code == 403


async def test_a_room_of_another_family_needs_its_yes(client: httpx.AsyncClient):
    tour_host = await desk.host_with("tour")
    neighbour = await factories.make_person(name="Neighbour")
    house_host = await factories.make_host(village_id=tour_host.listing.village_id, person=neighbour)
    _, room = await factories.make_homestay(host_id=house_host.id)
    slug = tour_host.listing.slug
    days = f"/en/host/listings/{slug}/edit/days"
    await web.sign_in(client, tour_host.person.id)
    filled = {
        f"{name}_{code}-{n}": f"{name} {n}"
        for n in range(3)
        for name in ("title", "body")
        for code in ("id", "en")
    }
    refused = await web.post_form(client, days, {**filled, "sleeps-0": str(room.id)}, action="")
    assert refused.status_code == 422
    assert "Choose one of the options." in refused.text
    words = {code: {"title": "Walk", "body": "Far."} for code in ("id", "en")}
    steps = [StepDraft(texts=words, room_type_id=room.id), StepDraft(texts=words), StepDraft(texts=words)]
    with pytest.raises(NoConsent):
        await listings.set_steps(tour_host.listing.id, steps)
    sleeping = f"/en/host/listings/{slug}/sleeping"
    await web.post_form(client, sleeping, {"note": "Two nights a month"}, action="/sleeping")
    consent = await SleepConsent.get(room_type_id=room.id)
    assert consent.state == "asked"
    await web.sign_in(client, neighbour.id)
    assert "Two nights a month" in (await client.get("/en/host/")).text
    answer = await web.post_form(client, "/en/host/", {"answer": "yes"}, action="/consents/")
    assert answer.status_code == 303
    await web.sign_in(client, tour_host.person.id)
    saved = await web.post_form(client, days, {**filled, "sleeps-0": str(room.id)}, action="")
    assert saved.status_code == 303, saved.text[:1500]
    assert (await ListingStep.get(listing_id=tour_host.listing.id, position=1)).room_type_id == room.id
    await web.sign_in(client, neighbour.id)
    token = web.forms((await client.get("/en/host/")).text)[0]["data"]["csrf"]
    await client.post(f"/en/host/consents/{consent.id}", data={"csrf": token, "answer": "no"})
    with pytest.raises(NoConsent):
        await listings.schedule_departure(tour_host.listing.id, factories.in_days(30))


async def test_days_of_a_tour_change_their_order(client: httpx.AsyncClient):
    host = await desk.host_with("tour")
    await web.sign_in(client, host.person.id)
    days = f"/en/host/listings/{host.listing.slug}/edit/days"
    filled = {
        f"{name}_{code}-{n}": f"{name} {n}"
        for n in range(3)
        for name in ("title", "body")
        for code in ("id", "en")
    }
    assert (await web.post_form(client, days, {**filled, "meals-1": "dinner"}, action="")).status_code == 303
    answer = await web.post_form(client, days, {"move": "1-up"}, action="")
    assert answer.headers["location"].endswith("/edit/days")
    steps = await ListingStep.filter(listing_id=host.listing.id).order_by("position")
    assert [step.texts["en"]["title"] for step in steps] == ["title 1", "title 0", "title 2"]
    assert [step.meals for step in steps] == [["dinner"], [], []]
    await web.post_form(client, days, {"move": "2-down"}, action="")
    steps = await ListingStep.filter(listing_id=host.listing.id).order_by("position")
    assert [step.texts["en"]["title"] for step in steps] == ["title 1", "title 0", "title 2"]
