"""What a visitor asks of search: the shape of the query string, forgiven where it cannot be used.

Nothing a person (or a robot) writes into the address makes an error page: a bad value is left out, and a note
says so. Addresses are short and shareable: only what differs from the defaults is in them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final

from pydantic import Field
from starlette.datastructures import QueryParams

from market.discovery import forgiving
from market.discovery.directory import Directory, Place
from market.i18n.messages import translate
from market.listings.languages_themes import LANGUAGES, THEMES
from market.listings.offering import Kind
from market.values.dates import DateRange
from market.values.party import Party
from market.values.text import Text, lazy
from market.web import forms, urls

HORIZON: Final = timedelta(days=365)
USUAL_NIGHTS: Final = 3
_LONGEST_STAY: Final = 90
_USUAL_ADULTS: Final = 2
_NOWHERE: Final = "put-the-place-here"
_LABELS: Final[dict[str, Text]] = {
    "q": lazy("Words"),
    "place": lazy("Where"),
    "from": lazy("From"),
    "to": lazy("To"),
    "adults": lazy("Adults"),
    "children": lazy("Children"),
    "kind": lazy("Kind"),
    "max": lazy("Highest price"),
    "language": lazy("Language spoken"),
    "theme": lazy("Theme"),
    "sort": lazy("Sort by"),
    "page": lazy("Page"),
}


class Sort(StrEnum):
    RECOMMENDED = "recommended"
    PRICE = "price"
    RATING = "rating"
    SOONEST = "soonest"


class AskedForm(forms.Inbound):
    """The query string as it comes."""

    q: str = Field("", max_length=120)
    place: str = Field("", max_length=120)
    from_: date | None = Field(None, alias="from")
    to: date | None = None
    adults: int | None = Field(None, ge=1, le=30)
    children: int = Field(0, ge=0, le=20)
    kind: Kind | None = None
    max: int | None = Field(None, ge=1, le=10**12)
    language: str = Field("", max_length=20)
    theme: str = Field("", max_length=20)
    sort: Sort = Sort.RECOMMENDED
    page: int = Field(1, ge=1, le=100)


@dataclass(frozen=True, slots=True)
class Asked:
    """A search that makes sense. `party` is None when neither dates nor guests were given."""

    q: str = ""
    place: Place | None = None
    dates: DateRange | None = None
    adults: int | None = None
    children: int = 0
    kind: Kind | None = None
    max_minor: int | None = None
    language: str = ""
    theme: str = ""
    sort: Sort = Sort.RECOMMENDED
    page: int = 1

    @property
    def party(self) -> Party | None:
        """Who travels; two adults where dates were asked for and nobody was counted."""
        if self.adults is None and self.dates is None and not self.children:
            return None
        return Party(self.adults or _USUAL_ADULTS, self.children)

    def values(self) -> dict[str, str]:
        """The query string's values, defaults left out."""
        given: dict[str, Any] = {
            "q": self.q,
            "place": self.place.slug if self.place else "",
            "from": self.dates.start.isoformat() if self.dates else "",
            "to": self.dates.end.isoformat() if self.dates else "",
            "adults": self.adults,
            "children": self.children or "",
            "kind": self.kind.value if self.kind else "",
            "max": self.max_minor,
            "language": self.language,
            "theme": self.theme,
            "sort": self.sort.value if self.sort is not Sort.RECOMMENDED else "",
            "page": self.page if self.page > 1 else "",
        }
        return {name: str(value) for name, value in given.items() if value not in {None, ""}}

    def trip(self) -> dict[str, str]:
        """The part of the query that a listing's own page understands: dates and party."""
        return {n: v for n, v in self.values().items() if n in {"from", "to", "adults", "children"}}

    def href(self, locale: str, **changes: Any) -> str:
        """The address of this search with some things changed; the page starts again at the first."""
        changed = replace(self, **{"page": 1, **changes})
        return urls.path("discovery:search", locale=locale, **changed.values())

    def elsewhere(self, locale: str) -> tuple[str, str]:
        """The address of this search in another place, in two parts: what stands before the place, and after it."""
        nowhere = Place(_NOWHERE, "", "", (), "")
        before, _, after = self.href(locale, place=nowhere).partition(_NOWHERE)
        return before, after

    def paged(self, locale: str) -> Callable[[int], str]:
        """The addresses of this search's pages: only the number differs, so the rest is written once."""
        first = self.href(locale)
        joint = "&" if "?" in first else "?"
        return lambda number: f"{first}{joint}page={number}" if number > 1 else first


def read(query: QueryParams, directory: Directory, today: date, locale: str) -> tuple[Asked, list[str]]:
    """The search that was asked for, and a sentence for everything that had to be left out."""
    form, problems = forgiving.read(AskedForm, forms.raw_values(query), locale)
    notes = [_left_out(name, problem, locale) for name, problem in problems if name in _LABELS]
    place, dates = None, None
    if form.place:
        place = directory.find(form.place)
        if place is None:
            notes.append(_left_out("place", lazy("We do not know this place."), locale))
    if form.from_ is not None or form.to is not None:
        dates, problem = _dates(form.from_, form.to, today)
        if problem is not None:
            notes.append(translate(problem, locale))
    language, theme = (_known(form, name, table, notes, locale) for name, table in _TABLES)
    asked = Asked(
        q=form.q,
        place=place,
        dates=dates,
        adults=form.adults,
        children=form.children,
        kind=form.kind,
        max_minor=form.max,
        language=language,
        theme=theme,
        sort=form.sort,
        page=form.page,
    )
    return asked, notes


_TABLES: Final = (("language", LANGUAGES), ("theme", THEMES))


def _known(form: AskedForm, name: str, table: dict[str, Text], notes: list[str], locale: str) -> str:
    value: str = getattr(form, name)
    if not value or value in table:
        return value
    notes.append(_left_out(name, lazy("Choose one of the options."), locale))
    return ""


def _left_out(name: str, problem: Text | str, locale: str) -> str:
    sentence = lazy("%(field)s: %(problem)s We searched without it.", field=_LABELS[name], problem=problem)
    return translate(sentence, locale)


def _dates(start: date | None, end: date | None, today: date) -> tuple[DateRange | None, Text | None]:
    """The stay, completed where only one day was given; a sentence where something was changed or left out."""
    if start is None and end is not None:
        start = max(today, end - timedelta(days=USUAL_NIGHTS))
    if start is None or start < today:
        return None, lazy("The first day has passed, so we searched without dates.")
    if start > today + HORIZON:
        return None, lazy("Dates can be searched up to a year ahead, so we searched without dates.")
    if end is None:
        return DateRange(start, start + timedelta(days=USUAL_NIGHTS)), lazy(
            "You gave the first day only: these are the results for 3 nights."
        )
    if end <= start:
        return DateRange(start, start + timedelta(days=1)), lazy(
            "The last day was not after the first one: these are the results for one night."
        )
    if (end - start).days > _LONGEST_STAY:
        return DateRange(start, start + timedelta(days=_LONGEST_STAY)), lazy(
            "These are the results for the first 90 days of your dates."
        )
    return DateRange(start, end), None
