"""Cancelling a confirmed booking from the host's side: what it means is shown first, then done with a reason.

A host cancels their own bookings; an operator any, also for force majeure. The guest gets everything back or takes
another date; the places go on sale again or stay closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.accounts.rights import Right
from market.bookings import queries, story
from market.bookings import service as bookings
from market.bookings import words as booking_words
from market.bookings.queries import BookingView
from market.bookings.rows import BookingRow
from market.bookings.states import SOLD, State, WrongState
from market.console.frame import Place, Tab, host_places, operator_tabs
from market.console.listing_pages import fix
from market.errors import NotFound
from market.i18n import formats
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse
from market.web.guards import HOST, OPERATOR, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, viewer


class CancelForm(Inbound):
    """Why, and what becomes of the places."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "reason": {"any": lazy("Write the reason in a sentence or two. The guest reads it.")},
        "places": {"any": lazy("Say what becomes of the places.")},
    }

    reason: Annotated[str, Field(min_length=5, max_length=600)]
    places: Literal["release", "block"]


class OperatorCancelForm(CancelForm):
    """Who or what it was, besides."""

    cause: Literal["operator", "force_majeure", "host"]


@dataclass(frozen=True, slots=True)
class Consequences:
    """What cancelling means, in numbers and words."""

    guest: str
    party: str
    title: str
    when: str
    paid_minor: int
    receives_minor: int
    may_move: bool


@dataclass(frozen=True, slots=True)
class HostCancelPage:
    """Context of console/cancel.html."""

    places: Sequence[Place]
    booking: Consequences
    form: Form[Any]
    action: str
    back_href: str


@dataclass(frozen=True, slots=True)
class OperatorCancelPage:
    """Context of console/operator_cancel.html."""

    tabs: Sequence[Tab]
    booking: Consequences
    form: Form[Any]
    action: str
    back_href: str


_CAUSES = {
    "operator": State.CANCELLED_BY_OPERATOR,
    "force_majeure": State.FORCE_MAJEURE,
    "host": State.CANCELLED_BY_HOST,
}


def _may_be_cancelled(booking: BookingRow, now: datetime) -> bool:
    return booking.state in SOLD and now < booking.ends_at


def _consequences(booking: BookingRow, language: str, now: datetime) -> Consequences:
    return Consequences(
        guest=booking.guest_name or booking.reference,
        party=booking_words.party(booking.party, language),
        title=booking_words.title(booking, language),
        when=booking_words.booking_when(booking, language),
        paid_minor=booking.balance,
        receives_minor=booking_words.host_receives(booking),
        may_move=booking.starts_at > now,
    )


async def _of_host(request: Request) -> BookingView:
    """A booking of the viewer's hosts; NotFound for anybody else's."""
    hosts = viewer(request).organisation_ids(Right.REQUESTS.role)
    return await queries.get_for_host(request.path_params["reference"], hosts)


async def show_host(request: Request) -> Response:
    """What cancelling means for the guest and for the host."""
    view = await _of_host(request)
    if not _may_be_cancelled(view.row, clock.now()):
        return redirect(request, _host_back(request), flash=WrongState.message, kind="bad")
    return _host_page(request, view.row, filled({"places": "release"}))


def _host_back(request: Request) -> str:
    return urls.path("console:host_guests", locale=locale(request))


def _host_page(request: Request, booking: BookingRow, form: Form[Any], *, status: int = 200) -> Response:
    language = locale(request)
    context = HostCancelPage(
        places=host_places(request, "console:host_guests"),
        booking=_consequences(booking, language, clock.now()),
        form=form,
        action=urls.path("console:host_cancel", locale=language, reference=booking.reference),
        back_href=_host_back(request),
    )
    title = fix(request, words(request, lazy("Cancel a confirmed booking")), form)
    return render(request, "console/cancel.html", context, title=title, status=status, robots="noindex")


async def cancel_host(request: Request) -> Response:
    """Cancel as the host."""
    view = await _of_host(request)
    form = parse(CancelForm, await request.form(), locale(request))
    if not _may_be_cancelled(view.row, clock.now()):
        return redirect(request, _host_back(request), flash=WrongState.message, kind="bad")
    if form.data is None:
        return _host_page(request, view.row, form, status=422)
    return await _cancel(
        request, view.row, form.data, State.CANCELLED_BY_HOST, story.HOST, _host_back(request)
    )


async def _cancel(
    request: Request, booking: BookingRow, data: CancelForm, to: State, actor: str, back: str
) -> Response:
    try:
        amount = await bookings.cancel_by_host(
            booking.reference,
            by=person_id(request),
            actor=actor,
            reason=data.reason,
            now=clock.now(),
            to=to,
            block=data.places == "block",
            offer_move=True,
        )
    except WrongState as refusal:
        return redirect(request, back, flash=refusal.message, kind="bad")
    said = lazy("Cancelled. The guest has been told.")
    if amount:
        said = lazy(
            "Cancelled. The guest takes another date or gets %(amount)s back.",
            amount=formats.money(amount, locale(request)),
        )
    return redirect(request, back, flash=said)


async def show_operator(request: Request) -> Response:
    """What cancelling means, for an operator."""
    view = await _any(request)
    if not _may_be_cancelled(view.row, clock.now()):
        return redirect(request, _operator_back(request), flash=WrongState.message, kind="bad")
    return _operator_page(request, view.row, filled({"places": "block"}))


async def _any(request: Request) -> BookingView:
    view = await queries.get_view(request.path_params["reference"])
    if view.row.state is State.HELD:
        raise NotFound
    return view


def _operator_back(request: Request) -> str:
    reference = request.path_params["reference"]
    return urls.path("console:operator_booking", locale=locale(request), reference=reference)


def _operator_page(request: Request, booking: BookingRow, form: Form[Any], *, status: int = 200) -> Response:
    language = locale(request)
    context = OperatorCancelPage(
        tabs=operator_tabs(request, "console:operator_bookings"),
        booking=_consequences(booking, language, clock.now()),
        form=form,
        action=urls.path("console:operator_cancel", locale=language, reference=booking.reference),
        back_href=_operator_back(request),
    )
    title = fix(request, words(request, lazy("Cancel a confirmed booking")), form)
    return render(
        request, "console/operator_cancel.html", context, title=title, status=status, robots="noindex"
    )


async def cancel_operator(request: Request) -> Response:
    """Cancel as an operator: for ourselves, for the host, or because nobody can."""
    view = await _any(request)
    form = parse(OperatorCancelForm, await request.form(), locale(request))
    back = _operator_back(request)
    if not _may_be_cancelled(view.row, clock.now()):
        return redirect(request, back, flash=WrongState.message, kind="bad")
    if form.data is None:
        return _operator_page(request, view.row, form, status=422)
    return await _cancel(request, view.row, form.data, _CAUSES[form.data.cause], story.OPERATOR, back)


_HOST = "/{locale}/host/bookings/{reference}/cancel"
_OPERATOR = "/{locale}/operator/bookings/{reference}/cancel"
routes = [
    page(_HOST, show_host, access=HOST, name="console:host_cancel"),
    page(_HOST, cancel_host, access=HOST, name="console:host_cancel_now", methods=("POST",)),
    page(_OPERATOR, show_operator, access=OPERATOR, name="console:operator_cancel"),
    page(_OPERATOR, cancel_operator, access=OPERATOR, name="console:operator_cancel_now", methods=("POST",)),
]
