"""YA, TIDAK and BATAL: what a code means now, and what may be done with it by SMS.

Declining needs nothing but the code. Accepting and cancelling need a code that left for this number in the last
ten minutes: the request's own, or a fresh one that is asked for first. Commands are idempotent by state.
"""

from __future__ import annotations

from dataclasses import dataclass

from market import db
from market.bookings import queries as bookings_queries
from market.bookings import rows as bookings
from market.bookings import service, story
from market.bookings.deciding import AnsweredTooLate, NotOffered
from market.bookings.queries import Event
from market.bookings.rows import BookingRow
from market.bookings.states import TAKEN_BACK, State, WrongState
from market.errors import NotFound
from market.sms import codes, replies, rules, said
from market.sms.asked import Answer, Asked, Outcome, answer
from market.sms.codes import Code, Purpose
from market.sms.grammar import Accept, Cancel, Decline, Unclear

_YES_STATES = frozenset({State.PAYMENT_DUE, State.CONFIRMED})
_GONE = frozenset({State.WITHDRAWN, State.CANCELLED_BY_GUEST} | TAKEN_BACK)
_LIST_ROOM = 70


@dataclass(frozen=True, slots=True)
class Named:
    """The booking a message is about, its code, and the one-time code that came along."""

    booking: BookingRow
    code: Code
    one_time: Code | None


# The commands --------------------------------------------------------------------------------------------
async def accept(asked: Asked, command: Accept) -> Answer:  # noqa: PLR0911 - each thing that may stand in the way
    """`YA 4821`. Without a code it asks, and never acts."""
    if command.code is None:
        return await ask_which(asked)
    found = await _named(asked, command.code, command.one_time)
    if isinstance(found, Answer):
        return found
    if found.one_time is not None and found.one_time.purpose is Purpose.CANCEL:
        return await _confirm_cancel(asked, found)
    booking = found.booking
    if booking.state is not State.REQUESTED:
        return await _settled(asked, found, wanted=_YES_STATES)
    if booking.deadline_at is not None and booking.deadline_at <= asked.now:
        return _late(asked, found)
    key = _key_for(found, Purpose.ACCEPT, asked)
    if key is None:
        return await _confirm_accept(asked, found)
    return await _accept(asked, found, key)


async def _accept(asked: Asked, found: Named, key: Code) -> Answer:
    reference = found.booking.reference
    try:
        async with db.savepoint():
            state = await service.accept(reference, by=None, actor=story.HOST, now=asked.now)
    except AnsweredTooLate:
        return _late(asked, found)
    except NotOffered:
        return answer(asked, replies.PAUSED, code=found.code.code)
    except WrongState:  # somebody answered on the web in this very moment
        return await _settled(asked, found, wanted=_YES_STATES)
    if key.purpose is not Purpose.BOOKING:
        await codes.use(key, asked.now)
    wording = replies.ACCEPTED if state is State.CONFIRMED else replies.ACCEPTED_UNPAID
    return _about(asked, wording, found, Outcome.DONE)


async def decline(asked: Asked, command: Decline) -> Answer:
    """`TIDAK 4821`: declines what waits; what was accepted asks for `BATAL 4821`."""
    if command.code is None:
        return await ask_which(asked)
    found = await _named(asked, command.code, None)
    return found if isinstance(found, Answer) else await _decline(asked, found)


async def _decline(asked: Asked, found: Named) -> Answer:
    booking = found.booking
    if booking.state is State.REQUESTED:
        if booking.deadline_at is not None and booking.deadline_at <= asked.now:
            return _late(asked, found)
        try:
            async with db.savepoint():
                await service.decline(booking.reference, by=None, actor=story.HOST, reason="", now=asked.now)
        except WrongState:
            return await _settled(asked, found, wanted=frozenset({State.DECLINED}))
        return answer(asked, replies.DECLINED, Outcome.DONE, code=found.code.code)
    if booking.state is State.CONFIRMED and booking.starts_at > asked.now:
        return await _confirm_cancel(asked, found)
    return await _settled(asked, found, wanted=frozenset({State.DECLINED}))


async def cancel(asked: Asked, command: Cancel) -> Answer:
    """`BATAL 4821 5937`: cancels what was accepted. Before that it is a plain no."""
    if command.code is None:
        return await ask_which(asked)
    found = await _named(asked, command.code, command.one_time)
    if isinstance(found, Answer):
        return found
    booking = found.booking
    if booking.state is not State.CONFIRMED or booking.starts_at <= asked.now:
        return await _decline(asked, found)
    key = found.one_time
    if key is None or key.purpose is not Purpose.CANCEL or not key.counts(asked.now):
        return await _confirm_cancel(asked, found)
    try:
        async with db.savepoint():
            await service.cancel_by_host(
                booking.reference, by=None, actor=story.HOST, reason="", now=asked.now
            )
    except WrongState:
        return await _settled(asked, found, wanted=_GONE)
    await codes.use(key, asked.now)
    return _about(asked, replies.CANCELLED, found, Outcome.DONE)


async def unclear(asked: Asked, command: Unclear) -> Answer:
    """A code with both yes and no, or with neither: ask."""
    found = await _named(asked, command.code, None)
    return found if isinstance(found, Answer) else answer(asked, replies.UNCLEAR, code=found.code.code)


async def ask_which(asked: Asked) -> Answer:
    """An answer without a code: name the one request that waits with what to send, or list them."""
    waiting = await list_waiting(asked)
    if not waiting:
        return answer(asked, replies.NOTHING_WAITS)
    if len(waiting) > 1:
        words = _list(asked, waiting)
        return answer(asked, replies.SEVERAL_WAIT, n=len(waiting), waiting=words)
    found = waiting[0]
    locale = asked.number.locale
    yes = f"YA {found.code.code}"
    if not found.code.counts(asked.now) and found.code.created_at != asked.now:
        one = await _one_time(asked, found, Purpose.ACCEPT)
        yes = f"{yes} {one.code} {replies.WITHIN.say(locale)}"
    return _about(asked, replies.ONE_WAITS, found, Outcome.CODE_ASKED, yes=yes)


# What a code means ---------------------------------------------------------------------------------------
async def _named(asked: Asked, code: str, one_time: str | None) -> Named | Answer:
    """The booking behind a code of this number, or what to say instead."""
    if await is_locked(asked):
        return answer(asked, replies.LOCKED, Outcome.WRONG_CODE)
    own = await codes.find(asked.number.id, code)
    if own is None:
        return await _wrong_code(asked, code)
    key = await codes.find(asked.number.id, one_time) if one_time is not None else None
    if own.purpose is Purpose.REOPEN:
        return answer(asked, replies.CODE_OVER, code=code)
    if own.purpose is not Purpose.BOOKING:  # the one-time code alone names its booking, too
        key, own = (
            own,
            await codes.for_booking(asked.number.id, own.subject, delivery_key=asked.key, now=asked.now),
        )
    try:
        booking = await bookings.get(own.subject)
    except NotFound:
        return await _wrong_code(asked, code)
    if asked.number.organisation_id not in booking.host_ids:
        return answer(asked, replies.NOT_YOURS, Outcome.WRONG_CODE, code=code)
    if key is not None and key.subject != own.subject:
        key = None
    return Named(booking, own, key)


async def _wrong_code(asked: Asked, code: str) -> Answer:
    if await codes.is_known(code):
        return answer(asked, replies.NOT_YOURS, Outcome.WRONG_CODE, code=code)
    waiting = await list_waiting(asked)
    if not waiting:
        return answer(asked, replies.NO_SUCH_CODE_NOTHING_WAITS, Outcome.WRONG_CODE, code=code)
    words = _list(asked, waiting)
    return answer(asked, replies.NO_SUCH_CODE, Outcome.WRONG_CODE, code=code, waiting=words)


async def is_locked(asked: Asked) -> bool:
    """Whether this number guessed too often: a forger must not try all codes within their ten minutes."""
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM sms_inbound WHERE number_id = $1 AND outcome = 'wrong_code'"
        " AND received_at > $2",
        asked.number.id,
        asked.now - rules.WRONG_WINDOW,
    )
    return row is not None and int(row["n"]) >= rules.MOST_WRONG_CODES


async def list_waiting(asked: Asked) -> list[Named]:
    """The requests this host can still answer, most urgent first, each with its code for this number."""
    views = await bookings_queries.list_for_host([asked.number.organisation_id], [State.REQUESTED.value])
    open_ones = [v.row for v in views if v.row.deadline_at is None or v.row.deadline_at > asked.now]
    open_ones.sort(key=lambda row: row.deadline_at or row.starts_at)
    return [
        Named(
            row,
            await codes.for_booking(asked.number.id, row.reference, delivery_key=asked.key, now=asked.now),
            None,
        )
        for row in open_ones
    ]


def _list(asked: Asked, waiting: list[Named]) -> str:
    locale = asked.number.locale
    parts = [f"{w.code.code} ({said.booking(w.booking, locale).span})" for w in waiting]
    return said.as_many(parts, _LIST_ROOM)


def _key_for(found: Named, purpose: Purpose, asked: Asked) -> Code | None:
    """The code that allows this act now: a one-time code for it, or a booking's own that left just now."""
    if found.one_time is not None and found.one_time.purpose is purpose and found.one_time.counts(asked.now):
        return found.one_time
    return found.code if found.code.counts(asked.now) else None


async def _one_time(asked: Asked, found: Named, purpose: Purpose) -> Code:
    return await codes.one_time(
        asked.number.id, purpose, found.booking.reference, delivery_key=asked.key, now=asked.now
    )


async def _confirm_accept(asked: Asked, found: Named) -> Answer:
    one = await _one_time(asked, found, Purpose.ACCEPT)
    return _about(asked, replies.CONFIRM_ACCEPT, found, Outcome.CODE_ASKED, one=one.code)


async def _confirm_cancel(asked: Asked, found: Named) -> Answer:
    one = await _one_time(asked, found, Purpose.CANCEL)
    return answer(asked, replies.CONFIRM_CANCEL, Outcome.CODE_ASKED, code=found.code.code, one=one.code)


# What a settled booking answers --------------------------------------------------------------------------
async def _settled(  # noqa: PLR0911 - one answer a state
    asked: Asked, found: Named, *, wanted: frozenset[State]
) -> Answer:
    """A repeated or late answer: say where the booking stands. Nothing changes."""
    booking, code = await bookings.get(found.booking.reference), found.code.code
    if booking.state is State.EXPIRED:
        return _late(asked, found)
    if booking.state is State.DECLINED:
        return answer(asked, replies.DECLINED_BEFORE, code=code, when=await _when(asked, booking))
    if booking.state in _GONE:
        return answer(asked, replies.GONE, code=code, when=await _when(asked, booking))
    if booking.state is State.PAYMENT_DUE and booking.state not in wanted:
        until = said.moment(booking.expires_at or asked.now, asked.number.locale)
        return answer(asked, replies.WAITS_FOR_PAYMENT, code=code, until=until)
    if booking.state in wanted:
        return answer(asked, replies.ACCEPTED_BEFORE, code=code, when=await _when(asked, booking))
    if booking.state in {State.COMPLETED, State.NO_SHOW} or booking.ends_at <= asked.now:
        return answer(asked, replies.OVER, code=code)
    return answer(asked, replies.UNDER_WAY, code=code)


async def _when(asked: Asked, booking: BookingRow) -> str:
    """When the host said yes, or when the booking ended."""
    events = await bookings_queries.story_of(booking.id)
    decided = next((event for event in events if _is_yes(event)), None)
    event = decided if booking.state in _YES_STATES and decided is not None else events[-1]
    return said.past(event.at, asked.now, asked.number.locale)


def _is_yes(event: Event) -> bool:
    return event.from_state == State.REQUESTED and event.to_state in _YES_STATES


def _late(asked: Asked, found: Named) -> Answer:
    deadline = found.booking.deadline_at or found.booking.expires_at or asked.now
    return answer(asked, replies.LATE, code=found.code.code, until=said.moment(deadline, asked.number.locale))


def _about(asked: Asked, wording: replies.Wording, found: Named, outcome: Outcome, **facts: object) -> Answer:
    """A reply with the booking's party, days and deadline; never the guest's name."""
    locale = asked.number.locale
    booking = said.booking(found.booking, locale)
    deadline = found.booking.deadline_at
    until = said.moment(deadline, locale) if deadline is not None else ""
    return answer(
        asked,
        wording,
        outcome,
        code=found.code.code,
        guests=booking.guests,
        span=booking.span,
        until=until,
        **facts,
    )
