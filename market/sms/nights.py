"""TUTUP and BUKA: nights of the host's rooms, or the dates of a host without rooms.

Closing needs nothing; what is sold stays sold and is named. Reopening sells places again, so it asks for a
one-time code first and keeps what was asked with it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from market import db
from market.db.sql import as_date, as_json
from market.errors import Refused
from market.i18n.locales import pick
from market.listings import queries as listings
from market.listings import service, slots
from market.listings.allotments import Promised
from market.notifications.sms_text import short_name
from market.sms import answering, codes, replies, said
from market.sms.asked import Answer, Asked, Outcome, answer
from market.sms.codes import Code, Purpose
from market.sms.grammar import Close, Reopen, ReopenByCode
from market.values.dates import DateRange

_CLASH_ROOM = 60
_ROOMS_ROOM = 90


@dataclass(frozen=True, slots=True)
class HostRoom:
    """A kind of room; hosts call it by its place in their own list, from 1."""

    number: int
    id: int
    listing_id: int
    name: str


@dataclass(frozen=True, slots=True)
class Target:
    """What the nights of a command are about: rooms, or departures and sessions."""

    rooms: tuple[HostRoom, ...]
    starts: tuple[int, ...]
    name: str


async def list_rooms(organisation_id: int, locale: str) -> list[HostRoom]:
    """A host's rooms in the order in which SMS numbers them."""
    rows = await db.fetch(
        "SELECT r.id, r.listing_id, r.texts FROM room_type r JOIN listing l ON l.id = r.listing_id"
        " WHERE l.host_id = $1 AND r.count > 0 ORDER BY l.id, r.position, r.id",
        organisation_id,
    )
    return [
        HostRoom(n, row["id"], row["listing_id"], _name(as_json(row["texts"]), locale))
        for n, row in enumerate(rows, 1)
    ]


def _name(texts: dict[str, dict[str, str]], locale: str) -> str:
    return pick(texts, locale).get("name", "") if texts else ""


# The commands --------------------------------------------------------------------------------------------
async def close(asked: Asked, command: Close) -> Answer:
    """`TUTUP 2 12-14 DES`: everything that is not sold is closed; what is sold is named."""
    target = await _target(asked, command.days, command.room)
    if isinstance(target, Answer):
        return target
    try:
        async with db.savepoint():
            for room in target.rooms:
                await service.block_nights(room.id, command.days)
            for slot_id in target.starts:
                await _set_start(slot_id, "closed")
    except Promised as promised:
        return answer(asked, replies.PROMISED, n=promised.facts["units"])
    clash = await _clash(asked, target, command.days)
    facts = _facts(asked, target, command.days)
    if clash:
        return answer(asked, replies.CLOSED_EXCEPT, Outcome.DONE, clash=clash, **facts)
    return answer(asked, replies.CLOSED, Outcome.DONE, **facts)


async def ask_to_reopen(asked: Asked, command: Reopen) -> Answer:
    """`BUKA 12 DES`: nothing opens yet; a one-time code is sent that does it."""
    target = await _target(asked, command.days, command.room)
    if isinstance(target, Answer):
        return target
    if await _is_closed_on_web(target, command.days):
        span = said.nights_of(command.days, asked.number.locale, today=asked.today)
        return answer(asked, replies.CLOSED_ON_WEB, span=span)
    subject = json.dumps(
        {
            "from": command.days.start.isoformat(),
            "to": command.days.end.isoformat(),
            "room": command.room,
        }
    )
    one = await codes.one_time(
        asked.number.id, Purpose.REOPEN, subject, delivery_key=asked.key, now=asked.now
    )
    facts = _facts(asked, target, command.days)
    return answer(asked, replies.CONFIRM_REOPEN, Outcome.CODE_ASKED, one=one.code, **facts)


async def reopen(asked: Asked, command: ReopenByCode) -> Answer:
    """`BUKA 5937`: what was asked for with that code, within ten minutes."""
    if await answering.is_locked(asked):
        return answer(asked, replies.LOCKED, Outcome.WRONG_CODE)
    code = await codes.find(asked.number.id, command.code)
    if code is None:
        known = await codes.is_known(command.code)
        wording = replies.NOT_YOURS if known else replies.NO_SUCH_CODE_NOTHING_WAITS
        return answer(asked, wording, Outcome.WRONG_CODE, code=command.code)
    if code.purpose is not Purpose.REOPEN or not code.counts(asked.now):
        return answer(asked, replies.CODE_OVER, code=command.code)
    return await _reopen(asked, code)


async def _reopen(asked: Asked, code: Code) -> Answer:
    kept = json.loads(code.subject)
    days = DateRange(date.fromisoformat(kept["from"]), date.fromisoformat(kept["to"]))
    target = await _target(asked, days, kept["room"])
    if isinstance(target, Answer):
        return target
    async with db.savepoint():
        for room in target.rooms:
            await service.open_nights(room.id, days)
        for slot_id in target.starts:
            await _set_start(slot_id, "open")
    await codes.use(code, asked.now)
    return answer(asked, replies.REOPENED, Outcome.DONE, **_facts(asked, target, days))


# What they are about -------------------------------------------------------------------------------------
async def _target(asked: Asked, days: DateRange, number: int | None) -> Target | Answer:
    locale = asked.number.locale
    rooms = await list_rooms(asked.number.organisation_id, locale)
    if number is not None:
        chosen = [room for room in rooms if room.number == number]
        if not chosen:
            return _no_such_room(asked, rooms, days, number)
        return Target(tuple(chosen), (), short_name(chosen[0].name))
    if rooms:
        return Target(tuple(rooms), (), said.house([room.name for room in rooms], locale))
    starts = await _starts(asked.number.organisation_id, days)
    if not starts:
        return _nothing_there(asked, days)
    return Target((), tuple(starts), replies.STARTS.say(locale, n=len(starts)))


def _no_such_room(asked: Asked, rooms: list[HostRoom], days: DateRange, number: int) -> Answer:
    if not rooms:
        return _nothing_there(asked, days)
    names = said.as_many([f"{room.number} {short_name(room.name)}" for room in rooms], _ROOMS_ROOM)
    return answer(asked, replies.NO_SUCH_ROOM, n=number, rooms=names)


def _nothing_there(asked: Asked, days: DateRange) -> Answer:
    span = said.nights_of(days, asked.number.locale, today=asked.today)
    return answer(asked, replies.NOTHING_THERE, span=span)


async def _starts(organisation_id: int, days: DateRange) -> list[int]:
    rows = await db.fetch(
        "SELECT s.id FROM slot s JOIN listing l ON l.id = s.listing_id WHERE l.host_id = $1"
        " AND s.kind <> 'night' AND s.status <> 'called_off' AND s.starts_on >= $2 AND s.starts_on < $3"
        " ORDER BY s.id",
        organisation_id,
        days.start,
        days.end,
    )
    return [row["id"] for row in rows]


async def _set_start(slot_id: int, status: str) -> None:
    try:
        await service.set_slot_status(slot_id, status)
    except Promised:
        raise
    except Refused:  # a guaranteed departure is on sale already
        return


async def _is_closed_on_web(target: Target, days: DateRange) -> bool:
    """Whether closed days that the host wrote on the web cover some of these nights."""
    for listing_id in {room.listing_id for room in target.rooms}:
        offering = await listings.get_offering(listing_id=listing_id)
        if offering is not None and offering.closed_on(days) is not None:
            return True
    return False


def _facts(asked: Asked, target: Target, days: DateRange) -> dict[str, object]:
    locale = asked.number.locale
    span = said.nights_of(days, locale, today=asked.today)
    number = f"{target.rooms[0].number} " if len(target.rooms) == 1 and target.rooms[0].number > 1 else ""
    return {
        "room": target.name,
        "span": span,
        "length": said.nights(days.nights, locale),
        "again": f"{number}{span}".upper(),
    }


# What stands in the way ----------------------------------------------------------------------------------
async def _clash(asked: Asked, target: Target, days: DateRange) -> str:
    """The bookings on these nights, by code or reference: `13-14 Des 4821`. Never by the guest's name."""
    nights: dict[str, set[date]] = {}
    for slot_id, day in await _sold(target, days):
        for standing in await slots.list_standing(slot_id, asked.now):
            nights.setdefault(standing.reference, set()).add(day)
    parts: list[tuple[date, str]] = []
    for reference, dates in nights.items():
        label = await _label(asked, reference)
        parts += [(r.start, f"{said.nights_of(r, asked.number.locale)} {label}") for r in said.runs(dates)]
    return said.as_many([text for _, text in sorted(parts)], _CLASH_ROOM)


async def _sold(target: Target, days: DateRange) -> Iterable[tuple[int, date]]:
    ids = [room.id for room in target.rooms] or list(target.starts)
    column = "room_type_id" if target.rooms else "id"
    places = ", ".join(f"${n}" for n in range(3, 3 + len(ids)))
    rows = await db.fetch(
        f"SELECT id, starts_on FROM slot WHERE held + confirmed > 0 AND starts_on >= $1 AND starts_on < $2"
        f" AND {column} IN ({places}) ORDER BY starts_on, id",
        days.start,
        days.end,
        *ids,
    )
    return [(row["id"], as_date(row["starts_on"])) for row in rows]


async def _label(asked: Asked, reference: str) -> str:
    row = await db.fetch_one(
        "SELECT code FROM sms_code WHERE number_id = $1 AND purpose = 'booking' AND subject = $2",
        asked.number.id,
        reference,
    )
    return row["code"] if row else reference
