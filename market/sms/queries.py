"""Reads for the pages: a number's conversation, and the messages that wait for a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from market import db
from market.db.sql import as_instant


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a conversation. `theirs` came from the phone; `state` is how far ours got."""

    theirs: bool
    text: str
    at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message nobody's rules understood, or a wish to be called."""

    id: int
    number: str
    host: str
    text: str
    wants_call: bool
    at: datetime


async def list_conversation(number_id: int, number: str, *, limit: int = 60) -> list[Line]:
    """What a number sent and what it was sent, oldest first, the newest `limit` of each."""
    theirs = await db.fetch(
        "SELECT body, outcome AS state, received_at AS at FROM sms_inbound WHERE number_id = $1"
        " ORDER BY id DESC LIMIT $2",
        number_id,
        limit,
    )
    ours = await db.fetch(
        "SELECT body, state, created_at AS at FROM delivery WHERE channel = 'sms' AND recipient = $1"
        " ORDER BY id DESC LIMIT $2",
        number,
        limit,
    )
    lines = [Line(True, row["body"], as_instant(row["at"]), row["state"]) for row in reversed(theirs)]
    lines += [Line(False, row["body"], as_instant(row["at"]), row["state"]) for row in reversed(ours)]
    return sorted(lines, key=lambda line: (line.at, not line.theirs))


async def list_waiting(*, limit: int = 100) -> list[Waiting]:
    """Messages that a person should read, calls first, then oldest first."""
    rows = await db.fetch(
        "SELECT i.id, n.number, o.name AS host, i.body, i.outcome, i.received_at FROM sms_inbound i"
        " JOIN sms_number n ON n.id = i.number_id JOIN organisation o ON o.id = n.organisation_id"
        " WHERE i.outcome IN ('unknown', 'call') AND i.handled_at IS NULL"
        " ORDER BY i.outcome, i.id LIMIT $1",
        limit,
    )
    return [
        Waiting(
            r["id"], r["number"], r["host"], r["body"], r["outcome"] == "call", as_instant(r["received_at"])
        )
        for r in rows
    ]


async def list_hosts(*, limit: int = 500) -> list[tuple[int, str]]:
    """(id, name) of every host organisation, by name."""
    rows = await db.fetch(
        "SELECT id, name FROM organisation WHERE kind = 'host' ORDER BY name, id LIMIT $1", limit
    )
    return [(row["id"], row["name"]) for row in rows]


async def find_unconnected() -> tuple[int, str] | None:
    """(id, phone) of a host that takes requests and has no number yet: what the simulator suggests first."""
    row = await db.fetch_one(
        "SELECT o.id, o.phone FROM organisation o JOIN listing l ON l.host_id = o.id"
        " WHERE l.status = 'published' AND NOT l.instant AND o.phone <> ''"
        " AND NOT EXISTS (SELECT 1 FROM sms_number n WHERE n.organisation_id = o.id) ORDER BY o.id LIMIT 1"
    )
    return (row["id"], row["phone"]) if row else None


async def names_of(organisation_ids: frozenset[int]) -> list[tuple[int, str]]:
    """(id, name) of these organisations, by name."""
    ids = sorted(organisation_ids)
    if not ids:
        return []
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    rows = await db.fetch(f"SELECT id, name FROM organisation WHERE id IN ({places}) ORDER BY name, id", *ids)
    return [(row["id"], row["name"]) for row in rows]


async def mark_handled(inbound_id: int, now: datetime) -> bool:
    """A person has dealt with a message; False when there is none that waits under this id."""
    changed = await db.execute(
        "UPDATE sms_inbound SET handled_at = $2 WHERE id = $1 AND handled_at IS NULL"
        " AND outcome IN ('unknown', 'call')",
        inbound_id,
        now,
    )
    return changed == 1
