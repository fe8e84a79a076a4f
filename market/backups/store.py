"""The folder backups lie in: parts under the hash of their bytes, and one manifest a backup that names its parts.

A part is written beside its place, flushed and renamed, and the manifest comes last: without a manifest there is no
backup, whatever was written before the power went. Parts are shared, so a photo is kept once however many backups
hold it. Nothing here knows what parts mean.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ENDING: Final = ".backup"
_PARTS: Final = "parts"
_UNFINISHED: Final = ".unfinished-"
_BLOCK: Final = 1024 * 1024
_OURS_ALONE: Final = 0o700


class FolderBusy(RuntimeError):
    """Another backup is being written into this folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"another backup is being written into {folder}")


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes, by what they are."""

    sha256: str
    size: int


def hash_of(path: Path) -> Part:
    """What a file holds, read a block at a time."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return Part(digest.hexdigest(), size)


class Folder:
    """One folder of backups. Only its owner may read it: what lies here is everybody's data."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def of(cls, manifest: Path) -> Folder:
        """The folder that a backup's file lies in."""
        return cls(manifest.parent)

    @contextmanager
    def writing(self) -> Generator[None]:
        """Nobody else writes or clears away meanwhile. Raises FolderBusy."""
        self.root.mkdir(parents=True, exist_ok=True, mode=_OURS_ALONE)
        (self.root / _PARTS).mkdir(exist_ok=True, mode=_OURS_ALONE)
        with (self.root / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise FolderBusy(self.root) from error
            yield

    @contextmanager
    def unfinished(self) -> Generator[Path]:
        """A file to write a part into; gone afterwards unless it was kept."""
        handle, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=self.root / _PARTS)
        os.close(handle)
        path = Path(name)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def path(self, part: Part) -> Path:
        """Where a part lies, or would."""
        return self.root / _PARTS / part.sha256[:2] / part.sha256

    def has(self, part: Part) -> bool:
        """Whether a file of this name and size is there; whether its bytes are right is `verifying`'s question."""
        try:
            return self.path(part).stat().st_size == part.size
        except FileNotFoundError:
            return False

    def keep(self, path: Path) -> Part:
        """Keep a file that `unfinished` gave; the same bytes twice are one file."""
        part = hash_of(path)
        if not self.has(part):
            target = self.path(part)
            target.parent.mkdir(exist_ok=True, mode=_OURS_ALONE)
            _flush(path)
            path.replace(target)
            _flush(target.parent)
        return part

    def keep_bytes(self, data: bytes) -> Part:
        """Keep some bytes; the same twice are one file."""
        part = Part(hashlib.sha256(data).hexdigest(), len(data))
        if not self.has(part):
            with self.unfinished() as path:
                path.write_bytes(data)
                return self.keep(path)
        return part

    def finish(self, name: str, manifest: str) -> Path:
        """Write a manifest whole: from now on the backup is one. Its file."""
        target = self.root / f"{name}{ENDING}"
        with self.unfinished() as path:
            path.write_text(manifest, encoding="utf-8")
            _flush(path)
            path.replace(target)
        _flush(self.root)
        return target

    def manifests(self) -> list[Path]:
        """The backups in this folder, oldest first: names begin with their time."""
        return sorted(self.root.glob(f"*{ENDING}"))

    def clear(self, wanted: Iterable[str]) -> int:
        """Delete parts whose hash is not wanted, and what earlier runs left unfinished; how many parts went."""
        kept, gone = set(wanted), 0
        for path in sorted((self.root / _PARTS).rglob("*")):
            if path.is_file() and path.name not in kept:
                path.unlink()
                gone += not path.name.startswith(_UNFINISHED)
        return gone


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
