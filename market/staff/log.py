"""What staff do with other people's things, written down once: who, who really, on whom or what, and why.

The database refuses to change or delete a line, and the public log covers the table. A line is written in the
transaction of its act. People see the lines about looking on as them; operators see all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from market import db
from market.db.sql import Row, as_instant
from market.values.text import Text, lazy


class Act(StrEnum):
    """One kind of act."""

    SEARCHED = "person.searched"
    OPENED = "person.opened"
    GRANTED = "role.granted"
    REVOKED = "role.revoked"
    SIGNED_OUT = "sessions.ended"
    LOCKED = "sign_in.locked"
    UNLOCKED = "sign_in.unlocked"
    LOOKING = "looking.started"
    LOOKED = "looking.ended"
    GOODWILL_PROPOSED = "goodwill.proposed"
    GOODWILL_GIVEN = "goodwill.given"
    GOODWILL_REFUSED = "goodwill.refused"
    LISTING_APPROVED = "listing.approved"
    LISTING_RETURNED = "listing.returned"
    PHOTO_HIDDEN = "photo.hidden"
    PHOTO_SHOWN = "photo.shown"
    PHOTOS_SEEN = "photos.seen"
    AUTHOR_WARNED = "message.warned"
    REPORT_DISMISSED = "message.dismissed"
    DELIVERIES_READ = "deliveries.searched"
    SENT_AGAIN = "delivery.again"
    JOB_AGAIN = "job.again"
    HOST_CLOSED = "host.closed"


LABELS: Final[dict[Act, Text]] = {
    Act.SEARCHED: lazy("Looked for people"),
    Act.OPENED: lazy("Opened a person's page"),
    Act.GRANTED: lazy("Gave a role"),
    Act.REVOKED: lazy("Took a role away"),
    Act.SIGNED_OUT: lazy("Ended sessions"),
    Act.LOCKED: lazy("Locked sign-in"),
    Act.UNLOCKED: lazy("Unlocked sign-in"),
    Act.LOOKING: lazy("Began to look on as somebody"),
    Act.LOOKED: lazy("Ended looking on"),
    Act.GOODWILL_PROPOSED: lazy("Proposed goodwill"),
    Act.GOODWILL_GIVEN: lazy("Gave goodwill"),
    Act.GOODWILL_REFUSED: lazy("Refused goodwill"),
    Act.LISTING_APPROVED: lazy("Approved a listing"),
    Act.LISTING_RETURNED: lazy("Returned a listing"),
    Act.PHOTO_HIDDEN: lazy("Hid a photo"),
    Act.PHOTO_SHOWN: lazy("Showed a photo again"),
    Act.PHOTOS_SEEN: lazy("Looked at new photos"),
    Act.AUTHOR_WARNED: lazy("Warned the author of a message"),
    Act.REPORT_DISMISSED: lazy("Let a reported message be"),
    Act.DELIVERIES_READ: lazy("Looked for deliveries"),
    Act.SENT_AGAIN: lazy("Sent a delivery again"),
    Act.JOB_AGAIN: lazy("Tried a job again"),
    Act.HOST_CLOSED: lazy("Closed a host"),
}
OF_LOOKING: Final = (Act.LOOKING, Act.LOOKED)


@dataclass(frozen=True, slots=True)
class ActRow:
    """One line of the log, with names."""

    id: int
    at: datetime
    act: Act
    actor: str
    real_actor: str
    person_id: int | None
    person: str
    subject: str
    reason: str


async def note(
    act: Act,
    *,
    by: int,
    now: datetime,
    real: int | None = None,
    person_id: int | None = None,
    subject: str = "",
    reason: str = "",
) -> None:
    """Write one act down; `real` is who really acted, when that is not `by`. Inside the act's transaction."""
    await db.execute(
        "INSERT INTO staff_act (at, actor_id, real_actor_id, name, person_id, subject, reason)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        now,
        by,
        real or by,
        act.value,
        person_id,
        subject[:400],
        reason[:1000],
    )


_SELECT: Final = (
    "SELECT s.id, s.at, s.name, s.person_id, s.subject, s.reason, a.name AS actor, r.name AS real_actor,"
    " p.name AS person FROM staff_act s JOIN person a ON a.id = s.actor_id JOIN person r ON r.id = s.real_actor_id"
    " LEFT JOIN person p ON p.id = s.person_id"
)


async def list_acts(
    *,
    act: Act | None = None,
    actor_id: int | None = None,
    person_id: int | None = None,
    before: int | None = None,
    limit: int,
) -> list[ActRow]:
    """A page of the log, newest first."""
    conditions, values = ["s.id < $1"], list[object]([before or 2**62])
    for column, value in (
        ("s.name", act.value if act else None),
        ("s.real_actor_id", actor_id),
        ("s.person_id", person_id),
    ):
        if value is not None:
            values.append(value)
            conditions.append(f"{column} = ${len(values)}")
    rows = await db.fetch(
        f"{_SELECT} WHERE {' AND '.join(conditions)} ORDER BY s.id DESC LIMIT {limit:d}", *values
    )
    return [_act(row) for row in rows]


async def list_looking(person_id: int, limit: int = 50) -> list[ActRow]:
    """Who looked on as this person, newest first."""
    rows = await db.fetch(
        f"{_SELECT} WHERE s.person_id = $1 AND s.name IN ($2, $3) ORDER BY s.id DESC LIMIT {limit:d}",
        person_id,
        *(act.value for act in OF_LOOKING),
    )
    return [_act(row) for row in rows]


async def list_actors() -> list[tuple[int, str]]:
    """Everybody who ever acted, by name."""
    rows = await db.fetch(
        "SELECT p.id, p.name FROM person p WHERE EXISTS (SELECT 1 FROM staff_act s WHERE s.real_actor_id = p.id)"
        " ORDER BY p.name, p.id"
    )
    return [(row["id"], row["name"]) for row in rows]


def _act(row: Row) -> ActRow:
    return ActRow(
        id=row["id"],
        at=as_instant(row["at"]),
        act=Act(row["name"]),
        actor=row["actor"],
        real_actor=row["real_actor"],
        person_id=row["person_id"],
        person=row["person"] or "",
        subject=row["subject"],
        reason=row["reason"],
    )
