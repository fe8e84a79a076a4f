"""Changing a confirmed booking's dates or party: new stock first, the price difference shown, then the swap.

Only what is needed more is taken and only what is needed less is given back, so a party that grows by one on a
nearly full departure needs one seat, not all of them twice. A dearer change waits for its payment; a cheaper
one gives back the difference at the rate the cancellation terms give today. On-request listings are changed by
the host and guest talking, because the host agreed to these days and this party.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from market import db
from market.bookings import (
    alternatives,
    cancelling,
    checks,
    lapsing,
    paying,
    placing,
    rows,
    stock,
    story,
    waiting_offers,
)
from market.bookings.paying import Links
from market.bookings.policies import refund_due
from market.bookings.quote import Choice, Quote, quote
from market.bookings.rows import BookingRow
from market.bookings.states import State
from market.db.sql import Row, as_date, as_instant, as_json, to_json
from market.errors import Refused
from market.listings.offering import Offering
from market.outbox.tools import Tools
from market.payments import service as payments
from market.values.ids import new_reference
from market.values.text import lazy


class PriceChanged(Refused):
    """The difference is not the one that was shown; `difference` is today's."""

    code = "price_changed"
    message = lazy(
        "The price has changed since you opened this page. Please look at it again before you confirm."
    )


class NotChangeable(Refused):
    """This booking is changed by talking to the host."""

    code = "not_changeable"
    message = lazy("The host agreed to these days and this party. Please write to the host to change them.")


class TurnOfFamily(NotChangeable):
    """A family of the village hosts these days in its turn."""

    message = lazy(
        "A family of the village has its turn on these days, so they are not changed here. Write to the village: it"
        " finds other days with you, and the family is told."
    )


class OnlyPromised(NotChangeable):
    """The listing is on request; these days were confirmed at once because the host had promised them."""

    message = lazy(
        "The host had promised just these days, so they were confirmed at once; other days or another party are the"
        " host's to agree to. Write to the host, and cancel here only once you have agreed on new ones."
    )


class TooLateToChange(NotChangeable):
    """The cut-off has passed."""

    message = lazy(
        "It begins too soon to be changed here. Write to the host: perhaps something can be arranged."
    )


class NothingChanged(Refused):
    """The choice is the one already booked."""

    code = "nothing_changed"
    message = lazy("This is what you have already booked.")


@dataclass(frozen=True, slots=True)
class Change:
    """What a change would cost: positive `difference` to pay, or `refund` that comes back."""

    quote: Quote
    difference: int
    refund: int


def can_change(booking: BookingRow, now: datetime) -> bool:
    """Confirmed, instant, and before the cut-off; not with a family whose turn it is for these days."""
    return booking.state is State.CONFIRMED and _refusal(booking, now) is None


def _refusal(booking: BookingRow, now: datetime) -> type[NotChangeable] | None:
    if booking.hosting_id is not None:
        return TurnOfFamily
    if not booking.instant:
        return NotChangeable
    return TooLateToChange if now >= booking.cutoff_at else None


async def why_not(booking: BookingRow, now: datetime) -> type[NotChangeable] | None:
    """Why a confirmed booking that is ahead cannot be changed by its guest; None when it can. Says what to do."""
    refusal = _refusal(booking, now)
    if refusal is not None:
        return refusal
    row = await db.fetch_one("SELECT instant FROM listing WHERE id = $1", booking.listing_id)
    return None if row is not None and row["instant"] else OnlyPromised


def preview(booking: BookingRow, offering: Offering, choice: Choice, now: datetime) -> Change:
    """Price a change without doing it. Raises Unbookable, NotChangeable or NothingChanged."""
    refusal = _refusal(booking, now) if booking.state is State.CONFIRMED else NotChangeable
    if refusal is None and not offering.instant:
        refusal = OnlyPromised  # where the host answers, only what was promised is sure
    if refusal is not None:
        raise refusal
    found = checks.problems(offering, choice, now)
    if found:
        raise checks.Unbookable(found)
    if _same(booking, choice):
        raise NothingChanged
    priced = quote(offering, choice)
    difference = priced.total - booking.total_minor
    refund = 0
    if difference < 0 and booking.balance:
        confirmed_at = booking.confirmed_at or booking.held_at
        refund = refund_due(
            booking.policy,
            paid=min(-difference, booking.balance),
            starts_at=booking.starts_at,
            confirmed_at=confirmed_at,
            now=now,
        ).amount
    return Change(priced, difference, refund)


async def has_room(booking: BookingRow, offering: Offering, choice: Choice, now: datetime) -> bool:
    """Whether a change would find its places, those the booking has already counted in. Reads only."""
    own = await stock.own_places(booking.id, now)
    return await alternatives.is_free(offering, choice, now, own=own)


def _same(booking: BookingRow, choice: Choice) -> bool:
    room = booking.offer["room"]
    return (
        choice.party == booking.party
        and (choice.slot.id if choice.slot else None) == booking.slot_id
        and (choice.nights is None or choice.nights == booking.nights)
        and (choice.room is None or (room is not None and choice.room.id == room["id"]))
        and (choice.room is None or choice.rooms == booking.offer["rooms"])
        and {k: v for k, v in choice.extras.items() if v} == booking.extras
    )


async def change(
    reference: str,
    *,
    offering: Offering,
    choice: Choice,
    shown_difference: int,
    tools: Tools,
    links: Links,
    description: str,
    now: datetime,
) -> str | None:
    """Change a booking; the address where the difference is paid, or None when it is done.

    Raises SoldOut, PriceChanged, Unbookable, NotChangeable or NothingChanged; the booking then stays as it was.
    """
    await waiting_offers.serve_first(offering.id, now)
    for last_try in (False, True):
        try:
            async with db.transaction():
                payment = await _change(reference, offering, choice, shown_difference, now)
            break
        except stock.SoldOut as full:
            if last_try or not await lapsing.lapse_on(full.slot_id, now):
                raise
    else:
        raise AssertionError
    if payment is None:
        return None
    booking = await rows.get(reference)
    return await payments.begin(
        payment,
        tools=tools,
        description=description,
        email=booking.guest_email,
        locale=booking.locale,
        return_url=links.done,
        cancel_url=links.back,
    )


async def _change(
    reference: str, offering: Offering, choice: Choice, shown_difference: int, now: datetime
) -> str | None:
    booking = await rows.lock(reference)
    await lapsing.drop_open_changes(booking, now)
    planned = preview(booking, offering, choice, now)
    if planned.difference != shown_difference:
        raise PriceChanged(difference=planned.difference)
    amendment = await _insert(booking, offering, choice, planned, now)
    more = await _more(booking, offering, choice)
    if more:
        await stock.take(booking.id, more, amendment.expires_at, amendment_id=amendment.id)
    if planned.difference <= 0 or booking.method == "on_arrival":
        await apply(booking, amendment, paid=0, now=now)
        return None
    return await payments.open_payment(
        booking_reference=booking.reference,
        purpose="amendment",
        subject=amendment.reference,
        method=booking.method,
        amount_minor=planned.difference,
        capture_later=False,
        expires_at=amendment.expires_at,
        now=now,
    )


async def _more(booking: BookingRow, offering: Offering, choice: Choice) -> list[stock.Need]:
    """What the choice takes beyond what the booking already owns, ascending by slot."""
    owned: Counter[int] = Counter()
    for part in await stock.owned(booking.id, state="confirmed"):
        owned[part.slot_id] += part.quantity
    wanted = {need.slot_id: need.quantity for need in await stock.needs(offering, choice)}
    return [
        stock.Need(slot_id, wanted[slot_id] - owned[slot_id])
        for slot_id in sorted(wanted)
        if wanted[slot_id] > owned[slot_id]
    ]


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change under way. `values` are the booking's new columns; `wanted` its stock when it is done."""

    id: int
    reference: str
    booking_id: int
    expires_at: datetime
    difference: int
    refund: int
    values: dict[str, object]
    wanted: dict[int, int]


async def _insert(
    booking: BookingRow, offering: Offering, choice: Choice, planned: Change, now: datetime
) -> Amendment:
    when = placing.span(offering, choice)
    wanted = {need.slot_id: need.quantity for need in await stock.needs(offering, choice)}
    offer = placing.offer_json(offering, choice, planned.quote)
    # The cancellation terms stay those of the day of booking; only the price and the days change.
    offer["policy"] = booking.offer["policy"]
    offer["wanted"] = {str(slot_id): quantity for slot_id, quantity in wanted.items()}
    wait = paying.PAYMENT_TIME if booking.method == "transfer" else placing.HOLD
    columns: dict[str, object] = {
        "reference": new_reference(),
        "booking_id": booking.id,
        "state": "held",
        "slot_id": choice.slot.id if choice.slot else None,
        "starts_on": when.starts_on,
        "ends_on": when.ends_on,
        "starts_at": when.starts_at,
        "ends_at": when.ends_at,
        "cutoff_at": when.cutoff_at,
        "adults": choice.party.adults,
        "children": choice.party.children,
        "infants": choice.party.infants,
        "total_minor": planned.quote.total,
        "difference_minor": planned.difference,
        "refund_minor": planned.refund,
        "offer": to_json(offer),
        "expires_at": now + wait,
        "created_at": now,
    }
    places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    row = await db.fetch_one(
        f"INSERT INTO amendment ({', '.join(columns)}) VALUES ({places}) RETURNING *", *columns.values()
    )
    if row is None:
        raise AssertionError("an insert returns its row")
    return _amendment(row)


def _amendment(row: Row) -> Amendment:
    offer = as_json(row["offer"])
    wanted = {int(slot_id): quantity for slot_id, quantity in offer.pop("wanted").items()}
    values: dict[str, object] = {
        "slot_id": row["slot_id"],
        "starts_on": as_date(row["starts_on"]),
        "ends_on": as_date(row["ends_on"]),
        **{name: as_instant(row[name]) for name in ("starts_at", "ends_at", "cutoff_at")},
        **{name: row[name] for name in ("adults", "children", "infants", "total_minor")},
        "offer": to_json(offer),
    }
    return Amendment(
        row["id"],
        row["reference"],
        row["booking_id"],
        as_instant(row["expires_at"]),
        row["difference_minor"],
        row["refund_minor"],
        values,
        wanted,
    )


async def apply(
    booking: BookingRow, amendment: Amendment, *, paid: int, now: datetime, key: str | None = None
) -> None:
    """Carry out a change whose stock is taken and whose price is settled."""
    await stock.confirm(booking.id, amendment_id=amendment.id)
    surplus: Counter[int] = Counter()
    for part in await stock.owned(booking.id, state="confirmed"):
        surplus[part.slot_id] += part.quantity
    for slot_id in sorted(surplus):
        extra = surplus[slot_id] - amendment.wanted.get(slot_id, 0)
        if extra > 0:
            await stock.give_back(booking.id, slot_id, extra)
    columns = {
        **amendment.values,
        "paid_minor": booking.paid_minor + paid,
        "refunded_minor": booking.refunded_minor + amendment.refund,
        "updated_at": now,
    }
    sets = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, start=2))
    await db.execute(f"UPDATE booking SET {sets} WHERE id = $1", booking.id, *columns.values())
    await db.execute("UPDATE amendment SET state = 'applied' WHERE id = $1", amendment.id)
    if booking.method == "on_arrival" and not booking.paid_minor:
        await paying.expect_on_arrival(await rows.get(booking.reference), now)
    await story.note(
        booking.id,
        "changed",
        booking.state,
        booking.state,
        actor=story.GUEST,
        now=now,
        reason=amendment.reference,
        key=key,
    )
    if amendment.refund:
        await _give_back(booking, amendment, now)
    await story.tell(booking, "changed", amendment=amendment.reference, refund=amendment.refund)


async def _give_back(booking: BookingRow, amendment: Amendment, now: datetime) -> None:
    key = f"chg:{amendment.reference}"
    await payments.cancelled(
        booking_reference=booking.reference,
        key=key,
        refund_minor=amendment.refund,
        rest=[],
        host_id=booking.paid_host_id,
        village_id=await cancelling.village_of(booking),
        now=now,
    )
    await payments.refund(
        booking_reference=booking.reference, amount_minor=amendment.refund, key=key, reason="changed", now=now
    )


async def payment_succeeded(
    reference: str, amendment_reference: str, payment: str, amount: int, now: datetime
) -> None:
    """The difference was paid: apply the change, or give the money back when its stock is gone."""
    key = f"paid:{payment}"
    async with db.transaction():
        booking = await rows.lock(reference)
        row = await db.fetch_one("SELECT * FROM amendment WHERE reference = $1", amendment_reference)
        if row is None or await story.has(key):
            return
        amendment = _amendment(row)
        if booking.state is State.CONFIRMED and await _ready(booking, row["state"], amendment, now):
            await apply(booking, amendment, paid=amount, now=now, key=key)
            return
        await paying.give_back(booking, payment, amount, now, tell="change_too_late")


async def _ready(booking: BookingRow, state: str, amendment: Amendment, now: datetime) -> bool:
    """The change still holds its stock, or can take it once more."""
    if state == "held":
        return True
    if state != "abandoned":
        return False
    try:
        async with db.savepoint():
            await stock.retake(booking.id, now + placing.HOLD, amendment_id=amendment.id)
    except stock.SoldOut:
        return False
    return True
