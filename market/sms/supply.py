"""Suppliers' phones: asked about purchases and prices, and what YA, TIDAK and HARGA with a code mean there.

A number speaks for its own organisation, or for the members whose pages that BUMDes or cooperative keeps. Nothing is
done without a code. After three wrong codes a YA needs a fresh one, which only reaches the real phone
(docs/adr/0023-a-purchase-has-two-sides.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from market import db
from market.accounts import queries as accounts
from market.db.sql import as_instant_or_none
from market.errors import DomainError, Invalid
from market.i18n import formats
from market.i18n.messages import translate
from market.notifications.sms_text import short_name
from market.outbox import queue
from market.outbox.registry import Payload
from market.settings import Settings
from market.sms import numbers, outgoing, rules, said, supply_codes, supply_replies
from market.sms.asked import Answer, Asked, Outcome, answer
from market.sms.grammar import Accept, Cancel, Decline, Price, Unclear
from market.sms.numbers import Number
from market.sms.supply_codes import Code, Purpose
from market.sourcing import asked_queries, confirmations
from market.sourcing.asked_queries import AskedRow
from market.sourcing.confirmations import Reply, Said, Way
from market.sourcing.rules import Confirmation
from market.suppliers import desk_queries, quotations, rows
from market.suppliers.desk_queries import QuotationRow
from market.suppliers.offering import Acting
from market.suppliers.rows import SupplierRow
from market.suppliers.rules import Offer, State, may_become
from market.suppliers.wording import UNITS
from market.values.dates import local_day

Command = Accept | Decline | Cancel | Unclear | Price
ASK_PURCHASES: Final = "sms.ask_purchases"
ASK_QUOTATION: Final = "sms.ask_quotation"
MOST_AT_ONCE: Final = 4  # purchases in messages of their own; the rest is named as a number
_WRONG_BEFORE_FRESH: Final = 3
_WRONG_WITHIN: Final = timedelta(days=7)
_OFFER_HOLDS: Final = timedelta(days=7)
_LIST_ROOM: Final = 90


@dataclass(frozen=True, slots=True)
class Speaks:
    """The supplier somebody answers for, and through which organisation."""

    supplier: SupplierRow
    agent_id: int | None


async def speaks_for_suppliers(number: Number) -> bool:
    """Whether a number belongs to a supplier, so that its codes are purchases and requests."""
    row = await db.fetch_one("SELECT kind FROM organisation WHERE id = $1", number.organisation_id)
    return row is not None and row["kind"] == "supplier"


# Asking -----------------------------------------------------------------------------------------------------
async def ask_purchases(payload: Payload, settings: Settings, now: datetime) -> None:
    """Ask a supplier's phones about purchases; at night it waits for the morning."""
    due = rules.send_time(now)
    if due > now:
        await _later(ASK_PURCHASES, payload, due)
        return
    supplier = (await rows.load_suppliers([int(payload["supplier"])])).get(int(payload["supplier"]))
    wanted = await asked_queries.list_by_id(payload["documents"])
    waiting = [row for row in wanted if row.confirmation is Confirmation.ASKED]
    if supplier is None or not waiting:
        return
    async with db.transaction():
        for number in await _phones(supplier, now):
            for row in waiting[:MOST_AT_ONCE]:
                key = f"sms.purchase:{payload['key']}:{row.document_id}:{number.id}"
                text = await _purchase(number, row, key, now)
                await outgoing.tell(number.number, text, locale=number.locale, key=key, now=now)
            if len(waiting) > MOST_AT_ONCE:
                words = supply_replies.MORE_WAIT.say(
                    number.locale, n=len(waiting) - MOST_AT_ONCE, brand=short_name(settings.brand)
                )
                key = f"sms.purchases:{payload['key']}:{number.id}"
                await outgoing.tell(number.number, words, locale=number.locale, key=key, now=now)


async def ask_quotation(payload: Payload, now: datetime) -> None:
    """Ask a supplier's phones for a price; at night it waits for the morning."""
    due = rules.send_time(now)
    if due > now:
        await _later(ASK_QUOTATION, payload, due)
        return
    row = await desk_queries.get_quotation_by_id(int(payload["quotation"]))
    supplier = (await rows.load_suppliers([row.supplier_id])).get(row.supplier_id) if row else None
    if row is None or supplier is None or row.state is not State.ASKED:
        return
    async with db.transaction():
        for number in await _phones(supplier, now):
            key = f"sms.quotation:{row.id}:{number.id}"
            code = await supply_codes.give(number.id, Purpose.QUOTATION, row.id, delivery_key=key, now=now)
            text = supply_replies.QUOTATION.say(number.locale, code=code.code, **_wanted(row, number.locale))
            await outgoing.tell(number.number, text, locale=number.locale, key=key, now=now)


async def _later(handler: str, payload: Payload, due: datetime) -> None:
    async with db.transaction():
        key = f"{handler}:{payload.get('key', payload.get('quotation'))}:{due:%Y%m%d%H}"
        await queue.add(handler, payload, due_at=due, dedupe_key=key)


async def _phones(supplier: SupplierRow, now: datetime) -> list[Number]:
    """The numbers that may answer for a supplier: its own, else those of whoever keeps its page."""
    own = await numbers.list_active(supplier.organisation_id)
    if not own and supplier.agent_id is not None:
        own = await numbers.list_active(supplier.agent_id)
    return [number for number in own if await answers_from(number) is None or await _may_answer(number, now)]


async def answers_from(number: Number) -> datetime | None:
    """From when on a number may answer; None for one that always could."""
    row = await db.fetch_one("SELECT answers_from FROM sms_number WHERE id = $1", number.id)
    return as_instant_or_none(row["answers_from"]) if row else None


async def _may_answer(number: Number, now: datetime) -> bool:
    start = await answers_from(number)
    return start is None or start <= now


async def _purchase(number: Number, row: AskedRow, key: str, now: datetime) -> str:
    code = await supply_codes.give(number.id, Purpose.PURCHASE, row.document_id, delivery_key=key, now=now)
    return supply_replies.PURCHASE.say(number.locale, code=code.code, **_bought(row, number.locale))


def _bought(row: AskedRow, locale: str) -> dict[str, str]:
    return {
        "hotel": short_name(row.hotel),
        "goods": short_name(row.goods),
        "day": f"{row.invoice_on.day} {formats.month_short(row.invoice_on, locale)}",
        "money": said.money(row.net_minor, locale),
    }


def _wanted(row: QuotationRow, locale: str) -> dict[str, str]:
    return {
        "hotel": short_name(row.hotel),
        "goods": short_name(row.product_name(locale)),
        "amount": f"{row.quantity}",
        "unit": _unit(row, locale),
        "day": f"{row.wanted_on.day} {formats.month_short(row.wanted_on, locale)}",
    }


def _unit(row: QuotationRow, locale: str) -> str:
    return translate(UNITS[row.unit], locale).replace("²", "2").replace("³", "3")


# Answers ----------------------------------------------------------------------------------------------------
async def carry_out(asked: Asked, command: Command) -> Answer:
    """What a supplier's number says with a code; without one what waits is listed, and nothing is done."""
    start = await answers_from(asked.number)
    if start is not None and start > asked.now:
        day = local_day(start)
        words = f"{day.day} {formats.month_short(day, asked.number.locale)}"
        return answer(asked, supply_replies.NOT_YET, day=words)
    if command.code is None:
        return await _ask_which(asked)
    if await _is_locked(asked):
        return Answer("", Outcome.WRONG_CODE)
    code = await supply_codes.find(asked.number.id, command.code)
    if code is None or code.purpose is Purpose.FRESH:
        return await _wrong_code(asked, command.code)
    if code.purpose is Purpose.QUOTATION:
        return await _quotation(asked, code, command)
    return await _about_purchase(asked, code, command)


async def _is_locked(asked: Asked) -> bool:
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM sms_inbound WHERE number_id = $1 AND outcome = 'wrong_code'"
        " AND received_at > $2",
        asked.number.id,
        asked.now - rules.WRONG_WINDOW,
    )
    return row is not None and int(row["n"]) >= rules.MOST_WRONG_CODES


async def _wrong_code(asked: Asked, code: str) -> Answer:
    waiting = await _waiting(asked)
    words = said.as_many(waiting, _LIST_ROOM) if waiting else supply_replies.NOTHING.say(asked.number.locale)
    return answer(asked, supply_replies.NO_SUCH_CODE, Outcome.WRONG_CODE, code=code, waiting=words)


async def _ask_which(asked: Asked) -> Answer:
    waiting = await _waiting(asked)
    if not waiting:
        return answer(asked, supply_replies.NOTHING_WAITS)
    return answer(asked, supply_replies.WAITING, waiting=said.as_many(waiting, _LIST_ROOM))


async def _waiting(asked: Asked) -> list[str]:
    """`4821 Hotel Cakraw Rp2.340.000` for each purchase, `7731 ... ?` for each request, codes given as needed."""
    number, locale = asked.number, asked.number.locale
    suppliers = [page.id for page in await desk_queries.list_pages([number.organisation_id])]
    found: list[str] = []
    for row in await asked_queries.list_waiting(suppliers, limit=6):
        code = await supply_codes.give(
            number.id, Purpose.PURCHASE, row.document_id, delivery_key=asked.key, now=asked.now
        )
        found.append(f"{code.code} {short_name(row.hotel)} {said.money(row.net_minor, locale)}")
    for quotation in await desk_queries.list_of_suppliers(suppliers):
        if quotation.state is State.ASKED:
            code = await supply_codes.give(
                number.id, Purpose.QUOTATION, quotation.id, delivery_key=asked.key, now=asked.now
            )
            found.append(
                f"{code.code} {short_name(quotation.hotel)} {quotation.quantity} {_unit(quotation, locale)}?"
            )
    return found


async def _speaks(asked: Asked, supplier_id: int) -> Speaks | None:
    """The supplier, if this number may speak for it still."""
    supplier = (await rows.load_suppliers([supplier_id])).get(supplier_id)
    own = asked.number.organisation_id
    if supplier is None or own not in {supplier.organisation_id, supplier.agent_id}:
        return None
    return Speaks(supplier, None if own == supplier.organisation_id else own)


# Purchases --------------------------------------------------------------------------------------------------
async def _about_purchase(asked: Asked, code: Code, command: Command) -> Answer:
    row = await asked_queries.get_asked_by_id(code.subject)
    speaks = await _speaks(asked, row.supplier_id) if row else None
    if row is None or speaks is None:
        return answer(asked, supply_replies.CANNOT_ANSWER, code=code.code)
    match command:
        case Accept():
            if not await _is_at_hand(asked, code, command):
                return await _ask_fresh(asked, code)
            reply = Reply(Said.YES, Way.SMS, agent_id=speaks.agent_id)
        case Decline(amount=None, figure=True):
            return answer(asked, supply_replies.BAD_AMOUNT, code=code.code)
        case Decline(amount=int(amount)):
            reply = Reply(Said.OTHER_AMOUNT, Way.SMS, amount, agent_id=speaks.agent_id)
        case Decline() | Cancel():
            reply = Reply(Said.NOT_MINE, Way.SMS, agent_id=speaks.agent_id)
        case Price() | Unclear():
            return answer(asked, supply_replies.UNCLEAR, code=code.code)
    return await _say(asked, code, row, reply)


async def _say(asked: Asked, code: Code, row: AskedRow, reply: Reply) -> Answer:
    if reply.net_minor == row.net_minor:  # they wrote the very amount of the hotel
        reply = Reply(Said.YES, Way.SMS, agent_id=reply.agent_id)
    try:
        async with db.savepoint():
            fresh = await confirmations.answer(row.document_id, reply, now=asked.now)
    except Invalid:
        return answer(asked, supply_replies.BAD_AMOUNT, code=code.code)
    except DomainError:
        return answer(asked, supply_replies.CANNOT_ANSWER, code=code.code)
    if not fresh:
        return answer(asked, supply_replies.SAID_BEFORE, code=code.code)
    wording = {
        Said.YES: supply_replies.SAID_YES,
        Said.OTHER_AMOUNT: supply_replies.SAID_OTHER,
        Said.NOT_MINE: supply_replies.SAID_NOT_MINE,
    }[reply.said]
    stated = said.money(reply.net_minor or 0, asked.number.locale)
    facts = _bought(row, asked.number.locale)
    return answer(asked, wording, Outcome.DONE, code=code.code, stated=stated, **facts)


async def _is_at_hand(asked: Asked, code: Code, command: Accept) -> bool:
    """Whether a YA needs no proof, or brings it: the code alone is enough while nobody has been guessing."""
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM sms_inbound WHERE number_id = $1 AND outcome = 'wrong_code'"
        " AND received_at > $2",
        asked.number.id,
        asked.now - _WRONG_WITHIN,
    )
    if row is None or int(row["n"]) < _WRONG_BEFORE_FRESH:
        return True
    if command.one_time is None:
        return False
    fresh = await supply_codes.find(asked.number.id, command.one_time)
    if fresh is None or fresh.purpose is not Purpose.FRESH or fresh.subject != code.subject:
        return False
    if not fresh.counts(asked.now):
        return False
    await supply_codes.use(fresh, asked.now)
    return True


async def _ask_fresh(asked: Asked, code: Code) -> Answer:
    one = await supply_codes.give(
        asked.number.id, Purpose.FRESH, code.subject, delivery_key=asked.key, now=asked.now
    )
    return answer(asked, supply_replies.FRESH, Outcome.CODE_ASKED, code=code.code, one=one.code)


# Quotations -------------------------------------------------------------------------------------------------
async def _quotation(asked: Asked, code: Code, command: Command) -> Answer:
    row = await desk_queries.get_quotation_by_id(code.subject)
    speaks = await _speaks(asked, row.supplier_id) if row else None
    person = await _person(asked, speaks) if speaks else None
    if row is None or speaks is None or person is None:
        return answer(asked, supply_replies.QUOTATION_OVER, code=code.code)
    acting = Acting(person, speaks.agent_id)
    match command:
        case Price(price=price):
            return await _offer(asked, code, row, price, acting)
        case Decline(figure=False) | Cancel():
            return await _decline(asked, code, row, acting)
        case Accept() | Decline() | Unclear():
            return answer(asked, supply_replies.ASK_PRICE, code=code.code)


async def _offer(asked: Asked, code: Code, row: QuotationRow, price: int | None, acting: Acting) -> Answer:
    locale = asked.number.locale
    if price is None:
        return answer(asked, supply_replies.BAD_PRICE, code=code.code, unit=_unit(row, locale))
    offer = Offer(
        unit_price_minor=price,
        delivery_minor=0,
        deliver_on=max(row.wanted_on, asked.today),
        valid_until=asked.today + _OFFER_HOLDS,
        answer="SMS",
    )
    if not may_become(row.state, State.ANSWERED):
        return answer(asked, supply_replies.QUOTATION_OVER, code=code.code)
    try:
        async with db.savepoint():
            await quotations.answer(row.id, offer, acting, today=asked.today, now=asked.now)
    except DomainError:
        return answer(asked, supply_replies.BAD_PRICE, code=code.code, unit=_unit(row, locale))
    facts = _wanted(row, locale) | {
        "price": said.money(price, locale),
        "money": said.money(offer.total(row.quantity), locale),
    }
    return answer(asked, supply_replies.OFFERED, Outcome.DONE, code=code.code, **facts)


async def _decline(asked: Asked, code: Code, row: QuotationRow, acting: Acting) -> Answer:
    try:
        async with db.savepoint():
            await quotations.decline(row.id, "", acting, now=asked.now)
    except DomainError:
        return answer(asked, supply_replies.QUOTATION_OVER, code=code.code)
    return answer(asked, supply_replies.DECLINED, Outcome.DONE, code=code.code, hotel=short_name(row.hotel))


async def _person(asked: Asked, speaks: Speaks) -> int | None:
    """In whose name a price by SMS stands: the number's first person, or whoever registered the number."""
    people = await accounts.people_of_organisation(asked.number.organisation_id, "supplier")
    if people:
        return people[0].id
    row = await db.fetch_one("SELECT invited_by FROM sms_number WHERE id = $1", asked.number.id)
    return row["invited_by"] if row else None
