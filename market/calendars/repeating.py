"""On which days an event repeats: daily, weekly, monthly or yearly, as private calendars use it. Pure.

Walks day by day up to a horizon, so that no rule, however clever, costs more than that walk.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LONGEST_WALK: Final = timedelta(days=12_000)


def days_of(start: date, rule: str, last: date) -> Iterator[date]:
    """The days up to `last` on which something that began on `start` begins again, `start` included.

    Raises ValueError for a rule we cannot follow: then nobody knows which days are meant.
    """
    parts = {
        name: value for name, _, value in (part.partition("=") for part in rule.strip().upper().split(";"))
    }
    if set(parts) - {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST", "BYMONTH", "BYMONTHDAY"}:
        raise ValueError(rule)
    step, count = int(parts.get("INTERVAL", "1")), int(parts.get("COUNT", "100000"))
    if step < 1 or count < 1 or last - start > _LONGEST_WALK:
        raise ValueError(rule)
    if "UNTIL" in parts:
        until = parts["UNTIL"].replace("-", "")[:8]
        last = min(last, date(int(until[:4]), int(until[4:6]), int(until[6:8])))
    day = start
    while day <= last and count:
        if day == start or _fits(day, start, parts, step):
            count -= 1
            yield day
        day += timedelta(days=1)


def _fits(day: date, start: date, parts: dict[str, str], step: int) -> bool:
    match parts.get("FREQ", ""):
        case "DAILY":
            fits = (day - start).days % step == 0
        case "WEEKLY":
            weeks = (
                (day - timedelta(days=day.weekday())) - (start - timedelta(days=start.weekday()))
            ).days // 7
            wanted = parts["BYDAY"].split(",") if "BYDAY" in parts else [_WEEKDAYS[start.weekday()]]
            return weeks % step == 0 and _WEEKDAYS[day.weekday()] in wanted
        case "MONTHLY":
            months = (day.year - start.year) * 12 + day.month - start.month
            fits = months % step == 0 and str(day.day) in parts.get("BYMONTHDAY", str(start.day)).split(",")
        case "YEARLY":
            month = parts.get("BYMONTH", str(start.month)).split(",")
            on = parts.get("BYMONTHDAY", str(start.day)).split(",")
            fits = (day.year - start.year) % step == 0 and str(day.month) in month and str(day.day) in on
        case _:
            raise ValueError("FREQ")
    return fits and ("BYDAY" not in parts or _WEEKDAYS[day.weekday()] in parts["BYDAY"].split(","))
