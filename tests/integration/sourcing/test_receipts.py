"""Evidence: kept encrypted, hashed, stopped when seen before, drawn again by the worker, compared by its look."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from market import clock
from market import db as database
from market.errors import Invalid, NotFound, Refused
from market.media.storage import Storage
from market.outbox import worker
from market.settings import Settings
from market.sourcing import entry, receipts, sealing
from market.sourcing import handlers as _handlers  # noqa: F401 - registers the worker's part
from market.sourcing.models import Evidence, PurchaseDocument
from tests.integration.sourcing.buying import bought, hotel, paper
from tests.unit.sourcing import pads

SECRETS = ("new-secret-of-the-installation-0123456789", "old-secret-of-the-installation-0123456789")


def jpeg(image: Image.Image, quality: int = 85) -> bytes:
    file = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "GPS-MARKER-OF-A-PHONE"
    image.save(file, "JPEG", quality=quality, exif=exif)
    return file.getvalue()


def plain(colour: str = "teal") -> bytes:
    return jpeg(Image.new("RGB", (90, 60), colour))


class Inbox:
    """A hotel with its storage."""

    def __init__(self, house, person, tools) -> None:
        self.house, self.person, self.tools = house, person, tools
        self.storage, self.installation = tools.of(Storage), tools.of(Settings).secrets

    async def keep(self, data: bytes, name: str = "nota.jpg", **fields) -> str:
        return await receipts.keep(
            data,
            name,
            hotel_id=self.house.id,
            by=self.person.id,
            now=clock.now(),
            storage=self.storage,
            installation=self.installation,
            **fields,
        )

    async def read(self, reference: str, how=receipts.original, *, hotel_id: int | None = None):
        ids = frozenset({hotel_id or self.house.id})
        return await how(reference, hotel_ids=ids, storage=self.storage, installation=self.installation)


@pytest.fixture
async def inbox(db, tools) -> Inbox:
    person, house = await hotel()
    return Inbox(house, person, tools)


async def test_what_is_stored_cannot_be_read_without_the_secret(inbox):
    data = plain()
    reference = await inbox.keep(data, '../../a"b.exe')
    row = await Evidence.get(reference=reference)
    stored = await inbox.storage.get(row.storage_key)
    assert b"GPS-MARKER" not in stored
    assert data[:20] not in stored
    file = await inbox.read(reference)
    assert (file.data, file.filename, file.media_type) == (data, "a-b.jpg", "image/jpeg")
    with pytest.raises(NotFound):
        await inbox.read(reference, hotel_id=inbox.house.id + 1)
    with pytest.raises(NotFound):
        await inbox.read(reference, receipts.preview)


async def test_the_worker_draws_a_preview_without_metadata(inbox):
    reference = await inbox.keep(plain())
    await worker.drain(inbox.tools)
    row = await Evidence.get(reference=reference)
    assert (row.state, row.look) == ("ready", "")
    preview = await inbox.read(reference, receipts.preview)
    assert preview.media_type == "image/webp"
    assert b"GPS-MARKER" not in preview.data
    assert b"GPS-MARKER" not in await inbox.storage.get(row.preview_key)
    assert Image.open(BytesIO(preview.data)).size == (90, 60)


async def test_the_same_file_is_stopped_with_a_link_to_the_first(inbox):
    first = await inbox.keep(plain())
    with pytest.raises(receipts.SeenBefore, match="inbox already"):
        await inbox.keep(plain(), "again.jpg")
    reference = await bought(paper(evidence=(first,)), inbox.house.id, inbox.person.id)
    with pytest.raises(receipts.SeenBefore) as caught:
        await inbox.keep(plain())
    assert caught.value.facts == {"reference": reference, "own": True}
    person, other = await hotel("Hotel Lain")
    with pytest.raises(receipts.SeenBefore) as caught:
        await Inbox(other, person, inbox.tools).keep(plain())
    assert caught.value.facts == {"reference": "", "own": False}


async def test_a_photo_proves_its_document(inbox):
    first = await inbox.keep(plain())
    reference = await bought(paper(evidence=(first,)), inbox.house.id, inbox.person.id)
    document = await PurchaseDocument.get(reference=reference)
    assert document.evidenced
    with pytest.raises(Refused):
        await receipts.withdraw(first, hotel_id=inbox.house.id, storage=inbox.storage)
    await receipts.back_to_inbox(first, hotel_id=inbox.house.id)
    assert not (await PurchaseDocument.get(id=document.id)).evidenced
    assert await receipts.attach([first], document.id, hotel_id=inbox.house.id + 1) == 0
    assert await receipts.attach([first], document.id, hotel_id=inbox.house.id) == 1
    assert (await PurchaseDocument.get(id=document.id)).evidenced
    await receipts.back_to_inbox(first, hotel_id=inbox.house.id)
    key = (await Evidence.get(reference=first)).storage_key
    await receipts.withdraw(first, hotel_id=inbox.house.id, storage=inbox.storage)
    assert not await inbox.storage.exists(key)
    assert await inbox.keep(plain())


async def test_a_correction_takes_the_photos_over(inbox):
    first = await inbox.keep(plain())
    old = await bought(paper(evidence=(first,)), inbox.house.id, inbox.person.id)
    new = await entry.replace(
        old, paper(), hotel_id=inbox.house.id, by=inbox.person.id, reason="Wrong", now=clock.now()
    )
    assert (await PurchaseDocument.get(reference=new)).evidenced


async def test_pdfs_are_kept_and_never_opened(inbox):
    reference = await inbox.keep(b"%PDF-1.7 anything at all", "faktur.pdf")
    await worker.drain(inbox.tools)
    file = await inbox.read(reference)
    assert (file.media_type, file.filename) == (receipts.PDF, "faktur.pdf")
    with pytest.raises(NotFound):
        await inbox.read(reference, receipts.preview)


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg/>", b"GIF89a", b"MZ\x00", plain()[:200], b"\x00" * 100, b"%PDF" + b"x" * receipts.MAX_BYTES],
)
async def test_what_is_no_evidence_is_refused(inbox, data):
    with pytest.raises(Invalid):
        await inbox.keep(data)
    assert await Evidence.all().count() == 0


async def test_a_receipt_photographed_again_is_found_across_hotels(inbox):
    person, other = await hotel("Hotel Lain")
    first = await inbox.keep(jpeg(pads.photo(pads.receipt(3), 1)))
    another_sheet = await inbox.keep(jpeg(pads.photo(pads.receipt(4), 2)))
    again = await Inbox(other, person, inbox.tools).keep(jpeg(pads.photo(pads.receipt(3), 3), 40))
    await worker.drain(inbox.tools)
    ids = {row.reference: row.id for row in await Evidence.all()}
    rows = await database.fetch("SELECT evidence_id, other_id, distance FROM evidence_likeness")
    pairs = {frozenset((row["evidence_id"], row["other_id"])) for row in rows}
    assert pairs == {frozenset((ids[first], ids[again]))}
    assert all(row["distance"] <= 45 for row in rows)
    assert ids[another_sheet]


# Keys -------------------------------------------------------------------------------------------------------
def test_sealed_bytes_open_only_as_what_they_are():
    key = sealing.new_key()
    sealed = sealing.seal(b"nota", key, "evidence/1/a.bin")
    assert sealing.unseal(sealed, key, "evidence/1/a.bin") == b"nota"
    for wrong in (
        (sealed, key, "evidence/2/a.bin"),
        (sealed, sealing.new_key(), "evidence/1/a.bin"),
        (sealed[:-1] + bytes([sealed[-1] ^ 1]), key, "evidence/1/a.bin"),
        (b"", key, "evidence/1/a.bin"),
    ):
        with pytest.raises(sealing.CannotOpen):
            sealing.unseal(*wrong)


def test_keys_survive_a_rotation_of_the_secret():
    key = sealing.new_key()
    old = sealing.wrap(key, "B1", SECRETS[1:])
    assert sealing.unwrap(old, "B1", SECRETS) == key
    fresh = sealing.rewrapped(old, "B1", SECRETS)
    assert fresh is not None
    assert sealing.unwrap(fresh, "B1", SECRETS[:1]) == key
    assert sealing.rewrapped(fresh, "B1", SECRETS) is None
    with pytest.raises(sealing.CannotOpen):
        sealing.unwrap(old, "B1", SECRETS[:1])
    with pytest.raises(sealing.CannotOpen):
        sealing.unwrap(old, "B2", SECRETS)


async def test_rotation_seals_every_key_again(inbox):
    reference = await inbox.keep(plain())
    rotated = ("another-secret-0123456789-0123456789-xx", *inbox.installation)
    assert await receipts.rewrap(inbox.installation) == 0
    assert await receipts.rewrap(rotated) == 1
    assert await receipts.rewrap(rotated) == 0
    inbox.installation = rotated[:1]
    assert (await inbox.read(reference)).data == plain()
