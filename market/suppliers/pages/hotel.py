"""The hotel's side of a quotation: ask, read the answers, accept one or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.accounts import limits
from market.accounts import queries as accounts
from market.errors import Invalid, NotFound, Refused
from market.i18n.messages import translate
from market.suppliers import desk_queries, quotations, rows, rules
from market.suppliers.desk_queries import QuotationRow
from market.suppliers.forms import AcceptForm, AskForm, ReasonForm
from market.suppliers.pages.public import get_entry, products_of
from market.suppliers.pages.quotes import QuotationLine, QuotationView, line, view
from market.suppliers.pages.scope import own_quotation
from market.suppliers.pages.views import ProductView, SupplierView, supplier_view
from market.suppliers.rows import ProductRow, SupplierRow
from market.suppliers.rules import State
from market.values.ids import new_token
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, filled, parse
from market.web.render import redirect, render, words
from market.web.request import locale as locale_of
from market.web.request import person_id, viewer

_KNOWN_AFTER = frozenset({State.ANSWERED, State.ACCEPTED, State.REFUSED})


@dataclass(frozen=True, slots=True)
class Ask:
    """Context of suppliers/ask.html."""

    supplier: SupplierView
    product: ProductView
    form: Form[Any]
    hotels: list[tuple[str, str]]
    today: date


@dataclass(frozen=True, slots=True)
class Quotations:
    """Context of suppliers/quotations.html."""

    quotations: list[QuotationLine]


@dataclass(frozen=True, slots=True)
class ShowQuotation:
    """Context of suppliers/quotation.html."""

    quotation: QuotationView
    supplier_href: str
    may_accept: bool
    may_refuse: bool
    may_withdraw: bool
    accepted: bool


async def ask(request: Request) -> Response:
    """Ask for a price for a product."""
    entry, locale = await get_entry(request), locale_of(request)
    row = next((p for p in entry.products if p.slug == request.path_params["product"]), None)
    if row is None:
        raise NotFound
    hotels = await _hotels(request)
    product = next(v for v in products_of(entry, locale) if v.id == row.id)
    if request.method == "GET":
        form: Form[Any] = filled({"hotel": hotels[0][0] if hotels else None, "request_key": new_token()})
        return _ask_page(request, supplier_view(entry.supplier, locale), product, form, hotels)
    form = parse(AskForm, await request.form(), locale)
    if form.data is not None:
        try:
            reference = await _send(request, form.data, row, hotels)
        except (Invalid, Refused) as wrong:
            field, message = rules.reason_of(wrong)
            form.add_error(field, translate(message, locale))
        else:
            to = urls.path("suppliers:quotation", locale=locale, reference=reference)
            return redirect(
                request,
                to,
                flash=lazy("Your request is on its way. We write to you when the answer is here."),
            )
    return _ask_page(request, supplier_view(entry.supplier, locale), product, form, hotels)


async def _hotels(request: Request) -> list[tuple[str, str]]:
    """The hotels the viewer buys for."""
    found = await accounts.organisations_of(person_id(request))
    return [(str(o.id), o.name) for o in found if o.role == "hotel"]


async def _send(request: Request, sent: AskForm, asked: ProductRow, hotels: list[tuple[str, str]]) -> str:
    wanted = str(sent.hotel) if sent.hotel is not None else (hotels[0][0] if len(hotels) == 1 else "")
    if wanted not in {value for value, _ in hotels}:
        raise Invalid("no_hotel", lazy("Choose the hotel you buy for."), field="hotel")
    await limits.count("quotation", int(wanted))
    await limits.count("quotation_supplier", int(wanted), asked.supplier_id)
    return await quotations.ask(
        product_id=asked.id,
        hotel_id=int(wanted),
        quantity=sent.quantity,
        wanted_on=sent.wanted_on,
        place=sent.place,
        note=sent.note,
        by=person_id(request),
        request_key=sent.request_key,
        today=clock.today(),
        now=clock.now(),
    )


def _ask_page(
    request: Request,
    supplier: SupplierView,
    product: ProductView,
    form: Form[Any],
    hotels: list[tuple[str, str]],
) -> Response:
    context = Ask(supplier, product, form, hotels, clock.today())
    title = words(request, lazy("Ask for a quotation"))
    return render(
        request,
        "suppliers/ask.html",
        context,
        title=words(request, lazy("Fix: %(title)s", title=title)) if form.errors else title,
        robots="noindex",
        status=400 if form.errors else 200,
    )


async def index(request: Request) -> Response:
    """Everything the viewer's hotels asked for."""
    locale = locale_of(request)
    found = await desk_queries.list_of_hotels(viewer(request).organisation_ids("hotel"))
    suppliers = await rows.load_suppliers({row.supplier_id for row in found})
    context = Quotations(
        [
            line(row, _known_name(row, suppliers[row.supplier_id]), "suppliers:quotation", locale)
            for row in found
        ]
    )
    return render(
        request,
        "suppliers/quotations.html",
        context,
        title=words(request, lazy("Quotations")),
        robots="noindex",
    )


def _known_name(row: QuotationRow, supplier: SupplierRow) -> str:
    """A hotel that got an answer knows whom it may buy from; before that it reads what everybody reads."""
    return supplier.name if row.state in _KNOWN_AFTER else supplier.public_name


async def show(request: Request) -> Response:
    """A request and its answer."""
    row, supplier = await own_quotation(request)
    locale = locale_of(request)
    still_good = row.valid_until is not None and clock.today() <= row.valid_until
    context = ShowQuotation(
        quotation=view(row, locale, supplier=_known_name(row, supplier)),
        supplier_href=urls.path("suppliers:show", locale=locale, slug=supplier.address),
        may_accept=rules.may_become(row.state, State.ACCEPTED) and still_good,
        may_refuse=rules.may_become(row.state, State.REFUSED),
        may_withdraw=row.state is State.ASKED,
        accepted=row.state is State.ACCEPTED,
    )
    title = words(request, lazy("Request %(reference)s", reference=row.reference))
    return render(request, "suppliers/quotation.html", context, title=title, robots="noindex")


async def accept(request: Request) -> Response:
    """Take the offer at the sum that was shown."""
    row, _ = await own_quotation(request)
    form = parse(AcceptForm, await request.form(), locale_of(request))
    if form.data is None:
        return _back(request, row, lazy("The supplier changed this offer. Please look at it again."), "bad")
    try:
        await quotations.accept(
            row.id,
            by=person_id(request),
            total_minor=form.data.total_minor,
            today=clock.today(),
            now=clock.now(),
        )
    except Refused as refusal:
        return _back(request, row, refusal.message, "bad")
    return _back(request, row, lazy("Accepted. The supplier has been told, and the purchase is expected."))


async def refuse(request: Request) -> Response:
    """Do not take the offer."""
    row, _ = await own_quotation(request)
    form = parse(ReasonForm, await request.form(), locale_of(request))
    if form.data is None:
        return _back(request, row, lazy("This text is too long."), "bad")
    try:
        await quotations.refuse(row.id, form.data.reason, by=person_id(request), now=clock.now())
    except Refused as refusal:
        return _back(request, row, refusal.message, "bad")
    return _back(request, row, lazy("The supplier has been told that you do not take this offer."))


async def withdraw(request: Request) -> Response:
    """No answer is needed any more."""
    row, _ = await own_quotation(request)
    try:
        await quotations.withdraw(row.id, by=person_id(request), now=clock.now())
    except Refused as refusal:
        return _back(request, row, refusal.message, "bad")
    return _back(request, row, lazy("The request is withdrawn and the supplier has been told."))


def _back(request: Request, row: QuotationRow, said: Text, kind: str = "ok") -> Response:
    to = urls.path("suppliers:quotation", locale=locale_of(request), reference=row.reference)
    return redirect(request, to, flash=said, kind=kind)
