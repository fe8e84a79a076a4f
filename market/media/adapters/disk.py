"""Files in a folder: one machine, no service. A put is atomic: readers see the old bytes or the new.

Blocking calls run in a thread, so that a slow disk does not stop the other requests.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from market.media.storage import NoSuchFile, Stat, StorageDown, check_key, is_key

_T = TypeVar("_T")
_TEMPORARY = ".put-"  # no key has a part that starts with a dot, so a leftover is never served or listed


class DiskStorage:
    """Keeps objects under `root`; `base_url` is where this site shows the public ones."""

    def __init__(self, root: Path, base_url: str) -> None:
        self._root = root
        self._base_url = base_url.rstrip("/")

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        # The type is not kept: `storage.content_type` tells it from the extension.
        check_key(key)
        await _in_thread(key, lambda: _write(self._root / key, data))

    async def get(self, key: str) -> bytes:
        return await _in_thread(key, self._path(key).read_bytes)

    async def delete(self, key: str) -> None:
        if is_key(key):
            await _in_thread(key, lambda: _unlink(self._root / key))

    async def exists(self, key: str) -> bool:
        return is_key(key) and await _in_thread(key, (self._root / key).is_file)

    async def stat(self, key: str) -> Stat:
        return _stat(key, await _in_thread(key, self._path(key).stat))

    async def list(self, prefix: str = "") -> AsyncIterator[Stat]:
        for found in await _in_thread(prefix, lambda: _walk(self._root, prefix)):
            yield found

    def url(self, key: str) -> str:
        return f"{self._base_url}/{quote(key)}"

    def _path(self, key: str) -> Path:
        if not is_key(key):
            raise NoSuchFile(key=key)
        return self._root / key


async def _in_thread(key: str, work: Callable[[], _T]) -> _T:
    try:
        return await asyncio.to_thread(work)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoSuchFile(key=key) from error
    except OSError as error:
        raise StorageDown(key=key) from error


def _write(path: Path, data: bytes) -> None:
    """Write beside the target, flush, then rename over it: a crash leaves the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=_TEMPORARY, dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    """Make the rename itself durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unlink(path: Path) -> None:
    with suppress(NotADirectoryError):
        path.unlink(missing_ok=True)


def _stat(key: str, found: os.stat_result) -> Stat:
    return Stat(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))


def _walk(root: Path, prefix: str) -> list[Stat]:
    folder = prefix.rpartition("/")[0]
    if "." in folder or prefix.startswith("/"):
        return []  # no key begins like this, and the walk stays inside the root
    stats: list[Stat] = []
    for parent, _, names in os.walk(root / folder):
        for name in names:
            path = Path(parent, name)
            key = path.relative_to(root).as_posix()
            if key.startswith(prefix) and is_key(key):
                with suppress(FileNotFoundError):  # deleted while we walk
                    stats.append(_stat(key, path.stat()))
    return sorted(stats, key=lambda stat: stat.key)
