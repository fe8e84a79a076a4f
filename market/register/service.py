"""Commands of the register of foreign guests: write down, remove, report, say that nobody is foreign, erase.

The only writer of its tables. What is personal enters the database only inside an envelope (`envelopes`); every
act is kept with who did it. Whose stay it is, is the caller's question.
"""

from __future__ import annotations

from datetime import date, datetime

from market import db
from market.bookings import arriving, rows
from market.bookings.rows import BookingRow
from market.db.sql import Row
from market.errors import NotFound, Refused
from market.register import envelopes, rules
from market.register.envelopes import Envelope
from market.register.rules import Act, Facts, State
from market.values.text import lazy


class AlreadyReported(Refused):
    """What was reported is not changed quietly: open it again first."""

    code = "already_reported"
    message = lazy("This stay has been reported. Open it again if something was wrong.")


class NothingToReport(Refused):
    """Nobody has been written down."""

    code = "nothing_to_report"
    message = lazy("Write down at least one guest before you mark the stay as reported.")


class TooManyGuests(Refused):
    """More guests than any house has."""

    code = "too_many_guests"
    message = lazy("So many guests cannot be in one booking.")


async def write(
    booking: BookingRow,
    facts: Facts,
    *,
    guest_id: int | None,
    filled_by: str,
    by: int | None,
    secrets: tuple[str, ...],
    now: datetime,
) -> None:
    """Write one guest down, or replace what was written (`guest_id`). Raises AlreadyReported, TooManyGuests."""
    async with db.transaction():
        stay_id = await _open_stay(booking, now)
        envelope = envelopes.seal(facts.to_json(), stay_id=stay_id, secrets=secrets)
        if guest_id is None:
            await _add(stay_id, envelope, filled_by, now)
        else:
            await _replace(stay_id, guest_id, envelope, filled_by, now)
        await _act(stay_id, Act.WRITTEN, by, now)


async def _add(stay_id: int, envelope: Envelope, filled_by: str, now: datetime) -> None:
    row = await db.fetch_one("SELECT COUNT(*) AS n FROM register_guest WHERE stay_id = $1", stay_id)
    if row is not None and row["n"] >= rules.MOST_GUESTS:
        raise TooManyGuests
    await db.execute(
        "INSERT INTO register_guest (stay_id, wrapped_key, sealed, filled_by, created_at, updated_at)"
        " VALUES ($1, $2, $3, $4, $5, $5)",
        stay_id,
        envelope.wrapped_key,
        envelope.sealed,
        filled_by,
        now,
    )


async def _replace(stay_id: int, guest_id: int, envelope: Envelope, filled_by: str, now: datetime) -> None:
    changed = await db.execute(
        "UPDATE register_guest SET wrapped_key = $3, sealed = $4, filled_by = $5, updated_at = $6"
        " WHERE id = $1 AND stay_id = $2",
        guest_id,
        stay_id,
        envelope.wrapped_key,
        envelope.sealed,
        filled_by,
        now,
    )
    if changed != 1:
        raise NotFound


async def remove(
    booking: BookingRow, guest_id: int, *, by: int | None, now: datetime, filled_by: str | None = None
) -> None:
    """Strike one guest out; with `filled_by`, only if that side wrote it. Raises NotFound, AlreadyReported."""
    async with db.transaction():
        stay_id = await _open_stay(booking, now)
        own = " AND filled_by = $3" if filled_by else ""
        params = (guest_id, stay_id, filled_by) if filled_by else (guest_id, stay_id)
        removed = await db.execute(f"DELETE FROM register_guest WHERE id = $1 AND stay_id = $2{own}", *params)
        if removed != 1:
            raise NotFound
        await _act(stay_id, Act.REMOVED, by, now)


async def say_none(booking: BookingRow, *, by: int, now: datetime) -> None:
    """The host says that nobody in this booking is a foreigner; what a guest had written is struck out."""
    async with db.transaction():
        stay_id = await _open_stay(booking, now)
        await db.execute("DELETE FROM register_guest WHERE stay_id = $1", stay_id)
        await db.execute("UPDATE register_stay SET state = 'none' WHERE id = $1", stay_id)
        await _act(stay_id, Act.NONE, by, now)


async def report(booking: BookingRow, *, reference: str, by: int, now: datetime) -> None:
    """The host has reported the guests at the immigration office. Raises NothingToReport, AlreadyReported."""
    async with db.transaction():
        stay_id = await _open_stay(booking, now)
        row = await db.fetch_one("SELECT COUNT(*) AS n FROM register_guest WHERE stay_id = $1", stay_id)
        if row is None or not row["n"]:
            raise NothingToReport
        await db.execute(
            "UPDATE register_stay SET state = 'reported', reported_at = $2, reported_by = $3,"
            " report_reference = $4 WHERE id = $1",
            stay_id,
            now,
            by,
            reference,
        )
        await _act(stay_id, Act.REPORTED, by, now)


async def reopen(booking: BookingRow, *, by: int, now: datetime) -> None:
    """Something was wrong, or there was somebody after all: the stay is open again."""
    async with db.transaction():
        row = await _stay(booking)
        if row is None or row["state"] not in {State.REPORTED.value, State.NONE.value}:
            raise NotFound
        await db.execute(
            "UPDATE register_stay SET state = 'open', reported_at = NULL, reported_by = NULL,"
            " report_reference = '' WHERE id = $1",
            row["id"],
        )
        await _act(row["id"], Act.REOPENED, by, now)


async def note(stay_id: int, act: Act, *, by: int, now: datetime) -> None:
    """Somebody read or exported."""
    await _act(stay_id, act, by, now)


async def _stay(booking: BookingRow) -> Row | None:
    await rows.lock(booking.reference)
    return await db.fetch_one("SELECT id, state FROM register_stay WHERE booking_id = $1", booking.id)


async def _open_stay(booking: BookingRow, now: datetime) -> int:
    """The stay's register, made when there is none; its deadline follows the arrival. Raises AlreadyReported."""
    row = await _stay(booking)
    seen = await arriving.last_check_in(booking.id)
    due = rules.due_at(seen.stated_at if seen else booking.starts_at)
    if row is None:
        found = await db.fetch(
            "INSERT INTO register_stay (booking_id, host_id, state, due_at, leaves_on, created_at)"
            " VALUES ($1, $2, 'open', $3, $4, $5) RETURNING id",
            booking.id,
            booking.hosting_id or booking.host_id,
            due,
            booking.ends_on,
            now,
        )
        return found[0]["id"]
    if row["state"] in {State.REPORTED.value, State.ERASED.value}:
        raise AlreadyReported
    await db.execute(
        "UPDATE register_stay SET state = 'open', due_at = $2, leaves_on = $3 WHERE id = $1",
        row["id"],
        due,
        booking.ends_on,
    )
    return row["id"]


async def _act(stay_id: int, act: Act, by: int | None, now: datetime) -> None:
    await db.execute(
        "INSERT INTO register_act (stay_id, act, person_id, at) VALUES ($1, $2, $3, $4)",
        stay_id,
        act.value,
        by,
        now,
    )


async def erase_old(today: date, keep_days: int, now: datetime) -> int:
    """Erase the guests of stays whose legal term is over, with their keys; how many stays."""
    due = await db.fetch(
        "SELECT id FROM register_stay WHERE erased_at IS NULL AND leaves_on < $1 ORDER BY id LIMIT 500",
        rules.erase_before(today, keep_days),
    )
    for row in due:
        async with db.transaction():
            await db.execute("DELETE FROM register_guest WHERE stay_id = $1", row["id"])
            await db.execute(
                "UPDATE register_stay SET state = 'erased', erased_at = $2, report_reference = ''"
                " WHERE id = $1 AND erased_at IS NULL",
                row["id"],
                now,
            )
            await _act(row["id"], Act.ERASED, None, now)
    return len(due)


async def rewrap(secrets: tuple[str, ...], limit: int = 500) -> int:
    """Bring keys that the previous secret wrapped under the present one; how many."""
    old = await db.fetch(
        "SELECT id, stay_id, wrapped_key FROM register_guest WHERE wrapped_key NOT LIKE $1 ORDER BY id LIMIT $2",
        f"{envelopes.key_name(secrets[0])}.%",
        limit,
    )
    done = 0
    for row in old:
        try:
            fresh = envelopes.rewrapped(row["wrapped_key"], stay_id=row["stay_id"], secrets=secrets)
        except envelopes.CannotOpen:
            continue
        if fresh is not None:
            done += await db.execute(
                "UPDATE register_guest SET wrapped_key = $2 WHERE id = $1 AND wrapped_key = $3",
                row["id"],
                fresh,
                row["wrapped_key"],
            )
    return done
