"""Documents that a hotel adds to its claim: looked at, encrypted, kept in the storage, and opened again.

Each file has a key of its own, sealed with the installation's secret and kept apart from the claim, so that
secrets can rotate under a claim that does not change any more. Nothing is ever shown inline: whoever may read
one gets it as a download. Which claim keeps what is `claiming_service`.
"""

from __future__ import annotations

import asyncio
import hashlib
import warnings
from datetime import datetime
from io import BytesIO
from pathlib import PurePath
from typing import Final

from PIL import Image

from market import db
from market.claims.claiming import DocumentKind
from market.claims.claiming_queries import Document
from market.errors import Invalid
from market.media.storage import NoSuchFile, Storage
from market.sourcing import sealing
from market.values.ids import new_reference, new_token, token_hash
from market.values.text import lazy

MOST_BYTES: Final = 10 * 1024 * 1024
_PDF: Final = b"%PDF-"
_PICTURES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


class WrongFile(Invalid):
    """Not a file that a claim keeps."""

    code = "wrong_file"


async def keep(
    data: bytes,
    filename: str,
    kind: DocumentKind,
    claim_id: int,
    *,
    storage: Storage,
    secrets: tuple[str, ...],
    now: datetime,
) -> Document:
    """Put a file away, encrypted, and say what the claim is to remember of it. Raises WrongFile.

    Outside of any transaction: the storage may be a network away.
    """
    media_type = await asyncio.to_thread(_media_type, data)
    reference, key = new_reference(12), sealing.new_key()
    storage_key = f"claims/{token_hash(new_token())[:40]}.bin"
    closed = await asyncio.to_thread(sealing.seal, data, key, _about(reference))
    await storage.put(storage_key, closed, "application/octet-stream")
    await db.execute(
        "INSERT INTO claim_document_key (reference, claim_id, sealed_key, sealed_at) VALUES ($1, $2, $3, $4)",
        reference,
        claim_id,
        sealing.wrap(key, _about(reference), secrets),
        now,
    )
    return Document(
        reference=reference,
        kind=kind,
        filename=_name(filename, media_type),
        media_type=media_type,
        byte_count=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        storage_key=storage_key,
        added_at=now,
    )


async def read(document: Document, *, storage: Storage, secrets: tuple[str, ...]) -> bytes:
    """The file as it was uploaded. Raises NoSuchFile when it is gone, changed, or none of our secrets opens it."""
    row = await db.fetch_one(
        "SELECT sealed_key FROM claim_document_key WHERE reference = $1", document.reference
    )
    if row is None:
        raise NoSuchFile
    closed = await storage.get(document.storage_key)
    about = _about(document.reference)
    try:
        data = sealing.unseal(closed, sealing.unwrap(row["sealed_key"], about, secrets), about)
    except sealing.CannotOpen:
        raise NoSuchFile from None
    if hashlib.sha256(data).hexdigest() != document.sha256:
        raise NoSuchFile
    return data


async def rewrap(secrets: tuple[str, ...], *, now: datetime, limit: int = 500) -> int:
    """Seal keys again that the previous secret sealed; how many. Run until it says 0 after a rotation."""
    if len(secrets) < 2:
        return 0
    done, after = 0, ""
    while done < limit:
        rows = await db.fetch(
            "SELECT reference, sealed_key FROM claim_document_key WHERE reference > $1 ORDER BY reference LIMIT 500",
            after,
        )
        if not rows:
            break
        after = rows[-1]["reference"]
        for row in rows:
            fresh = sealing.rewrapped(row["sealed_key"], _about(row["reference"]), secrets)
            if fresh is not None:
                await db.execute(
                    "UPDATE claim_document_key SET sealed_key = $2, sealed_at = $3 WHERE reference = $1",
                    row["reference"],
                    fresh,
                    now,
                )
                done += 1
    return done


def _about(reference: str) -> str:
    return f"claim document {reference}"


def _media_type(data: bytes) -> str:
    if not data:
        raise WrongFile(message=lazy("Choose a file."), field="file")
    if len(data) > MOST_BYTES:
        raise WrongFile(message=lazy("A document has at most 10 MB."), field="file")
    if data.startswith(_PDF):
        return "application/pdf"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(BytesIO(data), formats=list(_PICTURES)) as picture:
                picture.verify()
                return _PICTURES[str(picture.format)]
    except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
        wrong = lazy("This is neither a PDF nor a photo (JPEG, PNG, WebP).")
        raise WrongFile(message=wrong, field="file") from None


def _name(filename: str, media_type: str) -> str:
    """A name to show and to save under: no folders, nothing unprintable, not endless."""
    plain = "".join(c for c in PurePath(filename.replace("\\", "/")).name if c.isprintable())[:120].strip()
    return plain or f"document.{media_type.rpartition('/')[2]}"
