"""Reactions outside a request: telling the other side of a quotation what happened, by mail, each in their
language. Safe to repeat: a mail has a key of its own per step and person.
"""

from __future__ import annotations

from market import db
from market.accounts import queries as accounts
from market.accounts.queries import PersonRow
from market.notifications import telling
from market.notifications.topics import Topic
from market.outbox.registry import Payload, handles
from market.outbox.tools import Tools
from market.settings import Settings
from market.suppliers import desk_queries, emails, rows
from market.suppliers.desk_queries import QuotationRow
from market.suppliers.quotations import TELL
from market.suppliers.rows import SupplierRow


@handles(TELL)
async def tell(payload: Payload, tools: Tools) -> None:
    """Write to everybody of the side that waits for news."""
    quotation = await desk_queries.get_quotation_by_id(int(payload["quotation"]))
    if quotation is None:
        return
    supplier = (await rows.load_suppliers([quotation.supplier_id]))[quotation.supplier_id]
    what, step = str(payload["what"]), str(payload["step"])
    side, _ = emails.TOLD[what]
    people = await _hotel_people(quotation) if side == "hotel" else await _supplier_people(supplier)
    async with db.transaction():
        for person in people:
            wording = emails.about(
                what,
                quotation,
                supplier=supplier.public_name if what == "declined" else supplier.name,
                name=person.name,
                locale=person.locale,
                settings=tools.of(Settings),
            )
            key = f"{TELL}:{step}:{person.id}"
            await telling.tell(
                wording, topic=Topic.QUOTATIONS, to=person.email, locale=person.locale, dedupe_key=key
            )


async def _supplier_people(supplier: SupplierRow) -> list[PersonRow]:
    """Who acts for a supplier: its own people, and those of whoever keeps its page."""
    found = await accounts.people_of_organisation(supplier.organisation_id, "supplier")
    if supplier.agent_id is not None:
        found += await accounts.people_of_organisation(supplier.agent_id, "supplier")
    return _once(found)


async def _hotel_people(quotation: QuotationRow) -> list[PersonRow]:
    return _once(await accounts.people_of_organisation(quotation.hotel_id, "hotel"))


def _once(people: list[PersonRow]) -> list[PersonRow]:
    return list({person.id: person for person in people if person.email}.values())
