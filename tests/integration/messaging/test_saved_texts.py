"""Saved texts of a host: kept in both languages, put into the field by one tap, filled in by the booking."""

from __future__ import annotations

from html import unescape

import httpx
import pytest
from starlette.applications import Starlette

from market import db
from market.messaging import phrases
from market.messaging.phrases import UnknownWord, fill
from market.outbox.tools import Tools
from tests.integration.messaging.test_thread import Booked, booked
from tests.web import follow, post_form, submit

TEXT = {
    "title": "Welcome",
    "body_id": "Halo {tamu}, sampai jumpa pada {datang}.",
    "body_en": "Dear {guest}, see you on {arrival} with {people}.",
}


@pytest.fixture
async def thread(app: Starlette, client: httpx.AsyncClient, tools: Tools):
    made = await booked(app, client, tools, instant=True)
    yield made
    await made.host.aclose()


async def test_one_tap_puts_a_text_below_what_was_typed(thread: Booked):
    saved = await post_form(thread.host, "/en/host/phrases", TEXT, action="/host/phrases")
    assert "Welcome" in (await follow(thread.host, saved)).text
    (phrase,) = await db.fetch("SELECT id FROM message_template")
    page = await thread.host.get(thread.page)
    filled = await submit(
        thread.host, page, {"body": "Hello!", "insert": str(phrase["id"])}, action="/messages"
    )
    assert filled.status_code == 200
    shown = unescape(filled.text)
    assert "Hello!\n\nDear Maria Ndolu, see you on " in shown
    assert "with 1 adult." in shown
    assert await db.fetch("SELECT id FROM message") == []
    sent = await submit(thread.host, filled, {}, action="/messages")
    assert sent.status_code == 303
    assert "Dear Maria Ndolu" in (await thread.guest.get(thread.page)).text


async def test_guests_see_and_use_no_saved_texts(thread: Booked):
    await post_form(thread.host, "/en/host/phrases", TEXT, action="/host/phrases")
    (phrase,) = await db.fetch("SELECT id FROM message_template")
    page = await thread.guest.get(thread.page)
    assert "Welcome" not in page.text
    tried = await submit(thread.guest, page, {"insert": str(phrase["id"])}, action="/messages")
    assert tried.status_code == 404


async def test_texts_are_changed_and_deleted(thread: Booked):
    await post_form(thread.host, "/en/host/phrases", TEXT, action="/host/phrases")
    (phrase,) = await db.fetch("SELECT id FROM message_template")
    path = f"/en/host/phrases/{phrase['id']}"
    bad = await post_form(thread.host, path, {"body_en": "Pay at {bank}"}, action="/phrases/")
    assert bad.status_code == 422
    assert "{bank}" in unescape(bad.text)
    empty = await post_form(thread.host, path, {"body_en": "", "body_id": ""}, action="/phrases/")
    assert "at least one language" in empty.text
    assert (await post_form(thread.host, path, {"title": "Hi"}, action="/phrases/")).status_code == 303
    assert (await post_form(thread.host, path, {"act": "delete"}, action="/phrases/")).status_code == 303
    assert await db.fetch("SELECT id FROM message_template") == []


async def test_examples_fill_the_form(thread: Booked):
    assert "Dear {guest}" in (await thread.host.get("/en/host/phrases?example=0")).text
    assert (await thread.host.get("/en/host/phrases?example=9")).status_code == 200


def test_filling_in():
    assert fill("{Tamu} {tamu} {nobody} { guest }", {"guest": "Ana"}) == "Ana Ana {nobody} Ana"
    assert fill("{guest}", {"guest": "{host}"}) == "{host}"
    with pytest.raises(UnknownWord):
        phrases.check({"en": "{password}"})
