"""Spreadsheets and text tables as rows of written cells, each with its address. Pure; a second for 20,000 rows.

Cells are what stands in them: a formula is its text and is refused later where a number is wanted, a date is
written `2026-09-30`, a number without grouping. Encoding and delimiter of a text table are found out.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from market.errors import Invalid
from market.values.text import Text, lazy

MOST_BYTES: Final = 10 * 1024 * 1024
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 60
MOST_CELL: Final = 2_000
_MOST_UNPACKED: Final = 250 * 1024 * 1024
_DELIMITERS: Final = ";,\t|"
_SAMPLE: Final = 64 * 1024


class BadFile(Invalid):
    """The file cannot be read as what it says it is; the message says what to do."""

    code = "bad_file"

    def __init__(self, message: Text) -> None:
        super().__init__(message=message, field="file")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a sheet: its number there, from 1, and its cells as written."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its name ("" for a text table) and its rows that are not empty."""

    name: str
    lines: tuple[Line, ...]


def address(row: int, column: int) -> str:
    """A cell's address as spreadsheets show it: row 7, column 1 (from 0) is `B7`."""
    letters, left = "", column + 1
    while left:
        left, letter = divmod(left - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row}"


def read_csv(data: bytes) -> list[Sheet]:
    """A text table. Raises BadFile."""
    _check_size(data)
    text = _decoded(data)
    if "\x00" in text:
        raise BadFile(lazy("This is not a text table. Save it as CSV or XLSX and try again."))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False)
    try:
        return [_sheet("", reader)]
    except csv.Error as error:
        raise BadFile(lazy("The file is cut off or mixed up. Save it as CSV again.")) from error


def _decoded(data: bytes) -> str:
    """UTF-8 with or without mark, UTF-16 with mark, else what Windows writes in Western languages."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _delimiter(text: str) -> str:
    """The mark that splits most rows of the beginning into equally many cells (more than one)."""
    lines = [line for line in text[:_SAMPLE].splitlines()[:50] if line.strip()]
    if not lines:
        return ","

    def fitness(mark: str) -> tuple[int, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=mark)]
        usual = max(set(counts), key=counts.count)
        return (counts.count(usual) if usual > 1 else 0, usual)

    return max(_DELIMITERS, key=fitness)


def read_xlsx(data: bytes) -> list[Sheet]:
    """Every sheet of a workbook that holds something. Raises BadFile."""
    import openpyxl  # noqa: PLC0415 - a third of a second that no other page should wait for at start

    _check_size(data)
    _check_zip(data)
    try:
        book = openpyxl.load_workbook(
            io.BytesIO(data), read_only=True, data_only=False, keep_links=False, rich_text=False
        )
        sheets = [_sheet(str(sheet.title), _values(sheet)) for sheet in book.worksheets]
        book.close()
    except BadFile:
        raise
    except Exception as error:  # a broken workbook breaks the library in many ways
        raise BadFile(
            lazy("This workbook cannot be opened. Save it as XLSX (without a password) and try again.")
        ) from error
    return [sheet for sheet in sheets if sheet.lines] or [Sheet("", ())]


def _values(sheet: Any) -> Iterator[list[str]]:
    for row in sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS):
        yield [_written(value) for value in row]


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        midnight = value.time() == datetime.min.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        # Fifteen digits are what a spreadsheet keeps; more are noise of binary numbers.
        return f"{Decimal(f'{value:.15g}'):f}"
    return "" if value is None else str(value)


def _check_size(data: bytes) -> None:
    if len(data) > MOST_BYTES:
        raise BadFile(lazy("The file is larger than 10 MB. Split it by month and import the parts."))
    if not data.strip():
        raise BadFile(lazy("The file is empty."))


def _check_zip(data: bytes) -> None:
    """Refuse what would unpack to far more than it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            size = sum(entry.file_size for entry in packed.infolist())
    except zipfile.BadZipFile as error:
        raise BadFile(lazy("This is not an XLSX file. Save the table as XLSX or CSV.")) from error
    if size > _MOST_UNPACKED:
        raise BadFile(
            lazy("This workbook holds far more than a list of purchases. Copy the list to a new one.")
        )


def _sheet(name: str, rows: Iterable[Sequence[str]]) -> Sheet:
    lines: list[Line] = []
    for number, row in enumerate(rows, start=1):
        cells = [_cell(cell) for cell in row[:MOST_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            lines.append(Line(number, tuple(cells)))
        if len(lines) > MOST_ROWS + 20:  # a few rows of headings beside
            raise BadFile(lazy("The file has more than %(most)s rows. Split it by month.", most=MOST_ROWS))
    return Sheet(name, tuple(lines))


def _cell(written: str) -> str:
    kept = "".join(
        c for c in written[:MOST_CELL] if c in "\n\t" or (c.isprintable() and not "\ud800" <= c <= "\udfff")
    )
    return " ".join(kept.split())
