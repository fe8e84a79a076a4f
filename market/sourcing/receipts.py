"""Commands on evidence: keep a photo or PDF, tie it to a document, take it out of the inbox; and read one again.

The bytes lie encrypted in the storage and are hashed as they came; the same bytes are stopped. Everything slow is
outside of transactions, and what a camera needs (preview, look) is the worker's (`handlers`). Who may see a file
is decided by `pages` and, for officers, by the claims above (`for_officers`).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tortoise.exceptions import IntegrityError

from market import db
from market.db.sql import Row
from market.errors import Invalid, NotFound, Refused
from market.media import decoding
from market.media.storage import Storage
from market.outbox import queue
from market.sourcing import sealing, standing
from market.values.ids import new_reference
from market.values.text import lazy

LOOK: Final = "sourcing.look"
MAX_BYTES: Final = 15 * 1024 * 1024
MOST_AT_ONCE: Final = 12
PDF: Final = "application/pdf"
_PDF_MARK: Final = b"%PDF-"
_LONGEST_NAME: Final = 120
_BINARY: Final = "application/octet-stream"


class SeenBefore(Refused):
    """The very same file is here already. Facts: `reference` of the document it belongs to ("" while it waits in the
    inbox, or when it is another hotel's), `own`.
    """

    code = "evidence_seen"

    def __init__(self, reference: str, *, own: bool, waiting: bool) -> None:
        if not own:
            message = lazy("Another hotel has already handed in this very photo.")
        elif waiting:
            message = lazy("This very photo is in your inbox already.")
        else:
            message = lazy("This very photo belongs to %(reference)s already.", reference=reference)
        super().__init__(message=message, reference=reference if own else "", own=own)


@dataclass(frozen=True, slots=True)
class File:
    """A kept file as it is handed out."""

    filename: str
    media_type: str
    data: bytes


async def keep(
    data: bytes,
    filename: str,
    *,
    hotel_id: int,
    by: int,
    now: datetime,
    storage: Storage,
    installation: tuple[str, ...],
    document_id: int | None = None,
) -> str:
    """Keep a file for a hotel, in its inbox or with a document; its reference.

    Raises SeenBefore for the same bytes, and Invalid (see `decoding`) for what is neither picture nor PDF.
    """
    db.assert_idle()
    media_type = await asyncio.to_thread(_checked, data)
    digest = hashlib.sha256(data).hexdigest()
    await _check_unseen(digest, hotel_id)
    reference, key = f"B{new_reference(11)}", sealing.new_key()
    storage_key = f"evidence/{hotel_id}/{reference.lower()}.bin"
    sealed = await asyncio.to_thread(sealing.seal, data, key, storage_key)
    await storage.put(storage_key, sealed, _BINARY)
    row = (
        reference,
        hotel_id,
        document_id,
        media_type,
        _filename(filename, media_type),
        len(data),
        digest,
        storage_key,
        sealing.wrap(key, reference, installation),
        by,
        now,
    )
    try:
        await _insert(row, document_id)
    except IntegrityError:
        await storage.delete(storage_key)
        await _check_unseen(digest, hotel_id)
        raise
    return reference


async def _insert(row: Sequence[object], document_id: int | None) -> None:
    async with db.transaction():
        made = await db.fetch(
            "INSERT INTO evidence (reference, hotel_id, document_id, media_type, filename, byte_count, sha256,"
            " storage_key, sealed_key, state, added_by, added_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting', $10, $11) RETURNING id",
            *row,
        )
        evidence_id = made[0]["id"]
        await queue.add(LOOK, {"evidence": evidence_id}, dedupe_key=f"{LOOK}:{evidence_id}", heavy=True)
        if document_id is not None:
            await standing.refresh([document_id])


def _checked(data: bytes) -> str:
    """What the bytes are. A PDF is only recognised, never opened."""
    if len(data) > MAX_BYTES:
        raise Invalid(
            "evidence_too_heavy", lazy("This file is larger than 15 MB. Please choose a smaller one.")
        )
    if data.startswith(_PDF_MARK):
        return PDF
    try:
        return f"image/{decoding.probe(data).format}"
    except decoding.NotAPicture as error:
        words = lazy(
            "This is neither a picture nor a PDF. Please choose a JPEG, PNG, WebP, AVIF or PDF file."
        )
        raise Invalid("not_evidence", words) from error


def _filename(given: str, media_type: str) -> str:
    """A name that is safe in a header and on a disk, with the ending the bytes deserve."""
    ending = {"application/pdf": "pdf", "image/jpeg": "jpg"}.get(media_type, media_type.rpartition("/")[2])
    stem = given.replace("\\", "/").rpartition("/")[2].rpartition(".")[0] or given
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_ ") else "-" for c in stem).strip(" -")
    return f"{kept[:_LONGEST_NAME] or 'file'}.{ending}"


async def _check_unseen(digest: str, hotel_id: int) -> None:
    row = await db.fetch_one(
        "SELECT e.hotel_id, e.document_id, d.reference FROM evidence e"
        " LEFT JOIN purchase_document d ON d.id = e.document_id WHERE e.sha256 = $1 AND e.state <> 'withdrawn'",
        digest,
    )
    if row is not None:
        own = row["hotel_id"] == hotel_id
        raise SeenBefore(row["reference"] or "", own=own, waiting=row["document_id"] is None)


async def attach(references: Sequence[str], document_id: int, *, hotel_id: int) -> int:
    """Tie photos of the hotel's inbox to one of its documents; how many. What is not in its inbox stays as it is."""
    async with db.transaction():
        tied = 0
        for reference in references:
            tied += await db.execute(
                "UPDATE evidence SET document_id = $1 WHERE reference = $2 AND hotel_id = $3"
                " AND document_id IS NULL AND state IN ('waiting', 'ready')",
                document_id,
                reference,
                hotel_id,
            )
        await standing.refresh([document_id])
    return tied


async def back_to_inbox(reference: str, *, hotel_id: int) -> None:
    """Take a photo off its document, so that it can prove another one. Refused once a claim holds the document."""
    async with db.transaction():
        row = await _own(reference, hotel_id)
        if row["document_id"] is None:
            return
        if row["claim_id"] is not None:
            raise Refused("evidence_frozen", lazy("This photo is part of a submitted claim."))
        await db.execute("UPDATE evidence SET document_id = NULL WHERE id = $1", row["id"])
        await standing.refresh([row["document_id"]])


async def withdraw(reference: str, *, hotel_id: int, storage: Storage) -> None:
    """Throw a photo of the inbox away, its files too. Refused for one that belongs to a document."""
    async with db.transaction():
        row = await _own(reference, hotel_id)
        if row["document_id"] is not None:
            raise Refused(
                "evidence_used", lazy("This photo belongs to a document. Take it off that one first.")
            )
        await db.execute("UPDATE evidence SET state = 'withdrawn', look = '' WHERE id = $1", row["id"])
    for key in (row["storage_key"], row["preview_key"]):
        if key:
            await storage.delete(key)


async def _own(reference: str, hotel_id: int) -> Row:
    lock = " FOR UPDATE OF e" if db.is_postgres() else ""
    row = await db.fetch_one(
        "SELECT e.*, d.claim_id FROM evidence e LEFT JOIN purchase_document d ON d.id = e.document_id"
        f" WHERE e.reference = $1 AND e.hotel_id = $2 AND e.state <> 'withdrawn'{lock}",
        reference,
        hotel_id,
    )
    if row is None:
        raise NotFound
    return row


async def hotel_of(reference: str) -> int | None:
    """Whose photo this is; None when there is none."""
    row = await db.fetch_one(
        "SELECT hotel_id FROM evidence WHERE reference = $1 AND state <> 'withdrawn'", reference
    )
    return row["hotel_id"] if row else None


# Reading ----------------------------------------------------------------------------------------------------
async def original(
    reference: str, *, hotel_ids: frozenset[int], storage: Storage, installation: tuple[str, ...]
) -> File:
    """The file as it was handed in. NotFound unless it is one of these hotels'."""
    row = await _row_of(reference, hotel_ids)
    data = await _opened(row, row["storage_key"], storage, installation)
    return File(row["filename"], row["media_type"], data)


async def preview(
    reference: str, *, hotel_ids: frozenset[int], storage: Storage, installation: tuple[str, ...]
) -> File:
    """The re-drawn picture without metadata. NotFound for a PDF, or while it is not drawn yet."""
    row = await _row_of(reference, hotel_ids)
    if not row["preview_key"]:
        raise NotFound
    data = await _opened(row, row["preview_key"], storage, installation)
    return File(f"{row['reference']}.webp", "image/webp", data)


async def for_officers(
    reference: str,
    document_ids: frozenset[int],
    *,
    part: str,
    storage: Storage,
    installation: tuple[str, ...],
) -> File:
    """`original` or `preview` of evidence that belongs to one of these documents: those of the claim an officer has
    in hand. The claims above decide which these are, and write down who looked.
    """
    row = await db.fetch_one("SELECT hotel_id, document_id FROM evidence WHERE reference = $1", reference)
    if row is None or row["document_id"] not in document_ids:
        raise NotFound
    read = preview if part == "preview" else original
    return await read(
        reference, hotel_ids=frozenset({row["hotel_id"]}), storage=storage, installation=installation
    )


async def _row_of(reference: str, hotel_ids: frozenset[int]) -> Row:
    row = await db.fetch_one(
        "SELECT * FROM evidence WHERE reference = $1 AND state <> 'withdrawn'", reference
    )
    if row is None or row["hotel_id"] not in hotel_ids:
        raise NotFound
    return row


async def _opened(row: Row, key: str, storage: Storage, installation: tuple[str, ...]) -> bytes:
    sealed = await storage.get(key)
    file_key = sealing.unwrap(row["sealed_key"], row["reference"], installation)
    return await asyncio.to_thread(sealing.unseal, sealed, file_key, key)


# For the worker ---------------------------------------------------------------------------------------------
async def open_original(row: Row, storage: Storage, installation: tuple[str, ...]) -> bytes:
    """The bytes of a row of `evidence`."""
    return await _opened(row, row["storage_key"], storage, installation)


async def keep_preview(row: Row, picture: bytes, storage: Storage, installation: tuple[str, ...]) -> str:
    """Store a re-drawn picture beside its original, under the same key; where it lies."""
    key = f"evidence/{row['hotel_id']}/{row['reference'].lower()}-preview.bin"
    file_key = sealing.unwrap(row["sealed_key"], row["reference"], installation)
    await storage.put(key, await asyncio.to_thread(sealing.seal, picture, file_key, key), _BINARY)
    return key


async def rewrap(installation: tuple[str, ...], *, limit: int = 500) -> int:
    """Seal file keys again that the previous secret sealed; how many. Run until it says 0 after a rotation."""
    if len(installation) < 2:
        return 0
    done, after = 0, 0
    while done < limit:
        rows = await db.fetch(
            "SELECT id, reference, sealed_key FROM evidence WHERE id > $1 AND state <> 'withdrawn'"
            " ORDER BY id LIMIT 500",
            after,
        )
        if not rows:
            break
        after = rows[-1]["id"]
        for row in rows:
            fresh = sealing.rewrapped(row["sealed_key"], row["reference"], installation)
            if fresh is not None:
                await db.execute("UPDATE evidence SET sealed_key = $2 WHERE id = $1", row["id"], fresh)
                done += 1
    return done
