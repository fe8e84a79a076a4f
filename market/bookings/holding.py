"""Holding a choice for a visitor, and holding it a little longer. Nothing here waits for a network.

The row and its stock are written by `placing`; the end of a hold is in `lapsing`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from tortoise.exceptions import IntegrityError

from market import db
from market.bookings import checks, flooding, lapsing, placing, rows, stock, story, waiting_offers
from market.bookings.flooding import Holder
from market.bookings.placing import HOLD, Held
from market.bookings.quote import Choice, Quote, quote
from market.bookings.rows import BookingRow
from market.bookings.states import State, WrongState
from market.errors import TooMany
from market.listings.offering import Offering

LONGEST_HOLD = timedelta(minutes=60)
__all__ = ["HOLD", "LONGEST_HOLD", "Held", "extend", "hold", "set_expiry"]


async def hold(
    *,
    offering: Offering,
    choice: Choice,
    request_key: str,
    locale: str,
    person_id: int | None,
    now: datetime,
    holder: Holder | None = None,
) -> Held:
    """Hold a choice for 15 minutes at today's price, under today's terms.

    The same `request_key` again gives the same hold. Raises Unbookable with every reason, SoldOut, or TooMany
    when `holder` (whoever asks from outside) keeps too much already.
    """
    found = checks.problems(offering, choice, now)
    if found:
        raise checks.Unbookable(found)
    if holder is not None:
        try:
            await flooding.check_live(holder, now)
        except TooMany:
            existing = await _by_request_key(request_key)
            if existing is None:
                raise
            return existing
    await waiting_offers.serve_first(offering.id, now)
    priced = quote(offering, choice)
    for last_try in (False, True):
        try:
            return await _hold(offering, choice, priced, request_key, locale, person_id, now, holder)
        except stock.SoldOut as full:
            # The place may be kept only by a hold whose time has run out.
            if last_try or not await lapsing.lapse_on(full.slot_id, now):
                raise
        except IntegrityError:
            existing = await _by_request_key(request_key)
            if existing is None:
                raise
            return existing
    raise AssertionError


async def _by_request_key(request_key: str) -> Held | None:
    row = await db.fetch_one("SELECT * FROM booking WHERE request_key = $1", request_key)
    if row is None:
        return None
    booking = rows.booking_row(row)
    return Held(booking.reference, booking.expires_at or booking.held_at)


async def _hold(
    offering: Offering,
    choice: Choice,
    priced: Quote,
    request_key: str,
    locale: str,
    person_id: int | None,
    now: datetime,
    holder: Holder | None,
) -> Held:
    async with db.transaction(brief=True):
        booking_id, held = await placing.place(
            offering, choice, priced, request_key=request_key, locale=locale, person_id=person_id, now=now
        )
        if holder is not None:
            await flooding.count_new(holder, now)
        await story.note(booking_id, "held", "", State.HELD, actor=story.GUEST, person_id=person_id, now=now)
    return held


async def extend(reference: str, now: datetime) -> datetime:
    """Fifteen more minutes, at most an hour in all; the new end. Raises WrongState when the hold is over."""
    async with db.transaction(brief=True):
        booking = await rows.lock(reference)
        if booking.state is not State.HELD or booking.expires_at is None or booking.expires_at <= now:
            raise WrongState(state=booking.state.value)
        until = max(booking.expires_at, min(now + HOLD, booking.held_at + LONGEST_HOLD))
        await set_expiry(booking, until)
    return until


async def set_expiry(booking: BookingRow, until: datetime) -> None:
    """Keep a booking's stock held until `until`."""
    await db.execute("UPDATE booking SET expires_at = $2 WHERE id = $1", booking.id, until)
    await stock.prolong(booking.id, until)
