"""What enters the ledger through its pages: filters, a document with its lines, reasons, answers, registrations.

A document's form has a head and any number of lines (`amount_0`, `amount_1` …). `read_document` gives the document,
or every error at its field beside what was typed. What the domain refuses is `rules`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BeforeValidator, Field

from market.i18n.messages import translate
from market.sourcing import amounts, rules
from market.sourcing.keys import folded
from market.sourcing.rules import Kind, NewDocument, NewLine, Paper
from market.suppliers.forms import Account
from market.suppliers.offering import Category
from market.suppliers.rows import ProductRow
from market.suppliers.wording import UNITS
from market.values.dates import local_instant
from market.values.money import IDR
from market.values.text import Text, lazy
from market.web.forms import Form, Inbound, parse

MOST_ON_A_FORM: Final = 30
_MONTH: Final = re.compile(r"20\d\d-(0[1-9]|1[0-2])", re.ASCII)
_LINE_FIELDS: Final = ("product", "description", "category", "quantity", "unit", "amount", "basis", "vat")


def _upper(typed: object) -> object:
    return typed.strip().upper() if isinstance(typed, str) else typed


# Filters ----------------------------------------------------------------------------------------------------
class FilterForm(Inbound):
    """The list's query string. What cannot be used is left out."""

    hotel: int | None = Field(None, ge=1, le=2**53)
    month: str = Field("", max_length=7)
    q: str = Field("", max_length=80)
    category: Literal["", *rules.CATEGORIES] = ""  # pyright: ignore[reportInvalidTypeForm]
    origin: Literal["", "local", "outside"] = ""
    state: Literal[
        "", "asked", "yes", "other_amount", "not_mine", "silent", "none", "no_evidence", "void", "all"
    ] = ""
    page: int = Field(1, ge=1, le=100_000)


def forgiven(raw: Mapping[str, list[str]], locale: str, today: date) -> FilterForm:
    """The usable part of a query string that may hold anything; the month is this one when none is named."""
    left = dict(raw)
    form = parse(FilterForm, left, locale)
    while form.data is None:
        wrong = {name for name, _ in form.errors}
        left = {n: v for n, v in left.items() if n not in wrong} if wrong & left.keys() else {}
        form = parse(FilterForm, left, locale)
    if _MONTH.fullmatch(form.data.month):
        return form.data
    return form.data.model_copy(update={"month": f"{today:%Y-%m}"})


# A document -------------------------------------------------------------------------------------------------
class HeadForm(Inbound):
    """What stands at the head of a paper, once."""

    seller: str = Field("", max_length=120)
    seller_npwp: str = Field("", max_length=40)
    paper: Paper = Paper.NOTA
    number: str = Field("", max_length=60)
    invoice_on: date
    currency: Annotated[str, BeforeValidator(_upper)] = Field(IDR, max_length=3)
    rate: str = Field("", max_length=30)
    note: str = Field("", max_length=1000)
    adjustment: Literal["yes", "no"] = "no"
    evidence: list[str]
    reason: str = Field("", max_length=400)
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "invoice_on": {"any": lazy("Enter the day on the paper, for example 2026-11-20.")},
        "currency": {"any": lazy("Write the currency with three letters, for example USD.")},
    }


class LineForm(Inbound):
    """One line of a paper."""

    product: int | None = Field(None, ge=1, le=2**53)
    description: str = Field("", max_length=200)
    category: str = Field("", max_length=40)
    quantity: str = Field("", max_length=30)
    unit: str = Field("", max_length=30)
    amount: str = Field("", max_length=40)
    basis: Literal["net", "gross"] = "net"
    vat: str = Field("", max_length=10)


@dataclass(frozen=True, slots=True)
class Seller:
    """Whom the paper is of: a supplier of the directory with its products, or a name."""

    name: str
    supplier_id: int | None = None
    products: Sequence[ProductRow] = ()


def line_count(raw: Mapping[str, list[str]]) -> int:
    """How many lines the form shows: at least one, and as many as were sent."""
    sent = [
        name for name in raw if name.rpartition("_")[0] in _LINE_FIELDS and name.rpartition("_")[2].isdigit()
    ]
    numbers = [int(name.rpartition("_")[2]) for name in sent if len(name.rpartition("_")[2]) <= 3]
    return max(1, min(MOST_ON_A_FORM, max(numbers, default=0) + 1))


def read_document(
    raw: Mapping[str, list[str]],
    locale: str,
    *,
    seller: Seller,
    now: datetime,
    kind: Kind = Kind.PURCHASE,
    credits: str = "",  # noqa: A002 - the word for what a credit note does
    expected_id: int | None = None,
) -> tuple[Form[HeadForm], NewDocument | None]:
    """The form to show again, and the document when nothing is wrong with it."""
    form = parse(HeadForm, raw, locale)
    head = form.data
    currency = head.currency if head else IDR
    rate = Decimal(1)
    if head is not None and currency != IDR:
        rate = _number(form, "rate", head.rate, locale, above_zero=True)
    lines = [
        line
        for index in range(line_count(raw))
        if not _is_blank(raw, index) or index == 0
        if (line := _line(form, raw, index, locale, seller, rate or Decimal(1))) is not None
    ]
    if head is None:
        return form, None
    document = NewDocument(
        seller_name=seller.name,
        invoice_at=local_instant(head.invoice_on),
        lines=tuple(lines),
        kind=kind,
        paper=head.paper,
        supplier_id=seller.supplier_id,
        seller_npwp=head.seller_npwp,
        number=head.number,
        currency=head.currency,
        rate=amounts.plain(rate or Decimal(1)),
        credits=credits,
        expected_purchase_id=expected_id,
        adjustment=head.adjustment == "yes",
        note=head.note,
        evidence=tuple(head.evidence),
    )
    return _checked(form, document, now, locale)


def _checked(
    form: Form[HeadForm], document: NewDocument, now: datetime, locale: str
) -> tuple[Form[HeadForm], NewDocument | None]:
    said = {name for name, _ in form.errors}
    for problem in rules.check(document, now=now):
        # A line that could not be read is missing from the document, and has said why already.
        name = field_of(problem)
        if name not in said and not (name == "amount_0" and said):
            form.add_error(name, translate(problem.message, locale))
            said.add(name)
    return form, (None if form.errors else document)


def field_of(problem: rules.Problem) -> str:
    """The control at which a problem is shown."""
    name = {"vat_percent": "vat", "lines": "amount"}.get(problem.field, problem.field)
    index = 0 if problem.field == "lines" else problem.line_index
    return name if index is None else f"{name}_{index}"


def _is_blank(raw: Mapping[str, list[str]], index: int) -> bool:
    written = ("product", "description", "quantity", "amount")
    return not any(value.strip() for name in written for value in raw.get(f"{name}_{index}", ()))


def _line(
    form: Form[HeadForm],
    raw: Mapping[str, list[str]],
    index: int,
    locale: str,
    seller: Seller,
    rate: Decimal,
) -> NewLine | None:
    """One line, its errors written to the form at its own fields; None when it cannot be read."""
    own = {name: raw[f"{name}_{index}"] for name in _LINE_FIELDS if f"{name}_{index}" in raw}
    read = parse(LineForm, own, locale)
    before = len(form.errors)
    for name, message in read.errors:
        form.add_error(f"{name}_{index}", message)
    if read.data is None:
        return None
    line = read.data
    product = _product(line, seller)
    amount = _number(form, f"amount_{index}", line.amount, locale, above_zero=True)
    percent = _number(form, f"vat_{index}", line.vat or "0", locale, most=100)
    quantity = _number(form, f"quantity_{index}", line.quantity or "1", locale, above_zero=True)
    if len(form.errors) > before or amount is None or percent is None or quantity is None:
        return None
    value = amounts.value_of(amount, vat_percent=percent, includes_vat=line.basis == "gross", rate=rate)
    return NewLine(
        description=line.description or (product_name(product, locale) if product else ""),
        category=product.category.value if product else line.category,
        amount=amounts.plain(amount),
        net_minor=value.net_minor,
        vat_minor=value.vat_minor,
        vat_percent=amounts.plain(percent),
        product_id=product.id if product else None,
        quantity_milli=int(quantity * 1000) if line.quantity else None,
        unit=line.unit or (translate(UNITS[product.unit], locale) if product else ""),
    )


_NUMBERS: Final[dict[str, Text]] = {
    "amount": lazy("Enter an amount above zero, for example 250.000."),
    "vat": lazy("Enter a VAT rate between 0 and 100, for example 11."),
    "quantity": lazy("Enter a quantity above zero, for example 12,5."),
    "rate": lazy("Write the exchange rate, for example 16.412,50."),
}


def _number(
    form: Form[HeadForm],
    name: str,
    written: str,
    locale: str,
    *,
    above_zero: bool = False,
    most: int | None = None,
) -> Decimal | None:
    """A number as typed; when it is none, or outside of its bounds, the error goes to its field."""
    try:
        number = amounts.read(written)
    except amounts.Unreadable:
        number = Decimal(-1)
    if number < 0 or (above_zero and number == 0) or (most is not None and number > most):
        form.add_error(name, translate(_NUMBERS[name.partition("_")[0]], locale))
        return None
    return number


def _product(line: LineForm, seller: Seller) -> ProductRow | None:
    """The seller's product that was chosen, or that is called as somebody wrote."""
    chosen = next((product for product in seller.products if product.id == line.product), None)
    if chosen is not None or not line.description:
        return chosen
    written = folded(line.description)
    return next(
        (
            product
            for product in seller.products
            if any(folded(words.get("name", "")) == written for words in product.texts.values())
        ),
        None,
    )


def product_name(product: ProductRow, locale: str) -> str:
    """What a product is called in a language, or in whatever language it was named."""
    texts = product.texts.get(locale) or next(iter(product.texts.values()))
    return texts.get("name", "")


def default_category() -> str:
    return Category.FOOD.value


# Small forms ------------------------------------------------------------------------------------------------
class ReasonForm(Inbound):
    """Why a document is void."""

    reason: str = Field(max_length=400)
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "reason": {"missing": lazy("Say why, so that others understand it later.")}
    }


class AnswerForm(Inbound):
    """A supplier's answer on a page."""

    said: Literal["yes", "other_amount", "not_mine"]
    amount: str = Field("", max_length=40)
    words: str = Field("", max_length=400)
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {"said": {"any": lazy("Choose one of the answers.")}}


class ProfileForm(Inbound):
    """A hotel's own facts. `area` is the village's name as typed, `area_code` the one picked among several."""

    area: str = Field(max_length=120)
    area_code: str = Field("", max_length=20)
    address: str = Field("", max_length=300)
    npwp: str = Field("", max_length=40)
    nib: str = Field("", max_length=40)
    nitku: str = Field("", max_length=40)
    regional_tax_number: str = Field("", max_length=60)
    room_count: int = Field(0, ge=0, le=5_000)
    account: Account = ""
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "area": {"any": lazy("Write the name of the village or kelurahan.")},
        "account": {"any": lazy("Enter the number of the account: digits only, at least six.")},
    }


class OpeningForm(Inbound):
    """What somebody wants to open."""

    name: str = Field(min_length=3, max_length=120)
    area: str = Field(max_length=120)
    area_code: str = Field("", max_length=20)
    address: str = Field("", max_length=300)
    phone: str = Field("", max_length=40)
    npwp: str = Field("", max_length=40)
    nib: str = Field("", max_length=40)
    note: str = Field("", max_length=1000)
    WORDS: ClassVar[dict[str, dict[str, Text]]] = ProfileForm.WORDS


class CodeForm(Inbound):
    """A question found by its reference and six digits."""

    reference: str = Field(max_length=20)
    code: str = Field(max_length=12)


def digits_of(code: str) -> str:
    """The digits somebody typed, without the space in the middle."""
    return "".join(c for c in code if c.isascii() and c.isdigit())


def stated_amount(form: Form[Any], locale: str) -> int | None:
    """The supplier's own amount in whole rupiah; None when it says nothing readable, with the error at its field."""
    try:
        amount = amounts.read(form.value("amount"))
    except amounts.Unreadable:
        amount = Decimal(0)
    if amount <= 0 or amount != int(amount):
        form.add_error(
            "amount",
            translate(lazy("Write the right amount without VAT, for example 2.400.000."), locale),
        )
        return None
    return int(amount)
