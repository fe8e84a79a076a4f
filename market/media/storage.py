"""Where bytes are kept: the port that the rest of the product sees, and the rules both adapters share.

Here: the `Storage` protocol, keys and errors. Adapters: `adapters/disk.py` and `adapters/s3.py`. What a key
is called and who may read it belongs to the feature that owns the file.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from market.errors import NotFound, Upstream
from market.values.text import _l

# Folders without a dot, a file name with one: so no key can be another key's folder, no part can be "..",
# hidden or a temporary file, and a disk that ignores case keeps the same objects as a bucket that does not.
_KEY = re.compile(
    r"(?:[a-z0-9][a-z0-9_-]{0,99}/){0,8}"  # folders
    r"[a-z0-9][a-z0-9_-]{0,99}(?:\.[a-z0-9]{1,12}){1,2}",  # name and extension, such as "export.csv.gz"
    re.ASCII,
)

CONTENT_TYPES = {
    "avif": "image/avif",
    "webp": "image/webp",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "csv": "text/csv",
    "json": "application/json",
}


class BadKey(ValueError):
    """A key this product would never make: a mistake of the caller, never of a visitor."""


class NoSuchFile(NotFound):
    """Nothing is kept under this key."""

    code = "no_such_file"
    message = _l("This file is not here any more.")


class StorageDown(Upstream):
    """The storage did not answer, or answered with something else than the file."""

    code = "storage_down"
    message = _l("The file store did not answer. Please try again in a moment.")


@dataclass(frozen=True, slots=True)
class Stat:
    """What is known about a kept object without reading it."""

    key: str
    size: int
    modified_at: datetime


class Storage(Protocol):
    """Keep, read and forget bytes by key. Every method but `url` may raise `StorageDown`.

    A malformed key names nothing: reading it is `NoSuchFile`, deleting it does nothing, and only `put`, which
    would have to create it, raises `BadKey`.
    """

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        """Keep the bytes; replaces whole or not at all, and is on stable storage when this returns."""
        ...

    async def get(self, key: str) -> bytes:
        """The bytes, or `NoSuchFile`."""
        ...

    async def delete(self, key: str) -> None:
        """Forget the bytes; forgetting twice is fine."""
        ...

    async def exists(self, key: str) -> bool:
        """Whether `get` would find something."""
        ...

    async def stat(self, key: str) -> Stat:
        """Size and age, or `NoSuchFile`."""
        ...

    def list(self, prefix: str = "") -> AsyncIterator[Stat]:
        """Every kept object whose key starts with `prefix`, in key order."""
        ...

    def url(self, key: str) -> str:
        """Where a browser fetches a public object. A private one is read with `get` and served by a page."""
        ...


def is_key(key: str) -> bool:
    """Whether this can name an object: lower-case folders and a file name with an extension."""
    return len(key) <= 400 and _KEY.fullmatch(key) is not None


def check_key(key: str) -> None:
    """Raise `BadKey` unless the key is well formed."""
    if not is_key(key):
        raise BadKey(f"not a storage key: {key!r}")


def content_type(key: str) -> str:
    """The type to answer with, from the extension; bytes nobody should render when it is unknown."""
    return CONTENT_TYPES.get(key.rpartition(".")[2], "application/octet-stream")
