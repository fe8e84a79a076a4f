"""The host's register of foreign guests: stays with their deadline, one stay's guests, reporting, export.

Only people of the stay's own host find these pages; operators do not. Each opening of a stay is kept with who
opened it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.accounts.rights import Right
from market.bookings import access, words
from market.bookings.rows import BookingRow
from market.console import scope
from market.console.frame import Place, host_places
from market.errors import NotFound, Refused
from market.i18n import formats
from market.i18n.messages import translate
from market.register import countries, queries, rules, service
from market.register.forms import GuestForm, ReportForm
from market.register.queries import Guest, Stay
from market.register.rules import Act, State
from market.values.csv_cells import safe_cell
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, filled, parse
from market.web.guards import HOST, page
from market.web.render import redirect, render
from market.web.render import words as said
from market.web.request import locale, person_id, settings

_UNPROCESSABLE = 422
_STATES: Final[dict[State | None, tuple[str, Text]]] = {
    None: ("wait", lazy("To do")),
    State.OPEN: ("wait", lazy("Being written down")),
    State.NONE: ("", lazy("No foreign guests")),
    State.REPORTED: ("ok", lazy("Reported")),
    State.ERASED: ("", lazy("Erased")),
}


@dataclass(frozen=True, slots=True)
class StayRow:
    """A stay as the checklist shows it."""

    reference: str
    guest: str
    title: str
    when: str
    party: str
    tag: str
    state: str
    due: str
    reported: str
    guests: int
    undecided: bool


@dataclass(frozen=True, slots=True)
class Register:
    """Context of console/arrivals_register.html."""

    places: Sequence[Place]
    due: Sequence[StayRow]
    done: Sequence[StayRow]
    keep_days: int


@dataclass(frozen=True, slots=True)
class GuestRow:
    """One guest as the stay's page shows it; `lines` are what is reported."""

    id: int
    name: str
    lines: Sequence[tuple[str, str]]
    by_guest: bool


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a stay's checklist, for `ui/check_list.html`."""

    state: str
    title: str
    text: str
    tag: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class RegisterStay:
    """Context of console/arrivals_register_stay.html."""

    places: Sequence[Place]
    stay: StayRow
    guests: Sequence[GuestRow]
    checks: Sequence[Check]
    is_open: bool
    is_reported: bool
    is_none: bool
    form: Form[Any]
    report: Form[Any]
    nations: Sequence[tuple[str, str]]


def _hosts(request: Request) -> frozenset[int]:
    """The viewer's own hosts. A coordinator who acts for a family does not read its guests' passports."""
    return scope.host_ids(request, Right.REQUESTS)


async def register(request: Request) -> Response:
    """Every stay whose guests may have to be reported: what is due first, then what is done."""
    language = locale(request)
    stays = await queries.list_stays(_hosts(request), clock.today())
    due = [stay for stay in stays if stay.state in {None, State.OPEN}]
    context = Register(
        places=host_places(request, "console:host_guests"),
        due=[_row(stay, language) for stay in sorted(due, key=lambda stay: stay.due_at)],
        done=[_row(stay, language) for stay in stays if stay not in due],
        keep_days=settings(request).register_keep_days,
    )
    title = said(request, lazy("Register of foreign guests"))
    return render(request, "console/arrivals_register.html", context, title=title, robots="noindex")


def _row(stay: Stay, language: str) -> StayRow:
    booking = stay.booking
    overdue = stay.overdue(clock.now())
    tag, label = ("bad", lazy("Overdue")) if overdue else _STATES[stay.state]
    reported = ""
    if stay.reported_at is not None and stay.state is State.REPORTED:
        reported = formats.instant(stay.reported_at, language)
        reported += f", {stay.report_reference}" if stay.report_reference else ""
    return StayRow(
        reference=booking.reference,
        guest=booking.guest_name or booking.reference,
        title=words.title(booking, language),
        when=words.booking_when(booking, language),
        party=words.party(booking.party, language),
        tag=tag,
        state=translate(label, language),
        due=formats.instant(stay.due_at, language),
        reported=reported,
        guests=stay.guests,
        undecided=stay.state is None,
    )


async def _own(request: Request) -> Stay:
    reference = request.path_params["reference"]
    if not access.is_reference(reference):
        raise NotFound
    return await queries.get_stay(reference, _hosts(request))


def _href(request: Request, booking: BookingRow) -> str:
    return urls.path("console:host_register_stay", locale=locale(request), reference=booking.reference)


async def show(request: Request) -> Response:
    """One stay's guests, opened; that somebody looked is kept."""
    return await _page(request, await _own(request))


async def _page(
    request: Request,
    stay: Stay,
    *,
    form: Form[Any] | None = None,
    report: Form[Any] | None = None,
    status: int = 200,
) -> Response:
    language = locale(request)
    guests = await queries.list_guests(stay.stay_id, settings(request).secrets)
    if guests and stay.stay_id is not None:
        await service.note(stay.stay_id, Act.READ, by=person_id(request), now=clock.now())
    context = RegisterStay(
        places=host_places(request, "console:host_guests"),
        stay=_row(stay, language),
        guests=[_guest_row(guest, language) for guest in guests],
        checks=[]
        if stay.state in {State.NONE, State.ERASED}
        else _checks(request, stay, _row(stay, language)),
        is_open=stay.state in {None, State.OPEN},
        is_reported=stay.state is State.REPORTED,
        is_none=stay.state is State.NONE,
        form=form or _empty(stay),
        report=report or filled({}),
        nations=[("", said(request, lazy("Choose a country"))), *countries.names(language).items()],
    )
    title = translate(lazy("Foreign guests, %(name)s", name=context.stay.guest), language)
    if form is not None:
        title = translate(lazy("Fix: %(title)s", title=title), language)
    return render(
        request, "console/arrivals_register_stay.html", context, title=title, robots="noindex", status=status
    )


def _checks(request: Request, stay: Stay, row: StayRow) -> list[Check]:
    """What the duty asks, in order: written down, compared, reported in time, and what we do by ourselves."""
    reported, overdue = stay.state is State.REPORTED, stay.overdue(clock.now())
    written = lazy(
        "%(count)s written down, %(party)s in the booking", count=str(stay.guests), party=row.party
    )
    by = row.reported if reported else row.due
    erased = rules.erase_on(stay.booking.ends_on, settings(request).register_keep_days)
    lines: list[tuple[str, Text, Text | str]] = [
        ("ok" if stay.guests else "warn", lazy("Write every foreign guest down"), written),
        (
            "ok" if reported else "",
            lazy("Compare with the passports"),
            lazy("Name, number and date of birth."),
        ),
        (
            "ok" if reported else "bad" if overdue else "warn",
            lazy("Report to the immigration office"),
            lazy("Reported %(when)s", when=by) if reported else lazy("Report by %(moment)s", moment=by),
        ),
        (
            "",
            lazy("Erased by itself"),
            lazy("On %(day)s, when the legal term is over.", day=formats.day(erased, locale(request))),
        ),
    ]
    return [Check(state, said(request, title), said(request, text)) for state, title, text in lines]


def _empty(stay: Stay) -> Form[Any]:
    """What the booking knows already: its days, and the first guest's name."""
    booking = stay.booking
    name = booking.guest_name if not stay.guests else ""
    return filled({"full_name": name, "arrives_on": booking.starts_on, "leaves_on": booking.ends_on})


def _guest_row(guest: Guest, language: str) -> GuestRow:
    facts = guest.facts
    if facts is None:
        closed = translate(lazy("This entry cannot be opened any more. Please write it again."), language)
        return GuestRow(guest.id, closed, [], by_guest=False)
    lines: list[tuple[Text, str]] = [
        (lazy("Nationality"), countries.name(facts.nationality, language)),
        (lazy("Passport"), facts.passport),
        (lazy("Born on"), formats.day(facts.born_on, language)),
        (lazy("Days of the stay"), formats.day_range(facts.arrives_on, facts.leaves_on, language)),
    ]
    return GuestRow(
        guest.id,
        facts.full_name,
        [(translate(label, language), value) for label, value in lines],
        by_guest=guest.filled_by == "guest",
    )


async def write(request: Request) -> Response:
    """Write one guest down."""
    stay = await _own(request)
    form = parse(GuestForm, await request.form(), locale(request))
    if form.data is None:
        return await _page(request, stay, form=form, status=_UNPROCESSABLE)
    try:
        await service.write(
            stay.booking,
            form.data.facts(),
            guest_id=None,
            filled_by="host",
            by=person_id(request),
            secrets=settings(request).secrets,
            now=clock.now(),
        )
    except Refused as refusal:
        return redirect(request, _href(request, stay.booking), flash=refusal.message, kind="bad")
    return redirect(request, _href(request, stay.booking), flash=lazy("Written down."))


async def remove(request: Request) -> Response:
    """Strike one guest out."""
    stay = await _own(request)
    guest_id = int(request.path_params["guest_id"])
    try:
        await service.remove(stay.booking, guest_id, by=person_id(request), now=clock.now())
    except Refused as refusal:
        return redirect(request, _href(request, stay.booking), flash=refusal.message, kind="bad")
    return redirect(request, _href(request, stay.booking), flash=lazy("Struck out."))


async def none(request: Request) -> Response:
    """Nobody in this booking is a foreigner; or open again."""
    stay = await _own(request)
    to = urls.path("console:host_register", locale=locale(request))
    try:
        await service.say_none(stay.booking, by=person_id(request), now=clock.now())
    except Refused as refusal:
        return redirect(request, to, flash=refusal.message, kind="bad")
    return redirect(request, to, flash=lazy("Noted: no foreign guests in this booking."))


async def reopen(request: Request) -> Response:
    """Something was wrong: open again."""
    stay = await _own(request)
    here = _href(request, stay.booking)
    try:
        await service.reopen(stay.booking, by=person_id(request), now=clock.now())
    except NotFound:
        return redirect(request, here, flash=lazy("This stay is open already."), kind="wait")
    return redirect(request, here, flash=lazy("Open again. Report it once it is right."), kind="wait")


async def report(request: Request) -> Response:
    """The stay is reported."""
    stay = await _own(request)
    here = _href(request, stay.booking)
    form = parse(ReportForm, await request.form(), locale(request))
    if form.data is None:
        return await _page(request, stay, report=form, status=_UNPROCESSABLE)
    try:
        await service.report(
            stay.booking, reference=form.data.reference, by=person_id(request), now=clock.now()
        )
    except Refused as refusal:
        return redirect(request, here, flash=refusal.message, kind="bad")
    return redirect(request, here, flash=lazy("Noted as reported, with the time."))


async def export(request: Request) -> Response:
    """The stay's guests as a table file for the office; that it was taken is kept."""
    stay = await _own(request)
    if stay.stay_id is None or not stay.guests:
        raise NotFound
    await service.note(stay.stay_id, Act.EXPORTED, by=person_id(request), now=clock.now())
    guests = await queries.list_guests(stay.stay_id, settings(request).secrets)
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["full_name", "nationality", "passport", "born_on", "arrives_on", "leaves_on"])
    for facts in (guest.facts for guest in guests if guest.facts):
        rows.writerow([safe_cell(value) for value in facts.to_json().values()])
    name = f"register-{stay.booking.reference}.csv"
    return Response(
        "\ufeff" + out.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


_PATH: Final = "/{locale}/host/register/{reference}"
routes = [
    page("/{locale}/host/register", register, access=HOST, name="console:host_register", own_eyes=True),
    page(_PATH, show, access=HOST, name="console:host_register_stay", own_eyes=True),
    page(_PATH, write, access=HOST, name="console:host_register_write", methods=("POST",)),
    page(
        f"{_PATH}/guests/{{guest_id:int}}",
        remove,
        access=HOST,
        name="console:host_register_remove",
        methods=("POST",),
    ),
    page(f"{_PATH}/none", none, access=HOST, name="console:host_register_none", methods=("POST",)),
    page(f"{_PATH}/reopen", reopen, access=HOST, name="console:host_register_reopen", methods=("POST",)),
    page(f"{_PATH}/report", report, access=HOST, name="console:host_register_report", methods=("POST",)),
    page(f"{_PATH}/export", export, access=HOST, name="console:host_register_export", methods=("POST",)),
]
