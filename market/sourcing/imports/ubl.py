"""UBL 2.1 invoices and credit notes (Peppol BIS Billing 3) as documents of the ledger. Pure.

Three of the norm's rules are checked because they are about money: a line's amount is price times quantity
(PEPPOL-EN16931-R120), the lines add up (BR-CO-10), and with tax the total fits (BR-CO-15). One file holds one
invoice; several may be wrapped in any element.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from xml.etree.ElementTree import Element

from market.sourcing import amounts
from market.sourcing.imports import xml_reading as xml
from market.sourcing.imports.rows import CellProblem, Known
from market.sourcing.imports.sheets import BadFile
from market.sourcing.keys import folded
from market.sourcing.rules import Kind, NewDocument, NewLine, Paper
from market.suppliers import identifiers
from market.values.dates import local_instant
from market.values.money import IDR
from market.values.text import Text, lazy

_ROOTS: Final = frozenset({"Invoice", "CreditNote"})
_CENT: Final = Decimal("0.01")
_TOLERANCE: Final = Decimal("0.02")


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """An e-invoice read, or its problems; `position` counts the file's invoices from 1. `cites` is the number of the
    invoice that a credit note takes back.
    """

    position: int
    document: NewDocument | None
    problems: tuple[CellProblem, ...]
    cites: str = ""


class _Problems:
    def __init__(self, position: int) -> None:
        self.position = position
        self.found: list[CellProblem] = []

    def add(self, where: str, code: str, message: Text) -> None:
        self.found.append(CellProblem(where or str(self.position), where, code, message))


def read(data: bytes, known: Known) -> list[ReadDocument]:
    """Every invoice and credit note of the file. Raises BadFile when there is none."""
    root = xml.parse(data)
    found = (
        [root] if xml.tag(root) in _ROOTS else [child for child in root.iter() if xml.tag(child) in _ROOTS]
    )
    if not found:
        raise BadFile(lazy("There is no UBL invoice in this file."))
    return [_read(element, position, known) for position, element in enumerate(found, start=1)]


def _read(root: Element, position: int, known: Known) -> ReadDocument:
    problems = _Problems(position)
    try:
        document = _document(root, known, problems)
    except ValueError as error:
        words = lazy("“%(text)s” is not a number we can read.", text=str(error)[:40])
        problems.add("amount", "no_number", words)
        document = None
    cites = xml.text(root, "BillingReference", "InvoiceDocumentReference", "ID")
    if xml.tag(root) == "CreditNote" and not cites:
        problems.add(
            "BillingReference",
            "no_invoice_cited",
            lazy("A credit note names the invoice that it takes back."),
        )
    if problems.found:
        return ReadDocument(position, None, tuple(problems.found), cites)
    return ReadDocument(position, document, (), cites)


def _document(root: Element, known: Known, problems: _Problems) -> NewDocument | None:
    credit = xml.tag(root) == "CreditNote"
    number = xml.text(root, "ID")
    when = _issued(root, problems)
    currency = xml.text(root, "DocumentCurrencyCode").upper() or IDR
    rate = _rate(root, currency, problems)
    name, npwp = _seller(root, problems)
    lines = [
        line
        for element in xml.children(root, "CreditNoteLine" if credit else "InvoiceLine")
        if (line := _line(element, credit=credit, rate=rate, problems=problems)) is not None
    ]
    _check_totals(root, credit=credit, problems=problems)
    if not number:
        problems.add("ID", "no_number", lazy("The invoice has no number."))
    if not lines:
        problems.add("InvoiceLine", "no_lines", lazy("The invoice has no lines."))
    if when is None or problems.found:
        return None
    supplier_id = (known.by_npwp.get(npwp) if npwp else None) or known.by_name.get(folded(name))
    return NewDocument(
        seller_name=name,
        supplier_id=supplier_id,
        seller_npwp=npwp,
        invoice_at=local_instant(when, datetime.min.time()),
        lines=tuple(lines),
        kind=Kind.CREDIT_NOTE if credit else Kind.PURCHASE,
        paper=Paper.INVOICE,
        number=number,
        currency=currency,
        rate=amounts.plain(rate),
        note=xml.text(root, "Note")[:400],
    )


def _issued(root: Element, problems: _Problems) -> date | None:
    written = xml.text(root, "IssueDate")[:10]
    try:
        return date.fromisoformat(written)
    except ValueError:
        problems.add("IssueDate", "no_date", lazy("“%(text)s” is not a day we can read.", text=written[:40]))
        return None


def _rate(root: Element, currency: str, problems: _Problems) -> Decimal:
    """Rupiah for one unit of the invoice's currency, as the invoice states it."""
    if currency == IDR:
        return Decimal(1)
    for name in ("TaxExchangeRate", "PricingExchangeRate", "PaymentExchangeRate"):
        stated = xml.number(root, name, "CalculationRate")
        if stated is not None and stated > 0:
            return stated
    words = lazy(
        "The invoice is in %(currency)s and states no exchange rate. Enter it by hand instead.",
        currency=currency,
    )
    problems.add("DocumentCurrencyCode", "no_rate", words)
    return Decimal(1)


def _seller(root: Element, problems: _Problems) -> tuple[str, str]:
    party = xml.find(root, "AccountingSupplierParty", "Party")
    if party is None:
        problems.add("AccountingSupplierParty", "no_seller", lazy("The invoice names no seller."))
        return "", ""
    name = xml.text(party, "PartyLegalEntity", "RegistrationName") or xml.text(party, "PartyName", "Name")
    written = xml.text(party, "PartyTaxScheme", "CompanyID") or xml.text(
        party, "PartyLegalEntity", "CompanyID"
    )
    if not name:
        problems.add("AccountingSupplierParty", "no_seller", lazy("The invoice names no seller."))
    try:
        return name[:200], identifiers.npwp(written).value if written else ""
    except identifiers.WrongIdentifier:
        return name[:200], ""  # a foreign seller has a tax number of its own kind


def _line(element: Element, *, credit: bool, rate: Decimal, problems: _Problems) -> NewLine | None:
    quantity = xml.number(element, "CreditedQuantity" if credit else "InvoicedQuantity")
    net = xml.number(element, "LineExtensionAmount")
    where = f"line {xml.text(element, 'ID')}"
    if net is None or net <= 0:
        problems.add(where, "no_amount", lazy("Enter an amount above zero, for example 250.000."))
        return None
    _check_line(element, quantity, net, where, problems)
    percent = xml.number(element, "Item", "ClassifiedTaxCategory", "Percent") or Decimal(0)
    worth = amounts.value_of(net, vat_percent=percent, includes_vat=False, rate=rate)
    milli = int(quantity * 1000) if quantity is not None and quantity > 0 else None
    unit = xml.find(element, "CreditedQuantity" if credit else "InvoicedQuantity")
    return NewLine(
        description=(xml.text(element, "Item", "Name") or xml.text(element, "Item", "Description"))[:400],
        category=_category(element),
        amount=amounts.plain(net),
        net_minor=worth.net_minor,
        vat_minor=worth.vat_minor,
        vat_percent=amounts.plain(percent),
        quantity_milli=milli,
        unit=(unit.get("unitCode", "") if unit is not None else "")[:20] or ("pcs" if milli else ""),
    )


_UNSPSC: Final = {"50": "food", "53": "textile", "11": "building_material", "30": "building_material"}


def _category(element: Element) -> str:
    """The category by the first digits of a UNSPSC code, where the invoice carries one; 5020… is drinks."""
    code = xml.text(element, "Item", "CommodityClassification", "ItemClassificationCode")
    if code.startswith("5020"):
        return "drink"
    return _UNSPSC.get(code[:2], "other")


def _check_line(
    element: Element, quantity: Decimal | None, net: Decimal, where: str, problems: _Problems
) -> None:
    price = xml.number(element, "Price", "PriceAmount")
    if price is None or quantity is None:
        return
    base = xml.number(element, "Price", "BaseQuantity") or Decimal(1)
    expected = price / base * quantity + _allowances(element)
    if abs(expected - net) > _TOLERANCE:
        words = lazy(
            "Price times quantity is %(expected)s, but the line says %(net)s (rule R120).",
            expected=amounts.plain(expected.quantize(_CENT)),
            net=amounts.plain(net),
        )
        problems.add(where, "R120", words)


def _allowances(element: Element) -> Decimal:
    total = Decimal(0)
    for one in xml.children(element, "AllowanceCharge"):
        amount = xml.number(one, "Amount") or Decimal(0)
        total += amount if xml.text(one, "ChargeIndicator").lower() == "true" else -amount
    return total


def _check_totals(root: Element, *, credit: bool, problems: _Problems) -> None:
    totals = xml.find(root, "LegalMonetaryTotal")
    if totals is None:
        problems.add("LegalMonetaryTotal", "no_total", lazy("The invoice states no totals."))
        return
    stated = xml.number(totals, "LineExtensionAmount")
    summed = sum(_nets(root, credit=credit), start=Decimal(0))
    if stated is not None and abs(stated - summed) > _TOLERANCE:
        words = lazy(
            "The lines add up to %(sum)s, but the invoice says %(stated)s (rule BR-CO-10).",
            sum=amounts.plain(summed),
            stated=amounts.plain(stated),
        )
        problems.add("LineExtensionAmount", "BR-CO-10", words)
    without, tax = (
        xml.number(totals, "TaxExclusiveAmount"),
        xml.number(root, "TaxTotal", "TaxAmount") or Decimal(0),
    )
    with_tax = xml.number(totals, "TaxInclusiveAmount")
    if without is not None and with_tax is not None and abs(without + tax - with_tax) > _TOLERANCE:
        words = lazy(
            "%(without)s and tax of %(tax)s do not make %(total)s (rule BR-CO-15).",
            without=amounts.plain(without),
            tax=amounts.plain(tax),
            total=amounts.plain(with_tax),
        )
        problems.add("TaxInclusiveAmount", "BR-CO-15", words)


def _nets(root: Element, *, credit: bool) -> Iterator[Decimal]:
    for element in xml.children(root, "CreditNoteLine" if credit else "InvoiceLine"):
        yield xml.number(element, "LineExtensionAmount") or Decimal(0)
