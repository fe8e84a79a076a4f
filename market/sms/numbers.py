"""Phone numbers and their consent: invited by somebody by name, active after YA, stopped at a word.

The only writer of `sms_number`. Nothing but the one invitation leaves for a number that has not agreed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from market import db
from market.db.sql import Row, as_instant, as_instant_or_none
from market.errors import Invalid, NotFound
from market.outbox import queue
from market.sms import rules
from market.values.text import lazy


class State(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Number:
    """A phone of one organisation, with who registered it and when its owner agreed."""

    id: int
    number: str
    organisation_id: int
    host: str
    invited_by_name: str
    locale: str
    state: State
    invited_at: datetime
    consented_at: datetime | None
    stopped_at: datetime | None


class NumberTaken(Invalid):
    """A number serves one organisation, and a refusal is not asked about again."""

    code = "number_taken"
    message = lazy(
        "This number is registered already. If its owner left, only they can come back, by sending MULAI."
    )

    def __init__(self) -> None:
        super().__init__(field="number")


_SELECT = "SELECT n.*, o.name AS host FROM sms_number n JOIN organisation o ON o.id = n.organisation_id"


def _number(row: Row) -> Number:
    return Number(
        id=row["id"],
        number=row["number"],
        organisation_id=row["organisation_id"],
        host=row["host"],
        invited_by_name=row["invited_by_name"],
        locale=row["locale"],
        state=State(row["state"]),
        invited_at=as_instant(row["invited_at"]),
        consented_at=as_instant_or_none(row["consented_at"]),
        stopped_at=as_instant_or_none(row["stopped_at"]),
    )


async def find(number: str) -> Number | None:
    """A registered number, by its E.164 form."""
    row = await db.fetch_one(f"{_SELECT} WHERE n.number = $1", number)
    return _number(row) if row else None


async def get(number_id: int) -> Number:
    """A registered number by id. Raises NotFound."""
    row = await db.fetch_one(f"{_SELECT} WHERE n.id = $1", number_id)
    if row is None:
        raise NotFound
    return _number(row)


async def list_of(organisation_ids: frozenset[int]) -> list[Number]:
    """The numbers of these organisations, oldest first."""
    ids = sorted(organisation_ids)
    if not ids:
        return []
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    return [
        _number(row)
        for row in await db.fetch(f"{_SELECT} WHERE n.organisation_id IN ({places}) ORDER BY n.id", *ids)
    ]


async def list_active(organisation_id: int) -> list[Number]:
    """The numbers that want to hear about an organisation's bookings."""
    rows = await db.fetch(
        f"{_SELECT} WHERE n.organisation_id = $1 AND n.state = 'active' ORDER BY n.id", organisation_id
    )
    return [_number(row) for row in rows]


async def list_all(*, limit: int = 200) -> list[Number]:
    """Every number, newest first; for operators and the simulator."""
    return [_number(row) for row in await db.fetch(f"{_SELECT} ORDER BY n.id DESC LIMIT $1", limit)]


async def invite(
    number: str, *, organisation_id: int, by: int | None, by_name: str, locale: str, own: str, now: datetime
) -> int:
    """Register a number and send it the one invitation, which names who did it; the number's id.

    Raises NumberTaken for a number that is registered already, or is our own.
    """
    if number == own:
        raise NumberTaken
    async with db.transaction():
        made = await db.fetch_one(
            "INSERT INTO sms_number (number, organisation_id, invited_by, invited_by_name, locale, state,"
            " invited_at, answers_from) VALUES ($1, $2, $3, $4, $5, 'invited', $6, $7)"
            " ON CONFLICT (number) DO NOTHING RETURNING id",
            number,
            organisation_id,
            by,
            by_name,
            locale,
            now,
            await _answers_from(organisation_id, now),
        )
        if made is None:
            raise NumberTaken
        await queue.add(
            "sms.invite",
            {"number": made["id"]},
            due_at=rules.send_time(now),
            dedupe_key=f"sms.invite:{made['id']}",
        )
    return made["id"]


async def _answers_from(organisation_id: int, now: datetime) -> datetime | None:
    """A further number of a supplier waits a week before it may answer for it: whoever took an account over cannot
    confirm purchases the same day. The first number answers at once; hosts' numbers never wait.
    """
    row = await db.fetch_one(
        "SELECT o.kind, (SELECT COUNT(*) FROM sms_number n WHERE n.organisation_id = o.id) AS n"
        " FROM organisation o WHERE o.id = $1",
        organisation_id,
    )
    later = row is not None and row["kind"] == "supplier" and row["n"] > 0
    return now + rules.NEW_NUMBER_WAITS if later else None


async def consent(number_id: int, now: datetime) -> None:
    """Its owner said yes (again): the time is kept."""
    await db.execute(
        "UPDATE sms_number SET state = 'active', consented_at = $2, stopped_at = NULL"
        " WHERE id = $1 AND state <> 'active'",
        number_id,
        now,
    )


async def stop(number_id: int, now: datetime) -> None:
    """Its owner left: nothing is sent until they return."""
    await db.execute(
        "UPDATE sms_number SET state = 'stopped', stopped_at = $2 WHERE id = $1 AND state <> 'stopped'",
        number_id,
        now,
    )


async def speak(number_id: int, locale: str) -> None:
    """From now on in this language."""
    await db.execute("UPDATE sms_number SET locale = $2 WHERE id = $1", number_id, locale)
