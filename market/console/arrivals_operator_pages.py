"""Contested no-shows: an operator hears both sides and decides. Money follows, so the second factor is asked again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.accounts import sessions
from market.arrivals.forms import DecisionForm
from market.bookings import absences, access, words
from market.bookings import queries as bookings
from market.bookings.absences import NoShowRow
from market.bookings.arrival_rules import Outcome
from market.console.frame import Tab, operator_tabs
from market.errors import NotFound, Refused
from market.values.text import lazy
from market.web import urls
from market.web.forms import Form, filled, parse
from market.web.guards import OPERATOR, page
from market.web.render import redirect, render
from market.web.render import words as said
from market.web.request import locale, person_id, viewer

_UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class Contested:
    """One contested no-show with both sides' words."""

    row: NoShowRow
    title: str
    when: str
    host: str
    guest: str
    balance_minor: int
    form: Form[Any]


@dataclass(frozen=True, slots=True)
class NoShows:
    """Context of console/arrivals_no_shows.html."""

    tabs: Sequence[Tab]
    lines: Sequence[Contested]
    errors: Sequence[tuple[str, str]]
    outcomes: Sequence[tuple[str, str]]


async def no_shows(request: Request) -> Response:
    """What waits for a decision, oldest first."""
    return await _page(request, "", filled({}))


async def _page(request: Request, asked: str, form: Form[Any], *, status: int = 200) -> Response:
    lines = [
        await _line(request, row, form if row.reference == asked else filled({}))
        for row in await absences.list_contested()
    ]
    context = NoShows(
        tabs=operator_tabs(request, "console:operator_no_shows"),
        lines=lines,
        errors=[(f"{name}-{asked}", message) for name, message in form.errors],
        outcomes=[
            ("stands", said(request, lazy("Nobody came: the terms decide about the money"))),
            ("arrived", said(request, lazy("The guest was there: back to checked in"))),
            ("host_failed", said(request, lazy("The guest came and was not hosted: everything back"))),
        ],
    )
    title = said(request, lazy("Contested no-shows"))
    return render(
        request, "console/arrivals_no_shows.html", context, title=title, robots="noindex", status=status
    )


async def _line(request: Request, row: NoShowRow, form: Form[Any]) -> Contested:
    view, language = await bookings.get_view(row.reference), locale(request)
    return Contested(
        row=row,
        title=words.title(view.row, language),
        when=words.booking_when(view.row, language),
        host=view.host_name,
        guest=view.row.guest_name,
        balance_minor=view.row.balance,
        form=form,
    )


async def decide(request: Request) -> Response:
    """Decide one, with the reason that both sides read."""
    reference = request.path_params["reference"]
    if not access.is_reference(reference) or await absences.find_no_show(reference) is None:
        raise NotFound
    here = urls.path("console:operator_no_shows", locale=locale(request))
    if not sessions.is_fresh(viewer(request)):
        return redirect(request, urls.path("accounts:step_up", locale=locale(request), next=here))
    form = parse(DecisionForm, await request.form(), locale(request))
    if form.data is None:
        return await _page(request, reference, form, status=_UNPROCESSABLE)
    try:
        await absences.resolve(
            reference,
            by=person_id(request),
            outcome=Outcome(form.data.outcome),
            note=form.data.note,
            now=clock.now(),
        )
    except Refused as refusal:
        return redirect(request, here, flash=refusal.message, kind="bad")
    return redirect(request, here, flash=lazy("Decided. Both sides are told, with your reason."))


routes = [
    page("/{locale}/operator/no-shows", no_shows, access=OPERATOR, name="console:operator_no_shows"),
    page(
        "/{locale}/operator/no-shows/{reference}",
        decide,
        access=OPERATOR,
        name="console:operator_no_show_decide",
        methods=("POST",),
    ),
]
