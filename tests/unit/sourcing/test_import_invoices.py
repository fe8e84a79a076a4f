"""E-invoices: what is read of UBL and Coretax, which sums are checked, and that hostile XML is refused."""

from __future__ import annotations

import pytest

from market.sourcing.imports import coretax, ubl
from market.sourcing.imports.rows import Known
from market.sourcing.imports.sheets import BadFile
from market.sourcing.rules import Kind

NOBODY = Known({}, {})
NPWP = "0012345674831000"


def invoice(
    *,
    kind: str = "Invoice",
    net: str = "3000000",
    price: str = "150000",
    total: str = "3000000",
    with_tax: str = "3330000",
) -> bytes:
    line, quantity = (
        ("InvoiceLine", "InvoicedQuantity") if kind == "Invoice" else ("CreditNoteLine", "CreditedQuantity")
    )
    cites = (
        "<cac:BillingReference><cac:InvoiceDocumentReference><cbc:ID>INV-1</cbc:ID></cac:InvoiceDocumentReference>"
        "</cac:BillingReference>"
        if kind == "CreditNote"
        else ""
    )
    return f"""<?xml version="1.0"?>
<{kind} xmlns="urn:oasis:names:specification:ubl:schema:xsd:{kind}-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:ID>INV-7</cbc:ID><cbc:IssueDate>2026-09-30</cbc:IssueDate>
<cbc:DocumentCurrencyCode>IDR</cbc:DocumentCurrencyCode>{cites}
<cac:AccountingSupplierParty><cac:Party><cac:PartyName><cbc:Name>UD Segar</cbc:Name></cac:PartyName>
<cac:PartyTaxScheme><cbc:CompanyID>{NPWP}</cbc:CompanyID></cac:PartyTaxScheme></cac:Party></cac:AccountingSupplierParty>
<cac:TaxTotal><cbc:TaxAmount currencyID="IDR">330000</cbc:TaxAmount></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:LineExtensionAmount>{total}</cbc:LineExtensionAmount>
<cbc:TaxExclusiveAmount>3000000</cbc:TaxExclusiveAmount><cbc:TaxInclusiveAmount>{with_tax}</cbc:TaxInclusiveAmount>
</cac:LegalMonetaryTotal>
<cac:{line}><cbc:ID>1</cbc:ID><cbc:{quantity} unitCode="KGM">20</cbc:{quantity}>
<cbc:LineExtensionAmount>{net}</cbc:LineExtensionAmount>
<cac:Item><cbc:Name>Madu</cbc:Name><cac:ClassifiedTaxCategory><cbc:Percent>11</cbc:Percent></cac:ClassifiedTaxCategory>
</cac:Item><cac:Price><cbc:PriceAmount>{price}</cbc:PriceAmount></cac:Price></cac:{line}>
</{kind}>""".encode()


def test_an_invoice_becomes_a_document() -> None:
    (read,) = ubl.read(invoice(), NOBODY)
    assert read.problems == ()
    assert read.document is not None
    document = read.document
    assert (document.number, document.seller_name, document.seller_npwp) == ("INV-7", "UD Segar", NPWP)
    assert (document.period, document.kind) == ("2026-09", Kind.PURCHASE)
    line = document.lines[0]
    assert (line.net_minor, line.vat_minor, line.quantity_milli, line.unit) == (
        3_000_000,
        330_000,
        20_000,
        "KGM",
    )


def test_a_credit_note_cites_its_invoice() -> None:
    (read,) = ubl.read(invoice(kind="CreditNote"), NOBODY)
    assert read.document is not None
    assert (read.document.kind, read.cites) == (Kind.CREDIT_NOTE, "INV-1")


def test_a_credit_note_that_cites_nothing_is_refused() -> None:
    without = invoice(kind="CreditNote").replace(b"<cbc:ID>INV-1</cbc:ID>", b"")
    (read,) = ubl.read(without, NOBODY)
    assert [problem.code for problem in read.problems] == ["no_invoice_cited"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"price": "160000"}, "R120"),
        ({"total": "2999999"}, "BR-CO-10"),
        ({"with_tax": "3330001"}, "BR-CO-15"),
    ],
)
def test_sums_that_do_not_fit_name_their_rule(change: dict[str, str], rule: str) -> None:
    (read,) = ubl.read(invoice(**change), NOBODY)
    assert read.document is None
    assert [problem.code for problem in read.problems] == [rule]


@pytest.mark.parametrize(
    "change", [{"price": "150000.001"}, {"total": "3000000.02"}, {"with_tax": "3329999.98"}]
)
def test_a_cent_or_two_of_rounding_is_no_mistake(change: dict[str, str]) -> None:
    (read,) = ubl.read(invoice(**change), NOBODY)
    assert read.problems == ()


def bulk(base: str = "10000000", ref: str = "F-1") -> bytes:
    return f"""<TaxInvoiceBulk xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><TIN>{NPWP}</TIN><ListOfTaxInvoice>
<TaxInvoice><TaxInvoiceDate>2026-09-30</TaxInvoiceDate><TaxInvoiceOpt>Normal</TaxInvoiceOpt><RefDesc>{ref}</RefDesc>
<ListOfGoodService><GoodService><Opt>A</Opt><Name>Beras</Name><Unit>UM.0003</Unit><Price>10000</Price><Qty>1000</Qty>
<TaxBase>{base}</TaxBase><OtherTaxBase>9166666.67</OtherTaxBase><VATRate>12</VATRate><VAT>1100000</VAT>
</GoodService></ListOfGoodService></TaxInvoice></ListOfTaxInvoice></TaxInvoiceBulk>""".encode()


def test_the_net_of_a_coretax_line_is_its_tax_base() -> None:
    """G11 of the programme's examples."""
    (read,) = coretax.read(bulk(), NOBODY)
    assert read.document is not None
    line = read.document.lines[0]
    assert (line.net_minor, line.vat_minor, line.unit, line.quantity_milli) == (
        10_000_000,
        1_100_000,
        "kg",
        1_000_000,
    )


def test_an_invoice_without_a_reference_is_known_by_what_stands_in_it() -> None:
    numbers = [
        read.document.number
        for data in (bulk(ref=""), bulk(ref=""), bulk(ref="", base="10000001"))
        for read in coretax.read(data, NOBODY)
        if read.document is not None
    ]
    assert numbers[0] == numbers[1] != numbers[2]
    assert numbers[0].startswith("CORETAX-")


@pytest.mark.parametrize("base", ["", "0", "-5", "abc", "1e400", "NaN"])
def test_a_line_without_a_price_is_named(base: str) -> None:
    (read,) = coretax.read(bulk(base=base), NOBODY)
    assert [problem.code for problem in read.problems] == ["no_amount"]


HOSTILE = (
    b"",
    b"<",
    b"<a/>",
    b"no xml at all",
    b'<!DOCTYPE a [<!ENTITY e "x">]><Invoice>&e;</Invoice>',
    b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><TaxInvoiceBulk>&e;</TaxInvoiceBulk>',
    b'<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]><TaxInvoiceBulk>&b;</TaxInvoiceBulk>',
    b"<TaxInvoiceBulk/>",
    b"\xff\xfe<\x00",
)


@pytest.mark.parametrize("data", HOSTILE)
def test_hostile_or_broken_xml_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(BadFile):
        ubl.read(data, NOBODY)
    with pytest.raises(BadFile):
        coretax.read(data, NOBODY)
