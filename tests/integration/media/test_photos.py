"""Photos from upload to page: taken in, refused, made by the worker, ordered, deleted with their files."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from market import clock
from market.db import fetch, fetch_one
from market.errors import NotFound
from market.media import handlers as _handlers
from market.media import queries, service
from market.media.adapters.disk import DiskStorage
from market.media.decoding import NotAPicture, TooLarge
from market.media.storage import NoSuchFile, Storage
from market.outbox import worker
from market.outbox.tools import Tools
from tests import factories


def photo(width: int = 900, height: int = 600, colour: str = "teal") -> bytes:
    file = BytesIO()
    Image.new("RGB", (width, height), colour).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def storage(tmp_path) -> DiskStorage:
    return DiskStorage(tmp_path / "media", "/media")


@pytest.fixture
def work(storage) -> Tools:
    return Tools({Storage: storage})


async def add(listing, storage, data: bytes) -> int:
    return await service.add_photo(listing.id, data, storage=storage, now=clock.now())


async def keys(storage, prefix: str = "") -> list[str]:
    return [stat.key async for stat in storage.list(prefix)]


async def test_an_upload_waits_and_the_worker_makes_every_size(db, storage, work):
    listing = await factories.make_listing()
    photo_id = await add(listing, storage, photo())
    assert (await queries.list_photos(listing.id, "en"))[0].state == "waiting"
    assert await queries.photos_for([listing.id], "en") == {}
    assert await queries.count_in_work([listing.id]) == 1
    await worker.drain(work)
    made = (await queries.photos_for([listing.id], "en"))[listing.id][0]
    assert made.id == photo_id
    assert (made.width, made.height) == (900, 600)
    assert [source.type for source in made.sources] == ["image/avif", "image/webp", "image/jpeg"]
    assert made.sources[0].srcset.count("w") >= 3
    assert made.src.startswith("/media/photos/")
    assert made.src.endswith(".jpg")
    assert made.blur.startswith("data:image/webp")
    assert await queries.count_in_work([listing.id]) == 0


async def test_the_work_done_twice_changes_nothing(db, storage, work):
    listing = await factories.make_listing()
    photo_id = await add(listing, storage, photo())
    await worker.drain(work)
    before = await keys(storage)
    await _handlers.make_variants({"photo": photo_id}, work)
    assert await keys(storage) == before


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", service.Empty),
        (b"this is text, whatever it is called", NotAPicture),
        (b"\xff\xd8\xff" + b"x" * 200, Exception),
        (b"\x00" * (service.MAX_BYTES + 1), service.TooBig),
    ],
)
async def test_what_is_no_photo_is_refused_and_leaves_nothing(db, storage, data, error):
    listing = await factories.make_listing()
    with pytest.raises(error):
        await add(listing, storage, data)
    assert await keys(storage) == []
    assert await fetch("SELECT id FROM photo") == []


async def test_thirty_thousand_pixels_are_too_many(db, storage):
    listing = await factories.make_listing()
    file = BytesIO()
    Image.new("1", (30_000, 30_000)).save(file, "PNG")
    with pytest.raises(TooLarge):
        await add(listing, storage, file.getvalue())


async def test_twelve_photos_and_no_file_twice(db, storage):
    listing = await factories.make_listing()
    for n in range(service.MAX_PHOTOS):
        await add(listing, storage, photo(40 + n, 40))
    with pytest.raises(service.AlreadyThere):
        await add(listing, storage, photo(40, 40))
    with pytest.raises(service.TooManyPhotos):
        await add(listing, storage, photo(90, 90))
    assert len(await keys(storage, "originals/")) == service.MAX_PHOTOS


async def test_a_picture_that_cannot_be_made_ends_as_failed_with_its_reason(db, storage, work):
    listing = await factories.make_listing()
    photo_id = await add(listing, storage, photo())
    row = await fetch_one("SELECT original_key FROM photo WHERE id = $1", photo_id)
    await storage.put(row["original_key"], photo()[:400], "image/jpeg")
    await worker.drain(work)
    shown = (await queries.list_photos(listing.id, "en"))[0]
    assert shown.state == "failed"
    assert "damaged" in str(shown.problem)
    await storage.put(row["original_key"], photo(), "image/jpeg")
    await service.try_again(listing.id, photo_id)
    await worker.drain(work)
    assert (await queries.list_photos(listing.id, "en"))[0].state == "ready"


async def test_order_and_description(db, storage, work):
    listing = await factories.make_listing()
    first, second = [await add(listing, storage, photo(60 + n, 60)) for n in range(2)]
    await worker.drain(work)
    await service.move(listing.id, second, by=-1)
    await service.describe(listing.id, second, {"id": "Beranda", "en": "The veranda"})
    english = (await queries.photos_for([listing.id], "en"))[listing.id]
    assert [each.id for each in english] == [second, first]
    assert english[0].alt == "The veranda"
    assert (await queries.photos_for([listing.id], "id"))[listing.id][0].alt == "Beranda"


async def test_deleting_takes_the_files_too_unless_another_listing_shows_the_picture(db, storage, work):
    listing, other = await factories.make_listing(), await factories.make_listing()
    data = photo()
    mine, theirs = await add(listing, storage, data), await add(other, storage, data)
    await worker.drain(work)
    await service.delete_photo(listing.id, mine)
    await worker.drain(work)
    shown = (await queries.photos_for([other.id], "en"))[other.id][0]
    assert await storage.exists(shown.src.removeprefix("/media/"))
    await service.delete_photo(other.id, theirs)
    await worker.drain(work)
    assert await keys(storage) == []
    with pytest.raises(NoSuchFile):
        await storage.get(shown.src.removeprefix("/media/"))


async def test_another_listings_photo_is_not_found(db, storage):
    listing, other = await factories.make_listing(), await factories.make_listing()
    photo_id = await add(other, storage, photo())
    for act in (
        service.describe(listing.id, photo_id, {}),
        service.move(listing.id, photo_id, by=1),
        service.delete_photo(listing.id, photo_id),
    ):
        with pytest.raises(NotFound):
            await act


async def test_a_photo_deleted_while_in_work_leaves_no_files(db, storage, work, monkeypatch):
    listing = await factories.make_listing()
    photo_id = await add(listing, storage, photo())
    made = _handlers._store

    async def store_and_lose(*args):
        stored = await made(*args)
        await service.delete_photo(listing.id, photo_id)
        return stored

    monkeypatch.setattr(_handlers, "_store", store_and_lose)
    await worker.drain(work)
    assert await keys(storage) == []
