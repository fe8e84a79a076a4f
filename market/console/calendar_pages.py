"""The host's calendar: nights to open, close and price, one or many at once; dates of a tour or class likewise.

What is sold is never closed from here: a refusal lists the bookings that stand in the way.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.accounts.rights import Right
from market.console import calendar_queries, calendar_view, scope
from market.console.calendar_forms import MOST_DAYS, DateForm, NightsForm, StartsForm
from market.console.scope import OwnListing
from market.errors import Invalid, NotFound, Refused
from market.i18n import formats
from market.i18n.messages import translate
from market.listings import nights
from market.listings import service as listings
from market.listings.nights import NightsSold
from market.listings.offering import Kind
from market.values.dates import local_day
from market.values.text import Text, lazy, lazy_n
from market.web import urls
from market.web.forms import Form, parse
from market.web.guards import HOST, page
from market.web.render import redirect, words
from market.web.request import locale


async def show(request: Request) -> Response:
    """The calendar of one listing: the one asked for, or the first."""
    own = await scope.own_listings(request, Right.CALENDAR)
    wanted = request.query_params.get("listing", "").replace("\x00", "")
    listing = next((each for each in own if each.slug == wanted), own[0] if own else None)
    if wanted and (listing is None or listing.slug != wanted):
        # Perhaps a family's that the viewer may act for: then it is shown alone.
        request.path_params["slug"] = wanted
        listing = await scope.own_listing(request, Right.CALENDAR)
        own = [listing]
    return await calendar_view.show_calendar(request, own, listing, None)


async def _listings_beside(request: Request, listing: OwnListing) -> list[OwnListing]:
    return [listing] if listing.acting.on_behalf else await scope.own_listings(request, Right.CALENDAR)


# Nights --------------------------------------------------------------------------------------------------
async def change_nights(request: Request) -> Response:
    """Open, close or price the chosen nights of one room of the viewer's."""
    listing = await scope.own_listing(request, Right.CALENDAR)
    form = parse(NightsForm, await request.form(), locale(request))
    offering = await calendar_view.get_offering_of(listing)
    if form.data is not None and offering.room(form.data.room) is None:
        raise NotFound
    sold: NightsSold | None = None
    if form.data is not None and _days_fit(form, form.data, request):
        try:
            said = await _nights(request, listing, form.data)
        except NightsSold as refusal:
            sold = refusal
            form.add_error("", words(request, refusal.message))
        except (Refused, Invalid) as refusal:
            form.add_error(getattr(refusal, "field", None) or "", words(request, refusal.message))
        else:
            return redirect(request, _back(request, listing, form), flash=said)
    beside = await _listings_beside(request, listing)
    return await calendar_view.show_calendar(request, beside, listing, form, sold)


def _days_fit(form: Form[NightsForm], data: NightsForm, request: Request) -> bool:
    """Whether days were chosen, in order, ahead of us and not endless; otherwise the form says so."""
    days = data.days()
    wrong: tuple[str, Text] | None = None
    if data.start is not None and data.end is not None and data.end < data.start:
        wrong = ("end", lazy("The last night comes after the first."))
    elif not days:
        wrong = ("start", lazy("Choose days from the calendar, or a first and a last night."))
    elif days[0] < local_day(clock.now()):
        wrong = ("start", lazy("This day has passed. Please choose a later one."))
    elif len(days) > MOST_DAYS or (days[-1] - local_day(clock.now())).days > 2 * MOST_DAYS:
        wrong = ("end", lazy("Choose at most a year at a time."))
    elif data.act == "price" and data.price is None:
        wrong = ("price", lazy("Enter a price in whole rupiah."))
    elif data.act == "rooms" and data.rooms is None:
        wrong = ("rooms", lazy("Say how many rooms are for sale."))
    if wrong is not None:
        form.add_error(wrong[0], words(request, wrong[1]))
    return wrong is None


async def _nights(request: Request, listing: OwnListing, data: NightsForm) -> Text:
    """Do what was asked; the sentence that says so."""
    days, now, room = data.days(), clock.now(), data.room
    kept = 0
    async with db.transaction():
        match data.act:
            case "open":
                await nights.open_days(room, days, now)
                name, said = (
                    "opened",
                    lazy_n("%(count)s night is open.", "%(count)s nights are open.", len(days)),
                )
            case "close" | "close_rest":
                kept = len(await nights.close_days(room, days, now, only_free=data.act == "close_rest"))
                name, said = "closed", _closed(len(days), kept, whole=data.act == "close")
            case "price" | "usual":
                await nights.price_days(room, days, data.price if data.act == "price" else None, now)
                name, said = (
                    "priced",
                    lazy_n(
                        "%(count)s night has its new price.",
                        "%(count)s nights have their new price.",
                        len(days),
                    ),
                )
            case "rooms":
                await nights.sell_days(room, days, data.rooms or 0, now)
                name, said = (
                    "resized",
                    lazy_n("%(count)s night is changed.", "%(count)s nights are changed.", len(days)),
                )
        span = formats.day_range(days[0], days[-1], "id")
        await scope.note(request, listing.acting, name, listing.title, detail=f"{span} ({_counted(days)})")
    return said


def _closed(count: int, kept: int, *, whole: bool) -> Text:
    if kept:
        return lazy("Closed, except what is sold and what your standing allotment promises.")
    if whole:
        return lazy_n("%(count)s night is closed.", "%(count)s nights are closed.", count)
    return lazy("Closed, except what is sold.")


# Departures and sessions ---------------------------------------------------------------------------------
async def add_date(request: Request) -> Response:
    """Put one date, or one in each of several weeks, on the calendar."""
    listing = await scope.own_listing(request, Right.CALENDAR)
    form = parse(DateForm, await request.form(), locale(request))
    if form.data is not None:
        try:
            await _schedule(request, listing, form.data)
        except (Refused, Invalid) as refusal:
            field = getattr(refusal, "field", None) or "starts_on"
            form.add_error(field, words(request, refusal.message))
        else:
            flash = lazy_n("%(count)s date is added.", "%(count)s dates are added.", form.data.weeks)
            return redirect(request, _back(request, listing, form), flash=flash)
    return await calendar_view.show_calendar(request, await _listings_beside(request, listing), listing, form)


async def _schedule(request: Request, listing: OwnListing, data: DateForm) -> None:
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
        await scope.note(
            request, listing.acting, "dates", listing.title, detail=formats.day(data.starts_on, "id")
        )


async def change_dates(request: Request) -> Response:
    """Open, close, resize or price the chosen dates."""
    listing = await scope.own_listing(request, Right.CALENDAR)
    form = parse(StartsForm, await request.form(), locale(request))
    sold: NightsSold | None = None
    if form.data is not None:
        if await calendar_queries.count_starts_of(listing.id, form.data.slot) != len(set(form.data.slot)):
            raise NotFound
        try:
            said = await _change_starts(request, listing, form.data)
        except NightsSold as refusal:
            sold = refusal
            form.add_error("", words(request, refusal.message))
        except (Refused, Invalid) as refusal:
            form.add_error(getattr(refusal, "field", None) or "", words(request, refusal.message))
        else:
            return redirect(request, _back(request, listing, form), flash=said)
    shown = await calendar_view.fresh_form(listing)
    shown.raw = {**shown.raw, **{k: v for k, v in form.raw.items() if k in {"slot", "places", "new_price"}}}
    shown.errors = list(form.errors)
    beside = await _listings_beside(request, listing)
    return await calendar_view.show_calendar(request, beside, listing, shown, sold)


async def _change_starts(request: Request, listing: OwnListing, data: StartsForm) -> Text:
    if not data.slot:
        raise Invalid("slot", lazy("Tick at least one date."), field="slot")
    ids, now = sorted(set(data.slot)), clock.now()
    async with db.transaction():
        match data.act:
            case "open":
                await nights.change_starts(ids, now, status="open")
                said = lazy_n("%(count)s date is open.", "%(count)s dates are open.", len(ids))
            case "close":
                await nights.change_starts(ids, now, status="closed")
                said = lazy_n("%(count)s date is closed.", "%(count)s dates are closed.", len(ids))
            case "capacity":
                if data.places is None:
                    raise Invalid("capacity", lazy("Say how many guests there is room for."), field="places")
                await nights.change_starts(ids, now, capacity=data.places)
                said = lazy("The number of places is changed.")
            case "price" | "usual":
                if data.act == "price" and data.new_price is None:
                    raise Invalid("price", lazy("Enter a price in whole rupiah."), field="new_price")
                price = data.new_price if data.act == "price" else None
                await nights.change_starts(ids, now, price_minor=price, usual_price=price is None)
                said = lazy_n(
                    "%(count)s date has its new price.", "%(count)s dates have their new price.", len(ids)
                )
        await scope.note(request, listing.acting, "dates", listing.title, detail=_dates(ids))
    return said


def _back(request: Request, listing: OwnListing, form: Form[Any]) -> str:
    return urls.path(
        "console:host_calendar",
        locale=locale(request),
        listing=listing.slug,
        room=form.value("room"),
        month=form.value("month"),
    )


def _counted(days: Sequence[date]) -> str:
    """How many nights, in the language in which families are told."""
    return translate(lazy_n("%(count)s night", "%(count)s nights", len(days)), "id")


def _dates(ids: Sequence[int]) -> str:
    return translate(lazy_n("%(count)s date", "%(count)s dates", len(ids)), "id")


_LISTING = "/{locale}/host/listings/{slug}"


routes = [
    page("/{locale}/host/calendar", show, access=HOST, name="console:host_calendar"),
    page(f"{_LISTING}/nights", change_nights, access=HOST, name="console:host_nights", methods=("POST",)),
    page(f"{_LISTING}/dates/new", add_date, access=HOST, name="console:host_add_date", methods=("POST",)),
    page(f"{_LISTING}/dates", change_dates, access=HOST, name="console:host_dates", methods=("POST",)),
]
