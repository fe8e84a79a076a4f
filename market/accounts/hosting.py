"""Opening a host family, and when it can be reached: what a host's organisation says of itself.

A family that opens itself starts with `needs_review`: operators look at its first listing before guests do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

from market import clock, db
from market.accounts import limits
from market.db.sql import to_json
from market.errors import Invalid, NotFound
from market.i18n.locales import LOCALES
from market.values.text import lazy


@dataclass(frozen=True, slots=True)
class HostName:
    """A host's organisation as desks name it."""

    id: int
    kind: str
    name: str
    village_id: int | None
    phone: str
    reachable_from: str
    reachable_to: str
    answers_hours: int
    needs_review: bool


async def open_host(person_id: int, *, name: str, village_id: int, phone: str) -> int:
    """A person opens a host family of their own; its organisation's id. Raises TooMany, or Invalid for a village
    that is not known.
    """
    await limits.count("open_host", person_id)
    now = clock.now()
    async with db.transaction():
        if await db.fetch_one("SELECT id FROM village WHERE id = $1", village_id) is None:
            raise Invalid("village", lazy("Choose your village."), field="village")
        organisation_id = await _insert(name, village_id, phone)
        await db.execute(
            "INSERT INTO membership (person_id, organisation_id, role, created_at) VALUES ($1, $2, 'host', $3)",
            person_id,
            organisation_id,
            now,
        )
    return organisation_id


async def _insert(name: str, village_id: int, phone: str) -> int:
    stem = "-".join(re.findall(r"[a-z0-9]+", name.lower().replace("'", "")))[:60].strip("-") or "host"
    texts = to_json({locale: {"about": ""} for locale in LOCALES})
    now = clock.now()
    for n in range(1, 1000):
        found = await db.fetch_one(
            "INSERT INTO organisation (kind, slug, name, village_id, phone, since, texts, created_at,"
            " needs_review) VALUES ('host', $1, $2, $3, $4, $5, $6, $7, TRUE)"
            " ON CONFLICT (slug) DO NOTHING RETURNING id",
            stem if n == 1 else f"{stem}-{n}",
            name,
            village_id,
            phone,
            now.year,
            texts,
            now,
        )
        if found is not None:
            return found["id"]
    raise Invalid("name", lazy("Too many hosts have this name. Please add your family's name."), field="name")


async def get_host(organisation_id: int) -> HostName:
    """A host's organisation. Raises NotFound for anything else."""
    row = await db.fetch_one(
        "SELECT id, kind, name, village_id, phone, reachable_from, reachable_to, answers_hours, needs_review"
        " FROM organisation WHERE id = $1 AND kind IN ('host', 'village')",
        organisation_id,
    )
    if row is None:
        raise NotFound
    return HostName(
        id=row["id"],
        kind=row["kind"],
        name=row["name"],
        village_id=row["village_id"],
        phone=row["phone"],
        reachable_from=row["reachable_from"],
        reachable_to=row["reachable_to"],
        answers_hours=row["answers_hours"],
        needs_review=bool(row["needs_review"]),
    )


async def list_hosts(organisation_ids: list[int]) -> list[HostName]:
    """These hosts, by name."""
    found = [await get_host(each) for each in sorted(organisation_ids)]
    return sorted(found, key=lambda host: (host.name, host.id))


async def set_reachable(organisation_id: int, first: time, last: time) -> None:
    """Declare from when to when (WITA) a host can be reached; midnight at the end is the day's end.

    Raises Invalid unless the end comes after the start.
    """
    begins, ends = first.strftime("%H:%M"), last.strftime("%H:%M")
    if ends == "00:00":
        ends = "24:00"
    if begins >= ends:
        raise Invalid("hours", lazy("The end comes after the beginning."), field="reachable_to")
    await db.execute(
        "UPDATE organisation SET reachable_from = $2, reachable_to = $3 WHERE id = $1",
        organisation_id,
        begins,
        ends,
    )


async def approve(organisation_id: int) -> None:
    """Operators have looked at a host's first listing: the next ones need no look."""
    await db.execute("UPDATE organisation SET needs_review = FALSE WHERE id = $1", organisation_id)
