"""Commands for the photos of a listing: add, describe, order, delete. The only writer of `photo`.

Opening a picture safely is `decoding.py`; the sizes a page shows are made by the worker (`handlers.py`). Who
may change which listing's photos is decided above this floor.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from market import db
from market.db.sql import as_json, to_json
from market.errors import Invalid, NotFound, Refused
from market.i18n.locales import LOCALES
from market.media.decoding import probe
from market.media.storage import Storage
from market.outbox import queue
from market.values.text import _l
from market.web import page_cache

MAX_PHOTOS: Final = 12
MAX_BYTES: Final = 15 * 1024 * 1024
MAX_ALT: Final = 160


class Empty(Invalid):
    """A file of no bytes, or none chosen."""

    code = "photo_empty"
    message = _l("Choose a photo first.")


class TooBig(Invalid):
    """More bytes than a photo may have."""

    code = "photo_too_big"
    message = _l("This file is larger than 15 MB. Please choose a smaller one.")


class AlreadyThere(Refused):
    """The very same file is a photo of this listing already."""

    code = "photo_already_there"
    message = _l("This photo is already here.")


class TooManyPhotos(Refused):
    """The listing has all the photos it may have."""

    code = "too_many_photos"
    message = _l(
        "A listing has at most %(limit)s photos. Delete one before you add another.", limit=MAX_PHOTOS
    )


async def add_photo(listing_id: int, data: bytes, *, storage: Storage, now: datetime) -> int:
    """Keep an uploaded picture and queue the making of its sizes; the new photo's id.

    Raises the `Invalid` errors of `decoding`, `Empty`, `TooBig`, `AlreadyThere`, `TooManyPhotos`, and
    NotFound for a listing that does not exist. What was refused leaves nothing behind.
    """
    if not data:
        raise Empty
    if len(data) > MAX_BYTES:
        raise TooBig
    seen = await asyncio.to_thread(probe, data)
    digest = hashlib.sha256(data).hexdigest()
    await _check_room(listing_id, digest)
    key = f"originals/{listing_id}/{digest[:40]}-{secrets.token_hex(4)}.{seen.format}"
    await storage.put(key, data, f"image/{seen.format}")
    try:
        return await _insert(listing_id, key, digest, (seen.width, seen.height), now)
    except (Refused, NotFound):
        await storage.delete(key)
        raise


async def _check_room(listing_id: int, digest: str) -> None:
    """Raise unless this listing can take one more photo with these bytes."""
    rows = await db.fetch("SELECT sha256 FROM photo WHERE listing_id = $1", listing_id)
    if any(row["sha256"] == digest for row in rows):
        raise AlreadyThere
    if len(rows) >= MAX_PHOTOS:
        raise TooManyPhotos


async def _insert(listing_id: int, key: str, digest: str, size: tuple[int, int], now: datetime) -> int:
    async with db.transaction():
        # The listing's row is the lock that keeps two uploads from both being the twelfth photo.
        lock = " FOR UPDATE" if db.is_postgres() else ""
        if await db.fetch_one(f"SELECT id FROM listing WHERE id = $1{lock}", listing_id) is None:
            raise NotFound
        await _check_room(listing_id, digest)
        last = await db.fetch_one("SELECT MAX(position) AS n FROM photo WHERE listing_id = $1", listing_id)
        rows = await db.fetch(
            "INSERT INTO photo (listing_id, position, state, original_key, sha256, width, height, variants,"
            " texts, created_at) VALUES ($1, $2, 'waiting', $3, $4, $5, $6, '[]', '{}', $7) RETURNING id",
            listing_id,
            ((last["n"] if last else None) or 0) + 1,
            key,
            digest,
            *size,
            now,
        )
        photo_id: int = rows[0]["id"]
        await queue.add(
            "media.make_variants", {"photo": photo_id}, dedupe_key=f"media.make_variants:{photo_id}"
        )
    return photo_id


async def describe(listing_id: int, photo_id: int, alt: Mapping[str, str]) -> None:
    """Say in each language what the photo shows. NotFound unless it is this listing's."""
    texts = {locale: {"alt": alt.get(locale, "").strip()[:MAX_ALT]} for locale in LOCALES}
    async with db.transaction():
        changed = await db.execute(
            "UPDATE photo SET texts = $1 WHERE id = $2 AND listing_id = $3",
            to_json(texts),
            photo_id,
            listing_id,
        )
        if not changed:
            raise NotFound
        await page_cache.bump()


async def move(listing_id: int, photo_id: int, *, by: int) -> None:
    """Move a photo `by` places (negative: towards the front, which is the cover). Stops at the ends."""
    async with db.transaction():
        rows = await db.fetch("SELECT id FROM photo WHERE listing_id = $1 ORDER BY position, id", listing_id)
        order = [row["id"] for row in rows]
        if photo_id not in order:
            raise NotFound
        here = order.index(photo_id)
        order.insert(min(max(here + by, 0), len(order) - 1), order.pop(here))
        await _write_order(listing_id, order)
        await page_cache.bump()


async def _write_order(listing_id: int, order: Sequence[int]) -> None:
    for position, photo_id in enumerate(order, start=1):
        await db.execute(
            "UPDATE photo SET position = $1 WHERE id = $2 AND listing_id = $3", position, photo_id, listing_id
        )


async def delete_photo(listing_id: int, photo_id: int) -> None:
    """Take a photo away; the worker then deletes its files. NotFound unless it is this listing's."""
    async with db.transaction():
        row = await db.fetch_one(
            "SELECT sha256, original_key, variants FROM photo WHERE id = $1 AND listing_id = $2",
            photo_id,
            listing_id,
        )
        if row is None:
            raise NotFound
        await db.execute("DELETE FROM photo WHERE id = $1", photo_id)
        keys = [variant["key"] for variant in as_json(row["variants"])]
        payload = {"sha256": row["sha256"], "original": row["original_key"], "variants": keys}
        await queue.add("media.forget_files", payload, dedupe_key=f"media.forget_files:{photo_id}")
        await page_cache.bump()


async def try_again(listing_id: int, photo_id: int) -> None:
    """Queue the making of sizes once more for a photo whose making failed."""
    async with db.transaction():
        changed = await db.execute(
            "UPDATE photo SET state = 'waiting', progress = 0, problem = ''"
            " WHERE id = $1 AND listing_id = $2 AND state = 'failed'",
            photo_id,
            listing_id,
        )
        if changed:
            await queue.add("media.make_variants", {"photo": photo_id})
