"""Reads of the public directory: which suppliers match, how many are where, one page, one product.

What a visitor may read of a row is decided by `pages.views`; what the purchase ledger and claims above need of
a product is here too (`get_product_by_id`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from market import db
from market.suppliers import rows
from market.suppliers.offering import Category, CertificateKind, SupplierKind
from market.suppliers.rows import CertificateRow, ProductRow, SupplierRow
from market.suppliers.words import Meant

_PUBLIC: Final = "s.status = 'published'"
_NAMED: Final = "(NOT s.sole_trader OR s.name_consent)"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody looks for. `place` is an island's key or a kabupaten's code."""

    place: str = ""
    category: Category | None = None
    kind: SupplierKind | None = None
    certificate: CertificateKind | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A supplier of the directory with what it sells."""

    supplier: SupplierRow
    products: tuple[ProductRow, ...]
    certificates: tuple[CertificateRow, ...]


@dataclass(frozen=True, slots=True)
class PlaceCount:
    island: str
    kabupaten: str
    count: int


async def find(wanted: Wanted, meant: Sequence[Meant], today: date) -> list[int]:
    """Ids of the public suppliers that match, best first: words in a name or product count more, then by name,
    those shown by a code last. A certificate counts while it is valid. The order gives no name away that is not shown.
    """
    where, values = _conditions(wanted, meant, today)
    order = f"CASE WHEN {_NAMED} THEN 0 ELSE 1 END, CASE WHEN {_NAMED} THEN s.slug ELSE s.code END, s.id"
    typed = [word for one in meant for word in one.words]
    if typed:
        order = (
            "(SELECT COUNT(*) FROM supplier_word w WHERE w.supplier_id = s.id AND w.strong"
            f" AND w.word IN ({rows.places(len(typed), len(values) + 1)})) DESC, {order}"
        )
        values += typed
    found = await db.fetch(f"SELECT s.id FROM supplier s WHERE {where} ORDER BY {order}", *values)
    return [row["id"] for row in found]


async def count_by_place(wanted: Wanted, meant: Sequence[Meant], today: date) -> list[PlaceCount]:
    """How many suppliers match in each kabupaten, whatever place was asked for."""
    anywhere = Wanted("", wanted.category, wanted.kind, wanted.certificate)
    where, values = _conditions(anywhere, meant, today)
    found = await db.fetch(
        f"SELECT s.island, s.kabupaten, COUNT(*) AS n FROM supplier s WHERE {where}"
        " GROUP BY s.island, s.kabupaten ORDER BY s.kabupaten",
        *values,
    )
    return [PlaceCount(row["island"], row["kabupaten"], row["n"]) for row in found]


def _conditions(wanted: Wanted, meant: Sequence[Meant], today: date) -> tuple[str, list[Any]]:
    where, values = [_PUBLIC], list[Any]()

    def bound(value: object) -> str:
        values.append(value)
        return f"${len(values)}"

    if wanted.place:
        column = "kabupaten" if wanted.place[0].isdigit() else "island"
        where.append(f"s.{column} = {bound(wanted.place)}")
    if wanted.kind is not None:
        where.append(f"s.kind = {bound(wanted.kind.value)}")
    if wanted.category is not None:
        where.append(
            "EXISTS (SELECT 1 FROM supplier_product p WHERE p.supplier_id = s.id AND p.status = 'offered'"
            f" AND p.category = {bound(wanted.category.value)})"
        )
    if wanted.certificate is not None:
        kind = bound(wanted.certificate.value)
        where.append(
            "EXISTS (SELECT 1 FROM certificate c WHERE c.supplier_id = s.id AND c.removed_at IS NULL"
            f" AND c.kind = {kind} AND (c.expires_on IS NULL OR c.expires_on >= {bound(today)}))"
        )
    if not all(one.words for one in meant):
        where.append("1 = 0")  # nobody has a word that nobody has
    for one in (one for one in meant if one.words):
        places = ", ".join(bound(word) for word in one.words)
        where.append(
            f"EXISTS (SELECT 1 FROM supplier_word w WHERE w.supplier_id = s.id AND w.word IN ({places}))"
        )
    return " AND ".join(where), values


async def list_words() -> list[str]:
    """Every word under which a public supplier is found."""
    found = await db.fetch(
        f"SELECT DISTINCT w.word FROM supplier_word w JOIN supplier s ON s.id = w.supplier_id WHERE {_PUBLIC}"
        " ORDER BY w.word"
    )
    return [row["word"] for row in found]


async def list_entries(ids: Sequence[int], today: date) -> list[Entry]:
    """The suppliers with these ids, in this order."""
    suppliers = await rows.load_suppliers(ids)
    products = await rows.load_products(ids, today)
    certificates = await rows.load_certificates(ids, today)
    return [Entry(suppliers[i], tuple(products[i]), tuple(certificates[i])) for i in ids if i in suppliers]


async def get_entry(address: str, today: date) -> Entry | None:
    """A public page by its address: the name's while it may be shown, and the code always."""
    row = await db.fetch_one(
        f"SELECT s.id FROM supplier s WHERE {_PUBLIC} AND (s.code = $1 OR (s.slug = $1 AND {_NAMED}))",
        address,
    )
    found = await list_entries([row["id"]], today) if row else []
    return found[0] if found else None


async def get_product_by_id(product_id: int, today: date) -> ProductRow | None:
    """A product, offered or not, with its stated capacity by month and its origin as it stands on a day."""
    return (await rows.load_products_by_id([product_id], today)).get(product_id)
