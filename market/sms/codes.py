"""Codes: four digits that mean something to one number only.

A booking keeps one code per number for good. A strong act (accept, cancel, reopen) needs a code that left for
that number in the last ten minutes; sender numbers can be forged, what arrives on the phone cannot
(docs/adr/0013-sms-is-stateless.md).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from market import db
from market.db.sql import Row, as_instant, as_instant_or_none
from market.sms import rules

_TRIES = 60


class Purpose(StrEnum):
    """What a code is for. `booking` names a booking; the others allow one act once."""

    BOOKING = "booking"
    ACCEPT = "accept"
    CANCEL = "cancel"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class Code:
    """A code of one number. `sent_at` is when the message that carried it first was handed over."""

    id: int
    code: str
    purpose: Purpose
    subject: str
    created_at: datetime
    used_at: datetime | None
    sent_at: datetime | None

    def counts(self, now: datetime) -> bool:
        """Whether it still allows a strong act."""
        return self.used_at is None and rules.counts(self.sent_at, now)


_SELECT = (
    "SELECT c.id, c.code, c.purpose, c.subject, c.created_at, c.used_at, d.sent_at FROM sms_code c"
    " LEFT JOIN delivery d ON d.dedupe_key = c.delivery_key"
)


def _code(row: Row) -> Code:
    return Code(
        row["id"],
        row["code"],
        Purpose(row["purpose"]),
        row["subject"],
        as_instant(row["created_at"]),
        as_instant_or_none(row["used_at"]),
        as_instant_or_none(row["sent_at"]),
    )


async def find(number_id: int, code: str) -> Code | None:
    """A code of this number, however old; None when it never had it."""
    row = await db.fetch_one(f"{_SELECT} WHERE c.number_id = $1 AND c.code = $2", number_id, code)
    return _code(row) if row else None


async def is_known(code: str) -> bool:
    """Whether any number has this code."""
    return await db.fetch_one("SELECT id FROM sms_code WHERE code = $1", code) is not None


async def for_booking(number_id: int, reference: str, *, delivery_key: str, now: datetime) -> Code:
    """The code of a booking for this number; given now, in the message `delivery_key`, when it has none yet."""
    where = f"{_SELECT} WHERE c.number_id = $1 AND c.purpose = 'booking' AND c.subject = $2"
    row = await db.fetch_one(where, number_id, reference)
    if row is not None:
        return _code(row)
    return await _give(number_id, Purpose.BOOKING, reference, delivery_key, now)


async def one_time(
    number_id: int, purpose: Purpose, subject: str, *, delivery_key: str, now: datetime
) -> Code:
    """A code for one strong act, to be sent in the message `delivery_key`; the same one while it still counts."""
    row = await db.fetch_one(
        f"{_SELECT} WHERE c.number_id = $1 AND c.purpose = $2 AND c.subject = $3 AND c.used_at IS NULL"
        " ORDER BY c.id DESC LIMIT 1",
        number_id,
        purpose.value,
        subject,
    )
    if row is not None and _code(row).counts(now):
        return _code(row)
    return await _give(number_id, purpose, subject, delivery_key, now)


async def use(code: Code, now: datetime) -> bool:
    """Spend a one-time code; False when somebody was faster."""
    changed = await db.execute(
        "UPDATE sms_code SET used_at = $2 WHERE id = $1 AND used_at IS NULL", code.id, now
    )
    return changed == 1


async def _give(number_id: int, purpose: Purpose, subject: str, delivery_key: str, now: datetime) -> Code:
    for _ in range(_TRIES):
        digits = str(2000 + secrets.randbelow(8000))
        made = await db.fetch_one(
            "INSERT INTO sms_code (number_id, code, purpose, subject, delivery_key, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (number_id, code) DO NOTHING RETURNING id",
            number_id,
            digits,
            purpose.value,
            subject,
            delivery_key,
            now,
        )
        if made is not None:
            return Code(made["id"], digits, purpose, subject, now, None, None)
    raise RuntimeError("a number ran out of codes")


async def forget_old(now: datetime) -> int:
    """Remove codes nobody needs any more: one-time codes after a week, bookings' after more than a year."""
    return await db.execute(
        "DELETE FROM sms_code WHERE (purpose <> 'booking' AND created_at < $1) OR created_at < $2",
        now - rules.KEY_KEPT,
        now - rules.CODES_KEPT,
    )
