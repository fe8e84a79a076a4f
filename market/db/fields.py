"""Column helpers that Tortoise leaves untyped."""

from __future__ import annotations

import json
from typing import Any

from tortoise import fields


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def json_field(*, null: bool = False) -> Any:
    """A JSON column for what is only ever read whole (texts, snapshots), never filtered or summed."""
    return fields.JSONField[Any](encoder=_dumps, null=null)
