"""Commands on quotations: a hotel asks, the supplier (or who keeps its page) answers, the hotel decides.

An accepted offer becomes an expected purchase in the same transaction. Every step queues the mail that tells
the other side. States and their order are `rules.TRANSITIONS`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from market import db
from market.errors import NotFound, Refused
from market.outbox import queue
from market.suppliers import rules, service
from market.suppliers.models import ExpectedPurchase, Product, Quotation, Supplier
from market.suppliers.offering import Acting, PageStatus
from market.suppliers.rules import Offer, State
from market.values.ids import new_reference
from market.values.text import lazy

TELL = "suppliers.tell"
ASK_SMS = "sms.ask_quotation"


async def ask(
    *,
    product_id: int,
    hotel_id: int,
    quantity: int,
    wanted_on: date,
    place: str,
    note: str,
    by: int,
    request_key: str,
    today: date,
    now: datetime,
) -> str:
    """A hotel asks for a price; the request's reference. The same `request_key` twice is one request."""
    rules.check_request(quantity, wanted_on, today)
    async with db.transaction():
        before = await Quotation.get_or_none(request_key=request_key, hotel_id=hotel_id)
        if before is not None:
            return before.reference
        product = await Product.get_or_none(id=product_id, status="offered")
        supplier = await Supplier.get_or_none(id=product.supplier_id) if product else None
        if product is None or supplier is None or supplier.status != PageStatus.PUBLISHED:
            raise Refused("not_offered", lazy("This product is not offered at the moment."))
        quotation = await Quotation.create(
            reference=f"Q{new_reference(7)}",
            request_key=request_key,
            state=State.ASKED.value,
            hotel_id=hotel_id,
            supplier_id=supplier.id,
            product_id=product_id,
            quantity=quantity,
            unit=product.unit,
            wanted_on=wanted_on,
            place=place,
            note=note,
            asked_by=by,
            asked_at=now,
        )
        await _tell(quotation, "asked", now)
        await queue.add(ASK_SMS, {"quotation": quotation.id}, dedupe_key=f"{ASK_SMS}:{quotation.id}")
    return quotation.reference


async def answer(quotation_id: int, offer: Offer, acting: Acting, *, today: date, now: datetime) -> None:
    """Offer a price; an offer the hotel has not decided on may be replaced by a new one."""
    async with db.transaction():
        quotation = await _moving(quotation_id, State.ANSWERED)
        rules.check_offer(offer, quotation.quantity, today)
        await _change(
            quotation,
            State.ANSWERED,
            unit_price_minor=offer.unit_price_minor,
            delivery_minor=offer.delivery_minor,
            total_minor=offer.total(quotation.quantity),
            deliver_on=offer.deliver_on,
            valid_until=offer.valid_until,
            answer=offer.answer,
            answered_by=acting.person_id,
            answered_for=acting.agent_id,
            answered_at=now,
        )
        await service.note_act(quotation.supplier_id, "answered", acting, now, quotation.reference)
        await _tell(quotation, "answered", now)


async def decline(quotation_id: int, reason: str, acting: Acting, *, now: datetime) -> None:
    """The supplier cannot deliver."""
    async with db.transaction():
        quotation = await _moving(quotation_id, State.DECLINED)
        await _change(
            quotation,
            State.DECLINED,
            reason=reason,
            answered_by=acting.person_id,
            answered_for=acting.agent_id,
            answered_at=now,
        )
        await service.note_act(quotation.supplier_id, "declined", acting, now, quotation.reference)
        await _tell(quotation, "declined", now)


async def accept(quotation_id: int, *, by: int, total_minor: int, today: date, now: datetime) -> None:
    """The hotel takes the offer of exactly `total_minor`; it becomes a purchase to expect.

    Refused when the offer's time is over, or when the supplier changed it since the hotel looked.
    """
    async with db.transaction():
        quotation = await _moving(quotation_id, State.ACCEPTED)
        if (
            quotation.total_minor != total_minor
            or quotation.valid_until is None
            or quotation.deliver_on is None
        ):
            raise Refused("offer_changed", lazy("The supplier changed this offer. Please look at it again."))
        rules.check_acceptance(quotation.valid_until, today)
        await _change(quotation, State.ACCEPTED, decided_by=by, decided_at=now)
        product = await Product.get(id=quotation.product_id)
        await ExpectedPurchase.create(
            quotation_id=quotation.id,
            hotel_id=quotation.hotel_id,
            supplier_id=quotation.supplier_id,
            product_id=quotation.product_id,
            category=product.category,
            quantity=quotation.quantity,
            unit=quotation.unit,
            net_minor=total_minor,
            currency="IDR",
            expected_on=quotation.deliver_on,
            accepted_by=by,
            created_at=now,
        )
        await _tell(quotation, "accepted", now)


async def refuse(quotation_id: int, reason: str, *, by: int, now: datetime) -> None:
    """The hotel does not take the offer."""
    async with db.transaction():
        quotation = await _moving(quotation_id, State.REFUSED)
        await _change(quotation, State.REFUSED, reason=reason, decided_by=by, decided_at=now)
        await _tell(quotation, "refused", now)


async def withdraw(quotation_id: int, *, by: int, now: datetime) -> None:
    """The hotel no longer needs an answer."""
    async with db.transaction():
        quotation = await _moving(quotation_id, State.WITHDRAWN)
        await _change(quotation, State.WITHDRAWN, decided_by=by, decided_at=now)
        await _tell(quotation, "withdrawn", now)


async def _moving(quotation_id: int, following: State) -> Quotation:
    # PostgreSQL holds the row until the end of the transaction; on SQLite a transaction already is alone.
    quotation = await Quotation.filter(id=quotation_id).select_for_update().first()
    if quotation is None:
        raise NotFound
    if not rules.may_become(State(quotation.state), following):
        raise rules.WrongTurn
    return quotation


async def _change(quotation: Quotation, following: State, **columns: Any) -> None:
    quotation.update_from_dict({"state": following.value, **columns})
    await quotation.save()


async def _tell(quotation: Quotation, what: str, now: datetime) -> None:
    """Queue the mail of this step. Only an answer may come again, so its moment tells one from the next."""
    step = f"{quotation.id}:{what}:{int(now.timestamp() * 1000)}"
    await queue.add(
        TELL, {"quotation": quotation.id, "what": what, "step": step}, dedupe_key=f"{TELL}:{step}"
    )
