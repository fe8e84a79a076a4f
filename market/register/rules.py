"""What the register asks of each foreign guest, until when a stay has to be reported, and when it is erased. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

REPORT_WITHIN: Final = timedelta(hours=24)
"""Whoever lodges a foreigner reports it within a day of arrival (the duty called APOA)."""
MOST_GUESTS: Final = 40
REMIND_BEFORE: Final = timedelta(hours=12)
_REMIND_AFTER: Final = timedelta(hours=48)


class State(StrEnum):
    """`open`: guests are being written down; `none`: the host says that nobody is foreign."""

    OPEN = "open"
    NONE = "none"
    REPORTED = "reported"
    ERASED = "erased"


class Act(StrEnum):
    """What somebody did with a stay's register."""

    WRITTEN = "written"
    REMOVED = "removed"
    READ = "read"
    EXPORTED = "exported"
    REPORTED = "reported"
    NONE = "none"
    REOPENED = "reopened"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is reported of one guest. `nationality` is a two-letter country code."""

    full_name: str
    nationality: str
    passport: str
    born_on: date
    arrives_on: date
    leaves_on: date

    def to_json(self) -> dict[str, str]:
        return {name: str(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Facts:
        days = {name: date.fromisoformat(data[name]) for name in ("born_on", "arrives_on", "leaves_on")}
        return cls(
            full_name=data["full_name"], nationality=data["nationality"], passport=data["passport"], **days
        )


def due_at(arrived_at: datetime) -> datetime:
    """The last moment to report, counted from the arrival."""
    return arrived_at + REPORT_WITHIN


def is_overdue(state: State | None, due: datetime, now: datetime) -> bool:
    """Whether the day has passed and nobody has reported, or said that there is nothing to report."""
    return state in {None, State.OPEN} and now > due


def is_time_to_remind(due: datetime, now: datetime) -> bool:
    """Whether a host hears of it: from twelve hours before the end; after a standstill also a little later."""
    return due - REMIND_BEFORE <= now <= due + _REMIND_AFTER


def erase_before(today: date, keep_days: int) -> date:
    """Stays that ended before this day are erased."""
    return today - timedelta(days=keep_days)


def erase_on(leaves_on: date, keep_days: int) -> date:
    """The first day on which a stay's guests are erased."""
    return leaves_on + timedelta(days=keep_days + 1)


def hidden(passport: str) -> str:
    """A passport number as a page may show it again to somebody who typed it: only its end."""
    return "•" * max(0, len(passport) - 3) + passport[-3:]
