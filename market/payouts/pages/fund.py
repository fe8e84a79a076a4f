"""A village's fund for everybody to see, and for its committee to enter and sign what it spends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from market import clock, db
from market.accounts import sessions
from market.db.sql import as_json
from market.errors import NotFound, Refused
from market.i18n.locales import pick
from market.payouts import bank_files, fund
from market.payouts.fund import FundLine, MonthIncome, Spending
from market.values.dates import local_day
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse, wrong
from market.web.guards import ANYONE, SIGNED_IN, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, viewer


def _rupiah(typed: str) -> str:
    amount = bank_files.rupiah(typed)
    if not amount:
        raise wrong(lazy("Enter an amount in whole rupiah, for example 250000."))
    return str(amount)


class SpendingForm(Inbound):
    """What was spent, on what, and where the receipt is."""

    spent_on: date
    amount: Annotated[str, AfterValidator(_rupiah)]
    purpose: Annotated[str, Field(min_length=4, max_length=160)]
    receipt: Annotated[str, Field(max_length=160)] = ""
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "spent_on": {"missing": lazy("Enter the day it was spent.")},
        "amount": {"missing": lazy("Enter an amount in whole rupiah, for example 250000.")},
        "purpose": {"missing": lazy("Say what the money was spent on.")},
    }


@dataclass(frozen=True, slots=True)
class Line:
    """A spending as everybody reads it; names are initials."""

    row: Spending
    by: str
    may_sign: bool


@dataclass(frozen=True, slots=True)
class FundPage:
    """Context of payouts/fund.html."""

    slug: str
    village: str
    fund_name: str
    balance_minor: int
    income_minor: int
    spent_minor: int
    months: Sequence[MonthIncome]
    lines: Sequence[Line]
    waiting: Sequence[Line]
    is_member: bool
    form: Form[Any]


@dataclass(frozen=True, slots=True)
class OwnFunds:
    """Context of payouts/own_funds.html."""

    funds: Sequence[FundLine]


@dataclass(frozen=True, slots=True)
class _Village:
    id: int
    slug: str
    name: str
    fund_name: str


def initials(name: str) -> str:
    """`Rosalina Wona` as `R. W.`."""
    return " ".join(f"{word[0].upper()}." for word in name.split()[:3]) or "–"


async def _village(request: Request) -> _Village:
    slug = request.path_params["slug"]
    row = await db.fetch_one("SELECT id, slug, name, texts FROM village WHERE slug = $1", slug)
    if row is None:
        raise NotFound
    texts = as_json(row["texts"])
    name = pick(texts, locale(request)).get("fund_name", "") if texts else ""
    return _Village(row["id"], row["slug"], row["name"], name or words(request, lazy("Village fund")))


async def own_funds(request: Request) -> Response:
    """The funds whose committee the viewer sits on; a single one is opened."""
    funds = await fund.list_funds(person_id(request))
    if len(funds) == 1:
        return redirect(request, urls.path("payouts:fund", locale=locale(request), slug=funds[0].slug))
    title = words(request, lazy("Village funds"))
    return render(request, "payouts/own_funds.html", OwnFunds(funds), title=title, robots="noindex")


async def show(request: Request) -> Response:
    """Income, spending, balance."""
    return await _page(request, await _village(request), filled({}))


async def _member(request: Request) -> _Village:
    """The village, for members of its committee; NotFound for everybody else."""
    village = await _village(request)
    if not await fund.is_member(viewer(request).person_id, village.id):
        raise NotFound
    return village


def _here(request: Request, village: _Village) -> str:
    return urls.path("payouts:fund", locale=locale(request), slug=village.slug)


def _fresh_first(request: Request, back: str) -> Response | None:
    if sessions.is_fresh(viewer(request)):
        return None
    to = urls.path("accounts:step_up", locale=locale(request), next=back)
    return RedirectResponse(to, status_code=303)


async def enter(request: Request) -> Response:
    """A member enters a spending; another one signs it."""
    village = await _member(request)
    first = _fresh_first(request, _here(request, village))
    if first is not None:
        return first
    form = parse(SpendingForm, await request.form(), locale(request))
    if form.data is not None and form.data.spent_on > local_day(clock.now()):
        form.add_error("spent_on", words(request, lazy("This day is still to come.")))
    if form.data is None:
        return await _page(request, village, form)
    data = form.data
    try:
        await fund.propose(
            village.id,
            spent_on=data.spent_on,
            amount_minor=int(data.amount),
            purpose=data.purpose,
            receipt=data.receipt,
            by=person_id(request),
            now=clock.now(),
        )
    except Refused as refusal:
        form.add_error("amount", words(request, refusal.message))
        return await _page(request, village, form)
    flash = lazy("Entered. It counts once another member has signed it.")
    return redirect(request, _here(request, village), flash=flash)


async def sign(request: Request) -> Response:
    """The second name."""
    village = await _member(request)
    first = _fresh_first(request, _here(request, village))
    if first is not None:
        return first
    reference = request.path_params["reference"]
    try:
        await fund.sign(reference, village.id, by=person_id(request), now=clock.now())
    except Refused as refusal:
        return redirect(request, _here(request, village), flash=refusal.message, kind="bad")
    return redirect(
        request, _here(request, village), flash=lazy("Signed. It is on the page for everybody now.")
    )


async def withdraw(request: Request) -> Response:
    """Take an unsigned entry away."""
    village = await _member(request)
    reference = request.path_params["reference"]
    try:
        await fund.withdraw(reference, village.id, by=person_id(request), now=clock.now())
    except Refused as refusal:
        return redirect(request, _here(request, village), flash=refusal.message, kind="bad")
    return redirect(request, _here(request, village), flash=lazy("Taken away. Nothing was spent."))


async def _page(request: Request, village: _Village, form: Form[Any]) -> Response:
    who = viewer(request).person_id
    member = await fund.is_member(who, village.id)
    kept = await fund.get_fund(village.id)
    waiting = await fund.list_waiting(village.id) if member else []
    context = FundPage(
        slug=village.slug,
        village=village.name,
        fund_name=village.fund_name,
        balance_minor=kept.balance_minor,
        income_minor=kept.income_minor,
        spent_minor=kept.spent_minor,
        months=kept.months,
        lines=[_line(row, who) for row in kept.spendings],
        waiting=[_line(row, who) for row in waiting],
        is_member=member,
        form=form,
    )
    title = f"{village.fund_name}, {village.name}"
    if form.errors:
        title = f"{words(request, lazy('Fix'))}: {title}"
    status = 422 if form.errors else 200
    about = words(request, lazy("What bookings brought to this village's fund, and what it was spent on."))
    return render(request, "payouts/fund.html", context, title=title, description=about, status=status)


def _line(row: Spending, who: int | None) -> Line:
    by = " · ".join(initials(name) for name in (row.proposer, row.signer) if name)
    return Line(row, by, row.waits and row.proposed_by != who)


_PATH = "/{locale}/villages/{slug}/fund"
routes = [
    page("/{locale}/funds", own_funds, access=SIGNED_IN, name="payouts:own_funds"),
    page(_PATH, show, access=ANYONE, name="payouts:fund"),
    page(_PATH + "/entries", enter, access=SIGNED_IN, name="payouts:fund_enter", methods=("POST",)),
    page(
        _PATH + "/entries/{reference}/sign",
        sign,
        access=SIGNED_IN,
        name="payouts:fund_sign",
        methods=("POST",),
    ),
    page(
        _PATH + "/entries/{reference}/withdraw",
        withdraw,
        access=SIGNED_IN,
        name="payouts:fund_withdraw",
        methods=("POST",),
    ),
]
