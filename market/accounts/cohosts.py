"""Commands on who helps a host: invite by mail, accept, change, remove. Only whoever may do everything gives rights.

An invitation is a link to one mailbox. It opens nothing by itself: its reader signs in with an account whose
proved address is that mailbox. Rights are read afresh at every request, so an end takes hold at once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from market import clock, db
from market.accounts import limits, rights, sessions
from market.accounts.rights import Right
from market.db.sql import Row, as_instant, as_instant_or_none
from market.errors import Invalid, NotFound, Refused
from market.notifications import service as notifications
from market.notifications.wording import mail_from_template
from market.settings import Settings
from market.values.dates import local_day, local_instant
from market.values.ids import new_token, token_hash
from market.values.text import lazy

INVITATION_LIVES: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who acts for a host. `until` is the last day, None for no end; `is_owner` may do everything."""

    id: int
    person_id: int
    name: str
    email: str
    rights: frozenset[Right]
    is_owner: bool
    until: date | None
    is_over: bool


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that still waits for its reader."""

    id: int
    email: str
    organisation_id: int
    organisation: str
    rights: frozenset[Right]
    until: date | None
    expires_at: datetime
    invited_by: str


class InvitationOver(Refused):
    """The link was used or taken back, or its week is over."""

    code = "invitation_over"
    message = lazy("This invitation is no longer open. Please ask for a new one.")


class OtherMailbox(Refused):
    """The invitation went to another mailbox than the reader's own."""

    code = "other_mailbox"
    message = lazy("This invitation was sent to another address. Sign in with that one to accept it.")


def _last_instant(until: date | None, now: datetime) -> datetime | None:
    """The end of a last day, WITA. Raises Invalid for a day that has passed."""
    if until is None:
        return None
    if until < local_day(now):
        raise Invalid("until", lazy("This day has passed. Please choose a later one."), field="until")
    return local_instant(until + timedelta(days=1))


def _last_day(ends_at: datetime | None) -> date | None:
    return local_day(ends_at - timedelta(seconds=1)) if ends_at is not None else None


def _stored(wanted: Collection[Right]) -> str:
    if not wanted:
        raise Invalid("rights", lazy("Choose at least one thing this person may do."), field="rights")
    return rights.stored(wanted)


# Inviting ------------------------------------------------------------------------------------------------
async def invite(
    organisation_id: int,
    email: str,
    wanted: Collection[Right],
    *,
    until: date | None,
    by: int,
    locale: str,
    config: Settings,
) -> None:
    """Mail somebody an invitation to help a host. An account of that address is not touched.

    Raises Invalid (no right chosen, a day that has passed, helps already) or TooMany.
    """
    await limits.count("invite", organisation_id)
    now, token = clock.now(), new_token()
    kept, ends_at = _stored(wanted), _last_instant(until, now)
    async with db.transaction():
        if any(
            member.email == email and not member.is_over for member in await list_members(organisation_id)
        ):
            raise Invalid(
                "member", lazy("This person helps you already. Change the rights below."), field="email"
            )
        await db.execute(
            "UPDATE host_invitation SET revoked_at = $3 WHERE organisation_id = $1 AND email = $2"
            " AND used_at IS NULL AND revoked_at IS NULL",
            organisation_id,
            email,
            now,
        )
        await db.execute(
            "INSERT INTO host_invitation (organisation_id, email, rights, until_at, token_hash, invited_by,"
            " created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            organisation_id,
            email,
            kept,
            ends_at,
            token_hash(token),
            by,
            now,
            now + INVITATION_LIVES,
        )
        invitation = await _by_token(token)
        facts = {"invitation": invitation, "token": token}
        wording = mail_from_template("accounts/mail_cohost", facts, locale, config)
        await notifications.send_wording(
            wording, to=email, locale=locale, dedupe_key=f"cohost:{token_hash(token)}", confidential=True
        )


async def find_invitation(token: str) -> Invitation | None:
    """The open invitation behind a link; None when there is none (any more). Looking uses nothing up."""
    return await _by_token(token)


_INVITATION: Final = (
    "SELECT i.*, o.name AS organisation, p.name AS inviter FROM host_invitation i"
    " JOIN organisation o ON o.id = i.organisation_id JOIN person p ON p.id = i.invited_by"
    " WHERE i.used_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > $1"
)


async def _by_token(token: str) -> Invitation | None:
    row = await db.fetch_one(f"{_INVITATION} AND i.token_hash = $2", clock.now(), token_hash(token))
    return _invitation(row) if row else None


async def list_invitations(organisation_id: int) -> list[Invitation]:
    """Who was asked to help a host and has not answered yet."""
    rows = await db.fetch(
        f"{_INVITATION} AND i.organisation_id = $2 ORDER BY i.id", clock.now(), organisation_id
    )
    return [_invitation(row) for row in rows]


def _invitation(row: Row) -> Invitation:
    return Invitation(
        id=row["id"],
        email=row["email"],
        organisation_id=row["organisation_id"],
        organisation=row["organisation"],
        rights=rights.parse(row["rights"]),
        until=_last_day(as_instant_or_none(row["until_at"])),
        expires_at=as_instant(row["expires_at"]),
        invited_by=row["inviter"],
    )


async def revoke(organisation_id: int, invitation_id: int) -> None:
    """Take an invitation back. Raises NotFound for another host's."""
    changed = await db.execute(
        "UPDATE host_invitation SET revoked_at = $3 WHERE id = $1 AND organisation_id = $2"
        " AND used_at IS NULL AND revoked_at IS NULL",
        invitation_id,
        organisation_id,
        clock.now(),
    )
    if not changed:
        raise NotFound


async def forget_email(email: str) -> None:
    """An address is erased: invitations to it are as if they had never been."""
    await db.execute("DELETE FROM host_invitation WHERE email = $1", email)


async def accept(token: str, *, person_id: int, email: str) -> str:
    """Become a co-host; the host's name. `email` is the reader's proved address.

    Raises InvitationOver or OtherMailbox. Somebody who may do everything already keeps that.
    """
    async with db.transaction():
        row = await db.fetch_one(f"{_INVITATION} AND i.token_hash = $2", clock.now(), token_hash(token))
        if row is None:
            raise InvitationOver
        if not email or email.lower() != row["email"]:
            raise OtherMailbox
        used = await db.execute(
            "UPDATE host_invitation SET used_at = $2 WHERE id = $1 AND used_at IS NULL",
            row["id"],
            clock.now(),
        )
        if not used:
            raise InvitationOver
        await db.execute(
            "DELETE FROM membership WHERE person_id = $1 AND organisation_id = $2 AND role = 'host'"
            " AND rights <> 'all'",
            person_id,
            row["organisation_id"],
        )
        await db.execute(
            "INSERT INTO membership (person_id, organisation_id, role, rights, expires_at, created_at)"
            " VALUES ($1, $2, 'host', $3, $4, $5) ON CONFLICT DO NOTHING",
            person_id,
            row["organisation_id"],
            row["rights"],
            as_instant_or_none(row["until_at"]),
            clock.now(),
        )
    return row["organisation"]


# Those who help ------------------------------------------------------------------------------------------
async def list_members(organisation_id: int) -> list[Member]:
    """Everybody who acts for a host, those with all rights first; those whose time is over too."""
    now = clock.now()
    rows = await db.fetch(
        "SELECT m.id, m.person_id, m.rights, m.expires_at, p.name, p.email FROM membership m"
        " JOIN person p ON p.id = m.person_id WHERE m.organisation_id = $1 AND m.role = 'host'"
        " AND p.deleted_at IS NULL ORDER BY CASE WHEN m.rights = 'all' THEN 0 ELSE 1 END, m.id",
        organisation_id,
    )
    found: list[Member] = []
    for row in rows:
        ends_at = as_instant_or_none(row["expires_at"])
        found.append(
            Member(
                id=row["id"],
                person_id=row["person_id"],
                name=row["name"],
                email=row["email"] or "",
                rights=rights.parse(row["rights"]),
                is_owner=row["rights"] == rights.ALL,
                until=_last_day(ends_at),
                is_over=ends_at is not None and ends_at <= now,
            )
        )
    return found


async def change(
    organisation_id: int, member_id: int, wanted: Collection[Right], *, until: date | None
) -> None:
    """Give a co-host other rights or another last day. Raises NotFound for who may do everything, or a stranger."""
    kept, ends_at = _stored(wanted), _last_instant(until, clock.now())
    async with db.transaction():
        person_id = await _cohost(organisation_id, member_id)
        await db.execute(
            "UPDATE membership SET rights = $2, expires_at = $3 WHERE id = $1", member_id, kept, ends_at
        )
        await sessions.end_all_sessions(person_id)


async def remove(organisation_id: int, member_id: int) -> None:
    """A co-host helps no longer. Raises NotFound as `change` does."""
    async with db.transaction():
        person_id = await _cohost(organisation_id, member_id)
        await db.execute("DELETE FROM membership WHERE id = $1", member_id)
        await sessions.end_all_sessions(person_id)


async def _cohost(organisation_id: int, member_id: int) -> int:
    row = await db.fetch_one(
        "SELECT person_id FROM membership WHERE id = $1 AND organisation_id = $2 AND role = 'host'"
        " AND rights <> 'all'",
        member_id,
        organisation_id,
    )
    if row is None:
        raise NotFound
    return row["person_id"]
