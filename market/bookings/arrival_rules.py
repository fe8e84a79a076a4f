"""When a guest may be checked in, when a host may say that nobody came, and how believable a device's clock is. Pure.

The windows are those of the state table: check-in from 12 h before the start to the end, no-show from 24 h after
the start, 48 h for the guest to answer. What is not in the table is said beside the constant.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

OPENS_BEFORE: Final = timedelta(hours=12)
NO_SHOW_AFTER: Final = timedelta(hours=24)
CONTEST_FOR: Final = timedelta(hours=48)
UNDO_FOR: Final = timedelta(hours=24)
"""A wrong name is noticed when the right guest arrives, which is the same day."""
UNSEEN_FOR: Final = timedelta(hours=48)
"""A booking that nobody checked in stays open this long after its start: a day to say that nobody came."""
OFFLINE_FOR: Final = timedelta(days=7)
"""How long a phone without signal may keep a check-in to itself."""
REVIEW_FOR: Final = timedelta(days=14)
"""After a visit both sides may write about it for this long (see `reviews`)."""
CLOCK_AHEAD: Final = timedelta(minutes=10)
"""Phones whose clock runs ahead are believed this far, and set back to our own."""


class How(StrEnum):
    """How a host knew who arrived."""

    QR = "qr"
    CODE = "code"
    LIST = "list"


class Outcome(StrEnum):
    """How the question whether a guest came was settled."""

    STANDS = "stands"
    ARRIVED = "arrived"
    HOST_FAILED = "host_failed"


def stated_time(at: datetime | None, now: datetime) -> datetime | None:
    """When an arrival counts as having happened; None when a stated time cannot be true."""
    if at is None:
        return now
    if at > now + CLOCK_AHEAD or at < now - OFFLINE_FOR:
        return None
    return min(at, now)


def in_window(at: datetime, *, starts_at: datetime, ends_at: datetime) -> bool:
    """From 12 hours before the start until the end."""
    return starts_at - OPENS_BEFORE <= at <= ends_at


def may_undo(*, received_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """A check-in can be taken back for a day, and not after the visit."""
    return now <= received_at + UNDO_FOR and now < ends_at


def completes_at(*, starts_at: datetime, ends_at: datetime, seen: bool) -> datetime:
    """When a visit counts as over. Without a check-in the host first has time to say that nobody came."""
    return ends_at if seen else max(ends_at, starts_at + UNSEEN_FOR)


def may_state_no_show(*, starts_at: datetime, now: datetime) -> bool:
    """From 24 hours after the start."""
    return now >= starts_at + NO_SHOW_AFTER


def may_contest(*, contest_until: datetime, now: datetime) -> bool:
    """The guest has 48 hours; the last instant counts."""
    return now <= contest_until
