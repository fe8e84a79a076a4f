"""Links that work once: sign in, choose a new password, start an account.

Asking for a link writes the same two rows whether or not the mailbox has an account; the worker finds out and
writes the mail. So the page that asks answers alike, in the same time, for everybody. Only a hash is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from market import clock, db
from market.db.sql import Row, as_instant
from market.outbox import queue
from market.values.ids import new_token, token_hash

SIGN_IN, RESET, VERIFY = "sign_in", "reset", "verify"
LIVES: Final = {SIGN_IN: timedelta(minutes=20), RESET: timedelta(minutes=60), VERIFY: timedelta(hours=24)}
_KEPT_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OneTime:
    """A link that still works: what for, for whom, and where to go afterwards."""

    hash: str
    kind: str
    email: str
    next_path: str


async def request_link(kind: str, email: str, *, next_path: str, locale: str) -> None:
    """Ask the worker to mail a link to a mailbox; the language is for people we do not know yet."""
    now = clock.now()
    placeholder = f"asked:{new_token()}"
    async with db.transaction():
        await db.execute(
            "INSERT INTO one_time_token (token_hash, kind, email, next_path, created_at, expires_at)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            placeholder,
            kind,
            email,
            next_path,
            now,
            now + LIVES[kind],
        )
        await queue.add("accounts.send_link", {"asked": placeholder, "locale": locale})


async def asked(placeholder: str) -> OneTime | None:
    """The request behind a job, while it has not become a link yet."""
    row = await db.fetch_one(
        "SELECT token_hash, kind, email, next_path FROM one_time_token WHERE token_hash = $1", placeholder
    )
    return _one_time(row) if row else None


async def make_link(request: OneTime) -> str:
    """Turn a request into a link; its secret is known only to the mail that carries it."""
    token = new_token()
    await db.execute(
        "UPDATE one_time_token SET token_hash = $1 WHERE token_hash = $2", token_hash(token), request.hash
    )
    return token


async def drop(request: OneTime) -> None:
    """The request leads nowhere (no such account, or there is one already)."""
    await db.execute("DELETE FROM one_time_token WHERE token_hash = $1", request.hash)


async def find(token: str, *kinds: str) -> OneTime | None:
    """The link behind a secret, if it is of one of these kinds and still works. Looking uses nothing up."""
    row = await db.fetch_one(
        "SELECT token_hash, kind, email, next_path, expires_at FROM one_time_token"
        " WHERE token_hash = $1 AND used_at IS NULL",
        token_hash(token),
    )
    if row is None or row["kind"] not in kinds or as_instant(row["expires_at"]) <= clock.now():
        return None
    return _one_time(row)


async def use(link: OneTime) -> bool:
    """Use a link up; False when somebody was faster or its time is over."""
    now = clock.now()
    changed = await db.execute(
        "UPDATE one_time_token SET used_at = $1 WHERE token_hash = $2 AND used_at IS NULL"
        " AND expires_at > $1",
        now,
        link.hash,
    )
    return changed == 1


async def forget_email(email: str) -> None:
    await db.execute("DELETE FROM one_time_token WHERE email = $1", email)


async def forget_all() -> None:
    """No link that was mailed opens anything any more (after a restore: used ones would open once more)."""
    await db.execute("DELETE FROM one_time_token")
    await db.execute("DELETE FROM address_change")


async def drop_move(person_id: int) -> None:
    """Nobody waits for a new address of this account any more (see `new_address`)."""
    await db.execute("DELETE FROM address_change WHERE person_id = $1", person_id)


async def forget_old() -> None:
    before = clock.now() - _KEPT_AFTER
    await db.execute("DELETE FROM one_time_token WHERE expires_at < $1", before)
    await db.execute("DELETE FROM address_change WHERE expires_at < $1", before)


def _one_time(row: Row) -> OneTime:
    return OneTime(row["token_hash"], row["kind"], row["email"], row["next_path"])
