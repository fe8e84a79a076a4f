"""What tests of the hotel's side need: a hotel with people, suppliers of the directory, and lines as a test says."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from market import clock, db
from market.accounts.models import Organisation, Person
from market.claims.lines import Line
from market.claims.periods import Period
from market.suppliers.models import Supplier
from market.values.dates import local_day
from tests import factories

_numbers = itertools.count(1)
SEPTEMBER = Period(2026, 9)
MIDDLE = datetime(2026, 9, 15, 3, tzinfo=UTC)
IN_OCTOBER = datetime(2026, 10, 12, 3, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Buyer:
    """A hotel and somebody who buys for it."""

    hotel: Organisation
    person: Person


async def make_buyer(name: str = "Hotel Uji", person: Person | None = None) -> Buyer:
    n = next(_numbers)
    hotel = await Organisation.create(
        kind="hotel", slug=f"hotel-{n}", name=name, texts={}, created_at=clock.now()
    )
    person = person or await factories.make_person(name="Purchasing")
    await factories.make_member(person, "hotel", hotel.id)
    return Buyer(hotel, person)


async def make_supplier(
    name: str = "Koperasi Uji", *, area: str = "53.02.01", kind: str = "cooperative", **fields: Any
) -> Supplier:
    n = next(_numbers)
    organisation = await Organisation.create(
        kind="supplier", slug=f"supplier-{n}", name=name, texts={}, created_at=clock.now()
    )
    values: dict[str, Any] = {
        "organisation_id": organisation.id,
        "code": f"NTT-{n:04d}",
        "slug": f"supplier-{n}",
        "kind": kind,
        "status": "published",
        "name": name,
        "sole_trader": False,
        "area_code": area,
        "kabupaten": area[:5],
        "island": "timor",
        "people_count": 12,
        "texts": {l: {"about": "Honey."} for l in ("id", "en")},
        "created_at": clock.now(),
        "updated_at": clock.now(),
    }
    return await Supplier.create(**{**values, **fields})


async def put(
    buyer: Buyer,
    lines: Iterable[Line],
    *,
    entered_at: datetime | None = None,
    adjustment: bool = False,
    suppliers: dict[Any, int] | None = None,
) -> list[int]:
    """Write lines straight into the ledger, a document each, with the standing they say; their ids in order.

    A line's supplier becomes a seller of that name, or the supplier of the directory that `suppliers` gives.
    """
    ids: list[int] = []
    async with db.transaction():
        for line in lines:
            n = next(_numbers)
            supplier = (suppliers or {}).get(line.supplier)
            key = f"s:{supplier}" if supplier else f"w:{line.supplier}"
            on = local_day(line.invoice_at)
            rows = await db.fetch(
                "INSERT INTO purchase_document (reference, hotel_id, kind, paper, supplier_id, seller_name,"
                " seller_key, invoice_at, invoice_on, period, net_minor, source, is_adjustment, entered_by,"
                " entered_at, evidenced, confirmation) VALUES ($1, $2, $3, 'nota', $4, $5, $6, $7, $8, $9, $10,"
                " 'form', $11, $12, $13, $14, $15) RETURNING id",
                f"D{n}",
                buyer.hotel.id,
                "credit_note" if line.credit_note else "purchase",
                supplier,
                str(line.supplier),
                key,
                line.invoice_at.astimezone(UTC),
                on,
                f"{on:%Y-%m}",
                line.net,
                adjustment,
                buyer.person.id,
                entered_at or line.invoice_at.astimezone(UTC) + timedelta(days=1),
                line.evidenced,
                "yes" if line.confirmed else "none",
            )
            made = await db.fetch(
                "INSERT INTO purchase_line (document_id, position, hotel_id, supplier_id, seller_key, period,"
                " invoice_at, credit_note, description, category, amount, net_minor, origin, origin_decided,"
                " evidenced, confirmed, related) VALUES ($1, 1, $2, $3, $4, $5, $6, $7, 'Goods', $8, $9, $10, $11,"
                " TRUE, $12, $13, $14) RETURNING id",
                rows[0]["id"],
                buyer.hotel.id,
                supplier,
                key,
                f"{on:%Y-%m}",
                line.invoice_at.astimezone(UTC),
                line.credit_note,
                line.category,
                str(line.net),
                line.net,
                line.origin.value,
                line.evidenced,
                line.confirmed,
                line.related,
            )
            ids.append(made[0]["id"])
    return ids
