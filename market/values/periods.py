"""The tax period: a calendar month by invoice date in WITA.

An invoice belongs to the month in which its instant falls on the wall clock of Kupang, whatever zone the
instant was written in. Rule versions say for which periods they hold; that lives with them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Self

from market.values.dates import WITA, local_day, local_instant

_WRITTEN = re.compile(r"([0-9]{4})-([0-9]{2})", re.ASCII)
# Wide enough for any claim and its objections, narrow enough that no date arithmetic leaves the calendar.
_FIRST_YEAR, _LAST_YEAR = 1970, 2999


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One calendar month; `Period.parse("2026-09")` and `str()` are each other's inverse."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (_FIRST_YEAR <= self.year <= _LAST_YEAR and 1 <= self.month <= 12):
            raise ValueError("a period is a month from 1970-01 to 2999-12")

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read "2026-09". Raises ValueError for anything else."""
        match = _WRITTEN.fullmatch(written)
        if match is None:
            raise ValueError("a period is written as year and month, for example 2026-09")
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, instant: datetime) -> Self:
        """The period of an aware instant: 30 September 16:30 UTC is October in WITA."""
        day = local_day(instant, WITA)
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return self.following().first_day - timedelta(days=1)

    def following(self) -> Period:
        """The month after this one."""
        return Period(self.year + self.month // 12, self.month % 12 + 1)

    def before(self) -> Period:
        """The month before this one."""
        return Period(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    def bounds(self) -> tuple[datetime, datetime]:
        """The first instant of the month and the first instant after it, in UTC."""
        return local_instant(self.first_day), local_instant(self.last_day + timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"
