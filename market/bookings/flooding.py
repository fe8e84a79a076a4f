"""Against freezing a village's stock by holding everything and paying nothing.

One visitor keeps a handful of live holds; one network address makes a number of new holds in ten minutes, wide
enough for a family, an office or an internet café. Both are counted in the database. Holds that fail count nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from market import db
from market.accounts import limits
from market.accounts.limits import Limit
from market.errors import TooMany
from market.values.text import lazy

LIVE_HOLDS: Final = 5
WINDOW: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who asks for a hold: the address, the references this browser knows, the person; `most` 0 counts nothing."""

    address: str
    references: tuple[str, ...]
    person_id: int | None
    most: int


class HoldsEnough(TooMany):
    """This visitor holds as much as one visitor may."""

    code = "holds_enough"
    message = lazy(
        "You are holding %(count)s choices already. Finish or take back one of them under My trips,"
        " or wait until it lapses; then hold this one.",
        count=LIVE_HOLDS,
    )


class HeldTooOften(TooMany):
    """So many holds came from one network address that others would be left with nothing."""

    code = "held_too_often"
    message = lazy(
        "Very many places were held from your network in the last minutes. Please try again in ten minutes."
    )


async def check_live(holder: Holder, now: datetime) -> None:
    """Before a hold: raise HoldsEnough when this visitor keeps enough places from others already."""
    if not holder.most or not (holder.references or holder.person_id):
        return
    places = ", ".join(f"${n}" for n in range(3, 3 + len(holder.references)))
    known = f" OR reference IN ({places})" if places else ""
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM booking WHERE state = 'held' AND expires_at > $1"
        f" AND (person_id = $2{known})",
        now,
        holder.person_id,
        *holder.references,
    )
    if row is not None and row["n"] >= LIVE_HOLDS:
        raise HoldsEnough(retry_after=int(WINDOW.total_seconds()))


async def count_new(holder: Holder, now: datetime) -> None:
    """Inside the hold's transaction: count it for its address; raise HeldTooOften beyond the limit."""
    if not holder.most:
        return
    if await limits.count_inside("hold", holder.address, limit=Limit(holder.most, WINDOW), now=now):
        return
    raise HeldTooOften(retry_after=int(WINDOW.total_seconds()))
