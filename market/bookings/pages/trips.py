"""A traveller's trips, and finding one again by a link in the mail. The answer never says whether a booking exists."""

from __future__ import annotations

from collections.abc import Sequence
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
from market.bookings.pages import parts
from market.bookings.queries import BookingView
from market.bookings.states import LABELS, TAGS, WAITING, State
from market.errors import NotFound
from market.i18n.messages import translate
from market.media.covers import cover_url
from market.values.text import lazy
from market.web import urls
from market.web.forms import Form, filled, parse
from market.web.guards import ANYONE, page
from market.web.render import redirect, render
from market.web.request import client_address, locale, tools, viewer


@dataclass(frozen=True, slots=True)
class TripRow:
    """One booking in the list."""

    href: str
    title: str
    place: str
    when: str
    party: str
    tag: tuple[str, str]
    cover_url: str


@dataclass(frozen=True, slots=True)
class TripsPage:
    """Context of bookings/trips.html."""

    ahead: Sequence[TripRow]
    past: Sequence[TripRow]
    cancelled: Sequence[TripRow]
    form: Form[Any]
    action: str


_OFF = frozenset(State) - WAITING - {State.CONFIRMED, State.CHECKED_IN, State.COMPLETED, State.NO_SHOW}


async def show_trips(request: Request) -> Response:
    """The bookings this browser or this person may open."""
    return await _page(request, filled({"email": viewer(request).email}))


async def _page(request: Request, form: Form[Any], *, status: int = 200) -> Response:
    now, language = clock.now(), locale(request)
    views = await queries.list_for_guest(viewer(request), access.known(request))
    context = TripsPage(
        ahead=[
            _row(v, now, language) for v in reversed(views) if not _is_off(v, now) and not _is_past(v, now)
        ],
        past=[_row(v, now, language) for v in views if not _is_off(v, now) and _is_past(v, now)],
        cancelled=[_row(v, now, language) for v in views if _is_off(v, now)],
        form=form,
        action=urls.path("bookings:find", locale=language),
    )
    title = parts.page_title(request, lazy("My trips"), errors=bool(form.errors))
    return render(request, "bookings/trips.html", context, title=title, robots=parts.ROBOTS, status=status)


def _is_off(view: BookingView, now: datetime) -> bool:
    """Over without a visit; a trip whose guest may still choose another date is not."""
    return view.row.state in _OFF and not moving.is_open(view.row, now)


def _is_past(view: BookingView, now: datetime) -> bool:
    return view.row.ends_at <= now or view.row.state in {State.COMPLETED, State.NO_SHOW}


def _row(view: BookingView, now: datetime, language: str) -> TripRow:
    booking = view.row
    page_name = "bookings:checkout" if booking.state is State.HELD else "bookings:show"
    tag = (TAGS.get(booking.state, "bad"), translate(LABELS[booking.state], language))
    if moving.is_open(booking, now):
        page_name, tag = "bookings:choose", ("wait", translate(lazy("Choose another date"), language))
    return TripRow(
        href=urls.path(page_name, locale=language, reference=booking.reference),
        title=words.title(booking, language),
        place=view.village_name,
        when=words.booking_when(booking, language),
        party=words.party(booking.party, language),
        tag=tag,
        cover_url=cover_url(view.slug, view.region, view.emblem),
    )


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
