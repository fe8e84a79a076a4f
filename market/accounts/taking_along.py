"""What is kept about somebody, as one file they can take along (UU PDP 27/2022; GDPR, article 20).

Accounts knows its own part; every feature that keeps something of a person adds a part of its own with `part`,
asked for by the person's id. Texts are in the words of the database: the file is for reading and for machines.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from market import clock, db
from market.db.sql import Row, as_instant

Part = Callable[[int], Awaitable[Any]]
_parts: dict[str, Part] = {}


def part(name: str) -> Callable[[Part], Part]:
    """Register a feature's part of the file under `name`."""

    def register(read: Part) -> Part:
        if _parts.setdefault(name, read) is not read:
            raise ValueError(f"two parts are called {name}")
        return read

    return register


async def everything(person_id: int) -> dict[str, Any]:
    """All parts, ready for JSON."""
    return {"made_at": clock.now().isoformat()} | {
        name: await read(person_id) for name, read in sorted(_parts.items())
    }


def rows(found: list[Row], *instants: str) -> list[dict[str, Any]]:
    """Rows as they read in a file: the columns in `instants` as ISO time."""
    return [{k: _instant(v) if k in instants else v for k, v in row.items()} for row in found]


def _instant(value: str | datetime | None) -> str | None:
    return None if value is None else as_instant(value).isoformat()


@part("account")
async def _account(person_id: int) -> Any:
    found = await db.fetch(
        "SELECT email, name, phone, locale, created_at, verified_at FROM person WHERE id = $1", person_id
    )
    return rows(found, "created_at", "verified_at")


@part("new_address_asked_for")
async def _address_change(person_id: int) -> Any:
    found = await db.fetch(
        "SELECT email, created_at, expires_at FROM address_change WHERE person_id = $1", person_id
    )
    return rows(found, "created_at", "expires_at")


@part("acts_for")
async def _organisations(person_id: int) -> Any:
    found = await db.fetch(
        "SELECT m.role, o.kind, o.name, m.created_at FROM membership m"
        " LEFT JOIN organisation o ON o.id = m.organisation_id WHERE m.person_id = $1 ORDER BY m.id",
        person_id,
    )
    return rows(found, "created_at")


@part("signed_in_on")
async def _sessions(person_id: int) -> Any:
    found = await db.fetch(
        "SELECT device, created_at, seen_at, expires_at FROM web_session WHERE person_id = $1 ORDER BY created_at",
        person_id,
    )
    return rows(found, "created_at", "seen_at", "expires_at")


@part("mail_and_sms")
async def _deliveries(person_id: int) -> Any:
    found = await db.fetch(
        "SELECT d.channel, d.recipient, d.subject, d.state, d.created_at, d.sent_at FROM delivery d"
        " JOIN person p ON p.email = d.recipient WHERE p.id = $1 ORDER BY d.id",
        person_id,
    )
    return rows(found, "created_at", "sent_at")
