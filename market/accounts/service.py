"""Commands on accounts: prove who somebody is, change what is theirs, delete the account.

The only writer of `person` and `recovery_code`. Sessions are `sessions`' business, one-time links `tokens`'.
Limits are counted first and close when in doubt. Nothing here says whether a mailbox has an account.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import structlog

from market import clock, db
from market.accounts import cohosts, limits, passwords, queries, second_factor, sessions, tokens
from market.accounts.tokens import OneTime
from market.db.sql import Row
from market.errors import Invalid, Refused
from market.notifications import service as notifications
from market.outbox import queue
from market.values.ids import new_token, token_hash
from market.values.text import Text, lazy

log = structlog.get_logger()
_LINK_LIMITS: Final = {tokens.SIGN_IN: "sign_in_link", tokens.RESET: "reset", tokens.VERIFY: "sign_up"}

# News of a deleted account: bookings, and whoever else kept words of the person, each react to their own.
_DELETED: Final = (
    "accounts.person_deleted",
    "messaging.person_deleted",
    "reviews.person_deleted",
    "sourcing.person_deleted",
)


class WrongPassword(Invalid):
    """The address and the password do not belong together; which of the two is wrong is not told."""

    code = "wrong_password"
    message = lazy(
        "This email address and password do not go together. Check both, or ask for a sign-in link."
    )


class WrongCode(Invalid):
    """Neither a current code of the app nor an unused recovery code."""

    code = "wrong_code"
    message = lazy("This code does not fit. Enter the six digits your app shows now.")


class LinkUsed(Refused):
    """A one-time link that was used, ran out, or never was."""

    code = "link_used"
    message = lazy("This link was already used or its time is over. Please ask for a new one.")


class WeakPassword(Invalid):
    """The chosen password would be guessed; `message` says why."""

    code = "weak_password"


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody whose first factor was right; `second_factor` tells that a code must follow.

    `stamp` changes with the password, so that a half-finished sign-in does not outlive it.
    """

    person_id: int
    second_factor: bool
    stamp: str


def _known(row: Row) -> Known:
    kept = row["password_hash"] or ""
    stamp = hashlib.sha256(f"{row['id']}:{kept}".encode()).hexdigest()[:16]
    return Known(row["id"], row["totp_secret"] is not None, stamp)


async def _row(column: str, value: str | int) -> Row | None:
    return await db.fetch_one(
        "SELECT id, name, email, password_hash, totp_secret, verified_at FROM person"
        f" WHERE {column} = $1 AND deleted_at IS NULL",
        value,
    )


async def _row_of(person_id: int) -> Row:
    row = await _row("id", person_id)
    if row is None:
        raise LookupError(f"no person {person_id}")
    return row


async def known(person_id: int) -> Known | None:
    """The present state of somebody whose first factor was right a moment ago; None when they are gone."""
    row = await _row("id", person_id)
    return _known(row) if row else None


# Proving who somebody is -------------------------------------------------------------------------------


async def sign_in(email: str, password: str, address: str) -> Known:
    """Check a password from a network address. Raises WrongPassword or TooMany."""
    await limits.count("sign_in_address", address)
    await limits.count("sign_in", email, address)
    row = await _row("email", email)
    kept: str | None = row["password_hash"] if row else None
    if not await passwords.verify_password(kept, password) or row is None or kept is None:
        log.info("sign-in refused", way="password", person=row["id"] if row else None)
        raise WrongPassword(field="password")
    if passwords.is_outdated(kept):
        again = await passwords.hash_password(password)
        await db.execute(
            "UPDATE person SET password_hash = $1 WHERE id = $2 AND password_hash = $3",
            again,
            row["id"],
            kept,
        )
        row["password_hash"] = again
    return _known(row)


async def check_password(person_id: int, password: str) -> None:
    """A signed-in person proves again who they are. Raises WrongPassword or TooMany."""
    await limits.count("password", person_id)
    row = await _row_of(person_id)
    if not await passwords.verify_password(row["password_hash"], password):
        raise WrongPassword(message=lazy("This is not your present password."), field="current_password")


async def check_second_factor(person_id: int, code: str, keys: tuple[str, ...]) -> None:
    """Accept a code of the app once, or a recovery code once. Raises WrongCode or TooMany."""
    await limits.count("second_factor", person_id)
    row = await _row_of(person_id)
    secret = second_factor.unseal(row["totp_secret"] or "", keys)
    now = clock.now()
    step = second_factor.matching_step(secret, code, now) if secret else None
    if step is not None:
        # A step that was used is behind us: a code overheard on the way does not work a second time.
        changed = await db.execute(
            "UPDATE person SET totp_step = $1 WHERE id = $2 AND totp_step < $1", step, person_id
        )
    else:
        changed = await db.execute(
            "UPDATE recovery_code SET used_at = $1 WHERE person_id = $2 AND code_hash = $3"
            " AND used_at IS NULL",
            now,
            person_id,
            second_factor.recovery_hash(code),
        )
    if changed != 1:
        log.info("sign-in refused", way="code", person=person_id)
        raise WrongCode(field="code")


# Links by mail -----------------------------------------------------------------------------------------


async def send_link(kind: str, email: str, *, address: str, next_path: str = "", locale: str) -> None:
    """Mail a link to a mailbox if it has an account (to start an account: if it has none). Raises TooMany."""
    await limits.count("mail_address", address)
    await limits.count(_LINK_LIMITS[kind], email)
    await tokens.request_link(kind, email, next_path=next_path, locale=locale)


async def sign_in_by_link(link: OneTime) -> Known:
    """Use a sign-in link; its reader has proved the mailbox. Raises LinkUsed."""
    async with db.transaction():
        if not await tokens.use(link):
            raise LinkUsed
        row = await _row("email", link.email)
        if row is None:
            raise LinkUsed
        await _prove_mailbox(row["id"])
    return _known(row)


async def set_password_by_link(link: OneTime, password: str) -> Known:
    """Choose a new password through a reset link; every session ends. Raises WeakPassword or LinkUsed."""
    row = await _row("email", link.email)
    if row is None:
        raise LinkUsed
    kept = await _new_hash(password, row)
    async with db.transaction():
        if not await tokens.use(link):
            raise LinkUsed
        await db.execute("UPDATE person SET password_hash = $1 WHERE id = $2", kept, row["id"])
        await tokens.drop_move(row["id"])
        await _prove_mailbox(row["id"])
        await sessions.end_all_sessions(row["id"])
        await _notice(row["id"], "password_changed")
    return _known({**row, "password_hash": kept})


async def start_account(link: OneTime, *, name: str, password: str, locale: str) -> Known:
    """Make the account whose mailbox the link proved. Raises WeakPassword, or LinkUsed (there is one now)."""
    weak = passwords.why_weak(password, about=(name, link.email))
    if weak is not None:
        raise WeakPassword(message=weak, field="new_password")
    kept = await passwords.hash_password(password)
    async with db.transaction():
        if not await tokens.use(link):
            raise LinkUsed
        rows = await db.fetch(
            "INSERT INTO person (email, name, locale, password_hash, created_at, verified_at)"
            " VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (email) DO NOTHING"
            " RETURNING id, password_hash, totp_secret",
            link.email,
            name,
            locale,
            kept,
            clock.now(),
        )
        if not rows:
            raise LinkUsed
    return _known(rows[0])


async def _prove_mailbox(person_id: int) -> None:
    await db.execute(
        "UPDATE person SET verified_at = $1 WHERE id = $2 AND verified_at IS NULL", clock.now(), person_id
    )


async def _new_hash(password: str, row: Row) -> str:
    weak = passwords.why_weak(
        password, second_factor=row["totp_secret"] is not None, about=(row["name"], row["email"] or "")
    )
    if weak is not None:
        raise WeakPassword(message=weak, field="new_password")
    return await passwords.hash_password(password)


# What is one's own -------------------------------------------------------------------------------------


async def change_details(person_id: int, *, name: str, phone: str, locale: str) -> None:
    """Change name, phone and language."""
    await db.execute(
        "UPDATE person SET name = $1, phone = $2, locale = $3 WHERE id = $4 AND deleted_at IS NULL",
        name,
        phone,
        locale,
        person_id,
    )


async def change_password(person_id: int, *, current: str, new: str, device: str) -> sessions.Started:
    """Change (or first choose) the password: every session ends; the answer is a new one for this browser.

    Raises WrongPassword, WeakPassword or TooMany. Somebody without a password is asked for none; the page
    makes sure that they have proved who they are in another way just before.
    """
    row = await _row_of(person_id)
    if row["password_hash"] is not None:
        await check_password(person_id, current)
    kept = await _new_hash(new, row)
    async with db.transaction():
        await db.execute("UPDATE person SET password_hash = $1 WHERE id = $2", kept, person_id)
        await tokens.drop_move(person_id)
        await sessions.end_all_sessions(person_id)
        await _notice(person_id, "password_changed")
        return await sessions.start_session(person_id, device=device)


async def end_one_session(person_id: int, key: str) -> bool:
    """End one of somebody's own sessions, named by its key; False when there is no such session."""
    rows = await db.fetch("SELECT token_hash FROM web_session WHERE person_id = $1", person_id)
    for row in rows:
        if row["token_hash"][:16] == key:
            await sessions.end_session(row["token_hash"])
            return True
    return False


async def turn_on_second_factor(
    person_id: int, secret: str, code: str, keys: tuple[str, ...], *, device: str
) -> tuple[list[str], sessions.Started]:
    """Keep a shared secret once its first code proves that the app has it; all other sessions end.

    Gives the recovery codes, to be shown once, and a new session. Raises WrongCode or TooMany.
    """
    await limits.count("second_factor", person_id)
    now = clock.now()
    step = second_factor.matching_step(secret, code, now)
    if step is None:
        raise WrongCode(field="code")
    async with db.transaction():
        await db.execute(
            "UPDATE person SET totp_secret = $1, totp_step = $2 WHERE id = $3",
            second_factor.seal(secret, keys),
            step,
            person_id,
        )
        codes = await new_recovery_codes(person_id)
        await sessions.end_all_sessions(person_id)
        await _notice(person_id, "second_factor_on")
        return codes, await sessions.start_session(person_id, device=device)


async def turn_off_second_factor(
    person_id: int, *, current: str, device: str, demo: bool
) -> sessions.Started:
    """Go back to the password alone; all sessions end. Gives a new session.

    Raises WrongPassword, WeakPassword (it was only long enough beside a second factor), TooMany, or Refused
    for staff, whose pages need the second factor outside demo mode.
    """
    if not demo and sessions.STAFF & await queries.roles_of(person_id):
        raise Refused("staff_second_factor", lazy("Your role needs the second factor, so it stays on."))
    row = await _row_of(person_id)
    if row["password_hash"] is not None:
        await check_password(person_id, current)
        weak = passwords.why_weak(current, about=(row["name"], row["email"] or ""))
        if weak is not None:
            message = lazy(
                "Alone, this password is too short. Choose a longer one first; then turn this off."
            )
            raise WeakPassword(message=message, field="current_password")
    async with db.transaction():
        await db.execute("UPDATE person SET totp_secret = NULL, totp_step = 0 WHERE id = $1", person_id)
        await db.execute("DELETE FROM recovery_code WHERE person_id = $1", person_id)
        await sessions.end_all_sessions(person_id)
        await _notice(person_id, "second_factor_off")
        return await sessions.start_session(person_id, device=device)


async def new_recovery_codes(person_id: int) -> list[str]:
    """Replace the recovery codes; they are shown once and kept as hashes."""
    codes = second_factor.new_recovery_codes()
    async with db.transaction():
        await db.execute("DELETE FROM recovery_code WHERE person_id = $1", person_id)
        for code in codes:
            await db.execute(
                "INSERT INTO recovery_code (person_id, code_hash, created_at) VALUES ($1, $2, $3)",
                person_id,
                second_factor.recovery_hash(code),
                clock.now(),
            )
    return codes


async def delete_person(person_id: int) -> None:
    """Erase the personal data of an account and end it; features above react to `accounts.person_deleted`.

    Raises Refused when nobody else could act for one of the person's organisations.
    """
    async with db.transaction():
        row = await _row_of(person_id)
        left_alone = await queries.sole_organisation(person_id)
        if left_alone is not None:
            message: Text = lazy(
                "Only you can act for %(name)s. Please ask us to hand it to somebody else first.",
                name=left_alone,
            )
            raise Refused("sole_member", message)
        await sessions.end_all_sessions(person_id)
        await db.execute("DELETE FROM membership WHERE person_id = $1", person_id)
        await db.execute("DELETE FROM recovery_code WHERE person_id = $1", person_id)
        await tokens.drop_move(person_id)
        await db.execute(
            "UPDATE person SET name = '', email = NULL, phone = '', password_hash = NULL, totp_secret = NULL,"
            " totp_step = 0, verified_at = NULL, deleted_at = $1 WHERE id = $2",
            clock.now(),
            person_id,
        )
        # A hash is enough for features above to recognise what was booked with the proved address.
        proved = row["email"] if row["email"] and row["verified_at"] else ""
        if row["email"]:
            await tokens.forget_email(row["email"])
            await cohosts.forget_email(row["email"])
            await notifications.forget(row["email"])
        await notifications.forget_person(person_id)
        facts = {"person": person_id, "mailbox": token_hash(proved) if proved else ""}
        for news in _DELETED:
            await queue.add(news, facts, dedupe_key=f"{news}:{person_id}")


async def _notice(person_id: int, what: str) -> None:
    """Tell the person by mail what changed, so that a stranger's doing does not go unseen."""
    await queue.add("accounts.send_notice", {"person": person_id, "what": what, "key": new_token()})
