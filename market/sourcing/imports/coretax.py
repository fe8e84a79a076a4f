"""Coretax `TaxInvoiceBulk`: the file with which a seller uploads its tax invoices. Pure.

The template carries no invoice number (the tax office gives it out afterwards), so an invoice is known by the
seller's own reference, or else by what stands in it: the same file again is the same invoices. The price without
VAT is `TaxBase`; `OtherTaxBase` is only what the 12 % are reckoned on.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from decimal import Decimal
from typing import Final
from xml.etree.ElementTree import Element, tostring

from market.sourcing import amounts
from market.sourcing.imports import xml_reading as xml
from market.sourcing.imports.rows import CellProblem, Known
from market.sourcing.imports.sheets import BadFile
from market.sourcing.imports.ubl import ReadDocument
from market.sourcing.rules import Kind, NewDocument, NewLine, Paper
from market.suppliers import identifiers
from market.values.dates import local_instant
from market.values.line_values import CoretaxLine, rupiah_of
from market.values.text import Text, lazy

_ROOT: Final = "TaxInvoiceBulk"
# Units of the Coretax list that hotels meet; others keep their code.
_UNITS: Final = {
    "UM.0001": "t", "UM.0003": "kg", "UM.0004": "g", "UM.0007": "l", "UM.0013": "m", "UM.0018": "pcs",
    "UM.0021": "pcs", "UM.0020": "set", "UM.0022": "box", "UM.0025": "sheet",
}  # fmt: skip


def read(data: bytes, known: Known, *, seller_name: str = "") -> list[ReadDocument]:
    """Every invoice of the file. Raises BadFile when it is no such file."""
    root = xml.parse(data)
    if xml.tag(root) != _ROOT:
        raise BadFile(lazy("This is not a Coretax file: it does not begin with TaxInvoiceBulk."))
    seller = xml.text(root, "TIN")
    listed = xml.find(root, "ListOfTaxInvoice")
    invoices = list(xml.children(listed, "TaxInvoice")) if listed is not None else []
    if not invoices:
        raise BadFile(lazy("There is no tax invoice in this file."))
    return [_read(one, n, seller, seller_name, known) for n, one in enumerate(invoices, start=1)]


def _read(element: Element, position: int, seller: str, seller_name: str, known: Known) -> ReadDocument:
    problems: list[CellProblem] = []

    def wrong(where: str, code: str, message: Text) -> None:
        problems.append(CellProblem(where, where, code, message))

    npwp = ""
    try:
        npwp = identifiers.npwp(seller).value
    except identifiers.WrongIdentifier as error:
        wrong("TIN", error.code, error.message)
    when: date | None = None
    written = xml.text(element, "TaxInvoiceDate")[:10]
    try:
        when = date.fromisoformat(written)
    except ValueError:
        wrong("TaxInvoiceDate", "no_date", lazy("“%(text)s” is not a day we can read.", text=written[:40]))
    lines: list[NewLine] = []
    goods = xml.find(element, "ListOfGoodService")
    for index, item in enumerate(xml.children(goods, "GoodService") if goods is not None else (), start=1):
        try:
            lines.append(_line(item))
        except ValueError:
            wrong(
                f"GoodService {index}", "no_amount", lazy("This line states no price without VAT (TaxBase).")
            )
    if not lines and not problems:
        wrong("ListOfGoodService", "no_lines", lazy("The invoice has no lines."))
    if problems or when is None:
        return ReadDocument(position, None, tuple(problems))
    supplier_id = known.by_npwp.get(npwp)
    document = NewDocument(
        seller_name=seller_name or _named(npwp),
        supplier_id=supplier_id,
        seller_npwp=npwp,
        invoice_at=local_instant(when, datetime.min.time()),
        lines=tuple(lines),
        kind=Kind.PURCHASE,
        paper=Paper.INVOICE,
        number=_reference(element, npwp),
    )
    return ReadDocument(position, document, ())


def _named(npwp: str) -> str:
    """The template does not say the seller's name; the directory's page does, where there is one."""
    return f"NPWP {npwp}"


def _reference(element: Element, npwp: str) -> str:
    own = xml.text(element, "RefDesc") or xml.text(element, "Reference")
    if own:
        return own[:60]
    digest = hashlib.sha256(npwp.encode() + b"|" + tostring(element)).hexdigest()
    return f"CORETAX-{digest[:12].upper()}"


def _line(item: Element) -> NewLine:
    base = xml.number(item, "TaxBase")
    if base is None or base <= 0:
        raise ValueError("TaxBase")
    vat = xml.number(item, "VAT") or Decimal(0)
    line = CoretaxLine(base, xml.number(item, "OtherTaxBase") or base, vat)
    quantity = xml.number(item, "Qty")
    milli = int(quantity * 1000) if quantity is not None and quantity > 0 else None
    unit = xml.text(item, "Unit")
    return NewLine(
        description=(xml.text(item, "Name") or "-")[:400],
        category="other",
        amount=amounts.plain(base),
        net_minor=line.net,
        vat_minor=rupiah_of(vat, 1) if vat > 0 else 0,
        vat_percent=amounts.plain(xml.number(item, "VATRate") or Decimal(0)),
        quantity_milli=milli,
        unit=(_UNITS.get(unit, unit) or ("pcs" if milli else ""))[:20],
    )
