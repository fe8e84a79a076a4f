"""The numbers SMS lives by: quiet hours, limits, how long a one-time code counts. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final

from market.values.dates import WITA, local_instant

QUIET_FROM, QUIET_UNTIL = time(20), time(6)
ARRIVES_SOON = timedelta(hours=12)
CODE_TIME = timedelta(minutes=10)
SAME_REPLY = timedelta(minutes=10)
MOST_A_DAY: Final = 20
MOST_TO_STRANGERS: Final = 2
"""Answers a day to a number nobody registered: enough to say so, useless for bothering somebody."""
UNKNOWN_WINDOW, UNKNOWN_BEFORE_CALL = timedelta(hours=1), 3
WRONG_WINDOW, MOST_WRONG_CODES = timedelta(hours=1), 5
NEW_NUMBER_WAITS = timedelta(days=7)
"""How long a further number of a supplier waits before it may answer for it."""
KEY_KEPT = timedelta(days=7)
LOG_KEPT = timedelta(days=365)
CODES_KEPT = timedelta(days=400)
LONGEST_TEXT: Final = 1000


def is_quiet(instant: datetime) -> bool:
    """Whether hosts sleep: from 20.00 to 06.00 WITA."""
    local = instant.astimezone(WITA).time()
    return local >= QUIET_FROM or local < QUIET_UNTIL


def send_time(now: datetime, arrives_at: datetime | None = None) -> datetime:
    """When a message that nobody asked for may leave: now, or at six; now, too, if the guest comes within 12 h."""
    if not is_quiet(now) or (arrives_at is not None and arrives_at - now <= ARRIVES_SOON):
        return now
    return next_morning(now)


def next_morning(now: datetime) -> datetime:
    """The next six o'clock in the morning, WITA."""
    local = now.astimezone(WITA)
    day = local.date() if local.time() < QUIET_UNTIL else local.date() + timedelta(days=1)
    return local_instant(day, QUIET_UNTIL)


def day_start(now: datetime) -> datetime:
    """The last midnight, WITA: what daily limits count from."""
    return local_instant(now.astimezone(WITA).date())


def counts(sent_at: datetime | None, now: datetime) -> bool:
    """Whether a code that left at `sent_at` still allows a strong act."""
    return sent_at is not None and now - sent_at <= CODE_TIME
