"""Pictures of a conversation: taken in as bytes, shown only as clean sizes the worker made, to the two sides alone.

They can be sent once the booking is confirmed: before that a picture could carry the number that a text may not.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from market import db
from market.db.sql import Row
from market.errors import Invalid, NotFound, Refused
from market.media import decoding, variants
from market.media.storage import Storage
from market.outbox import queue
from market.outbox.registry import Payload, handles
from market.outbox.tools import Tools
from market.values.text import lazy

MOST: Final = 4
MAX_BYTES: Final = 15 * 1024 * 1024
SMALL, LARGE = 360, 1280
MAKE: Final = "messaging.make_picture"
FORGET: Final = "messaging.forget_pictures"
_one_at_a_time = asyncio.Lock()


class TooManyPictures(Invalid):
    """More pictures than one message takes."""

    code = "too_many_pictures"
    message = lazy("A message takes at most %(most)s pictures.", most=MOST)


class PictureTooBig(Invalid):
    """More bytes than a picture may have."""

    code = "picture_too_big"
    message = lazy("This file is larger than 15 MB. Please choose a smaller one.")


class TooEarly(Refused):
    """Pictures before the booking is confirmed."""

    code = "pictures_too_early"
    message = lazy("Pictures can be sent once the booking is confirmed. Your text is kept.")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a message; `is_ready` once its sizes are made, `is_failed` when it could not be read."""

    id: int
    message_id: int
    is_ready: bool
    is_failed: bool
    width: int
    height: int


async def check(files: Sequence[bytes]) -> None:
    """Raise the `Invalid` errors of `decoding` and of this module for anything but a few still pictures."""
    if len(files) > MOST:
        raise TooManyPictures
    for data in files:
        if len(data) > MAX_BYTES:
            raise PictureTooBig
        await asyncio.to_thread(decoding.probe, data)


async def keep(files: Sequence[bytes], storage: Storage) -> list[str]:
    """Put checked files away as they came; where. Nobody is ever given these."""
    keys: list[str] = []
    for data in files:
        name = hashlib.sha256(data).hexdigest()[:32]
        keys.append(f"messages/waiting/{name}-{secrets.token_hex(8)}.bin")
        await storage.put(keys[-1], data, "application/octet-stream")
    return keys


async def attach(message_id: int, keys: Sequence[str], now: datetime) -> None:
    """Inside the transaction that writes the message: its pictures, and the work on them."""
    for key in keys:
        rows = await db.fetch(
            "INSERT INTO message_picture (message_id, state, original_key, created_at)"
            " VALUES ($1, 'waiting', $2, $3) RETURNING id",
            message_id,
            key,
            now,
        )
        await queue.add(MAKE, {"picture": rows[0]["id"]})


async def list_of(message_ids: Collection[int]) -> dict[int, list[Picture]]:
    """The pictures of messages, by message."""
    ids = sorted(message_ids)
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1)) or "NULL"
    rows = await db.fetch(
        "SELECT id, message_id, state, width, height FROM message_picture"
        f" WHERE message_id IN ({places}) ORDER BY id",
        *ids,
    )
    found: dict[int, list[Picture]] = {}
    for row in rows:
        found.setdefault(row["message_id"], []).append(_picture(row))
    return found


def _picture(row: Row) -> Picture:
    state = row["state"]
    return Picture(
        row["id"], row["message_id"], state == "ready", state == "failed", row["width"], row["height"]
    )


async def get_key(picture_id: int, booking_id: int, *, large: bool) -> str:
    """Where a size of a booking's picture is kept; NotFound for another booking's or one not made yet."""
    row = await db.fetch_one(
        "SELECT p.small_key, p.large_key FROM message_picture p JOIN message m ON m.id = p.message_id"
        " WHERE p.id = $1 AND m.booking_id = $2 AND p.state = 'ready'",
        picture_id,
        booking_id,
    )
    if row is None:
        raise NotFound
    return row["large_key"] if large else row["small_key"]


@handles(MAKE)
async def make(payload: Payload, tools: Tools) -> None:
    """Make the two sizes, without anything the camera wrote, and forget the file as it came. Safe to repeat."""
    picture_id, storage = int(payload["picture"]), tools.of(Storage)
    row = await db.fetch_one("SELECT state, original_key FROM message_picture WHERE id = $1", picture_id)
    if row is None or row["state"] != "waiting":
        return
    try:
        async with _one_at_a_time:
            data = await storage.get(row["original_key"])
            made = await asyncio.to_thread(
                variants.make_variants, data, widths=(SMALL, LARGE), formats=("jpeg",)
            )
    except (Invalid, NotFound):
        await db.execute("UPDATE message_picture SET state = 'failed' WHERE id = $1", picture_id)
        await storage.delete(row["original_key"])
        return
    keys: list[str] = []
    for image in (made.images[0], made.images[-1]):
        keys.append(f"messages/{picture_id}/{secrets.token_hex(16)}.jpg")
        await storage.put(keys[-1], image.data, "image/jpeg")
    kept = await db.execute(
        "UPDATE message_picture SET state = 'ready', small_key = $2, large_key = $3, width = $4, height = $5,"
        " original_key = '' WHERE id = $1",
        picture_id,
        *keys,
        made.images[0].width,
        made.images[0].height,
    )
    for key in [row["original_key"], *([] if kept else keys)]:
        await storage.delete(key)


async def forget_of_guest(reference: str) -> None:
    """Inside a transaction, before a guest's messages go: their pictures' files go too."""
    rows = await db.fetch(
        "SELECT p.original_key, p.small_key, p.large_key FROM message_picture p JOIN message m ON m.id = p.message_id"
        " JOIN booking b ON b.id = m.booking_id WHERE m.author = 'guest' AND b.reference = $1",
        reference,
    )
    keys = [key for row in rows for key in row.values() if key]
    if keys:
        await queue.add(FORGET, {"keys": keys})


@handles(FORGET)
async def forget(payload: Payload, tools: Tools) -> None:
    """Delete files that belonged to messages that are gone."""
    for key in payload["keys"]:
        await tools.of(Storage).delete(key)
