"""Pictures in a conversation: clean sizes only, after the confirmation, for the two sides alone."""

from __future__ import annotations

import io
from pathlib import Path

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette

from market import db
from market.outbox import worker
from market.outbox.tools import Tools
from market.settings import Settings
from tests import factories
from tests.integration.messaging.test_thread import Booked, booked
from tests.web import form_with, sign_in


def photo(kind: str = "JPEG", **more: object) -> bytes:
    kept = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "MARKER-IN-EXIF"
    Image.linear_gradient("L").resize((900, 600)).convert("RGB").save(kept, kind, exif=exif, **more)
    return kept.getvalue()


async def send(browser: httpx.AsyncClient, page: str, body: str, *files: bytes) -> httpx.Response:
    form = form_with((await browser.get(page)).text, action="/messages", field="body")
    sent = [("pictures", (f"{n}.jpg", data, "image/jpeg")) for n, data in enumerate(files)]
    return await browser.post(page, data={**form["data"], "body": body}, files=sent)


@pytest.fixture
async def thread(app: Starlette, client: httpx.AsyncClient, tools: Tools):
    made = await booked(app, client, tools, instant=True)
    yield made
    await made.host.aclose()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
async def test_a_picture_arrives_clean_and_small(
    thread: Booked, tools: Tools, settings: Settings, app: Starlette, kind: str
):
    assert (await send(thread.guest, thread.page, "Our bus", photo(kind))).status_code == 303
    assert "The picture is being prepared." in (await thread.host.get(thread.page)).text
    await worker.drain(tools)
    (row,) = await db.fetch("SELECT id, state FROM message_picture")
    assert row["state"] == "ready"
    path = f"{thread.page}/pictures/{row['id']}"
    for browser in (thread.host, thread.guest):
        assert path in (await browser.get(thread.page)).text
        small, large = await browser.get(path), await browser.get(f"{path}?size=large")
        assert small.headers["content-type"] == "image/jpeg"
        assert small.headers["cache-control"].startswith("private")
        assert Image.open(io.BytesIO(small.content)).size == (360, 240)
        assert Image.open(io.BytesIO(large.content)).size == (900, 600)
        assert b"MARKER" not in small.content + large.content
    files = [file for file in Path(settings.data_dir, "media").rglob("*") if file.is_file()]
    assert len([file for file in files if "messages" in file.parts]) == 2
    assert all(b"MARKER" not in file.read_bytes() for file in files)
    operator = await factories.make_person()
    await factories.make_member(operator, "operator")
    for person in (operator, await factories.make_person()):
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://testserver"
        ) as other:
            await sign_in(other, person.id)
            assert (await other.get(path)).status_code == 404


@pytest.mark.parametrize(
    "files",
    [
        [b"not a picture"],
        [b"<svg xmlns='http://www.w3.org/2000/svg'/>"],
        [photo("GIF")],
        [photo()] * 5,
        [photo()[:300]],
    ],
)
async def test_other_files_are_refused_and_the_text_is_kept(thread: Booked, files: list[bytes]):
    refused = await send(thread.guest, thread.page, "Look at this", *files)
    assert refused.status_code == 422
    assert "Look at this" in refused.text
    assert await db.fetch("SELECT id FROM message") == []


async def test_no_pictures_before_the_booking_is_confirmed(
    app: Starlette, client: httpx.AsyncClient, tools: Tools
):
    thread = await booked(app, client, tools, instant=False)
    assert 'name="pictures"' not in (await thread.guest.get(thread.page)).text
    refused = await send(thread.guest, thread.page, "My number", photo())
    assert refused.status_code == 409
    assert "once the booking is confirmed" in refused.text
    await thread.host.aclose()


async def test_a_forgotten_guest_takes_the_pictures_along(thread: Booked, tools: Tools, settings: Settings):
    from market.outbox import queue

    await send(thread.guest, thread.page, "Our bus", photo())
    await worker.drain(tools)
    reference = thread.page.split("/")[3]
    async with db.transaction():
        await queue.add("booking.guest_forgotten", {"booking": reference})
    await worker.drain(tools)
    assert await db.fetch("SELECT id FROM message_picture") == []
    files = [file for file in Path(settings.data_dir, "media", "messages").rglob("*") if file.is_file()]
    assert files == []
