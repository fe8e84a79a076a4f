"""The operators' payouts: propose a batch, approve it as a second person, hand the bank its file, read results back.

Proposing, approving and taking the file with account numbers ask for a fresh second factor; so does a host's
connected account. What is allowed is decided by `payouts.service`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from market import clock
from market.accounts import sessions
from market.console.frame import Tab, operator_tabs
from market.console.listing_pages import fix
from market.errors import NotFound, Refused
from market.i18n import formats
from market.payouts import accounts, bank_files, by_hand, importing, owed, queries, rules, service
from market.payouts.bank_files import Order
from market.payouts.importing import Read
from market.payouts.owed import HostDue
from market.payouts.queries import BatchRow, PayoutRow
from market.payouts.rules import BatchState, PayoutState, Way
from market.values.text import Text, lazy, lazy_n
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse
from market.web.guards import OPERATOR, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, settings, viewer

_UPLOAD_BYTES = bank_files.MOST_BYTES + 64 * 1024
EVENTS: dict[str, Text] = {
    "proposed": lazy("Proposed"),
    "approved": lazy("Approved"),
    "declined": lazy("Declined"),
    "left_out": lazy("Left out"),
    "exported": lazy("File for the bank taken"),
    "paid": lazy("Paid"),
    "bounced": lazy("Sent back by the bank"),
}
BATCH_LABELS: dict[BatchState, tuple[str, Text]] = {
    BatchState.PROPOSED: ("wait", lazy("Waiting for approval")),
    BatchState.APPROVED: ("info", lazy("On its way")),
    BatchState.DECLINED: ("", lazy("Declined")),
}


class BookForm(Inbound):
    """What the bank's statement says about one payout."""

    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "payout": {"missing": lazy("Choose the payout.")},
        "outcome": {"missing": lazy("Choose whether it was paid or came back.")},
        "note": {"missing": lazy("Write the bank's reference, or why it came back.")},
    }
    payout: Annotated[str, Field(max_length=20)]
    outcome: Literal["paid", "bounced"]
    note: Annotated[str, Field(min_length=2, max_length=140)]


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A batch in the list, with its state in words."""

    row: BatchRow
    tag: str
    state: str


@dataclass(frozen=True, slots=True)
class DueLine:
    """A host whose money is due; `block` says why it cannot be paid."""

    due: HostDue
    block: str


@dataclass(frozen=True, slots=True)
class Payouts:
    """Context of console/operator_payouts.html."""

    tabs: Sequence[Tab]
    ready: Sequence[DueLine]
    blocked: Sequence[DueLine]
    total_minor: int
    batches: Sequence[BatchLine]


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """A payout with its state in words; `problem` says why it was left out or came back."""

    row: PayoutRow
    tag: str
    state: str
    problem: str


@dataclass(frozen=True, slots=True)
class EventLine:
    """One event, for `ui/log.html`."""

    when: str
    text: str
    who: str


@dataclass(frozen=True, slots=True)
class BatchPage:
    """Context of console/operator_payout_batch.html."""

    tabs: Sequence[Tab]
    line: BatchLine
    payouts: Sequence[PayoutLine]
    events: Sequence[EventLine]
    waits: bool
    may_approve: bool
    is_approved: bool
    bank_lines: int
    form: Form[Any]
    bookable: Sequence[tuple[str, str]]
    book: Form[Any]
    read: Read | None
    head: str


def _batch_line(request: Request, row: BatchRow) -> BatchLine:
    tag, label = BATCH_LABELS[row.state]
    if row.state is BatchState.APPROVED and not row.in_transit:
        tag, label = ("bad", lazy("Some came back")) if row.bounced else ("ok", lazy("Paid"))
    return BatchLine(row, tag, words(request, label))


def payout_line(request: Request, row: PayoutRow) -> PayoutLine:
    return PayoutLine(
        row,
        rules.TAGS[row.state],
        words(request, rules.LABELS[row.state]),
        words(request, rules.left_out_words(row.problem)),
    )


def _here(request: Request, reference: str) -> str:
    return urls.path("console:operator_payout_batch", locale=locale(request), reference=reference)


def fresh_first(request: Request, back: str) -> Response | None:
    """None when this person proved who they are a moment ago; else the way to do so and come back to `back`."""
    if sessions.is_fresh(viewer(request)):
        return None
    to = urls.path("accounts:step_up", locale=locale(request), next=back)
    return RedirectResponse(to, status_code=303)


async def payouts(request: Request) -> Response:
    """What is due, what stands in the way, and the batches so far."""
    due = await owed.list_due(clock.now())
    lines = [DueLine(one, words(request, rules.BLOCKS[one.block]) if one.block else "") for one in due]
    context = Payouts(
        tabs=operator_tabs(request, "console:operator_payouts"),
        ready=[line for line in lines if not line.block],
        blocked=[line for line in lines if line.block],
        total_minor=service.total_of(one for one in due if one.block is None),
        batches=[_batch_line(request, row) for row in await queries.list_batches()],
    )
    title = words(request, lazy("Payouts"))
    return render(request, "console/operator_payouts.html", context, title=title, robots="noindex")


async def propose(request: Request) -> Response:
    """Everything that can be paid into one batch."""
    home = urls.path("console:operator_payouts", locale=locale(request))
    first = fresh_first(request, home)
    if first is not None:
        return first
    try:
        reference = await service.propose_batch(by=person_id(request), now=clock.now())
    except Refused as refusal:
        return redirect(request, home, flash=refusal.message, kind="bad")
    flash = lazy("Proposed. Another operator approves it; until then no money moves.")
    return redirect(request, _here(request, reference), flash=flash)


async def batch(request: Request) -> Response:
    """One batch with its payouts and what happened to it."""
    return await _batch_page(request, filled({}), None)


async def _batch_page(
    request: Request, form: Form[Any], read: Read | None, *, by_hand_form: Form[Any] | None = None
) -> Response:
    found = await queries.get_batch(request.path_params["reference"])
    row = found.row
    sendable = {PayoutState.IN_TRANSIT, PayoutState.PAID, PayoutState.BOUNCED}
    context = BatchPage(
        tabs=operator_tabs(request, "console:operator_payouts"),
        line=_batch_line(request, row),
        payouts=[payout_line(request, one) for one in found.payouts],
        events=[
            EventLine(
                formats.instant(event.at, locale(request)),
                " · ".join(
                    part
                    for part in (
                        words(request, EVENTS[event.name]),
                        event.payout_reference,
                        words(request, rules.left_out_words(event.note)),
                    )
                    if part
                ),
                event.who,
            )
            for event in found.events
        ],
        waits=row.state is BatchState.PROPOSED,
        may_approve=row.proposed_by != person_id(request),
        is_approved=row.state is BatchState.APPROVED,
        bank_lines=sum(one.way is Way.BANK and one.state in sendable for one in found.payouts),
        form=form,
        bookable=[
            (
                one.reference,
                f"{one.reference}, {one.host_name}, {formats.money(one.amount_minor, locale(request))}",
            )
            for one in found.payouts
            if by_hand.can_book(one.way, one.state)
        ],
        book=by_hand_form or filled({}),
        read=read,
        head=",".join(bank_files.RESULT_HEAD),
    )
    wrong = context.book if context.book.errors else form
    title = fix(request, words(request, lazy("Batch %(reference)s", reference=row.reference)), wrong)
    status = 422 if wrong.errors else 200
    return render(
        request, "console/operator_payout_batch.html", context, title=title, status=status, robots="noindex"
    )


async def approve(request: Request) -> Response:
    """The second person's yes."""
    reference = request.path_params["reference"]
    here = _here(request, reference)
    first = fresh_first(request, here)
    if first is not None:
        return first
    try:
        done, left = await service.approve_batch(reference, by=person_id(request), now=clock.now())
    except Refused as refusal:
        return redirect(request, here, flash=refusal.message, kind="bad")
    if left:
        flash = lazy(
            "Approved: %(done)s. Left out because something changed: %(left)s.", done=done, left=left
        )
        return redirect(request, here, flash=flash, kind="wait")
    flash = lazy_n("%(count)s payout is approved.", "%(count)s payouts are approved.", done)
    return redirect(request, here, flash=flash)


async def decline(request: Request) -> Response:
    """Not like this."""
    reference = request.path_params["reference"]
    here = _here(request, reference)
    first = fresh_first(request, here)
    if first is not None:
        return first
    try:
        await service.decline_batch(reference, by=person_id(request), now=clock.now())
    except Refused as refusal:
        return redirect(request, here, flash=refusal.message, kind="bad")
    return redirect(
        request, here, flash=lazy("Declined. Nothing was paid; everything in it can be proposed again.")
    )


async def orders(request: Request) -> Response:
    """The bank's file, with account numbers; taking it is written down."""
    reference = request.path_params["reference"]
    here = _here(request, reference)
    first = fresh_first(request, here)
    if first is not None:
        return first
    found = await queries.get_batch(reference)
    sent = [one for one in found.payouts if one.way is Way.BANK and one.state is not PayoutState.DECLINED]
    if found.row.state is not BatchState.APPROVED or not sent:
        raise NotFound
    try:
        known = await accounts.reveal([one.account_id for one in sent], settings(request).secrets)
    except accounts.Unreadable as problem:
        return redirect(request, here, flash=problem.message, kind="bad")
    await service.note_export(reference, by=person_id(request), now=clock.now())
    brand = settings(request).brand
    lines = [
        Order(
            one.reference,
            one.amount_minor,
            known[one.account_id].bank,
            known[one.account_id].number,
            known[one.account_id].holder,
            f"{brand} {one.reference}",
        )
        for one in sent
    ]
    return Response(
        bank_files.orders(lines),
        media_type="text/csv; charset=utf-8",
        headers={
            "content-disposition": f'attachment; filename="payouts-{reference}.csv"',
            "cache-control": "private, no-store",
        },
    )


async def results(request: Request) -> Response:
    """Read the bank's results: each line is booked once, wrong ones are named by their cell."""
    reference = request.path_params["reference"]
    sent = (await request.form()).get("results")
    if not isinstance(sent, UploadFile) or not sent.filename:
        missing = words(request, lazy("Choose the file with the bank's results."))
        return await _batch_page(request, Form({}, None, [("results", missing)]), None)
    content = await sent.read(_UPLOAD_BYTES)
    read = await importing.read_results(reference, content, by=person_id(request), now=clock.now())
    errors = [("results", f"{one.cell}: {words(request, one.message)}") for one in read.wrong]
    if errors:
        return await _batch_page(request, Form({}, None, errors), read)
    flash = lazy(
        "Read: %(paid)s paid, %(bounced)s sent back, %(known)s known before.",
        paid=read.paid,
        bounced=read.bounced,
        known=read.known,
    )
    return redirect(request, _here(request, reference), flash=flash)


async def book(request: Request) -> Response:
    """One payout of the batch booked from the bank's statement."""
    reference = request.path_params["reference"]
    here = _here(request, reference)
    first = fresh_first(request, here)
    if first is not None:
        return first
    form = parse(BookForm, await request.form(), locale(request))
    if form.data is None:
        return await _batch_page(request, filled({}), None, by_hand_form=form)
    paid = form.data.outcome == "paid"
    try:
        fresh = await by_hand.book(
            reference,
            form.data.payout,
            paid=paid,
            note=form.data.note,
            by=person_id(request),
            now=clock.now(),
        )
    except Refused as refusal:
        return redirect(request, here, flash=refusal.message, kind="bad")
    if not fresh:
        return redirect(request, here, flash=lazy("That was known before; nothing changed."), kind="wait")
    said = lazy("Booked as paid.") if paid else lazy("Booked as sent back. The money is owed again.")
    return redirect(request, here, flash=said)


_HOME = "/{locale}/operator/payouts"
_ONE = _HOME + "/{reference}"
_POST = ("POST",)
routes = [
    page(_HOME, payouts, access=OPERATOR, name="console:operator_payouts"),
    page(_HOME, propose, access=OPERATOR, name="console:operator_payout_propose", methods=_POST),
    page(_ONE, batch, access=OPERATOR, name="console:operator_payout_batch"),
    page(_ONE + "/approve", approve, access=OPERATOR, name="console:operator_payout_approve", methods=_POST),
    page(_ONE + "/decline", decline, access=OPERATOR, name="console:operator_payout_decline", methods=_POST),
    page(_ONE + "/by-hand", book, access=OPERATOR, name="console:operator_payout_book", methods=_POST),
    page(_ONE + "/orders.csv", orders, access=OPERATOR, name="console:operator_payout_orders", methods=_POST),
    page(
        _ONE + "/results",
        results,
        access=OPERATOR,
        name="console:operator_payout_results",
        methods=_POST,
        max_body=_UPLOAD_BYTES,
    ),
]
