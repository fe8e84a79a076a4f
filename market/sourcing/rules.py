"""What a purchase is, and what may be entered: the frozen shapes that come in, and every reason why not.

Pure. `check` finds all problems at once and names field and line, so that a form, an import and a job can each
show them where they belong. What depends on other rows (duplicates, locks, credits) is `entry`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from market.errors import Invalid
from market.sourcing.amounts import MOST_MINOR
from market.suppliers import identifiers
from market.suppliers.offering import Category
from market.values.dates import local_day
from market.values.money import IDR
from market.values.periods import Period
from market.values.text import Text, lazy

MOST_LINES: Final = 500
OLDEST: Final = date(2015, 1, 1)
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
# A purchase may carry tomorrow's date where the buyer's clock is ahead of ours.
_AHEAD: Final = timedelta(hours=1)


class Kind(StrEnum):
    PURCHASE = "purchase"
    CREDIT_NOTE = "credit_note"


class Paper(StrEnum):
    """What was handed over with the goods."""

    NOTA = "nota"
    RECEIPT = "receipt"
    INVOICE = "invoice"
    TAX_INVOICE = "tax_invoice"
    DELIVERY_NOTE = "delivery_note"


class Source(StrEnum):
    FORM = "form"
    PHOTO = "photo"
    CSV = "csv"
    XLSX = "xlsx"
    UBL = "ubl"
    CORETAX = "coretax"
    QUOTATION = "quotation"


class Confirmation(StrEnum):
    """Where the supplier's word on a document stands."""

    NONE = "none"
    ASKED = "asked"
    YES = "yes"
    OTHER_AMOUNT = "other_amount"
    NOT_MINE = "not_mine"
    SILENT = "silent"


# Bought, so it stands in the books the total is compared with, and outside of the programme's reckoning.
OUTSIDE: Final = ("wages", "tax", "utilities", "rent", "finance", "franchise_fees", "intra_group")
CATEGORIES: Final = (*(category.value for category in Category), *OUTSIDE)
NUMBERED: Final = frozenset({Paper.INVOICE, Paper.TAX_INVOICE})
# The paper that is evidence enough at any amount.
STRONG_PAPER: Final = frozenset({Paper.TAX_INVOICE, Paper.DELIVERY_NOTE})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """A line as it stands on the paper (`amount` and `vat_percent` as plain numbers) and in whole rupiah.

    The rupiah come from `amounts.value_of`, or from an e-invoice that states them. `quantity_milli` counts
    thousandths of `unit`.
    """

    description: str
    category: str
    amount: str
    net_minor: int
    vat_minor: int = 0
    vat_percent: str = "0"
    product_id: int | None = None
    quantity_milli: int | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    """A document to enter. `invoice_at` is its instant: a bare day is midnight WITA of that day.

    `credits` is the reference of the document that a credit note takes back. `adjustment` says that whoever
    enters it knows that the month is submitted already.
    """

    seller_name: str
    invoice_at: datetime
    lines: tuple[NewLine, ...]
    kind: Kind = Kind.PURCHASE
    paper: Paper = Paper.NOTA
    supplier_id: int | None = None
    seller_npwp: str = ""
    number: str = ""
    currency: str = IDR
    rate: str = "1"
    credits: str = ""
    expected_purchase_id: int | None = None
    adjustment: bool = False
    note: str = ""
    evidence: tuple[str, ...] = field(default=())

    @property
    def invoice_on(self) -> date:
        """Its day in WITA."""
        return local_day(self.invoice_at)

    @property
    def period(self) -> str:
        """Its tax period, a month in WITA: `2026-10`."""
        return str(Period.of(self.invoice_at))

    @property
    def net_minor(self) -> int:
        return sum(line.net_minor for line in self.lines)

    @property
    def vat_minor(self) -> int:
        return sum(line.vat_minor for line in self.lines)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that has to be put right: the field (of line `line_index`, from 0), a stable code and words."""

    field: str
    line_index: int | None
    code: str
    message: Text


def check(document: NewDocument, *, now: datetime) -> list[Problem]:
    """Everything about a document that can be told from itself, all at once; empty when it may be entered."""
    found = [*_seller(document), *_paper(document), *_when(document, now), *_money(document)]
    if not document.lines:
        found.append(Problem("lines", None, "no_lines", lazy("Enter at least one line.")))
    if len(document.lines) > MOST_LINES:
        words = lazy("A document has at most %(most)s lines.", most=MOST_LINES)
        found.append(Problem("lines", None, "too_many_lines", words))
    for index, line in enumerate(document.lines):
        found += _line(line, index)
    return found


def _seller(document: NewDocument) -> Iterator[Problem]:
    if not document.seller_name.strip():
        yield Problem("seller", None, "no_seller", lazy("Choose the seller, or write their name."))
    if document.seller_npwp:
        try:
            identifiers.npwp(document.seller_npwp)
        except identifiers.WrongIdentifier as wrong:
            yield Problem("seller_npwp", None, wrong.code, wrong.message)


def _paper(document: NewDocument) -> Iterator[Problem]:
    if document.paper in NUMBERED and not document.number.strip():
        yield Problem("number", None, "no_number", lazy("Write the number on the invoice."))
    elif document.paper is Paper.TAX_INVOICE and document.kind is Kind.PURCHASE:
        try:
            identifiers.tax_invoice(document.number, document.invoice_on)
        except identifiers.WrongIdentifier as wrong:
            yield Problem("number", None, wrong.code, wrong.message)
    if document.credits and document.kind is not Kind.CREDIT_NOTE:
        yield Problem("credits", None, "not_a_credit_note", lazy("Only a credit note takes something back."))


def _when(document: NewDocument, now: datetime) -> Iterator[Problem]:
    if document.invoice_at > now + _AHEAD:
        yield Problem(
            "invoice_on", None, "in_the_future", lazy("This day lies ahead. Enter the day on the paper.")
        )
    elif document.invoice_on < OLDEST:
        yield Problem("invoice_on", None, "too_old", lazy("This day is too long ago."))


def _money(document: NewDocument) -> Iterator[Problem]:
    if not _CURRENCY.fullmatch(document.currency):
        words = lazy("Write the currency with three letters, for example USD.")
        yield Problem("currency", None, "no_currency", words)
    rate = _number(document.rate)
    if rate is None or rate <= 0:
        yield Problem("rate", None, "no_rate", lazy("Write the exchange rate, for example 16.412,50."))
    elif document.currency == IDR and rate != 1:
        yield Problem("rate", None, "rate_of_rupiah", lazy("Rupiah have no exchange rate."))
    if document.lines and document.net_minor + document.vat_minor > MOST_MINOR:
        yield Problem("lines", None, "too_much_money", lazy("This total is higher than we can take."))


def _line(line: NewLine, index: int) -> Iterator[Problem]:
    if not line.description.strip():
        yield Problem("description", index, "no_description", lazy("Write what was bought."))
    if line.category not in CATEGORIES:
        yield Problem("category", index, "no_category", lazy("Choose a category."))
    amount, percent = _number(line.amount), _number(line.vat_percent)
    if amount is None or amount <= 0 or line.net_minor <= 0 or line.vat_minor < 0:
        yield Problem("amount", index, "no_amount", lazy("Enter an amount above zero, for example 250.000."))
    if percent is None or not 0 <= percent <= 100:
        yield Problem(
            "vat_percent", index, "no_vat", lazy("Enter a VAT rate between 0 and 100, for example 11.")
        )
    if line.quantity_milli is not None and not 0 < line.quantity_milli <= 10**15:
        yield Problem(
            "quantity", index, "no_quantity", lazy("Enter a quantity above zero, for example 12,5.")
        )
    if line.quantity_milli is not None and not line.unit.strip():
        yield Problem("unit", index, "no_unit", lazy("Write the unit, for example kg."))


def _number(written: str) -> Decimal | None:
    try:
        number = Decimal(written)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def stored_npwp(written: str) -> str:
    """A seller's NPWP in its stored form, "" for none. Raises Invalid when it cannot be one."""
    return identifiers.npwp(written).value if written.strip() else ""


def is_enough(paper: Paper, net_minor: int, limit_minor: int) -> bool:
    """Whether a paper proves a purchase of this net value, once a picture or file of it is there."""
    return net_minor <= limit_minor or paper in STRONG_PAPER


class WrongDocument(Invalid):
    """A document with problems; `problems` among the facts lists all of them."""

    code = "wrong_document"

    def __init__(self, problems: list[Problem]) -> None:
        first = problems[0]
        super().__init__(message=first.message, field=first.field, problems=problems)
