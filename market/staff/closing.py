"""A host leaves: nothing is sold any more, nobody acts for it, and what is sealed of its bank details is erased.

Only once nothing is open: no guest to come, no money on either side, no dispute. What happened stays in the books
and the logs; the people keep their accounts and may then delete them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from market import db
from market.calendars import links
from market.db.sql import as_instant_or_none
from market.errors import Invalid, NotFound, Refused
from market.listings import allotments
from market.listings import service as listings
from market.listings.offering import Status
from market.outbox import queue
from market.payouts import accounts, statements
from market.staff import log
from market.staff.log import Act
from market.values.dates import local_day
from market.values.text import Text, lazy, lazy_n
from market.villages import service as villages

SMS_JOB: Final = "sms.host_closed"
SHORTEST: Final = 10
_OPEN: Final = "'held', 'requested', 'payment_due', 'confirmed', 'checked_in', 'no_show'"


@dataclass(frozen=True, slots=True)
class Closing:
    """Whether a host can be closed: what stands in the way, or when it was."""

    name: str
    slug: str
    closed_at: datetime | None
    obstacles: tuple[Text, ...]


class NotYet(Refused):
    """Something is still open."""

    code = "host_still_open"
    message = lazy("This host still has guests, money or a dispute open.")


async def look(host_id: int, now: datetime) -> Closing:
    """Where a host stands. Raises NotFound for what is no host."""
    row = await db.fetch_one(
        "SELECT o.name, o.slug, o.closed_at,"
        f" (SELECT COUNT(*) FROM booking b WHERE (b.host_id = o.id OR b.hosting_id = o.id) AND (b.state IN ({_OPEN})"
        " OR (b.deadline_at IS NOT NULL AND b.state <> 'completed'))) AS bookings,"
        " (SELECT COUNT(*) FROM dispute d JOIN booking b ON b.reference = d.booking_reference"
        " WHERE (b.host_id = o.id OR b.hosting_id = o.id) AND d.closed_at IS NULL) AS disputes,"
        " (SELECT COUNT(*) FROM payout t WHERE t.organisation_id = o.id AND t.state IN ('proposed', 'in_transit'))"
        " AS payouts FROM organisation o WHERE o.id = $1 AND o.kind = 'host'",
        host_id,
    )
    if row is None:
        raise NotFound
    found: list[Text] = []
    if row["bookings"]:
        found.append(
            lazy_n("%(count)s booking is not over.", "%(count)s bookings are not over.", row["bookings"])
        )
    if row["disputes"]:
        found.append(lazy_n("%(count)s dispute is open.", "%(count)s disputes are open.", row["disputes"]))
    if row["payouts"]:
        found.append(
            lazy_n("%(count)s payout is on its way.", "%(count)s payouts are on their way.", row["payouts"])
        )
    if await statements.balance(host_id):
        found.append(lazy("Money is still owed, to the host or by it."))
    own = await db.fetch("SELECT id FROM listing WHERE host_id = $1 ORDER BY id", host_id)
    if any([await allotments.list_promises(each["id"], local_day(now)) for each in own]):
        found.append(lazy("A standing allotment still promises nights: the host withdraws it first."))
    return Closing(row["name"], row["slug"], as_instant_or_none(row["closed_at"]), tuple(found))


async def close(host_id: int, *, reason: str, by: int, now: datetime) -> None:
    """Close a host for good; again is nothing. Raises NotFound, NotYet, Invalid without a reason."""
    if len(reason.strip()) < SHORTEST:
        raise Invalid("reason", lazy("Write the reason in a sentence; it stays in the log."), field="reason")
    async with db.transaction():
        if db.is_postgres():
            await db.fetch("SELECT id FROM organisation WHERE id = $1 FOR UPDATE", host_id)
        found = await look(host_id, now)
        if found.closed_at is not None:
            return
        if found.obstacles:
            raise NotYet
        await _take_off_sale(host_id, by, now)
        await accounts.erase(host_id)
        await db.execute("DELETE FROM membership WHERE organisation_id = $1 AND role = 'host'", host_id)
        await db.execute("DELETE FROM host_invitation WHERE organisation_id = $1", host_id)
        await db.execute(
            "UPDATE organisation SET phone = '', closed_at = $2 WHERE id = $1 AND closed_at IS NULL",
            host_id,
            now,
        )
        await queue.add(SMS_JOB, {"host": host_id}, dedupe_key=f"{SMS_JOB}:{host_id}")
        await log.note(Act.HOST_CLOSED, by=by, now=now, subject=found.slug, reason=reason)


async def _take_off_sale(host_id: int, by: int, now: datetime) -> None:
    """Pause what is published, forget linked calendars, end its turns and whoever acted for it."""
    for row in await db.fetch("SELECT id, status FROM listing WHERE host_id = $1 ORDER BY id", host_id):
        if row["status"] == Status.PUBLISHED:
            await listings.set_status(row["id"], Status.PAUSED)
    for row in await db.fetch(
        "SELECT k.id FROM calendar_link k JOIN room_type r ON r.id = k.room_type_id"
        " JOIN listing l ON l.id = r.listing_id WHERE l.host_id = $1 ORDER BY k.id",
        host_id,
    ):
        await links.remove(row["id"])
    for row in await db.fetch(
        "SELECT id, listing_id FROM pool_member WHERE host_id = $1 AND state <> 'left' ORDER BY id", host_id
    ):
        await villages.leave(row["listing_id"], row["id"], now)
    for row in await db.fetch(
        "SELECT village_org_id FROM coordination WHERE host_id = $1 AND ended_at IS NULL", host_id
    ):
        await villages.end_agreement(row["village_org_id"], host_id, by=by, now=now)
