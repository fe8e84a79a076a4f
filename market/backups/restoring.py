"""Restoring a backup into an empty place, shut: what comes out of it sends nothing until an operator opens it.

Everything is checked before the first byte is written. The database takes its name last, so that half a restore is
never taken for a whole one. What was waiting to be sent when the backup was taken has perhaps been sent since: it is
put aside for a person (ADR 0034).
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from market import db
from market.accounts import sessions, tokens
from market.backups import manifest, postgres, sqlite
from market.backups.manifest import MediaFile
from market.backups.store import Folder
from market.backups.taking import SQLITE
from market.backups.verifying import Verified
from market.db.config import connect, disconnect, is_sqlite, sqlite_path
from market.db.migrate import migrate
from market.media.storage import Storage, content_type
from market.outbox import maintenance
from market.settings import Settings

PUT_ASIDE: Final = "Waiting when the backup was taken, perhaps sent since"
"""How the words begin that every job put aside carries."""
MAY_GO: Final = (
    # Facts about money, for our own books.
    "booking.payment_",
    "booking.capture_failed",
    # Asked of the provider under the same key as before, which it does once.
    "payments.",
    # Work on our own files.
    "media.",
)
_COMING: Final = ".restoring"


class NotEmpty(RuntimeError):
    """The place already holds something; the words say what."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came out: how many media, which migrations ran on top, what was put aside, and whether our secret fits."""

    media: int
    migrated: list[str]
    put_aside: dict[str, int]
    secret_fits: bool


async def refuse_unless_empty(found: Verified, target: Settings, *, keep_media: bool) -> None:
    """Raise NotEmpty unless a restore would overwrite nothing in the place that `target` describes."""
    if found.manifest.dialect == SQLITE:
        folder = target.data_dir
        there = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
        there = [name for name in there if not (keep_media and name == "media")]
        if there or folder.is_file():
            raise NotEmpty(f"{folder} is not empty ({', '.join(there[:3]) or 'it is a file'})")
    elif not await postgres.is_empty(target.database_url):
        raise NotEmpty("the database already has tables; make an empty one")


async def refuse_foreign_media(found: Verified, storage: Storage, *, keep_media: bool) -> None:
    """Raise NotEmpty when the storage holds anything, or with `keep_media` anything else than the backup has."""
    ours = {one.key: one.part.size for one in found.media}
    async for stat in storage.list():
        if not keep_media:
            raise NotEmpty(
                f"the storage of media is not empty ({stat.key}); if it is the true one, say --keep-media"
            )
        if ours.get(stat.key, stat.size) != stat.size:
            raise NotEmpty(f"the storage holds another {stat.key} than the backup")


async def restore(found: Verified, target: Settings, storage: Storage) -> Restored:
    """Media, then the database, then newer migrations; the site is shut before anybody could open it."""
    count = await put_media(found.folder, found.media, storage)
    if is_sqlite(target.database_url):
        path = sqlite_path(target.database_url)
        coming = path.with_name(path.name + _COMING)
        path.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(shutil.copyfile, found.database, coming)
        result = await _prepare(found, f"sqlite:///{coming}", target, count)
        await asyncio.to_thread(_give_name, coming, path)
        return result
    await postgres.restore(found.database, target.database_url)
    return await _prepare(found, target.database_url, target, count)


def _give_name(coming: Path, path: Path) -> None:
    sqlite.fold_in(coming)
    coming.rename(path)


async def put_media(folder: Folder, media: Sequence[MediaFile], storage: Storage) -> int:
    """Put every file that is not there; how many."""
    there = {stat.key async for stat in storage.list()}
    put = 0
    for one in media:
        if one.key not in there:
            data = await asyncio.to_thread(folder.path(one.part).read_bytes)
            await storage.put(one.key, data, content_type(one.key))
            put += 1
    return put


async def _prepare(found: Verified, url: str, target: Settings, media: int) -> Restored:
    """Bring the copy to this version's schema and shut it: nothing that was open in the lost hours opens here."""
    migrated = await migrate(url)
    taken = found.manifest.taken_at.isoformat(timespec="seconds")
    await connect(url, 1)
    try:
        async with db.transaction():
            await maintenance.begin(f"Restored from the backup of {taken}.")
            aside = await maintenance.put_aside(f"{PUT_ASIDE} ({taken})", but=MAY_GO)
            # A session ended since, or a link used since, would be good again.
            await sessions.end_every_session()
            await tokens.forget_all()
            await db.execute("DELETE FROM worker_beat")
    finally:
        await disconnect()
    fits = manifest.secret_name(target.secret_key) == found.manifest.secret_name
    return Restored(media, migrated, dict(aside), fits)
