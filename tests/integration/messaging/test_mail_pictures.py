"""Files that come with a mailed answer: pictures are taken in as uploaded ones are, the rest is named as left out."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette

from market import db
from market.bookings.access import Role
from market.messaging import mail_replies, mail_text
from market.outbox import worker
from market.outbox.tools import Tools
from market.settings import Settings
from tests.integration.messaging.test_by_mail import KEY, hand_over, outcome, reference_of
from tests.integration.messaging.test_thread import Booked, booked


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, mail_inbound="reply.benang.test", mail_inbound_secret=KEY)


def photo(kind: str = "JPEG") -> bytes:
    kept, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "MARKER-IN-EXIF"
    Image.frombytes("RGB", (320, 200), os.urandom(320 * 200 * 3)).save(kept, kind, exif=exif)
    return kept.getvalue()


def answer(to: str, files: list[tuple[str, str, bytes]], *, body: str = "Our bus.", number: int = 1) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Message-ID"] = "maria@example.test", to, f"<{number}@mail.test>"
    mail.set_content(body)
    for name, kind, data in files:
        main, _, sub = kind.partition("/")
        mail.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes()


def waiting(settings: Settings) -> list[Path]:
    return [path for path in settings.data_dir.rglob("*") if path.is_file() and "waiting" in str(path)]


def address(thread: Booked, settings: Settings) -> str:
    return mail_replies.address(reference_of(thread), Role.GUEST, "maria@example.test", settings)


async def test_pictures_are_taken_in_and_others_named(
    app: Starlette, client: httpx.AsyncClient, tools: Tools, settings: Settings
):
    thread = await booked(app, client, tools, instant=True)
    files = [
        ("bus.jpg", "image/jpeg", photo()),
        ("logo.png", "image/png", b"\x89PNG" + b"0" * 200),
        ("bill.pdf", "application/pdf", b"%PDF-1.7 " + b"0" * 9000),
        ("broken.jpg", "image/jpeg", b"\xff\xd8" + b"0" * 9000),
        *[(f"{n}.webp", "image/webp", photo("WEBP")) for n in range(4)],
    ]
    raw = answer(address(thread, settings), files)
    assert await outcome(client, raw) == "stored"
    assert (await hand_over(client, raw)).json()["duplicate"]
    await worker.drain(tools)
    rows = await db.fetch("SELECT state, small_key FROM message_picture ORDER BY id")
    assert [row["state"] for row in rows] == ["ready"] * 4
    page = (await thread.host.get(thread.page)).text
    assert "Our bus." in page
    assert "bill.pdf, broken.jpg, 3.webp" in page
    assert "logo.png" not in page, "decoration is passed over"
    assert not waiting(settings)
    kept = b"".join(path.read_bytes() for path in settings.data_dir.rglob("*") if path.is_file())
    assert b"MARKER" not in kept
    await thread.host.aclose()


async def test_before_the_confirmation_no_picture_is_taken(
    app: Starlette, client: httpx.AsyncClient, tools: Tools, settings: Settings
):
    thread = await booked(app, client, tools, instant=False)
    raw = answer(address(thread, settings), [("phone.jpg", "image/jpeg", photo())])
    assert await outcome(client, raw) == "stored"
    assert await db.fetch("SELECT id FROM message_picture") == []
    page = (await thread.host.get(thread.page)).text
    assert "once the booking is confirmed: phone.jpg" in page
    assert not waiting(settings)
    await thread.host.aclose()


async def test_a_picture_alone_is_a_message_and_a_refused_mail_leaves_nothing(
    app: Starlette, client: httpx.AsyncClient, tools: Tools, settings: Settings
):
    thread = await booked(app, client, tools, instant=True)
    alone = answer(address(thread, settings), [("a.jpg", "image/jpeg", photo())], body="")
    assert await outcome(client, alone) == "stored"
    assert "A picture for you." in (await thread.host.get(thread.page)).text
    await worker.drain(tools)
    await db.execute("UPDATE booking SET state = 'expired'")
    late = answer(address(thread, settings), [("b.jpg", "image/jpeg", photo())], number=2)
    assert await outcome(client, late) == "closed"
    assert not waiting(settings)
    await thread.host.aclose()


def test_names_are_cut_and_cleaned():
    raw = answer("x@y.test", [("a\x07b" + "c" * 90 + ".jpg", "image/jpeg", b"1")])
    (file,) = mail_text.read(raw, "y.test").attached
    assert len(file.name) <= 60
    assert file.name.isprintable()
