"""The booking box: what can be chosen, the price of what is chosen, and what to choose instead when it is gone.

Pure: it gets the offering with its stock and gives frozen rows. The form it feeds leads to `bookings:quote`,
where the database decides; here a visitor only sees the price before going there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from market.bookings.checks import problems
from market.bookings.quote import Choice, Line, quote, seats
from market.discovery.listing.calendar import Night
from market.discovery.listing.starts import (
    SHOWN_AT_ONCE,
    Start,
    chosen,
    is_open,
    is_sold_out,
    start_rows,
)
from market.discovery.listing.trip import Trip
from market.i18n import formats
from market.i18n.locales import pick
from market.i18n.messages import translate
from market.listings.offering import ExtraItem, Kind, Offering, Per, Room, SlotRow, with_fee
from market.values.dates import DateRange
from market.values.text import Text, lazy, lazy_n
from market.web import forms, urls


@dataclass(frozen=True, slots=True)
class BillLine:
    """A line of `ui/bill.html`."""

    label: str
    amount: str


@dataclass(frozen=True, slots=True)
class ExtraField:
    """An extra as a field: counted where it is per person, otherwise yes or no."""

    name: str
    label: str
    hint: str
    most: int


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Box:
    """Everything the box shows. `bill` is empty until the choice can be priced; `hint` then says what to do."""

    form: forms.Form[Any]
    starts: list[Start]
    later_starts: list[Start]
    rooms: list[tuple[str, str]]
    extras: list[ExtraField]
    bill: list[BillLine]
    total: str
    hint: str
    instead: list[Link]
    waiting: list[Link]
    most_guests: int
    most_rooms: int
    children: bool
    infants: bool


def starts_box(offering: Offering, slots: Sequence[SlotRow], trip: Trip, now: datetime, locale: str) -> Box:
    """The box of a tour or a class: a start, a party, extras."""
    needed = max(1, seats(offering, trip.party))
    slot = chosen(offering, slots, trip.slot, (trip.start, trip.end), needed, now)
    choice = Choice(trip.party, slot=slot, extras=trip.extras) if slot else None
    rows = start_rows(offering, slots, needed, now, locale)
    first, later = _parted(rows, slot)
    gone = _gone(offering, slots, trip, slot, needed, now)
    instead = _other_starts(offering, slots, trip, needed, now, locale) if gone else []
    hint = (
        translate(gone, locale)
        if gone
        else ""
        if slot
        else translate(lazy("No dates at the moment."), locale)
    )
    waiting = [
        Link(
            formats.day_range(s.starts_on, s.ends_on, locale),
            _waiting_href(offering, trip, locale, slot=s.id),
        )
        for s in slots
        if is_sold_out(offering, s, needed, now)
    ]
    return _box(
        offering,
        trip,
        choice,
        now,
        locale,
        hint=hint,
        instead=instead,
        starts=(first, later),
        waiting=waiting,
    )


def _waiting_href(offering: Offering, trip: Trip, locale: str, **what: Any) -> str:
    """The waiting list of something for this party."""
    party = trip.party
    guests = {"adults": party.adults, "children": party.children or None, "infants": party.infants or None}
    return urls.path("bookings:waiting_list", locale=locale, slug=offering.slug, **what, **guests)


def _parted(rows: list[Start], slot: SlotRow | None) -> tuple[list[Start], list[Start]]:
    """The rows shown at once, and those behind "more dates"; the chosen one is always among the first."""
    at = next((n for n, row in enumerate(rows) if slot and row.value == str(slot.id)), 0)
    begin = max(0, min(at - 1, len(rows) - SHOWN_AT_ONCE)) if at >= SHOWN_AT_ONCE else 0
    first = rows[begin : begin + SHOWN_AT_ONCE]
    return first, [row for row in rows if row not in first]


def _gone(
    offering: Offering, slots: Sequence[SlotRow], trip: Trip, slot: SlotRow | None, needed: int, now: datetime
) -> Text | None:
    """What to say when the start or the days asked for cannot be had."""
    asked = next((s for s in slots if s.id == trip.slot), None)
    if asked is not None and not is_open(offering, asked, needed, now):
        return lazy("The date you chose has no places for your party any more.")
    outside = (
        slot is None or (trip.start and slot.starts_on < trip.start) or (trip.end and slot.ends_on > trip.end)
    )
    if trip.slot is None and trip.start is not None and trip.end is not None and outside:
        return lazy("Nothing is free within your days. These are the next dates.")
    return None


def _other_starts(
    offering: Offering, slots: Sequence[SlotRow], trip: Trip, needed: int, now: datetime, locale: str
) -> list[Link]:
    free = [slot for slot in slots if is_open(offering, slot, needed, now)][:3]
    return [
        Link(
            formats.day_range(slot.starts_on, slot.ends_on, locale),
            trip.href(locale, anchor="book", slot=slot.id, start=None, end=None),
        )
        for slot in free
    ]


def stay_box(
    offering: Offering,
    nights: Mapping[int, Mapping[date, Night]],
    room: Room | None,
    trip: Trip,
    now: datetime,
    locale: str,
) -> Box:
    """The box of a homestay: days, room, party, extras. `nights` are the nights of the calendar by room."""
    stay = trip.nights
    choice, hint, instead = (
        None,
        translate(lazy("Choose your nights to see the price."), locale),
        list[Link](),
    )
    waiting: list[Link] = []
    if stay is not None and room is not None:
        rooms = trip.rooms or rooms_for(room, trip.party.total - trip.party.infants)
        choice = Choice(trip.party, room=room, rooms=rooms, nights=stay, extras=trip.extras)
        hint = ""
        if not _free_throughout(nights.get(room.id, {}), list(stay), rooms):
            choice, hint = None, translate(lazy("This room is not free on all of these nights."), locale)
            instead = _other_rooms(offering, nights, room, trip, locale)
            waiting = _wait_for_nights(offering, room, stay, rooms, trip, now, locale)
    elif trip.start is not None:
        hint = translate(lazy("Now choose the day you leave."), locale)
    return _box(offering, trip, choice, now, locale, hint=hint, instead=instead, room=room, waiting=waiting)


def _wait_for_nights(
    offering: Offering, room: Room, stay: DateRange, rooms: int, trip: Trip, now: datetime, locale: str
) -> list[Link]:
    """The waiting list of these nights, unless the house is closed or they could not be booked anyway."""
    if problems(offering, Choice(trip.party, room=room, rooms=rooms, nights=stay), now):
        return []
    what = {"from": stay.start.isoformat(), "to": stay.end.isoformat(), "room": room.id, "rooms": rooms}
    label = formats.day_range(stay.start, stay.end, locale)
    return [Link(label, _waiting_href(offering, trip, locale, **what))]


def rooms_for(room: Room, guests: int) -> int:
    """How many such rooms so many guests need."""
    return max(1, -(-guests // room.sleeps))


def _free_throughout(nights: Mapping[date, Night], wanted: list[date], rooms: int) -> bool:
    """Nights outside the calendar's range are left to the booking itself."""
    known = [nights[day] for day in wanted if day in nights]
    return all(night.free >= rooms and not night.closed for night in known)


def _other_rooms(
    offering: Offering, nights: Mapping[int, Mapping[date, Night]], room: Room, trip: Trip, locale: str
) -> list[Link]:
    """Other rooms on the same nights, and the same room a week later."""
    stay = trip.nights
    if stay is None:
        return []
    links: list[Link] = []
    for other in offering.rooms:
        needed = rooms_for(other, trip.party.total - trip.party.infants)
        free = needed <= other.count and _free_throughout(nights.get(other.id, {}), list(stay), needed)
        if other.id != room.id and free:
            name = pick(other.texts, locale).get("name", other.key) if other.texts else other.key
            links.append(Link(name, trip.href(locale, anchor="book", room=other.id, rooms=None)))
    for days in range(1, 29):
        start, end = stay.start + timedelta(days=days), stay.end + timedelta(days=days)
        moved = [night + timedelta(days=days) for night in stay]
        known = nights.get(room.id, {})
        needed = rooms_for(room, trip.party.total - trip.party.infants)
        if all(night in known for night in moved) and _free_throughout(known, moved, needed):
            label = formats.day_range(start, end, locale)
            links.append(Link(label, trip.href(locale, anchor="book", start=start, end=end, month=None)))
            break
    return links


def _box(
    offering: Offering,
    trip: Trip,
    choice: Choice | None,
    now: datetime,
    locale: str,
    *,
    hint: str,
    instead: list[Link],
    waiting: list[Link],
    starts: tuple[list[Start], list[Start]] = ([], []),
    room: Room | None = None,
) -> Box:
    lines: list[BillLine] = []
    total = ""
    if choice is not None:
        wrong = problems(offering, choice, now)
        if wrong:
            hint = " ".join(dict.fromkeys(translate(text, locale) for _, text in wrong))
        else:
            priced = quote(offering, choice)
            lines = [
                BillLine(line_label(line, locale), formats.money(line.amount, locale))
                for line in priced.lines
            ]
            total = formats.money(priced.total, locale)
    bands = {band.key for band in offering.bands}
    return Box(
        form=_form(offering, trip, choice, room),
        starts=starts[0],
        later_starts=starts[1],
        rooms=[(str(r.id), _room_option(r, offering, locale)) for r in offering.rooms],
        extras=[_extra(extra, offering, trip, locale) for extra in offering.extras],
        bill=lines,
        total=total,
        hint=hint,
        instead=instead,
        waiting=waiting,
        most_guests=offering.max_party,
        most_rooms=max((r.count for r in offering.rooms), default=1),
        children=not bands or "child" in bands,
        infants=not bands or "infant" in bands,
    )


def _form(offering: Offering, trip: Trip, choice: Choice | None, room: Room | None) -> forms.Form[Any]:
    values: dict[str, Any] = {
        "adults": trip.party.adults,
        "children": trip.party.children,
        "infants": trip.party.infants,
        **{f"extra_{extra.key}": trip.extras.get(extra.key, 0) for extra in offering.extras},
    }
    if offering.kind is Kind.HOMESTAY:
        guests = trip.party.total - trip.party.infants
        values |= {
            "from": trip.start.isoformat() if trip.start else "",
            "to": trip.end.isoformat() if trip.end else "",
            "room": room.id if room else "",
            "rooms": trip.rooms or (rooms_for(room, guests) if room else 1),
        }
    elif choice is not None and choice.slot is not None:
        values["slot"] = choice.slot.id
    return forms.filled(values)


def _room_option(room: Room, offering: Offering, locale: str) -> str:
    name = pick(room.texts, locale).get("name", room.key) if room.texts else room.key
    price = formats.money(with_fee(room.price_minor, offering.service_fee_bp), locale)
    return translate(lazy("%(name)s, %(price)s a night", name=name, price=price), locale)


def _extra(extra: ExtraItem, offering: Offering, trip: Trip, locale: str) -> ExtraField:
    name = pick(extra.texts, locale).get("name", extra.key) if extra.texts else extra.key
    price = formats.money(with_fee(extra.price_minor, offering.service_fee_bp), locale)
    words = {
        Per.PERSON: lazy("%(price)s per person", price=price),
        Per.BOOKING: lazy("%(price)s in all", price=price),
        Per.NIGHT: lazy("%(price)s per night", price=price),
        Per.PERSON_NIGHT: lazy("%(price)s per person and night", price=price),
    }
    counted = extra.per in {Per.PERSON, Per.PERSON_NIGHT}
    most = offering.max_party if counted else 1
    return ExtraField(f"extra_{extra.key}", name, translate(words[extra.per], locale), most)


def line_label(line: Line, locale: str) -> str:
    """`2 adults × Rp 2,625,000`, `Front room, 3 nights × Rp 262,500`."""
    price = formats.money(line.unit_minor, locale)
    name = pick(line.texts, locale).get("name", line.key) if line.texts else line.key
    match line.kind:
        case "band":
            counted = {
                "adult": lazy_n("%(count)s adult", "%(count)s adults", line.quantity),
                "child": lazy_n("%(count)s child", "%(count)s children", line.quantity),
                "infant": lazy_n("%(count)s infant", "%(count)s infants", line.quantity),
            }
            return f"{translate(counted[line.key], locale)} × {price}"
        case "room":
            nights = translate(lazy_n("%(count)s night", "%(count)s nights", line.nights), locale)
            rooms = line.quantity // max(1, line.nights)
            times = f" × {rooms}" if rooms > 1 else ""
            return f"{name}, {nights}{times} × {price}"
        case _:
            return f"{name}, {line.quantity} × {price}"
