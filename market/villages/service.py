"""Commands on villages that host together: the pool, its families, whose turn a booking is, and coordination.

A family asks to join with one of its rooms and the village says yes. A family lets the village's coordinators
act for it and ends that whenever it wants; what they do in its name is `acts`. Taking rooms is the bookings'
business: `market.bookings.rotation` asks `rules` for the next family and records it with `assign`.
"""

from __future__ import annotations

from datetime import datetime

from market import db
from market.errors import NotFound, Refused
from market.values.text import lazy
from market.villages import queries, rules
from market.web import page_cache


class NotOfVillage(Refused):
    """The family does not live in the village."""

    code = "not_of_village"
    message = lazy("Only families of this village can do this.")


class TooSmall(Refused):
    """The room sleeps fewer guests than the village promises."""

    code = "room_too_small"

    def __init__(self, sleeps: int) -> None:
        super().__init__(
            message=lazy(
                "The village promises rooms for %(sleeps)s guests. Offer one that sleeps as many.",
                sleeps=sleeps,
            )
        )


async def make_pool(listing_id: int) -> None:
    """From now on a village's homestay is hosted by its families in turn. Raises Refused for any other listing."""
    async with db.transaction():
        changed = await db.execute(
            "UPDATE listing SET pooled = TRUE WHERE id = $1 AND kind = 'homestay' AND host_id IN"
            " (SELECT id FROM organisation WHERE kind = 'village')",
            listing_id,
        )
        if not changed:
            raise Refused("not_village", lazy("Only a homestay of a village is hosted in turn."))
        await page_cache.bump()


async def ask_to_join(listing_id: int, host_id: int, room_type_id: int, now: datetime) -> None:
    """A family offers one of its rooms for the village's turns, or another one instead.

    Raises NotFound for a room that is not the family's, NotOfVillage from elsewhere, TooSmall.
    """
    async with db.transaction():
        row = await db.fetch_one(
            "SELECT p.village_id, o.village_id AS home, l.host_id, r.sleeps,"
            " (SELECT MAX(v.sleeps) FROM room_type v WHERE v.listing_id = p.id) AS wanted"
            " FROM listing p, organisation o, room_type r"
            " JOIN listing l ON l.id = r.listing_id WHERE p.id = $1 AND p.pooled AND o.id = $2 AND r.id = $3"
            " AND NOT l.pooled AND r.count > 0",
            listing_id,
            host_id,
            room_type_id,
        )
        if row is None or row["host_id"] != host_id:
            raise NotFound
        if row["village_id"] != row["home"]:
            raise NotOfVillage
        if row["wanted"] is not None and row["sleeps"] < row["wanted"]:
            raise TooSmall(sleeps=row["wanted"])
        await db.execute(
            "INSERT INTO pool_member (listing_id, host_id, room_type_id, state, asked_at)"
            " VALUES ($1, $2, $3, 'asked', $4) ON CONFLICT (listing_id, host_id) DO UPDATE"
            " SET room_type_id = excluded.room_type_id, asked_at = excluded.asked_at,"
            " state = CASE WHEN pool_member.state = 'active' THEN 'active' ELSE 'asked' END",
            listing_id,
            host_id,
            room_type_id,
            now,
        )
        await page_cache.bump()


async def admit(listing_id: int, member_id: int, now: datetime) -> None:
    """The village takes a family into the turns: it starts level with the least busy one. Raises NotFound."""
    async with db.transaction():
        families = await queries.list_families(listing_id)
        own = await db.fetch_one(
            "SELECT m.start_nights, m.host_id FROM pool_member m WHERE m.id = $1 AND m.listing_id = $2"
            " AND m.state = 'asked'",
            member_id,
            listing_id,
        )
        if own is None:
            raise NotFound
        hosted = next((p.nights for p in await queries.list_places(listing_id, "id") if p.id == member_id), 0)
        # Who comes back keeps the nights hosted before; they count towards where it starts.
        level = max(rules.start_nights(families) - hosted, 0)
        await db.execute(
            "UPDATE pool_member SET state = 'active', joined_at = $2, left_at = NULL, start_nights = $3"
            " WHERE id = $1",
            member_id,
            now,
            level,
        )
        await page_cache.bump()


async def leave(listing_id: int, member_id: int, now: datetime, *, host_id: int | None = None) -> None:
    """A family is out of the turns; bookings that are its turn stay. With `host_id`, only its own place.

    Raises NotFound.
    """
    async with db.transaction():
        changed = await db.execute(
            "UPDATE pool_member SET state = 'left', left_at = $3 WHERE id = $1 AND listing_id = $2"
            " AND state <> 'left' AND host_id = COALESCE(CAST($4 AS BIGINT), host_id)",
            member_id,
            listing_id,
            now,
            host_id,
        )
        if not changed:
            raise NotFound
        await page_cache.bump()


async def assign(
    booking_id: int,
    listing_id: int,
    host_id: int,
    room_type_id: int,
    *,
    rooms: int,
    nights: int,
    now: datetime,
    before: int | None = None,
    reason: str = "",
    person_id: int | None = None,
) -> None:
    """Record whose turn a booking is, and in which room; with `before` and a reason, that a family handed it on.

    Inside the transaction that takes the family's room. Again after a change: the newest row counts.
    """
    await db.execute(
        "INSERT INTO hosting_turn (booking_id, listing_id, host_id, room_type_id, rooms, nights, before_id,"
        " reason, person_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        booking_id,
        listing_id,
        host_id,
        room_type_id,
        rooms,
        nights,
        before,
        reason,
        person_id,
        now,
    )


# Coordination --------------------------------------------------------------------------------------------
async def agree(village_org_id: int, host_id: int, *, by: int, now: datetime) -> None:
    """A family lets the village's coordinators act for it; again is nothing. Raises NotOfVillage, NotFound."""
    async with db.transaction():
        row = await db.fetch_one(
            "SELECT v.village_id, o.village_id AS home FROM organisation v, organisation o"
            " WHERE v.id = $1 AND v.kind = 'village' AND o.id = $2 AND o.kind = 'host'",
            village_org_id,
            host_id,
        )
        if row is None:
            raise NotFound
        if row["village_id"] is None or row["village_id"] != row["home"]:
            raise NotOfVillage
        await db.execute(
            "INSERT INTO coordination (village_org_id, host_id, agreed_by, agreed_at) SELECT $1, $2, $3, $4"
            " WHERE NOT EXISTS (SELECT 1 FROM coordination WHERE village_org_id = $1 AND host_id = $2"
            " AND ended_at IS NULL)",
            village_org_id,
            host_id,
            by,
            now,
        )


async def end_agreement(village_org_id: int, host_id: int, *, by: int, now: datetime) -> None:
    """From now on nobody acts for the family but itself. What was done stays recorded."""
    await db.execute(
        "UPDATE coordination SET ended_by = $3, ended_at = $4 WHERE village_org_id = $1 AND host_id = $2"
        " AND ended_at IS NULL",
        village_org_id,
        host_id,
        by,
        now,
    )
