"""The worker's part of photos: making the sizes a page shows, and deleting the files of photos taken away.

One picture at a time in a thread; how far it is stands in the photo's row. Both handlers may run twice.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Final

from market import db
from market.db.sql import to_json
from market.errors import Invalid, NotFound
from market.media import variants
from market.media.storage import Storage
from market.media.variants import Variant, Variants
from market.outbox.registry import Payload, handles
from market.outbox.tools import Tools
from market.web import page_cache

_TELL_EVERY: Final = 0.4  # seconds between two looks at the thread's progress
_ENCODING_SHARE: Final = 85  # of 100; the rest is storing
_EXTENSIONS: Final = {"avif": "avif", "webp": "webp", "jpeg": "jpg"}
_one_at_a_time = asyncio.Lock()


class _Progress:
    """Written by the encoding thread, read by the loop: one whole number, so no lock is needed."""

    percent = 0

    def note(self, done: int, total: int) -> None:
        self.percent = done * _ENCODING_SHARE // total


@handles("media.make_variants")
async def make_variants(payload: Payload, tools: Tools) -> None:
    """Make, store and announce every size of one photo; a picture that cannot be read ends as `failed`."""
    photo_id = int(payload["photo"])
    row = await db.fetch_one("SELECT state, original_key, sha256 FROM photo WHERE id = $1", photo_id)
    if row is None or row["state"] in {"ready", "failed"}:
        return
    storage = tools.of(Storage)
    async with _one_at_a_time:
        await db.execute("UPDATE photo SET state = 'working', progress = 0 WHERE id = $1", photo_id)
        try:
            made = await _encode(await storage.get(row["original_key"]), photo_id)
        except (Invalid, NotFound) as error:
            await _fail(photo_id, error.code)
            return
        stored = await _store(made, photo_id, storage)
        if not await _announce(photo_id, made, stored):
            await _forget(row["sha256"], [str(variant["key"]) for variant in stored], storage)


async def _encode(data: bytes, photo_id: int) -> Variants:
    progress = _Progress()
    work = asyncio.ensure_future(asyncio.to_thread(variants.make_variants, data, on_progress=progress.note))
    while not (await asyncio.wait({work}, timeout=_TELL_EVERY))[0]:
        await _tell(photo_id, progress.percent)
    return await work


async def _store(made: Variants, photo_id: int, storage: Storage) -> list[dict[str, str | int]]:
    stored: list[dict[str, str | int]] = []
    for count, image in enumerate(made.images, start=1):
        key = _key(image)
        await storage.put(key, image.data, image.content_type)
        stored.append({"format": image.format, "width": image.width, "height": image.height, "key": key})
        await _tell(photo_id, _ENCODING_SHARE + count * (100 - _ENCODING_SHARE) // (len(made.images) + 1))
    return stored


def _key(image: Variant) -> str:
    """Named by content: it can be cached for ever, and making it twice changes nothing."""
    digest = hashlib.sha256(image.data).hexdigest()
    return f"photos/{digest[:2]}/{digest[:40]}.{_EXTENSIONS[image.format]}"


async def _tell(photo_id: int, percent: int) -> None:
    await db.execute("UPDATE photo SET progress = $1 WHERE id = $2 AND state = 'working'", percent, photo_id)


async def _announce(photo_id: int, made: Variants, stored: list[dict[str, str | int]]) -> bool:
    """Show the photo; False when it was deleted meanwhile."""
    async with db.transaction():
        changed = await db.execute(
            "UPDATE photo SET state = 'ready', progress = 100, problem = '', width = $1, height = $2,"
            " colour = $3, placeholder = $4, variants = $5 WHERE id = $6",
            made.source.width,
            made.source.height,
            made.colour,
            made.placeholder,
            to_json(stored),
            photo_id,
        )
        await page_cache.bump()
    return changed == 1


async def _fail(photo_id: int, code: str) -> None:
    await db.execute("UPDATE photo SET state = 'failed', problem = $1 WHERE id = $2", code, photo_id)


@handles("media.forget_files")
async def forget_files(payload: Payload, tools: Tools) -> None:
    """Delete the files of a photo that was taken away, unless another listing shows the same picture."""
    storage = tools.of(Storage)
    await storage.delete(payload["original"])
    await _forget(payload["sha256"], payload["variants"], storage)


async def _forget(sha256: str, keys: list[str], storage: Storage) -> None:
    if await db.fetch_one("SELECT id FROM photo WHERE sha256 = $1 LIMIT 1", sha256) is not None:
        return
    for key in keys:
        await storage.delete(key)
