"""Which column of a table holds what: found out from its headings in either language, or told by a person.

Pure. A mapping is kept by the signature of the headings, so that next month's file of the same program needs no
question any more.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from market.sourcing.imports.sheets import Line, Sheet
from market.values.text import Text, lazy

_WORDS: Final = re.compile(r"[a-z0-9%]+")
_LOOK_AT: Final = 20
_ENOUGH: Final = 3


@dataclass(frozen=True, slots=True)
class Field:
    """Something a column may hold: its key, what it is called, and how headings call it."""

    key: str
    label: Text
    called: tuple[str, ...]


FIELDS: Final = (
    Field(
        "date",
        lazy("Date on the paper"),
        (
            "tanggal",
            "tgl",
            "tanggal nota",
            "tgl nota",
            "tanggal faktur",
            "date",
            "invoice date",
            "tanggal transaksi",
        ),
    ),
    Field(
        "number",
        lazy("Number of the paper"),
        (
            "nomor",
            "no",
            "no nota",
            "nomor nota",
            "no faktur",
            "nomor faktur",
            "no invoice",
            "nomor invoice",
            "invoice no",
            "invoice number",
            "number",
            "no bukti",
            "no dokumen",
        ),
    ),
    Field(
        "seller",
        lazy("Seller"),
        (
            "pemasok",
            "penjual",
            "supplier",
            "nama pemasok",
            "nama penjual",
            "nama supplier",
            "seller",
            "vendor",
            "toko",
        ),
    ),
    Field(
        "npwp", lazy("Seller's NPWP"), ("npwp", "npwp penjual", "npwp pemasok", "tax number", "seller npwp")
    ),
    Field(
        "description",
        lazy("What was bought"),
        (
            "barang",
            "nama barang",
            "uraian",
            "keterangan",
            "deskripsi",
            "item",
            "description",
            "goods",
            "produk",
        ),
    ),
    Field("category", lazy("Category"), ("kategori", "jenis", "category", "kelompok", "golongan")),
    Field(
        "quantity", lazy("Quantity"), ("jumlah barang", "qty", "kuantitas", "banyaknya", "volume", "quantity")
    ),
    Field("unit", lazy("Unit"), ("satuan", "unit", "uom")),
    Field(
        "price", lazy("Price of one"), ("harga satuan", "harga", "unit price", "price", "harga per satuan")
    ),
    Field(
        "net",
        lazy("Amount without VAT"),
        ("dpp", "jumlah sebelum ppn", "net", "net amount", "harga sebelum ppn"),
    ),
    Field(
        "gross",
        lazy("Amount with VAT"),
        (
            "total",
            "jumlah",
            "jumlah total",
            "total bayar",
            "nilai",
            "gross",
            "amount",
            "jumlah rp",
            "total rp",
        ),
    ),
    Field(
        "vat", lazy("VAT in per cent"), ("ppn %", "ppn%", "tarif ppn", "vat %", "vat%", "vat rate", "% ppn")
    ),
    Field(
        "vat_amount", lazy("VAT in rupiah"), ("ppn", "nilai ppn", "jumlah ppn", "vat", "vat amount", "ppn rp")
    ),
    Field("currency", lazy("Currency"), ("mata uang", "valuta", "currency")),
    Field("rate", lazy("Exchange rate"), ("kurs", "rate", "exchange rate", "nilai tukar")),
    Field(
        "paper",
        lazy("Kind of paper"),
        ("bukti", "jenis bukti", "dokumen", "paper", "document", "jenis dokumen"),
    ),
    Field("note", lazy("Note"), ("catatan", "note", "notes", "memo")),
)
BY_KEY: Final = {field.key: field for field in FIELDS}
NEEDED: Final = ("date", "seller", "description")
AMOUNTS: Final = ("net", "gross", "price")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a sheet is laid out: the row of its headings and the column (from 0) of each field."""

    heading_row: int
    headings: tuple[str, ...]
    columns: Mapping[str, int]

    @property
    def signature(self) -> str:
        return signature(self.headings)


def folded(heading: str) -> str:
    """A heading without case, accents and punctuation: `No. Nota` is `no nota`."""
    bare = unicodedata.normalize("NFKD", heading.casefold())
    return " ".join(_WORDS.findall("".join(c for c in bare if not unicodedata.combining(c))))


_MEANS: Final = {folded(name): field.key for field in reversed(FIELDS) for name in field.called}


def signature(headings: Sequence[str]) -> str:
    """The same for files with the same headings in the same order."""
    return hashlib.sha256("\n".join(folded(heading) for heading in headings).encode()).hexdigest()[:32]


def guess(sheet: Sheet) -> Layout:
    """The layout as far as headings tell: the row among the first that names most fields, each column once."""
    best = max(sheet.lines[:_LOOK_AT], key=lambda line: len(_columns(line.cells)), default=None)
    if best is None:
        return Layout(0, (), {})
    columns = _columns(best.cells)
    return Layout(best.number, best.cells, columns if len(columns) >= _ENOUGH else {})


def likeliest(sheets: Sequence[Sheet]) -> int:
    """The sheet whose headings tell most; the longest of equal ones."""
    return max(
        range(len(sheets)),
        key=lambda n: (len(guess(sheets[n]).columns), len(sheets[n].lines)),
        default=0,
    )


def _columns(cells: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, cell in enumerate(cells):
        meaning = _MEANS.get(folded(cell))
        if meaning is not None:
            found.setdefault(meaning, index)
    return found


def lacking(columns: Mapping[str, int]) -> list[Text]:
    """What still has to be told before rows can be read, as words; empty when nothing."""
    found = [BY_KEY[key].label for key in NEEDED if key not in columns]
    if not any(key in columns for key in AMOUNTS):
        found.append(lazy("An amount: with VAT, without VAT, or the price of one"))
    return found


def rows_below(sheet: Sheet, layout: Layout) -> list[Line]:
    """The rows under the headings."""
    return [line for line in sheet.lines if line.number > layout.heading_row]
