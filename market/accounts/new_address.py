"""Moving an account to another email address: asked for with the password, done by a link to the new mailbox.

The old mailbox hears of the wish at once, and of the change when it happens. Nothing here says whether the new
mailbox has an account already: its owner is told, and the one who asked is not. A new password drops the wish.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from tortoise.exceptions import IntegrityError

from market import clock, db
from market.accounts import emails, limits, queries, sessions, tokens
from market.accounts.service import Known, LinkUsed, check_password, known
from market.errors import Invalid
from market.notifications import service as notifications
from market.notifications.service import About
from market.notifications.topics import Topic
from market.outbox import queue
from market.settings import Settings
from market.values.ids import new_token, token_hash
from market.values.text import lazy

LIVES: Final = timedelta(hours=24)
_ASKED: Final = "asked:"


class SameAddress(Invalid):
    """The address typed is the account's own."""

    code = "same_address"
    message = lazy("This is the address of your account already.")


@dataclass(frozen=True, slots=True)
class Move:
    """A link that still works: whose account moves, and where to."""

    token_hash: str
    person_id: int
    email: str


async def ask(person_id: int, *, email: str, current: str, address: str) -> None:
    """Have a link mailed to the new address. Raises SameAddress, WrongPassword or TooMany.

    Somebody without a password is asked for none; the page makes sure that they have proved who they are.
    """
    person = await queries.get_person(person_id)
    if person.has_password:
        await check_password(person_id, current)
    if email == person.email:
        raise SameAddress(field="new_email")
    await limits.count("mail_address", address)
    await limits.count("new_address", person_id)
    now, placeholder = clock.now(), f"{_ASKED}{new_token()}"
    async with db.transaction():
        await db.execute(
            "INSERT INTO address_change (person_id, token_hash, email, created_at, expires_at)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (person_id) DO UPDATE SET token_hash = EXCLUDED.token_hash,"
            " email = EXCLUDED.email, created_at = EXCLUDED.created_at, expires_at = EXCLUDED.expires_at",
            person_id,
            placeholder,
            email,
            now,
            now + LIVES,
        )
        await queue.add("accounts.ask_new_address", {"asked": placeholder})


async def write_mails(placeholder: str, settings: Settings) -> None:
    """The worker's part: the link to the new mailbox unless it has an account, and word to the old one."""
    async with db.transaction():
        row = await db.fetch_one(
            "SELECT person_id, email FROM address_change WHERE token_hash = $1", placeholder
        )
        if row is None:
            return
        person = await queries.get_person(row["person_id"])
        owner = await queries.find_by_email(row["email"])
        if owner is None:
            token = new_token()
            await db.execute(
                "UPDATE address_change SET token_hash = $1 WHERE token_hash = $2",
                token_hash(token),
                placeholder,
            )
            wording = emails.new_address(token, name=person.name, locale=person.locale, settings=settings)
        else:
            await tokens.drop_move(person.id)
            wording = emails.already_there(name=owner.name, locale=owner.locale, settings=settings)
        await notifications.send_wording(
            wording,
            to=row["email"],
            locale=(owner or person).locale,
            dedupe_key=f"accounts.new_address:{placeholder}",
            confidential=True,
            about=About(person.id, Topic.SAFETY),  # the mailbox is not the person's yet; the wish is
        )
        if person.email:
            asked = emails.address_asked(
                row["email"], name=person.name, locale=person.locale, settings=settings
            )
            await notifications.send_wording(
                asked,
                to=person.email,
                locale=person.locale,
                dedupe_key=f"accounts.address_asked:{placeholder}",
                confidential=True,
            )


async def find(token: str) -> Move | None:
    """The move behind a link's secret, while it works. Looking uses nothing up."""
    row = await db.fetch_one(
        "SELECT a.token_hash, a.person_id, a.email FROM address_change a JOIN person p ON p.id = a.person_id"
        " WHERE a.token_hash = $1 AND a.expires_at > $2 AND p.deleted_at IS NULL AND p.locked_at IS NULL",
        token_hash(token),
        clock.now(),
    )
    return Move(row["token_hash"], row["person_id"], row["email"]) if row else None


async def move(link: Move, settings: Settings) -> Known:
    """The account has the new address from now on, and every session ends. Raises LinkUsed.

    Links on their way to the old mailbox stop working. Features above react to `accounts.address_changed`.
    """
    person = await queries.get_person(link.person_id)
    try:
        async with db.transaction():
            await _move(link, person.email, settings)
    except IntegrityError as error:  # somebody started an account with this address in the same moment
        raise LinkUsed from error
    found = await known(link.person_id)
    if found is None:
        raise LinkUsed
    return found


async def _move(link: Move, old: str | None, settings: Settings) -> None:
    now = clock.now()
    taken = await db.execute(
        "DELETE FROM address_change WHERE token_hash = $1 AND expires_at > $2", link.token_hash, now
    )
    moved = await db.execute(
        "UPDATE person SET email = $1, verified_at = $2 WHERE id = $3 AND deleted_at IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM person WHERE email = $1)",
        link.email,
        now,
        link.person_id,
    )
    if taken != 1 or moved != 1:
        raise LinkUsed
    await sessions.end_all_sessions(link.person_id)
    if not old:
        return
    await tokens.forget_email(old)
    person = await queries.get_person(link.person_id)
    wording = emails.address_changed(link.email, name=person.name, locale=person.locale, settings=settings)
    key = f"accounts.address_changed:{link.token_hash}"
    await notifications.send_wording(wording, to=old, locale=person.locale, dedupe_key=key, confidential=True)
    await queue.add(
        "accounts.address_changed",
        {"person": link.person_id, "mailbox": token_hash(old)},
        dedupe_key=key,
    )
