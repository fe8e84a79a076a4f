"""Taking a backup: the database as it is at one moment, then the media it names, then the manifest over both.

The database comes first: a file that a row names is kept before the row, so every file is still there to be copied,
but for those that somebody erased meanwhile, and they shall be gone.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import market
from market import clock
from market.backups import manifest, postgres, sqlite
from market.backups.manifest import BadManifest, Facts, Manifest, MediaFile
from market.backups.store import Folder, Part
from market.db.config import is_sqlite, sqlite_path
from market.media.storage import NoSuchFile, Stat, Storage
from market.settings import Settings
from market.transparency.keys import LogKeys

SQLITE: Final = "sqlite"
POSTGRES: Final = "postgres"


@dataclass(frozen=True, slots=True)
class Taken:
    """A finished backup: its file, what it says, how many media were new to the folder, what was cleared away."""

    file: Path
    manifest: Manifest
    copied: int
    dropped: int


async def take(config: Settings, storage: Storage, keys: LogKeys, into: Path, *, keep: int | None) -> Taken:
    """Write one backup into a folder; with `keep`, only so many of the newest stay there.

    Raises NoDatabase, ProgramFailed, FolderBusy, StorageDown and OSError; then there is no new backup.
    """
    folder = Folder(into)
    with folder.writing():
        taken_at = clock.now()
        database, facts = await _database(config.database_url, folder)
        files, copied = await _media(folder, storage, keys)
        made = Manifest(
            taken_at=taken_at,
            product=market.__version__,
            dialect=SQLITE if is_sqlite(config.database_url) else POSTGRES,
            database=database,
            media_list=folder.keep_bytes(manifest.write_media(files)),
            media_count=len(files),
            media_bytes=sum(file.part.size for file in files),
            facts=facts,
            secret_name=manifest.secret_name(config.secret_key),
        )
        file = folder.finish(made.name, manifest.write(made, keys.signers))
        return Taken(file, made, copied, prune(folder, keys, keep) if keep else 0)


async def _database(url: str, folder: Folder) -> tuple[Part, Facts]:
    with folder.unfinished() as path:
        if is_sqlite(url):
            facts = await asyncio.to_thread(sqlite.copy, sqlite_path(url), path)
        else:
            facts = await postgres.copy(url, path)
        return await asyncio.to_thread(folder.keep, path), facts


async def _media(folder: Folder, storage: Storage, keys: LogKeys) -> tuple[list[MediaFile], int]:
    """Every kept object; how many had to be copied.

    What an earlier backup read and nobody changed since is not read again.
    """
    before = _last_media(folder, keys)
    files: list[MediaFile] = []
    copied = 0
    async for stat in storage.list():
        known = before.get(stat.key)
        if known is None or not _same(known, stat) or not folder.has(known.part):
            try:
                data = await storage.get(stat.key)
            except NoSuchFile:
                continue  # erased while we copy
            part = await asyncio.to_thread(folder.keep_bytes, data)
            known = MediaFile(stat.key, part, stat.modified_at.isoformat())
            copied += 1
        files.append(known)
    return files, copied


def _same(known: MediaFile, stat: Stat) -> bool:
    return (known.part.size, known.modified_at) == (stat.size, stat.modified_at.isoformat())


def _last_media(folder: Folder, keys: LogKeys) -> dict[str, MediaFile]:
    """The media of the newest backup that can be read."""
    for file in reversed(folder.manifests()):
        try:
            found = manifest.read(file.read_text(encoding="utf-8"), keys.verifiers)
            listed = folder.path(found.media_list).read_bytes()
            return {one.key: one for one in manifest.read_media(listed)}
        except (BadManifest, OSError, UnicodeDecodeError):
            continue
    return {}


def prune(folder: Folder, keys: LogKeys, keep: int) -> int:
    """Let all but the newest `keep` backups go, with the parts that no other one needs; how many backups went.

    Nothing goes while a manifest cannot be read: its parts would be taken for nobody's.
    """
    files = folder.manifests()
    wanted: set[str] = set()
    for file in files[-keep:]:
        try:
            found = manifest.read(file.read_text(encoding="utf-8"), keys.verifiers)
            listed = folder.path(found.media_list).read_bytes()
            wanted |= {found.database.sha256, found.media_list.sha256}
            wanted |= {one.part.sha256 for one in manifest.read_media(listed)}
        except (BadManifest, OSError, UnicodeDecodeError):
            return 0
    for file in files[:-keep]:
        file.unlink()
    folder.clear(wanted)
    return max(len(files) - keep, 0)
