"""The supplier's side: everything hotels say they bought from them, answered in one tap; and the public page of a
link, or of a reference with its six digits, for those without an account.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.accounts import limits
from market.db.sql import as_instant
from market.errors import DomainError, Invalid, NotFound, TooMany
from market.i18n import formats
from market.i18n.messages import translate
from market.settings import Settings
from market.sourcing import asked_queries, confirmations
from market.sourcing.asked_queries import AskedRow, MonthRow
from market.sourcing.confirmations import Reply, Said, Way
from market.sourcing.forms import AnswerForm, CodeForm, digits_of, stated_amount
from market.sourcing.pages.views import Tag, month_of
from market.sourcing.rules import Confirmation
from market.sourcing.wording import CONFIRMATIONS, PAPERS
from market.suppliers import desk_queries
from market.suppliers.rows import SupplierRow
from market.values.text import lazy
from market.web import urls
from market.web.forms import Form, filled, parse
from market.web.render import redirect, render, words
from market.web.request import client_address, person_id, tools, viewer
from market.web.request import locale as locale_of

_OPEN: Final = frozenset({Confirmation.ASKED, Confirmation.SILENT})


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A purchase as its supplier sees it; `on_behalf` is the BUMDes or cooperative through which the viewer answers."""

    reference: str
    hotel: str
    supplier: str
    on_behalf: str
    day: str
    goods: str
    paper: str
    net: str
    stated: str
    tag: Tag
    until: str
    action: str
    open: bool
    form: Form[Any]


@dataclass(frozen=True, slots=True)
class MonthView:
    """What one hotel says it bought in a month."""

    month: str
    supplier: str
    hotel: str
    count: str
    net: str
    confirmed: str
    waiting: str
    disputed: str


@dataclass(frozen=True, slots=True)
class ClaimsAbout:
    """Context of sourcing/claims_about.html."""

    waiting: Sequence[ClaimView]
    months: Sequence[MonthView]
    shown: Sequence[ClaimView]
    month: str
    options: Sequence[tuple[str, str]]
    several: bool
    errors: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """Context of sourcing/confirm.html."""

    claim: ClaimView
    over: bool
    form: Form[Any]


@dataclass(frozen=True, slots=True)
class CodePage:
    """Context of sourcing/confirm_code.html."""

    form: Form[Any]


# With an account --------------------------------------------------------------------------------------------
async def claims_about(request: Request) -> Response:
    """Everything hotels say about the viewer's suppliers."""
    return await _about_page(request, "", filled({}))


async def answer(request: Request) -> Response:
    """Say yes, another amount, or not mine."""
    row = await asked_queries.get_asked(request.path_params["reference"])
    suppliers = await _own(request)
    if row is None or row.supplier_id not in suppliers:
        raise NotFound
    form = parse(AnswerForm, await request.form(), locale_of(request))
    agent = _agent(request, suppliers[row.supplier_id])
    reply = _reply(form, locale_of(request), Way.WEB, person=person_id(request), agent=agent)
    if reply is not None:
        try:
            await confirmations.answer(row.document_id, reply, now=clock.now())
        except DomainError as refusal:
            _show(form, refusal, locale_of(request))
        else:
            here = urls.path("sourcing:claims_about", locale=locale_of(request))
            said = lazy("Thank you. %(hotel)s has been told.", hotel=row.hotel)
            return redirect(request, here, flash=said)
    return await _about_page(request, row.reference, form)


async def _own(request: Request) -> dict[int, SupplierRow]:
    """The suppliers the viewer answers for: their own, and members their BUMDes keeps."""
    pages = await desk_queries.list_pages(viewer(request).organisation_ids("supplier"))
    return {row.id: row for row in pages}


def _agent(request: Request, supplier: SupplierRow) -> int | None:
    """The BUMDes or cooperative the viewer answers through, when the supplier is not their own."""
    mine = viewer(request).organisation_ids("supplier")
    return None if supplier.organisation_id in mine else supplier.agent_id


def _reply(
    form: Form[AnswerForm], locale: str, way: Way, *, person: int | None = None, agent: int | None = None
) -> Reply | None:
    if form.data is None:
        return None
    sent = form.data
    said = Said(sent.said)
    stated = stated_amount(form, locale) if said is Said.OTHER_AMOUNT else None
    if form.errors:
        return None
    return Reply(said, way, stated, sent.words, person, agent)


def _show(form: Form[Any], refusal: DomainError, locale: str) -> None:
    field = refusal.field if isinstance(refusal, Invalid) else ""
    form.add_error(field or "said", translate(refusal.message, locale))


async def _about_page(request: Request, reference: str, form: Form[Any]) -> Response:
    locale = locale_of(request)
    suppliers = await _own(request)
    waiting = await asked_queries.list_waiting(suppliers)
    months = await asked_queries.months(suppliers)
    periods = list(dict.fromkeys(row.period for row in months))
    asked = request.query_params.get("month", "")
    month = asked if asked in periods else (periods[0] if periods else f"{clock.today():%Y-%m}")
    shown = await asked_queries.list_about(suppliers, month)
    names = {row.id: row.name for row in suppliers.values()}

    def view(row: AskedRow) -> ClaimView:
        own = form if row.reference == reference else filled({})
        action = urls.path("sourcing:answer", locale=locale, reference=row.reference)
        supplier = suppliers[row.supplier_id]
        on_behalf = supplier.agent_name if _agent(request, supplier) is not None else ""
        return _view(row, locale, action, own, on_behalf)

    context = ClaimsAbout(
        waiting=[view(row) for row in waiting],
        months=[_month(row, names, locale) for row in months],
        shown=[view(row) for row in shown if row.confirmation is not Confirmation.ASKED],
        month=_month_words(month, locale),
        options=[(period, _month_words(period, locale)) for period in periods],
        several=len(suppliers) > 1,
        errors=[(f"{name}-{reference}" if name else "", said) for name, said in form.errors],
    )
    title = words(request, lazy("What hotels say they bought from you"))
    return render(
        request,
        "sourcing/claims_about.html",
        context,
        title=words(request, lazy("Fix: %(title)s", title=title)) if form.errors else title,
        robots="noindex",
        status=400 if form.errors else 200,
    )


def _month_words(period: str, locale: str) -> str:
    return formats.month(month_of(period), locale)


def _month(row: MonthRow, names: dict[int, str], locale: str) -> MonthView:
    def money(amount: int) -> str:
        return formats.money(amount, locale)

    return MonthView(
        _month_words(row.period, locale),
        names[row.supplier_id],
        row.hotel,
        formats.number(row.count, locale),
        money(row.net_minor),
        money(row.confirmed_minor),
        money(row.waiting_minor),
        money(row.disputed_minor),
    )


def _view(row: AskedRow, locale: str, action: str, form: Form[Any], on_behalf: str = "") -> ClaimView:
    kind, icon, said = CONFIRMATIONS[row.confirmation]
    stated = row.confirmed_net_minor
    paper = translate(PAPERS[row.paper], locale)
    return ClaimView(
        reference=row.reference,
        hotel=row.hotel,
        supplier=row.supplier,
        on_behalf=on_behalf,
        day=formats.day(row.invoice_on, locale),
        goods=row.goods,
        paper=f"{paper} {row.number}" if row.number else paper,
        net=formats.money(row.net_minor, locale),
        stated=formats.money(stated, locale)
        if stated is not None and row.confirmation is Confirmation.OTHER_AMOUNT
        else "",
        tag=(kind, translate(said, locale), icon),
        until=formats.instant(row.expires_at, locale) if row.expires_at else "",
        action=action,
        open=row.confirmation in _OPEN,
        form=form,
    )


# Without an account -----------------------------------------------------------------------------------------
async def confirm(request: Request) -> Response:
    """The page of a link: one purchase, one answer."""
    token = request.path_params["token"]
    question = await confirmations.by_token(token)
    row = await asked_queries.get_asked_by_id(question["document_id"]) if question else None
    if question is None or row is None:
        raise NotFound
    over = question["state"] != "open" or as_instant(question["expires_at"]) <= clock.now()
    if request.method == "GET" or over:
        return _confirm_page(request, row, token, over, filled({}))
    form = parse(AnswerForm, await request.form(), locale_of(request))
    reply = _reply(form, locale_of(request), Way.LINK, person=viewer(request).person_id)
    if reply is not None:
        try:
            await confirmations.answer(row.document_id, reply, now=clock.now(), request_id=question["id"])
        except DomainError as refusal:
            _show(form, refusal, locale_of(request))
        else:
            said = lazy("Thank you. %(hotel)s has been told.", hotel=row.hotel)
            return redirect(request, request.url.path, flash=said)
    return _confirm_page(request, row, token, over, form)


def _confirm_page(request: Request, row: AskedRow, token: str, over: bool, form: Form[Any]) -> Response:
    locale = locale_of(request)
    action = urls.path("sourcing:confirm", locale=locale, token=token)
    title = words(request, lazy("Did %(hotel)s buy this from you?", hotel=row.hotel))
    response = render(
        request,
        "sourcing/confirm.html",
        ConfirmPage(_view(row, locale, action, form), over, form),
        title=words(request, lazy("Fix: %(title)s", title=title)) if form.errors else title,
        robots="noindex",
        lean=True,
        status=400 if form.errors else 200,
    )
    # The address is the key to this page: it goes to nobody else, and no cache keeps what it opens.
    response.headers["referrer-policy"] = "no-referrer"
    response.headers["cache-control"] = "no-store"
    return response


async def confirm_code(request: Request) -> Response:
    """Find a question by the reference and the six digits of its letter."""
    if request.method == "GET":
        return _code_page(request, filled({"reference": request.query_params.get("reference", "")[:20]}))
    form = parse(CodeForm, await request.form(), locale_of(request))
    if form.data is not None:
        try:
            await limits.count("purchase_code", client_address(request))
            token = await confirmations.by_code(
                form.data.reference,
                digits_of(form.data.code),
                now=clock.now(),
                installation=tools(request).of(Settings).secrets,
            )
        except (Invalid, TooMany) as refusal:
            form.add_error("code", words(request, refusal.message))
        else:
            return redirect(request, urls.path("sourcing:confirm", locale=locale_of(request), token=token))
    return _code_page(request, form)


def _code_page(request: Request, form: Form[Any]) -> Response:
    title = words(request, lazy("Answer with a code"))
    return render(
        request,
        "sourcing/confirm_code.html",
        CodePage(form),
        title=words(request, lazy("Fix: %(title)s", title=title)) if form.errors else title,
        robots="noindex",
        lean=True,
        status=400 if form.errors else 200,
    )
