"""Giving and taking roles from the command line of the installation: how its first operator comes to be.

The only writer of `membership` besides opening an organisation. Words here are for whoever runs the installation.
"""

from __future__ import annotations

from typing import Final

from market import clock, db
from market.accounts import queries, sessions
from market.accounts.queries import PersonRow
from market.notifications.addresses import mail_address

# Every role, and the kind of organisation it is held for ("" for none; an officer's office may be left out).
ROLES: Final[dict[str, str]] = {
    "host": "host",
    "supplier": "supplier",
    "hotel": "hotel",
    "officer": "office",
    "operator": "",
    "administrator": "",
}
_ALONE: Final = frozenset({"officer", "operator", "administrator"})


class CannotChangeRole(ValueError):
    """What was asked for makes no sense here; the message says why and what to do."""


async def grant(email: str, role: str, organisation: str | None = None) -> str:
    """Give somebody a role, for an organisation where the role needs one; what was done, in words.

    All their sessions end, so that nobody carries the old rights on. Raises CannotChangeRole.
    """
    person, organisation_id = await _checked(email, role, organisation)
    if not person.verified:
        raise CannotChangeRole(
            f"{person.email} has not proved the mailbox yet: sign in by mailed link first."
        )
    async with db.transaction():
        rows = await db.fetch(
            "INSERT INTO membership (person_id, organisation_id, role, created_at) VALUES ($1, $2, $3, $4)"
            " ON CONFLICT DO NOTHING RETURNING id",
            person.id,
            organisation_id,
            role,
            clock.now(),
        )
        if not rows:
            return f"{person.email} is {_named(role, organisation)} already."
        await sessions.end_all_sessions(person.id)
    needed = role in sessions.STAFF and not person.has_second_factor
    hint = " The role opens once they have set up a second factor after signing in." if needed else ""
    return f"{person.email} is now {_named(role, organisation)}.{hint}"


async def revoke(email: str, role: str, organisation: str | None = None) -> str:
    """Take a role away and end all sessions; what was done, in words. Raises CannotChangeRole."""
    person, organisation_id = await _checked(email, role, organisation)
    async with db.transaction():
        removed = await db.execute(
            "DELETE FROM membership WHERE person_id = $1 AND role = $2 AND COALESCE(organisation_id, 0) = $3",
            person.id,
            role,
            organisation_id or 0,
        )
        if not removed:
            raise CannotChangeRole(f"{person.email} is not {_named(role, organisation)}.")
        await sessions.end_all_sessions(person.id)
    return f"{person.email} is no longer {_named(role, organisation)}."


def _named(role: str, organisation: str | None) -> str:
    return f"{role} of {organisation}" if organisation else role


async def _checked(email: str, role: str, organisation: str | None) -> tuple[PersonRow, int | None]:
    """The person and the organisation's id, or a refusal in words."""
    if role not in ROLES:
        raise CannotChangeRole(f"There is no role {role!r}. Roles are: {', '.join(ROLES)}.")
    address = mail_address(email)
    if address is None:
        raise CannotChangeRole(f"{email!r} is not an email address.")
    person = await queries.find_by_email(address)
    if person is None:
        raise CannotChangeRole(f"No account has the address {address}. Start one on the site first.")
    return person, await _organisation(role, organisation)


async def _organisation(role: str, slug: str | None) -> int | None:
    kind = ROLES[role]
    if slug is None:
        if role in _ALONE:
            return None
        raise CannotChangeRole(f"A {role} acts for an organisation: name it with --organisation.")
    if not kind:
        raise CannotChangeRole(f"The role {role} is not held for an organisation.")
    row = await db.fetch_one("SELECT id, kind, closed_at FROM organisation WHERE slug = $1", slug)
    if row is None:
        raise CannotChangeRole(f"There is no organisation {slug!r}.")
    if row["closed_at"] is not None:
        raise CannotChangeRole(f"{slug} has been closed: nobody acts for it any more.")
    # A village that hosts has hosts of its own.
    if row["kind"] != kind and (row["kind"], role) != ("village", "host"):
        raise CannotChangeRole(f"{slug} is a {row['kind']}; a {role} acts for a {kind}.")
    return row["id"]
