"""Limits that guard accounts: counted in the database, before the guarded act, and closed when in doubt.

`count` commits its row before it looks, so that attempts in parallel all see each other; it never joins the
caller's transaction, which a refusal would roll back together with the count.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from market import clock, db
from market.db.sql import as_instant
from market.errors import TooMany
from market.values.text import lazy


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` uses in any stretch of `window`."""

    most: int
    window: timedelta


_FIVE_MINUTES, _DAY = timedelta(minutes=5), timedelta(days=1)
LIMITS: Final[dict[str, Limit]] = {
    "sign_in": Limit(10, _FIVE_MINUTES),  # a person and an address
    "sign_in_address": Limit(100, _FIVE_MINUTES),  # an address, whoever it tries
    "password": Limit(10, _FIVE_MINUTES),  # a signed-in person proving it is them
    "second_factor": Limit(5, _FIVE_MINUTES),  # a person
    "reset": Limit(5, _DAY),  # a mailbox
    "sign_in_link": Limit(5, _DAY),  # a mailbox
    "sign_up": Limit(5, _DAY),  # a mailbox
    "new_address": Limit(5, _DAY),  # a person
    "invite": Limit(20, _DAY),  # a host
    "open_host": Limit(3, _DAY),  # a person
    "mail_address": Limit(30, timedelta(hours=1)),  # an address that makes us write mails
    "purchase_code": Limit(20, timedelta(hours=1)),  # an address that types codes of purchases
    "staff_search": Limit(60, timedelta(hours=1)),  # an operator who looks people up
    "quotation": Limit(40, _DAY),  # a hotel that asks suppliers for prices
    "quotation_supplier": Limit(5, _DAY),  # a hotel that asks one supplier
}
_LONGEST = max(limit.window for limit in LIMITS.values())


def _key(kind: str, subject: tuple[str | int, ...]) -> str:
    """What is counted, without keeping mail or network addresses readable."""
    digest = hashlib.sha256("\n".join(str(part) for part in subject).encode()).hexdigest()[:32]
    return f"{kind}:{digest}"


async def count(kind: str, *subject: str | int) -> None:
    """Count one use; raises TooMany (fact `retry_after`, in seconds) when the limit is reached."""
    if db.in_transaction():
        raise RuntimeError("a limit is counted before the transaction it guards")
    limit = LIMITS[kind]
    key, now = _key(kind, subject), clock.now()
    inserted = await db.fetch("INSERT INTO attempt (key, at) VALUES ($1, $2) RETURNING id", key, now)
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n, MIN(at) AS first FROM attempt WHERE key = $1 AND at > $2",
        key,
        now - limit.window,
    )
    if row is None or row["n"] > limit.most:
        # A refused attempt does not count itself: waiting always helps.
        await db.execute("DELETE FROM attempt WHERE id = $1", inserted[0]["id"])
        raise _too_many(limit, as_instant(row["first"]) if row else now, now)


async def count_inside(kind: str, *subject: str | int, limit: Limit, now: datetime) -> bool:
    """Count one use within the caller's transaction, so that only what is committed counts; False beyond the limit.

    One query, for acts that happen often. Uses that run at the same moment do not see each other, so the limit
    may be passed by as many as run in parallel.
    """
    rows = await db.fetch(
        "INSERT INTO attempt (key, at) VALUES ($1, $2) RETURNING (SELECT COUNT(*) FROM attempt AS other"
        " WHERE other.key = attempt.key AND other.at > $3 AND other.id <> attempt.id) AS before",
        _key(kind, subject),
        now,
        now - limit.window,
    )
    return rows[0]["before"] < limit.most


def _too_many(limit: Limit, first: datetime, now: datetime) -> TooMany:
    wait = first + limit.window - now
    seconds = max(1, int(wait.total_seconds()) + 1)
    if limit.window >= _DAY:
        message = lazy(
            "You have asked for this several times today. Please look in your mail, or try tomorrow."
        )
    else:
        message = lazy("Too many attempts. Please wait a few minutes and try again.")
    return TooMany(message=message, retry_after=seconds)


async def forget_old() -> None:
    """Drop counts that no limit looks at any more."""
    await db.execute("DELETE FROM attempt WHERE at < $1", clock.now() - _LONGEST)
