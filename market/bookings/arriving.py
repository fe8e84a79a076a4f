"""Checking guests in, taking that back, and saying that nobody came.

A check-in may come late from a phone that had no signal: it is judged by the time the phone states, within
bounds (`arrival_rules`), and the same `key` again changes nothing. What follows a no-show is in `absences`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from market import db
from market.bookings import arrival_rules as rules
from market.bookings import rows, stock, story
from market.bookings.arrival_rules import How, Outcome
from market.bookings.cancelling import refund_now
from market.bookings.rows import BookingRow
from market.bookings.states import State, WrongState
from market.db.sql import as_instant, as_json, to_json
from market.errors import Refused
from market.outbox import queue
from market.values.text import lazy


class OutsideWindow(Refused):
    """Too early or too late to check this guest in; `opens_at` and `closes_at` say when it would be right."""

    code = "outside_window"
    message = lazy("Guests can be checked in from 12 hours before the start until the end of the visit.")


class AlreadyCheckedIn(Refused):
    """Somebody was faster; `at` is when that guest arrived."""

    code = "already_checked_in"
    message = lazy("This guest is already checked in.")


class NotExpected(Refused):
    """The booking was cancelled, lapsed or never confirmed; `state` is where it stands."""

    code = "not_expected"
    message = lazy("This booking is not confirmed any more. Nobody is expected.")


class ImplausibleTime(Refused):
    """The device's clock cannot be right, or it kept the check-in for more than a week."""

    code = "implausible_time"
    message = lazy("The time on this phone cannot be right. Check in again from the list.")


class NightsGone(Refused):
    """The guest had been called a no-show, and the nights that came free are sold."""

    code = "nights_gone"
    message = lazy(
        "This booking was marked as not arrived, and its nights have been sold since. Please write to us."
    )


class TooLateToUndo(Refused):
    """A check-in can be taken back for 24 hours."""

    code = "too_late_to_undo"
    message = lazy("A check-in can be taken back for 24 hours and until the visit ends. Please write to us.")


class TooEarlyForNoShow(Refused):
    """A guest may still be on the way; `from_at` is when one may say that nobody came."""

    code = "too_early_for_no_show"
    message = lazy("You can say that nobody came from 24 hours after the start. The guest may still arrive.")


@dataclass(frozen=True, slots=True)
class Arrived:
    """A check-in that counts. `fresh` is false when the same one had come before."""

    reference: str
    at: datetime
    fresh: bool


async def check_in(
    reference: str,
    *,
    by: int | None,
    now: datetime,
    at: datetime | None = None,
    key: str | None = None,
    how: How = How.LIST,
    actor: str = story.HOST,
) -> Arrived:
    """The guest is here, at the stated time `at` (now when none is given).

    Safe to repeat with the same `key`. Raises OutsideWindow, ImplausibleTime, AlreadyCheckedIn, NotExpected, or
    NightsGone; NotFound when there is no such booking. Whose booking it is, is the caller's question.
    """
    async with db.transaction():
        booking = await rows.lock(reference)
        known = await _known(booking, key)
        if known is not None:
            return known
        stated = rules.stated_time(at, now)
        if stated is None:
            raise ImplausibleTime(at=at)
        await _refuse_unless_expected(booking, stated)
        if booking.state is State.COMPLETED:
            # The visit ended before the phone found a signal: that the guest came is kept, nothing else moves.
            await story.note(
                booking.id, "arrived_late", booking.state, booking.state, actor=actor, now=now, person_id=by
            )
        else:
            await _back_from_no_show(booking, by, now)
            await story.move(booking, State.CHECKED_IN, name="checked_in", actor=actor, now=now, person_id=by)
            await story.tell(booking, "checked_in")
        await _keep(booking, "in", how, stated, now, by, key)
        return Arrived(booking.reference, stated, fresh=True)


async def _known(booking: BookingRow, key: str | None) -> Arrived | None:
    """The check-in that this key brought before. A key of another booking is a stranger's and counts as none."""
    if key is None:
        return None
    row = await db.fetch_one(
        "SELECT stated_at FROM check_in WHERE booking_id = $1 AND key = $2", booking.id, _key(booking, key)
    )
    return Arrived(booking.reference, as_instant(row["stated_at"]), fresh=False) if row else None


def _key(booking: BookingRow, key: str) -> str:
    return f"{booking.reference}:{key}"


async def _refuse_unless_expected(booking: BookingRow, stated: datetime) -> None:
    last = await last_check_in(booking.id)
    if booking.state is State.CHECKED_IN or (booking.state is State.COMPLETED and last is not None):
        raise AlreadyCheckedIn(at=last.stated_at if last else None)
    settled = booking.state is State.COMPLETED and await _was_no_show(booking.id)
    if settled or booking.state not in {State.CONFIRMED, State.NO_SHOW, State.COMPLETED}:
        raise NotExpected(state=booking.state.value)
    if not rules.in_window(stated, starts_at=booking.starts_at, ends_at=booking.ends_at):
        raise OutsideWindow(opens_at=booking.starts_at - rules.OPENS_BEFORE, closes_at=booking.ends_at)


async def _was_no_show(booking_id: int) -> bool:
    """Whether it was settled that nobody came."""
    row = await db.fetch_one(
        "SELECT id FROM no_show WHERE booking_id = $1 AND outcome = $2", booking_id, Outcome.STANDS.value
    )
    return row is not None


async def _back_from_no_show(booking: BookingRow, by: int | None, now: datetime) -> None:
    """The host had said that nobody came, and was wrong: the freed nights are taken back, if they are free."""
    if booking.state is not State.NO_SHOW:
        return
    await retake_freed(booking, now)
    await db.execute(
        "UPDATE no_show SET outcome = $2, settled_at = $3, settled_by = $4"
        " WHERE booking_id = $1 AND settled_at IS NULL",
        booking.id,
        Outcome.ARRIVED.value,
        now,
        by,
    )


async def retake_freed(booking: BookingRow, now: datetime) -> None:
    """Take back what a no-show freed of nights still to come. Raises NightsGone when somebody has them."""
    row = await db.fetch_one(
        "SELECT freed FROM no_show WHERE booking_id = $1 AND settled_at IS NULL", booking.id
    )
    needs = [stock.Need(slot, quantity) for slot, quantity in as_json(row["freed"])] if row else []
    if not needs:
        return
    try:
        await stock.take(booking.id, sorted(needs, key=lambda need: need.slot_id), now)
    except stock.SoldOut as error:
        raise NightsGone from error
    await stock.confirm(booking.id)


async def undo_check_in(reference: str, *, by: int | None, reason: str, now: datetime) -> None:
    """It was the wrong name: back to confirmed, with the reason in the story. Raises TooLateToUndo, WrongState."""
    async with db.transaction():
        booking = await rows.lock(reference)
        if booking.state is not State.CHECKED_IN:
            raise WrongState(state=booking.state.value)
        last = await last_check_in(booking.id)
        if last is None or not rules.may_undo(received_at=last.received_at, ends_at=booking.ends_at, now=now):
            raise TooLateToUndo
        await story.move(
            booking,
            State.CONFIRMED,
            name="check_in_undone",
            actor=story.HOST,
            now=now,
            person_id=by,
            reason=reason,
        )
        await _keep(booking, "undone", How(last.how), now, now, by, None, reason)


@dataclass(frozen=True, slots=True)
class CheckedIn:
    """The check-in that counts for a booking now."""

    how: str
    stated_at: datetime
    received_at: datetime


async def last_check_in(booking_id: int) -> CheckedIn | None:
    """How and when a booking's guest was last checked in; None when nobody was, or it was taken back."""
    row = await db.fetch_one(
        "SELECT act, how, stated_at, received_at FROM check_in WHERE booking_id = $1 ORDER BY id DESC LIMIT 1",
        booking_id,
    )
    if row is None or row["act"] != "in":
        return None
    return CheckedIn(row["how"], as_instant(row["stated_at"]), as_instant(row["received_at"]))


async def _keep(
    booking: BookingRow,
    act: str,
    how: How,
    stated: datetime,
    now: datetime,
    by: int | None,
    key: str | None,
    reason: str = "",
) -> None:
    await db.execute(
        "INSERT INTO check_in (booking_id, act, how, stated_at, received_at, person_id, key, reason)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        booking.id,
        act,
        how.value,
        stated,
        now,
        by,
        _key(booking, key) if key is not None else None,
        reason,
    )


async def no_show(
    reference: str, *, by: int | None, now: datetime, actor: str = story.HOST, reason: str = ""
) -> datetime:
    """Nobody came: the nights still to come are freed, and the money waits; until when the guest may answer.

    The refund is what the terms give for a cancellation at this moment. Raises TooEarlyForNoShow, WrongState.
    """
    async with db.transaction():
        booking = await rows.lock(reference)
        if booking.state is not State.CONFIRMED:
            raise WrongState(state=booking.state.value)
        if not rules.may_state_no_show(starts_at=booking.starts_at, now=now):
            raise TooEarlyForNoShow(from_at=booking.starts_at + rules.NO_SHOW_AFTER)
        refund = refund_now(booking, now)
        freed = await _free_nights(booking, now)
        until = now + rules.CONTEST_FOR
        await story.move(
            booking, State.NO_SHOW, name="no_show", actor=actor, now=now, person_id=by, reason=reason
        )
        await db.execute(
            "INSERT INTO no_show (booking_id, stated_at, stated_by, contest_until, refund_minor, freed, note)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7)",
            booking.id,
            now,
            by,
            until,
            refund.amount,
            to_json(freed),
            reason,
        )
        await story.tell(booking, "no_show")
        await queue.add("arrivals.tell", {"booking": booking.reference, "what": "no_show"})
    return until


async def _free_nights(booking: BookingRow, now: datetime) -> list[tuple[int, int]]:
    """Give the nights of a stay that have not begun back on sale; (slot, quantity) of each."""
    if booking.nights is None:
        return []
    before = {
        (part.id, part.slot_id, part.quantity) for part in await stock.owned(booking.id, state="confirmed")
    }
    await stock.release(booking.id, not_before=now)
    after = {
        (part.id, part.slot_id, part.quantity) for part in await stock.owned(booking.id, state="confirmed")
    }
    return sorted((slot, quantity) for _, slot, quantity in before - after)
