"""What happens by itself: previews and looks of photos, letters to suppliers, reminders, silence, key rotation.

Every handler may run twice. Pictures are worked on one at a time, in a thread.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from market import db
from market.errors import Invalid, NotFound
from market.media import decoding, variants
from market.media.storage import Storage
from market.outbox.registry import Payload, every, handles
from market.outbox.tools import Tools
from market.settings import Settings
from market.sourcing import looks, receipts, standing

_PREVIEW: Final = (1600, 2400)
_one_at_a_time = asyncio.Lock()
_AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True)
class _Drawn:
    """What was made of a photo."""

    preview: bytes
    views: looks.Views


@handles(receipts.LOOK)
async def look(payload: Payload, tools: Tools) -> None:
    """Draw a photo's preview, note how it looks and what else looks so; what cannot be read ends as `failed`."""
    row = await db.fetch_one("SELECT * FROM evidence WHERE id = $1", int(payload["evidence"]))
    if row is None or row["state"] != "waiting":
        return
    storage, installation = tools.of(Storage), tools.of(Settings).secrets
    if row["media_type"] == receipts.PDF:
        await db.execute("UPDATE evidence SET state = 'ready' WHERE id = $1 AND state = 'waiting'", row["id"])
        return
    async with _one_at_a_time:
        try:
            data = await receipts.open_original(row, storage, installation)
            drawn = await asyncio.to_thread(_draw, data)
        except (Invalid, NotFound) as error:
            await _fail(row["id"], row["document_id"], error.code)
            return
        key = await receipts.keep_preview(row, drawn.preview, storage, installation)
        alike = await _alike(row["id"], drawn.views)
    async with db.transaction():
        await db.execute(
            "UPDATE evidence SET state = 'ready', preview_key = $2, look = $3 WHERE id = $1 AND state = 'waiting'",
            row["id"],
            key,
            drawn.views.look,
        )
        for other_id, distance in alike:
            await db.execute(
                "INSERT INTO evidence_likeness (evidence_id, other_id, distance) VALUES ($1, $2, $3)"
                " ON CONFLICT (evidence_id, other_id) DO NOTHING",
                row["id"],
                other_id,
                distance,
            )


def _draw(data: bytes) -> _Drawn:
    picture = decoding.read(data, box=_PREVIEW)
    return _Drawn(variants.encode(picture.image, "webp"), looks.Views(picture.image))


async def _alike(evidence_id: int, views: looks.Views) -> list[tuple[int, int]]:
    """The kept photos that look the same or nearly so, whoever handed them in, with their distance."""
    found: list[tuple[int, int]] = []
    after = 0
    while True:
        rows = await db.fetch(
            "SELECT id, look FROM evidence WHERE id > $1 AND id <> $2 AND look <> '' AND state = 'ready'"
            " ORDER BY id LIMIT $3",
            after,
            evidence_id,
            _AT_ONCE,
        )
        if not rows:
            return found
        after = rows[-1]["id"]
        kept = [(row["id"], row["look"]) for row in rows]
        found += await asyncio.to_thread(_near, views, kept)


def _near(views: looks.Views, kept: list[tuple[int, str]]) -> list[tuple[int, int]]:
    measured = ((other_id, views.distance(other)) for other_id, other in kept)
    return [(other_id, distance) for other_id, distance in measured if distance <= looks.LOOK_UP_TO]


async def _fail(evidence_id: int, document_id: int | None, code: str) -> None:
    async with db.transaction():
        await db.execute(
            "UPDATE evidence SET state = 'failed', problem = $2 WHERE id = $1", evidence_id, code
        )
        if document_id is not None:
            await standing.refresh([document_id])


@every(timedelta(hours=24), "sourcing.rewrap")
async def rewrap(tools: Tools) -> None:
    """While secrets rotate, seal the keys of files again with the new one."""
    await receipts.rewrap(tools.of(Settings).secrets)
