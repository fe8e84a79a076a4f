"""A listing as the rules see it: everything needed to price, check and describe it, frozen, without I/O.

`queries.get_offering` loads it; `market.bookings.quote` prices it. Prices are the host's, in whole rupiah.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from market.values.dates import DateRange
from market.values.money import share_of

Texts = dict[str, dict[str, str]]  # locale -> {"name": …, "about": …, …}


class Kind(StrEnum):
    TOUR = "tour"
    HOMESTAY = "homestay"
    LESSON = "lesson"


class Status(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    PAUSED = "paused"


class Per(StrEnum):
    """What an extra's price is multiplied by."""

    PERSON = "person"
    BOOKING = "booking"
    NIGHT = "night"
    PERSON_NIGHT = "person_night"


@dataclass(frozen=True, slots=True)
class Band:
    """An age band: `percent` of the adult price, and whether it takes a seat. Ages are inclusive."""

    key: str
    min_age: int
    max_age: int
    percent: int
    seat: bool


@dataclass(frozen=True, slots=True)
class GroupPrice:
    """From `min_size` people who pay on, the adult price is this."""

    min_size: int
    price_minor: int


@dataclass(frozen=True, slots=True)
class Room:
    id: int
    key: str
    count: int
    sleeps: int
    price_minor: int
    texts: Texts


@dataclass(frozen=True, slots=True)
class SeasonPrice:
    """Month-day strings `MM-DD`, inclusive; `12-20` to `01-05` goes over the year's end."""

    from_md: str
    to_md: str
    percent: int
    texts: Texts

    def covers(self, day: date) -> bool:
        md = day.strftime("%m-%d")
        if self.from_md <= self.to_md:
            return self.from_md <= md <= self.to_md
        return md >= self.from_md or md <= self.to_md


@dataclass(frozen=True, slots=True)
class ExtraItem:
    id: int
    key: str
    price_minor: int
    per: Per
    texts: Texts


@dataclass(frozen=True, slots=True)
class PayeeShare:
    """A guide's (or the materials') share of the host's price, in basis points."""

    kind: str
    bp: int
    texts: Texts


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """Closed from `start` to `end` (both included), with the reason people see."""

    start: date
    end: date
    texts: Texts

    def touches(self, nights: DateRange) -> bool:
        return nights.start <= self.end and self.start < nights.end

    def covers(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True, slots=True)
class StepItem:
    """A day of a tour or a part of a lesson; `room_type_id` is the listed room a tour sleeps in."""

    position: int
    room_type_id: int | None
    meals: tuple[str, ...]
    texts: Texts


@dataclass(frozen=True, slots=True)
class Offering:
    """One listing with all its parts."""

    id: int
    slug: str
    kind: Kind
    status: Status
    host_id: int
    village_id: int
    instant: bool
    policy: str
    min_party: int
    max_party: int
    min_guests: int
    capacity: int
    notice_hours: int
    cutoff_hours: int
    days: int
    minutes: int
    start_time: time
    min_nights: int
    max_nights: int
    price_minor: int
    currency: str
    service_fee_bp: int
    fund_bp: int
    bands: tuple[Band, ...]
    group_prices: tuple[GroupPrice, ...]
    weekday_percent: dict[int, int]
    rooms: tuple[Room, ...]
    seasons: tuple[SeasonPrice, ...]
    extras: tuple[ExtraItem, ...]
    payees: tuple[PayeeShare, ...]
    closures: tuple[ClosedDays, ...]
    steps: tuple[StepItem, ...]
    titles: dict[str, str]
    pooled: bool = False  # hosted by one family after the other, in their own rooms
    night_prices: dict[tuple[int, date], int] = field(default_factory=dict[tuple[int, date], int])

    def band(self, key: str) -> Band | None:
        return next((band for band in self.bands if band.key == key), None)

    def room(self, room_type_id: int) -> Room | None:
        return next((room for room in self.rooms if room.id == room_type_id), None)

    def closed_on(self, nights: DateRange) -> ClosedDays | None:
        """The first closure that touches any of these days."""
        return next((closure for closure in self.closures if closure.touches(nights)), None)


@dataclass(frozen=True, slots=True)
class SlotRow:
    """One departure, session or night with its stock as it is now (dead holds already counted as free)."""

    id: int
    kind: str
    listing_id: int
    room_type_id: int | None
    starts_on: date
    ends_on: date
    starts_at: datetime
    ends_at: datetime
    book_until: datetime
    capacity: int
    free: int
    price_minor: int | None
    min_guests: int
    status: str
    sold: int = 0
    confirmed: int = 0


def with_fee(host_minor: int, service_fee_bp: int) -> int:
    """The price people see for one unit: the host's price plus the service fee, rounded half up per unit."""
    return host_minor + share_of(host_minor, service_fee_bp)


def night_price(offering: Offering, room: Room, night: date) -> int:
    """The host's price of one room on one night: its own if it has one; else season, then weekday percentage."""
    own = offering.night_prices.get((room.id, night))
    if own is not None:
        return own
    season = next((s.percent for s in offering.seasons if s.covers(night)), 100)
    weekday = offering.weekday_percent.get(night.weekday(), 100)
    return share_of(room.price_minor, season * weekday)  # two percentages are basis points


def adult_price(offering: Offering, payers: int, override_minor: int | None = None) -> int:
    """The host's price for one adult when `payers` people pay: a departure's own price, a group step, or the base."""
    if override_minor is not None:
        return override_minor
    steps = [step for step in offering.group_prices if payers >= step.min_size]
    return max(steps, key=lambda step: step.min_size).price_minor if steps else offering.price_minor
