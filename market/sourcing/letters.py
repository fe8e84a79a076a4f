"""Mails of this feature: a supplier is asked (and reminded), a hotel hears what was said. Words are in templates.

Called by `handlers`, inside a transaction that also opened the questions; SMS is told by a job of its own, which a
feature above answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from market.accounts import queries as accounts
from market.accounts.queries import PersonRow
from market.db.sql import Row
from market.i18n import formats
from market.i18n.messages import translate
from market.notifications import telling
from market.notifications.topics import Topic
from market.notifications.wording import mail_from_template
from market.outbox import queue
from market.settings import Settings
from market.sourcing import asked_queries
from market.sourcing.asked_queries import AskedRow
from market.sourcing.rules import Confirmation
from market.sourcing.wording import ANSWERS, counting
from market.suppliers import rows as supplier_rows
from market.suppliers.rows import SupplierRow
from market.values.text import lazy
from market.web import urls

SMS: Final = "sms.ask_purchases"
MOST_IN_A_LETTER: Final = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the secrets its letter carries."""

    document_id: int
    token: str
    code: str


@dataclass(frozen=True, slots=True)
class Item:
    """One purchase in a letter."""

    line: str
    address: str
    reference: str
    code: str


@dataclass(frozen=True, slots=True)
class AskLetter:
    """Context of sourcing/mail_asked.txt."""

    name: str
    supplier: str
    items: list[Item]
    more: int
    until: str
    reminder: bool
    workspace: str


@dataclass(frozen=True, slots=True)
class AnswerLetter:
    """Context of sourcing/mail_answered.txt."""

    name: str
    supplier: str
    agent: str
    reference: str
    said: str
    logged: str
    stated: str
    words: str
    counting: str
    address: str
    wants_correction: bool


async def ask(
    supplier_id: int, asked: Sequence[Asked], *, until: datetime, reminder: bool, settings: Settings, key: str
) -> None:
    """Write to everybody who answers for a supplier, and let the phones be told."""
    supplier = (await supplier_rows.load_suppliers([supplier_id])).get(supplier_id)
    secrets = {one.document_id: one for one in asked}
    rows = await asked_queries.list_by_id(secrets)
    if supplier is None or not rows:
        return
    for person in await people_for(supplier):
        letter = AskLetter(
            name=person.name,
            supplier=supplier.name,
            items=[_item(row, secrets, person.locale, settings) for row in rows[:MOST_IN_A_LETTER]],
            more=max(0, len(rows) - MOST_IN_A_LETTER),
            until=formats.instant(until, person.locale),
            reminder=reminder,
            workspace=settings.base_url + urls.path("sourcing:claims_about", locale=person.locale),
        )
        wording = mail_from_template("sourcing/mail_asked", letter, person.locale, settings)
        await telling.tell(
            wording,
            topic=Topic.PURCHASES,
            to=person.email,
            locale=person.locale,
            dedupe_key=f"{key}:{person.id}",
            href=urls.path("sourcing:claims_about", locale=person.locale),
            confidential=True,
        )
    documents = [row.document_id for row in rows]
    await queue.add(
        SMS, {"supplier": supplier_id, "documents": documents, "key": key}, dedupe_key=f"{SMS}:{key}"
    )


def _item(row: AskedRow, secrets: dict[int, Asked], locale: str, settings: Settings) -> Item:
    one = secrets[row.document_id]
    words = lazy(
        "%(hotel)s, %(day)s: %(goods)s, %(amount)s without VAT",
        hotel=_one_line(row.hotel),
        day=formats.day(row.invoice_on, locale),
        goods=_one_line(row.goods),
        amount=formats.money(row.net_minor, locale),
    )
    address = settings.base_url + urls.path("sourcing:confirm", locale=locale, token=one.token)
    return Item(translate(words, locale), address, row.reference, f"{one.code[:3]} {one.code[3:]}")


async def people_for(supplier: SupplierRow) -> list[PersonRow]:
    """Who answers for a supplier: its own people, and those of whoever keeps its page."""
    found = await accounts.people_of_organisation(supplier.organisation_id, "supplier")
    if supplier.agent_id is not None:
        found += await accounts.people_of_organisation(supplier.agent_id, "supplier")
    return list({person.id: person for person in found if person.email}.values())


async def tell_hotel(answer: Row, row: AskedRow, *, settings: Settings) -> None:
    """Tell a hotel's people what a supplier said, and what that does to what counts. Plain confirmations of one
    supplier come at most once an hour.
    """
    hour = f"{answer['answered_at']!s:.13}"
    plain = answer["answer"] == Confirmation.YES
    key = f"{row.hotel_id}:{row.supplier_id}:{hour}" if plain else str(answer["id"])
    for person in await accounts.people_of_organisation(row.hotel_id, "hotel"):
        if not person.email:
            continue
        letter = await _answer_letter(answer, row, person, settings)
        wording = mail_from_template("sourcing/mail_answered", letter, person.locale, settings)
        await telling.tell(
            wording,
            topic=Topic.PURCHASES,
            to=person.email,
            locale=person.locale,
            dedupe_key=f"sourcing.said:{answer['answer']}:{key}:{person.id}",
        )


async def _answer_letter(answer: Row, row: AskedRow, person: PersonRow, settings: Settings) -> AnswerLetter:
    locale = person.locale
    stated = answer["net_minor"]
    return AnswerLetter(
        name=person.name,
        supplier=_one_line(row.supplier),
        agent=_one_line(row.agent),
        reference=row.reference,
        said=translate(ANSWERS[Confirmation(answer["answer"])], locale),
        logged=formats.money(row.net_minor, locale),
        stated=formats.money(stated, locale) if stated is not None else "",
        words=_one_line(answer["words"]),
        counting=await counting(row.document_id, locale),
        address=settings.base_url + urls.path("sourcing:show", locale=locale, reference=row.reference),
        wants_correction=answer["answer"] != Confirmation.YES,
    )


def _one_line(written: str) -> str:
    """What a person wrote, in one line: it can never look like a paragraph or a button of ours."""
    return " ".join(written.split())
