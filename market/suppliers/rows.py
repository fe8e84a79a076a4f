"""Frozen rows of pages, products and certificates, and loading many of them with few queries.

Shared by the public queries and by the desks. They hold what is stored and how it stands today; which part a
visitor may see is decided where a row becomes a page (`pages.views`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from market import db
from market.db.sql import Row, as_date, as_json
from market.places import areas
from market.suppliers import rules
from market.suppliers.offering import Category, CertificateKind, Origin, PageStatus, SupplierKind, Texts, Unit
from market.suppliers.rules import OriginState, Validity


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """The newest finding on a product's origin."""

    origin: Origin
    evidence: dict[str, str]
    about: str
    office: str
    decided_by: int
    decided_on: date
    expires_on: date


@dataclass(frozen=True, slots=True)
class MonthRow:
    number: int
    capacity: int | None
    in_season: bool


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product with its year and its origin as it stands today."""

    id: int
    supplier_id: int
    slug: str
    offered: bool
    category: Category
    texts: Texts
    unit: Unit
    price_low_minor: int | None
    price_high_minor: int | None
    stated_origin: Origin
    stated_evidence: str
    months: tuple[MonthRow, ...]
    decision: DecisionRow | None
    origin_state: OriginState

    @property
    def origin(self) -> Origin:
        """The class decided, while the decision holds; else the one the supplier states."""
        if self.decision is not None and self.origin_state is OriginState.DECIDED:
            return self.decision.origin
        return self.stated_origin

    def capacity_in(self, month: int) -> int | None:
        """What can be delivered in a month (1-12), when it is stated; nothing out of season."""
        found = next((m for m in self.months if m.number == month), None)
        if found is None:
            return None
        return found.capacity if found.in_season else 0


@dataclass(frozen=True, slots=True)
class CertificateRow:
    id: int
    product_id: int | None
    kind: CertificateKind
    title: str
    number: str
    issuer: str
    expires_on: date | None
    validity: Validity


@dataclass(frozen=True, slots=True)
class SupplierRow:
    """A supplier's page as stored."""

    id: int
    organisation_id: int
    code: str
    slug: str
    kind: SupplierKind
    status: PageStatus
    name: str
    sole_trader: bool
    name_consent: bool
    area_code: str
    island: str
    people_count: int | None
    nib: str
    npwp: str
    street: str
    has_account: bool
    texts: Texts
    agent_id: int | None
    agent_name: str

    @property
    def named(self) -> bool:
        return rules.is_named(sole_trader=self.sole_trader, name_consent=self.name_consent)

    @property
    def public_name(self) -> str:
        return self.name if self.named else self.code

    @property
    def address(self) -> str:
        """The last part of the page's public address."""
        return self.slug if self.named else self.code

    @property
    def place(self) -> tuple[str, ...]:
        """Village (only when named), kecamatan, kabupaten."""
        return areas.path(self.area_code)[0 if self.named else 1 : 3]


SUPPLIERS = (
    "SELECT s.*, a.agent_id, o.name AS agent_name FROM supplier s"
    " LEFT JOIN supplier_agent a ON a.supplier_id = s.id AND a.ended_at IS NULL"
    " LEFT JOIN organisation o ON o.id = a.agent_id"
)


def supplier_row(row: Row) -> SupplierRow:
    """A row of `SUPPLIERS`."""
    return SupplierRow(
        id=row["id"],
        organisation_id=row["organisation_id"],
        code=row["code"],
        slug=row["slug"],
        kind=SupplierKind(row["kind"]),
        status=PageStatus(row["status"]),
        name=row["name"],
        sole_trader=bool(row["sole_trader"]),
        name_consent=bool(row["name_consent"]),
        area_code=row["area_code"],
        island=row["island"],
        people_count=row["people_count"],
        nib=row["nib"],
        npwp=row["npwp"],
        street=row["street"],
        has_account=bool(row["account_keys"]),
        texts=as_json(row["texts"]),
        agent_id=row["agent_id"],
        agent_name=row["agent_name"] or "",
    )


def places(count: int, first: int = 1) -> str:
    """Placeholders for so many values: `$1, $2, $3`."""
    return ", ".join(f"${number}" for number in range(first, first + count))


async def load_suppliers(ids: Iterable[int]) -> dict[int, SupplierRow]:
    """Pages by id."""
    wanted = list(ids)
    if not wanted:
        return {}
    rows = await db.fetch(f"{SUPPLIERS} WHERE s.id IN ({places(len(wanted))})", *wanted)
    return {row["id"]: supplier_row(row) for row in rows}


async def load_products(
    supplier_ids: Iterable[int], today: date, *, withdrawn: bool = False
) -> dict[int, list[ProductRow]]:
    """The products of some pages by page, in the order they were added; those taken off only when asked for."""
    wanted = list(supplier_ids)
    if not wanted:
        return {}
    offered = "" if withdrawn else " AND p.status = 'offered'"
    rows = await db.fetch(
        f"SELECT p.* FROM supplier_product p WHERE p.supplier_id IN ({places(len(wanted))}){offered}"
        " ORDER BY p.supplier_id, p.position, p.id",
        *wanted,
    )
    found: dict[int, list[ProductRow]] = {supplier_id: [] for supplier_id in wanted}
    for product in await _products(rows, today):
        found[product.supplier_id].append(product)
    return found


async def load_products_by_id(ids: Iterable[int], today: date) -> dict[int, ProductRow]:
    """Products by id, offered or not."""
    wanted = list(ids)
    if not wanted:
        return {}
    rows = await db.fetch(f"SELECT * FROM supplier_product WHERE id IN ({places(len(wanted))})", *wanted)
    return {product.id: product for product in await _products(rows, today)}


async def _products(rows: list[Row], today: date) -> list[ProductRow]:
    ids = [row["id"] for row in rows]
    months, decisions = await _months(ids), await _decisions(ids)
    return [_product(row, months.get(row["id"], []), decisions.get(row["id"]), today) for row in rows]


def _product(row: Row, months: list[MonthRow], decision: DecisionRow | None, today: date) -> ProductRow:
    return ProductRow(
        id=row["id"],
        supplier_id=row["supplier_id"],
        slug=row["slug"],
        offered=row["status"] == "offered",
        category=Category(row["category"]),
        texts=as_json(row["texts"]),
        unit=Unit(row["unit"]),
        price_low_minor=row["price_low_minor"],
        price_high_minor=row["price_high_minor"],
        stated_origin=Origin(row["stated_origin"]),
        stated_evidence=row["stated_evidence"],
        months=tuple(months),
        decision=decision,
        origin_state=rules.origin_state(decision, row["judged_as"], today),
    )


async def _months(product_ids: list[int]) -> dict[int, list[MonthRow]]:
    found: dict[int, list[MonthRow]] = {}
    if product_ids:
        rows = await db.fetch(
            "SELECT product_id, month, capacity, in_season FROM product_month"
            f" WHERE product_id IN ({places(len(product_ids))}) ORDER BY product_id, month",
            *product_ids,
        )
        for row in rows:
            month = MonthRow(row["month"], row["capacity"], bool(row["in_season"]))
            found.setdefault(row["product_id"], []).append(month)
    return found


async def _decisions(product_ids: list[int]) -> dict[int, DecisionRow]:
    if not product_ids:
        return {}
    rows = await db.fetch(
        "SELECT * FROM origin_decision WHERE id IN (SELECT MAX(id) FROM origin_decision"
        f" WHERE product_id IN ({places(len(product_ids))}) GROUP BY product_id)",
        *product_ids,
    )
    return {
        row["product_id"]: DecisionRow(
            origin=Origin(row["origin"]),
            evidence=as_json(row["evidence"]),
            about=row["about"],
            office=row["office"],
            decided_by=row["decided_by"],
            decided_on=as_date(row["decided_on"]),
            expires_on=as_date(row["expires_on"]),
        )
        for row in rows
    }


async def load_certificates(supplier_ids: Iterable[int], today: date) -> dict[int, list[CertificateRow]]:
    """The certificates of some pages by page; expired ones too, with their state."""
    wanted = list(supplier_ids)
    found: dict[int, list[CertificateRow]] = {supplier_id: [] for supplier_id in wanted}
    if wanted:
        rows = await db.fetch(
            f"SELECT * FROM certificate WHERE supplier_id IN ({places(len(wanted))}) AND removed_at IS NULL"
            " ORDER BY kind, id",
            *wanted,
        )
        for row in rows:
            found[row["supplier_id"]].append(_certificate(row, today))
    return found


def _certificate(row: Row, today: date) -> CertificateRow:
    expires_on = None if row["expires_on"] is None else as_date(row["expires_on"])
    return CertificateRow(
        id=row["id"],
        product_id=row["product_id"],
        kind=CertificateKind(row["kind"]),
        title=row["title"],
        number=row["number"],
        issuer=row["issuer"],
        expires_on=expires_on,
        validity=rules.validity(expires_on, today),
    )
