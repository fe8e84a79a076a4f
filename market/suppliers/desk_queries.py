"""Reads of the desks: the pages somebody may keep, quotations of either side, origins to decide.

Every read is limited to the organisations given to it; a foreign id is simply not there.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from market import db
from market.db.sql import Row, as_date, as_instant, as_json
from market.i18n.locales import pick
from market.suppliers import rows
from market.suppliers.offering import AGENTS, PageStatus, Unit
from market.suppliers.rows import ProductRow, SupplierRow
from market.suppliers.rules import OPEN, State


@dataclass(frozen=True, slots=True)
class ActRow:
    """Something done on a page; `agent` is the BUMDes or cooperative that did it for the supplier, or ""."""

    name: str
    subject: str
    person: str
    agent: str
    at: datetime


@dataclass(frozen=True, slots=True)
class QuotationRow:
    """A request with its answer, as both sides see it. Money is rupiah without VAT."""

    id: int
    reference: str
    state: State
    hotel_id: int
    hotel: str
    supplier_id: int
    product_id: int
    product: dict[str, str]
    quantity: int
    unit: Unit
    wanted_on: date
    place: str
    note: str
    asked_by: int
    asked_at: datetime
    unit_price_minor: int | None
    delivery_minor: int | None
    total_minor: int | None
    deliver_on: date | None
    valid_until: date | None
    answer: str
    answered_for: str
    answered_at: datetime | None
    decided_at: datetime | None
    reason: str

    @property
    def open(self) -> bool:
        return self.state in OPEN

    def product_name(self, locale: str) -> str:
        return pick(self.product, locale)


@dataclass(frozen=True, slots=True)
class OrganisationName:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class AgentChoice:
    """A BUMDes or cooperative that may be asked to keep a page."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ToJudge:
    """A product and its supplier, for an officer."""

    supplier: SupplierRow
    product: ProductRow


_QUOTATIONS: Final = (
    "SELECT q.*, h.name AS hotel, p.texts AS product_texts, a.name AS answered_for_name FROM quotation q"
    " JOIN organisation h ON h.id = q.hotel_id JOIN supplier_product p ON p.id = q.product_id"
    " LEFT JOIN organisation a ON a.id = q.answered_for"
)


# Pages -------------------------------------------------------------------------------------------------


async def list_pages(organisation_ids: Collection[int]) -> list[SupplierRow]:
    """The pages these organisations keep: their own first, then those of members, each by name."""
    ids = sorted(organisation_ids)
    if not ids:
        return []
    mine = rows.places(len(ids))
    found = await db.fetch(
        f"{rows.SUPPLIERS} WHERE s.organisation_id IN ({mine}) OR a.agent_id IN ({mine})"
        f" ORDER BY CASE WHEN s.organisation_id IN ({mine}) THEN 0 ELSE 1 END, s.name, s.id",
        *ids,
    )
    return [rows.supplier_row(row) for row in found]


async def get_page(code: str) -> SupplierRow | None:
    """A page by its code, public or not."""
    row = await db.fetch_one(f"{rows.SUPPLIERS} WHERE s.code = $1", code)
    return rows.supplier_row(row) if row else None


async def organisations_without_page(organisation_ids: Collection[int]) -> list[OrganisationName]:
    """Which of these organisations have no page yet."""
    ids = sorted(organisation_ids)
    if not ids:
        return []
    found = await db.fetch(
        f"SELECT o.id, o.name FROM organisation o WHERE o.id IN ({rows.places(len(ids))}) AND o.kind = 'supplier'"
        " AND NOT EXISTS (SELECT 1 FROM supplier s WHERE s.organisation_id = o.id) ORDER BY o.name",
        *ids,
    )
    return [OrganisationName(row["id"], row["name"]) for row in found]


async def list_agents() -> list[AgentChoice]:
    """The BUMDes and cooperatives of the directory, by name."""
    kinds = ", ".join(f"'{kind.value}'" for kind in sorted(AGENTS))
    found = await db.fetch(
        f"SELECT code, name FROM supplier WHERE status = '{PageStatus.PUBLISHED}' AND kind IN ({kinds})"
        " ORDER BY name, id"
    )
    return [AgentChoice(row["code"], row["name"]) for row in found]


async def list_acts(supplier_id: int, limit: int = 20) -> list[ActRow]:
    """What was done on a page, newest first."""
    found = await db.fetch(
        "SELECT a.name, a.subject, a.at, p.name AS person, o.name AS agent FROM supplier_act a"
        " JOIN person p ON p.id = a.person_id LEFT JOIN organisation o ON o.id = a.agent_id"
        " WHERE a.supplier_id = $1 ORDER BY a.id DESC LIMIT $2",
        supplier_id,
        limit,
    )
    return [
        ActRow(row["name"], row["subject"], row["person"], row["agent"] or "", as_instant(row["at"]))
        for row in found
    ]


# Quotations --------------------------------------------------------------------------------------------


async def list_of_suppliers(supplier_ids: Collection[int]) -> list[QuotationRow]:
    """Requests to these suppliers: open ones first, newest first."""
    return await _list("supplier_id", supplier_ids)


async def list_of_hotels(hotel_ids: Collection[int]) -> list[QuotationRow]:
    """What these hotels asked for: open ones first, newest first."""
    return await _list("hotel_id", hotel_ids)


async def _list(column: str, given: Collection[int]) -> list[QuotationRow]:
    ids = sorted(given)
    if not ids:
        return []
    states = ", ".join(f"'{state.value}'" for state in sorted(OPEN))
    found = await db.fetch(
        f"{_QUOTATIONS} WHERE q.{column} IN ({rows.places(len(ids))})"
        f" ORDER BY CASE WHEN q.state IN ({states}) THEN 0 ELSE 1 END, q.id DESC LIMIT 200",
        *ids,
    )
    return [_quotation(row) for row in found]


async def get_quotation(reference: str) -> QuotationRow | None:
    """A request by its reference; whoever asks still has to be one of its two sides."""
    row = await db.fetch_one(f"{_QUOTATIONS} WHERE q.reference = $1", reference)
    return _quotation(row) if row else None


async def get_quotation_by_id(quotation_id: int) -> QuotationRow | None:
    """A request by its id, for jobs."""
    row = await db.fetch_one(f"{_QUOTATIONS} WHERE q.id = $1", quotation_id)
    return _quotation(row) if row else None


def _quotation(row: Row) -> QuotationRow:
    texts = as_json(row["product_texts"])
    return QuotationRow(
        id=row["id"],
        reference=row["reference"],
        state=State(row["state"]),
        hotel_id=row["hotel_id"],
        hotel=row["hotel"],
        supplier_id=row["supplier_id"],
        product_id=row["product_id"],
        product={locale: words["name"] for locale, words in texts.items() if words.get("name")},
        quantity=row["quantity"],
        unit=Unit(row["unit"]),
        wanted_on=as_date(row["wanted_on"]),
        place=row["place"],
        note=row["note"],
        asked_by=row["asked_by"],
        asked_at=as_instant(row["asked_at"]),
        unit_price_minor=row["unit_price_minor"],
        delivery_minor=row["delivery_minor"],
        total_minor=row["total_minor"],
        deliver_on=None if row["deliver_on"] is None else as_date(row["deliver_on"]),
        valid_until=None if row["valid_until"] is None else as_date(row["valid_until"]),
        answer=row["answer"],
        answered_for=row["answered_for_name"] or "",
        answered_at=None if row["answered_at"] is None else as_instant(row["answered_at"]),
        decided_at=None if row["decided_at"] is None else as_instant(row["decided_at"]),
        reason=row["reason"],
    )


# Origin ------------------------------------------------------------------------------------------------


async def list_to_judge(today: date, limit: int = 100) -> list[ToJudge]:
    """Offered products of public pages whose origin nobody found yet, or whose finding ran out or no longer
    fits, oldest first.
    """
    found = await db.fetch(
        "SELECT p.id FROM supplier_product p JOIN supplier s ON s.id = p.supplier_id"
        " LEFT JOIN origin_decision d ON d.id ="
        " (SELECT MAX(x.id) FROM origin_decision x WHERE x.product_id = p.id)"
        f" WHERE p.status = 'offered' AND s.status = '{PageStatus.PUBLISHED}'"
        " AND (d.id IS NULL OR d.expires_on < $1 OR d.about <> p.judged_as) ORDER BY p.updated_at, p.id LIMIT $2",
        today,
        limit,
    )
    return await _to_judge([row["id"] for row in found], today)


async def get_to_judge(product_id: int, today: date) -> ToJudge | None:
    """One product and its supplier."""
    found = await _to_judge([product_id], today)
    return found[0] if found else None


async def _to_judge(ids: list[int], today: date) -> list[ToJudge]:
    products = await rows.load_products_by_id(ids, today)
    suppliers = await rows.load_suppliers({product.supplier_id for product in products.values()})
    return [ToJudge(suppliers[products[i].supplier_id], products[i]) for i in ids if i in products]
