"""Purchases for the tests, made through the commands."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from market import clock
from market.sourcing import entry
from market.sourcing.entry import NewDocument, NewLine, Source
from market.values.dates import local_instant
from tests import factories
from tests.integration.suppliers.making import Made, hotel, supplier

__all__ = ["Made", "bought", "hotel", "line", "paper", "supplier"]


def line(net: int = 1_000_000, **fields: Any) -> NewLine:
    values: dict[str, Any] = {
        "description": "Madu hutan",
        "category": "food",
        "amount": str(net),
        "net_minor": net,
    }
    return NewLine(**{**values, **fields})


def paper(*lines: NewLine, days_ago: int = 1, at: datetime | None = None, **fields: Any) -> NewDocument:
    invoice_at = at or local_instant(factories.in_days(-days_ago))
    values: dict[str, Any] = {
        "seller_name": "Toko Makmur",
        "invoice_at": invoice_at,
        "lines": lines or (line(),),
    }
    return NewDocument(**{**values, **fields})


def of(made: Made, *lines: NewLine, **fields: Any) -> NewDocument:
    """A paper of a supplier of the directory; its lines are of the supplier's product."""
    own = tuple(replace(one, product_id=made.product.id) for one in lines or (line(),))
    return paper(*own, supplier_id=made.supplier.id, seller_name=made.supplier.name, **fields)


async def bought(document: NewDocument, hotel_id: int, by: int, **fields: Any) -> str:
    values: dict[str, Any] = {"now": clock.now(), "source": Source.FORM}
    return await entry.enter(document, hotel_id=hotel_id, by=by, **{**values, **fields})
