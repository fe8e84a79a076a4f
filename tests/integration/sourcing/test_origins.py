"""What an officer finds about a product reaches the purchases of it."""

from __future__ import annotations

from datetime import timedelta

from market import clock, db
from market.outbox import worker
from market.outbox.tools import Tools
from market.suppliers import origins
from market.suppliers.offering import Origin
from tests import factories
from tests.integration.sourcing.buying import bought, hotel, of, supplier


async def test_a_finding_weighs_what_was_bought(app: object, tools: Tools) -> None:
    person, house = await hotel()
    made, officer = await supplier(), await factories.make_person()
    await bought(of(made), house.id, person.id)
    assert await _origins() == [("X", False)]
    today = clock.today()
    await origins.decide(
        made.product.id,
        Origin.A,
        evidence={"id": "Dilihat di kebun", "en": "Seen on the farm"},
        office="Dinas",
        by=officer.id,
        expires_on=today + timedelta(days=300),
        today=today,
        now=clock.now(),
    )
    await worker.drain(tools)
    assert await _origins() == [("A", True)]


async def _origins() -> list[tuple[str, bool]]:
    found = await db.fetch("SELECT origin, origin_decided FROM purchase_line ORDER BY id")
    return [(row["origin"], bool(row["origin_decided"])) for row in found]
