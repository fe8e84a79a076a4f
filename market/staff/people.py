"""What operators do with accounts: find them, give and take roles, end sessions, lock and unlock the sign-in.

Every command writes its line in `log`. Nobody changes their own roles; the pages ask for a fresh second factor.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from market import db
from market.accounts import roles, sessions
from market.accounts.roles import ROLES, CannotChangeRole
from market.db.sql import Row, as_instant, as_instant_or_none
from market.errors import Invalid, NotFound, Refused
from market.staff import log
from market.staff.log import Act
from market.values.text import lazy

MOST_FOUND: Final = 20
SHORTEST: Final = 3


@dataclass(frozen=True, slots=True)
class Found:
    """A person in the list of a search."""

    id: int
    name: str
    email: str
    roles: tuple[str, ...]
    locked: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A role somebody holds, for an organisation or for the platform."""

    role: str
    organisation: str
    slug: str
    rights: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class PersonPage:
    """Everything an operator needs to know about somebody's account; no secret of theirs."""

    id: int
    name: str
    email: str
    phone: str
    locale: str
    created_at: datetime
    verified: bool
    second_factor: bool
    locked_at: datetime | None
    roles: tuple[Held, ...]
    sessions: int
    seen_at: datetime | None
    bookings: int

    @property
    def is_staff(self) -> bool:
        return any(held.role in sessions.STAFF for held in self.roles)


class OwnRoles(Refused):
    """Nobody changes their own account as staff."""

    code = "own_roles"
    message = lazy("This is your own account. Ask another operator.")


async def search(asked: str, *, by: int, now: datetime) -> list[Found]:
    """People whose mailbox begins with, or whose name contains, what was asked (three letters at least)."""
    wanted = asked.strip().lower()
    if len(wanted) < SHORTEST:
        return []
    pattern = wanted.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    async with db.transaction():
        await log.note(Act.SEARCHED, by=by, now=now, subject=asked)
        rows = await db.fetch(
            "SELECT p.id, p.name, p.email, p.locked_at, m.role FROM (SELECT id, name, email, locked_at FROM person"
            " WHERE deleted_at IS NULL AND (LOWER(email) LIKE $1 ESCAPE '\\' OR LOWER(name) LIKE $2 ESCAPE '\\')"
            f" ORDER BY name, id LIMIT {MOST_FOUND}) p LEFT JOIN membership m ON m.person_id = p.id"
            " ORDER BY p.name, p.id, m.id",
            f"{pattern}%",
            f"%{pattern}%",
        )
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["id"], []).append(row)
    return [
        Found(
            id=person_id,
            name=each[0]["name"],
            email=each[0]["email"] or "",
            roles=tuple(dict.fromkeys(row["role"] for row in each if row["role"])),
            locked=each[0]["locked_at"] is not None,
        )
        for person_id, each in found.items()
    ]


async def open_person(person_id: int, *, by: int, now: datetime) -> PersonPage:
    """Somebody's page; that it was opened is written down. Raises NotFound."""
    async with db.transaction():
        person = await get_person(person_id)
        await log.note(Act.OPENED, by=by, now=now, person_id=person_id)
    return person


async def get_person(person_id: int) -> PersonPage:
    """Somebody's account as operators see it. Raises NotFound for nobody, or somebody who has left."""
    row = await db.fetch_one(
        "SELECT p.*, (SELECT COUNT(*) FROM web_session s WHERE s.person_id = p.id) AS open_sessions,"
        " (SELECT MAX(s.seen_at) FROM web_session s WHERE s.person_id = p.id) AS last_seen,"
        " (SELECT COUNT(*) FROM booking b WHERE b.person_id = p.id) AS booked"
        " FROM person p WHERE p.id = $1 AND p.deleted_at IS NULL",
        person_id,
    )
    if row is None:
        raise NotFound
    held = await db.fetch(
        "SELECT m.role, m.rights, m.created_at, m.expires_at, o.name, o.slug FROM membership m"
        " LEFT JOIN organisation o ON o.id = m.organisation_id WHERE m.person_id = $1 ORDER BY m.id",
        person_id,
    )
    return PersonPage(
        id=row["id"],
        name=row["name"],
        email=row["email"] or "",
        phone=row["phone"],
        locale=row["locale"],
        created_at=as_instant(row["created_at"]),
        verified=row["verified_at"] is not None,
        second_factor=row["totp_secret"] is not None,
        locked_at=as_instant_or_none(row["locked_at"]),
        roles=tuple(
            Held(
                role=each["role"],
                organisation=each["name"] or "",
                slug=each["slug"] or "",
                rights=each["rights"],
                since=as_instant(each["created_at"]),
                until=as_instant_or_none(each["expires_at"]),
            )
            for each in held
        ),
        sessions=int(row["open_sessions"]),
        seen_at=as_instant_or_none(row["last_seen"]),
        bookings=int(row["booked"]),
    )


async def grant(person_id: int, role: str, organisation: str, *, reason: str, by: int, now: datetime) -> None:
    """Give somebody a role; all their sessions end. Raises OwnRoles, NotFound or Invalid."""
    await _change(Act.GRANTED, person_id, role, organisation, reason=reason, by=by, now=now)


async def revoke(
    person_id: int, role: str, organisation: str, *, reason: str, by: int, now: datetime
) -> None:
    """Take a role away; all their sessions end. Raises OwnRoles, NotFound or Invalid."""
    await _change(Act.REVOKED, person_id, role, organisation, reason=reason, by=by, now=now)


async def _change(
    act: Act, person_id: int, role: str, organisation: str, *, reason: str, by: int, now: datetime
) -> None:
    if person_id == by:
        raise OwnRoles
    if role not in ROLES:
        raise Invalid("role", lazy("Choose a role."), field="role")
    person = await get_person(person_id)
    command = roles.grant if act is Act.GRANTED else roles.revoke
    try:
        async with db.transaction():
            await command(person.email, role, organisation or None)
            subject = f"{role} {organisation}".strip()
            await log.note(act, by=by, now=now, person_id=person_id, subject=subject, reason=reason)
    except CannotChangeRole as error:
        message = lazy(
            "This role does not fit: the person must have a proved mailbox, and hosts, suppliers and hotels need the"
            " address name of an organisation of that kind."
        )
        raise Invalid("role", message, field="organisation") from error


async def end_sessions(person_id: int, *, reason: str, by: int, now: datetime) -> int:
    """Sign somebody out everywhere; how many sessions ended."""
    async with db.transaction():
        await get_person(person_id)
        ended = await sessions.end_all_sessions(person_id)
        await log.note(Act.SIGNED_OUT, by=by, now=now, person_id=person_id, subject=str(ended), reason=reason)
    return ended


async def lock(person_id: int, *, reason: str, by: int, now: datetime) -> None:
    """Nobody signs in to this account any more, and every session ends. Raises OwnRoles or NotFound."""
    if person_id == by:
        raise OwnRoles
    async with db.transaction():
        await get_person(person_id)
        await db.execute(
            "UPDATE person SET locked_at = $2 WHERE id = $1 AND locked_at IS NULL", person_id, now
        )
        await sessions.end_all_sessions(person_id)
        await log.note(Act.LOCKED, by=by, now=now, person_id=person_id, reason=reason)


async def unlock(person_id: int, *, reason: str, by: int, now: datetime) -> None:
    """The account's sign-in is open again."""
    async with db.transaction():
        await get_person(person_id)
        await db.execute("UPDATE person SET locked_at = NULL WHERE id = $1", person_id)
        await log.note(Act.UNLOCKED, by=by, now=now, person_id=person_id, reason=reason)
