"""Tables as people make them: delimiters, encodings, headings, numbers and days; and what each wrong cell is told."""

from __future__ import annotations

import contextlib
import io
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.i18n.locales import LOCALES
from market.i18n.messages import translate
from market.sourcing import wording
from market.sourcing.imports import headings, rows, sheets, spoken
from market.sourcing.imports.rows import Known
from market.sourcing.imports.sheets import BadFile
from market.sourcing.rules import CATEGORIES, Kind, Paper

NOBODY = Known({}, {})
HEAD = ("Tanggal", "No. Nota", "Pemasok", "Nama Barang", "Kategori", "Qty", "Satuan", "Total", "PPN %")
GOOD = ("30/09/2026", "INV-0012", "UD Segar", "Sawi putih", "sayur", "12,5", "kg", "1.250.000,50", "0")


def columns() -> dict[str, int]:
    return dict(headings.guess(sheets.Sheet("", (sheets.Line(1, HEAD),))).columns)


def read(*cells: str) -> rows.Outcome:
    return rows.read_row(7, cells, columns(), NOBODY)


def changed(**fields: str) -> rows.Outcome:
    cells = list(GOOD)
    for field, value in fields.items():
        cells[columns()[field]] = value
    return read(*cells)


# Files ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_delimiter_and_encoding_are_found_out(delimiter: str, encoding: str) -> None:
    text = "\r\n".join(
        delimiter.join(row) for row in (("Tanggal", "Pemasok", "Total"), ("1/9/2026", "Café é", "7"))
    )
    (sheet,) = sheets.read_csv(text.encode(encoding))
    assert sheet.lines[1].cells == ("1/9/2026", "Café é", "7")


def test_a_decimal_comma_inside_quotes_is_not_a_delimiter() -> None:
    (sheet,) = sheets.read_csv(b'Tanggal,Pemasok,Total\n1/9/2026,UD,"1.250.000,50"\n')
    assert sheet.lines[1].cells[2] == "1.250.000,50"


def workbook(*sheet_rows: list[object], title: str = "Belanja") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in sheet_rows:
        sheet.append(row)
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def test_a_workbook_gives_days_numbers_and_formulas_as_written() -> None:
    data = workbook(["Tanggal", "Total", "Rumus"], [datetime(2026, 9, 30), 1250000.1, "=1+1"], [], ["x"])
    (sheet,) = sheets.read_xlsx(data)
    assert sheet.lines[1].cells == ("2026-09-30", "1250000.1", "=1+1")
    assert [line.number for line in sheet.lines] == [1, 2, 4]


@pytest.mark.parametrize(
    "data", [b"", b"   ", b"PK\x03\x04broken", workbook(["a"])[:-80], b"\xff" * (sheets.MOST_BYTES + 1)]
)
def test_what_is_no_workbook_is_refused_in_words(data: bytes) -> None:
    with pytest.raises(BadFile):
        sheets.read_xlsx(data)


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(BadFile):
        sheets.read_csv(b"a;b\n" + b"1;2\n" * (sheets.MOST_ROWS + 30))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_clear_refusal(data: bytes) -> None:
    with contextlib.suppress(BadFile):
        sheets.read_csv(data)
    with pytest.raises(BadFile):
        sheets.read_xlsx(data)


# Headings ---------------------------------------------------------------------------------------------------
def test_headings_below_a_title_are_found() -> None:
    lines = (sheets.Line(1, ("Hotel Cakrawala",)), sheets.Line(3, HEAD), sheets.Line(4, GOOD))
    layout = headings.guess(sheets.Sheet("", lines))
    assert layout.heading_row == 3
    assert not headings.lacking(layout.columns)
    assert [line.number for line in headings.rows_below(sheets.Sheet("", lines), layout)] == [4]


def test_what_a_file_lacks_is_named() -> None:
    assert len(headings.lacking({})) == 4
    assert headings.lacking({"date": 0, "seller": 1, "description": 2, "price": 3}) == []


def test_the_same_headings_have_one_signature_however_they_are_typed() -> None:
    assert headings.signature(["No. Nota", "TOTAL"]) == headings.signature(["no nota", "Total "])
    assert headings.signature(["No. Nota", "Total"]) != headings.signature(["Total", "No. Nota"])


# Rows -------------------------------------------------------------------------------------------------------
def test_a_good_row_is_a_line_of_a_paper() -> None:
    row = read(*GOOD).row
    assert row is not None
    assert (row.invoice_on, row.paper_number, row.paper) == (date(2026, 9, 30), "INV-0012", Paper.NOTA)
    assert (row.line.net_minor, row.line.quantity_milli, row.line.category) == (1_250_001, 12_500, "food")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("30/09/2026", date(2026, 9, 30)),
        ("3-9-26", date(2026, 9, 3)),
        ("2026-09-30 00:00", date(2026, 9, 30)),
        ("30 Sept 2026", date(2026, 9, 30)),
        ("1 Oktober 2026", date(2026, 10, 1)),
        ("31/02/2026", None),
        ("09/30/2026", None),
        ("besok", None),
    ],
)
def test_days_are_read_day_first(written: str, meant: date | None) -> None:
    assert rows.read_day(written) == meant


@pytest.mark.parametrize(
    ("field", "written", "code", "at"),
    [
        ("date", "besok", "no_date", "A7"),
        ("gross", "450rb", "no_number", "H7"),
        ("gross", "=SUM(A1:A9)", "formula", "H7"),
        ("gross", "0", "no_amount", "H7"),
        ("seller", "", "no_seller", "C7"),
        ("description", "", "no_description", "D7"),
        ("category", "entah", "no_category", "E7"),
        ("vat", "120", "no_vat", "I7"),
    ],
)
def test_a_wrong_cell_is_named_by_its_address(field: str, written: str, code: str, at: str) -> None:
    outcome = changed(**{field: written})
    assert outcome.row is None
    assert [(problem.code, problem.address) for problem in outcome.problems] == [(code, at)]


def test_every_problem_of_a_row_is_told_at_once() -> None:
    found = {problem.field for problem in changed(date="?", gross="x", seller="").problems}
    assert found == {"date", "gross", "seller"}


def test_a_negative_amount_is_a_credit_note() -> None:
    row = changed(gross="-250.000").row
    assert row is not None
    assert (row.kind, row.line.net_minor) == (Kind.CREDIT_NOTE, 250_000)


def test_vat_is_taken_out_of_an_amount_that_includes_it() -> None:
    row = changed(gross="11.100.000", vat="11").row
    assert row is not None
    assert (row.line.net_minor, row.line.vat_minor) == (10_000_000, 1_100_000)


def test_rows_of_one_paper_become_its_lines() -> None:
    read_rows = [
        read(*GOOD).row,
        changed(description="Bayam", gross="100.000").row,
        changed(number="inv 13").row,
    ]
    documents = rows.documents_of([row for row in read_rows if row is not None])
    assert [len(document.lines) for document, _ in documents] == [2, 1]


@given(st.lists(st.text(max_size=12), max_size=12))
def test_any_cells_give_a_row_or_problems_and_never_both(cells: list[str]) -> None:
    outcome = rows.read_row(2, cells, columns(), NOBODY)
    assert (outcome.row is None) == bool(outcome.problems)


@pytest.mark.parametrize("locale", LOCALES)
def test_our_own_words_for_categories_and_papers_are_understood(locale: str):
    """What the pages show can be written into a file: in either language, in capitals or not."""
    for key in CATEGORIES:
        assert spoken.category(translate(wording.category(key), locale).upper()) == key
    for kind, words in wording.PAPERS.items():
        assert spoken.paper(translate(words, locale)) is kind
    assert spoken.category("Bahan-pangan") == spoken.category("sayur") == "food"
    assert spoken.category("perhiasan") is None
