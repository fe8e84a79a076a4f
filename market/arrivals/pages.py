"""The guest's side of a no-show: what the host said, what happens with the money, and the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.arrivals.forms import ContestForm
from market.bookings import absences, access, words
from market.bookings import queries as bookings
from market.bookings.absences import NoShowRow
from market.bookings.pages import parts
from market.bookings.rows import BookingRow
from market.errors import NotFound, Refused
from market.i18n import formats
from market.values.text import lazy
from market.web.forms import Form, filled, parse
from market.web.guards import ANYONE, page
from market.web.render import redirect, render
from market.web.request import locale, viewer

_UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class ContestPage:
    """Context of arrivals/contest.html."""

    reference: str
    title: str
    when: str
    host: str
    stated: str
    until: str
    may_answer: bool
    answered: str
    outcome: str
    reason: str
    refund_minor: int
    form: Form[Any]


async def show(request: Request) -> Response:
    """What the host said, and the field to answer."""
    return await _page(request, await access.own_booking(request), filled({}))


async def _found(booking: BookingRow) -> NoShowRow:
    found = await absences.find_no_show(booking.reference)
    if found is None:
        raise NotFound
    return found


async def _page(request: Request, booking: BookingRow, form: Form[Any], *, status: int = 200) -> Response:
    found, language = await _found(booking), locale(request)
    view = await bookings.get_view(booking.reference)
    is_open = found.settled_at is None and found.contested_at is None
    context = ContestPage(
        reference=booking.reference,
        title=words.title(booking, language),
        when=words.booking_when(booking, language),
        host=view.host_name,
        stated=formats.instant(found.stated_at, language),
        until=formats.instant(found.contest_until, language),
        may_answer=is_open and clock.now() <= found.contest_until,
        answered=found.contest_text,
        outcome=found.outcome,
        reason=found.note if found.contested_at else "",
        refund_minor=found.refund_minor,
        form=form,
    )
    title = parts.page_title(request, lazy("Did you arrive?"), errors=bool(form.errors))
    return render(request, "arrivals/contest.html", context, title=title, robots=parts.ROBOTS, status=status)


async def answer(request: Request) -> Response:
    """The guest says: we were there."""
    booking = await access.own_booking(request)
    await _found(booking)
    here = parts.path(request, "arrivals:contest", booking.reference)
    form = parse(ContestForm, await request.form(), locale(request))
    if form.data is None:
        return await _page(request, booking, form, status=_UNPROCESSABLE)
    try:
        await absences.contest(
            booking.reference, text=form.data.text, by=viewer(request).person_id, now=clock.now()
        )
    except Refused as refusal:
        return redirect(request, here, flash=refusal.message, kind="bad")
    return redirect(
        request, here, flash=lazy("Thank you. Somebody from our team looks into it and writes to you.")
    )


routes = [
    page("/{locale}/bookings/{reference}/no-show", show, access=ANYONE, name="arrivals:contest"),
    page(
        "/{locale}/bookings/{reference}/no-show",
        answer,
        access=ANYONE,
        name="arrivals:contest_now",
        methods=("POST",),
    ),
]
