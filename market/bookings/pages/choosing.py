"""The fields of a choice as a form shows them, and the price beside them. Used for booking and for changing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from market.bookings import alternatives, checks, choice, departing, suggestions, words
from market.bookings.checks import HORIZON_DAYS
from market.bookings.choice import Asked
from market.bookings.policies import POLICIES
from market.bookings.queries import ListingWords
from market.bookings.quote import Choice, quote
from market.bookings.suggestions import Suggestion
from market.bookings.words import BillLine, MoneyPart, Receivers
from market.i18n import formats
from market.i18n.messages import translate
from market.listings import queries as listings
from market.listings.offering import ExtraItem, Kind, Offering, Per, Room, SlotRow, with_fee
from market.values.dates import local_day
from market.values.party import CHILD, INFANT
from market.values.text import Text, lazy, lazy_n
from market.web.forms import Form

_AS_ROWS = 6
"""Up to so many dates stand open as rows; more of them fold into a select."""


@dataclass(frozen=True, slots=True)
class Start:
    """A departure or session as a row to pick."""

    value: str
    day: str
    month: str
    title: str
    text: str
    tag: tuple[str, str]
    disabled: bool


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A kind of room as a row to pick."""

    value: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ExtraField:
    """An extra: a number of people, or yes or no."""

    name: str
    label: str
    price: str
    by_people: bool


@dataclass(frozen=True, slots=True)
class Fields:
    """Which fields the form has, for this listing."""

    stay: bool
    starts: Sequence[Start]
    more_starts: Sequence[tuple[str, str]]
    rooms: Sequence[RoomRow]
    most_rooms: int
    least_party: int
    most_party: int
    children: str
    infants: str
    extras: Sequence[ExtraField]
    first_day: date
    last_day: date


async def fields_of(
    offering: Offering, form: Form[Any], now: datetime, locale: str, *, own: int | None = None
) -> Fields:
    """The form's fields with what can be picked now. `own` is the date of a booking that changes: always selectable."""
    stay = offering.kind is Kind.HOMESTAY
    starts = [] if stay else await _bookable(offering, {form.value("slot"), str(own)}, now)
    as_rows = len(starts) <= _AS_ROWS
    today = local_day(now)
    return Fields(
        stay=stay,
        starts=[_start(offering, slot, locale, own=own) for slot in starts] if as_rows else [],
        more_starts=[] if as_rows else _options(offering, starts, locale, own=own),
        rooms=[_room(offering, room, locale) for room in offering.rooms] if len(offering.rooms) > 1 else [],
        most_rooms=max((room.count for room in offering.rooms), default=1),
        least_party=offering.min_party,
        most_party=offering.max_party,
        children=_ages(offering, CHILD, locale),
        infants=_ages(offering, INFANT, locale),
        extras=[_extra(offering, extra, locale) for extra in offering.extras],
        first_day=today,
        last_day=today + timedelta(days=HORIZON_DAYS),
    )


async def _bookable(offering: Offering, kept: Collection[str], now: datetime) -> list[SlotRow]:
    """The dates still open for booking, full ones included; those to be kept are always among them."""
    return [
        slot
        for slot in await listings.list_starts(offering.id, now)
        if str(slot.id) in kept
        or (
            slot.status in {"open", "guaranteed"}
            and slot.book_until > now
            and not any(closure.covers(slot.starts_on) for closure in offering.closures)
        )
    ]


def _start(offering: Offering, slot: SlotRow, locale: str, *, own: int | None) -> Start:
    return Start(
        value=str(slot.id),
        day=str(slot.starts_on.day),
        month=formats.month_short(slot.starts_on, locale),
        title=formats.weekday(slot.starts_on, locale),
        text=_text(offering, slot, locale),
        tag=_standing(slot, locale, own=own),
        disabled=slot.free <= 0 and slot.id != own,
    )


def _standing(slot: SlotRow, locale: str, *, own: int | None) -> tuple[str, str]:
    if slot.id == own:
        return "info", translate(_OWN, locale)
    if slot.free > 0:
        return "ok", words.places_left(slot.free, locale)
    return "bad", translate(lazy("Full"), locale)


_OWN = lazy("Your date")


def _text(offering: Offering, slot: SlotRow, locale: str) -> str:
    stands = departing.minimum_of(slot)
    parts = [_hours(offering, slot, locale), words.minimum(stands, locale) if stands else ""]
    return " · ".join(part for part in parts if part)


def _hours(offering: Offering, slot: SlotRow, locale: str) -> str:
    if offering.kind is Kind.TOUR:
        return formats.day_range(slot.starts_on, slot.ends_on, locale)
    begins = formats.time(slot.starts_at, locale)
    return f"{begins}, {formats.duration(offering.minutes, locale)}" if offering.minutes else begins


def _options(
    offering: Offering, starts: Sequence[SlotRow], locale: str, *, own: int | None
) -> list[tuple[str, str]]:
    none = ("", translate(lazy("Choose a date"), locale))
    said = [
        (str(slot.id), _option(offering, slot, locale, own=own))
        for slot in starts
        if slot.free > 0 or slot.id == own
    ]
    return [none, *said]


def _option(offering: Offering, slot: SlotRow, locale: str, *, own: int | None) -> str:
    stands = departing.minimum_of(slot)
    parts = [
        _when(offering, slot, locale),
        translate(_OWN, locale) if slot.id == own else words.places_left(slot.free, locale),
        words.minimum(stands, locale) if stands else "",
    ]
    return " · ".join(part for part in parts if part)


def _when(offering: Offering, slot: SlotRow, locale: str) -> str:
    if slot.starts_on == slot.ends_on:
        return f"{formats.day_short(slot.starts_on, locale)}, {formats.time(slot.starts_at, locale)}"
    return formats.day_range(slot.starts_on, slot.ends_on, locale)


def _room(offering: Offering, room: Room, locale: str) -> RoomRow:
    price = formats.money(with_fee(room.price_minor, offering.service_fee_bp), locale)
    sleeps = lazy_n(
        "sleeps %(count)s, from %(price)s a night",
        "sleeps %(count)s, from %(price)s a night",
        room.sleeps,
        price=price,
    )
    return RoomRow(str(room.id), words.text_of(room.texts, locale, "name"), translate(sleeps, locale))


def _ages(offering: Offering, key: str, locale: str) -> str:
    """`4 to 11 years`, or nothing when this age cannot come (a stay without bands takes every age)."""
    band = offering.band(key)
    if band is None:
        return "" if offering.bands else translate(_ANY_AGE[key], locale)
    if band.min_age == 0:
        return translate(lazy("under %(age)s years", age=band.max_age + 1), locale)
    return translate(lazy("%(low)s to %(high)s years", low=band.min_age, high=band.max_age), locale)


_ANY_AGE = {CHILD: lazy("3 to 11 years"), INFANT: lazy("under 3 years")}
_PER: dict[Per, Text] = {
    Per.PERSON: lazy("a person"),
    Per.BOOKING: lazy("once"),
    Per.NIGHT: lazy("a night"),
    Per.PERSON_NIGHT: lazy("a person and night"),
}


def _extra(offering: Offering, extra: ExtraItem, locale: str) -> ExtraField:
    price = formats.money(with_fee(extra.price_minor, offering.service_fee_bp), locale)
    return ExtraField(
        name=f"{choice.EXTRA}{extra.key}",
        label=words.text_of(extra.texts, locale, "name") or extra.key,
        price=f"{price} {translate(_PER[extra.per], locale)}",
        by_people=choice.counts_people(extra.per),
    )


@dataclass(frozen=True, slots=True)
class Priced:
    """A choice with its price, where the money goes, and what cancelling would give back."""

    lines: Sequence[BillLine]
    total_minor: int
    parts: Sequence[MoneyPart]
    cancellation: Sequence[str]


def priced(
    offering: Offering, picked: Choice, about: ListingWords, *, now: datetime, locale: str, brand: str
) -> Priced:
    """What a choice costs today."""
    offer = quote(offering, picked)
    starts_at = checks.starts_at(offering, picked)
    host = "" if offering.pooled else about.host
    return Priced(
        lines=words.bill(offer, locale),
        total_minor=offer.total,
        parts=words.money_parts(offer.parts, Receivers(host, about.fund, brand), locale),
        cancellation=words.cancellation(
            POLICIES[offering.policy], starts_at=starts_at, from_when=now, locale=locale
        ),
    )


async def alternatives_for(
    offering: Offering, picked: Choice, now: datetime, locale: str
) -> list[Suggestion]:
    """What comes closest to a choice that is gone, ready to press."""
    return [
        suggestions.suggestion(offering, other, locale)
        for other in await alternatives.find(offering, picked, now)
    ]


async def is_gone(offering: Offering, asked: Asked, now: datetime) -> bool:
    """Whether what was asked for may be booked but is not there any more."""
    return asked.choice is not None and not await alternatives.is_free(offering, asked.choice, now)
