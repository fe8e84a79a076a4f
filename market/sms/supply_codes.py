"""Codes of suppliers' numbers: four digits that mean one purchase or one request for a price, to one number only.

A code never means two things on a number: it is free there in both tables of codes. Kept apart from `codes`, because
what they name lives in the other half of the product.
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
    """What a code is for; `fresh` proves for ten minutes that the phone is at hand."""

    PURCHASE = "purchase"
    QUOTATION = "quotation"
    FRESH = "fresh"


@dataclass(frozen=True, slots=True)
class Code:
    """A code of one number. `sent_at` is when the message that carried it first was handed over."""

    id: int
    code: str
    purpose: Purpose
    subject_id: int
    created_at: datetime
    used_at: datetime | None
    sent_at: datetime | None

    def counts(self, now: datetime) -> bool:
        """Whether a fresh code still proves anything."""
        return self.used_at is None and rules.counts(self.sent_at, now)


_SELECT = "SELECT c.*, d.sent_at FROM sms_supply_code c LEFT JOIN delivery d ON d.dedupe_key = c.delivery_key"


def _code(row: Row) -> Code:
    return Code(
        row["id"],
        row["code"],
        Purpose(row["purpose"]),
        row["subject_id"],
        as_instant(row["created_at"]),
        as_instant_or_none(row["used_at"]),
        as_instant_or_none(row["sent_at"]),
    )


async def find(number_id: int, code: str) -> Code | None:
    """A code of this number; None when it never had it."""
    row = await db.fetch_one(f"{_SELECT} WHERE c.number_id = $1 AND c.code = $2", number_id, code)
    return _code(row) if row else None


async def is_known(code: str) -> bool:
    """Whether any number has this code."""
    return await db.fetch_one("SELECT id FROM sms_supply_code WHERE code = $1", code) is not None


async def give(
    number_id: int, purpose: Purpose, subject_id: int, *, delivery_key: str, now: datetime
) -> Code:
    """The number's code for a purchase or a request, given in the message `delivery_key` when it has none; a fresh one
    is a new one unless the last still counts.
    """
    row = await db.fetch_one(
        f"{_SELECT} WHERE c.number_id = $1 AND c.purpose = $2 AND c.subject_id = $3 ORDER BY c.id DESC LIMIT 1",
        number_id,
        purpose.value,
        subject_id,
    )
    if row is not None and (purpose is not Purpose.FRESH or _code(row).counts(now)):
        return _code(row)
    return await _make(number_id, purpose, subject_id, delivery_key, now)


async def use(code: Code, now: datetime) -> None:
    """Spend a fresh code."""
    await db.execute("UPDATE sms_supply_code SET used_at = $2 WHERE id = $1", code.id, now)


async def _make(number_id: int, purpose: Purpose, subject_id: int, delivery_key: str, now: datetime) -> Code:
    for _ in range(_TRIES):
        digits = str(2000 + secrets.randbelow(8000))
        made = await db.fetch_one(
            "INSERT INTO sms_supply_code (number_id, code, purpose, subject_id, delivery_key, created_at)"
            " SELECT $1, $2, $3, $4, $5, $6 WHERE NOT EXISTS"
            " (SELECT 1 FROM sms_code o WHERE o.number_id = $1 AND o.code = $2)"
            " ON CONFLICT (number_id, code) DO NOTHING RETURNING id",
            number_id,
            digits,
            purpose.value,
            subject_id,
            delivery_key,
            now,
        )
        if made is not None:
            return Code(made["id"], digits, purpose, subject_id, now, None, None)
    raise RuntimeError("a number ran out of codes")


async def forget_old(now: datetime) -> int:
    """Remove codes nobody needs any more: fresh ones after a week, the others after more than a year."""
    return await db.execute(
        "DELETE FROM sms_supply_code WHERE (purpose = 'fresh' AND created_at < $1) OR created_at < $2",
        now - rules.KEY_KEPT,
        now - rules.CODES_KEPT,
    )
