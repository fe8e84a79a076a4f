"""How a seller and a document's number are recognised again, whoever writes them and however.

Pure. A seller of the directory is known by its page, any other by its NPWP, and without one by the words of its
name. Two documents of one seller whose numbers have one key are the same paper.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_RUNS: Final = re.compile(r"[0-9]+|[^\W\d_]+", re.UNICODE)
# What kind of firm it is says nothing about which firm it is.
_FIRMS: Final = frozenset({"pt", "cv", "ud", "tb", "toko", "tbk", "pd", "fa"})


def number_key(written: str) -> str:
    """A number in upper case, letters and digits only, each digit group without leading zeros.

    `INV/0012`, `inv-12` and `Inv 12` are one number. "" for a paper without a number.
    """
    plain = unicodedata.normalize("NFKC", written).upper()
    return "".join((run.lstrip("0") or "0") if run.isdigit() else run for run in _RUNS.findall(plain))


def folded(name: str) -> str:
    """A name without case, accents, punctuation and kind of firm: `PT. Segar-Nusantara` is `segar nusantara`."""
    bare = unicodedata.normalize("NFKD", name.casefold())
    words = _RUNS.findall("".join(c for c in bare if not unicodedata.combining(c)))
    return " ".join([word for word in words if word not in _FIRMS] or words)


def seller_key(*, supplier_id: int | None, npwp: str, name: str) -> str:
    """The key under which one seller's documents meet: page, else NPWP (16 digits), else the folded name."""
    if supplier_id is not None:
        return f"s:{supplier_id}"
    return f"n:{npwp}" if npwp else f"w:{folded(name)}"
