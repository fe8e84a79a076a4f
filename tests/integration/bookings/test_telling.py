"""Mails that follow from what happens to a booking: to whom, in which language, once."""

from __future__ import annotations

import base64
import io
import json
from datetime import timedelta

import httpx
import zxingcpp
from PIL import Image

from market import clock, db
from market.bookings import service, telling
from market.outbox import worker
from market.outbox.tools import Tools
from tests.factories import in_days, make_homestay, make_host, make_listing, make_person, make_start
from tests.integration.bookings.doing import CONTACT, book, check_out, hold
from tests.web import submit

GUEST = CONTACT["email"]


async def sent(recipient: str = "") -> list[dict[str, object]]:
    rows = await db.fetch("SELECT * FROM delivery ORDER BY id")
    return [row for row in rows if recipient in ("", row["recipient"])]


async def test_a_confirmation_carries_the_link_the_calendar_and_the_code(
    client: httpx.AsyncClient, tools: Tools
):
    listing = await make_listing()
    start = await make_start(listing)
    reference = await book(client, tools, listing.slug, slot=start.id, adults=2)
    [mail] = await sent(GUEST)
    assert mail["subject"] == "Confirmed: Weaving buna"
    assert "http://testserver/en/trip/" in str(mail["body"])
    assert "Private road 1" in str(mail["body"])
    files = json.loads(mail["attachments"]) if isinstance(mail["attachments"], str) else mail["attachments"]
    assert [file["name"] for file in files] == [f"{reference}.ics", f"{reference}.png"]
    picture = Image.open(io.BytesIO(base64.b64decode(files[1]["content"])))
    [code] = zxingcpp.read_barcodes(picture.convert("RGB"))
    assert reference in code.text
    await telling.tell({"booking": reference, "what": "confirmed"}, tools)
    assert len(await sent(GUEST)) == 1


async def test_a_request_reaches_guest_and_host_each_in_their_language(
    client: httpx.AsyncClient, tools: Tools
):
    owner = await make_person(name="Mama Rosalina", email="rosalina@example.test")
    await db.execute("UPDATE person SET locale = 'id' WHERE id = $1", owner.id)
    host = await make_host(person=owner)
    listing, room = await make_homestay(host_id=host.id, instant=False)
    reference = await hold(client, listing.slug, from_=in_days(20), to=in_days(23), room=room.id, adults=2)
    await check_out(client, reference, "transfer")
    await worker.drain(tools)
    [guest] = await sent(GUEST)
    assert guest["locale"] == "en"
    assert "has your request" in str(guest["subject"])
    [to_host] = await sent("rosalina@example.test")
    assert to_host["locale"] == "id"
    assert "http://testserver/id/host/" in str(to_host["body"])
    assert CONTACT["phone"] not in str(to_host["body"])


async def test_a_transfer_is_asked_for_with_its_code(client: httpx.AsyncClient, tools: Tools):
    listing = await make_listing()
    start = await make_start(listing)
    await book(client, tools, listing.slug, "transfer", slot=start.id, adults=1)
    [mail] = await sent(GUEST)
    for fact in ("TR-", "Bank Uji", "123-456-789", "Rp\xa0210,000"):
        assert fact in str(mail["body"])


async def test_an_accepted_card_request_asks_for_no_money_while_it_is_charged(
    client: httpx.AsyncClient, tools: Tools
):
    listing = await make_listing(instant=False)
    start = await make_start(listing)
    reference = await book(client, tools, listing.slug, slot=start.id, adults=1)
    await service.accept(reference, by=None, actor="host", now=clock.now())
    await worker.drain(tools)
    subjects = [str(mail["subject"]) for mail in await sent(GUEST)]
    assert subjects[-1] == "Confirmed: Weaving buna"
    assert not any("Please pay" in subject for subject in subjects)


async def test_a_cancellation_and_its_refund_are_told(client: httpx.AsyncClient, tools: Tools):
    listing = await make_listing()
    start = await make_start(listing)
    reference = await book(client, tools, listing.slug, slot=start.id, adults=1)
    await submit(client, await client.get(f"/en/bookings/{reference}/cancel"), action="/cancel")
    await worker.drain(tools)
    mails = {str(mail["subject"]).replace("\xa0", " "): str(mail["body"]) for mail in (await sent(GUEST))[1:]}
    assert set(mails) == {"Cancelled: Weaving buna", "Rp 210,000 is on its way back to you"}
    assert "Rp\xa0210,000 comes back to you." in mails["Cancelled: Weaving buna"]


async def test_a_host_is_promised_nothing_of_what_went_back(client: httpx.AsyncClient, tools: Tools):
    person = await make_person(email="host@mails.test")
    listing = await make_listing(host_id=(await make_host(person=person)).id)
    start = await make_start(listing)
    reference = await book(client, tools, listing.slug, slot=start.id, adults=1)
    await submit(client, await client.get(f"/en/bookings/{reference}/cancel"), action="/cancel")
    await worker.drain(tools)
    mails = {str(mail["subject"]).split(":")[0]: str(mail["body"]) for mail in await sent("host@mails.test")}
    assert "You receive" in mails["Confirmed"]
    assert "You receive" not in mails["Cancelled"]


async def test_money_that_came_too_late_is_told_with_what_is_still_free(
    client: httpx.AsyncClient, tools: Tools
):
    listing = await make_listing()
    start, other = await make_start(listing), await make_start(listing, days=27)
    reference = await book(client, tools, listing.slug, "transfer", slot=start.id, adults=1)
    await telling.tell({"booking": reference, "what": "too_late", "payment": "PYTEST"}, tools)
    mail = (await sent(GUEST))[-1]
    assert "money on its way back" in str(mail["subject"])
    assert f"slot={other.id}" in str(mail["body"])


async def test_the_end_of_a_trip_brings_the_receipt(client: httpx.AsyncClient, tools: Tools):
    listing = await make_listing()
    start = await make_start(listing)
    reference = await book(client, tools, listing.slug, slot=start.id, adults=1)
    with clock.frozen(start.ends_at + timedelta(days=2)):
        assert await service.complete(reference, clock.now())
        await worker.drain(tools)
    (mail,) = [each for each in await sent(GUEST) if each["subject"] == "Thank you: Weaving buna"]
    assert "Village fund: Rp\xa010,000 (5%)" in str(mail["body"])


async def test_every_letter_can_be_written_in_both_languages(client: httpx.AsyncClient, tools: Tools):
    listing = await make_listing()
    start = await make_start(listing)
    reference = await book(client, tools, listing.slug, slot=start.id, adults=1)
    told = [
        "declined",
        "expired",
        "withdrawn",
        "cancelled_by_host",
        "cancelled_by_operator",
        "force_majeure",
        "called_off",
        "moved",
        "money_back",
        "guaranteed",
        "change_too_late",
        "changed",
        "capture_failed",
    ]
    for locale in ("id", "en"):
        await db.execute("UPDATE booking SET locale = $2 WHERE reference = $1", reference, locale)
        for what in told:
            payload = {
                "booking": reference,
                "what": what,
                "payment": locale,
                "was": "requested",
                "reason": "Harvest.",
                "until": clock.now().isoformat(),
                "needed": 4,
                "guests": 2,
            }
            await telling.tell(payload, tools)
    mails = (await sent(GUEST))[1:]
    assert len(mails) == 2 * len(told)
    assert all(str(mail["subject"]) and str(mail["html"]) for mail in mails)
