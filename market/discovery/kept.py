"""One value per process, loaded again when the public content changes.

For small things that many pages need and one query makes: the directory of places, the words of search. A
value is also loaded again for another database connection, as the tests have one after the other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from tortoise.connection import get_connections

from market.web import page_cache

T = TypeVar("T")


class Kept(Generic[T]):
    """The result of `load`, as fresh as the content version (a second, in other processes)."""

    def __init__(self, load: Callable[[], Awaitable[T]]) -> None:
        self._load = load
        self._version = -1
        self._connection: Any = None
        self._values: list[T] = []

    async def get(self) -> T:
        version, connection = await page_cache.content_version(), get_connections().get("default")
        if version != self._version or connection is not self._connection or not self._values:
            self._values = [await self._load()]
            self._version, self._connection = version, connection
        return self._values[0]
