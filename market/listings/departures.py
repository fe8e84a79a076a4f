"""Whether a departure that needs a minimum of guests runs: decided once, seven days before, or by its host sooner.

Only the slot and the decision change here; what it means for each guest is the bookings' business, which hears of
it by a job in the same commit (`bookings.departure_decided`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from market import db
from market.db.sql import Row, as_date, as_instant
from market.errors import NotFound, Refused
from market.listings.offering import SlotRow
from market.outbox import queue
from market.values.dates import local_day
from market.values.text import lazy
from market.web import page_cache

DECIDED_BEFORE: Final = timedelta(days=7)
NEWS: Final = "bookings.departure_decided"


class Outcome(StrEnum):
    """How a departure was decided; `waived` is the host's word that it runs whoever comes."""

    GUARANTEED = "guaranteed"
    WAIVED = "waived"
    CALLED_OFF = "called_off"


class DecidedAlready(Refused):
    """It is settled whether this departure runs."""

    code = "decided_already"
    message = lazy("It is settled already whether this departure runs.")


class NoMinimum(Refused):
    """There is nothing to waive."""

    code = "no_minimum"
    message = lazy("This date needs no minimum of guests. It runs in any case.")


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided, when, and on how many guests."""

    outcome: Outcome
    guests: int
    needed: int
    at: datetime


def decided_on(starts_on: date) -> date:
    """The day (WITA) with whose beginning a departure is guaranteed or called off."""
    return starts_on - DECIDED_BEFORE


def needs_minimum(slot: SlotRow) -> bool:
    """Whether a start has a minimum at all: tours do, when it is more than one guest; classes always run."""
    return slot.kind == "departure" and slot.min_guests > 1


def status_when_new(kind: str, starts_on: date, min_guests: int, today: date) -> str:
    """The status of a fresh start: one that is put on sale after its day of decision runs whoever comes."""
    late = kind == "departure" and min_guests > 1 and today >= decided_on(starts_on)
    return "guaranteed" if late else "open"


async def list_due(now: datetime, limit: int = 200) -> list[int]:
    """The departures whose day of decision has come and that nobody decided yet, oldest first."""
    rows = await db.fetch(
        "SELECT s.id FROM slot s WHERE s.kind = 'departure' AND s.min_guests > 1 AND s.status IN ('open', 'closed')"
        " AND s.starts_on <= $1 AND s.starts_at > $2 AND (s.status = 'open' OR s.confirmed > 0)"
        " AND NOT EXISTS (SELECT 1 FROM departure_decision d WHERE d.slot_id = s.id)"
        " ORDER BY s.starts_on, s.id LIMIT $3",
        local_day(now) + DECIDED_BEFORE,
        now,
        limit,
    )
    return [row["id"] for row in rows]


async def decide(slot_id: int, now: datetime) -> Outcome | None:
    """Guarantee or call off one departure by its confirmed guests; None when it is not due or decided already.

    Safe to repeat and in several workers at once: the decision's row is the claim.
    """
    async with db.transaction():
        slot = await _lock(slot_id)
        due = local_day(now) >= decided_on(as_date(slot["starts_on"])) and as_instant(slot["starts_at"]) > now
        if not due or slot["min_guests"] <= 1 or slot["status"] not in {"open", "closed"}:
            return None
        met = slot["confirmed"] >= slot["min_guests"]
        outcome = Outcome.GUARANTEED if met else Outcome.CALLED_OFF
        return outcome if await _decide(slot, outcome, None, now) else None


async def waive(slot_id: int, *, by: int | None, now: datetime) -> None:
    """The host runs a departure whoever comes. Raises DecidedAlready or NoMinimum; NotFound for no departure."""
    async with db.transaction():
        slot = await _lock(slot_id)
        if slot["min_guests"] <= 1:
            raise NoMinimum
        if slot["status"] not in {"open", "closed"} or as_instant(slot["starts_at"]) <= now:
            raise DecidedAlready
        if not await _decide(slot, Outcome.WAIVED, by, now):
            raise DecidedAlready


async def _lock(slot_id: int) -> Row:
    lock = " FOR UPDATE" if db.is_postgres() else ""
    row = await db.fetch_one(f"SELECT * FROM slot WHERE id = $1 AND kind = 'departure'{lock}", slot_id)
    if row is None:
        raise NotFound(slot=slot_id)
    return row


async def _decide(slot: Row, outcome: Outcome, by: int | None, now: datetime) -> bool:
    claimed = await db.fetch(
        "INSERT INTO departure_decision (slot_id, outcome, guests, needed, person_id, at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (slot_id) DO NOTHING RETURNING id",
        slot["id"],
        outcome.value,
        slot["confirmed"],
        slot["min_guests"],
        by,
        now,
    )
    if not claimed:
        return False
    # What the host closed to more guests stays closed, even though it is sure to run now.
    if outcome is Outcome.CALLED_OFF or slot["status"] == "open":
        status = "called_off" if outcome is Outcome.CALLED_OFF else "guaranteed"
        await db.execute("UPDATE slot SET status = $2 WHERE id = $1", slot["id"], status)
    await queue.add(
        NEWS, {"slot": slot["id"], "outcome": outcome.value}, dedupe_key=f"departure_decided:{slot['id']}"
    )
    await page_cache.bump()
    return True


async def reopened_status(slot: Row, today: date) -> str:
    """The status a closed start gets when its host opens it again: what was promised stays promised."""
    fresh = status_when_new(slot["kind"], as_date(slot["starts_on"]), slot["min_guests"], today)
    if fresh == "open" and await get_decision(slot["id"]) is not None:
        return "guaranteed"
    return fresh


async def get_decision(slot_id: int) -> Decision | None:
    """What was decided about a departure; None while it is open."""
    row = await db.fetch_one(
        "SELECT outcome, guests, needed, at FROM departure_decision WHERE slot_id = $1", slot_id
    )
    if row is None:
        return None
    return Decision(Outcome(row["outcome"]), row["guests"], row["needed"], as_instant(row["at"]))
