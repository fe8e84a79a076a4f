"""A backup takes what either storage keeps, and a restore puts it into either."""

from __future__ import annotations

from pathlib import Path

from market.backups import taking, verifying
from market.backups.restoring import put_media
from market.media.adapters.disk import DiskStorage
from market.media.storage import Storage
from market.settings import Settings
from market.transparency.keys import load_keys

FILES = {"photos/a.webp": b"one", "photos/b.webp": b"one", "evidence/2026/c.bin": bytes(range(256)) * 9}


async def test_media_travel_through_a_backup(storage: Storage, sqlite_template: Path, tmp_path: Path):
    settings = Settings(database_url=f"sqlite:///{sqlite_template}", data_dir=tmp_path, demo=True)
    keys = load_keys(settings)
    for key, data in FILES.items():
        await storage.put(key, data, "application/octet-stream")
    taken = await taking.take(settings, storage, keys, tmp_path / "backups", keep=None)
    again = await taking.take(settings, storage, keys, tmp_path / "backups", keep=None)
    assert (taken.copied, again.copied) == (len(FILES), 0)
    found = await verifying.verify(again.file, keys.verifiers)
    assert {one.key for one in found.media} == set(FILES)
    other = DiskStorage(tmp_path / "other", "/media")
    assert await put_media(found.folder, found.media, other) == len(FILES)
    for key in FILES:
        await storage.delete(key)
    assert await put_media(found.folder, found.media, storage) == len(FILES)
    for key, data in FILES.items():
        assert await other.get(key) == await storage.get(key) == data
        await storage.delete(key)
