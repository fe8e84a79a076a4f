"""What the host's calendar sends: chosen days with what to do about them, and new dates."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from market.console.editor.values import Rupiah
from market.listings import rules
from market.values.text import Text, lazy
from market.web.forms import Inbound

MOST_DAYS = 366
Act = Literal["open", "close", "close_rest", "price", "usual", "rooms"]
Weekday = Annotated[int, Field(ge=0, le=6)]


class NightsForm(Inbound):
    """Nights tapped in the month, or a range (both days included, perhaps only some weekdays), and what to do."""

    room: Annotated[int, Field(ge=1, le=2**53)]
    day: list[date] = Field(default_factory=list[date], max_length=62)
    start: date | None = None
    end: date | None = None
    weekdays: list[Weekday] = Field(default_factory=list[Weekday], max_length=7)
    act: Act
    price: Rupiah | None = None
    rooms: Annotated[int, Field(ge=0, le=100)] | None = None
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "act": {"any": lazy("Choose what to do with these days.")},
        "day": {"any": lazy("Choose days from the calendar.")},
    }

    def days(self) -> list[date]:
        """Every chosen night once; of a range only the weekdays asked for."""
        chosen = set(self.day)
        if self.start is not None:
            last = self.end or self.start
            count = min((last - self.start).days, MOST_DAYS + 1) + 1
            span = (self.start + timedelta(days=n) for n in range(count))
            chosen |= {day for day in span if not self.weekdays or day.weekday() in self.weekdays}
        return sorted(chosen)


class DateForm(Inbound):
    """A new departure or session, perhaps every week."""

    starts_on: date
    at: time | None = None
    capacity: Annotated[int, Field(ge=1, le=rules.MAX_CAPACITY)]
    price: Rupiah | None = None
    weeks: Annotated[int, Field(ge=1, le=26)] = 1
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {"starts_on": {"missing": lazy("Choose a date.")}}


class StartsForm(Inbound):
    """What to change about the chosen departures or sessions."""

    slot: list[Annotated[int, Field(ge=1, le=2**53)]] = Field(default_factory=list[int], max_length=200)
    act: Literal["capacity", "close", "open", "price", "usual"]
    places: Annotated[int, Field(ge=0, le=rules.MAX_CAPACITY)] | None = None
    new_price: Rupiah | None = None
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "act": {"any": lazy("Choose what to do with these days.")},
        "slot": {"any": lazy("Choose one of the options.")},
    }
