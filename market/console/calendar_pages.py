"""The host's calendar: nights of a room to open and close, dates of a tour or class to add and change.

What is sold is never closed from here: a refusal names the bookings that stand in the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.console import calendar_queries, scope
from market.console.calendar_queries import Night
from market.console.editor.values import Rupiah
from market.console.frame import Place, Tab, host_places
from market.console.listing_pages import fix
from market.console.scope import OwnListing
from market.errors import Invalid, NotFound, Refused
from market.i18n import formats
from market.i18n.locales import pick
from market.listings import queries as listing_queries
from market.listings import rules, slots
from market.listings import service as listings
from market.listings.offering import Kind, Offering, Room
from market.values.dates import DateRange, local_day
from market.values.text import Text, lazy, lazy_n
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse
from market.web.guards import HOST, page
from market.web.render import redirect, render, words
from market.web.request import locale

_STATUS: dict[str, tuple[str, Text]] = {
    "open": ("info", lazy("Open")),
    "guaranteed": ("ok", lazy("Guaranteed")),
    "closed": ("", lazy("Closed")),
    "called_off": ("bad", lazy("Called off")),
}


class NightsForm(Inbound):
    """Nights to open or close: one tapped in the calendar, or a range (both days included)."""

    room: Annotated[int, Field(ge=1, le=2**53)]
    night: date | None = None
    start: date | None = None
    end: date | None = None
    act: Literal["open", "close", "close_rest"] | None = None


class DateForm(Inbound):
    """A new departure or session, perhaps every week."""

    starts_on: date
    at: time | None = None
    capacity: Annotated[int, Field(ge=1, le=rules.MAX_CAPACITY)]
    price: Rupiah | None = None
    weeks: Annotated[int, Field(ge=1, le=26)] = 1
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {"starts_on": {"missing": lazy("Choose a date.")}}


class StartForm(Inbound):
    """What to change about a departure or session."""

    act: Literal["capacity", "close", "open"]
    capacity: Annotated[int, Field(ge=0, le=rules.MAX_CAPACITY)] | None = None


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
    status: str
    status_label: str
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


async def show(request: Request) -> Response:
    """The calendar of one listing: the one asked for, or the first."""
    own = await scope.own_listings(request)
    wanted = request.query_params.get("listing", "")
    listing = next((each for each in own if each.slug == wanted), own[0] if own else None)
    if wanted and (listing is None or listing.slug != wanted):
        raise NotFound
    return await _page(request, own, listing, None)


async def change_nights(request: Request) -> Response:
    """Open or close nights of one room of the viewer's."""
    listing = await scope.own_listing(request)
    form = parse(NightsForm, await request.form(), locale(request))
    offering = await _offering(listing)
    room = offering.room(form.data.room) if form.data else None
    if form.data is not None and room is None:
        raise NotFound
    if form.data is not None and room is not None:
        try:
            said = await _nights(form, form.data, room, request)
        except (Refused, Invalid) as refusal:
            form.add_error("", words(request, refusal.message))
        else:
            if said is not None:
                return redirect(request, _back(request, listing, form), flash=said)
    return await _page(request, await scope.own_listings(request), listing, form)


async def _nights(form: Form[NightsForm], data: NightsForm, room: Room, request: Request) -> Text | None:
    """Do what was asked; the sentence that says so, or None with the error in the form."""
    now = clock.now()
    nights = _range(form, data, request)
    if nights is None:
        return None
    act = data.act or await _toggle(room, nights.start, now)
    if act == "open":
        await listings.open_nights(room.id, nights)
        return lazy_n("%(count)s night is open.", "%(count)s nights are open.", nights.nights)
    standing = await calendar_queries.list_standing(room.id, nights, now)
    if standing and act == "close":
        names = ", ".join(each.reference for each in standing)
        form.add_error(
            "start",
            words(
                request, lazy("Nothing was closed. Booked on these nights: %(references)s.", references=names)
            ),
        )
        return None
    await listings.block_nights(room.id, nights)
    return lazy_n("%(count)s night is closed.", "%(count)s nights are closed.", nights.nights)


def _range(form: Form[NightsForm], data: NightsForm, request: Request) -> DateRange | None:
    first, last = (data.night, data.night) if data.night else (data.start, data.end or data.start)
    if first is None or last is None:
        form.add_error("start", words(request, lazy("Choose the first night.")))
    elif last < first:
        form.add_error("end", words(request, lazy("The last night comes after the first.")))
    elif first < local_day(clock.now()):
        form.add_error("start", words(request, lazy("This day has passed. Please choose a later one.")))
    elif (last - first).days > 365:
        form.add_error("end", words(request, lazy("Choose at most a year at a time.")))
    else:
        return DateRange(first, last + timedelta(days=1))
    return None


async def _toggle(room: Room, night: date, now: datetime) -> str:
    """A tapped night changes from open to closed and back."""
    month = await calendar_queries.list_month(room, (), night.replace(day=1), now, local_day(now))
    return "open" if month[night].state == "shut" else "close"


async def add_date(request: Request) -> Response:
    """Put one date, or one in each of several weeks, on the calendar."""
    listing = await scope.own_listing(request)
    form = parse(DateForm, await request.form(), locale(request))
    if form.data is not None:
        try:
            await _schedule(listing, form.data)
        except (Refused, Invalid) as refusal:
            field = getattr(refusal, "field", None) or "starts_on"
            form.add_error(field, words(request, refusal.message))
        else:
            flash = lazy_n("%(count)s date is added.", "%(count)s dates are added.", form.data.weeks)
            return redirect(request, _back(request, listing, form), flash=flash)
    return await _page(request, await scope.own_listings(request), listing, form)


async def _schedule(listing: OwnListing, data: DateForm) -> None:
    """All of the dates or none of them."""
    async with db.transaction():
        for week in range(data.weeks):
            day = data.starts_on + timedelta(weeks=week)
            if listing.kind is Kind.TOUR:
                await listings.schedule_departure(
                    listing.id, day, capacity=data.capacity, price_minor=data.price
                )
            else:
                await listings.schedule_session(
                    listing.id, day, at=data.at, capacity=data.capacity, price_minor=data.price
                )


async def change_date(request: Request) -> Response:
    """Change the places of a departure or session, or close or reopen it."""
    listing = await scope.own_listing(request)
    slot_id = int(request.path_params["slot"])
    if slot_id >= 2**53 or not await calendar_queries.owns_slot(listing.id, slot_id):
        raise NotFound
    form = parse(StartForm, await request.form(), locale(request))
    if form.data is not None:
        try:
            said = await _change_start(slot_id, form.data)
        except (Refused, Invalid) as refusal:
            form.add_error("", words(request, refusal.message))
        else:
            return redirect(request, _back(request, listing, form), flash=said)
    shown = await _fresh(listing)
    shown.errors = [("", message) for _, message in form.errors]
    return await _page(request, await scope.own_listings(request), listing, shown)


async def _change_start(slot_id: int, data: StartForm) -> Text:
    match data.act:
        case "capacity":
            if data.capacity is None:
                raise Invalid("capacity", lazy("Say how many guests there is room for."), field="capacity")
            await listings.set_capacity(slot_id, data.capacity)
            return lazy("The number of places is changed.")
        case "close":
            standing = await slots.list_standing(slot_id, clock.now())
            if standing:
                raise slots.HasBookings(standing)
            await listings.set_slot_status(slot_id, "closed")
            return lazy("The date is closed.")
        case "open":
            await listings.set_slot_status(slot_id, "open")
            return lazy("The date is open.")


# The page ------------------------------------------------------------------------------------------------
async def _offering(listing: OwnListing) -> Offering:
    offering = await listing_queries.get_offering(listing_id=listing.id)
    if offering is None:
        raise NotFound
    return offering


def _back(request: Request, listing: OwnListing, form: Form[Any]) -> str:
    return urls.path(
        "console:host_calendar",
        locale=locale(request),
        listing=listing.slug,
        room=form.value("room"),
        month=form.value("month"),
    )


async def _fresh(listing: OwnListing | None) -> Form[Any]:
    """The form for a new date, with the listing's usual places and time."""
    offering = await _offering(listing) if listing else None
    usual = {"capacity": offering.capacity, "at": f"{offering.start_time:%H:%M}"} if offering else {}
    return filled({**usual, "weeks": 1})


async def _page(
    request: Request, own: Sequence[OwnListing], listing: OwnListing | None, sent: Form[Any] | None
) -> Response:
    form = sent or await _fresh(listing)
    today = local_day(clock.now())
    rooms = starts = None
    if listing is not None:
        offering = await _offering(listing)
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
            status=start.status,
            status_label=words(request, _STATUS[start.status][1]),
            price_minor=start.price_minor,
            form=filled({f"capacity-{start.id}": start.capacity}),
        )
        for start in await calendar_queries.list_starts(offering.id, clock.now())
    ]
    action = urls.path("console:host_add_date", locale=language, slug=offering.slug)
    return Starts(lines, takes_time=offering.kind is Kind.LESSON, add_action=action)


_LISTING = "/{locale}/host/listings/{slug}"
routes = [
    page("/{locale}/host/calendar", show, access=HOST, name="console:host_calendar"),
    page(f"{_LISTING}/nights", change_nights, access=HOST, name="console:host_nights", methods=("POST",)),
    page(f"{_LISTING}/dates/new", add_date, access=HOST, name="console:host_add_date", methods=("POST",)),
    page(
        f"{_LISTING}/dates/{{slot:int}}",
        change_date,
        access=HOST,
        name="console:host_date",
        methods=("POST",),
    ),
]
