"""A traveller's trips, and finding one again by a link in the mail. The answer never says whether a booking exists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.accounts import limits
from market.bookings import access, moving, queries, telling, words
from market.bookings.forms import FindForm
from market.bookings.journeys import Journey, Stretch, journeys
from market.bookings.pages import parts
from market.bookings.queries import BookingView
from market.bookings.rows import BookingRow
from market.bookings.states import LABELS, TAGS, WAITING, State
from market.errors import NotFound
from market.i18n import formats
from market.i18n.messages import translate
from market.listings.languages_themes import KINDS
from market.media.covers import cover_url
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, filled, parse
from market.web.guards import ANYONE, page
from market.web.render import redirect, render
from market.web.request import client_address, locale, tools, viewer


@dataclass(frozen=True, slots=True)
class TripRow:
    """One booking in the list."""

    href: str
    kind: str
    title: str
    place: str
    when: str
    party: str
    tag: tuple[str, str]
    until: str
    cover_url: str


@dataclass(frozen=True, slots=True)
class JourneyStretch:
    """One booking of a journey, with where to look for a bed in the nights before it."""

    trip: TripRow
    open_nights: str
    find_href: str
    clashes: bool


@dataclass(frozen=True, slots=True)
class JourneyBox:
    """Bookings that follow each other, by date. `id` names the box in the page."""

    id: str
    title: str
    stretches: Sequence[JourneyStretch]
    calendar_href: str


@dataclass(frozen=True, slots=True)
class TripsPage:
    """Context of bookings/trips.html: what stands alone ahead is in `ahead`, what follows each other in `journeys`."""

    journeys: Sequence[JourneyBox]
    ahead: Sequence[TripRow]
    past: Sequence[TripRow]
    cancelled: Sequence[TripRow]
    form: Form[Any]
    action: str


async def show_trips(request: Request) -> Response:
    """The bookings this browser or this person may open."""
    return await _page(request, filled({"email": viewer(request).email}))


async def _page(request: Request, form: Form[Any], *, status: int = 200) -> Response:
    now, language = clock.now(), locale(request)
    views = await queries.list_for_guest(viewer(request), access.known(request))
    ahead = {v.row.reference: v for v in views if parts.is_ahead(v.row, now)}
    found = journeys(v.row for v in ahead.values())
    alone = [one.stretches[0].booking.reference for one in found if len(one.stretches) == 1]
    context = TripsPage(
        journeys=[_journey(one, ahead, now, language) for one in found if len(one.stretches) > 1],
        ahead=[_row(ahead[reference], now, language) for reference in alone],
        past=[
            _row(v, now, language)
            for v in views
            if v.row.reference not in ahead and not parts.is_off(v.row, now)
        ],
        cancelled=[_row(v, now, language) for v in views if parts.is_off(v.row, now)],
        form=form,
        action=urls.path("bookings:find", locale=language),
    )
    title = parts.page_title(request, lazy("My trips"), errors=bool(form.errors))
    return render(request, "bookings/trips.html", context, title=title, robots=parts.ROBOTS, status=status)


def _journey(journey: Journey, views: Mapping[str, BookingView], now: datetime, language: str) -> JourneyBox:
    first = journey.stretches[0].booking.reference
    return JourneyBox(
        id=f"journey-{first.lower()}",
        title=formats.day_range(journey.starts_on, journey.ends_on, language),
        stretches=[
            _stretch(each, views[each.booking.reference], now, language) for each in journey.stretches
        ],
        calendar_href=urls.path("bookings:journey", locale=language, reference=first),
    )


def _stretch(stretch: Stretch, view: BookingView, now: datetime, language: str) -> JourneyStretch:
    nights, find = "", ""
    if stretch.without_bed is not None:
        start, end = stretch.without_bed
        nights = words.stay(start, end, language)
        guests = {"adults": view.row.adults, "children": view.row.children or None}
        find = urls.path(
            "discovery:search", locale=language, kind="homestay", **{"from": start}, to=end, **guests
        )
    return JourneyStretch(
        trip=_row(view, now, language),
        open_nights=nights,
        find_href=find,
        clashes=stretch.clashes,
    )


def _row(view: BookingView, now: datetime, language: str) -> TripRow:
    booking = view.row
    page_name = "bookings:checkout" if booking.state is State.HELD else "bookings:show"
    tag = (TAGS.get(booking.state, "bad"), translate(LABELS[booking.state], language))
    if moving.is_open(booking, now):
        page_name, tag = "bookings:choose", ("wait", translate(lazy("Choose another date"), language))
    return TripRow(
        href=urls.path(page_name, locale=language, reference=booking.reference),
        kind=translate(KINDS[booking.kind], language),
        title=words.title(booking, language),
        place=view.village_name,
        when=words.booking_when(booking, language),
        party=words.party(booking.party, language),
        tag=tag,
        until=translate(until, language) if (until := _until(booking, now, language)) else "",
        cover_url=cover_url(view.slug, view.region, view.emblem),
    )


def _until(booking: BookingRow, now: datetime, language: str) -> Text | None:
    """What has to happen by when, while a booking waits."""
    ends = booking.deadline_at if booking.state is State.REQUESTED else booking.expires_at
    if booking.state not in WAITING or ends is None or ends <= now:
        return None
    moment = formats.instant(ends, language)
    if booking.state is State.REQUESTED:
        return lazy("The host answers by %(time)s", time=moment)
    if booking.state is State.PAYMENT_DUE:
        return lazy("Pay by %(time)s", time=moment)
    return lazy("Kept for you until %(time)s", time=moment)


async def find(request: Request) -> Response:
    """Mail a fresh link when reference and address belong together. The answer is the same either way."""
    form = parse(FindForm, await request.form(), locale(request))
    if form.data is None:
        return await _page(request, form, status=422)
    await limits.count("mail_address", client_address(request))
    reference = "".join(letter for letter in form.data.reference.upper() if letter.isalnum())
    if access.is_reference(reference):
        with suppress(NotFound):  # saying so would tell strangers which references exist
            await telling.send_link(reference, form.data.email, tools(request), locale(request))
    here = urls.path("bookings:trips", locale=locale(request))
    return redirect(
        request,
        here,
        flash=lazy(
            "If the reference and the address belong together, a link to the booking is in your mail now."
        ),
    )


routes = [
    page("/{locale}/trips", show_trips, access=ANYONE, name="bookings:trips"),
    page("/{locale}/trips", find, access=ANYONE, name="bookings:find", methods=("POST",)),
]
