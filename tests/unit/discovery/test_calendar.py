"""The nights calendar: states, and what a click chooses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from market.discovery.listing.calendar import Cell, Night, Picked, Rules, leaving_days, month_view

FIRST = date(2026, 12, 1)
RULES = Rules(
    today=date(2026, 12, 3),
    first=date(2026, 12, 3),
    last=date(2027, 12, 1),
    rooms=1,
    min_nights=2,
    max_nights=5,
)


def nights(**changes: Night) -> dict[date, Night]:
    found = {FIRST + timedelta(days=n): Night(1, 262_500, closed=False) for n in range(60)}
    for name, night in changes.items():
        found[date(2026, 12, int(name[1:]))] = night
    return found


def cells(picked: Picked, given: dict[date, Night], rules: Rules = RULES) -> dict[int, Cell]:
    def href(start: date, end: date | None) -> str:
        return f"{start.day}-{end.day if end else ''}"

    month = month_view(FIRST, given, picked, rules, href, "en")
    return {int(cell.label): cell for week in month.weeks for cell in week if cell is not None}


def test_states_of_days() -> None:
    shown = cells(Picked(), nights(d10=Night(0, 1, closed=False), d11=Night(1, 1, closed=True)))
    assert len(shown) == 31
    assert (shown[2].state, shown[2].href) == ("past", None)
    assert shown[3].today
    assert (shown[10].state, shown[10].href) == ("full", None)
    assert (shown[11].state, shown[11].href) == ("shut", None)
    assert (shown[12].state, shown[12].href, shown[12].sub) == ("open", "12-", "262")


def test_after_the_arrival_days_of_departure_are_offered() -> None:
    full = nights(d15=Night(0, 1, closed=False))
    assert leaving_days(full, date(2026, 12, 12), RULES) == {date(2026, 12, 14), date(2026, 12, 15)}
    shown = cells(Picked(date(2026, 12, 12)), full)
    assert shown[12].state == "pick-day"
    assert shown[13].href == "13-"  # too short a stay: begins anew
    assert (shown[14].href, shown[15].href) == ("12-14", "12-15")  # one may leave on a full night
    assert shown[16].href == "16-"


def test_a_stay_is_half_open_in_the_picture_too() -> None:
    shown = cells(Picked(date(2026, 12, 12), date(2026, 12, 15)), nights())
    assert [shown[day].state for day in (11, 12, 13, 14, 15, 16)] == [
        "open", "pick-day", "in-range", "in-range", "pick-day", "open",
    ]  # fmt: skip


def test_days_before_the_hosts_notice_cannot_be_chosen() -> None:
    shown = cells(Picked(), nights(), replace(RULES, first=date(2026, 12, 5)))
    assert (shown[4].state, shown[4].href) == ("past", None)
    assert shown[5].state == "open"
