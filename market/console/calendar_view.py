"""The host's calendar as its page shows it: a month of one room, or the dates of a tour or class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.accounts.rights import Right
from market.calendars import collisions
from market.calendars.collisions import Conflict
from market.console import calendar_queries, scope
from market.console.calendar_queries import Night
from market.console.editor.views import Choice
from market.console.frame import Place, Tab, host_places
from market.console.listing_pages import fix
from market.console.scope import OwnListing
from market.errors import NotFound
from market.i18n import formats
from market.i18n.locales import pick
from market.listings import allotments, rules
from market.listings import queries as listing_queries
from market.listings.allotments import Promise
from market.listings.nights import NightsSold
from market.listings.offering import Kind, Offering, Room, night_price
from market.values.dates import local_day
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, filled
from market.web.render import render, words
from market.web.request import locale

_STATUS: dict[str, tuple[str, Text]] = {
    "open": ("info", lazy("Open")),
    "guaranteed": ("ok", lazy("Guaranteed")),
    "closed": ("", lazy("Closed")),
    "called_off": ("bad", lazy("Called off")),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of the calendar, as `console/nights.html` takes it: `sub` is the price in thousands, or how many of
    several rooms are taken; `own` tells that the price is the day's own; `checked` that it is chosen.
    """

    label: str
    sub: str
    state: str
    value: str
    name: str
    today: bool
    own: bool
    checked: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month, as `console/nights.html` takes it."""

    caption: str
    weekdays: Sequence[tuple[str, str]]
    weeks: Sequence[Sequence[Cell | None]]


@dataclass(frozen=True, slots=True)
class Rooms:
    """The homestay half of the page: rooms as tabs, a month of one of them."""

    room_id: int
    room_name: str
    tabs: Sequence[Tab]
    month: Month
    previous: tuple[str, str] | None
    next: tuple[str, str] | None
    month_key: str
    count: int
    weekdays: Sequence[Choice]
    offer_rest: bool
    promised: str


@dataclass(frozen=True, slots=True)
class StartLine:
    """A date of a tour or class with its words and its own small form."""

    id: int
    starts_at: datetime
    taken: str
    tag: str
    status_label: str
    is_over: bool
    guests_href: str
    price_minor: int | None
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Starts:
    """The half of the page for tours and classes."""

    lines: Sequence[StartLine]
    takes_time: bool
    promised: str


@dataclass(frozen=True, slots=True)
class InTheWay:
    """A booking that stands in the way, on its day."""

    day: date
    reference: str
    guest: str
    people: int
    is_sold: bool


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """Context of console/calendar.html."""

    places: Sequence[Place]
    listing: OwnListing | None
    tabs: Sequence[Tab]
    form: Form[Any]
    rooms: Rooms | None
    starts: Starts | None
    in_the_way: Sequence[InTheWay]
    conflicts: Sequence[Conflict]
    first_day: str


async def get_offering_of(listing: OwnListing) -> Offering:
    """A listing as the rules see it."""
    offering = await listing_queries.get_offering(listing_id=listing.id)
    if offering is None:
        raise NotFound
    return offering


async def fresh_form(listing: OwnListing | None) -> Form[Any]:
    """The form for a new date, with the listing's usual places and time."""
    offering = await get_offering_of(listing) if listing else None
    usual = {"capacity": offering.capacity, "at": f"{offering.start_time:%H:%M}"} if offering else {}
    return filled({**usual, "weeks": 1})


async def show_calendar(
    request: Request,
    own: Sequence[OwnListing],
    listing: OwnListing | None,
    sent: Form[Any] | None,
    sold: NightsSold | None = None,
) -> Response:
    """Answer with the calendar; `sent` is a form that could not be carried out, `sold` what stands in its way."""
    form = sent or await fresh_form(listing)
    today = local_day(clock.now())
    rooms = starts = None
    if listing is not None:
        offering = await get_offering_of(listing)
        if listing.kind is Kind.HOMESTAY:
            rooms = await _rooms(request, offering, form, today)
        else:
            starts = await _starts(request, offering, form, today)
    context = CalendarPage(
        places=host_places(request, "console:host_calendar"),
        listing=listing,
        tabs=[
            (each.title, _link(request, each), listing is not None and each.id == listing.id) for each in own
        ],
        form=form,
        rooms=rooms,
        starts=starts,
        in_the_way=await _in_the_way(sold) if sold is not None else [],
        conflicts=await _conflicts(listing, today),
        first_day=today.isoformat(),
    )
    title = fix(request, words(request, lazy("Calendar")), form)
    status = 422 if form.errors else 200
    return render(request, "console/calendar.html", context, title=title, status=status, robots="noindex")


async def _conflicts(listing: OwnListing | None, today: date) -> list[Conflict]:
    """The listing's nights that are sold elsewhere too."""
    if listing is None or listing.kind is not Kind.HOMESTAY:
        return []
    found = await collisions.of_hosts({listing.host_id}, today)
    return [each for each in found if each.listing_id == listing.id]


async def _in_the_way(sold: NightsSold) -> list[InTheWay]:
    guests = await calendar_queries.guests_of([each.standing.reference for each in sold.in_the_way])
    return [
        InTheWay(
            day=each.day,
            reference=each.standing.reference,
            guest=guests.get(each.standing.reference, ("", 0))[0],
            people=guests.get(each.standing.reference, ("", 0))[1],
            is_sold=each.standing.state == "confirmed",
        )
        for each in sold.in_the_way[:60]
    ]


async def _promised(request: Request, listing_id: int, room_type_id: int | None, today: date) -> str:
    """What is always for sale, in words; "" when nothing is."""
    found = [
        promise
        for promise in await allotments.list_promises(listing_id, today)
        if promise.room_type_id == room_type_id
    ]
    return "; ".join(_promise_words(request, promise) for promise in found)


def _promise_words(request: Request, promise: Promise) -> str:
    if promise.until_on is None:
        return words(request, lazy("%(count)s always on sale", count=promise.units))
    last = formats.day(promise.until_on - timedelta(days=1), locale(request))
    return words(request, lazy("%(count)s always on sale until %(day)s", count=promise.units, day=last))


def _link(request: Request, listing: OwnListing, **more: Any) -> str:
    return urls.path("console:host_calendar", locale=locale(request), listing=listing.slug, **more)


async def _rooms(request: Request, offering: Offering, form: Form[Any], today: date) -> Rooms | None:
    rooms = [room for room in offering.rooms if room.count]
    if not rooms:
        return None
    asked = form.value("room") or request.query_params.get("room", "")
    room = next((each for each in rooms if str(each.id) == asked), rooms[0])
    first = calendar_queries.month_of(form.value("month") or request.query_params.get("month", ""), today)
    nights = await calendar_queries.list_month(room, offering.closures, first, clock.now(), today)
    language = locale(request)

    def link(room_id: int, month: date) -> str:
        return urls.path(
            "console:host_calendar",
            locale=language,
            listing=offering.slug,
            room=room_id,
            month=f"{month:%Y-%m}",
        )

    before, after = (first - timedelta(days=1)).replace(day=1), (first + timedelta(days=32)).replace(day=1)
    return Rooms(
        room_id=room.id,
        room_name=_name(room, language),
        tabs=[(_name(each, language), link(each.id, first), each.id == room.id) for each in rooms],
        month=_month(offering, room, nights, first, today, form, language),
        previous=(link(room.id, before), formats.month_name(before, language)) if first > today else None,
        next=(link(room.id, after), formats.month_name(after, language)),
        month_key=f"{first:%Y-%m}",
        count=room.count,
        weekdays=_weekdays(language),
        offer_rest=bool(form.errors) and form.value("act") == "close" and form.errors[0][0] == "",
        promised=await _promised(request, offering.id, room.id, today),
    )


def _weekdays(language: str) -> list[Choice]:
    monday = date(2024, 1, 1)
    return [Choice(str(n), formats.weekday(monday + timedelta(days=n), language)) for n in range(7)]


def _name(room: Room, language: str) -> str:
    return pick(room.texts, language).get("name", "") or room.key


def _month(
    offering: Offering,
    room: Room,
    nights: dict[date, Night],
    first: date,
    today: date,
    form: Form[Any],
    language: str,
) -> Month:
    chosen = frozenset(form.values("day")) if form.errors else frozenset[str]()
    monday = date(2024, 1, 1)
    names = [formats.weekday(monday + timedelta(days=n), language) for n in range(7)]
    weeks = [
        [None if day is None else _cell(offering, room, nights[day], today, chosen, language) for day in week]
        for week in calendar_queries.weeks_of(first)
    ]
    return Month(formats.month(first, language), [(name[:3], name) for name in names], weeks)


def _cell(
    offering: Offering, room: Room, night: Night, today: date, chosen: frozenset[str], language: str
) -> Cell:
    taken = night.sold + night.held
    price = formats.number(night_price(offering, room, night.day) // 1000, language)
    if taken and night.count > 1:
        sub = f"{taken}/{night.for_sale or night.count}"
    elif night.state == "open" and night.for_sale < night.count:
        sub = f"0/{night.for_sale}"
    else:
        sub = price if night.state == "open" else ""
    value = night.day.isoformat()
    return Cell(
        label=str(night.day.day),
        sub=sub,
        state=night.state,
        value=value if night.state != "past" else "",
        name=formats.day(night.day, language),
        today=night.day == today,
        own=night.own_price is not None,
        checked=value in chosen,
    )


async def _starts(request: Request, offering: Offering, form: Form[Any], today: date) -> Starts:
    lines = [
        StartLine(
            id=start.id,
            starts_at=start.starts_at,
            taken=words(
                request,
                lazy("%(sold)s of %(capacity)s sold", sold=start.sold, capacity=start.capacity)
                if not start.held
                else lazy(
                    "%(sold)s of %(capacity)s sold, %(held)s asked for",
                    sold=start.sold,
                    capacity=start.capacity,
                    held=start.held,
                ),
            ),
            tag=_STATUS[start.status][0],
            status_label=words(request, _STATUS[start.status][1]),
            is_over=not rules.SLOT_MOVES[start.status],
            guests_href=urls.path("console:host_departure", locale=locale(request), slot=start.id)
            if offering.host_id in scope.host_ids(request, Right.CALENDAR)
            else "",
            price_minor=start.price_minor,
            is_chosen=str(start.id) in form.values("slot"),
        )
        for start in await calendar_queries.list_starts(offering.id, clock.now())
    ]
    promised = await _promised(request, offering.id, None, today)
    return Starts(lines, takes_time=offering.kind is Kind.LESSON, promised=promised)
