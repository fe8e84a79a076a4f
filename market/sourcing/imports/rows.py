"""One row of a table becomes a purchase line, or problems that name their cell. Pure.

Rows of one seller with one number and one day are lines of one document (`documents_of`). Numbers are read as
written (`1.250.000,50`), days as dd/mm/yyyy or as spreadsheets write them; a formula is never worked out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from market.sourcing import amounts, keys
from market.sourcing.imports import spoken
from market.sourcing.imports.sheets import address
from market.sourcing.rules import Kind, NewDocument, NewLine, Paper
from market.suppliers import identifiers
from market.values.dates import local_instant
from market.values.money import IDR
from market.values.text import Text, lazy

_THOUSAND: Final = Decimal(1000)
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})")
_YEAR_FIRST: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]\d{2}:\d{2}(?::\d{2})?)?")
_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan januari january", "feb februari february pebruari", "mar maret march", "apr april",
            "mei may", "jun juni june", "jul juli july", "agu agustus aug august agt",
            "sep september sept", "okt oktober oct october", "nov november nopember", "des desember dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_NAMED_MONTH: Final = re.compile(r"(\d{1,2})[ \-/.]+([a-z]+)[ \-/.,]+(\d{4}|\d{2})")
_FORMULA: Final = ("=", "@")


@dataclass(frozen=True, slots=True)
class CellProblem:
    """What is wrong with one cell: where it stands, which field it is, a stable code and words."""

    address: str
    field: str
    code: str
    message: Text


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row that could be read: the paper it belongs to and its line."""

    number: int
    invoice_on: date
    seller_name: str
    supplier_id: int | None
    seller_npwp: str
    paper_number: str
    paper: Paper
    kind: Kind
    currency: str
    rate: str
    note: str
    line: NewLine

    @property
    def document_key(self) -> tuple[str, ...]:
        """Rows with the same key are lines of one document; a row without a number stands alone."""
        seller = keys.seller_key(supplier_id=self.supplier_id, npwp=self.seller_npwp, name=self.seller_name)
        number = keys.number_key(self.paper_number) or f"row {self.number}"
        return seller, number, self.invoice_on.isoformat(), self.kind.value, self.currency, self.rate


@dataclass(frozen=True, slots=True)
class Outcome:
    """A row read, or what stands in the way: never both."""

    row: ReadRow | None
    problems: tuple[CellProblem, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What the directory knows of sellers: suppliers by NPWP and by folded name, so that a row finds its page."""

    by_npwp: Mapping[str, int]
    by_name: Mapping[str, int]


class _Cells:
    """A row's cells by field; collects problems with their addresses."""

    def __init__(self, number: int, cells: Sequence[str], columns: Mapping[str, int]) -> None:
        self.number = number
        self._cells = cells
        self._columns = columns
        self.problems: list[CellProblem] = []

    def text(self, field: str) -> str:
        column = self._columns.get(field)
        return self._cells[column].strip() if column is not None and column < len(self._cells) else ""

    def wrong(self, field: str, code: str, message: Text) -> None:
        column = self._columns.get(field)
        where = address(self.number, column) if column is not None else str(self.number)
        self.problems.append(CellProblem(where, field, code, message))

    def number_in(self, field: str, currency: str = IDR) -> Decimal | None:
        """A positive number, None where the cell is empty or wrong (and said so)."""
        written = self.text(field)
        if not written:
            return None
        if written.startswith(_FORMULA):
            self.wrong(field, "formula", lazy("This cell holds a formula. Put the number itself there."))
            return None
        try:
            return amounts.read(written.removeprefix("-"), currency=currency)
        except amounts.Unreadable:
            words = lazy(
                "“%(text)s” is not a number we can read. Write it like 1.250.000,50.", text=written[:40]
            )
            self.wrong(field, "no_number", words)
            return None


def read_row(number: int, cells: Sequence[str], columns: Mapping[str, int], known: Known) -> Outcome:
    """Read a row of a table."""
    at = _Cells(number, cells, columns)
    when = _day(at)
    seller, supplier_id, npwp = _seller(at, known)
    currency, rate = _money(at)
    kind = Kind.CREDIT_NOTE if _is_negative(at) else Kind.PURCHASE
    category = _category(at)
    paper = _paper(at)
    value = _value(at, currency, rate)
    description = at.text("description")
    if not description:
        at.wrong("description", "no_description", lazy("Write what was bought."))
    quantity = _quantity(at)
    if at.problems or when is None or value is None:
        return Outcome(None, tuple(at.problems))
    amount, includes_vat, percent, stated_vat = value
    worth = amounts.value_of(amount, vat_percent=percent, includes_vat=includes_vat, rate=Decimal(rate))
    vat = worth.vat_minor if stated_vat is None else stated_vat
    line = NewLine(
        description=description,
        category=category,
        amount=amounts.plain(amount),
        net_minor=worth.net_minor if stated_vat is None or not includes_vat else worth.gross_minor - vat,
        vat_minor=vat,
        vat_percent=amounts.plain(percent),
        quantity_milli=quantity,
        unit=(at.text("unit") or ("pcs" if quantity is not None else ""))[:20],
    )
    row = ReadRow(
        number=number,
        invoice_on=when,
        seller_name=seller,
        supplier_id=supplier_id,
        seller_npwp=npwp,
        paper_number=at.text("number"),
        paper=paper,
        kind=kind,
        currency=currency,
        rate=rate,
        note=at.text("note")[:400],
        line=line,
    )
    return Outcome(row, ())


def _day(at: _Cells) -> date | None:
    written = at.text("date")
    if not written:
        at.wrong("date", "no_date", lazy("Enter the day on the paper, for example 30/09/2026."))
        return None
    found = read_day(written)
    if found is None:
        words = lazy("“%(text)s” is not a day we can read. Write it like 30/09/2026.", text=written[:40])
        at.wrong("date", "no_date", words)
    return found


def read_day(written: str) -> date | None:
    """A day as people and spreadsheets write it, day before month; None when it is none."""
    plain = " ".join(written.casefold().split())
    if match := _YEAR_FIRST.fullmatch(plain):
        year, month, day = (int(part) for part in match.groups())
    elif match := _DAY_FIRST.fullmatch(plain):
        day, month, year = (int(part) for part in match.groups())
    elif (match := _NAMED_MONTH.fullmatch(plain)) and match[2] in _MONTHS:
        day, month, year = int(match[1]), _MONTHS[match[2]], int(match[3])
    else:
        return None
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None


def _seller(at: _Cells, known: Known) -> tuple[str, int | None, str]:
    name, written = at.text("seller")[:200], at.text("npwp")
    npwp = ""
    if written:
        try:
            npwp = identifiers.npwp(written).value
        except identifiers.WrongIdentifier as wrong:
            at.wrong("npwp", wrong.code, wrong.message)
    if not name:
        at.wrong("seller", "no_seller", lazy("Write who sold it."))
    supplier_id = known.by_npwp.get(npwp) if npwp else None
    return name, supplier_id or known.by_name.get(keys.folded(name)), npwp


def _money(at: _Cells) -> tuple[str, str]:
    currency = at.text("currency").upper() or IDR
    currency = IDR if currency in {"RP", "RP."} else currency
    if not re.fullmatch(r"[A-Z]{3}", currency):
        at.wrong("currency", "no_currency", lazy("Write the currency with three letters, for example USD."))
        return IDR, "1"
    rate = at.number_in("rate", "USD")
    if currency == IDR:
        return IDR, "1"
    if rate is None or rate <= 0:
        if not any(problem.field == "rate" for problem in at.problems):
            at.wrong("rate", "no_rate", lazy("Write the exchange rate, for example 16.412,50."))
        return currency, "1"
    return currency, amounts.plain(rate)


def _is_negative(at: _Cells) -> bool:
    return any(at.text(field).startswith("-") for field in ("gross", "net", "price", "quantity"))


def _category(at: _Cells) -> str:
    written = at.text("category")
    if not written:
        return "other"
    found = spoken.category(written)
    if found is None:
        words = lazy("We do not know the category “%(text)s”. Choose one.", text=written[:40])
        at.wrong("category", "no_category", words)
        return ""
    return found


def _paper(at: _Cells) -> Paper:
    written = at.text("paper")
    if not written:
        return Paper.NOTA
    found = spoken.paper(written)
    if found is None:
        at.wrong("paper", "no_paper", lazy("We do not know the paper “%(text)s”.", text=written[:40]))
        return Paper.NOTA
    return found


_Value = tuple[Decimal, bool, Decimal, int | None]


def _value(at: _Cells, currency: str, rate: str) -> _Value | None:
    """The amount, whether VAT is in it, the VAT rate, and the VAT in rupiah where the table states it."""
    amount, includes_vat = at.number_in("net", currency), False
    if amount is None:
        amount, includes_vat = at.number_in("gross", currency), True
    if amount is None:
        price, quantity = at.number_in("price", currency), at.number_in("quantity", "USD")
        amount, includes_vat = (price * (quantity or 1) if price is not None else None), True
    percent = at.number_in("vat", "USD") or Decimal(0)
    stated = at.number_in("vat_amount")
    if any(problem.field in {"net", "gross", "price", "vat", "vat_amount"} for problem in at.problems):
        return None
    if amount is None or amount <= 0:
        field = next((f for f in ("gross", "net", "price") if at.text(f)), "gross")
        at.wrong(field, "no_amount", lazy("Enter an amount above zero, for example 250.000."))
        return None
    if not 0 <= percent <= 100:
        at.wrong("vat", "no_vat", lazy("Enter a VAT rate between 0 and 100, for example 11."))
        return None
    vat = int(stated) if stated is not None and currency == IDR else None
    if vat is not None and includes_vat and vat >= amount * Decimal(rate):
        at.wrong("vat_amount", "vat_too_high", lazy("The VAT is higher than the amount it is part of."))
        return None
    return amount, includes_vat, percent, vat


def _quantity(at: _Cells) -> int | None:
    found = at.number_in("quantity", "USD")
    if found is None or found <= 0:
        return None
    return int(found * _THOUSAND)


def documents_of(rows: Sequence[ReadRow]) -> list[tuple[NewDocument, tuple[int, ...]]]:
    """The documents that rows make up, with the numbers of their rows, in order of first appearance."""
    grouped: dict[tuple[str, ...], list[ReadRow]] = {}
    for row in rows:
        grouped.setdefault(row.document_key, []).append(row)
    return [(_document(group), tuple(row.number for row in group)) for group in grouped.values()]


def _document(group: Sequence[ReadRow]) -> NewDocument:
    first = group[0]
    return NewDocument(
        seller_name=first.seller_name,
        supplier_id=first.supplier_id,
        seller_npwp=first.seller_npwp,
        invoice_at=local_instant(first.invoice_on, datetime.min.time()),
        lines=tuple(row.line for row in group),
        kind=first.kind,
        paper=first.paper,
        number=first.paper_number,
        currency=first.currency,
        rate=first.rate,
        note=first.note,
    )
