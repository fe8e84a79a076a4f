"""The guest's own page of the register: writing down who comes, so that the host need not ask at the door.

What was written is shown again only in part: this page opens with a mailed link, and such a link may be read by
others of the party.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.bookings import access, words
from market.bookings.pages import parts
from market.bookings.states import SOLD
from market.errors import NotFound, Refused
from market.register import countries, queries, rules, service
from market.register.forms import GuestForm
from market.register.queries import Guest, Stay
from market.register.rules import State
from market.values.text import lazy
from market.web.forms import Form, filled, parse
from market.web.guards import ANYONE, page
from market.web.render import redirect, render
from market.web.render import words as said
from market.web.request import locale, settings, viewer

_UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class GuestLine:
    """One guest as the guest's own page shows it again."""

    id: int
    name: str
    passport: str


@dataclass(frozen=True, slots=True)
class PrefillPage:
    """Context of register/prefill.html."""

    reference: str
    title: str
    when: str
    guests: Sequence[GuestLine]
    is_open: bool
    keep_days: int
    form: Form[Any]
    nations: Sequence[tuple[str, str]]


async def _own(request: Request) -> Stay:
    """The guest's own stay; NotFound for everybody else, and for what is no stay or does not take place."""
    booking = await access.own_booking(request)
    if booking.state not in SOLD:
        raise NotFound
    return await queries.find_stay(booking.reference)


async def show(request: Request) -> Response:
    """What is asked and why, and what has been written."""
    stay = await _own(request)
    return await _page(request, stay, _empty(stay))


def _empty(stay: Stay) -> Form[Any]:
    booking = stay.booking
    name = booking.guest_name if not stay.guests else ""
    return filled({"full_name": name, "arrives_on": booking.starts_on, "leaves_on": booking.ends_on})


async def _page(request: Request, stay: Stay, form: Form[Any], *, status: int = 200) -> Response:
    language, config = locale(request), settings(request)
    guests = await queries.list_guests(stay.stay_id, config.secrets)
    context = PrefillPage(
        reference=stay.booking.reference,
        title=words.title(stay.booking, language),
        when=words.booking_when(stay.booking, language),
        guests=[_line(guest) for guest in guests if guest.filled_by == "guest" and guest.facts],
        is_open=stay.state in {None, State.OPEN},
        keep_days=config.register_keep_days,
        form=form,
        nations=[("", said(request, lazy("Choose a country"))), *countries.names(language).items()],
    )
    title = parts.page_title(request, lazy("Passports of foreign guests"), errors=bool(form.errors))
    return render(request, "register/prefill.html", context, title=title, robots=parts.ROBOTS, status=status)


def _line(guest: Guest) -> GuestLine:
    facts = guest.facts
    name, passport = (facts.full_name, rules.hidden(facts.passport)) if facts else ("", "")
    return GuestLine(guest.id, name, passport)


async def write(request: Request) -> Response:
    """Write one guest down for the host."""
    stay = await _own(request)
    here = parts.path(request, "register:prefill", stay.booking.reference)
    form = parse(GuestForm, await request.form(), locale(request))
    if form.data is None:
        return await _page(request, stay, form, status=_UNPROCESSABLE)
    try:
        await service.write(
            stay.booking,
            form.data.facts(),
            guest_id=None,
            filled_by="guest",
            by=viewer(request).person_id,
            secrets=settings(request).secrets,
            now=clock.now(),
        )
    except Refused as refusal:
        return redirect(request, here, flash=refusal.message, kind="bad")
    return redirect(request, here, flash=lazy("Written down. Only your host can read it."))


async def remove(request: Request) -> Response:
    """Strike out what the guest wrote."""
    stay = await _own(request)
    here = parts.path(request, "register:prefill", stay.booking.reference)
    try:
        await service.remove(
            stay.booking,
            int(request.path_params["guest_id"]),
            by=viewer(request).person_id,
            now=clock.now(),
            filled_by="guest",
        )
    except Refused as refusal:
        return redirect(request, here, flash=refusal.message, kind="bad")
    return redirect(request, here, flash=lazy("Struck out."))


routes = [
    page(
        "/{locale}/bookings/{reference}/register", show, access=ANYONE, name="register:prefill", own_eyes=True
    ),
    page(
        "/{locale}/bookings/{reference}/register",
        write,
        access=ANYONE,
        name="register:prefill_write",
        methods=("POST",),
    ),
    page(
        "/{locale}/bookings/{reference}/register/{guest_id:int}",
        remove,
        access=ANYONE,
        name="register:prefill_remove",
        methods=("POST",),
    ),
]
