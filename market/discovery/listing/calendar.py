"""A month of nights of one room type as a table: what is free, at what price, and what a click on a day chooses.

Pure. A day is first the day of arrival, then the day of departure; every click is a link, so it works without
a script. Nights are half-open: on the day of departure the room is free for the next guest.
"""

from __future__ import annotations

from calendar import Calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from market.i18n import formats
from market.listings.offering import Offering, Room, SlotRow, night_price, with_fee


@dataclass(frozen=True, slots=True)
class Night:
    """One night of a room type: rooms free, the price people see, and whether the house is closed."""

    free: int
    price: int
    closed: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """A day as `ui/calendar.html` draws it."""

    label: str
    sub: str
    state: str
    href: str | None
    name: str
    today: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month as `ui/calendar.html` draws it."""

    caption: str
    weekdays: list[tuple[str, str]]
    weeks: list[list[Cell | None]]


@dataclass(frozen=True, slots=True)
class Picked:
    """What was chosen so far."""

    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides about a day: today, the first day one may still arrive, the last day shown, rooms needed, and
    the stay's length.
    """

    today: date
    first: date
    last: date
    rooms: int
    min_nights: int
    max_nights: int


def nights_of(
    offering: Offering, room: Room, slots: Mapping[tuple[int, date], SlotRow], start: date, end: date
) -> dict[date, Night]:
    """Every night in `[start, end)`. A night without a slot is wholly free."""
    nights: dict[date, Night] = {}
    day = start
    while day < end:
        slot = slots.get((room.id, day))
        closed = any(closure.covers(day) for closure in offering.closures)
        free = room.count if slot is None else 0 if slot.status in {"closed", "called_off"} else slot.free
        price = with_fee(night_price(offering, room, day), offering.service_fee_bp)
        nights[day] = Night(max(0, free), price, closed or (slot is not None and slot.status == "closed"))
        day += timedelta(days=1)
    return nights


def leaving_days(nights: Mapping[date, Night], start: date, rules: Rules) -> set[date]:
    """The days on which a guest who arrives on `start` can leave."""
    days: set[date] = set()
    for length in range(1, rules.max_nights + 1):
        night = nights.get(start + timedelta(days=length - 1))
        if night is None or not _is_free(night, rules):
            break
        if length >= rules.min_nights:
            days.add(start + timedelta(days=length))
    return days


def month_view(
    first: date,
    nights: Mapping[date, Night],
    picked: Picked,
    rules: Rules,
    href: Callable[[date, date | None], str],
    locale: str,
) -> Month:
    """The month that begins on `first`. `href(start, end)` leads to the page with these days chosen."""
    leaving = leaving_days(nights, picked.start, rules) if picked.start and not picked.end else set[date]()
    weeks = [
        [
            _cell(day, nights, picked, leaving, rules, href, locale) if day.month == first.month else None
            for day in week
        ]
        for week in Calendar().monthdatescalendar(first.year, first.month)
    ]
    monday = date(2024, 1, 1)
    weekdays = [monday + timedelta(days=n) for n in range(7)]
    return Month(
        caption=formats.month(first, locale),
        weekdays=[(formats.weekday_short(day, locale), formats.weekday(day, locale)) for day in weekdays],
        weeks=weeks,
    )


def _is_free(night: Night, rules: Rules) -> bool:
    return not night.closed and night.free >= rules.rooms


def _cell(
    day: date,
    nights: Mapping[date, Night],
    picked: Picked,
    leaving: set[date],
    rules: Rules,
    href: Callable[[date, date | None], str],
    locale: str,
) -> Cell:
    state, link = _state(day, nights.get(day), picked, rules), None
    if picked.start is not None and day in leaving:
        link = href(picked.start, day)
        state = "open"
    elif state in {"open", "pick-day", "in-range"}:
        link = href(day, None)
    night = nights.get(day)
    priced = night is not None and state in {"open", "pick-day", "in-range"} and _is_free(night, rules)
    sub = formats.number(night.price // 1000, locale) if priced and night is not None else ""
    return Cell(str(day.day), sub, state, link, formats.day(day, locale), today=day == rules.today)


def _state(day: date, night: Night | None, picked: Picked, rules: Rules) -> str:
    if day in {picked.start, picked.end}:
        return "pick-day"
    if day < rules.first or day > rules.last or night is None:
        return "past"
    if picked.start is not None and picked.end is not None and picked.start < day < picked.end:
        return "in-range"
    if night.closed:
        return "shut"
    return "open" if night.free >= rules.rooms else "full"
