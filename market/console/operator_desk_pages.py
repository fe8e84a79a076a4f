"""The operator's other desk: finding bookings with their story and money, and jobs that need a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.bookings import queries as bookings
from market.bookings.queries import BookingView
from market.bookings.states import LABELS, SOLD, TAGS, State
from market.console import money_words, operator_queries
from market.console.frame import Tab, operator_tabs
from market.console.host_queries import party_words
from market.console.money_words import EntryLine
from market.console.operator_queries import JobRow
from market.errors import NotFound
from market.i18n import formats
from market.i18n.locales import pick
from market.outbox import queue
from market.payments import ledger
from market.payments import queries as payments
from market.payments.queries import PaymentRow, RefundRow
from market.payments.rules import LABELS as METHODS
from market.payments.rules import Method
from market.staff import goodwill, log
from market.staff.log import Act
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, filled
from market.web.guards import OPERATOR, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id

ACTORS: dict[str, Text] = {
    "guest": lazy("Guest"),
    "host": lazy("Host"),
    "operator": lazy("Operator"),
    "time": lazy("By itself"),
    "provider": lazy("Payment provider"),
}
# The guests' words, where they speak to the guest, in the operator's.
STATES: dict[State, Text] = {
    **LABELS,
    State.HELD: lazy("Held"),
    State.CANCELLED_BY_GUEST: lazy("Cancelled by the guest"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """A booking in the operator's list."""

    reference: str
    title: str
    guest: str
    when: str
    total_minor: int
    tag: str
    state: str


@dataclass(frozen=True, slots=True)
class Bookings:
    """Context of console/operator_bookings.html."""

    tabs: Sequence[Tab]
    form: Form[Any]
    asked: str
    found: Sequence[Found]


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One event, for `ui/log.html`."""

    when: str
    text: str
    who: str


@dataclass(frozen=True, slots=True)
class PaymentLine:
    """A payment with its method and state in words."""

    row: PaymentRow
    method: str
    state: str


@dataclass(frozen=True, slots=True)
class RefundLine:
    """A refund with its state and reason in words."""

    row: RefundRow
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job with what it is about in words."""

    row: JobRow
    about: str


@dataclass(frozen=True, slots=True)
class Booking:
    """Context of console/operator_booking.html."""

    tabs: Sequence[Tab]
    booking: Found
    party: str
    contact: Sequence[str]
    host: str
    paid_minor: int
    refunded_minor: int
    story: Sequence[StoryLine]
    payments: Sequence[PaymentLine]
    refunds: Sequence[RefundLine]
    entries: Sequence[EntryLine]
    can_cancel: bool
    can_have_goodwill: bool


@dataclass(frozen=True, slots=True)
class Jobs:
    """Context of console/operator_jobs.html."""

    tabs: Sequence[Tab]
    parked: Sequence[JobLine]
    failing: Sequence[JobLine]


def _found(request: Request, view: BookingView) -> Found:
    row, language = view.row, locale(request)
    return Found(
        reference=row.reference,
        title=pick(row.titles, language),
        guest=row.guest_name or row.guest_email,
        when=formats.day_range(row.starts_on, row.ends_on, language),
        total_minor=row.total_minor,
        tag=TAGS.get(row.state, "bad"),
        state=words(request, STATES[row.state]),
    )


async def find(request: Request) -> Response:
    """Bookings by reference or by the beginning of an e-mail address."""
    asked = request.query_params.get("q", "").replace("\x00", "").strip()[:120]
    views = await bookings.find_bookings(asked) if asked else []
    found = [_found(request, view) for view in views]
    context = Bookings(
        operator_tabs(request, "console:operator_bookings"), filled({"q": asked}), asked, found
    )
    title = words(request, lazy("Bookings"))
    return render(request, "console/operator_bookings.html", context, title=title, robots="noindex")


async def show(request: Request) -> Response:
    """One booking: who, what, the whole story, and every rupiah."""
    view = await bookings.get_view(request.path_params["reference"])
    row, language = view.row, locale(request)
    context = Booking(
        tabs=operator_tabs(request, "console:operator_bookings"),
        booking=_found(request, view),
        party=party_words(row.party, language),
        contact=[text for text in (row.guest_email, row.guest_phone) if text],
        host=view.host_name,
        paid_minor=row.paid_minor,
        refunded_minor=row.refunded_minor,
        story=await _story(request, row.id),
        payments=[
            PaymentLine(
                payment,
                words(request, METHODS[Method(payment.method)]),
                money_words.said(request, money_words.PAYMENT_STATES, payment.state),
            )
            for payment in await payments.list_payments(row.reference)
        ],
        refunds=[
            RefundLine(
                refund,
                money_words.said(request, money_words.REFUND_STATES, refund.state),
                money_words.said(request, money_words.REFUND_REASONS, refund.reason),
            )
            for refund in await payments.list_refunds(row.reference)
        ],
        entries=money_words.entry_lines(request, await ledger.entries_for(row.reference)),
        can_cancel=row.state in SOLD,
        can_have_goodwill=await goodwill.can_have(row),
    )
    title = f"{words(request, lazy('Booking'))} {row.reference}"
    return render(request, "console/operator_booking.html", context, title=title, robots="noindex")


async def _story(request: Request, booking_id: int) -> list[StoryLine]:
    lines: list[StoryLine] = []
    for event in await bookings.story_of(booking_id):
        label = STATES.get(State(event.to_state)) if event.to_state in set(State) else None
        text = words(request, label) if label else event.name
        reason = f" ({event.reason})" if event.reason else ""
        who = words(request, ACTORS.get(event.actor, event.actor))
        lines.append(StoryLine(formats.instant(event.at, locale(request)), text + reason, who))
    return lines[::-1]


async def jobs(request: Request) -> Response:
    """Jobs that gave up, and those that will be tried again."""
    context = Jobs(
        operator_tabs(request, "console:operator_jobs"),
        [_job_line(request, row) for row in await operator_queries.list_parked()],
        [_job_line(request, row) for row in await operator_queries.list_failing()],
    )
    title = words(request, lazy("Jobs"))
    return render(request, "console/operator_jobs.html", context, title=title, robots="noindex")


def _job_line(request: Request, row: JobRow) -> JobLine:
    return JobLine(row, money_words.job_words(request, row.handler))


async def retry(request: Request) -> Response:
    """Give a parked job a fresh set of tries."""
    job_id = int(request.path_params["job"])
    if job_id >= 2**53:
        raise NotFound
    back = urls.path("console:operator_jobs", locale=locale(request))
    async with db.transaction():
        released = await queue.release_parked(job_id)
        if released:
            await log.note(Act.JOB_AGAIN, by=person_id(request), now=clock.now(), subject=str(job_id))
    if released:
        return redirect(request, back, flash=lazy("The job is tried again now."))
    return redirect(request, back, flash=lazy("This job is not parked any more."), kind="wait")


routes = [
    page("/{locale}/operator/bookings", find, access=OPERATOR, name="console:operator_bookings"),
    page("/{locale}/operator/bookings/{reference}", show, access=OPERATOR, name="console:operator_booking"),
    page("/{locale}/operator/jobs", jobs, access=OPERATOR, name="console:operator_jobs"),
    page(
        "/{locale}/operator/jobs/{job:int}",
        retry,
        access=OPERATOR,
        name="console:operator_retry",
        methods=("POST",),
    ),
]
