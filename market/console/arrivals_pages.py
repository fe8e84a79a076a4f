"""The host's arrivals: the list of a day, checking a guest in by code, QR or list, taking that back, a no-show.

Everything here works as plain forms. What a phone without signal does with these pages is in `static/js`, and
where its messages arrive in `arrivals_offline_pages`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.accounts.rights import Right
from market.arrivals import queries, service
from market.arrivals.forms import CheckInForm, CodeForm, DayForm, NoShowForm, ReasonForm
from market.bookings import access, arriving
from market.bookings import arrival_codes as codes
from market.bookings.arrival_rules import How
from market.bookings.rows import BookingRow
from market.console import scope
from market.console.arrivals_view import ArrivalRow, arrival_row
from market.console.frame import Place, host_places
from market.errors import NotFound, Refused
from market.i18n import formats
from market.i18n.messages import translate
from market.values.text import Text, lazy
from market.villages.acts import Acting
from market.web import urls
from market.web.forms import Form, filled, parse
from market.web.guards import HOST, page
from market.web.render import redirect, render, words
from market.web.request import locale, settings

_FARTHEST = timedelta(days=400)
_UNPROCESSABLE = 422
_SHOWN: dict[How, Text] = {
    How.QR: lazy("The QR code is genuine."),
    How.CODE: lazy("The code is right."),
}


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Context of console/arrivals.html."""

    places: Sequence[Place]
    day: str
    is_today: bool
    before_href: str
    after_href: str
    today_href: str
    as_of: str
    arriving: Sequence[ArrivalRow]
    staying: Sequence[ArrivalRow]
    guests: int
    form: Form[Any]
    action: str
    scope: str
    sync_href: str
    worker_href: str


@dataclass(frozen=True, slots=True)
class OneArrival:
    """Context of console/arrival.html."""

    places: Sequence[Place]
    row: ArrivalRow
    shown: str
    how: str
    undo: Form[Any]
    absent: Form[Any]
    back: str


async def received_by(request: Request) -> frozenset[int]:
    """The hosts whose guests the viewer may receive: one's own, and families one acts for."""
    own = scope.host_ids(request, Right.REQUESTS)
    return own | (await scope.families(request)).keys()


async def as_whom(request: Request, booking: BookingRow) -> Acting:
    """As whom the viewer receives these guests: for one's own host first, else in a family's name."""
    hosts, own = await received_by(request), scope.host_ids(request, Right.REQUESTS)
    mine = sorted(booking.host_ids & own) or sorted(booking.host_ids & hosts)
    if not mine:
        raise NotFound
    return await scope.acting_for(request, mine[0], Right.REQUESTS)


def _here(request: Request, **params: Any) -> str:
    return urls.path("console:host_arrivals", locale=locale(request), **params)


def _day_href(request: Request, day: date) -> str:
    return _here(request) if day == clock.today() else f"{_here(request)}?day={day.isoformat()}"


async def arrivals(request: Request) -> Response:
    """The guests of a day: to check in on a phone, or to print."""
    return await _list(request, filled({}))


async def _list(request: Request, form: Form[Any], *, status: int = 200) -> Response:
    language, now, day = locale(request), clock.now(), _day(request)
    found = await queries.list_day(await received_by(request), day)
    secrets = settings(request).secrets
    rows = [arrival_row(one, secrets, now, language) for one in found.arriving]
    context = Arrivals(
        places=host_places(request, "console:host_guests"),
        day=formats.day_long(day, language),
        is_today=day == clock.today(),
        before_href=_day_href(request, day - timedelta(days=1)),
        after_href=_day_href(request, day + timedelta(days=1)),
        today_href=_here(request),
        as_of=formats.instant(now, language),
        arriving=rows,
        staying=[arrival_row(one, secrets, now, language) for one in found.staying],
        guests=sum(one.row.party.total for one in found.arriving),
        form=form,
        action=_here(request),
        scope=_here(request),
        sync_href=urls.path("console:host_arrivals_sync", locale=language),
        worker_href=urls.path("console:host_arrivals_worker", locale=language),
    )
    title = translate(lazy("Arrivals, %(day)s", day=context.day), language)
    return render(request, "console/arrivals.html", context, title=title, robots="noindex", status=status)


def _day(request: Request) -> date:
    """The day asked for, or today; far-off days are today."""
    today = clock.today()
    form = parse(DayForm, request.query_params, locale(request))
    asked = form.data.day if form.data else today
    return asked if abs(asked - today) <= _FARTHEST else today


async def typed(request: Request) -> Response:
    """A guest read out a code: to that guest's page."""
    form = parse(CodeForm, await request.form(), locale(request))
    if form.data is None:
        return await _list(request, form, status=_UNPROCESSABLE)
    secrets, hosts = settings(request).secrets, await received_by(request)
    reference = await service.find("", form.data.code, "", hosts, secrets, clock.now())
    if reference is None:
        form.add_error("code", words(request, service.NOT_YOURS))
        return await _list(request, form, status=_UNPROCESSABLE)
    return redirect(request, f"{_one_href(request, reference)}?how={How.CODE.value}")


def _one_href(request: Request, reference: str) -> str:
    return urls.path("console:host_arrival", locale=locale(request), reference=reference)


async def scan(request: Request) -> Response:
    """The phone's camera opened the QR code of a voucher."""
    reference = codes.reference_in(request.path_params["token"], settings(request).secrets)
    if reference is None:
        raise NotFound
    await queries.get_arrival(reference, await received_by(request))
    return await _one(request, reference, how=How.QR)


async def one(request: Request) -> Response:
    """One party: check in, take back, or say that nobody came."""
    asked = request.query_params.get("how", "")
    return await _one(request, _reference(request), how=How.CODE if asked == How.CODE.value else How.LIST)


def _reference(request: Request) -> str:
    reference = request.path_params["reference"]
    if not access.is_reference(reference):
        raise NotFound
    return reference


async def _one(
    request: Request,
    reference: str,
    *,
    how: How = How.LIST,
    undo: Form[Any] | None = None,
    absent: Form[Any] | None = None,
    status: int = 200,
) -> Response:
    found = await queries.get_arrival(reference, await received_by(request))
    row = arrival_row(found, settings(request).secrets, clock.now(), locale(request))
    context = OneArrival(
        places=host_places(request, "console:host_guests"),
        row=row,
        shown=words(request, _SHOWN[how]) if how in _SHOWN else "",
        how=how.value,
        undo=undo or filled({}),
        absent=absent or filled({}),
        back=_day_href(request, found.row.starts_on),
    )
    return render(request, "console/arrival.html", context, title=row.name, robots="noindex", status=status)


async def check_in(request: Request) -> Response:
    """The guest is here."""
    found = await queries.get_arrival(_reference(request), await received_by(request))
    form = parse(CheckInForm, await request.form(), locale(request))
    sent, acting = form.data or CheckInForm(), await as_whom(request, found.row)
    back = _day_href(request, found.row.starts_on)
    try:
        async with db.transaction():
            done = await arriving.check_in(
                found.row.reference, by=acting.person_id, now=clock.now(), key=sent.key, how=sent.how
            )
            if done.fresh:
                await scope.note(request, acting, "checked_in", found.row.reference)
    except Refused as refusal:
        return redirect(request, _one_href(request, found.row.reference), flash=refusal.message, kind="bad")
    return redirect(request, back, flash=_welcomed(found.row.guest_name))


def _welcomed(name: str) -> Text:
    return lazy("%(name)s is checked in.", name=name) if name else lazy("The guest is checked in.")


async def undo(request: Request) -> Response:
    """It was the wrong name: back to expected."""
    found = await queries.get_arrival(_reference(request), await received_by(request))
    reference = found.row.reference
    form = parse(ReasonForm, await request.form(), locale(request))
    if form.data is None:
        return await _one(request, reference, undo=form, status=_UNPROCESSABLE)
    try:
        async with db.transaction():
            acting = await as_whom(request, found.row)
            await arriving.undo_check_in(
                reference, by=acting.person_id, reason=form.data.reason, now=clock.now()
            )
            await scope.note(request, acting, "check_in_undone", reference, detail=form.data.reason)
    except Refused as refusal:
        return redirect(request, _one_href(request, reference), flash=refusal.message, kind="bad")
    return redirect(request, _one_href(request, reference), flash=lazy("The check-in is taken back."))


async def no_show(request: Request) -> Response:
    """Nobody came: the guest is asked, the money waits, the nights that are left open."""
    found = await queries.get_arrival(_reference(request), await received_by(request))
    reference = found.row.reference
    form = parse(NoShowForm, await request.form(), locale(request))
    if form.data is None:
        return await _one(request, reference, absent=form, status=_UNPROCESSABLE)
    try:
        async with db.transaction():
            acting = await as_whom(request, found.row)
            await arriving.no_show(reference, by=acting.person_id, now=clock.now(), reason=form.data.reason)
            await scope.note(request, acting, "no_show", reference, detail=form.data.reason)
    except Refused as refusal:
        return redirect(request, _one_href(request, reference), flash=refusal.message, kind="bad")
    said = lazy("Noted. The guest has 48 hours to answer; then the terms decide about the money.")
    return redirect(request, _one_href(request, reference), flash=said, kind="wait")


routes = [
    page("/{locale}/host/arrivals", arrivals, access=HOST, name="console:host_arrivals"),
    page("/{locale}/host/arrivals", typed, access=HOST, name="console:host_arrivals_code", methods=("POST",)),
    page("/{locale}/host/arrivals/scan/{token}", scan, access=HOST, name="console:host_scan"),
    page("/{locale}/host/arrivals/{reference}", one, access=HOST, name="console:host_arrival"),
    page(
        "/{locale}/host/arrivals/{reference}",
        check_in,
        access=HOST,
        name="console:host_check_in",
        methods=("POST",),
    ),
    page(
        "/{locale}/host/arrivals/{reference}/undo",
        undo,
        access=HOST,
        name="console:host_check_in_undo",
        methods=("POST",),
    ),
    page(
        "/{locale}/host/arrivals/{reference}/no-show",
        no_show,
        access=HOST,
        name="console:host_no_show",
        methods=("POST",),
    ),
]
