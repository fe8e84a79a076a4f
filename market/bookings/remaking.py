"""Making a booking again that the card provider knows of and we do not: it was made after the backup we run on.

The stock is taken by the one capacity rule and the price is today's; where either does not fit what was paid, nothing
is made and a person decides. The payment itself is confirmed on the usual way, by what the provider reports.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tortoise.exceptions import IntegrityError

from market import db
from market.bookings import orders, placing, rows, stock, story
from market.bookings.checks import Unbookable
from market.bookings.orders import NotAnOrder, Order
from market.bookings.quote import quote
from market.bookings.states import State
from market.errors import NotFound

_ACTOR: Final = story.PROVIDER


class CannotRemake(RuntimeError):
    """The booking cannot be made again by itself; the words say why."""


@dataclass(frozen=True, slots=True)
class Lost:
    """What the provider knows of a booking: what was ordered, what was asked for it, and who paid."""

    reference: str
    order: str
    amount_minor: int
    method: str
    email: str
    name: str


async def remake(lost: Lost, *, now: datetime) -> None:
    """A held booking under its old reference; one that is here gets the guest it lacks. Raises CannotRemake."""
    if await _is_here(lost, now):
        return
    try:
        order = await orders.read(lost.order, now)
        await _make(lost, order, now)
    except NotAnOrder as error:
        raise CannotRemake(str(error)) from error
    except stock.SoldOut as error:
        raise CannotRemake("its places are taken") from error
    except Unbookable as error:
        raise CannotRemake("it cannot be booked any more") from error
    except IntegrityError as error:
        raise CannotRemake("another booking has its reference") from error


async def _is_here(lost: Lost, now: datetime) -> bool:
    try:
        booking = await rows.get(lost.reference)
    except NotFound:
        return False
    if not lost.order or booking.total_minor != lost.amount_minor:
        raise CannotRemake("this is not the payment of the whole booking")
    if not booking.guest_email:
        await _name_guest(booking.id, lost, now)
    return True


async def _make(lost: Lost, order: Order, now: datetime) -> None:
    priced = quote(order.offering, order.choice)
    if priced.total != lost.amount_minor:
        raise CannotRemake(
            f"it would cost {priced.total} rupiah today, and {lost.amount_minor} were asked for"
        )
    if order.choice.slot is not None and order.choice.slot.starts_at <= now:
        raise CannotRemake("it has begun already")
    async with db.transaction():
        booking_id, _ = await placing.place(
            order.offering,
            order.choice,
            priced,
            request_key=f"remade:{lost.reference}",
            locale=order.locale,
            person_id=None,
            now=now,
            reference=lost.reference,
        )
        await _name_guest(booking_id, lost, now)
        await story.note(booking_id, "remade", "", State.HELD, actor=_ACTOR, now=now)


async def _name_guest(booking_id: int, lost: Lost, now: datetime) -> None:
    await db.execute(
        "UPDATE booking SET guest_name = $2, guest_email = $3, method = $4, updated_at = $5 WHERE id = $1",
        booking_id,
        lost.name,
        lost.email.lower(),
        lost.method,
        now,
    )
