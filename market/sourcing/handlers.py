"""What happens by itself: previews and looks of photos, letters to suppliers, reminders, silence, key rotation.

Every handler may run twice. Pictures are worked on one at a time, in a thread.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from market import clock, db
from market.db.sql import Row, as_instant, as_instant_or_none
from market.errors import Invalid, NotFound
from market.media import decoding, variants
from market.media.storage import Storage
from market.outbox.registry import Payload, every, handles
from market.outbox.tools import Tools
from market.settings import Settings
from market.sourcing import (
    asked_queries,
    asking,
    confirmations,
    letters,
    looks,
    opening,
    opening_letters,
    questions,
    receipts,
    standing,
)
from market.suppliers import origins

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


# Origins ----------------------------------------------------------------------------------------------------
@handles(origins.DECIDED)
async def weigh_again(payload: Payload, tools: Tools) -> None:
    """An officer found where a product comes from: what was bought of it counts accordingly, unless frozen."""
    await standing.refresh(product_id=int(payload["product"]))


@handles(opening.DECIDED)
async def tell_opening(payload: Payload, tools: Tools) -> None:
    """Somebody asked to open a hotel or a supplier, and staff decided."""
    async with db.transaction():
        await opening_letters.tell(int(payload["request"]), tools.of(Settings))


# Suppliers' answers -----------------------------------------------------------------------------------------
@handles("sourcing.person_deleted")
async def person_deleted(payload: Payload, tools: Tools) -> None:
    """Somebody deleted their account: what they wrote to open a business goes too."""
    await opening.forget_asker(payload["person"])


@handles(asking.ASK)
async def ask(payload: Payload, tools: Tools) -> None:
    """Open the questions that a supplier was not asked yet, and write one letter about all of them."""
    supplier_id, now, settings = int(payload["supplier"]), clock.now(), tools.of(Settings)
    async with db.transaction():
        opened = await confirmations.open_questions(supplier_id, now=now, installation=settings.secrets)
        if opened:
            await letters.ask(
                supplier_id,
                [letters.Asked(one.document_id, one.token, one.code) for one in opened],
                until=now + questions.ANSWER_WITHIN,
                reminder=False,
                settings=settings,
                key=f"sourcing.ask:{opened[0].request_id}:{len(opened)}",
            )


@handles(confirmations.TELL_HOTEL)
async def tell_hotel(payload: Payload, tools: Tools) -> None:
    """A supplier said something: the hotel hears it, and what it does to what counts."""
    answer = await db.fetch_one("SELECT * FROM confirmation_answer WHERE id = $1", int(payload["answer"]))
    row = await asked_queries.get_asked_by_id(answer["document_id"]) if answer else None
    if answer is not None and row is not None:
        async with db.transaction():
            await letters.tell_hotel(answer, row, settings=tools.of(Settings))


@every(timedelta(minutes=30), "sourcing.remind")
async def remind(tools: Tools) -> None:
    """After three days and after six ask again, one letter per supplier; after seven it was silence."""
    now, settings = clock.now(), tools.of(Settings)
    await confirmations.expire(now)
    rows = await db.fetch(
        "SELECT r.*, d.reference FROM confirmation_request r JOIN purchase_document d ON d.id = r.document_id"
        " WHERE r.state = 'open' AND r.asked_at <= $1 AND r.expires_at > $2 ORDER BY r.supplier_id, r.id",
        now - questions.REMIND_AFTER[0],
        now,
    )
    due: dict[int, list[Row]] = {}
    for row in rows:
        if questions.reminders_due(as_instant(row["asked_at"]), as_instant_or_none(row["reminded_at"]), now):
            due.setdefault(row["supplier_id"], []).append(row)
    for supplier_id, asked in due.items():
        await _remind(supplier_id, asked, now, settings)


async def _remind(supplier_id: int, asked: list[Row], now: datetime, settings: Settings) -> None:
    again: list[letters.Asked] = []
    for row in asked:
        about = questions.nonce(row["reference"], as_instant(row["asked_at"]))
        token = questions.known_token(about, row["token_hash"], settings.secrets)
        code = questions.known_code(about, row["code_hash"], settings.secrets)
        if token is not None and code is not None:
            again.append(letters.Asked(row["document_id"], token, code))
    async with db.transaction():
        places = ", ".join(f"${n}" for n in range(2, len(asked) + 2))
        await db.execute(
            f"UPDATE confirmation_request SET reminded_at = $1 WHERE id IN ({places})",
            now,
            *(row["id"] for row in asked),
        )
        await letters.ask(
            supplier_id,
            again,
            until=min(as_instant(row["expires_at"]) for row in asked),
            reminder=True,
            settings=settings,
            key=f"sourcing.remind:{asked[0]['id']}:{now:%Y%m%d}",
        )


@every(timedelta(hours=24), "sourcing.rewrap")
async def rewrap(tools: Tools) -> None:
    """While secrets rotate, seal the keys of files again with the new one."""
    await receipts.rewrap(tools.of(Settings).secrets)
