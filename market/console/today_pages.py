"""The host's day: requests to answer, guests who come, photos in work, money coming; and the guest list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.bookings import queries as booking_queries
from market.bookings import service as bookings
from market.bookings.states import State
from market.console import host_queries, scope
from market.console.frame import Place, host_places
from market.console.host_queries import GuestRow, MoneyAhead
from market.errors import Refused
from market.media import queries as media
from market.payments import queries as payment_queries
from market.payments import service as payments
from market.payments.rules import Method
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Inbound, parse
from market.web.guards import HOST, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, viewer


class AnswerForm(Inbound):
    """Yes or no to a request, with a word to the guest if the host wants."""

    answer: Literal["yes", "no"]
    reason: Annotated[str, Field(max_length=400)] = ""


@dataclass(frozen=True, slots=True)
class Today:
    """Context of console/today.html."""

    places: Sequence[Place]
    name: str
    requests: Sequence[GuestRow]
    ahead: Sequence[GuestRow]
    photos_in_work: int
    money_ahead: MoneyAhead
    listing_count: int


@dataclass(frozen=True, slots=True)
class Guests:
    """Context of console/guests.html."""

    places: Sequence[Place]
    ahead: Sequence[GuestRow]
    past: Sequence[GuestRow]


async def today(request: Request) -> Response:
    """What needs the host now, most urgent first."""
    hosts, now, language = scope.host_ids(request), clock.now(), locale(request)
    listings = await scope.own_listings(request)
    context = Today(
        places=host_places(request, "console:host"),
        name=viewer(request).name,
        requests=await host_queries.list_requests(hosts, now, language),
        ahead=await host_queries.list_ahead(hosts, now, language, limit=4),
        photos_in_work=await media.count_in_work(listing.id for listing in listings),
        money_ahead=await host_queries.get_money(hosts, now),
        listing_count=len(listings),
    )
    return render(
        request, "console/today.html", context, title=words(request, lazy("Today")), robots="noindex"
    )


async def guests(request: Request) -> Response:
    """Everybody who comes, and who came."""
    hosts, language = scope.host_ids(request), locale(request)
    context = Guests(
        places=host_places(request, "console:host_guests"),
        ahead=await host_queries.list_ahead(hosts, clock.now(), language, limit=100),
        past=await host_queries.list_past(hosts, language),
    )
    return render(
        request, "console/guests.html", context, title=words(request, lazy("Guests")), robots="noindex"
    )


async def answer(request: Request) -> Response:
    """Accept or decline a request of one of the viewer's hosts."""
    view = await booking_queries.get_for_host(request.path_params["reference"], scope.host_ids(request))
    back = urls.path("console:host", locale=locale(request))
    form = parse(AnswerForm, await request.form(), locale(request))
    if form.data is None:
        return redirect(request, back, flash=lazy("Choose to accept or to decline."), kind="bad")
    try:
        said = await _carry_out(view.row.reference, form.data, person_id(request))
    except Refused as refusal:
        return redirect(request, back, flash=refusal.message, kind="bad")
    return redirect(request, back, flash=said)


async def _carry_out(reference: str, data: AnswerForm, by: int) -> Text:
    """Do what the host decided; the sentence that says what happens next."""
    now = clock.now()
    if data.answer == "no":
        await bookings.decline(reference, by=by, actor="host", reason=data.reason, now=now)
        return lazy("Declined. The guest has been told, and the place is free again.")
    state = await bookings.accept(reference, by=by, actor="host", now=now)
    if state is State.CONFIRMED:
        return lazy("Accepted. The booking is confirmed and the guest has been told.")
    return lazy("Accepted. The booking is confirmed as soon as the payment is there.")


async def paid_here(request: Request) -> Response:
    """The guest has paid at the village: the host says so."""
    view = await booking_queries.get_for_host(request.path_params["reference"], scope.host_ids(request))
    back = urls.path("console:host_guests", locale=locale(request))
    own = await payment_queries.list_payments(view.row.reference)
    payment = next((each for each in reversed(own) if each.method is Method.ON_ARRIVAL), None)
    if payment is None:
        return redirect(request, back, flash=lazy("This booking is not paid at the village."), kind="bad")
    try:
        await payments.mark_paid_on_arrival(
            payment.reference, host_id=view.row.host_id, by=person_id(request), now=clock.now()
        )
    except Refused as refusal:
        return redirect(request, back, flash=refusal.message, kind="bad")
    return redirect(request, back, flash=lazy("Noted: the guest has paid you."))


routes = [
    page("/{locale}/host/", today, access=HOST, name="console:host"),
    page("/{locale}/host/guests", guests, access=HOST, name="console:host_guests"),
    page(
        "/{locale}/host/requests/{reference}",
        answer,
        access=HOST,
        name="console:host_answer",
        methods=("POST",),
    ),
    page(
        "/{locale}/host/bookings/{reference}/paid",
        paid_here,
        access=HOST,
        name="console:host_paid",
        methods=("POST",),
    ),
]
