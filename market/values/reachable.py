"""Hours in which somebody can be reached: counting them, and finding the instant by which so many have passed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from market.values.dates import local_day, local_instant

_MOST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Reachable:
    """From when to when (WITA), as `HH:MM`; `24:00` is the end of the day."""

    start: str = "00:00"
    end: str = "24:00"

    @property
    def is_always(self) -> bool:
        return self.start == "00:00" and self.end == "24:00"

    def _windows(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The windows from the day of an instant on, each cut at that instant; never an empty one."""
        day = local_day(since)
        for n in range(_MOST_DAYS):
            opens = local_instant(day + timedelta(days=n), time.fromisoformat(self.start))
            closes = (
                local_instant(day + timedelta(days=n + 1))
                if self.end == "24:00"
                else local_instant(day + timedelta(days=n), time.fromisoformat(self.end))
            )
            if max(opens, since) < closes:
                yield max(opens, since), closes

    def between(self, since: datetime, until: datetime) -> timedelta:
        """How much of a stretch of time is reachable."""
        total = timedelta()
        for opens, closes in self._windows(since):
            if opens >= until:
                break
            total += min(closes, until) - opens
        return total

    def after(self, since: datetime, length: timedelta) -> datetime:
        """The instant by which so much reachable time has passed."""
        left = length
        last = since
        for opens, closes in self._windows(since):
            if closes - opens >= left:
                return opens + left
            left -= closes - opens
            last = closes
        return last
