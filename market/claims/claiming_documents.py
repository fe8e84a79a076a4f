"""Documents that a hotel adds to its claim: looked at, encrypted, kept in the storage, and opened again.

Each file has a key of its own, closed with the installation's secret for this purpose alone. Nothing is ever
shown inline: whoever may read one gets it as a download. Which claim keeps what is `claiming_service`.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import warnings
from datetime import datetime
from io import BytesIO
from pathlib import PurePath
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from PIL import Image

from market.claims.claiming import DocumentKind
from market.claims.claiming_queries import Document
from market.errors import Invalid
from market.media.storage import NoSuchFile, Storage
from market.values.ids import new_reference, new_token, token_hash
from market.values.text import lazy

MOST_BYTES: Final = 10 * 1024 * 1024
_PURPOSE: Final = b"benang claim document 1"
_NONCE: Final = 12
_PDF: Final = b"%PDF-"
_PICTURES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}


class WrongFile(Invalid):
    """Not a file that a claim keeps."""

    code = "wrong_file"


async def keep(
    data: bytes,
    filename: str,
    kind: DocumentKind,
    *,
    storage: Storage,
    secrets: tuple[str, ...],
    now: datetime,
) -> Document:
    """Put a file away, encrypted, and say what the claim is to remember of it. Raises WrongFile.

    Outside of any transaction: the storage may be a network away.
    """
    media_type = await asyncio.to_thread(_media_type, data)
    key = AESGCM.generate_key(bit_length=256)
    storage_key = f"claims/{token_hash(new_token())[:40]}.bin"
    await storage.put(storage_key, _closed(key, data, storage_key.encode()), "application/octet-stream")
    return Document(
        reference=new_reference(),
        kind=kind,
        filename=_name(filename, media_type),
        media_type=media_type,
        byte_count=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        storage_key=storage_key,
        sealed_key=base64.b64encode(_closed(_wrapping_key(secrets[0]), key, storage_key.encode())).decode(),
        added_at=now,
    )


async def read(document: Document, *, storage: Storage, secrets: tuple[str, ...]) -> bytes:
    """The file as it was uploaded. Raises NoSuchFile when it is gone or none of our secrets opens it."""
    about, sealed = document.storage_key.encode(), base64.b64decode(document.sealed_key)
    closed = await storage.get(document.storage_key)
    for secret in secrets:
        try:
            data = _opened(_opened(_wrapping_key(secret), sealed, about), closed, about)
        except InvalidTag:
            continue
        if hashlib.sha256(data).hexdigest() == document.sha256:
            return data
    raise NoSuchFile


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


def _wrapping_key(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())


def _closed(key: bytes, data: bytes, about: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, about)


def _opened(key: bytes, closed: bytes, about: bytes) -> bytes:
    return AESGCM(key).decrypt(closed[:_NONCE], closed[_NONCE:], about)
