"""Days, half-open ranges of nights, and the programme's wall clock (WITA, UTC+8, no daylight saving).

Instants are aware UTC datetimes everywhere; a local day becomes an instant only through these functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WITA = ZoneInfo("Asia/Makassar")


@dataclass(frozen=True, slots=True)
class DateRange:
    """Nights `[start, end)`: the 21st to the 24th are three nights, and the 24th is free for the next guest."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError("a stay ends after it starts")

    @property
    def nights(self) -> int:
        return (self.end - self.start).days

    def __iter__(self) -> Iterator[date]:
        for n in range(self.nights):
            yield self.start + timedelta(days=n)

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def overlaps(self, other: DateRange) -> bool:
        return self.start < other.end and other.start < self.end


def local_instant(day: date, at: time = time(0), zone: ZoneInfo = WITA) -> datetime:
    """The UTC instant of a local wall-clock time on `day`."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def local_day(instant: datetime, zone: ZoneInfo = WITA) -> date:
    """The local calendar day in which an instant falls."""
    if instant.tzinfo is None:
        raise ValueError("an instant carries its zone")
    return instant.astimezone(zone).date()
