"""Operators look at first listings and photos, decide reports of messages, and send what is stuck again."""

from __future__ import annotations

import httpx

from market import clock, db
from market.listings import moderation
from market.media.models import Photo
from market.media.queries import photos_for
from market.notifications import service
from market.outbox import queue, worker
from market.outbox.tools import Tools
from tests import factories, web
from tests.integration.bookings import flows
from tests.integration.console import desk

JPEG = {"format": "jpeg", "width": 800, "height": 500, "key": "photos/a-800.jpeg"}


async def test_a_first_listing_is_returned_with_a_reason_or_approved(client: httpx.AsyncClient, tools: Tools):
    host = await desk.host_with()
    await db.execute("UPDATE organisation SET needs_review = TRUE WHERE id = $1", host.organisation.id)
    await db.execute("UPDATE listing SET status = 'draft' WHERE id = $1", host.listing.id)
    await moderation.ask(host.listing.id, clock.now())
    await desk.sign_in_operator(client)
    assert "Weaving buna" in await desk.page(client, "/en/operator/listings")
    path = f"/en/operator/listings/{host.listing.slug}"
    assert "Waits for a look" in await desk.page(client, path)
    assert (await web.post_form(client, path, {"act": "return"}, action="/listings/")).status_code == 422
    said = {"act": "return", "reason": "Please add what guests should bring."}
    assert (await web.post_form(client, path, said, action="/listings/")).status_code == 303
    await moderation.ask(host.listing.id, clock.now())
    assert (await web.post_form(client, path, {"act": "approve"}, action="/listings/")).status_code == 303
    row = await db.fetch_one("SELECT status FROM listing WHERE id = $1", host.listing.id)
    assert row
    assert row["status"] == "published"
    notices = await db.fetch("SELECT topic FROM notice WHERE person_id = $1", host.person.id)
    assert [each["topic"] for each in notices] == ["listings", "listings"]


async def test_a_photo_is_hidden_from_guests_and_its_host_reads_why(client: httpx.AsyncClient):
    host = await desk.host_with()
    photo = await Photo.create(
        listing_id=host.listing.id, state="ready", original_key="o", sha256="0" * 64, variants=[JPEG], texts={},
        created_at=clock.now(),
    )  # fmt: skip
    await desk.sign_in_operator(client)
    action = f"/photos/{photo.id}"
    refused = await web.post_form(client, "/en/operator/listings", {"act": "hide"}, action=action)
    assert refused.status_code == 422
    said = {"act": "hide", "reason": "Children can be recognised on it."}
    assert (await web.post_form(client, "/en/operator/listings", said, action=action)).status_code == 303
    assert await photos_for([host.listing.id], "en") == {}
    mail = await db.fetch_one("SELECT body FROM delivery WHERE recipient = $1", host.person.email)
    assert mail
    assert said["reason"] in mail["body"]
    path = f"/en/operator/listings/{host.listing.slug}"
    assert (await web.post_form(client, path, {"act": "show"}, action=action)).status_code == 303
    assert len((await photos_for([host.listing.id], "en"))[host.listing.id]) == 1


async def test_a_reported_message_warns_its_author(client: httpx.AsyncClient, tools: Tools):
    host = await desk.host_with()
    slot = await factories.make_start(host.listing, days=30)
    booking = await flows.confirmed(host.listing, slot, tools)
    message = await db.fetch_one(
        "INSERT INTO message (booking_id, author, person_id, body, created_at)"
        " VALUES ($1, 'guest', NULL, 'Pay me back or else', $2) RETURNING id",
        booking.id,
        clock.now(),
    )
    assert message
    await web.sign_in(client, host.person.id)
    path = f"/en/bookings/{booking.reference}/messages/{message['id']}/report"
    assert path in (await client.get(f"/en/bookings/{booking.reference}/messages")).text
    assert (await web.post_form(client, path, {}, action="/report")).status_code == 422
    assert (await web.post_form(client, path, {"reason": "offensive"}, action="/report")).status_code == 303
    await desk.sign_in_operator(client)
    assert "Pay me back or else" in await desk.page(client, "/en/operator/reports")
    said = {"act": "warn", "reason": "Threats are not allowed here."}
    assert (await web.post_form(client, "/en/operator/reports", said, action="/reports/")).status_code == 303
    mails = await db.fetch("SELECT body FROM delivery WHERE recipient = $1", booking.guest_email)
    assert any(said["reason"] in mail["body"] for mail in mails)
    assert "No message is reported" in await desk.page(client, "/en/operator/reports")


async def test_a_stuck_delivery_is_sent_again_and_counted(client: httpx.AsyncClient, tools: Tools):
    async with db.transaction():
        await service.send_mail(
            to="gone@example.org", locale="en", subject="Lost", body_text="x", dedupe_key="k"
        )
    await db.execute(
        "UPDATE job SET state = 'parked', attempts = $1 WHERE handler = 'notifications.send'",
        queue.PARK_AFTER,
    )
    await desk.sign_in_operator(client)
    assert "Given up" in await desk.page(client, "/en/operator/deliveries")
    answer = await web.post_form(client, "/en/operator/deliveries", action="/deliveries/")
    assert answer.status_code == 303
    await worker.drain(tools)
    row = await db.fetch_one("SELECT state FROM delivery WHERE dedupe_key = 'k'")
    assert row
    assert row["state"] == "sent"
    assert "Everything arrived" in await desk.page(client, "/en/operator/deliveries?q=gone@example.org")
