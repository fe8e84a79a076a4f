"""The host's inbox, what a request tells about its guest, and what of both stays hidden."""

from __future__ import annotations

from market import clock, db
from market.bookings.access import Role
from market.messaging import service as messaging
from market.reviews.rules import Side
from tests import factories, web
from tests.integration.bookings import flows
from tests.integration.console import desk
from tests.integration.console.test_host_desk import requested


async def said(reference: str, by: Role, body: str) -> None:
    row = await db.fetch_one("SELECT id FROM booking WHERE reference = $1", reference)
    assert row
    await db.execute(
        "INSERT INTO message (booking_id, author, body, created_at) VALUES ($1, $2, $3, $4)",
        row["id"],
        by.value,
        body,
        clock.now(),
    )


async def test_what_nobody_has_read_comes_first(client, tools):
    host = await desk.host_with(instant=False)
    first = await requested(host, tools, "on_arrival")
    slot = await factories.make_start(host.listing, days=31)
    second = await flows.hold_seat(host.listing, slot, adults=2)
    await flows.go_on(second, tools, method="on_arrival")
    await said(first, Role.GUEST, "May we bring our bicycles? Call +62 812 3333 4444")
    await said(second, Role.HOST, "You are welcome.")
    await web.sign_in(client, host.person.id)
    text = await desk.page(client, "/en/host/messages")
    assert text.index(first) < text.index(second)
    assert "1 new message" in text
    assert "You:" in text
    assert "3333" not in text, "contact details stay hidden until the booking is confirmed"
    row = await db.fetch_one("SELECT id FROM booking WHERE reference = $1", first)
    assert row
    await messaging.mark_read(row["id"], by=Role.HOST, now=clock.now())
    text = await desk.page(client, "/en/host/messages")
    assert text.index(second) < text.index(first)
    assert "new message" not in text


async def test_nobody_elses_messages_are_in_it(client, tools):
    theirs, mine = await desk.host_with(instant=False), await desk.host_with(instant=False)
    reference = await requested(theirs, tools, "on_arrival")
    await said(reference, Role.GUEST, "A secret wish")
    await web.sign_in(client, mine.person.id)
    assert "A secret wish" not in await desk.page(client, "/en/host/messages")
    assert "Nobody has written yet" in await desk.page(client, "/en/host/messages")


async def test_a_long_inbox_has_pages(client, tools):
    host = await desk.host_with(instant=False)
    reference = await requested(host, tools, "on_arrival")
    row = await db.fetch_one("SELECT * FROM booking WHERE reference = $1", reference)
    assert row
    await said(reference, Role.GUEST, "Hello")
    await web.sign_in(client, host.person.id)
    assert "Earlier messages" not in await desk.page(client, "/en/host/messages")
    assert "Newer messages" in await desk.page(client, "/en/host/messages?page=2")
    assert (await client.get("/en/host/messages?page=99999999999999999999")).status_code == 200


async def test_a_request_shows_what_earlier_hosts_published(client, tools):
    host, earlier = await desk.host_with(instant=False), await desk.host_with(instant=True)
    guest = await factories.make_person(name="Hannah")
    slot = await factories.make_start(earlier.listing, days=20)
    visit = await flows.confirmed(earlier.listing, slot, tools)
    request = await requested(host, tools)
    await db.execute("UPDATE booking SET person_id = $1", guest.id)
    await web.sign_in(client, host.person.id)
    assert "No earlier host has written about this guest" in await desk.page(client, "/en/host/")
    await db.execute(
        "INSERT INTO review (listing_id, host_id, booking_id, side, author, country, stars, body, locale, written_at)"
        " VALUES ($1, $2, $3, $4, 'Bena', '{}', 4, 'They swept the veranda.', 'en', $5)",
        earlier.listing.id,
        earlier.organisation.id,
        visit.id,
        Side.HOST.value,
        clock.now(),
    )
    text = await desk.page(client, "/en/host/")
    assert "They swept the veranda" not in text, "sealed until both wrote"
    await db.execute("UPDATE review SET published_at = $1", clock.now())
    text = await desk.page(client, "/en/host/")
    assert "They swept the veranda" in text
    assert "4.0" in text
    assert "from 1 earlier host" in text
    assert request in text
