"""The host's calendar: nights of a room to open and close, dates of a tour or class to add and change.

What is sold is never closed from here: a refusal names the bookings that stand in the way.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.console import calendar_queries, calendar_view, scope
from market.console.editor.values import Rupiah
from market.console.scope import OwnListing
from market.errors import Invalid, NotFound, Refused
from market.listings import rules, slots
from market.listings import service as listings
from market.listings.offering import Kind, Room
from market.values.dates import DateRange, local_day
from market.values.text import Text, lazy, lazy_n
from market.web import urls
from market.web.forms import Form, Inbound, parse
from market.web.guards import HOST, page
from market.web.render import redirect, words
from market.web.request import locale


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


async def show(request: Request) -> Response:
    """The calendar of one listing: the one asked for, or the first."""
    own = await scope.own_listings(request)
    wanted = request.query_params.get("listing", "")
    listing = next((each for each in own if each.slug == wanted), own[0] if own else None)
    if wanted and (listing is None or listing.slug != wanted):
        raise NotFound
    return await calendar_view.show_calendar(request, own, listing, None)


async def change_nights(request: Request) -> Response:
    """Open or close nights of one room of the viewer's."""
    listing = await scope.own_listing(request)
    form = parse(NightsForm, await request.form(), locale(request))
    offering = await calendar_view.get_offering_of(listing)
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
    return await calendar_view.show_calendar(request, await scope.own_listings(request), listing, form)


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
    return await calendar_view.show_calendar(request, await scope.own_listings(request), listing, form)


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
    shown = await calendar_view.fresh_form(listing)
    shown.errors = [("", message) for _, message in form.errors]
    return await calendar_view.show_calendar(request, await scope.own_listings(request), listing, shown)


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


def _back(request: Request, listing: OwnListing, form: Form[Any]) -> str:
    return urls.path(
        "console:host_calendar",
        locale=locale(request),
        listing=listing.slug,
        room=form.value("room"),
        month=form.value("month"),
    )


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
