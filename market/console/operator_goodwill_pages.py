"""Goodwill at the operators' desk: propose it on a booking, approve what somebody else proposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.accounts import sessions
from market.bookings import access
from market.bookings import queries as bookings
from market.console.editor.values import Rupiah
from market.console.frame import Tab, operator_tabs
from market.console.listing_pages import fix
from market.errors import Invalid, NotFound, Refused
from market.staff import goodwill
from market.staff.goodwill import GoodwillRow
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse
from market.web.guards import OPERATOR, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, settings, viewer

_UNPROCESSABLE = 422
_STATES: dict[str, tuple[str, Text]] = {
    "proposed": ("wait", lazy("Waits for a second person")),
    "given": ("ok", lazy("Given")),
    "refused": ("bad", lazy("Not given")),
}


class GiveForm(Inbound):
    """How much, and why."""

    amount: Rupiah
    reason: Annotated[str, Field(min_length=10, max_length=600)]
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "amount": {"missing": lazy("Enter how much goes back.")},
        "reason": {
            "missing": lazy("Write the reason in a sentence; it stays in the log."),
            "string_too_short": lazy("Write the reason in a sentence; it stays in the log."),
        },
    }


class DecideForm(Inbound):
    """Whether it is given."""

    act: Literal["approve", "refuse"]


@dataclass(frozen=True, slots=True)
class Line:
    """A goodwill with its state in words, and whether the viewer may approve it."""

    row: GoodwillRow
    tag: str
    state: str
    own: bool


@dataclass(frozen=True, slots=True)
class Goodwills:
    """Context of console/operator_goodwill.html."""

    tabs: Sequence[Tab]
    waiting: Sequence[Line]
    decided: Sequence[Line]
    limit_minor: int


@dataclass(frozen=True, slots=True)
class Give:
    """Context of console/operator_goodwill_give.html."""

    tabs: Sequence[Tab]
    reference: str
    guest: str
    paid_minor: int
    balance_minor: int
    limit_minor: int
    possible: bool
    before: Sequence[Line]
    form: Form[Any]


def _line(request: Request, row: GoodwillRow) -> Line:
    tag, text = _STATES[row.state]
    return Line(row, tag, words(request, text), row.proposed_by == person_id(request))


async def index(request: Request) -> Response:
    """What waits for a second person, and what was decided."""
    context = Goodwills(
        tabs=operator_tabs(request, "console:operator_goodwill"),
        waiting=[_line(request, row) for row in await goodwill.list_all(open_only=True)],
        decided=[_line(request, row) for row in await goodwill.list_all(open_only=False)],
        limit_minor=settings(request).goodwill_limit,
    )
    title = words(request, lazy("Goodwill"))
    return render(request, "console/operator_goodwill.html", context, title=title, robots="noindex")


async def show(request: Request) -> Response:
    """The form to give something back on a booking."""
    return await _page(request, filled({}))


async def _page(request: Request, form: Form[Any], *, status: int = 200) -> Response:
    reference = _reference(request)
    row = (await bookings.get_view(reference)).row
    context = Give(
        tabs=operator_tabs(request, "console:operator_goodwill"),
        reference=reference,
        guest=row.guest_name or row.guest_email,
        paid_minor=row.paid_minor,
        balance_minor=row.balance,
        limit_minor=settings(request).goodwill_limit,
        possible=await goodwill.can_have(row),
        before=[_line(request, each) for each in await goodwill.list_of(reference)],
        form=form,
    )
    title = fix(request, words(request, lazy("Goodwill for %(reference)s", reference=reference)), form)
    return render(
        request, "console/operator_goodwill_give.html", context, title=title, status=status, robots="noindex"
    )


def _reference(request: Request) -> str:
    reference: str = request.path_params["reference"]
    if not access.is_reference(reference):
        raise NotFound
    return reference


async def give(request: Request) -> Response:
    """Give it, or propose it when it is beyond what one person may."""
    reference, language = _reference(request), locale(request)
    here = urls.path("console:operator_goodwill_give", locale=language, reference=reference)
    if not sessions.is_fresh(viewer(request)):
        return redirect(request, urls.path("accounts:step_up", locale=language, next=here))
    form = parse(GiveForm, await request.form(), language)
    if form.data is None:
        return await _page(request, form, status=_UNPROCESSABLE)
    try:
        given = await goodwill.propose(
            reference,
            amount=form.data.amount,
            reason=form.data.reason,
            limit=settings(request).goodwill_limit,
            by=person_id(request),
            now=clock.now(),
        )
    except (Invalid, Refused) as problem:
        form.add_error("amount", words(request, problem.message))
        return await _page(request, form, status=_UNPROCESSABLE)
    if given:
        back = urls.path("console:operator_booking", locale=language, reference=reference)
        return redirect(
            request, back, flash=lazy("Given. The refund is on its way, and it stands in the ledger.")
        )
    index_path = urls.path("console:operator_goodwill", locale=language)
    return redirect(request, index_path, flash=lazy("Proposed. Another operator has to approve it."))


async def decide(request: Request) -> Response:
    """Approve what somebody else proposed, or refuse it."""
    reference, language = request.path_params["reference"], locale(request)
    here = urls.path("console:operator_goodwill", locale=language)
    await goodwill.get(reference)
    if not sessions.is_fresh(viewer(request)):
        return redirect(request, urls.path("accounts:step_up", locale=language, next=here))
    form = parse(DecideForm, await request.form(), language)
    if form.data is None:
        return redirect(request, here, flash=lazy("Choose what should be done."), kind="bad")
    by, now = person_id(request), clock.now()
    try:
        if form.data.act == "approve":
            await goodwill.approve(reference, by=by, now=now)
        else:
            await goodwill.refuse(reference, reason="", by=by, now=now)
    except Refused as refusal:
        return redirect(request, here, flash=refusal.message, kind="bad")
    return redirect(request, here, flash=lazy("Decided."))


routes = [
    page("/{locale}/operator/goodwill", index, access=OPERATOR, name="console:operator_goodwill"),
    page(
        "/{locale}/operator/goodwill/{reference}",
        decide,
        access=OPERATOR,
        name="console:operator_goodwill_decide",
        methods=("POST",),
    ),
    page(
        "/{locale}/operator/bookings/{reference}/goodwill",
        show,
        access=OPERATOR,
        name="console:operator_goodwill_give",
    ),
    page(
        "/{locale}/operator/bookings/{reference}/goodwill",
        give,
        access=OPERATOR,
        name="console:operator_goodwill_now",
        methods=("POST",),
    ),
]
