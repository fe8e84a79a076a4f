"""Facts as an SMS says them: short days, money without spaces, a booking in a few letters. Pure formatting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from market.bookings import words
from market.bookings.rows import BookingRow
from market.i18n import formats
from market.i18n.locales import pick
from market.notifications.sms_text import short_name
from market.sms.replies import DAYS, FULL_NIGHTS, GUEST, TODAY, WHOLE_HOUSE, YESTERDAY
from market.values.dates import WITA, DateRange, local_day


@dataclass(frozen=True, slots=True)
class Said:
    """A booking in the few letters an SMS has for it."""

    name: str
    guests: int
    what: str
    span: str
    length: str
    money: str


def booking(row: BookingRow, locale: str) -> Said:
    """What a host is told of a booking. `name` is the guest's first name and only for messages we send."""
    return Said(
        name=first_name(row.guest_name, locale),
        guests=row.party.total,
        what=_what(row, locale),
        span=stay(row.starts_on, row.ends_on, locale),
        length=_length(row, locale),
        money=money(words.host_receives(row), locale),
    )


def first_name(name: str, locale: str) -> str:
    """The first name, folded and cut; `tamu` when nothing of it can be written in ASCII."""
    return short_name(name.split(maxsplit=1)[0] if name.split() else "") or GUEST.say(locale)


def _what(row: BookingRow, locale: str) -> str:
    room = row.offer["room"]
    if room is None:
        return short_name(pick(row.titles, locale)) if row.titles else row.reference
    name = short_name(pick(room["texts"], locale).get("name", "")) if room["texts"] else ""
    return f"{row.offer['rooms']}x {name}" if row.offer["rooms"] > 1 else name


def _length(row: BookingRow, locale: str) -> str:
    if row.kind == "homestay":
        return nights((row.ends_on - row.starts_on).days, locale)
    if row.starts_on == row.ends_on:
        return clock_time(row.starts_at, locale)
    return DAYS.say(locale, n=(row.ends_on - row.starts_on).days + 1)


def nights(count: int, locale: str) -> str:
    text = FULL_NIGHTS.say(locale, n=count)
    return text.removesuffix("s") if locale == "en" and count == 1 else text


def money(amount: int, locale: str) -> str:
    """`Rp864.000`."""
    return formats.money(amount, locale).replace("\N{NO-BREAK SPACE}", "").replace("\N{MINUS SIGN}", "-")


def clock_time(instant: datetime, locale: str) -> str:
    return instant.astimezone(WITA).strftime("%H.%M" if locale == "id" else "%H:%M")


def moment(instant: datetime, locale: str) -> str:
    """`Min 20.00`: a day of the coming or past week and the hour."""
    return f"{formats.weekday_short(local_day(instant), locale)} {clock_time(instant, locale)}"


def past(instant: datetime, now: datetime, locale: str) -> str:
    """`kemarin 14.05`, `hari ini 14.05`, `12 Des 14.05`."""
    days = (local_day(now) - local_day(instant)).days
    if days in {0, 1}:
        return f"{(YESTERDAY if days else TODAY).say(locale)} {clock_time(instant, locale)}"
    return f"{_day(local_day(instant), locale)} {clock_time(instant, locale)}"


def _day(day: date, locale: str) -> str:
    return f"{day.day} {formats.month_short(day, locale)}"


def stay(start: date, end: date, locale: str) -> str:
    """Arrival and departure: `Sab 12-Sel 15 Des`."""
    first, last = formats.weekday_short(start, locale), formats.weekday_short(end, locale)
    if start == end:
        return f"{first} {_day(start, locale)}"
    month = (
        "" if (start.year, start.month) == (end.year, end.month) else f" {formats.month_short(start, locale)}"
    )
    return f"{first} {start.day}{month}-{last} {_day(end, locale)}"


def nights_of(days: DateRange, locale: str, *, today: date | None = None) -> str:
    """Inclusive nights: `24-26 Des`; the year behind it when it is not this one."""
    start, last = days.start, days.end - timedelta(days=1)
    year = f" {last.year}" if today is not None and last.year != today.year else ""
    if start == last:
        return _day(start, locale) + year
    month = (
        ""
        if (start.year, start.month) == (last.year, last.month)
        else f" {formats.month_short(start, locale)}"
    )
    return f"{start.day}{month}-{_day(last, locale)}{year}"


def runs(days: Iterable[date]) -> list[DateRange]:
    """Days that follow one another, as ranges."""
    found: list[DateRange] = []
    for day in sorted(set(days)):
        if found and found[-1].end == day:
            found[-1] = DateRange(found[-1].start, day + timedelta(days=1))
        else:
            found.append(DateRange(day, day + timedelta(days=1)))
    return found


def as_many(parts: Sequence[str], room: int, separator: str = ", ") -> str:
    """As many parts as fit into `room` letters, and `+3` for those that do not."""
    whole = separator.join(parts)
    if len(whole) <= room:
        return whole
    for count in range(len(parts) - 1, 0, -1):
        text = separator.join(parts[:count]) + f" +{len(parts) - count}"
        if len(text) <= room:
            return text
    return f"{len(parts)}"


def house(rooms: Sequence[str], locale: str) -> str:
    """The one room's name, or all of them."""
    return short_name(rooms[0]) if len(rooms) == 1 else WHOLE_HOUSE.say(locale)
