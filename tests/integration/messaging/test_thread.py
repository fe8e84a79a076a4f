"""Guest and host write about a booking; the other side is told, not too often, and nobody else reads along."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from starlette.applications import Starlette

from market import clock, db
from market.outbox import worker
from market.outbox.tools import Tools
from tests.factories import make_host, make_listing, make_person, make_start
from tests.integration.bookings.doing import book
from tests.web import follow, sign_in, submit


class Booked:
    """A booking, its guest's browser and its host's."""

    def __init__(self, reference: str, guest: httpx.AsyncClient, host: httpx.AsyncClient) -> None:
        self.page = f"/en/bookings/{reference}/messages"
        self.guest = guest
        self.host = host


async def booked(app: Starlette, client: httpx.AsyncClient, tools: Tools, *, instant: bool) -> Booked:
    owner = await make_person(name="Rosalina", email="rosalina@example.test")
    listing = await make_listing(host_id=(await make_host(person=owner)).id, instant=instant)
    start = await make_start(listing)
    reference = await book(client, tools, listing.slug, slot=start.id, adults=1)
    host = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://testserver")
    await sign_in(host, owner.id)
    return Booked(reference, client, host)


async def write(browser: httpx.AsyncClient, page: str, body: str) -> httpx.Response:
    return await submit(browser, await browser.get(page), {"body": body}, action="/messages")


async def notices(tools: Tools) -> list[str]:
    await worker.drain(tools)
    rows = await db.fetch("SELECT recipient FROM delivery WHERE dedupe_key LIKE 'message:%' ORDER BY id")
    return [row["recipient"] for row in rows]


async def test_both_sides_write_and_read(app: Starlette, client: httpx.AsyncClient, tools: Tools):
    thread = await booked(app, client, tools, instant=True)
    sent = await follow(client, await write(thread.guest, thread.page, "May we come at 13:00?"))
    assert "May we come at 13:00?" in sent.text
    assert "· sent" in sent.text
    assert await notices(tools) == ["rosalina@example.test"]
    assert "Maria Ndolu, " in (await thread.host.get(thread.page)).text
    assert "· read" in (await thread.guest.get(thread.page)).text
    await write(thread.host, thread.page, "Gladly. Shall we cook lunch?")
    assert await notices(tools) == ["rosalina@example.test", "maria@example.test"]
    await thread.host.aclose()


async def test_one_notice_in_ten_minutes_and_none_for_what_is_read(
    app: Starlette, client: httpx.AsyncClient, tools: Tools
):
    thread = await booked(app, client, tools, instant=True)
    for text in ("One", "Two", "Three"):
        await write(thread.guest, thread.page, text)
    assert await notices(tools) == ["rosalina@example.test"]
    later = clock.now() + timedelta(minutes=11)
    with clock.frozen(later):
        assert await notices(tools) == ["rosalina@example.test"] * 2
    await thread.host.get(thread.page)
    with clock.frozen(later + timedelta(minutes=30)):
        assert len(await notices(tools)) == 2
    await thread.host.aclose()


async def test_numbers_stay_hidden_until_the_booking_is_confirmed(
    app: Starlette, client: httpx.AsyncClient, tools: Tools
):
    thread = await booked(app, client, tools, instant=False)
    await write(
        thread.guest, thread.page, "Call +62 812 9999 8888 or ana@example.test, we pay Rp 48.500.000."
    )
    hidden = (await thread.host.get(thread.page)).text
    assert "9999" not in hidden
    assert "ana@example.test" not in hidden
    assert hidden.count("[hidden until confirmed]") >= 2
    assert "Rp 48.500.000" in hidden
    rows = await db.fetch("SELECT body FROM delivery WHERE dedupe_key LIKE 'message:%'")
    assert all("9999" not in row["body"] for row in rows)
    await db.execute("UPDATE booking SET state = 'confirmed'")
    assert "+62 812 9999 8888" in (await thread.host.get(thread.page)).text
    await thread.host.aclose()


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("", "Write your message first."),
        ("x" * 2001, "Use at most"),
        ("a\x00", "Please remove the invisible"),
    ],
)
async def test_bad_messages_are_told_and_kept(
    app: Starlette, client: httpx.AsyncClient, tools: Tools, body: str, message: str
):
    thread = await booked(app, client, tools, instant=True)
    response = await write(thread.guest, thread.page, body)
    assert response.status_code == 422
    assert message in response.text
    await thread.host.aclose()


async def test_a_flood_is_stopped(app: Starlette, client: httpx.AsyncClient, tools: Tools):
    thread = await booked(app, client, tools, instant=True)
    for n in range(20):
        assert (await write(thread.guest, thread.page, f"{n}")).status_code == 303
    refused = await write(thread.guest, thread.page, "one more")
    assert refused.status_code == 429
    assert "one more" in refused.text
    await thread.host.aclose()


async def test_a_closed_conversation_can_be_read_only(
    app: Starlette, client: httpx.AsyncClient, tools: Tools
):
    thread = await booked(app, client, tools, instant=False)
    page = await thread.guest.get(thread.page)
    await db.execute("UPDATE booking SET state = 'withdrawn'")
    refused = await submit(thread.guest, page, {"body": "Hello?"}, action="/messages")
    assert refused.status_code == 409
    assert "This conversation is closed." in refused.text
    await thread.host.aclose()
