"""What a feed tells, kept apart from the file: spans of nights, their ids, and numbers that rise. Pure.

A booking keeps its id whatever happens to its days. A stretch of closed nights keeps its id as long as it
overlaps what it was.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

CLOSED: Final = "closed"


@dataclass(frozen=True, slots=True)
class Night:
    """A night of a room type, as far as a feed cares: rooms in all, rooms off sale, sold ones by booking."""

    day: date
    capacity: int
    off_sale: int
    is_closed: bool
    sold: Mapping[int, int]

    @property
    def is_full(self) -> bool:
        return self.is_closed or sum(self.sold.values()) + self.off_sale >= self.capacity


@dataclass(frozen=True, slots=True)
class Span:
    """Nights `[start, end)` that a feed tells; `subject` is a booking's or `closed`."""

    subject: str
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class Entry:
    """A span as it was told: under which id, how often changed, and when last."""

    uid: str
    span: Span
    sequence: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """What a feed tells now, and how that differs from before."""

    entries: tuple[Entry, ...]
    fresh: tuple[Entry, ...]
    changed: tuple[Entry, ...]
    gone: tuple[Entry, ...]


def spans(nights: Iterable[Night]) -> list[Span]:
    """What is taken: with a single room each booking by itself, with several the nights on which none is left."""
    days = sorted(nights, key=lambda night: night.day)
    booked: dict[int, list[date]] = {}
    closed: list[date] = []
    for night in days:
        if night.capacity == 1 and night.sold:
            for booking in night.sold:
                booked.setdefault(booking, []).append(night.day)
        elif night.is_full:
            closed.append(night.day)
    found = [
        Span(f"booking:{booking}:{number}", start, end)
        for booking, stays in booked.items()
        for number, (start, end) in enumerate(runs(stays))
    ]
    found += [Span(CLOSED, start, end) for start, end in runs(closed)]
    return sorted(found, key=lambda span: (span.start, span.subject))


def runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days as half-open stretches."""
    found: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if found and found[-1][1] == day:
            found[-1] = (found[-1][0], day + timedelta(days=1))
        else:
            found.append((day, day + timedelta(days=1)))
    return found


def reconcile(
    told: Sequence[Entry], wanted: Sequence[Span], *, now: datetime, new_uid: Callable[[Span], str]
) -> Changes:
    """Give every wanted span the id it had; numbers rise where days changed."""
    left = list(told)
    entries: list[Entry] = []
    fresh: list[Entry] = []
    changed: list[Entry] = []
    for span in wanted:
        known = next((entry for entry in left if _is_same(entry.span, span)), None)
        if known is None:
            fresh.append(Entry(new_uid(span), span, 0, now))
            entries.append(fresh[-1])
            continue
        left.remove(known)
        if known.span != span:
            known = replace(known, span=span, sequence=known.sequence + 1, changed_at=now)
            changed.append(known)
        entries.append(known)
    return Changes(tuple(entries), tuple(fresh), tuple(changed), tuple(left))


def _is_same(old: Span, new: Span) -> bool:
    if old.subject != new.subject:
        return False
    return old.subject != CLOSED or (old.start < new.end and new.start < old.end)


def uid_of(room_type_id: int, span: Span, *, key: str, chance: str) -> str:
    """The first half of an id: computed for a booking, so that it names nobody; by chance for closed nights."""
    if span.subject == CLOSED:
        return f"c{chance}"
    told = f"calendar-uid\n{room_type_id}\n{span.subject}".encode()
    return "b" + hmac.new(key.encode(), told, "sha256").hexdigest()[:32]
