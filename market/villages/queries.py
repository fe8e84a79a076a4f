"""Reads of pools and coordination: the turns a village publishes to its members, and who agreed to what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from market import db
from market.db.sql import Row, as_date, as_instant, as_instant_or_none, as_json
from market.i18n.locales import pick
from market.villages.rules import Family

# Bookings whose nights count: those that hold or held a family's room for guests.
_COUNTED = "('held', 'requested', 'payment_due', 'confirmed', 'checked_in', 'completed', 'no_show')"
_NEWEST = "t.id = (SELECT MAX(n.id) FROM hosting_turn n WHERE n.booking_id = t.booking_id)"


@dataclass(frozen=True, slots=True)
class Pool:
    """A village's listing that families host in turn."""

    listing_id: int
    slug: str
    title: str
    village_org_id: int
    village_org: str
    village_id: int


@dataclass(frozen=True, slots=True)
class Place:
    """A family's place in the turns, as the village publishes it. `nights` are those hosted for the village."""

    id: int
    host_id: int
    host: str
    phone: str
    room: str
    room_type_id: int
    state: str
    nights: int
    counted: int
    bookings: int
    last_turn_at: datetime | None
    acts_for: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of the turns: which booking went to whom, and why it went from one family to another."""

    reference: str
    state: str
    guests: int
    starts_on: date
    ends_on: date
    rooms: int
    nights: int
    host: str
    before: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Act:
    """What a coordinator did in a family's name."""

    id: int
    host_id: int
    host: str
    village_org: str
    person: str
    name: str
    subject: str
    detail: str
    at: datetime


def _in(values: Collection[int], first: int = 1) -> str:
    return ", ".join(f"${n}" for n in range(first, first + len(values))) or "NULL"


async def list_pools(
    *, village_ids: Collection[int] = (), org_ids: Collection[int] = (), locale: str
) -> list[Pool]:
    """The pools of these villages, or of these villages' organisations."""
    ids = sorted(village_ids) or sorted(org_ids)
    if not ids:
        return []
    column = "l.village_id" if village_ids else "l.host_id"
    rows = await db.fetch(
        "SELECT l.id, l.slug, l.host_id, l.village_id, o.name FROM listing l JOIN organisation o ON o.id = l.host_id"
        f" WHERE l.pooled AND {column} IN ({_in(ids)}) ORDER BY l.id",
        *ids,
    )
    titles = await _titles([row["id"] for row in rows])
    return [
        Pool(
            listing_id=row["id"],
            slug=row["slug"],
            title=pick(titles.get(row["id"], {"id": row["slug"]}), locale),
            village_org_id=row["host_id"],
            village_org=row["name"],
            village_id=row["village_id"],
        )
        for row in rows
    ]


async def _titles(listing_ids: Collection[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for row in await db.fetch(
        f"SELECT listing_id, locale, title FROM listing_text WHERE listing_id IN ({_in(listing_ids)}) AND title <> ''",
        *listing_ids,
    ):
        found.setdefault(row["listing_id"], {})[row["locale"]] = row["title"]
    return found


async def list_families(listing_id: int) -> list[Family]:
    """The families in the turns of a pool, with the nights each has hosted for it."""
    rows = await db.fetch(f"{_MEMBERS} WHERE m.listing_id = $1 AND m.state = 'active'", listing_id)
    return [
        Family(
            member_id=row["id"],
            host_id=row["host_id"],
            room_type_id=row["room_type_id"],
            nights=row["start_nights"] + int(row["hosted"]),
            last_turn_at=as_instant_or_none(row["last_turn_at"]),
        )
        for row in rows
    ]


_HOSTED = (
    "FROM hosting_turn t JOIN booking b ON b.id = t.booking_id WHERE t.listing_id = m.listing_id"
    f" AND t.host_id = m.host_id AND b.state IN {_COUNTED} AND {_NEWEST}"
)
_MEMBERS = (
    "SELECT m.*, o.name AS host, o.phone, r.texts AS room_texts,"
    f" (SELECT COALESCE(SUM(t.rooms * t.nights), 0) {_HOSTED}) AS hosted,"
    f" (SELECT COUNT(*) {_HOSTED}) AS bookings, (SELECT MAX(t.at) {_HOSTED}) AS last_turn_at,"
    " EXISTS (SELECT 1 FROM coordination c JOIN listing l ON l.id = m.listing_id WHERE c.host_id = m.host_id"
    " AND c.village_org_id = l.host_id AND c.ended_at IS NULL) AS acts_for"
    " FROM pool_member m JOIN organisation o ON o.id = m.host_id JOIN room_type r ON r.id = m.room_type_id"
)


async def list_places(listing_id: int, locale: str) -> list[Place]:
    """Everybody in a pool or asking to join it, with the nights they have hosted; those who left are not."""
    rows = await db.fetch(
        f"{_MEMBERS} WHERE m.listing_id = $1 AND m.state <> 'left' ORDER BY m.id", listing_id
    )
    return [
        Place(
            id=row["id"],
            host_id=row["host_id"],
            host=row["host"],
            phone=row["phone"],
            room=pick(as_json(row["room_texts"]), locale).get("name", ""),
            room_type_id=row["room_type_id"],
            state=row["state"],
            nights=int(row["hosted"]),
            counted=row["start_nights"] + int(row["hosted"]),
            bookings=row["bookings"],
            last_turn_at=as_instant_or_none(row["last_turn_at"]),
            acts_for=bool(row["acts_for"]),
        )
        for row in rows
    ]


async def get_turn(booking_id: int) -> tuple[int, int] | None:
    """(family's organisation, its room) of whoever hosts a booking of the village now."""
    row = await db.fetch_one(
        f"SELECT t.host_id, t.room_type_id FROM hosting_turn t WHERE t.booking_id = $1 AND {_NEWEST}",
        booking_id,
    )
    return (row["host_id"], row["room_type_id"]) if row else None


async def list_turns(listing_id: int, *, booking_id: int | None = None, limit: int = 60) -> list[Turn]:
    """What went to whom, newest first; of one booking, or of the whole pool without holds that lapsed."""
    only = (
        " AND t.booking_id = $3" if booking_id is not None else " AND b.state NOT IN ('expired', 'withdrawn')"
    )
    more = [booking_id] if booking_id is not None else []
    rows = await db.fetch(
        "SELECT t.*, b.reference, b.state, b.adults + b.children + b.infants AS guests, b.starts_on, b.ends_on,"
        " o.name AS host, x.name AS before, p.name AS person FROM hosting_turn t JOIN booking b ON b.id = t.booking_id"
        " JOIN organisation o ON o.id = t.host_id LEFT JOIN organisation x ON x.id = t.before_id"
        f" LEFT JOIN person p ON p.id = t.person_id WHERE t.listing_id = $1{only} ORDER BY t.id DESC LIMIT $2",
        listing_id,
        limit,
        *more,
    )
    return [
        Turn(
            reference=row["reference"],
            state=row["state"],
            guests=row["guests"],
            starts_on=as_date(row["starts_on"]),
            ends_on=as_date(row["ends_on"]),
            rooms=row["rooms"],
            nights=row["nights"],
            host=row["host"],
            before=row["before"] or "",
            reason=row["reason"],
            by=row["person"] or "",
            at=as_instant(row["at"]),
        )
        for row in rows
    ]


# Coordination --------------------------------------------------------------------------------------------
async def list_agreed(org_ids: Collection[int]) -> list[tuple[int, int, str]]:
    """(family, village's organisation, family's name) of every family these villages may act for now."""
    ids = sorted(org_ids)
    rows = await db.fetch(
        "SELECT c.host_id, c.village_org_id, o.name FROM coordination c JOIN organisation o ON o.id = c.host_id"
        f" WHERE c.ended_at IS NULL AND c.village_org_id IN ({_in(ids)}) ORDER BY o.name, o.id",
        *ids,
    )
    return [(row["host_id"], row["village_org_id"], row["name"]) for row in rows]


async def list_village_orgs(village_ids: Collection[int]) -> list[tuple[int, str, int]]:
    """(organisation, name, village) of the organisations of these villages."""
    ids = sorted(village_ids)
    rows = await db.fetch(
        "SELECT id, name, village_id FROM organisation WHERE kind = 'village'"
        f" AND village_id IN ({_in(ids)}) ORDER BY name, id",
        *ids,
    )
    return [(row["id"], row["name"], row["village_id"]) for row in rows]


async def agreed_orgs(host_id: int) -> frozenset[int]:
    """The villages' organisations whose coordinators may act for a family."""
    rows = await db.fetch(
        "SELECT village_org_id FROM coordination WHERE host_id = $1 AND ended_at IS NULL", host_id
    )
    return frozenset(row["village_org_id"] for row in rows)


_ACT = (
    "SELECT a.*, h.name AS host, v.name AS village_org, p.name AS person FROM host_act a"
    " JOIN organisation h ON h.id = a.host_id JOIN organisation v ON v.id = a.village_org_id"
    " JOIN person p ON p.id = a.person_id"
)


def _act(row: Row) -> Act:
    return Act(
        id=row["id"],
        host_id=row["host_id"],
        host=row["host"],
        village_org=row["village_org"],
        person=row["person"],
        name=row["name"],
        subject=row["subject"],
        detail=row["detail"],
        at=as_instant(row["at"]),
    )


async def list_acts_for(host_ids: Collection[int], *, since: datetime, limit: int = 20) -> list[Act]:
    """What coordinators did in these families' names, newest first."""
    ids = sorted(host_ids)
    rows = await db.fetch(
        f"{_ACT} WHERE a.at >= $1 AND a.host_id IN ({_in(ids, 2)}) ORDER BY a.id DESC LIMIT {limit:d}",
        since,
        *ids,
    )
    return [_act(row) for row in rows]


async def list_acts_by(org_ids: Collection[int], *, limit: int = 100) -> list[Act]:
    """What the coordinators of these villages did, newest first."""
    ids = sorted(org_ids)
    rows = await db.fetch(
        f"{_ACT} WHERE a.village_org_id IN ({_in(ids)}) ORDER BY a.id DESC LIMIT {limit:d}", *ids
    )
    return [_act(row) for row in rows]
