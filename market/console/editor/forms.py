"""The inbound shapes of the editor's sections: one class per form, one per row of a list."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from market.console.editor.values import (
    Body,
    Key,
    Lines,
    Name,
    Note,
    Rupiah,
    RupiahOrNothing,
    ShareBp,
    Summary,
    Title,
)
from market.listings import rules
from market.listings.offering import Per
from market.values.party import MAX_PARTY
from market.values.text import Text, lazy
from market.web.forms import Inbound, wrong

PartySize = Annotated[int, Field(ge=1, le=MAX_PARTY)]
Hours = Annotated[int, Field(ge=0, le=rules.MAX_LEAD_HOURS)]
Nights = Annotated[int, Field(ge=1, le=365)]
Places = Annotated[int, Field(ge=1, le=rules.MAX_CAPACITY)]
Percent = Annotated[int, Field(ge=10, le=1000)]


class WordsForm(Inbound):
    """Title, summary, description and lists, in both languages."""

    title_id: Title = ""
    title_en: Title = ""
    summary_id: Summary = ""
    summary_en: Summary = ""
    body_id: Body = ""
    body_en: Body = ""
    included_id: Lines = ()
    included_en: Lines = ()
    excluded_id: Lines = ()
    excluded_en: Lines = ()
    manners_id: Lines = ()
    manners_en: Lines = ()
    access_id: Note = ""
    access_en: Note = ""


class StartForm(Inbound):
    """The first questions about a new listing."""

    host: int = Field(ge=1, le=2**53)
    kind: Literal["tour", "homestay", "lesson"]
    title_id: Annotated[str, Field(min_length=3, max_length=rules.MAX_TITLE)]
    title_en: Title = ""
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "kind": {"any": lazy("Choose what you offer.")},
        "host": {"any": lazy("Choose who hosts.")},
    }


class _Terms(Inbound):
    instant: Literal["yes", "no"]
    policy: Annotated[str, Field(max_length=40)]
    min_party: PartySize
    max_party: PartySize
    notice_hours: Hours
    cutoff_hours: Hours
    languages: list[str] = Field(max_length=20)
    themes: list[str] = Field(default_factory=list, max_length=20)

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "instant": {"any": lazy("Choose how guests book.")},
        "policy": {"any": lazy("Choose a cancellation policy.")},
        "languages": {"any": lazy("Choose the languages that are spoken.")},
    }

    @model_validator(mode="after")
    def _sizes_agree(self) -> Self:
        if self.max_party < self.min_party:
            raise wrong(lazy("The largest party is at least as big as the smallest."))
        return self


class StayTerms(_Terms):
    """How guests book a homestay."""

    min_nights: Nights
    max_nights: Nights


class LessonTerms(_Terms):
    """How guests book a class."""

    capacity: Places
    min_guests: Places
    minutes: Annotated[int, Field(ge=15, le=rules.MAX_MINUTES)]
    start_time: time


class TourTerms(_Terms):
    """How guests book a tour. Its days are described in a section of their own."""

    capacity: Places
    min_guests: Places
    start_time: time


class PriceForm(Inbound):
    """The adult price, and what younger guests pay."""

    price: Rupiah
    ages: Literal["adults", "children", "babies"]
    adult_from: Annotated[int, Field(ge=1, le=30)] = 12
    child_percent: Annotated[int, Field(ge=0, le=100)] = 50
    baby_until: Annotated[int, Field(ge=0, le=10)] = 3

    @model_validator(mode="after")
    def _ages_follow(self) -> Self:
        if self.ages == "babies" and self.baby_until + 1 >= self.adult_from:
            raise wrong(lazy("Children are older than babies and younger than adults."))
        return self


class WeekdayForm(Inbound):
    """Room prices on some weekdays, in per cent of the usual price; blank is the usual price."""

    day_0: Percent | None = None
    day_1: Percent | None = None
    day_2: Percent | None = None
    day_3: Percent | None = None
    day_4: Percent | None = None
    day_5: Percent | None = None
    day_6: Percent | None = None


class PlaceForm(Inbound):
    """Where it is, and the cloth of its cover."""

    address: Annotated[str, Field(max_length=300)] = ""
    lat: Annotated[float, Field(ge=-12, le=-7)] | None = None
    lon: Annotated[float, Field(ge=117, le=127)] | None = None
    emblem: Annotated[str, Field(max_length=40)]
    region: Annotated[str, Field(max_length=40)]
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "lat": {"any": lazy("Enter a latitude in East Nusa Tenggara, for example -8.79.")},
        "lon": {"any": lazy("Enter a longitude in East Nusa Tenggara, for example 120.98.")},
    }


class RoomRow(Inbound):
    """A kind of room; its key is made from its name and then stays."""

    key: Key = ""
    name_id: Annotated[Name, Field(min_length=1)]
    name_en: Name = ""
    about_id: Note = ""
    about_en: Note = ""
    count: Annotated[int, Field(ge=0, le=100)]
    sleeps: Annotated[int, Field(ge=1, le=20)]
    price: Rupiah


class SeasonRow(Inbound):
    """Days of the year with another room price."""

    name_id: Annotated[Name, Field(min_length=1)]
    name_en: Name = ""
    from_day: Annotated[int, Field(ge=1, le=31)]
    from_month: Annotated[int, Field(ge=1, le=12)]
    to_day: Annotated[int, Field(ge=1, le=31)]
    to_month: Annotated[int, Field(ge=1, le=12)]
    percent: Percent


class ExtraRow(Inbound):
    """Something a guest may add."""

    key: Key = ""
    name_id: Annotated[Name, Field(min_length=1)]
    name_en: Name = ""
    price: RupiahOrNothing
    per: Per


class PayeeRow(Inbound):
    """A guide, or the materials, with a share of the host's price."""

    name_id: Annotated[Name, Field(min_length=1)]
    name_en: Name = ""
    kind: Literal["guide", "materials"]
    share: ShareBp


class ClosureRow(Inbound):
    """Days without guests, with the reason people see."""

    start: date
    end: date
    reason_id: Annotated[Name, Field(min_length=1)]
    reason_en: Name = ""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise wrong(lazy("A closed period ends after it starts."))
        return self


class StepRow(Inbound):
    """A part of a class."""

    title_id: Annotated[Title, Field(min_length=1)]
    title_en: Title = ""
    body_id: Annotated[str, Field(max_length=1200)] = ""
    body_en: Annotated[str, Field(max_length=1200)] = ""


class DayRow(StepRow):
    """A day of a tour: meals, and the listed room where it ends."""

    meals: list[Literal["breakfast", "lunch", "dinner"]] = Field(default_factory=list)
    sleeps: Annotated[int, Field(ge=1, le=2**53)] | None = None


class GroupRow(Inbound):
    """From so many people on, another price for each adult."""

    min_size: Annotated[int, Field(ge=2, le=MAX_PARTY)]
    price: Rupiah
