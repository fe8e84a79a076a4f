"""What every storage promises, on every adapter."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from market.media.storage import BadKey, NoSuchFile, Storage

MALFORMED = [
    "",
    "/etc/passwd.txt",
    "../up.webp",
    "a/../../up.webp",
    "a//b.webp",
    "a/./b.webp",
    "no-extension",
    "folder/",
    ".hidden.webp",
    "a/.put-x.webp",
    "a.dot/b.webp",
    "UPPER.webp",
    "a\\b.webp",
    "a\x00.webp",
    "ä.webp",
    "a.webp\n",
    "a" * 300 + ".webp",
    "/".join(["a"] * 300) + ".webp",
]


async def listed(storage: Storage, prefix: str = "") -> list[str]:
    return [stat.key async for stat in storage.list(prefix)]


async def test_what_is_put_comes_back(storage: Storage) -> None:
    data = bytes(range(256)) * 300
    await storage.put("photos/ab/720.webp", data, "image/webp")
    assert await storage.get("photos/ab/720.webp") == data
    assert await storage.exists("photos/ab/720.webp")


async def test_empty_files_are_files(storage: Storage) -> None:
    await storage.put("a/empty.csv", b"", "text/csv")
    assert await storage.get("a/empty.csv") == b""
    assert (await storage.stat("a/empty.csv")).size == 0


async def test_a_second_put_replaces(storage: Storage) -> None:
    await storage.put("a.webp", b"first, and longer", "image/webp")
    await storage.put("a.webp", b"second", "image/webp")
    assert await storage.get("a.webp") == b"second"
    assert await listed(storage) == ["a.webp"]


async def test_absent_is_said_plainly(storage: Storage) -> None:
    with pytest.raises(NoSuchFile):
        await storage.get("photos/none.webp")
    with pytest.raises(NoSuchFile):
        await storage.stat("photos/none.webp")
    assert not await storage.exists("photos/none.webp")


async def test_delete_forgets_and_may_be_repeated(storage: Storage) -> None:
    await storage.put("a/b.webp", b"x", "image/webp")
    await storage.delete("a/b.webp")
    await storage.delete("a/b.webp")
    assert not await storage.exists("a/b.webp")
    assert await listed(storage) == []


async def test_stat_tells_size_and_age(storage: Storage) -> None:
    await storage.put("a/b.webp", b"12345", "image/webp")
    stat = await storage.stat("a/b.webp")
    assert (stat.key, stat.size) == ("a/b.webp", 5)
    assert abs(datetime.now(UTC) - stat.modified_at) < timedelta(minutes=1)


async def test_list_gives_everything_in_order(storage: Storage) -> None:
    keys = [
        "evidence/1.pdf",
        "photos/a/360.webp",
        "photos/a/720.webp",
        "photos/b.webp",
        "photos/c-2.webp",
        "z.csv",
    ]
    for key in reversed(keys):
        await storage.put(key, key.encode(), "application/octet-stream")
    assert await listed(storage) == keys
    assert await listed(storage, "photos/") == keys[1:5]
    assert await listed(storage, "photos/a") == keys[1:3]
    assert await listed(storage, "none/") == []
    assert await listed(storage, "../") == []
    assert await listed(storage, "/") == []


@pytest.mark.parametrize("key", MALFORMED)
async def test_a_malformed_key_names_nothing(storage: Storage, key: str) -> None:
    with pytest.raises(BadKey):
        await storage.put(key, b"x", "image/webp")
    with pytest.raises(NoSuchFile):
        await storage.get(key)
    with pytest.raises(NoSuchFile):
        await storage.stat(key)
    await storage.delete(key)
    assert not await storage.exists(key)


async def test_a_file_is_not_a_folder(storage: Storage) -> None:
    await storage.put("a/b.webp", b"x", "image/webp")
    assert not await storage.exists("a/b.webp/c.webp")
    with pytest.raises(NoSuchFile):
        await storage.get("a.webp")


async def test_puts_at_once_leave_one_of_them_whole(storage: Storage) -> None:
    versions = [bytes([number]) * 50_000 for number in range(12)]
    await asyncio.gather(*(storage.put("a/b.webp", data, "image/webp") for data in versions))
    assert await storage.get("a/b.webp") in versions
    assert await listed(storage) == ["a/b.webp"]


def test_the_address_is_under_the_base(storage: Storage) -> None:
    assert storage.url("photos/a/360.webp") == "/media/photos/a/360.webp"
