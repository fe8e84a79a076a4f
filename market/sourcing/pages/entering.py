"""Logging a paper: a new purchase, one that was expected, a credit note, or the correction of a wrong document.

One form for all four. Nothing typed is lost: photos are kept as they arrive, and every error stands at its field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.errors import DomainError, Invalid, NotFound, Refused
from market.i18n.messages import translate
from market.sourcing import entry, listing_queries, locks, queries, sellers
from market.sourcing.entry import Duplicate, Source
from market.sourcing.forms import HeadForm, Seller, line_count, product_name, read_document
from market.sourcing.listing_queries import ExpectedRow
from market.sourcing.pages import scope, uploads
from market.sourcing.pages.scope import House
from market.sourcing.pages.views import PhotoView, decimal, photo_view
from market.sourcing.queries import DocumentRow, LineRow
from market.sourcing.rules import CATEGORIES, Kind, NewDocument, Paper
from market.sourcing.sellers import Known
from market.sourcing.wording import PAPERS, category
from market.suppliers.wording import UNITS
from market.values.money import IDR
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, filled, raw_values
from market.web.render import redirect, render, words
from market.web.request import locale as locale_of
from market.web.request import person_id

Options = list[tuple[str, str]]
Raw = dict[str, list[str]]
_MORE: Final = 3  # lines that "more lines" adds


@dataclass(frozen=True, slots=True)
class Task:
    """What the form is for: a new paper, or one that has to do with a document that is there."""

    what: str  # new, expected, credit, replace
    title: Text
    document: DocumentRow | None = None
    expected: ExpectedRow | None = None

    @property
    def kind(self) -> Kind:
        if self.what == "credit":
            return Kind.CREDIT_NOTE
        return self.document.kind if self.document is not None else Kind.PURCHASE


@dataclass(frozen=True, slots=True)
class EnterPage:
    """Context of sourcing/enter.html."""

    house: House
    form: Form[Any]
    action: str
    what: str
    kind: str
    cites: str
    cites_href: str
    lines: Sequence[int]
    papers: Options
    categories: Options
    vat_bases: Options
    known: Sequence[str]
    choices: Sequence[Known]
    seller_fixed: bool
    products: Options
    photos: Sequence[PhotoView]
    duplicate_href: str
    locked: bool
    today: str
    back: str


# The four tasks ---------------------------------------------------------------------------------------------
async def new(request: Request) -> Response:
    """A purchase: from nothing, from photos of the inbox, or from what was agreed on."""
    house = await scope.house(request, _asked_hotel(request), "sourcing:index")
    task = Task("new", lazy("Log a purchase"))
    given = request.query_params.get("expected", "")
    if given.isascii() and given.isdigit() and len(given) < 19:
        expected = await listing_queries.get_expected(int(given), scope.hotel_ids(request))
        if expected is None:
            raise NotFound
        task = Task("expected", lazy("Log a delivery"), expected=expected)
        if expected.hotel_id != house.id:
            house = await scope.house(request, expected.hotel_id, "sourcing:index")
    if request.method == "POST":
        return await _sent(request, house, task)
    raw = await _started(request, house, task)
    return await _page(request, house, task, filled(raw), await _seller(task, raw))


async def credit(request: Request) -> Response:
    """A credit note that takes back all or part of a document."""
    document = await scope.own_document(request)
    house = await scope.house(request, document.hotel_id, "sourcing:index")
    task = Task("credit", lazy("Log a credit note"), document)
    if not document.live or document.kind is not Kind.PURCHASE:
        raise NotFound
    if request.method == "POST":
        return await _sent(request, house, task)
    raw = {**await _values(document, locale_of(request)), "number": "", "note": ""}
    raw["invoice_on"] = clock.today().isoformat()
    return await _page(request, house, task, filled(raw), await _seller(task, raw))


async def replace(request: Request) -> Response:
    """The correction of a wrong document, which stays visible as void."""
    document = await scope.own_document(request)
    house = await scope.house(request, document.hotel_id, "sourcing:index")
    task = Task("replace", lazy("Correct this document"), document)
    if not document.live or document.claim_id is not None:
        raise NotFound
    if request.method == "POST":
        return await _sent(request, house, task)
    raw = await _values(document, locale_of(request))
    return await _page(request, house, task, filled(raw), await _seller(task, raw))


def _asked_hotel(request: Request) -> int | None:
    given = request.query_params.get("hotel", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 16 else None


# What came in -----------------------------------------------------------------------------------------------
async def _sent(request: Request, house: House, task: Task) -> Response:
    data = await request.form()
    raw: Raw = raw_values(data)
    locale = locale_of(request)
    photos = await uploads.keep(request, data, house.id)
    raw["evidence"] = [*raw.get("evidence", []), *photos.references]
    seller, choices = await _meant(task, raw)
    act = raw.get("act", ["save"])[0]
    if act in {"more", "seller"}:
        form: Form[Any] = Form(
            raw, None, [(uploads.FIELD, translate(text, locale)) for text in photos.refused]
        )
        count = line_count(raw) + (_MORE if act == "more" else 0)
        return await _page(request, house, task, form, seller, choices=choices, count=count)
    form, document = _read(raw, locale, task, seller)
    for text in photos.refused:
        form.add_error(uploads.FIELD, translate(text, locale))
    if seller is None:
        form.add_error("seller", words(request, lazy("There are several of this name. Choose one below.")))
    duplicate = ""
    if document is not None and form.data is not None:
        try:
            reference = await _save(request, house, task, document, form.data)
        except DomainError as refusal:
            duplicate = _show(form, refusal, locale)
        else:
            return _saved(request, reference, task)
    return await _page(
        request, house, task, form, seller, choices=choices, duplicate=duplicate, count=line_count(raw)
    )


def _read(
    raw: Raw, locale: str, task: Task, seller: Seller | None
) -> tuple[Form[HeadForm], NewDocument | None]:
    return read_document(
        raw,
        locale,
        seller=seller or Seller(""),
        now=clock.now(),
        kind=task.kind,
        credits=_cited(task),
        expected_id=task.expected.id if task.expected else None,
    )


def _cited(task: Task) -> str:
    if task.document is None:
        return ""
    return task.document.reference if task.what == "credit" else task.document.credits


async def _save(request: Request, house: House, task: Task, document: NewDocument, head: HeadForm) -> str:
    if task.what == "replace" and task.document is not None:
        return await entry.replace(
            task.document.reference,
            document,
            hotel_id=house.id,
            by=person_id(request),
            reason=head.reason,
            now=clock.now(),
        )
    source = Source.FORM
    if task.what == "expected":
        source = Source.QUOTATION
    elif document.evidence:
        source = Source.PHOTO
    return await entry.enter(
        document, hotel_id=house.id, by=person_id(request), now=clock.now(), source=source
    )


def _show(form: Form[Any], refusal: DomainError, locale: str) -> str:
    """A refusal at its field; the address of the first document when this one is a duplicate of our own."""
    form.add_error(_field_of(refusal), translate(refusal.message, locale))
    if isinstance(refusal, Duplicate) and refusal.facts["own"] and refusal.facts["reference"]:
        return urls.path("sourcing:show", locale=locale, reference=refusal.facts["reference"])
    return ""


def _field_of(refusal: DomainError) -> str:
    if isinstance(refusal, Duplicate):
        return "number"
    if isinstance(refusal, locks.Locked):
        return "invoice_on"
    if isinstance(refusal, Invalid):
        return {"lines": "amount_0", "product": "product_0"}.get(refusal.field or "", refusal.field or "")
    if not isinstance(refusal, Refused):
        raise refusal
    return ""


def _saved(request: Request, reference: str, task: Task) -> Response:
    said = {
        "credit": lazy("The credit note is logged as %(reference)s.", reference=reference),
        "replace": lazy("Corrected. The new document is %(reference)s.", reference=reference),
    }.get(task.what, lazy("Logged as %(reference)s.", reference=reference))
    to = urls.path("sourcing:show", locale=locale_of(request), reference=reference)
    return redirect(request, to, flash=said)


# Who sold it ------------------------------------------------------------------------------------------------
async def _meant(task: Task, raw: Mapping[str, list[str]]) -> tuple[Seller | None, tuple[Known, ...]]:
    """The seller of the paper. A credit note's is that of the document it cites."""
    if task.what in {"credit", "expected"}:
        return await _seller(task, {}), ()
    typed = raw.get("seller", [""])[0]
    meant = await sellers.find(typed, raw.get("supplier", [""])[0], await sellers.list_known(), clock.today())
    return meant.seller, meant.choices


async def _seller(task: Task, raw: Mapping[str, Any]) -> Seller:
    today = clock.today()
    if task.expected is not None:
        return await sellers.of_supplier(task.expected.supplier_id, task.expected.supplier, today)
    if task.document is not None:
        if task.document.supplier_id is None:
            return Seller(task.document.seller_name)
        return await sellers.of_supplier(task.document.supplier_id, task.document.seller_name, today)
    meant = await sellers.find(str(raw.get("seller", "")), "", await sellers.list_known(), today)
    return meant.seller or Seller("")


# What the form starts with ----------------------------------------------------------------------------------
async def _started(request: Request, house: House, task: Task) -> dict[str, Any]:
    query = request.query_params
    photos = [name for name in query.getlist("photo") if len(name) <= 20][:20]
    raw: dict[str, Any] = {
        "invoice_on": clock.today().isoformat(),
        "paper": Paper.NOTA.value,
        "currency": IDR,
        "evidence": photos,
        "seller": query.get("seller", "")[:120],
    }
    if task.expected is not None:
        raw |= _expected_values(task.expected, locale_of(request))
    elif copied := query.get("copy", "")[:20]:
        document = await queries.get_document(copied, scope.hotel_ids(request))
        if document is None or document.hotel_id != house.id:
            raise NotFound
        raw |= {**await _values(document, locale_of(request)), "evidence": photos}
    return raw


def _expected_values(row: ExpectedRow, locale: str) -> dict[str, Any]:
    today = clock.today()
    return {
        "seller": row.supplier,
        "invoice_on": min(row.expected_on, today).isoformat(),
        "product_0": row.product_id,
        "description_0": row.product_name(locale),
        "category_0": row.category,
        "quantity_0": str(row.quantity),
        "unit_0": translate(UNITS[row.unit], locale),
        "amount_0": decimal(str(row.net_minor), locale),
    }


async def _values(document: DocumentRow, locale: str) -> dict[str, Any]:
    """A document's values for the form."""
    values: dict[str, Any] = {
        "seller": document.seller_name,
        "seller_npwp": document.seller_npwp,
        "paper": document.paper.value,
        "number": document.number,
        "invoice_on": document.invoice_on.isoformat(),
        "currency": document.currency,
        "rate": editable(document.rate, locale) if document.currency != IDR else "",
        "note": document.note,
    }
    for index, line in enumerate((await queries.list_lines([document.id]))[document.id]):
        values |= {f"{name}_{index}": value for name, value in _line_values(line, document, locale).items()}
    return values


def _line_values(line: LineRow, document: DocumentRow, locale: str) -> dict[str, Any]:
    stated = Decimal(line.amount) * Decimal(document.rate)
    nearer_gross = abs(stated - line.net_minor - line.vat_minor) < abs(stated - line.net_minor)
    quantity = line.quantity_milli
    return {
        "product": line.product_id,
        "description": line.description,
        "category": line.category,
        "quantity": editable(str(Decimal(quantity) / 1000), locale) if quantity else "",
        "unit": line.unit,
        "amount": editable(line.amount, locale),
        "basis": "gross" if line.vat_minor and nearer_gross else "net",
        "vat": editable(line.vat_percent, locale) if line.vat_percent != "0" else "",
    }


def editable(written: str, locale: str) -> str:
    """A stored number as it is typed: three digits behind the mark get a zero, or they would read as thousands."""
    shown = decimal(written, locale)
    _, _, part = written.partition(".")
    return f"{shown}0" if len(part.rstrip("0")) == 3 else shown


# The page ---------------------------------------------------------------------------------------------------
async def _page(
    request: Request,
    house: House,
    task: Task,
    form: Form[Any],
    seller: Seller | None,
    *,
    choices: Sequence[Known] = (),
    duplicate: str = "",
    count: int | None = None,
) -> Response:
    locale = locale_of(request)
    photos = await listing_queries.list_evidence_by_reference(form.values("evidence"), house.id)
    month = form.value("invoice_on")[:7]
    context = EnterPage(
        house=house,
        form=form,
        action=_action(request, task, house),
        what=task.what,
        kind=task.kind.value,
        cites=_cited(task),
        cites_href=urls.path("sourcing:show", locale=locale, reference=_cited(task)) if _cited(task) else "",
        lines=range(count or line_count(form.raw)),
        papers=[(paper.value, translate(text, locale)) for paper, text in PAPERS.items()],
        categories=[(key, translate(category(key), locale)) for key in CATEGORIES],
        vat_bases=[
            ("net", words(request, lazy("Without VAT"))),
            ("gross", words(request, lazy("VAT included"))),
        ],
        known=[one.shown for one in await sellers.list_known()],
        choices=choices,
        seller_fixed=task.what in {"credit", "expected"},
        products=_products(seller, locale),
        photos=[photo_view(row, locale) for row in photos],
        duplicate_href=duplicate,
        locked=bool(month) and await locks.is_locked(house.id, month),
        today=clock.today().isoformat(),
        back=_back(task, locale),
    )
    title = words(request, task.title)
    return render(
        request,
        "sourcing/enter.html",
        context,
        title=words(request, lazy("Fix: %(title)s", title=title)) if form.errors else title,
        robots="noindex",
        status=400 if form.errors else 200,
    )


def _products(seller: Seller | None, locale: str) -> Options:
    if seller is None or not seller.products:
        return []
    named = [(str(product.id), product_name(product, locale)) for product in seller.products]
    return [("", translate(lazy("Something else"), locale)), *named]


def _action(request: Request, task: Task, house: House) -> str:
    if task.document is not None:
        return request.url.path
    query: dict[str, Any] = {"hotel": house.id} if house.options else {}
    if task.expected is not None:
        query["expected"] = task.expected.id
    return f"{request.url.path}?{urlencode(query)}" if query else request.url.path


def _back(task: Task, locale: str) -> str:
    if task.document is not None:
        return urls.path("sourcing:show", locale=locale, reference=task.document.reference)
    return urls.path("sourcing:index", locale=locale)
