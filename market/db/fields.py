"""Column helpers that Tortoise leaves untyped, and one thing it does at start that nobody needs."""

from __future__ import annotations

import json
from typing import Any

from tortoise import fields, models


def _no_comments(cls: type) -> dict[str, str]:
    """Tortoise parses each model's source for `#:` comments of its columns: half a second a start, read by nobody."""
    return {}


models._get_comments = _no_comments  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def json_field(*, null: bool = False) -> Any:
    """A JSON column for what is only ever read whole (texts, snapshots), never filtered or summed."""
    return fields.JSONField[Any](encoder=_dumps, null=null)
