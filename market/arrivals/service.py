"""Taking in what a phone kept while it had no signal: each check-in is judged for itself, and its answer says why.

The commands themselves are in `bookings.arriving`. Here a booking is found by what the phone knows of it, and a
refusal becomes an answer instead of an error: the rest of the message is still taken in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from market import db
from market.arrivals import queries
from market.arrivals.forms import Queued
from market.bookings import access, arriving, rows
from market.bookings import arrival_codes as codes
from market.bookings.rows import BookingRow
from market.errors import DomainError, NotFound
from market.values.text import Text, lazy

Told = Callable[[BookingRow], Awaitable[None]]
DONE, KNOWN, REFUSED = "done", "known", "refused"
NOT_YOURS = lazy("This code is not one of your bookings. Ask the guest for the voucher, or look in the list.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one queued check-in. `code` names a refusal, `message` explains it."""

    key: str
    outcome: str
    reference: str
    at: datetime
    code: str = ""
    message: Text | None = None
    facts: dict[str, Any] | None = None


async def take_in(
    items: Sequence[Queued],
    *,
    host_ids: Iterable[int],
    secrets: tuple[str, ...],
    by: int,
    now: datetime,
    told: Told,
) -> list[Answer]:
    """Check in everything that can be; one answer for each item, in order. Safe to repeat.

    `told` is called inside the transaction of each fresh check-in, with its booking.
    """
    hosts = frozenset(host_ids)
    return [await _one(item, hosts, secrets, by, now, told) for item in items]


async def _one(
    item: Queued, hosts: frozenset[int], secrets: tuple[str, ...], by: int, now: datetime, told: Told
) -> Answer:
    reference = await find(item.reference, item.code, item.token, hosts, secrets, now)
    if reference is None:
        return Answer(item.key, REFUSED, "", item.at, NotFound.code, NOT_YOURS)
    try:
        async with db.transaction():
            done = await arriving.check_in(reference, by=by, now=now, at=item.at, key=item.key, how=item.how)
            if done.fresh:
                await told(await rows.get(reference))
    except DomainError as error:
        return Answer(item.key, REFUSED, reference, item.at, error.code, error.message, error.facts)
    return Answer(item.key, DONE if done.fresh else KNOWN, reference, done.at)


async def find(
    reference: str, code: str, token: str, hosts: frozenset[int], secrets: tuple[str, ...], now: datetime
) -> str | None:
    """The reference of one of these hosts' bookings, by whatever a phone knows of it; None for a stranger's."""
    if token:
        reference = codes.reference_in(token, secrets) or ""
    elif code:
        return await queries.find_by_code(code, hosts, secrets, now)
    if not access.is_reference(reference):
        return None
    try:
        await queries.get_arrival(reference, hosts)
    except NotFound:
        return None
    return reference
