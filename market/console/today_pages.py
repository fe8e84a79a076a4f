"""The host's day: requests to answer, guests who come, photos in work, money coming; and the guest list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.accounts import hosting
from market.accounts.rights import Right
from market.bookings import queries as booking_queries
from market.bookings import rotation
from market.bookings import service as bookings
from market.bookings.queries import BookingView
from market.bookings.rows import BookingRow
from market.bookings.states import State
from market.calendars import collisions
from market.calendars.collisions import Conflict
from market.console import host_queries, scope
from market.console.frame import Place, host_places
from market.console.host_queries import GuestRow, MoneyAhead
from market.errors import Invalid, Refused
from market.listings import sleeping
from market.media import queries as media
from market.messaging import queries as messages
from market.messaging.queries import Unread
from market.payments import queries as payment_queries
from market.payments import service as payments
from market.payments.rules import Method
from market.register import queries as register
from market.reviews import queries as reviews
from market.reviews.queries import Reputation
from market.values.reachable import Reachable
from market.values.text import Text, lazy
from market.villages import acts
from market.villages import queries as villages
from market.villages.acts import Acting
from market.web import urls
from market.web.forms import Inbound, parse
from market.web.guards import HOST, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, viewer


class HandOnForm(Inbound):
    """Why the family cannot host; the guest and the other families read it."""

    reason: Annotated[str, Field(max_length=400)] = ""


class AnswerForm(Inbound):
    """Yes or no to a request, with a word to the guest if the host wants."""

    answer: Literal["yes", "no"]
    reason: Annotated[str, Field(max_length=400)] = ""


@dataclass(frozen=True, slots=True)
class ActLine:
    """What a coordinator did in the host's name."""

    person: str
    village: str
    what: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Today:
    """Context of console/today.html."""

    places: Sequence[Place]
    name: str
    requests: Sequence[GuestRow]
    arriving: Sequence[GuestRow]
    leaving: Sequence[GuestRow]
    ahead: Sequence[GuestRow]
    unread: Sequence[Unread]
    reputations: Mapping[int, Reputation]
    to_report: Sequence[tuple[str, str, datetime]]
    conflicts: Sequence[Conflict]
    acts: Sequence[ActLine]
    asked: Sequence[sleeping.Asked]
    photos_in_work: int
    money_ahead: MoneyAhead | None
    listing_count: int
    may_list: bool
    may_guests: bool
    is_owner: bool
    in_village: bool
    family_count: int
    today: date
    tomorrow: date


@dataclass(frozen=True, slots=True)
class Guests:
    """Context of console/guests.html."""

    places: Sequence[Place]
    ahead: Sequence[GuestRow]
    past: Sequence[GuestRow]


async def today(request: Request) -> Response:
    """What needs the host now, most urgent first."""
    now, language, day = clock.now(), locale(request), clock.today()
    answering = scope.host_ids(request, Right.REQUESTS)
    earning, closing = scope.host_ids(request, Right.MONEY), scope.host_ids(request, Right.CALENDAR)
    listings = await scope.own_listings(request)
    every = scope.any_host_ids(request)
    hosts = await hosting.list_hosts(sorted(every))
    reachable = {host.id: Reachable(host.reachable_from, host.reachable_to) for host in hosts}
    ahead = await host_queries.list_ahead(answering, now, language, limit=60)
    requests = await host_queries.list_requests(answering, now, language, reachable)
    near = {day, day + timedelta(days=1)}
    context = Today(
        places=host_places(request, "console:host"),
        name=viewer(request).name,
        requests=requests,
        reputations=await reviews.reputations(row.person_id for row in requests),
        to_report=await _to_report(answering, now),
        arriving=[row for row in ahead if row.starts_on in near],
        leaving=[row for row in ahead if row.ends_on in near and row.starts_on not in near],
        ahead=[row for row in ahead if row.starts_on not in near and row.ends_on not in near][:4],
        unread=await messages.list_unread(answering),
        conflicts=await collisions.of_hosts(closing, day),
        acts=await _acts(request, every, now),
        asked=[each for each in await sleeping.list_asked_of(closing, language) if each.state == "asked"],
        photos_in_work=await media.count_in_work(listing.id for listing in listings),
        money_ahead=await host_queries.get_money(earning, now) if earning else None,
        listing_count=len(listings),
        may_list=bool(scope.host_ids(request, Right.PRICES)),
        may_guests=bool(answering),
        is_owner=bool(scope.host_ids(request)),
        in_village=any(host.village_id is not None for host in hosts),
        family_count=len(await scope.families(request)),
        today=day,
        tomorrow=day + timedelta(days=1),
    )
    return render(
        request, "console/today.html", context, title=words(request, lazy("Today")), robots="noindex"
    )


async def _to_report(hosts: frozenset[int], now: datetime) -> list[tuple[str, str, datetime]]:
    """(reference, guest, until when) of stays that have begun and whose foreign guests are still to be reported."""
    stays = await register.list_stays(hosts, clock.today())
    waiting = [stay for stay in stays if register.is_waiting(stay, now)]
    return [
        (stay.booking.reference, stay.booking.guest_name or stay.booking.reference, stay.due_at)
        for stay in sorted(waiting, key=lambda stay: stay.due_at)
    ]


async def _acts(request: Request, hosts: frozenset[int], now: datetime) -> list[ActLine]:
    """What coordinators did in the viewer's hosts' names in the last two weeks."""
    language = locale(request)
    return [
        ActLine(act.person, act.village_org, acts.words(act.name, act.subject, language), act.detail, act.at)
        for act in await villages.list_acts_for(hosts, since=now - timedelta(days=14), limit=6)
    ]


async def guests(request: Request) -> Response:
    """Everybody who comes, and who came."""
    hosts, language = scope.host_ids(request, Right.REQUESTS), locale(request)
    context = Guests(
        places=host_places(request, "console:host_guests"),
        ahead=await host_queries.list_ahead(hosts, clock.now(), language, limit=100),
        past=await host_queries.list_past(hosts, language),
    )
    return render(
        request, "console/guests.html", context, title=words(request, lazy("Guests")), robots="noindex"
    )


async def answer(request: Request) -> Response:
    """Accept or decline a request of one of the viewer's hosts, or of a family the viewer acts for."""
    view, acting = await _booking(request)
    route = "console:host_families" if acting.on_behalf else "console:host"
    back = urls.path(route, locale=locale(request))
    form = parse(AnswerForm, await request.form(), locale(request))
    if form.data is None:
        return redirect(request, back, flash=lazy("Choose to accept or to decline."), kind="bad")
    try:
        said = await _carry_out(request, view.row, acting, form.data)
    except Refused as refusal:
        return redirect(request, back, flash=refusal.message, kind="bad")
    return redirect(request, back, flash=said)


async def _booking(request: Request) -> tuple[BookingView, Acting]:
    """The booking that the path names, and as whom the viewer decides about it; NotFound for a stranger."""
    own = scope.host_ids(request, Right.REQUESTS)
    families = await scope.families(request)
    view = await booking_queries.get_for_host(request.path_params["reference"], own | families.keys())
    mine = sorted(view.row.host_ids & own) or sorted(view.row.host_ids & families.keys())
    return view, await scope.acting_for(request, mine[0], Right.REQUESTS)


async def _carry_out(request: Request, booking: BookingRow, acting: Acting, data: AnswerForm) -> Text:
    """Do what the host decided; the sentence that says what happens next."""
    now, reference, by = clock.now(), booking.reference, acting.person_id
    if data.answer == "no":
        async with db.transaction():
            await bookings.decline(reference, by=by, actor="host", reason=data.reason, now=now)
            await scope.note(request, acting, "declined", reference, detail=data.reason)
        return lazy("Declined. The guest has been told, and the place is free again.")
    async with db.transaction():
        state = await bookings.accept(reference, by=by, actor="host", now=now)
        await scope.note(request, acting, "accepted", reference)
    if state is State.CONFIRMED:
        return lazy("Accepted. The booking is confirmed and the guest has been told.")
    return lazy("Accepted. The booking is confirmed as soon as the payment is there.")


async def hand_on(request: Request) -> Response:
    """The family whose turn it is cannot host: the next one in turn does."""
    view, acting = await _booking(request)
    route = "console:host_families" if acting.on_behalf else "console:host_guests"
    back = urls.path(route, locale=locale(request))
    form = parse(HandOnForm, await request.form(), locale(request))
    reason = form.data.reason if form.data is not None else ""
    try:
        async with db.transaction():
            await rotation.hand_on(view.row.reference, reason=reason, by=acting.person_id, now=clock.now())
            await scope.note(request, acting, "handed_on", view.row.reference, detail=reason)
    except (Refused, Invalid) as refusal:
        return redirect(request, back, flash=refusal.message, kind="bad")
    return redirect(
        request,
        back,
        flash=lazy("Handed on to the next family. The guest and both families read your reason."),
    )


async def paid_here(request: Request) -> Response:
    """The guest has paid at the village: the host says so."""
    own = scope.host_ids(request, Right.REQUESTS)
    view = await booking_queries.get_for_host(request.path_params["reference"], own)
    back = urls.path("console:host_guests", locale=locale(request))
    own = await payment_queries.list_payments(view.row.reference)
    payment = next((each for each in reversed(own) if each.method is Method.ON_ARRIVAL), None)
    if payment is None:
        return redirect(request, back, flash=lazy("This booking is not paid at the village."), kind="bad")
    try:
        await payments.mark_paid_on_arrival(
            payment.reference, host_id=view.row.paid_host_id, by=person_id(request), now=clock.now()
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
        "/{locale}/host/bookings/{reference}/hand-on",
        hand_on,
        access=HOST,
        name="console:host_hand_on",
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
