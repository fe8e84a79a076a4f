"""The host's calendar as its page shows it: a month of one room, or the dates of a tour or class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.console import calendar_queries
from market.console.calendar_queries import Night
from market.console.frame import Place, Tab, host_places
from market.console.listing_pages import fix
from market.console.scope import OwnListing
from market.errors import NotFound
from market.i18n import formats
from market.i18n.locales import pick
from market.listings import queries as listing_queries
from market.listings import rules
from market.listings.offering import Kind, Offering, Room
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
    """A day of the calendar, as `ui/calendar.html` takes it."""

    label: str
    sub: str
    state: str
    href: str | None
    value: str
    name: str
    today: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month, as `ui/calendar.html` takes it."""

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
    offer_rest: bool


@dataclass(frozen=True, slots=True)
class StartLine:
    """A date of a tour or class with its words and its own small form."""

    id: int
    starts_at: datetime
    taken: str
    tag: str
    status_label: str
    is_closed: bool
    is_over: bool
    price_minor: int | None
    form: Form[Any]


@dataclass(frozen=True, slots=True)
class Starts:
    """The half of the page for tours and classes."""

    lines: Sequence[StartLine]
    takes_time: bool
    add_action: str


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """Context of console/calendar.html."""

    places: Sequence[Place]
    listing: OwnListing | None
    tabs: Sequence[Tab]
    form: Form[Any]
    rooms: Rooms | None
    starts: Starts | None
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
    request: Request, own: Sequence[OwnListing], listing: OwnListing | None, sent: Form[Any] | None
) -> Response:
    """Answer with the calendar; `sent` is a form that could not be carried out."""
    form = sent or await fresh_form(listing)
    today = local_day(clock.now())
    rooms = starts = None
    if listing is not None:
        offering = await get_offering_of(listing)
        if listing.kind is Kind.HOMESTAY:
            rooms = await _rooms(request, offering, form, today)
        else:
            starts = await _starts(request, offering)
    context = CalendarPage(
        places=host_places(request, "console:host_calendar"),
        listing=listing,
        tabs=[
            (each.title, _link(request, each), listing is not None and each.id == listing.id) for each in own
        ],
        form=form,
        rooms=rooms,
        starts=starts,
        first_day=today.isoformat(),
    )
    title = fix(request, words(request, lazy("Calendar")), form)
    status = 422 if form.errors else 200
    return render(request, "console/calendar.html", context, title=title, status=status, robots="noindex")


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
        month=_month(nights, first, today, language),
        previous=(link(room.id, before), formats.month_name(before, language)) if first > today else None,
        next=(link(room.id, after), formats.month_name(after, language)),
        month_key=f"{first:%Y-%m}",
        offer_rest=bool(form.errors) and form.value("act") == "close" and form.error("start") is not None,
    )


def _name(room: Room, language: str) -> str:
    return pick(room.texts, language).get("name", "") or room.key


def _month(nights: dict[date, Night], first: date, today: date, language: str) -> Month:
    monday = date(2024, 1, 1)
    names = [formats.weekday(monday + timedelta(days=n), language) for n in range(7)]
    weeks = [
        [None if day is None else _cell(nights[day], today, language) for day in week]
        for week in calendar_queries.weeks_of(first)
    ]
    return Month(formats.month(first, language), [(name[:3], name) for name in names], weeks)


def _cell(night: Night, today: date, language: str) -> Cell:
    taken = night.sold or night.held
    changeable = night.state in {"open", "shut"}
    return Cell(
        label=str(night.day.day),
        sub=f"{taken}/{night.count}" if taken and night.count > 1 else "",
        state=night.state,
        href=urls.path("console:host_guests", locale=language) if taken and night.state != "past" else None,
        value=night.day.isoformat() if changeable else "",
        name=formats.day(night.day, language),
        today=night.day == today,
    )


async def _starts(request: Request, offering: Offering) -> Starts:
    language = locale(request)
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
            is_closed=start.status == "closed",
            is_over=not rules.SLOT_MOVES[start.status],
            price_minor=start.price_minor,
            form=filled({f"capacity-{start.id}": start.capacity}),
        )
        for start in await calendar_queries.list_starts(offering.id, clock.now())
    ]
    action = urls.path("console:host_add_date", locale=language, slug=offering.slug)
    return Starts(lines, takes_time=offering.kind is Kind.LESSON, add_action=action)
