"""JADWAL and UANG: what a host reads by SMS. No guest's name or phone number is in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from market import db
from market.bookings import queries as bookings
from market.bookings import words
from market.bookings.rows import BookingRow
from market.bookings.states import SOLD, State
from market.db.sql import as_date, as_instant
from market.i18n import formats
from market.payments import ledger
from market.sms import codes, nights, replies, said
from market.sms.asked import Answer, Asked, answer
from market.sms.grammar import Schedule
from market.values.dates import DateRange, local_day

_SHOWN = (State.REQUESTED, State.PAYMENT_DUE, *sorted(SOLD))
_ROOM = 130


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a month: when it begins, and what is said about it."""

    start: date
    text: str


async def schedule(asked: Asked, command: Schedule) -> Answer:
    """`Des: 4-6 2org. 12-14 tanya 4821. 24-26 tutup. Lain kosong.`"""
    locale = asked.number.locale
    after = (command.month + timedelta(days=32)).replace(day=1)
    days = DateRange(max(command.month, min(asked.today, after - timedelta(days=1))), after)
    rooms = await nights.list_rooms(asked.number.organisation_id, locale)
    entries = await _bookings(asked, days, {room.id: room.number for room in rooms})
    entries += await _closed(asked, days, rooms)
    month = formats.month_short(command.month, locale)
    if command.month.year != asked.today.year:
        month = f"{month} {command.month.year}"
    if not entries:
        return answer(asked, replies.SCHEDULE_FREE, month=month)
    entries.sort(key=lambda entry: entry.start)
    listed = said.as_many([entry.text for entry in entries], _ROOM, ". ")
    return answer(asked, replies.SCHEDULE, month=month, entries=listed, rest=replies.REST_FREE.say(locale))


async def _bookings(asked: Asked, days: DateRange, numbers: dict[int, int]) -> list[Entry]:
    views = await bookings.list_for_host(
        [asked.number.organisation_id], [state.value for state in _SHOWN], after=asked.now, limit=200
    )
    found: list[Entry] = []
    for row in (view.row for view in views):
        end = row.ends_on if row.nights else row.ends_on + timedelta(days=1)
        if row.starts_on < days.end and end > days.start:
            shown = DateRange(max(row.starts_on, days.start), min(end, days.end))
            found.append(Entry(shown.start, await _entry(asked, row, shown, numbers)))
    return found


async def _entry(asked: Asked, row: BookingRow, shown: DateRange, numbers: dict[int, int]) -> str:
    locale = asked.number.locale
    when = _days(shown)
    room = row.offer["room"]
    if room is not None and len(numbers) > 1 and room["id"] in numbers:
        when = f"K{numbers[room['id']]} {when}"
    if row.state is State.REQUESTED:
        code = await codes.for_booking(asked.number.id, row.reference, delivery_key=asked.key, now=asked.now)
        return f"{when} {replies.ASKS.say(locale, code=code.code)}"
    return f"{when} {replies.PERSONS.say(locale, n=row.party.total)}"


async def _closed(asked: Asked, days: DateRange, rooms: list[nights.HostRoom]) -> list[Entry]:
    """Nights on which nothing of a room is for sale although nothing of it is sold."""
    found: list[Entry] = []
    for room in rooms:
        rows = await db.fetch(
            "SELECT starts_on FROM slot WHERE room_type_id = $1 AND kind = 'night' AND held + confirmed = 0"
            " AND (status = 'closed' OR (blocked > 0 AND blocked >= capacity))"
            " AND starts_on >= $2 AND starts_on < $3",
            room.id,
            days.start,
            days.end,
        )
        prefix = f"K{room.number} " if len(rooms) > 1 else ""
        shut = replies.SHUT.say(asked.number.locale)
        runs = said.runs(as_date(row["starts_on"]) for row in rows)
        found += [Entry(run.start, f"{prefix}{_days(run)} {shut}") for run in runs]
    return found


def _days(days: DateRange) -> str:
    last = days.end - timedelta(days=1)
    return f"{days.start.day}" if days.start == last else f"{days.start.day}-{last.day}"


async def money(asked: Asked) -> Answer:
    """What was paid out and when, what is earned and comes next, what is sold and still ahead."""
    host, locale = asked.number.organisation_id, asked.number.locale
    paid, last = await _paid_out(host)
    ready = -await ledger.balance(ledger.host_payable(host)) - await ledger.balance(
        ledger.guide_payable(host)
    )
    views = await bookings.list_for_host([host], sorted(SOLD), after=asked.now, limit=500)
    coming = sum(words.host_receives(view.row) for view in views)
    paid_words = said.money(paid, locale)
    if last is not None:
        day = local_day(last)
        paid_words = replies.PAID_ON.say(
            locale, money=paid_words, day=f"{day.day} {formats.month_short(day, locale)}"
        )
    return answer(
        asked,
        replies.MONEY_NEXT,
        paid=paid_words,
        ready=said.money(ready, locale),
        coming=said.money(coming, locale),
        n=len(views),
    )


async def _paid_out(host_id: int) -> tuple[int, datetime | None]:
    """What left a host's account for payouts and did not bounce, in rupiah, and when it last did."""
    moved = (
        "SELECT CAST(COALESCE(SUM(t.amount_minor), 0) AS BIGINT) AS total, MAX(e.at) AS last"
        " FROM ledger_transfer t JOIN ledger_entry e ON e.id = t.entry_id"
    )
    transit = "'liab:payout_in_transit:%'"
    accounts = (ledger.host_payable(host_id), ledger.guide_payable(host_id))
    out = await db.fetch_one(f"{moved} WHERE t.debit IN ($1, $2) AND t.credit LIKE {transit}", *accounts)
    back = await db.fetch_one(f"{moved} WHERE t.credit IN ($1, $2) AND t.debit LIKE {transit}", *accounts)
    total = (int(out["total"]) if out else 0) - (int(back["total"]) if back else 0)
    last = as_instant(out["last"]) if out and out["last"] else None
    return total, last if total > 0 else None
