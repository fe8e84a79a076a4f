"""The adapters a process works with (card provider, mailer, storage …), found by their type.

Built once in `market.app.wiring` and handed to pages and job handlers; nothing else is injected anywhere.
"""

from __future__ import annotations

from typing import Any, TypeVar, cast

T = TypeVar("T")


class Tools:
    """Frozen after construction: `Tools({Mailer: mailer, Settings: settings})`, read with `of(Mailer)`."""

    def __init__(self, adapters: dict[type[Any], Any]) -> None:
        self._adapters = dict(adapters)

    def of(self, kind: type[T]) -> T:
        """The adapter for a port; KeyError when the process was built without it."""
        return cast("T", self._adapters[kind])

    def find(self, kind: type[T]) -> T | None:
        """The adapter for an optional port, or None."""
        return cast("T | None", self._adapters.get(kind))
