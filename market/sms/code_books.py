"""What both books of codes share: four digits that mean something to one number only.

The book a code stands in says what it names: `codes` bookings and nights, `supply_codes` purchases and requests for a
price. On one number a code is free in both before it is given, so it never means two things there.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Generic, TypeVar

from market import db
from market.db.sql import Row, as_instant, as_instant_or_none
from market.sms import rules

_TRIES: Final = 60
_TABLES: Final = ("sms_code", "sms_supply_code")
Purpose = TypeVar("Purpose", bound=StrEnum)
Subject = TypeVar("Subject", str, int)


@dataclass(frozen=True, slots=True)
class Code(Generic[Purpose, Subject]):
    """A code of one number. `sent_at` is when the message that carried it first was handed over."""

    id: int
    code: str
    purpose: Purpose
    subject: Subject
    created_at: datetime
    used_at: datetime | None
    sent_at: datetime | None

    def counts(self, now: datetime) -> bool:
        """Whether it still proves that the phone is at hand."""
        return self.used_at is None and rules.counts(self.sent_at, now)


@dataclass(frozen=True, slots=True)
class Book(Generic[Purpose, Subject]):
    """One table of codes; `subject` is its column of what a code names."""

    table: str
    subject: str
    purposes: type[Purpose]

    async def find(self, number_id: int, code: str) -> Code[Purpose, Subject] | None:
        """A code of this number, however old; None when it never had it."""
        return await self._one("c.number_id = $1 AND c.code = $2", number_id, code)

    async def is_known(self, code: str) -> bool:
        """Whether any number has this code."""
        return await db.fetch_one(f"SELECT id FROM {self.table} WHERE code = $1", code) is not None

    async def newest(
        self, number_id: int, purpose: Purpose, subject: Subject
    ) -> Code[Purpose, Subject] | None:
        """The last code a number was given for something."""
        where = f"c.number_id = $1 AND c.purpose = $2 AND c.{self.subject} = $3 ORDER BY c.id DESC LIMIT 1"
        return await self._one(where, number_id, purpose.value, subject)

    async def give(
        self, number_id: int, purpose: Purpose, subject: Subject, delivery_key: str, now: datetime
    ) -> Code[Purpose, Subject]:
        """A new code, to be sent in the message `delivery_key`."""
        taken = " OR ".join(
            f"EXISTS (SELECT 1 FROM {table} o WHERE o.number_id = $1 AND o.code = $2)" for table in _TABLES
        )
        for _ in range(_TRIES):
            digits = str(2000 + secrets.randbelow(8000))
            made = await db.fetch_one(
                f"INSERT INTO {self.table} (number_id, code, purpose, {self.subject}, delivery_key, created_at)"
                f" SELECT $1, $2, $3, $4, $5, $6 WHERE NOT ({taken})"
                " ON CONFLICT (number_id, code) DO NOTHING RETURNING id",
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

    async def use(self, code: Code[Purpose, Subject], now: datetime) -> bool:
        """Spend a one-time code; False when somebody was faster."""
        changed = await db.execute(
            f"UPDATE {self.table} SET used_at = $2 WHERE id = $1 AND used_at IS NULL", code.id, now
        )
        return changed == 1

    async def forget_old(self, one_time: tuple[Purpose, ...], now: datetime) -> int:
        """Remove codes nobody needs any more: one-time ones after a week, the others after more than a year."""
        purposes = ", ".join(f"'{purpose.value}'" for purpose in one_time)
        return await db.execute(
            f"DELETE FROM {self.table} WHERE (purpose IN ({purposes}) AND created_at < $1) OR created_at < $2",
            now - rules.KEY_KEPT,
            now - rules.CODES_KEPT,
        )

    async def _one(self, where: str, *values: str | int) -> Code[Purpose, Subject] | None:
        row = await db.fetch_one(
            f"SELECT c.*, d.sent_at FROM {self.table} c LEFT JOIN delivery d ON d.dedupe_key = c.delivery_key"
            f" WHERE {where}",
            *values,
        )
        return self._code(row) if row is not None else None

    def _code(self, row: Row) -> Code[Purpose, Subject]:
        return Code(
            row["id"],
            row["code"],
            self.purposes(row["purpose"]),
            row[self.subject],
            as_instant(row["created_at"]),
            as_instant_or_none(row["used_at"]),
            as_instant_or_none(row["sent_at"]),
        )
