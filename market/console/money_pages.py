"""A host's money: what we owe, what is coming, what was paid, earnings by month, statements, and bank details.

One host organisation at a time (`?host=`), for whoever holds the right to its money; bank details are for those
who may do everything, and only right after proving who they are.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.accounts import sessions
from market.accounts.rights import Right
from market.console.frame import Place, host_places
from market.console.listing_pages import fix
from market.errors import NotFound
from market.i18n import formats
from market.i18n.locales import pick
from market.payouts import accounts, earnings, fund, owed, queries, rules, statement_files, statements
from market.payouts.accounts import Account, Details
from market.payouts.earnings import Month, Plot
from market.payouts.owed import Owed
from market.payouts.queries import PayoutRow
from market.payouts.rules import PayoutState
from market.payouts.statements import Statement
from market.values.dates import local_instant
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse, wrong
from market.web.guards import HOST, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, settings, viewer

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
_ACCOUNT = re.compile(r"[0-9][0-9 .-]{4,38}[0-9]", re.ASCII)
_MOST_ID_DIGITS = 18


def _digits(typed: str) -> str:
    if not _ACCOUNT.fullmatch(typed):
        raise wrong(lazy("Enter the account number in digits, as it stands on the card or in the bank book."))
    return re.sub(r"\D", "", typed)


class AccountForm(Inbound):
    """Where a host wants to be paid."""

    bank: Annotated[str, Field(min_length=2, max_length=60)]
    number: Annotated[str, AfterValidator(_digits)]
    holder: Annotated[str, Field(min_length=2, max_length=80)]
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "bank": {"missing": lazy("Enter the name of the bank.")},
        "number": {"missing": lazy("Enter the account number.")},
        "holder": {"missing": lazy("Enter the name the account is kept under.")},
    }


@dataclass(frozen=True, slots=True)
class Coming:
    """A booking's money that has not left; `tag` and `state` say what it waits for."""

    reference: str
    title: str
    when: str
    amount_minor: int
    tag: str
    state: str


@dataclass(frozen=True, slots=True)
class Paid:
    """A payout as the host sees it."""

    reference: str
    on: str
    amount_minor: int
    netted_minor: int
    to: str
    bank_reference: str
    bookings: int
    tag: str
    state: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Another host whose money the viewer may see."""

    name: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class MonthFiles:
    """A month's statement to take home."""

    first: date
    pdf: str
    csv: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class Money:
    """Context of console/money.html."""

    places: Sequence[Place]
    hosts: Sequence[Choice]
    host_name: str
    host_id: int
    balance_minor: int
    due_minor: int
    transit_minor: int
    owes_minor: int
    year_minor: int
    coming: Sequence[Coming]
    payouts: Sequence[Paid]
    months: Sequence[Month]
    plot: Plot
    plot_labels: Sequence[str]
    plot_words: str
    statements: Sequence[MonthFiles]
    account: Account | None
    account_note: str
    may_change: bool
    funds: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class AccountPage:
    """Context of console/money_account.html."""

    places: Sequence[Place]
    form: Form[Any]
    action: str
    back: str
    host_name: str
    history: Sequence[Account]
    now: datetime


def _host_ids(request: Request) -> frozenset[int]:
    return viewer(request).organisation_ids(Right.MONEY.role)


async def _names(ids: frozenset[int]) -> dict[int, str]:
    if not ids:
        return {}
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    rows = await db.fetch(
        f"SELECT id, name FROM organisation WHERE id IN ({places}) AND kind IN ('host', 'village') ORDER BY name, id",
        *sorted(ids),
    )
    return {row["id"]: row["name"] for row in rows}


async def show(request: Request) -> Response:
    """Everything about one host's money."""
    names = await _names(_host_ids(request))
    asked = request.query_params.get("host", "")
    known = asked.isascii() and asked.isdigit() and len(asked) <= _MOST_ID_DIGITS
    host_id = int(asked) if known else next(iter(names), 0)
    if host_id not in names:
        raise NotFound
    title = words(request, lazy("Money"))
    context = await _money(request, host_id, names)
    return render(request, "console/money.html", context, title=title, robots="noindex")


async def _money(request: Request, host_id: int, names: dict[int, str]) -> Money:
    now, language = clock.now(), locale(request)
    open_money = await owed.list_owed(host_id)
    account = (await accounts.current([host_id])).get(host_id)
    payouts = await queries.list_for_host(host_id)
    months = await earnings.by_month(host_id, now)
    block = await owed.block_of(account, now)
    return Money(
        places=host_places(request, "console:host_money"),
        hosts=[
            Choice(name, urls.path("console:host_money", locale=language, host=each), each == host_id)
            for each, name in names.items()
        ],
        host_name=names[host_id],
        host_id=host_id,
        balance_minor=await statements.balance(host_id),
        due_minor=sum(one.total for one in open_money if one.is_due(now)),
        transit_minor=sum(p.amount_minor for p in payouts if p.state is PayoutState.IN_TRANSIT),
        owes_minor=max(0, (await owed.receivables()).get(host_id, 0)),
        year_minor=sum(month.amount_minor for month in months),
        coming=[_coming(request, one, now) for one in open_money],
        payouts=[_paid(request, row) for row in payouts],
        months=months,
        plot=earnings.plot(months),
        plot_labels=[formats.month_short(month.first, language) for month in months],
        plot_words=_plot_words(request, months),
        statements=[
            _files(request, host_id, first, now) for first in (await statements.list_months(host_id))[:24]
        ],
        account=account,
        account_note=words(request, rules.BLOCKS[block]) if block else "",
        may_change=host_id in viewer(request).organisation_ids("host"),
        funds=[
            (name, urls.path("payouts:fund", locale=language, slug=slug))
            for slug, name in await fund.villages_of(person_id(request))
        ],
    )


def _coming(request: Request, one: Owed, now: datetime) -> Coming:
    language = locale(request)
    if one.disputed:
        tag, state = "bad", words(request, lazy("Waits: a problem is being decided"))
    elif one.payout:
        tag, state = "info", words(request, lazy("In the next payout"))
    elif one.due_at <= now:
        tag, state = "ok", words(request, lazy("Due"))
    else:
        due = formats.instant(one.due_at, language)
        tag, state = "wait", words(request, lazy("Due %(when)s", when=due))
    title = pick(one.titles, language) if one.titles else one.booking_reference
    when = formats.day_range(one.starts_on, one.ends_on, language)
    return Coming(one.booking_reference, title, when, one.total, tag, state)


def _paid(request: Request, row: PayoutRow) -> Paid:
    return Paid(
        reference=row.reference,
        on=formats.instant(row.updated_at, locale(request)),
        amount_minor=row.amount_minor,
        netted_minor=row.netted_minor,
        to=f"{row.bank} {row.masked}".strip(),
        bank_reference=row.bank_reference,
        bookings=row.bookings,
        tag=rules.TAGS[row.state],
        state=words(request, rules.LABELS[row.state]),
    )


def _plot_words(request: Request, months: Sequence[Month]) -> str:
    """The plot in a sentence, for who does not see it."""
    best = max(months, key=lambda month: month.amount_minor)
    language = locale(request)
    return words(
        request,
        lazy(
            "Earnings of the last %(count)s months: %(total)s together, most in %(month)s with %(most)s.",
            count=len(months),
            total=formats.money(sum(month.amount_minor for month in months), language),
            month=formats.month(best.first, language),
            most=formats.money(best.amount_minor, language),
        ),
    )


def _files(request: Request, host_id: int, first: date, now: datetime) -> MonthFiles:
    where: dict[str, Any] = {"locale": locale(request), "host_id": host_id, "month": f"{first:%Y-%m}"}
    over = local_instant(statements.next_month(first)) <= now
    return MonthFiles(
        first,
        urls.path("console:host_statement_pdf", **where),
        urls.path("console:host_statement_csv", **where),
        over,
    )


# Statements ----------------------------------------------------------------------------------------------
async def _statement(request: Request) -> Statement:
    """The statement that the path names; NotFound unless it is the viewer's and has a month."""
    host_id, month = int(request.path_params["host_id"]), request.path_params["month"]
    matched, now = _MONTH.fullmatch(month), clock.now()
    if host_id not in _host_ids(request) or matched is None:
        raise NotFound
    first = date(int(matched[1]), int(matched[2]), 1)
    if local_instant(first) > now:
        raise NotFound
    return await statements.get_statement(host_id, first, now=now)


async def statement_pdf(request: Request) -> Response:
    """The month as a PDF that a bank's desk takes."""
    statement = await _statement(request)
    brand = settings(request).brand
    content = await asyncio.to_thread(statement_files.pdf, statement, locale(request), brand)
    return _file(content, "application/pdf", statement_files.file_name(statement, "pdf"))


async def statement_csv(request: Request) -> Response:
    """The month as a table."""
    statement = await _statement(request)
    content = statement_files.csv_file(statement, locale(request))
    return _file(content, "text/csv; charset=utf-8", statement_files.file_name(statement, "csv"))


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(
        content,
        media_type=media_type,
        headers={
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "private, no-store",
        },
    )


# Bank details --------------------------------------------------------------------------------------------
def _own_host(request: Request) -> int:
    """The host that the path names; NotFound unless the viewer may do everything for it."""
    host_id = int(request.path_params["host_id"])
    if host_id not in viewer(request).organisation_ids("host"):
        raise NotFound
    return host_id


async def account(request: Request) -> Response:
    """Enter bank details; the history of them."""
    host_id = _own_host(request)
    first = sessions.confirm_first(request)
    if first is not None:
        return first
    if request.method != "POST":
        return await _account_page(request, host_id, filled({}))
    form = parse(AccountForm, await request.form(), locale(request))
    if form.data is None:
        return await _account_page(request, host_id, form)
    details = Details(form.data.bank, form.data.number, form.data.holder)
    kept = await accounts.enter(
        host_id, details, by=person_id(request), config=settings(request), now=clock.now()
    )
    usable = formats.instant(kept.usable_from, locale(request))
    flash = lazy(
        "Kept. Money goes there from %(when)s; we have told everybody who acts for you.", when=usable
    )
    back = urls.path("console:host_money", locale=locale(request), host=host_id)
    return redirect(request, back, flash=flash)


async def _account_page(request: Request, host_id: int, form: Form[Any]) -> Response:
    language = locale(request)
    context = AccountPage(
        places=host_places(request, "console:host_money"),
        form=form,
        action=urls.path("console:host_account", locale=language, host_id=host_id),
        back=urls.path("console:host_money", locale=language, host=host_id),
        host_name=(await _names(frozenset({host_id}))).get(host_id, ""),
        history=await accounts.history(host_id),
        now=clock.now(),
    )
    title = fix(request, words(request, lazy("Bank details")), form)
    status = 422 if form.errors else 200
    return render(
        request, "console/money_account.html", context, title=title, status=status, robots="noindex"
    )


_MONEY = "/{locale}/host/money"
routes = [
    page(_MONEY, show, access=HOST, name="console:host_money"),
    page(
        _MONEY + "/{host_id:int}/{month}/statement.pdf",
        statement_pdf,
        access=HOST,
        name="console:host_statement_pdf",
    ),
    page(
        _MONEY + "/{host_id:int}/{month}/statement.csv",
        statement_csv,
        access=HOST,
        name="console:host_statement_csv",
    ),
    page(
        _MONEY + "/{host_id:int}/bank",
        account,
        access=HOST,
        name="console:host_account",
        methods=("GET", "POST"),
    ),
]
