"""A person's own phone number for SMS: asked for, proved with a code sent to it, and taken back.

Numbers of hosts that talk with the site by SMS have their own consent in `market.sms`. Limits are in the row: three
codes a day, five tries a code.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from market import db
from market.db.sql import Row, as_instant
from market.errors import Invalid, Refused, TooMany
from market.i18n.messages import translate
from market.notifications import service
from market.notifications.addresses import phone_number
from market.values.ids import token_hash
from market.values.text import lazy

MOST_CODES: Final = 3
MOST_TRIES: Final = 5
LIVES: Final = timedelta(minutes=15)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Consent:
    """A person's number, and whether it takes SMS."""

    number: str
    active: bool
    waiting: bool


class NumberTaken(Refused):
    """The number was proved by somebody else."""

    code = "number_taken"
    message = lazy("This number belongs to another account. It can serve one person only.")


async def find(person_id: int, now: datetime) -> Consent | None:
    """The number of a person; None when none was ever given."""
    row = await _row(person_id)
    if row is None:
        return None
    waiting = bool(row["code_hash"]) and now - as_instant(row["asked_at"]) <= LIVES
    return Consent(row["number"], row["consented_at"] is not None and row["stopped_at"] is None, waiting)


async def ask(person_id: int, typed: str, *, locale: str, brand: str, now: datetime) -> None:
    """Send a code to a number. Raises Invalid for what is no number, TooMany, or NumberTaken."""
    number = phone_number(typed)
    if number is None:
        message = lazy("Enter the phone number with its country code, for example +62 812 3456 7890.")
        raise Invalid("number", message, field="number")
    async with db.transaction():
        row = await _row(person_id)
        if await _is_taken(number, person_id):
            raise NumberTaken
        fresh = row is None or now - as_instant(row["first_asked_at"]) > _DAY
        if row is not None and not fresh and row["asked_count"] >= MOST_CODES:
            raise TooMany(message=lazy("That was the last code for today. Please try again tomorrow."))
        code = f"{secrets.randbelow(10**6):06d}"
        await db.execute(
            "INSERT INTO sms_consent (person_id, number, code_hash, tries, asked_count, asked_at, first_asked_at)"
            " VALUES ($1, $2, $3, 0, 1, $4, $4) ON CONFLICT (person_id) DO UPDATE SET number = excluded.number,"
            " code_hash = excluded.code_hash, tries = 0, asked_at = excluded.asked_at, consented_at = NULL,"
            " stopped_at = NULL, asked_count = CASE WHEN $5 THEN 1 ELSE sms_consent.asked_count + 1 END,"
            " first_asked_at = CASE WHEN $5 THEN excluded.asked_at ELSE sms_consent.first_asked_at END",
            person_id,
            number,
            token_hash(f"{person_id}:{code}"),
            now,
            fresh,
        )
        words = lazy("%(brand)s: your code is %(code)s. Give it to nobody.", brand=brand, code=code)
        await service.send_sms(
            to=number,
            locale=locale,
            text=translate(words, locale),
            dedupe_key=f"consent:{person_id}:{now.isoformat()}",
        )


async def prove(person_id: int, code: str, *, now: datetime) -> None:
    """The owner typed the code: from now on the number takes SMS. Raises Invalid for a wrong or old code."""
    wrong = Invalid(
        "wrong_code", lazy("This code does not fit, or its time is over. Ask for a new one."), field="code"
    )
    typed = code.replace(" ", "")
    # The try counts even when it fails, so it is committed first.
    tried = await db.execute(
        "UPDATE sms_consent SET tries = tries + 1 WHERE person_id = $1 AND code_hash <> '' AND tries < $2"
        " AND asked_at >= $3",
        person_id,
        MOST_TRIES,
        now - LIVES,
    )
    if not tried:
        raise wrong
    async with db.transaction():
        row = await _row(person_id)
        if row is not None and await _is_taken(row["number"], person_id):
            raise NumberTaken
        changed = await db.execute(
            "UPDATE sms_consent SET consented_at = $2, stopped_at = NULL, code_hash = ''"
            " WHERE person_id = $1 AND code_hash = $3",
            person_id,
            now,
            token_hash(f"{person_id}:{typed}"),
        )
        if not changed:
            raise wrong


async def stop(person_id: int, now: datetime) -> None:
    """No more SMS to this person's number."""
    await db.execute(
        "UPDATE sms_consent SET stopped_at = $2, code_hash = '' WHERE person_id = $1 AND stopped_at IS NULL",
        person_id,
        now,
    )


async def stop_number(number: str, now: datetime) -> bool:
    """STOP came from a number; whether it had been somebody's."""
    changed = await db.execute(
        "UPDATE sms_consent SET stopped_at = $2, code_hash = '' WHERE number = $1 AND stopped_at IS NULL",
        number,
        now,
    )
    return changed > 0


async def _row(person_id: int) -> Row | None:
    return await db.fetch_one("SELECT * FROM sms_consent WHERE person_id = $1", person_id)


async def _is_taken(number: str, person_id: int) -> bool:
    row = await db.fetch_one(
        "SELECT 1 AS yes FROM sms_consent WHERE number = $1 AND person_id <> $2 AND consented_at IS NOT NULL"
        " AND stopped_at IS NULL",
        number,
        person_id,
    )
    return row is not None
