"""Reads of people and organisations, for these pages and for features above (whom to tell, who may act)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from market import clock, db
from market.accounts import rights
from market.accounts.rights import Right
from market.db.sql import Row, as_instant
from market.errors import NotFound

_PERSON = "id, name, email, phone, locale, password_hash, totp_secret, verified_at"


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody with an account, without any secret of theirs."""

    id: int
    name: str
    email: str
    phone: str
    locale: str
    verified: bool
    has_password: bool
    has_second_factor: bool


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation somebody may act for, and as what."""

    id: int
    kind: str
    slug: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One signed-in browser. `key` names it in forms; it opens nothing."""

    key: str
    device: str
    created_at: datetime
    seen_at: datetime
    here: bool


def _person(row: Row) -> PersonRow:
    return PersonRow(
        id=row["id"],
        name=row["name"],
        email=row["email"] or "",
        phone=row["phone"],
        locale=row["locale"],
        verified=row["verified_at"] is not None,
        has_password=row["password_hash"] is not None,
        has_second_factor=row["totp_secret"] is not None,
    )


async def get_person(person_id: int) -> PersonRow:
    """A person who has an account. Raises LookupError for a deleted or unknown one."""
    row = await db.fetch_one(f"SELECT {_PERSON} FROM person WHERE id = $1 AND deleted_at IS NULL", person_id)
    if row is None:
        raise LookupError(f"no person {person_id}")
    return _person(row)


async def find_by_email(email: str) -> PersonRow | None:
    """The account of a mailbox (lower case, see `notifications.addresses`), or None."""
    row = await db.fetch_one(f"SELECT {_PERSON} FROM person WHERE email = $1 AND deleted_at IS NULL", email)
    return _person(row) if row else None


async def roles_of(person_id: int) -> frozenset[str]:
    """Every role somebody was given and that has no end behind it, open to them now or not."""
    rows = await db.fetch(
        "SELECT role FROM membership WHERE person_id = $1 AND (expires_at IS NULL OR expires_at > $2)"
        f" UNION SELECT '{rights.COMMITTEE}' FROM fund_member WHERE person_id = $1 AND ended_at IS NULL",
        person_id,
        clock.now(),
    )
    return frozenset(row["role"] for row in rows)


async def organisations_of(person_id: int) -> list[OrganisationRow]:
    """The organisations somebody may act for, by name."""
    rows = await db.fetch(
        "SELECT o.id, o.kind, o.slug, o.name, m.role FROM membership m"
        " JOIN organisation o ON o.id = m.organisation_id WHERE m.person_id = $1"
        " AND (m.expires_at IS NULL OR m.expires_at > $2) ORDER BY o.name, o.id",
        person_id,
        clock.now(),
    )
    return [OrganisationRow(r["id"], r["kind"], r["slug"], r["name"], r["role"]) for r in rows]


async def organisation_name(organisation_id: int) -> str:
    """What an organisation is called; NotFound when there is none."""
    row = await db.fetch_one("SELECT name FROM organisation WHERE id = $1", organisation_id)
    if row is None:
        raise NotFound
    return row["name"]


async def people_of_organisation(
    organisation_id: int, role: str, right: Right | None = None
) -> list[PersonRow]:
    """Who holds a role for an organisation, longest first: the people to notify.

    Of a host these are those with this right; without one named, those who may do everything.
    """
    columns = ", ".join(f"p.{column}" for column in _PERSON.split(", "))
    rows = await db.fetch(
        f"SELECT {columns}, m.rights FROM membership m JOIN person p ON p.id = m.person_id"
        " WHERE m.organisation_id = $1 AND m.role = $2 AND p.deleted_at IS NULL"
        " AND (m.expires_at IS NULL OR m.expires_at > $3) ORDER BY m.id",
        organisation_id,
        role,
        clock.now(),
    )
    wanted = right.role if right is not None else role
    return [_person(row) for row in rows if wanted in rights.names(role, row["rights"])]


async def sole_organisation(person_id: int) -> str | None:
    """The name of an organisation for which nobody else may do everything, or None."""
    row = await db.fetch_one(
        "SELECT o.name FROM membership m JOIN organisation o ON o.id = m.organisation_id"
        " WHERE m.person_id = $1 AND m.rights = 'all' AND NOT EXISTS (SELECT 1 FROM membership x"
        " WHERE x.organisation_id = m.organisation_id AND x.person_id <> $1 AND x.rights = 'all'"
        " AND x.expires_at IS NULL) ORDER BY o.name",
        person_id,
    )
    return row["name"] if row else None


async def sessions_of(person_id: int, here: str) -> list[SessionRow]:
    """Where somebody is signed in, last seen first; `here` is the hash of the session that asks."""
    rows = await db.fetch(
        "SELECT token_hash, device, created_at, seen_at FROM web_session WHERE person_id = $1"
        " ORDER BY seen_at DESC, token_hash",
        person_id,
    )
    return [
        SessionRow(
            key=r["token_hash"][:16],
            device=r["device"],
            created_at=as_instant(r["created_at"]),
            seen_at=as_instant(r["seen_at"]),
            here=r["token_hash"] == here,
        )
        for r in rows
    ]


async def count_recovery_codes(person_id: int) -> int:
    """How many recovery codes are still unused."""
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM recovery_code WHERE person_id = $1 AND used_at IS NULL", person_id
    )
    return int(row["n"]) if row else 0
