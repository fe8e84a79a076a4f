"""From what a guest picked in a form or an address to a `Choice` that can be priced.

Reads and loads; whether the choice may be booked is decided by `checks`, whether it is free by `alternatives`.
Nothing that was typed is lost: the form keeps it and shows each complaint beside its field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from market.bookings import checks
from market.bookings.checks import HORIZON_DAYS
from market.bookings.quote import Choice
from market.bookings.rows import BookingRow
from market.i18n.messages import translate
from market.listings import queries as listings
from market.listings.offering import Kind, Offering, Per, Room, SlotRow
from market.values.dates import DateRange, local_day
from market.values.party import MAX_PARTY, Party
from market.values.text import Text, lazy, lazy_n
from market.web.forms import Form, Inbound, parse, wrong

EXTRA = "extra_"
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LARGEST_ID = 2**63 - 1
_MOST = 9_999
"""A number of people or rooms beyond this is a slip; below, the listing's own limit is told."""
_DATE_WORDS = lazy("Choose a date, for example 2026-12-24.")


def _iso_day(value: object) -> object:
    """Only a written day is a day: a bare number must not be taken for seconds since 1970."""
    if isinstance(value, str) and _ISO_DAY.fullmatch(value) is None:
        raise wrong(_DATE_WORDS)
    return value


Day = Annotated[date, BeforeValidator(_iso_day)]
Id = Annotated[int, Field(ge=1, le=_LARGEST_ID)]
_ODD_ID: dict[str, Text] = {"any": lazy("Choose one of the options.")}


class ChoiceInput(Inbound):
    """The fields a listing page, a quote form or a change form may carry. Extras come beside them."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "slot": _ODD_ID,
        "room": _ODD_ID,
        "from": {"any": _DATE_WORDS},
        "to": {"any": _DATE_WORDS},
    }

    from_on: Day | None = Field(None, alias="from")
    to_on: Day | None = Field(None, alias="to")
    room: Id | None = None
    rooms: Annotated[int, Field(ge=1, le=_MOST)] | None = None
    slot: Id | None = None
    adults: Annotated[int, Field(ge=1, le=_MOST)] | None = None
    children: Annotated[int, Field(ge=0, le=_MOST)] = 0
    infants: Annotated[int, Field(ge=0, le=_MOST)] = 0


FIELDS = ("from", "to", "room", "rooms", "slot", "adults", "children", "infants")


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for. `form` shows it again with any complaints; `choice` is there when nothing is wrong."""

    form: Form[Any]
    choice: Choice | None
    started: bool
    """False when no field was given yet: an empty form is not a mistake."""


async def read(offering: Offering, raw: Mapping[str, list[str]], *, now: datetime, locale: str) -> Asked:
    """Read a choice of one offering and check it against today's rules."""
    given = {name: values for name, values in raw.items() if name in FIELDS or name.startswith(EXTRA)}
    started = any(value.strip() for values in given.values() for value in values)
    parsed = parse(ChoiceInput, given, locale)
    form = Form(_shown(offering, parsed.raw), None, list(parsed.errors) if started else [])
    extras = _extras(offering, form, locale)
    if not started or parsed.data is None or form.errors:
        return Asked(form, None, started)
    choice = await _choice(offering, parsed.data, extras, form, now=now, locale=locale)
    if choice is None:
        return Asked(form, None, started)
    for field, message in checks.problems(offering, choice, now):
        form.add_error(_field(offering, field), translate(message, locale))
    return Asked(form, None if form.errors else choice, started)


def _field(offering: Offering, field: str) -> str:
    """A stay's room is not asked for where there is only one kind: its complaints stand at the rooms."""
    return "rooms" if field == "room" and len(offering.rooms) == 1 else field


def _shown(offering: Offering, raw: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What the form shows: what was typed, and quiet defaults where nothing was."""
    defaults = {"adults": str(max(1, offering.min_party)), "children": "0", "infants": "0"}
    if offering.kind is Kind.HOMESTAY and len(offering.rooms) == 1:
        defaults["room"] = str(offering.rooms[0].id)
    defaults |= {f"{EXTRA}{extra.key}": "0" for extra in offering.extras if counts_people(extra.per)}
    typed = {name: values for name, values in raw.items() if any(value.strip() for value in values)}
    return {**{name: [value] for name, value in defaults.items()}, **typed}


def _extras(offering: Offering, form: Form[Any], locale: str) -> dict[str, int]:
    """The extras asked for by key; a count that is no number is a complaint at its field."""
    wanted: dict[str, int] = {}
    offered = {f"{EXTRA}{extra.key}": extra.key for extra in offering.extras}
    for name, key in offered.items():
        typed = form.value(name).strip()
        if typed and not (typed.isascii() and typed.isdigit() and len(typed) <= 3):
            form.add_error(name, translate(lazy("Enter a whole number, for example 2."), locale))
        elif typed and int(typed):
            wanted[key] = int(typed)
    if any(name.startswith(EXTRA) and name not in offered for name in form.raw):
        form.add_error("", translate(lazy("One of the extras is not offered any more."), locale))
    return wanted


async def _choice(
    offering: Offering,
    data: ChoiceInput,
    extras: dict[str, int],
    form: Form[Any],
    *,
    now: datetime,
    locale: str,
) -> Choice | None:
    party = _party(offering, data)
    stay = offering.kind is Kind.HOMESTAY
    nights = _nights(data, form, now=now, locale=locale) if stay else None
    if party is None:
        message = lazy_n(
            "At most %(count)s guest.", "At most %(count)s guests.", min(offering.max_party, MAX_PARTY)
        )
        form.add_error("adults", translate(message, locale))
    if form.errors or party is None:
        return None
    if not stay:
        return Choice(party, slot=await _slot(offering, data, now), extras=extras)
    room = _room(offering, data)
    rooms = data.rooms or (_rooms_for(party, room) if room else 1)
    form.raw = {**form.raw, "rooms": [str(rooms)]}
    return Choice(party, room=room, rooms=rooms, nights=nights, extras=extras)


def _party(offering: Offering, data: ChoiceInput) -> Party | None:
    adults = data.adults if data.adults is not None else max(1, offering.min_party)
    if adults + data.children + data.infants > MAX_PARTY:
        return None
    return Party(adults, data.children, data.infants)


async def _slot(offering: Offering, data: ChoiceInput, now: datetime) -> SlotRow | None:
    """The departure or session; another listing's is as good as none."""
    slot = await listings.get_slot(data.slot, now) if data.slot is not None else None
    return slot if slot is not None and slot.listing_id == offering.id and slot.kind != "night" else None


def _room(offering: Offering, data: ChoiceInput) -> Room | None:
    if data.room is None:
        return offering.rooms[0] if len(offering.rooms) == 1 else None
    return offering.room(data.room)


def _rooms_for(party: Party, room: Room) -> int:
    """As many rooms as the party needs, where nobody said."""
    return max(1, -(-(party.total - party.infants) // room.sleeps))


def _nights(data: ChoiceInput, form: Form[Any], *, now: datetime, locale: str) -> DateRange | None:
    today = local_day(now)
    for name, day in (("from", data.from_on), ("to", data.to_on)):
        if day is None:
            form.add_error(name, translate(_MISSING_DAY[name], locale))
        elif day < today:
            form.add_error(name, translate(lazy("This day has passed. Please choose a later one."), locale))
        elif day > today + timedelta(days=HORIZON_DAYS):
            form.add_error(name, translate(lazy("Rooms can be booked up to a year ahead."), locale))
    if form.errors or data.from_on is None or data.to_on is None:
        return None
    if data.to_on <= data.from_on:
        form.add_error("to", translate(lazy("Choose a day after the day you arrive."), locale))
        return None
    return DateRange(data.from_on, data.to_on)


_MISSING_DAY = {"from": lazy("Choose the day you arrive."), "to": lazy("Choose the day you leave.")}


def params(choice: Choice) -> dict[str, str]:
    """A choice as query parameters: the address at which it is shown again."""
    given: dict[str, str] = {}
    if choice.slot is not None:
        given["slot"] = str(choice.slot.id)
    if choice.nights is not None:
        given |= {"from": choice.nights.start.isoformat(), "to": choice.nights.end.isoformat()}
    if choice.room is not None:
        given |= {"room": str(choice.room.id), "rooms": str(choice.rooms)}
    party = choice.party
    given |= {"adults": str(party.adults), "children": str(party.children), "infants": str(party.infants)}
    return given | {f"{EXTRA}{key}": str(count) for key, count in choice.extras.items() if count}


def booked(booking: BookingRow) -> dict[str, str]:
    """What a booking is for, as the same query parameters."""
    given: dict[str, str] = {}
    room = booking.offer["room"]
    if booking.slot_id is not None:
        given["slot"] = str(booking.slot_id)
    if room is not None:
        given |= {"from": booking.starts_on.isoformat(), "to": booking.ends_on.isoformat()}
        given |= {"room": str(room["id"]), "rooms": str(booking.offer["rooms"])}
    given |= {
        "adults": str(booking.adults),
        "children": str(booking.children),
        "infants": str(booking.infants),
    }
    return given | {f"{EXTRA}{key}": str(count) for key, count in booking.extras.items()}


def counts_people(per: Per) -> bool:
    """Whether an extra is asked for by number of people, or simply yes or no."""
    return per in {Per.PERSON, Per.PERSON_NIGHT}
