"""Notices are answered by mail: signed, from the right mailbox, once, without what was quoted."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from starlette.applications import Starlette

from market import clock, db
from market.app.create import create_app
from market.bookings.access import Role
from market.messaging import mail_replies, mail_text
from market.messaging.mail_pages import SIGNATURE, TIMESTAMP
from market.outbox.tools import Tools
from market.settings import Settings
from tests.integration.messaging.test_thread import Booked, booked, notices, write

KEY = "the-mail-server-and-we-know-this-0123"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, mail_inbound="reply.benang.test", mail_inbound_secret=KEY)


@pytest.fixture
async def thread(app: Starlette, client: httpx.AsyncClient, tools: Tools):
    made = await booked(app, client, tools, instant=True)
    yield made
    await made.host.aclose()


def reference_of(thread: Booked) -> str:
    return thread.page.split("/")[3]


def mail(
    to: str, *, sender: str = "maria@example.test", body: str = "We come at 13:00.", more: str = ""
) -> bytes:
    number = abs(hash((to, sender, body, more)))
    return (
        f"From: Somebody <{sender}>\r\nTo: <{to}>\r\nSubject: Re: x\r\nMessage-ID: <{number}@mail.test>\r\n{more}"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    ).encode()


async def hand_over(
    client: httpx.AsyncClient, raw: bytes, *, key: str = KEY, late: int = 0
) -> httpx.Response:
    stamp = str(int(clock.now().timestamp()) - late)
    headers = {SIGNATURE: mail_replies.signature(key, stamp, raw), TIMESTAMP: stamp}
    return await client.post("/webhooks/mail", content=raw, headers=headers)


async def outcome(client: httpx.AsyncClient, raw: bytes) -> str:
    answer = await hand_over(client, raw)
    assert answer.status_code == 200
    return answer.json()["outcome"]


async def bounced() -> list[str]:
    rows = await db.fetch("SELECT recipient FROM delivery WHERE dedupe_key LIKE '%:bounce:%'")
    return [row["recipient"] for row in rows]


async def test_a_notice_is_answered_by_mail(thread: Booked, tools: Tools, settings: Settings):
    await write(thread.host, thread.page, "When do you come?")
    assert await notices(tools) == ["maria@example.test"]
    (row,) = await db.fetch("SELECT address FROM delivery_reply")
    to = mail_replies.address(reference_of(thread), Role.GUEST, "maria@example.test", settings)
    assert row["address"] == to
    assert len(to.partition("@")[0]) <= 64
    quoted = "We come at 13:00.\n\nOn Sun, 22 Nov 2026 Benang wrote:\n> When do you come?\n"
    raw = mail(to.upper(), body=quoted)
    assert await outcome(thread.guest, raw) == "stored"
    again = await hand_over(thread.guest, raw)
    assert again.json() == {"outcome": "ignored", "duplicate": True}
    page = (await thread.host.get(thread.page)).text
    assert page.count("We come at 13:00.") >= 1
    rows = await db.fetch("SELECT author, body FROM message ORDER BY id")
    assert [(r["author"], r["body"]) for r in rows][1:] == [("guest", "We come at 13:00.")]


async def test_a_host_answers_by_mail_too(thread: Booked, settings: Settings):
    to = mail_replies.address(reference_of(thread), Role.HOST, "rosalina@example.test", settings)
    assert await outcome(thread.guest, mail(to, sender="Rosalina@Example.Test", body="Baik!")) == "stored"
    rows = await db.fetch("SELECT author, person_id FROM message")
    assert rows[0]["author"] == "host"
    assert rows[0]["person_id"] is not None


async def test_what_is_not_ours_is_ignored_and_nobody_hears_of_it(thread: Booked, settings: Settings):
    good = mail_replies.address(reference_of(thread), Role.GUEST, "maria@example.test", settings)
    local, _, domain = good.partition("@")
    forged = f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}"
    other = mail_replies.address("ZZZZZZZZ", Role.GUEST, "maria@example.test", settings)
    for to in (
        forged,
        other,
        f"{local}@elsewhere.test",
        "reply+x@reply.benang.test",
        "info@reply.benang.test",
    ):
        assert await outcome(thread.guest, mail(to)) == "ignored"
    for more in (
        "Auto-Submitted: auto-replied\r\n",
        "Precedence: bulk\r\n",
        "Return-Path: <>\r\n",
        "List-Id: x\r\n",
    ):
        assert await outcome(thread.guest, mail(good, more=more)) == "ignored"
    assert await outcome(thread.guest, b"\x00\xff nonsense") == "ignored"
    assert await db.fetch("SELECT id FROM message") == []
    assert await bounced() == []


async def test_a_stranger_and_an_empty_mail_are_told_once_a_day(thread: Booked, settings: Settings):
    to = mail_replies.address(reference_of(thread), Role.GUEST, "maria@example.test", settings)
    for body in ("One", "Two"):
        assert await outcome(thread.guest, mail(to, sender="stranger@example.test", body=body)) == "stranger"
    assert await outcome(thread.guest, mail(to, body="> only a quote")) == "empty"
    assert sorted(await bounced()) == ["maria@example.test", "stranger@example.test"]
    assert await db.fetch("SELECT id FROM message") == []
    # The host's own mailbox cannot write as the guest.
    assert await outcome(thread.guest, mail(to, sender="rosalina@example.test")) == "stranger"


async def test_only_our_mail_server_hands_mail_over(thread: Booked, settings: Settings):
    to = mail_replies.address(reference_of(thread), Role.GUEST, "maria@example.test", settings)
    assert (await hand_over(thread.guest, mail(to), key="x" * 40)).status_code == 400
    assert (await hand_over(thread.guest, mail(to), late=301)).status_code == 400
    assert (await thread.guest.post("/webhooks/mail", content=mail(to))).status_code == 400
    assert await db.fetch("SELECT id FROM mail_inbound") == []


async def test_without_the_setting_there_is_no_door(db: str, settings: Settings, tools: Tools):
    closed = create_app(replace(settings, mail_inbound=""), tools=tools)
    closed.state.tools = type(tools)({Settings: replace(settings, mail_inbound="")})
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=closed), base_url="http://testserver"
    ) as client:
        assert (await client.post("/webhooks/mail", content=b"x")).status_code == 404


async def test_what_is_hidden_stays_hidden_by_mail_and_is_logged(
    app: Starlette, client: httpx.AsyncClient, tools: Tools, settings: Settings
):
    thread = await booked(app, client, tools, instant=False)
    to = mail_replies.address(reference_of(thread), Role.GUEST, "maria@example.test", settings)
    body = "Call me: +62 812 9999 8888 or www.example.test"
    assert await outcome(thread.guest, mail(to, body=body)) == "stored"
    assert "9999" not in (await thread.host.get(thread.page)).text
    rows = await db.fetch("SELECT kinds FROM message_masking")
    assert [row["kinds"] for row in rows] == ["link,phone"]
    told = await write(thread.guest, thread.page, "Or ana@example.test")
    from tests.web import follow

    assert "stay hidden until the booking is confirmed" in (await follow(thread.guest, told)).text
    await thread.host.aclose()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Ya.\n\nPada Min, 22 Nov 2026 pukul 10.00 Benang <a@b.test> menulis:\n> x", "Ya."),
        ("Ya.\n\nOn Sun, 22 Nov 2026 at 10:00, Benang <reply+abc@reply.test>\nwrote:\n\n> x", "Ya."),
        ("Yes\n-- \nMaria\nTel. 123", "Yes"),
        ("Yes\n\nSent from my iPhone", "Yes"),
        ("Yes\n\n-----Original Message-----\nFrom: x@y.test", "Yes"),
        ("Yes\n________________________________\nFrom: a", "Yes"),
        ("Yes\nFrom: Benang <a@b.test>\nSent: Sunday", "Yes"),
        ("> quoted\nYes\n> more\nNo", "Yes\nNo"),
        ("On Monday we come.\nBye", "On Monday we come.\nBye"),
        ("", ""),
    ],
)
def test_quotes_and_signatures_fall_away(text: str, kept: str):
    assert mail_text.answer_in(text) == kept
    assert mail_text.answer_in(text.replace("\n", "\r\n")) == kept


def test_html_alone_is_read_as_words():
    raw = (
        b"From: a@b.test\r\nTo: reply+abcdefghijk@r.test\r\nContent-Type: text/html\r\n\r\n"
        b"<html><head><style>p{}</style>"
        b"</head><body><p>Yes, <b>gladly</b>.</p><script>x</script><blockquote>old</blockquote></body></html>"
    )
    read = mail_text.read(raw, "r.test")
    assert (read.body, read.sender, read.token) == ("Yes, gladly.", "a@b.test", "abcdefghijk")
