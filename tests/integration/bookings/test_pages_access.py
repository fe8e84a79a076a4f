"""Who may open a booking: its guest by cookie, link or account, its host, operators to look; nobody else."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette

from market import clock, db
from market.bookings import access, rows
from market.outbox.tools import Tools
from market.settings import Settings
from tests.factories import make_host, make_listing, make_member, make_person, make_start
from tests.integration.bookings.doing import book, hold
from tests.web import sign_in, submit

PAGES = ("", "/checkout", "/return", "/cancel", "/change", "/calendar.ics", "/messages")


def stranger(app: Starlette) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://testserver", headers={"accept": "text/html"}
    )


@pytest.fixture
async def booked(client: httpx.AsyncClient, tools: Tools) -> str:
    owner = await make_person(name="Yohana")
    host = await make_host(person=owner)
    listing = await make_listing(host_id=host.id)
    start = await make_start(listing)
    return await book(client, tools, listing.slug, slot=start.id, adults=1)


async def test_strangers_and_other_hosts_find_nothing(app: Starlette, booked: str):
    outsider = await make_person()
    await make_host(person=outsider)
    async with stranger(app) as other:
        for signed_in in (False, True):
            if signed_in:
                await sign_in(other, outsider.id)
            for page in PAGES:
                assert (await other.get(f"/en/bookings/{booked}{page}")).status_code == 404, page
    async with stranger(app) as other:
        for odd in ("ZZZZZZZZ", "x" * 300, "k7qf3m9t", "%00", "../trips"):
            assert (await other.get(f"/en/bookings/{odd}")).status_code in {404, 200}
        assert (await other.get("/en/bookings/ZZZZZZZZ")).status_code == 404


async def test_the_link_opens_the_booking_in_another_browser(app: Starlette, booked: str, settings: Settings):
    link = access.trip_link(await rows.get(booked), "en", settings, clock.now())
    async with stranger(app) as phone:
        response = await phone.get(link)
        assert response.status_code == 303
        assert response.headers["referrer-policy"] == "no-referrer"
        assert (await phone.get(f"/en/bookings/{booked}")).status_code == 200
        assert booked in (await phone.get("/en/trips")).text
        assert (await phone.get(link[:-2] + "xx")).status_code == 404
        with clock.frozen(clock.now() + timedelta(days=120)):
            assert (await phone.get(link)).status_code == 404


async def test_a_forged_cookie_opens_nothing(app: Starlette, booked: str):
    async with stranger(app) as other:
        other.cookies.set("bn_trips", f"{booked}~ffffffff~AAAA")
        assert (await other.get(f"/en/bookings/{booked}")).status_code == 404


async def test_only_a_proven_address_finds_what_was_booked_with_it(app: Starlette, booked: str):
    proven = await make_person(email="maria@example.test")
    async with stranger(app) as other:
        await sign_in(other, proven.id)
        assert (await other.get(f"/en/bookings/{booked}")).status_code == 200
    await db.execute("UPDATE person SET verified_at = NULL WHERE id = $1", proven.id)
    async with stranger(app) as other:
        await sign_in(other, proven.id)
        assert (await other.get(f"/en/bookings/{booked}")).status_code == 404


async def test_the_host_looks_and_has_a_cancellation_of_its_own(app: Starlette, booked: str):
    row = await db.fetch_one("SELECT person_id FROM membership WHERE role = 'host' ORDER BY id DESC")
    assert row
    async with stranger(app) as host:
        await sign_in(host, row["person_id"])
        page = await host.get(f"/en/bookings/{booked}")
        assert page.status_code == 200
        assert "+6281234567890" in page.text
        assert f"/en/bookings/{booked}/cancel" not in page.text
        assert f"/en/host/bookings/{booked}/cancel" in page.text
        for own in ("/cancel", "/change", "/checkout"):
            assert (await host.get(f"/en/bookings/{booked}{own}")).status_code == 404
        posted = await submit(host, await host.get("/en/trips"), {"shown": "0"}, action="/trips")
        assert posted.status_code == 422


async def test_operators_look(app: Starlette, booked: str):
    person = await make_person()
    await make_member(person, "operator")
    async with stranger(app) as operator:
        await sign_in(operator, person.id)
        assert (await operator.get(f"/en/bookings/{booked}")).status_code == 200
        thread = await operator.get(f"/en/bookings/{booked}/messages")
        assert "cannot write in it" in thread.text
        assert (await operator.get(f"/en/bookings/{booked}/cancel")).status_code == 404


async def test_a_hold_is_nobodys_business(app: Starlette, client: httpx.AsyncClient):
    owner = await make_person()
    host = await make_host(person=owner)
    listing = await make_listing(host_id=host.id)
    start = await make_start(listing)
    reference = await hold(client, listing.slug, slot=start.id, adults=1)
    async with stranger(app) as other:
        await sign_in(other, owner.id)
        assert (await other.get(f"/en/bookings/{reference}")).status_code == 404


async def test_finding_a_booking_gives_the_same_answer_either_way(app: Starlette, booked: str):
    async def ask(reference: str, email: str) -> tuple[int, str]:
        async with stranger(app) as other:
            response = await submit(
                other, await other.get("/en/trips"), {"reference": reference, "email": email}, action="/trips"
            )
            return response.status_code, response.headers.get("location", "")

    right = await ask(booked.lower(), "MARIA@example.test")
    assert right == await ask(booked, "other@example.test") == await ask("ZZZZZZZZ", "maria@example.test")
    rows_sent = await db.fetch(
        "SELECT recipient FROM delivery WHERE dedupe_key LIKE $1", f"booking:{booked}:link:%"
    )
    assert [row["recipient"] for row in rows_sent] == ["maria@example.test"]


async def test_a_booking_of_another_device_leads_to_its_link_by_mail(client: httpx.AsyncClient, tools: Tools):
    """The same words for a booking that exists and one that does not: nobody learns which."""
    listing = await make_listing()
    start = await make_start(listing)
    reference = await book(client, tools, listing.slug, slot=start.id, adults=1)
    client.cookies.clear()
    seen = [await client.get(f"/en/bookings/{each}") for each in (reference, "ABCDEFGH")]
    assert [answer.status_code for answer in seen] == [404, 404]
    assert all("we send a link to the address you booked with" in answer.text for answer in seen)
    assert all('href="/en/trips"' in answer.text for answer in seen)
