"""The operators' disputes: what guests and hosts said, what card banks took, and the decision with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from market import clock
from market.accounts import sessions
from market.bookings import queries as bookings
from market.bookings.queries import BookingView
from market.console.editor.values import Rupiah
from market.console.frame import Tab, operator_tabs
from market.console.listing_pages import fix
from market.errors import Invalid, NotFound, Refused
from market.i18n import formats
from market.i18n.locales import pick
from market.payments import disputes
from market.payments.disputes import DisputeRow, Kind, Outcome, State
from market.payouts import complaints
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse
from market.web.guards import OPERATOR, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, viewer

_OPENED_BY: dict[str, Text] = {
    "guest": lazy("Guest"),
    "host": lazy("Host"),
    "card": lazy("The card's bank"),
    "operator": lazy("Operator"),
}
_OUTCOMES: dict[Outcome, tuple[str, Text]] = {
    Outcome.RELEASED: ("ok", lazy("Released to the host")),
    Outcome.REFUNDED: ("info", lazy("Money given back")),
    Outcome.WON: ("ok", lazy("Won")),
    Outcome.PLATFORM_BEARS: ("", lazy("Lost, borne by us")),
    Outcome.HOST_BEARS: ("", lazy("Lost, taken from the booking")),
}
_OPEN: dict[State, tuple[str, Text]] = {
    State.OPEN: ("wait", lazy("Being decided")),
    State.LOST: ("bad", lazy("Lost: decide who bears it")),
}


class DecideForm(Inbound):
    """A decision: who gets what, and why."""

    decision: Literal["release", "part", "full", "platform", "host"]
    refund: Rupiah | None = None
    reason: Annotated[str, Field(min_length=10, max_length=1000)]
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "decision": {"missing": lazy("Choose what happens to the money.")},
        "reason": {
            "missing": lazy("Write the reason; guest and host read it."),
            "string_too_short": lazy("Write the reason; guest and host read it."),
        },
    }


@dataclass(frozen=True, slots=True)
class Option:
    """A row of `ui/pick.html`."""

    value: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A dispute in the list."""

    row: DisputeRow
    by: str
    tag: str
    state: str


@dataclass(frozen=True, slots=True)
class Disputes:
    """Context of console/operator_disputes.html."""

    tabs: Sequence[Tab]
    open: Sequence[Line]
    closed: Sequence[Line]


@dataclass(frozen=True, slots=True)
class DisputePage:
    """Context of console/operator_dispute.html."""

    tabs: Sequence[Tab]
    line: Line
    title: str
    guest: str
    host: str
    when: str
    paid_minor: int
    balance_minor: int
    form: Form[Any]
    options: Sequence[Option]
    asks_amount: bool


def _line(request: Request, row: DisputeRow) -> Line:
    tag, label = _OUTCOMES[row.outcome] if row.outcome else _OPEN.get(row.state, _OPEN[State.OPEN])
    return Line(row, words(request, _OPENED_BY[row.opened_by]), tag, words(request, label))


async def list_all(request: Request) -> Response:
    """Open disputes, and those decided lately."""
    context = Disputes(
        tabs=operator_tabs(request, "console:operator_disputes"),
        open=[_line(request, row) for row in await disputes.list_disputes(open_only=True)],
        closed=[_line(request, row) for row in (await disputes.list_disputes(open_only=False))[:50]],
    )
    title = words(request, lazy("Disputes"))
    return render(request, "console/operator_disputes.html", context, title=title, robots="noindex")


async def show(request: Request) -> Response:
    """One dispute with its booking's facts and the form to decide it."""
    return await _page(request, filled({}))


async def decide(request: Request) -> Response:
    """Decide it; both sides read the reason."""
    reference = request.path_params["reference"]
    here = urls.path("console:operator_dispute", locale=locale(request), reference=reference)
    if not sessions.is_fresh(viewer(request)):
        to = urls.path("accounts:step_up", locale=locale(request), next=here)
        return RedirectResponse(to, status_code=303)
    dispute = await disputes.get_dispute(reference)
    form = parse(DecideForm, await request.form(), locale(request))
    if form.data is not None and form.data.decision == "part" and form.data.refund is None:
        form.add_error("refund", words(request, lazy("Enter how much goes back.")))
    if form.data is None:
        return await _page(request, form)
    try:
        await _carry_out(dispute, form.data, person_id(request))
    except Invalid as problem:
        form.add_error(problem.field or "decision", words(request, problem.message))
        return await _page(request, form)
    except Refused as refusal:
        return redirect(request, here, flash=refusal.message, kind="bad")
    return redirect(request, here, flash=lazy("Decided. Guest and host are told, with your reason."))


async def _carry_out(dispute: DisputeRow, data: DecideForm, by: int) -> None:
    now = clock.now()
    if dispute.kind is Kind.CARD:
        if data.decision not in {"platform", "host"}:
            raise Invalid("wrong_decision", lazy("Choose what happens to the money."), field="decision")
        await complaints.bear(
            dispute.reference, host_bears=data.decision == "host", reason=data.reason, by=by, now=now
        )
        return
    match data.decision:
        case "release":
            amount = 0
        case "part":
            amount = data.refund or 0
        case "full":
            amount = (await bookings.get_view(dispute.booking_reference)).row.balance
        case _:
            raise Invalid("wrong_decision", lazy("Choose what happens to the money."), field="decision")
    await complaints.resolve(dispute.reference, refund_minor=amount, reason=data.reason, by=by, now=now)


async def _page(request: Request, form: Form[Any]) -> Response:
    row = await disputes.get_dispute(request.path_params["reference"])
    view, language = await _view(row), locale(request)
    balance = view.row.balance if view else 0
    decidable = row.is_open and (row.kind is Kind.COMPLAINT or row.state is State.LOST)
    context = DisputePage(
        tabs=operator_tabs(request, "console:operator_disputes"),
        line=_line(request, row),
        title=pick(view.row.titles, language) if view else "",
        guest=view.row.guest_name if view else "",
        host=view.host_name if view else "",
        when=formats.day_range(view.row.starts_on, view.row.ends_on, language) if view else "",
        paid_minor=view.row.paid_minor if view else 0,
        balance_minor=balance,
        form=form,
        options=_options(request, row, balance) if decidable and view else [],
        asks_amount=row.kind is Kind.COMPLAINT,
    )
    title = fix(request, words(request, lazy("Dispute %(reference)s", reference=row.reference)), form)
    status = 422 if form.errors else 200
    return render(
        request, "console/operator_dispute.html", context, title=title, status=status, robots="noindex"
    )


async def _view(row: DisputeRow) -> BookingView | None:
    """The booking; None for a card dispute whose payment is not known yet."""
    try:
        return await bookings.get_view(row.booking_reference)
    except NotFound:
        return None


def _options(request: Request, row: DisputeRow, balance: int) -> list[Option]:
    amount = formats.money(balance, locale(request))
    if row.kind is Kind.CARD:
        given: tuple[tuple[str, Text, Text], ...] = (
            ("platform", lazy("We bear it"), lazy("The host is paid as planned; the loss is written off.")),
            ("host", lazy("It comes out of the booking"),
             lazy("Host, guides, village fund and we give back what we got of it, in proportion.")),
        )  # fmt: skip
    else:
        given = (
            ("release", lazy("Nothing goes back"), lazy("The host is paid as planned.")),
            (
                "part",
                lazy("A part goes back"),
                lazy("Everybody who got a part of it gives back in proportion."),
            ),
            ("full", lazy("Everything goes back"), lazy("%(amount)s, our fee included.", amount=amount)),
        )
    return [Option(value, words(request, title), words(request, text)) for value, title, text in given]


_HOME = "/{locale}/operator/disputes"
routes = [
    page(_HOME, list_all, access=OPERATOR, name="console:operator_disputes"),
    page(_HOME + "/{reference}", show, access=OPERATOR, name="console:operator_dispute"),
    page(
        _HOME + "/{reference}",
        decide,
        access=OPERATOR,
        name="console:operator_dispute_decide",
        methods=("POST",),
    ),
]
