"""Photos through the browser: several at once, each judged alone, the work watched without a script."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from market import clock
from market.console import operator_moderation
from market.media import queries
from market.outbox import worker
from tests import factories, web
from tests.integration.console import desk


def photo(width: int = 64) -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, 48), "teal").save(file, "JPEG")
    return file.getvalue()


async def begin(client) -> tuple[desk.Host, str]:
    host = await desk.host_with("lesson")
    await web.sign_in(client, host.person.id)
    return host, f"/en/host/listings/{host.listing.slug}/photos"


async def upload(client, path: str, files: list[tuple[str, bytes]]):
    sent = [("photos", (name, data, "image/jpeg")) for name, data in files]
    return await web.post_form(client, path, action="/photos", files=sent)


async def test_upload_watch_describe_order_delete(client, tools):
    host, path = await begin(client)
    answer = await upload(client, path, [("a.jpg", photo(64)), ("b.jpg", photo(80))])
    assert answer.status_code == 303
    watching = await client.get(answer.headers["location"])
    assert watching.headers["refresh"] == "2"
    assert "2 photos are here" in watching.text
    assert "<progress" in watching.text
    await worker.drain(tools)
    done = await client.get(answer.headers["location"])
    assert done.headers["location"].endswith("/photos")
    first, second = await queries.list_photos(host.listing.id, "en")
    text = await desk.page(client, path)
    assert text.count("<picture>") == 2
    values = {f"alt_id-{second.id}": "Alat tenun", f"alt_en-{second.id}": "A loom"}
    await web.post_form(client, path, {**values, "act": "save"}, action=f"/photos/{second.id}")
    await web.post_form(client, path, {"act": "earlier"}, action=f"/photos/{second.id}")
    shown = (await queries.photos_for([host.listing.id], "en"))[host.listing.id]
    assert [each.alt for each in shown] == ["A loom", ""]
    served = await client.get(shown[0].src)
    assert served.status_code == 200
    assert served.headers["content-type"] == "image/jpeg"
    await web.post_form(client, path, {"act": "delete"}, action=f"/photos/{first.id}")
    assert len(await queries.list_photos(host.listing.id, "en")) == 1
    assert "<picture>" in await desk.page(client, "/en/host/listings")


async def test_a_photo_that_staff_hid_says_so_and_why(client, tools, settings):
    host, path = await begin(client)
    await upload(client, path, [("a.jpg", photo(64)), ("b.jpg", photo(80))])
    await worker.drain(tools)
    first, second = await queries.list_photos(host.listing.id, "en")
    operator = await factories.make_person(name="Orin")
    await operator_moderation.hide_photo(
        first.id,
        reason="A telephone number is in the picture.",
        by=operator.id,
        now=clock.now(),
        config=settings,
    )
    text = await desk.page(client, path)
    assert "Guests do not see this photo." in text
    assert "A telephone number is in the picture." in text
    assert "Delete it and add another one" in text
    card = text[text.index("Hidden by us") :]
    assert "Cover" in card, "the next photo is the cover now"
    assert second.id


async def test_a_bad_file_does_not_cost_the_good_one(client):
    host, path = await begin(client)
    files = [("good.jpg", photo()), ("text.jpg", b"only words"), ("huge.jpg", b"\xff" * (16 * 1024 * 1024))]
    answer = await upload(client, path, files)
    assert answer.status_code == 422
    assert "text.jpg: This file is not a picture" in answer.text
    assert "huge.jpg: This file is larger than 15 MB" in answer.text
    assert len(await queries.list_photos(host.listing.id, "en")) == 1


async def test_nothing_chosen_and_bodies_without_end(client):
    _, path = await begin(client)
    answer = await web.post_form(client, path, action="/photos", files=[("photos", ("", b"", "image/jpeg"))])
    assert answer.status_code == 422
    assert "Choose a photo first." in answer.text
    answer = await upload(client, path, [(f"{n}.jpg", b"x" * (14 * 1024 * 1024)) for n in range(5)])
    assert answer.status_code == 413


async def test_photos_of_others_and_of_nobody_are_not_found(client):
    host, path = await begin(client)
    await upload(client, path, [("a.jpg", photo())])
    mine = (await queries.list_photos(host.listing.id, "en"))[0]
    form = web.form_with((await client.get(path)).text, action=f"/photos/{mine.id}")
    other = await factories.make_listing()
    for target in (f"{path}/999999", f"{path}/{2**60}", f"/en/host/listings/{other.slug}/photos/{mine.id}"):
        assert (await client.post(target, data={**form["data"], "act": "delete"})).status_code == 404
    wrong = await client.post(f"{path}/{mine.id}", data={**form["data"], "act": "explode"})
    assert wrong.status_code == 303
    assert len(await queries.list_photos(host.listing.id, "en")) == 1
