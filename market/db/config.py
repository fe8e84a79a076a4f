"""From a database URL to a running Tortoise: engines, pragmas, pool sizes, and the list of table modules."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tortoise import Tortoise
from tortoise.backends.base.executor import EXECUTOR_CACHE

MODELS = [
    "market.places.models",
    "market.accounts.models",
    "market.listings.models",
    "market.transparency.models",
    "market.villages.models",
    "market.suppliers.models",
    "market.claims.models",
    "market.sourcing.models",
    "market.media.models",
    "market.payments.models",
    "market.bookings.models",
    "market.payouts.models",
    "market.calendars.models",
    "market.messaging.models",
    "market.reviews.models",
    "market.register.models",
    "market.notifications.models",
    "market.staff.models",
    "market.sms.models",
    "market.outbox.models",
]


def is_sqlite(url: str) -> bool:
    return url.startswith("sqlite:")


def sqlite_path(url: str) -> Path:
    """The file behind `sqlite:///relative/path.db` or `sqlite:////absolute/path.db`."""
    return Path(url.removeprefix("sqlite:///"))


def _sqlite(url: str) -> dict[str, Any]:
    return {
        "engine": "market.db.sqlite_engine",
        "credentials": {
            "file_path": str(sqlite_path(url)),
            "journal_mode": "WAL",
            "synchronous": "FULL",
            # A log cut short after each checkpoint grows again commit by commit, and each growth is a second thing
            # that the disk must write: kept long, a commit costs half.
            "journal_size_limit": 64 * 1024 * 1024,
            "busy_timeout": 15000,
            "foreign_keys": "ON",
            "temp_store": "MEMORY",
            "cache_size": -32000,
            "mmap_size": 268435456,
        },
    }


def _postgres(url: str, pool_size: int) -> dict[str, Any]:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    host = query.get("host") or parts.hostname or "127.0.0.1"
    credentials: dict[str, Any] = {
        "host": unquote(host),
        "port": parts.port or 5432,
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password or ""),
        "database": parts.path.lstrip("/"),
        "minsize": 1,
        "maxsize": pool_size,
    }
    if "sslmode" in query:
        credentials["ssl"] = query["sslmode"]
    return {"engine": "tortoise.backends.asyncpg", "credentials": credentials}


def tortoise_config(url: str, pool_size: int = 10) -> dict[str, Any]:
    """Tortoise's configuration for one database URL."""
    return {
        "connections": {"default": _sqlite(url) if is_sqlite(url) else _postgres(url, pool_size)},
        "apps": {"market": {"models": MODELS, "default_connection": "default"}},
        "use_tz": True,
        "timezone": "UTC",
    }


async def connect(url: str, pool_size: int = 10) -> None:
    """Open the database for this process. The schema is the migrations' business."""
    if is_sqlite(url):
        sqlite_path(url).parent.mkdir(parents=True, exist_ok=True)
    # Tortoise keeps generated SQL by connection name only; a process that served the other dialect before
    # (the tests do) would send it the wrong placeholders.
    EXECUTOR_CACHE.clear()
    await Tortoise.init(config=tortoise_config(url, pool_size), _enable_global_fallback=True)


async def disconnect() -> None:
    """Close every connection: an open SQLite connection would keep the interpreter from exiting."""
    await Tortoise.close_connections()
