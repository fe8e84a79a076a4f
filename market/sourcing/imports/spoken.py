"""What people write for a category or a kind of paper in a file: our own words in every language, and usual ones.

Only letters count: `Bahan Pangan`, `bahan-pangan` and `BAHAN PANGAN` are one. Says nothing about what is allowed.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from market.i18n.locales import LOCALES
from market.i18n.messages import translate
from market.sourcing import wording
from market.sourcing.rules import CATEGORIES, Paper

_USUAL: Final = {
    "makanan": "food", "bahan makanan": "food", "pangan": "food", "sayur": "food", "ikan": "food", "daging": "food",
    "buah": "food", "beras": "food", "minuman": "drink", "kopi": "drink", "tekstil": "textile", "kain": "textile",
    "tenun": "textile", "linen": "textile", "bahan bangunan": "building_material", "bangunan": "building_material",
    "material": "building_material", "building material": "building_material", "lain": "other", "lainnya": "other",
    "lain lain": "other", "gaji": "wages", "upah": "wages", "pajak": "tax", "listrik": "utilities",
    "air": "utilities", "telepon": "utilities", "sewa": "rent", "bunga": "finance", "bank": "finance",
    "waralaba": "franchise_fees",
}  # fmt: skip
_USUAL_PAPERS: Final = {
    "nota": Paper.NOTA, "bon": Paper.NOTA, "kuitansi": Paper.RECEIPT, "kwitansi": Paper.RECEIPT,
    "struk": Paper.RECEIPT, "receipt": Paper.RECEIPT, "invoice": Paper.INVOICE, "faktur": Paper.INVOICE,
    "faktur pajak": Paper.TAX_INVOICE, "tax invoice": Paper.TAX_INVOICE, "surat jalan": Paper.DELIVERY_NOTE,
    "delivery note": Paper.DELIVERY_NOTE,
}  # fmt: skip


def category(written: str) -> str | None:
    """The category that is meant; None for an unknown word."""
    return _categories().get(_letters(written))


def paper(written: str) -> Paper | None:
    """The kind of paper that is meant; None for an unknown word."""
    return _papers().get(_letters(written))


def _letters(written: str) -> str:
    return " ".join(re.findall(r"[^\W\d_]+", written.casefold()))


@cache
def _categories() -> dict[str, str]:
    shown = {
        _letters(translate(wording.category(key), locale)): key for key in CATEGORIES for locale in LOCALES
    }
    return _USUAL | shown | {_letters(key): key for key in CATEGORIES}


@cache
def _papers() -> dict[str, Paper]:
    shown = {
        _letters(translate(words, locale)): kind
        for kind, words in wording.PAPERS.items()
        for locale in LOCALES
    }
    return _USUAL_PAPERS | shown | {_letters(kind.value): kind for kind in Paper}
