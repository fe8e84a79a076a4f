"""The operator's money desk: what waits, transfers to match, refunds to pay, and the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.console import money_words, operator_queries
from market.console.editor.values import Rupiah
from market.console.frame import Tab, operator_tabs
from market.console.listing_pages import fix
from market.console.money_words import AccountWords, EntryLine
from market.console.operator_queries import Waiting
from market.errors import Invalid, Refused
from market.payments import ledger
from market.payments import queries as payment_queries
from market.payments import service as payments
from market.payments.queries import PaymentRow, ReceiptRow, RefundRow
from market.payments.rules import RefundState
from market.values.dates import local_day
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse
from market.web.guards import OPERATOR, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id

_MAX_DIGITS = 16


class TransferForm(Inbound):
    """A transfer as the bank's statement shows it."""

    transfer_code: Annotated[str, Field(min_length=1, max_length=40)]
    bank_reference: Annotated[str, Field(min_length=1, max_length=80)]
    received_on: date
    amount: Rupiah
    payer: Annotated[str, Field(max_length=120)] = ""
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "transfer_code": {"missing": lazy("Enter the code the traveller wrote on the transfer.")},
        "bank_reference": {"missing": lazy("Enter the bank's own reference.")},
        "received_on": {"missing": lazy("Enter the day the money arrived.")},
        "amount": {"missing": lazy("Enter the amount that arrived.")},
    }


class RefundForm(Inbound):
    """How a refund was paid by hand."""

    bank_reference: Annotated[str, Field(min_length=1, max_length=80)]
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "bank_reference": {"missing": lazy("Enter the bank's own reference of the payment you made.")}
    }


@dataclass(frozen=True, slots=True)
class Overview:
    """Context of console/operator.html."""

    tabs: Sequence[Tab]
    waiting: Waiting


@dataclass(frozen=True, slots=True)
class Transfers:
    """Context of console/operator_transfers.html."""

    tabs: Sequence[Tab]
    form: Form[Any]
    transfers: Sequence[PaymentRow]
    unmatched: Sequence[ReceiptRow]
    recent: Sequence[ReceiptRow]


@dataclass(frozen=True, slots=True)
class RefundLine:
    """A refund with the form that marks it as paid."""

    row: RefundRow
    form: Form[Any]

    @property
    def card_refused(self) -> bool:
        return self.row.state is RefundState.FAILED


@dataclass(frozen=True, slots=True)
class Refunds:
    """Context of console/operator_refunds.html."""

    tabs: Sequence[Tab]
    lines: Sequence[RefundLine]
    errors: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Context of console/operator_ledger.html."""

    tabs: Sequence[Tab]
    form: Form[Any]
    booking_reference: str
    balances: Sequence[tuple[AccountWords, int]]
    trial_balance: int
    entries: Sequence[EntryLine]
    older: str | None


async def overview(request: Request) -> Response:
    """What waits for a person, and whether the machine is well."""
    context = Overview(
        operator_tabs(request, "console:operator"), await operator_queries.get_waiting(clock.now())
    )
    title = words(request, lazy("Operations"))
    return render(request, "console/operator.html", context, title=title, robots="noindex")


# Transfers -----------------------------------------------------------------------------------------------
async def transfers(request: Request) -> Response:
    """Transfers to expect, and money that came without a booking."""
    code = request.query_params.get("code", "")[:40].replace("\x00", "")
    today = local_day(clock.now())
    return await _transfers(request, filled({"transfer_code": code, "received_on": today.isoformat()}))


async def match(request: Request) -> Response:
    """Enter a transfer: it pays its booking, or the money is kept in suspense and the reason is said."""
    form = parse(TransferForm, await request.form(), locale(request))
    if form.data is not None and form.data.received_on > local_day(clock.now()):
        form.add_error("received_on", words(request, lazy("This day is still to come.")))
    if form.data is None:
        return await _transfers(request, form)
    data = form.data
    try:
        found = await payments.match_transfer(
            transfer_code=data.transfer_code,
            bank_reference=data.bank_reference,
            received_on=data.received_on,
            amount_minor=data.amount,
            payer=data.payer,
            by=person_id(request),
            now=clock.now(),
        )
    except (Refused, Invalid) as refusal:
        form.add_error("bank_reference", words(request, refusal.message))
        return await _transfers(request, form)
    if not found.matched:
        form.add_error("transfer_code", words(request, found.message))
        return await _transfers(request, form)
    return redirect(
        request, urls.path("console:operator_transfers", locale=locale(request)), flash=found.message
    )


async def _transfers(request: Request, form: Form[Any]) -> Response:
    context = Transfers(
        tabs=operator_tabs(request, "console:operator_transfers"),
        form=form,
        transfers=await payment_queries.list_waiting_transfers(),
        unmatched=await payment_queries.list_receipts(unmatched_only=True),
        recent=[r for r in (await payment_queries.list_receipts())[:30] if r.payment_reference],
    )
    title = fix(request, words(request, lazy("Bank transfers")), form)
    status = 422 if form.errors else 200
    return render(
        request, "console/operator_transfers.html", context, title=title, status=status, robots="noindex"
    )


# Refunds -------------------------------------------------------------------------------------------------
async def refunds(request: Request) -> Response:
    """Refunds that a person has to pay by bank."""
    return await _refunds(request, "", filled({}))


async def refund_paid(request: Request) -> Response:
    """Mark a refund as paid, with the bank's own reference."""
    reference = request.path_params["reference"]
    form = parse(RefundForm, await request.form(), locale(request))
    if form.data is None:
        return await _refunds(request, reference, form)
    try:
        await payments.mark_refund_paid(
            reference, by=person_id(request), bank_reference=form.data.bank_reference, now=clock.now()
        )
    except Refused as refusal:
        form.add_error("bank_reference", words(request, refusal.message))
        return await _refunds(request, reference, form)
    back = urls.path("console:operator_refunds", locale=locale(request))
    return redirect(request, back, flash=lazy("The refund is booked as paid and the traveller is told."))


async def refund_again(request: Request) -> Response:
    """Try a refund that the card refused once more."""
    await payments.retry_refund(request.path_params["reference"], now=clock.now())
    back = urls.path("console:operator_refunds", locale=locale(request))
    return redirect(request, back, flash=lazy("The refund is tried again now."))


async def _refunds(request: Request, reference: str, sent: Form[Any]) -> Response:
    lines: list[RefundLine] = []
    for row in await payment_queries.list_refunds_by_hand():
        field = f"bank_reference-{row.reference}"
        mine = row.reference == reference
        raw = {field: [sent.value("bank_reference")]} if mine else {}
        errors = [(field, message) for _, message in sent.errors] if mine else []
        lines.append(RefundLine(row, Form(raw, None, errors)))
    known = [error for line in lines for error in line.form.errors]
    errors = known or [("", message) for _, message in sent.errors]
    context = Refunds(operator_tabs(request, "console:operator_refunds"), lines, errors)
    title = fix(request, words(request, lazy("Refunds to pay")), sent)
    status = 422 if sent.errors else 200
    return render(
        request, "console/operator_refunds.html", context, title=title, status=status, robots="noindex"
    )


# Ledger --------------------------------------------------------------------------------------------------
async def show_ledger(request: Request) -> Response:
    """Balances, the sum that must be zero, and entries with their postings."""
    reference = "".join(c for c in request.query_params.get("booking", "").upper() if c.isalnum())[:20]
    before = request.query_params.get("before", "")
    before_id = int(before) if before.isascii() and before.isdigit() and len(before) < _MAX_DIGITS else None
    entries = await operator_queries.list_entries(reference, before_id)
    balances = await ledger.balances()
    older = None
    if not reference and len(entries) == operator_queries.ENTRIES:
        older = urls.path("console:operator_ledger", locale=locale(request), before=entries[-1].id)
    context = Ledger(
        tabs=operator_tabs(request, "console:operator_ledger"),
        form=filled({"booking": reference}),
        booking_reference=reference,
        balances=[
            (money_words.account_words(request, account), amount) for account, amount in summarised(balances)
        ],
        trial_balance=sum(balances.values()),
        entries=money_words.entry_lines(request, entries),
        older=older,
    )
    title = words(request, lazy("Ledger"))
    return render(request, "console/operator_ledger.html", context, title=title, robots="noindex")


def summarised(balances: dict[str, int]) -> list[tuple[str, int]]:
    """Accounts of one kind (a hold for each booking, a payable for each host) as one line."""
    sums: dict[str, int] = {}
    for account, amount in balances.items():
        head = ":".join(account.split(":")[:2])
        sums[head] = sums.get(head, 0) + amount
    return sorted(sums.items())


routes = [
    page("/{locale}/operator/", overview, access=OPERATOR, name="console:operator"),
    page("/{locale}/operator/transfers", transfers, access=OPERATOR, name="console:operator_transfers"),
    page(
        "/{locale}/operator/transfers",
        match,
        access=OPERATOR,
        name="console:operator_match",
        methods=("POST",),
    ),
    page("/{locale}/operator/refunds", refunds, access=OPERATOR, name="console:operator_refunds"),
    page(
        "/{locale}/operator/refunds/{reference}",
        refund_paid,
        access=OPERATOR,
        name="console:operator_refund_paid",
        methods=("POST",),
    ),
    page(
        "/{locale}/operator/refunds/{reference}/again",
        refund_again,
        access=OPERATOR,
        name="console:operator_refund_again",
        methods=("POST",),
    ),
    page("/{locale}/operator/ledger", show_ledger, access=OPERATOR, name="console:operator_ledger"),
]
