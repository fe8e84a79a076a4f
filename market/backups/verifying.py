"""Checking a backup without restoring it: every part, the database, its migrations, and the log's tree.

The first thing that is wrong is named, in the order in which a restore would meet it.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from market.backups import facts, manifest, postgres, sqlite
from market.backups.manifest import BadManifest, Manifest, MediaFile
from market.backups.store import ENDING, Folder, Part, hash_of
from market.backups.taking import SQLITE
from market.transparency.checkpoint import Checkpoint, open_checkpoint
from market.transparency.notes import BadNote, Verifier


class Damaged(RuntimeError):
    """The first part of a backup that is not as it was; the words say which and how."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A backup in which everything is as it was."""

    folder: Folder
    manifest: Manifest
    media: tuple[MediaFile, ...]

    @property
    def database(self) -> Path:
        return self.folder.path(self.manifest.database)


async def verify(file: Path, trusted: Sequence[Verifier]) -> Verified:
    """A backup, with every byte of it checked.

    Raises Damaged, and ProgramFailed when `pg_restore` is needed and missing.
    """
    folder = Folder.of(file)
    found = _manifest(file, trusted)
    await _whole(folder, found.media_list, "the list of media")
    try:
        media = tuple(manifest.read_media(folder.path(found.media_list).read_bytes()))
    except BadManifest as error:
        raise Damaged(str(error)) from error
    if (len(media), sum(one.part.size for one in media)) != (found.media_count, found.media_bytes):
        raise Damaged(f"the list of media has {len(media)} files, and the manifest says {found.media_count}")
    await _whole(folder, found.database, "the database")
    checked: set[str] = set()
    for one in media:
        if one.part.sha256 not in checked:
            await _whole(folder, one.part, f"the media file {one.key}")
            checked.add(one.part.sha256)
    await _database(folder.path(found.database), found, trusted)
    return Verified(folder, found, media)


def _manifest(file: Path, trusted: Sequence[Verifier]) -> Manifest:
    try:
        return manifest.read(file.read_text(encoding="utf-8"), trusted)
    except FileNotFoundError:
        raise Damaged(f"{file}: there is no such backup (their names end in {ENDING})") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Damaged(f"{file}: the manifest cannot be read") from error
    except BadManifest as error:
        raise Damaged(f"{file}: the manifest is bad: {error}") from error


async def _whole(folder: Folder, part: Part, what: str) -> None:
    """Raise Damaged unless a part is there, whole."""
    path = folder.path(part)
    try:
        found = await asyncio.to_thread(hash_of, path)
    except FileNotFoundError:
        raise Damaged(f"{what} is missing ({path})") from None
    except OSError as error:
        raise Damaged(f"{what} cannot be read ({path}): {error.strerror}") from error
    if found != part:
        raise Damaged(f"{what} is not as it was written ({path})")


async def _database(copied: Path, found: Manifest, trusted: Sequence[Verifier]) -> None:
    problem = facts.unknown_migration(found.facts.schema)
    if problem:
        raise Damaged(f"the database: {problem}")
    signed = _checkpoint(found, trusted)
    if found.dialect == SQLITE:
        problem = await asyncio.to_thread(_sqlite_fault, copied, found, signed)
    else:
        problem = await postgres.check(copied) or facts.log_fault(
            await postgres.leaves(copied), found.facts.log, signed
        )
    if problem:
        raise Damaged(f"the database: {problem}")


def _sqlite_fault(copied: Path, found: Manifest, signed: Checkpoint | None) -> str:
    problem, own = sqlite.check(copied)
    if problem or own is None:
        return problem
    if own != found.facts:
        return "its migrations, rows or log are not those in the manifest"
    try:
        return facts.log_fault(sqlite.leaves(copied), found.facts.log, signed)
    except sqlite3.Error as error:
        return f"its log cannot be read: {error}"


def _checkpoint(found: Manifest, trusted: Sequence[Verifier]) -> Checkpoint | None:
    if not found.facts.log.checkpoint:
        return None
    try:
        return open_checkpoint(found.facts.log.checkpoint, trusted)
    except BadNote as error:
        raise Damaged(f"the log's checkpoint in the manifest: {error}") from error
