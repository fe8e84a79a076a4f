"""Two papers of the demo that were proved with the same photo, taken twice: an officer sees both side by side.

Drawn and handed in while the demo is made, because the claim's automatic checks look at photos; all other papers
are drawn by the worker (`purchases`).
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from PIL import Image

from market import clock
from market.db import fetch_one
from market.demo import purchases
from market.media.adapters.disk import DiskStorage
from market.media.storage import Storage
from market.outbox.tools import Tools
from market.settings import Settings
from market.sourcing import handlers, receipts
from market.sourcing.models import PurchaseDocument, PurchaseLine


async def hand_in(document_ids: Sequence[int], config: Settings) -> None:
    """The photo of the first paper for all of them, each time taken a little differently."""
    storage = DiskStorage(config.data_dir / "media", "/media")
    tools = Tools({Storage: storage, Settings: config})
    if not document_ids:
        return
    first = await PurchaseDocument.get(id=document_ids[0])
    photo = purchases.nota(first, await PurchaseLine.get(document_id=first.id, position=1))
    for turn, document_id in enumerate(document_ids):
        document = await PurchaseDocument.get(id=document_id)
        reference = await receipts.keep(
            _again(photo, turn),
            f"nota-{document.number}.jpg",
            hotel_id=document.hotel_id,
            by=document.entered_by,
            now=clock.now(),
            storage=storage,
            installation=config.secrets,
            document_id=document_id,
        )
        row = await fetch_one("SELECT id FROM evidence WHERE reference = $1", reference)
        if row is not None:
            await handlers.look({"evidence": row["id"]}, tools)


def _again(photo: bytes, turn: int) -> bytes:
    """The same paper on another table edge and a little darker."""
    if turn == 0:
        return photo
    with Image.open(BytesIO(photo)) as opened:
        moved = opened.rotate(1.5 * turn, fillcolor=(112, 84, 62)).point(lambda level: level * 0.93)
    file = BytesIO()
    moved.save(file, "JPEG", quality=74)
    return file.getvalue()
