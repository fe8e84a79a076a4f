"""News for hosts who agreed to SMS: what happened to their bookings, and the one invitation.

A note is written when it may leave, not when the fact happened: by then the booking is read again, so nobody
is woken for, or told in the morning, what is no longer true.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from market import db
from market.bookings import rows as bookings
from market.bookings.rows import BookingRow
from market.bookings.states import SOLD, TAKEN_BACK, State
from market.calendars.letters import TELL_PHONES as SOLD_TWICE
from market.errors import NotFound
from market.notifications.sms_text import short_name
from market.outbox import queue
from market.outbox.registry import Payload
from market.register import reminding
from market.settings import Settings
from market.sms import codes, numbers, outgoing, replies, rules, said, supply, supply_replies
from market.sms.numbers import Number
from market.sms.replies import Wording

_NEWS: Final[dict[str, tuple[Wording, frozenset[State]]]] = {
    "requested": (replies.REQUEST, frozenset({State.REQUESTED})),
    "confirmed": (replies.BOOKED, SOLD),
    "changed": (replies.CHANGED, SOLD),
    "handed_on": (replies.BOOKED, SOLD),
    "withdrawn": (replies.GUEST_CANCELLED, frozenset({State.WITHDRAWN})),
    "cancelled_by_guest": (replies.GUEST_CANCELLED, frozenset({State.CANCELLED_BY_GUEST})),
    "expired": (replies.LATE, frozenset({State.EXPIRED})),
    "cancelled_by_host": (replies.CALLED_OFF, TAKEN_BACK),
    "cancelled_by_operator": (replies.CALLED_OFF, TAKEN_BACK),
    "force_majeure": (replies.CALLED_OFF, TAKEN_BACK),
    "called_off": (replies.TOO_FEW, TAKEN_BACK),
    "moved": (replies.CHANGED, SOLD),
}
"""What hosts hear, and the states in which it is still true when it leaves."""


async def booking_moved(payload: Payload, now: datetime) -> None:
    """Something happened to a booking: a note for each of its host's numbers, due when it may leave."""
    what = payload["what"]
    if what not in _NEWS:
        return
    try:
        booking = await bookings.get(payload["booking"])
    except NotFound:
        return
    if not booking.guest_email or await _is_own_doing(booking, what, payload):
        return
    arrives = booking.starts_at if what != "expired" else None
    once = payload.get("amendment") or payload.get("once") or ""
    hearing = await _numbers(booking, what)
    if not hearing:
        return
    async with db.transaction():
        for number in hearing:
            await queue.add(
                "sms.tell",
                {"number": number.id, "booking": booking.reference, "what": what, "once": once},
                due_at=rules.send_time(now, arrives),
                dedupe_key=f"sms.tell:{booking.reference}:{what}:{once}:{number.id}",
            )


async def _numbers(booking: BookingRow, what: str) -> list[Number]:
    """Who hears of it: the host's numbers, and those of the family whose turn it is; of a handing on only hers."""
    hosts = [booking.paid_host_id] if what == "handed_on" else sorted(booking.host_ids)
    return [number for host in hosts for number in await numbers.list_active(host)]


async def _is_own_doing(booking: BookingRow, what: str, payload: Payload) -> bool:
    """What a host did is answered where they did it; a hold that lapsed was never theirs to know."""
    if what == "confirmed":
        return booking.method == "on_arrival" and not booking.instant
    if what == "expired":
        return payload.get("was") == State.HELD.value
    if what == "called_off":
        return "was" in payload  # it was never accepted, so there is nothing to cancel
    if what == "cancelled_by_host":
        row = await db.fetch_one(
            "SELECT actor FROM booking_event WHERE booking_id = $1 ORDER BY id DESC LIMIT 1", booking.id
        )
        return row is None or row["actor"] == "host"
    return False


async def tell(payload: Payload, now: datetime) -> None:
    """Write one note, if its number still listens and it is still true; on a full day it waits for the morning."""
    what, once = payload["what"], payload["once"]
    wording, states = _NEWS[what]
    number = await numbers.get(payload["number"])
    booking = await bookings.get(payload["booking"])
    if number.state is not numbers.State.ACTIVE or booking.state not in states:
        return
    if what == "requested" and booking.deadline_at is not None and booking.deadline_at <= now:
        return
    key = f"sms.told:{booking.reference}:{what}:{once}:{number.id}"
    async with db.transaction():
        text = await _words(wording, number, booking, what, key, now)
        if not await outgoing.tell(number.number, text, locale=number.locale, key=key, now=now):
            morning = rules.next_morning(now)
            await queue.add("sms.tell", payload, due_at=morning, dedupe_key=f"{key}:{morning:%Y%m%d}")


async def remind_register(payload: Payload, now: datetime) -> None:
    """A stay's day to report foreign guests is nearly over: a note for each phone of its host, at a decent hour."""
    stay = await reminding.still_due(payload["booking"])
    if stay is None:
        return
    booking, due = stay.booking, rules.send_time(now)
    if due > now:
        await queue.add(
            "sms.remind_register",
            payload,
            due_at=due,
            dedupe_key=f"sms.remind_register:{booking.reference}:{due:%Y%m%d}",
        )
        return
    async with db.transaction():
        for number in await numbers.list_active(booking.paid_host_id):
            about = said.booking(booking, number.locale)
            text = replies.REGISTER.say(
                number.locale,
                name=about.name,
                span=about.span,
                until=said.moment(stay.due_at, number.locale),
            )
            key = f"sms.register:{booking.reference}:{stay.due_at:%Y%m%d%H}:{number.id}"
            await outgoing.tell(number.number, text, locale=number.locale, key=key, now=now)


async def sold_twice(payload: Payload, now: datetime) -> None:
    """A linked calendar sold nights of a booking too: a note for each phone of its host, at a decent hour, while the
    booking stands.
    """
    booking = await bookings.get(payload["booking"])
    due = rules.send_time(now, booking.starts_at)
    days = [date.fromisoformat(day) for day in payload["days"]]
    if due > now:
        once = f"{SOLD_TWICE}:{booking.reference}:{days[0]}:{due:%Y%m%d}"
        await queue.add(SOLD_TWICE, payload, due_at=due, dedupe_key=once)
        return
    if booking.state not in SOLD:
        return
    async with db.transaction():
        for number in await numbers.list_active(booking.paid_host_id):
            about = said.booking(booking, number.locale)
            text = replies.SOLD_TWICE.say(
                number.locale,
                name=about.name,
                guests=about.guests,
                span=said.stay(days[0], days[-1] + timedelta(days=1), number.locale),
                calendar=short_name(payload["calendar"]) or replies.OTHER_SITE.say(number.locale),
            )
            key = f"{SOLD_TWICE}:{booking.reference}:{days[0]}:{number.id}"
            await outgoing.tell(number.number, text, locale=number.locale, key=key, now=now)


async def _words(
    wording: Wording, number: Number, booking: BookingRow, what: str, key: str, now: datetime
) -> str:
    locale = number.locale
    code = await codes.for_booking(number.id, booking.reference, delivery_key=key, now=now)
    if wording is replies.LATE and booking.deadline_at is None:
        wording = replies.LAPSED
    about = said.booking(booking, locale)
    return wording.say(
        locale,
        code=code.code,
        name=about.name,
        guests=about.guests,
        what=about.what,
        span=about.span,
        length=about.length,
        money=about.money,
        until=said.moment(booking.deadline_at, locale) if booking.deadline_at else "",
    )


async def invite(payload: Payload, settings: Settings, now: datetime) -> None:
    """The one invitation. Somebody who answered or left in the meantime gets none."""
    number = await numbers.get(payload["number"])
    if number.state is not numbers.State.INVITED:
        return
    wording = supply_replies.INVITATION if await supply.speaks_for_suppliers(number) else replies.INVITATION
    text = wording.say(
        number.locale,
        by=short_name(number.invited_by_name) or settings.brand,
        brand=short_name(settings.brand),
        host=short_name(number.host),
    )
    async with db.transaction():
        key = f"sms.invite:{number.id}"
        await outgoing.tell(number.number, text, locale=number.locale, key=key, now=now)
