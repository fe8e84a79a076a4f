"""Changing a confirmed booking's dates or party: new stock first, the price difference shown, then the swap.

Only what is needed more is taken and only what is needed less is given back, so a party that grows by one on a
nearly full departure needs one seat, not all of them twice. A dearer change waits for its payment; a cheaper
one gives back the difference at the rate the cancellation terms give today. A booking of a village stays with
its family where that one can host, and goes to the next in turn otherwise. What the host agreed to in person is
changed by the two talking; what a standing allotment sold at once is changed as far as the allotment goes. The
row of a change under way is `amendments`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from market import db
from market.bookings import (
    alternatives,
    amendments,
    cancelling,
    checks,
    lapsing,
    paying,
    placing,
    rotation,
    rows,
    stock,
    story,
    waiting_offers,
)
from market.bookings.amendments import Amendment
from market.bookings.paying import Links
from market.bookings.policies import refund_due
from market.bookings.quote import Choice, Quote, quote
from market.bookings.rows import BookingRow
from market.bookings.states import State
from market.errors import Refused
from market.listings import allotments
from market.listings.offering import Offering
from market.outbox.tools import Tools
from market.payments import service as payments
from market.values.text import lazy
from market.villages import service as villages


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


class BeyondPromise(NotChangeable):
    """The listing is on request, and these days or places are more than the host has promised."""

    code = "beyond_promise"
    message = lazy(
        "These days or places are more than the host has promised to keep for guests, so the host is asked first."
        " Write to the host, and cancel here only once you have agreed."
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


def why_not(booking: BookingRow, now: datetime) -> type[NotChangeable] | None:
    """Why a confirmed booking that is ahead cannot be changed by its guest; None when it can. Says what to do."""
    if not booking.instant:
        return NotChangeable
    return TooLateToChange if now >= booking.cutoff_at else None


def preview(booking: BookingRow, offering: Offering, choice: Choice, now: datetime) -> Change:
    """Price a change without doing it. Raises Unbookable, NotChangeable or NothingChanged."""
    refusal = why_not(booking, now) if booking.state is State.CONFIRMED else NotChangeable
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


@dataclass(frozen=True, slots=True)
class Outlook:
    """How a change stands at this moment: whether its places are there, whether they are the host's to give, and
    which family of a village hosts it then.
    """

    free: bool
    agreed: bool
    host_id: int | None = None


async def outlook(booking: BookingRow, offering: Offering, choice: Choice, now: datetime) -> Outlook:
    """Whether a change would find its places, those the booking has already counted in. Reads only."""
    own = await stock.own_places(booking.id, now)
    agreed = await rotation.is_sure(offering, choice, now, own=own)
    if offering.pooled:
        hosts = await rotation.hosts_for_change(booking, offering, choice, now)
        return Outlook(bool(hosts), agreed, hosts[0].host_id if hosts else None)
    return Outlook(await alternatives.is_free(offering, choice, now, own=own), agreed)


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
    amendment = await _begin(booking, offering, choice, planned, now)
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


async def _begin(
    booking: BookingRow, offering: Offering, choice: Choice, planned: Change, now: datetime
) -> Amendment:
    """Write the change down with all the stock it takes, or raise SoldOut or BeyondPromise."""
    expires_at = now + (paying.PAYMENT_TIME if booking.method == "transfer" else placing.HOLD)
    amendment_id = await amendments.insert(
        booking,
        offering,
        choice,
        priced=planned.quote,
        difference=planned.difference,
        refund=planned.refund,
        expires_at=expires_at,
        now=now,
    )
    taken = await rotation.take_change(
        booking, offering, choice, amendment_id=amendment_id, expires_at=expires_at, now=now
    )
    # Asked after the taking, as for a new booking: two guests never share one promised place.
    promised = offering.instant or not taken.more
    if not promised and not await allotments.covers(offering.id, [n.slot_id for n in taken.more], now):
        raise BeyondPromise
    return await amendments.settle(amendment_id, taken)


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
    if amendment.turn is not None:
        await _change_host(booking, amendment, now)
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


async def _change_host(booking: BookingRow, amendment: Amendment, now: datetime) -> None:
    """The turn counts the nights as they are now; a family that hosts no longer is told, and from when on."""
    turn = amendment.turn
    if turn is None:
        raise ValueError("only a village's booking has a turn")
    await db.execute("UPDATE booking SET hosting_id = $2 WHERE id = $1", booking.id, turn.host_id)
    await villages.assign(
        booking.id,
        booking.listing_id,
        turn.host_id,
        turn.room_type_id,
        rooms=amendment.rooms,
        nights=amendment.nights,
        now=now,
    )
    if booking.hosting_id is not None and booking.hosting_id != turn.host_id:
        await story.tell(
            booking,
            "turn_over",
            amendment=amendment.reference,
            host=booking.hosting_id,
            was_from=booking.starts_on.isoformat(),
            was_to=booking.ends_on.isoformat(),
        )


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
        amendment = amendments.amendment(row)
        if booking.state is State.CONFIRMED and await _ready(booking, row["state"], amendment, now):
            await apply(booking, amendment, paid=amount, now=now, key=key)
            return
        await paying.give_back(booking, payment, amount, now, tell="change_too_late")


async def _ready(booking: BookingRow, state: str, amendment: Amendment, now: datetime) -> bool:
    """The change still holds its stock, or can take once more what is missing from the booking as it is now."""
    if state == "held":
        return True
    if state != "abandoned" or amendment.agreed_total != booking.total_minor:
        return False  # another change came between: this one's difference is not what it costs any more
    if amendment.turn is not None and amendment.turn.host_id != booking.hosting_id:
        return False  # the families' turns went on meanwhile
    missing = await stock.beyond_owned(booking.id, amendment.wanted)
    try:
        async with db.savepoint():
            if missing:
                await stock.take(booking.id, missing, now + placing.HOLD, amendment_id=amendment.id)
    except stock.SoldOut:
        return False
    return True
