"""What only a folder can do wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from market.media.adapters.disk import DiskStorage
from market.media.storage import StorageDown


async def test_a_failed_put_leaves_the_old_bytes_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = DiskStorage(tmp_path, "/media")
    await storage.put("a/b.webp", b"old", "image/webp")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("market.media.adapters.disk.os.fsync", full)
    with pytest.raises(StorageDown):
        await storage.put("a/b.webp", b"new", "image/webp")
    assert await storage.get("a/b.webp") == b"old"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.webp"]


async def test_leftovers_and_strangers_are_not_listed(tmp_path: Path) -> None:
    storage = DiskStorage(tmp_path, "/media")
    await storage.put("a/b.webp", b"x", "image/webp")
    (tmp_path / "a" / ".put-left").write_bytes(b"half")
    (tmp_path / "README").write_text("by hand")
    assert [stat.key async for stat in storage.list()] == ["a/b.webp"]


async def test_a_folder_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    assert [stat async for stat in DiskStorage(tmp_path / "later", "/media").list()] == []
