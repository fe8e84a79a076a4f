"""Reading the calendars of other sites: bytes in, windows of nights out. Pure, and patient with odd shapes.

What is taken: folded and bare lines, lines in any order, no stamp, no id, days or instants of any zone, a length
instead of an end, simple repetitions. What is not: a file without its end, or something that is no calendar. That
raises `NotACalendar`, because half a calendar would open nights that are sold.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from market.calendars.repeating import days_of
from market.values.dates import WITA, local_day

MOST_EVENTS: Final = 2000
HORIZON: Final = timedelta(days=550)
RESERVED, UNAVAILABLE = "reserved", "unavailable"
_FREE_TEXT: Final = re.compile(
    r"not available|unavailable|closed|blocked|tidak tersedia|ditutup", re.IGNORECASE
)
_LENGTH: Final = re.compile(
    r"\+?P(?:(\d{1,4})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?", re.ASCII
)


class NotACalendar(Exception):
    """Nothing to go by; `problem` is a code that the pages have words for."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Window:
    """Nights `[start, end)` that are taken elsewhere. `key` stays the same from one reading to the next."""

    key: str
    start: date
    end: date
    kind: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a complete calendar says from today on. `echoes` counts our own events that came back."""

    windows: tuple[Window, ...]
    echoes: int = 0
    odd: int = 0


@dataclass(slots=True)
class _Event:
    """The lines of one VEVENT by name; the first of each counts."""

    lines: dict[str, tuple[dict[str, str], str]] = field(
        default_factory=dict[str, tuple[dict[str, str], str]]
    )
    except_on: list[str] = field(default_factory=list[str])

    def take(self, name: str, params: dict[str, str], value: str) -> None:
        if name == "EXDATE":
            self.except_on += value.split(",")
        self.lines.setdefault(name, (params, value))

    def text(self, name: str) -> str:
        return self.lines.get(name, ({}, ""))[1]


def read(data: bytes, *, today: date, own_domain: str) -> Reading:
    """The windows of a calendar from today to 550 days ahead. Raises NotACalendar.

    Events whose id ends in `@own_domain` are our own feed coming back and take nothing.
    """
    windows: dict[str, Window] = {}
    echoes = odd = 0
    for event in _events(_whole(_lines(data))):
        uid = event.text("UID")
        if uid.lower().endswith(f"@{own_domain.lower()}"):
            echoes += 1
            continue
        if _is_free(event):
            continue
        try:
            found = list(_windows(event, uid, today))
        except (ValueError, OverflowError):
            odd += 1
            continue
        for window in found:
            windows[window.key] = _joined(windows.get(window.key), window)
        if len(windows) > MOST_EVENTS:
            raise NotACalendar("too_many")
    return Reading(tuple(sorted(windows.values(), key=lambda w: (w.start, w.end, w.key))), echoes, odd)


def _joined(known: Window | None, window: Window) -> Window:
    """Two events under one id: the later version of the same thing, or two things: both stay closed."""
    if known is None:
        return window
    return Window(known.key, min(known.start, window.start), max(known.end, window.end), known.kind)


def _is_free(event: _Event) -> bool:
    return event.text("STATUS").upper() == "CANCELLED" or event.text("TRANSP").upper() == "TRANSPARENT"


# Lines ---------------------------------------------------------------------------------------------------
def _lines(data: bytes) -> list[str]:
    """Whole lines: unfolded, whatever ends them, without empty ones."""
    text = data.decode("utf-8-sig", errors="replace").replace("\x00", "")
    raw = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    whole: list[list[str]] = []
    for line in raw:
        if line[:1] in {" ", "\t"} and whole:
            whole[-1].append(line[1:])
        elif line.strip():
            whole.append([line])
    return ["".join(parts).strip() for parts in whole]


def _whole(lines: list[str]) -> list[str]:
    """The lines, if they begin and end as a calendar. Raises NotACalendar otherwise."""
    if not lines or lines[0].upper() != "BEGIN:VCALENDAR":
        raise NotACalendar("not_a_calendar")
    if lines[-1].upper() != "END:VCALENDAR":
        raise NotACalendar("incomplete")
    return lines


def _events(lines: Sequence[str]) -> Iterator[_Event]:
    """The events, each when it has ended. Raises NotACalendar when something ends that did not begin."""
    inside: list[str] = []
    event, count = _Event(), 0
    for line in lines:
        name, params, value = _parts(line)
        if name == "BEGIN":
            inside.append(value.upper())
            if inside[-1] == "VEVENT":
                event, count = _Event(), count + 1
                if count > MOST_EVENTS:
                    raise NotACalendar("too_many")
        elif name == "END":
            if not inside or inside.pop() != value.upper():
                raise NotACalendar("incomplete")
            if value.upper() == "VEVENT":
                yield event
        elif inside and inside[-1] == "VEVENT":
            event.take(name, params, value)
    if inside:
        raise NotACalendar("incomplete")


def _parts(line: str) -> tuple[str, dict[str, str], str]:
    """Name, parameters and value of a line; a colon inside quotes divides nothing."""
    quoted, colon = False, -1
    for at, letter in enumerate(line):
        if letter == '"':
            quoted = not quoted
        elif letter == ":" and not quoted:
            colon = at
            break
    head, value = (line, "") if colon < 0 else (line[:colon], line[colon + 1 :])
    name, *given = head.split(";")
    params = {
        key.strip().upper(): text.strip().strip('"') for key, _, text in (g.partition("=") for g in given)
    }
    return name.strip().upper(), params, value.strip()


# Days ----------------------------------------------------------------------------------------------------
def _windows(event: _Event, uid: str, today: date) -> Iterator[Window]:
    """The nights of one event, once or as often as it repeats, clipped to what lies ahead."""
    start, end = _days(event)
    kind = UNAVAILABLE if _FREE_TEXT.search(event.text("SUMMARY")) else RESERVED
    seed = uid or f"{event.text('SUMMARY')}|{start}|{end}"
    again = event.text("RECURRENCE-ID")
    last = today + HORIZON
    rule = event.text("RRULE")
    if rule and not again:
        skip = {_day(text, "") for text in event.except_on if text.strip()}
        starts = [day for day in days_of(start, rule, last) if day not in skip]
    else:
        starts = [start]
    for day in starts:
        first, after = max(day, today), min(day + (end - start), last)
        if after > first:
            name = f"{seed}|{day}" if rule and not again else f"{seed}|{again}" if again else seed
            yield Window(hashlib.sha256(name.encode()).hexdigest()[:40], first, after, kind)


def _days(event: _Event) -> tuple[date, date]:
    """First night and the day after the last one. Raises ValueError for an event without a readable start.

    An instant counts by its day in WITA, so a stay from 14:00 to 11:00 frees the day of leaving. What begins and
    ends on one day closes that night.
    """
    params, value = event.lines.get("DTSTART", ({}, ""))
    start = _day(value, params.get("TZID", ""))
    if "DTEND" in event.lines:
        params, value = event.lines["DTEND"]
        end = _day(value, params.get("TZID", ""))
        if end < start:
            raise ValueError("ends before it starts")
    else:
        end = start + _length(event.text("DURATION"))
    return start, max(end, start + timedelta(days=1))


def _day(text: str, zone: str) -> date:
    """A day from `20261224`, `20261224T140000`, `20261224T060000Z` or the same with dashes and colons."""
    plain = text.strip().upper().replace("-", "").replace(":", "").replace(" ", "T")
    digits, _, clock = plain.partition("T")
    if len(digits) != 8 or not (digits.isascii() and digits.isdigit()):
        raise ValueError(text)
    day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    if not date(1990, 1, 1) <= day <= date(2200, 1, 1):
        raise ValueError(text)
    hours = clock.rstrip("Z").partition(".")[0]
    if not clock or not (hours.isascii() and hours.isdigit() and len(hours) in {4, 6}):
        return day
    at = datetime(day.year, day.month, day.day, min(int(hours[:2]), 23), min(int(hours[2:4]), 59), tzinfo=UTC)
    if clock.endswith("Z"):
        return local_day(at)
    return local_day(at.replace(tzinfo=_zone(zone)))


def _zone(name: str) -> ZoneInfo:
    """The zone a calendar names; an unknown name, or none, means the clock on our walls."""
    try:
        return ZoneInfo(name) if name and "/" in name and ".." not in name and name[0] != "/" else WITA
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return WITA


def _length(text: str) -> timedelta:
    match = _LENGTH.fullmatch(text.strip().upper())
    if match is None:
        return timedelta(days=1)
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    whole = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return timedelta(days=-(-whole // timedelta(days=1))) if whole else timedelta(days=1)
