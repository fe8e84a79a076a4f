"""What a visitor has chosen on a listing's page so far: days, room, start, party, extras, month of the calendar."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from pydantic import Field

from market.bookings.checks import HORIZON_DAYS
from market.discovery import forgiving
from market.listings.offering import Offering, Per
from market.values.dates import DateRange
from market.values.party import MAX_PARTY, Party
from market.web import forms, urls

_MOST = 2**53


class TripForm(forms.Inbound):
    """The query string of a listing's page; everything may be missing."""

    from_: date | None = Field(None, alias="from")
    to: date | None = None
    adults: int | None = Field(None, ge=1, le=MAX_PARTY)
    children: int = Field(0, ge=0, le=MAX_PARTY)
    infants: int = Field(0, ge=0, le=MAX_PARTY)
    room: int | None = Field(None, ge=1, le=_MOST)
    rooms: int | None = Field(None, ge=1, le=50)
    slot: int | None = Field(None, ge=1, le=_MOST)
    month: str = Field("", pattern=r"^\d{4}-(0[1-9]|1[0-2])$")
    reviews: int = Field(1, ge=1, le=1000)


@dataclass(frozen=True, slots=True)
class Trip:
    """The choices that can be used. `start` may stand alone: the day of departure is chosen next."""

    slug: str
    party: Party
    party_given: bool
    start: date | None
    end: date | None
    room: int | None
    rooms: int | None
    slot: int | None
    month: date | None
    reviews: int
    extras: dict[str, int]

    @property
    def nights(self) -> DateRange | None:
        return DateRange(self.start, self.end) if self.start and self.end else None

    def values(self) -> dict[str, Any]:
        """The query string's values, defaults left out."""
        given: dict[str, Any] = {
            "from": self.start.isoformat() if self.start else None,
            "to": self.end.isoformat() if self.end else None,
            "room": self.room,
            "rooms": self.rooms,
            "slot": self.slot,
            **{f"extra_{key}": count for key, count in self.extras.items() if count},
            "month": self.month.strftime("%Y-%m") if self.month else None,
            "reviews": self.reviews if self.reviews > 1 else None,
        }
        if self.party_given:
            given |= {
                "adults": self.party.adults,
                "children": self.party.children or None,
                "infants": self.party.infants or None,
            }
        return {name: value for name, value in given.items() if value is not None}

    def href(self, locale: str, *, anchor: str = "", **changes: Any) -> str:
        """This page with some choices changed."""
        path = urls.path(
            "discovery:listing", locale=locale, slug=self.slug, **replace(self, **changes).values()
        )
        return f"{path}#{anchor}" if anchor else path


def read(raw: dict[str, list[str]], offering: Offering, today: date, locale: str) -> Trip:
    """The choices in the query string that make sense for this listing; the rest is left out silently."""
    form, _ = forgiving.read(TripForm, raw, locale)
    last = today + timedelta(days=HORIZON_DAYS)
    start = form.from_ if form.from_ is not None and today <= form.from_ < last else None
    end = form.to if start is not None and form.to is not None and start < form.to <= last else None
    party = _party(form, offering)
    return Trip(
        slug=offering.slug,
        party=party,
        party_given=form.adults is not None,
        start=start,
        end=end,
        room=form.room if form.room and offering.room(form.room) else None,
        rooms=form.rooms,
        slot=form.slot,
        month=_month(form.month),
        reviews=form.reviews,
        extras=_extras(raw, offering, party),
    )


def _party(form: TripForm, offering: Offering) -> Party:
    adults = form.adults or min(offering.max_party, max(offering.min_party, 2))
    try:
        return Party(adults, form.children, form.infants)
    except ValueError:
        return Party(adults)


def _extras(raw: dict[str, list[str]], offering: Offering, party: Party) -> dict[str, int]:
    found: dict[str, int] = {}
    for extra in offering.extras:
        most = party.total if extra.per in {Per.PERSON, Per.PERSON_NIGHT} else 1
        text = (raw.get(f"extra_{extra.key}") or ["0"])[0].strip()
        if text.isascii() and text.isdigit() and len(text) < 4:
            found[extra.key] = min(int(text), most)
    return found


def _month(text: str) -> date | None:
    if not text:
        return None
    year, month = text.split("-")
    return date(int(year), int(month), 1) if int(year) > 0 else None
