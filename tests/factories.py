"""Plain async functions that make what a test needs, with sensible defaults and unique names."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from market import clock
from market.accounts.models import Membership, Organisation, Person
from market.db import execute
from market.listings.models import Closure, Extra, Listing, Payee, RoomType, Season, Slot
from market.places.models import Village
from market.values.dates import local_day, local_instant

_numbers = iter(range(1, 1_000_000))
BANDS = [
    {"key": "adult", "min_age": 12, "max_age": 120, "percent": 100, "seat": True},
    {"key": "child", "min_age": 4, "max_age": 11, "percent": 50, "seat": True},
    {"key": "infant", "min_age": 0, "max_age": 3, "percent": 0, "seat": False},
]


def in_days(days: int) -> date:
    return local_day(clock.now()) + timedelta(days=days)


async def make_person(
    *, name: str = "Ana", email: str | None = None, verified: bool = True, **fields: Any
) -> Person:
    n = next(_numbers)
    now = clock.now()
    return await Person.create(
        name=name,
        email=email or f"person{n}@example.test",
        locale="en",
        created_at=now,
        verified_at=now if verified else None,
        **fields,
    )


async def make_village(**fields: Any) -> Village:
    n = next(_numbers)
    values = {
        "slug": f"village-{n}",
        "name": "Tiworiwu",
        "code": "53.09.04.2011",
        "island": "flores",
        "region": "flores",
        "lat": -8.87,
        "lon": 120.98,
        "fund_bp": 500,
        "texts": {l: {"about": "A village.", "fund_name": "Village fund"} for l in ("id", "en")},
    }
    return await Village.create(**{**values, **fields})


async def make_host(
    *, village_id: int | None = None, person: Person | None = None, **fields: Any
) -> Organisation:
    n = next(_numbers)
    village = village_id or (await make_village()).id
    values: dict[str, Any] = {
        "kind": "host",
        "slug": f"host-{n}",
        "name": "Mama Rosalina",
        "village_id": village,
        "phone": "+628120000000",
        "texts": {l: {"about": "Weaves."} for l in ("id", "en")},
        "created_at": clock.now(),
    }
    host = await Organisation.create(**{**values, **fields})
    if person is not None:
        await make_member(person, "host", host.id)
    return host


async def make_member(person: Person, role: str, organisation_id: int | None = None) -> Membership:
    return await Membership.create(
        person_id=person.id, organisation_id=organisation_id, role=role, created_at=clock.now()
    )


async def make_listing(*, kind: str = "lesson", title: str = "Weaving buna", **fields: Any) -> Listing:
    """A published listing of a kind, with texts in both languages."""
    n = next(_numbers)
    host_id = fields.pop("host_id", None)
    if host_id is None:
        host = await make_host()
        host_id, village_id = host.id, host.village_id
    else:
        village_id = fields.pop("village_id", None) or (await Organisation.get(id=host_id)).village_id
    now = clock.now()
    price = fields.get("price_minor", 200_000)
    policy = {"tour": "tour", "homestay": "flexible", "lesson": "class_24h"}[kind]
    values: dict[str, Any] = {
        "slug": f"listing-{n}",
        "kind": kind,
        "status": "published",
        "host_id": host_id,
        "village_id": village_id,
        "island": "flores",
        "kabupaten": "53.09",
        "region": "flores",
        "emblem": "house",
        "instant": True,
        "policy": policy,
        "min_party": 1,
        "max_party": 12,
        "capacity": 8,
        "price_minor": price,
        "shown_price_minor": price + price * 5 // 100,
        "bands": BANDS,
        "group_prices": [],
        "weekday_percent": {},
        "lat": -8.87,
        "lon": 120.98,
        "address": "Private road 1",
        "days": 3 if kind == "tour" else 1,
        "minutes": 240 if kind == "lesson" else 0,
        "start_time": "09:00",
        "created_at": now,
        "updated_at": now,
    }
    listing = await Listing.create(**{**values, **fields})
    for locale in ("id", "en"):
        await execute(
            "INSERT INTO listing_text (listing_id, locale, title, summary, body, access, included, excluded, manners)"
            " VALUES ($1, $2, $3, 'Short', 'Body', '', '[]', '[]', '[]')",
            listing.id,
            locale,
            title,
        )
    return listing


async def make_room(
    listing: Listing, *, count: int = 1, sleeps: int = 2, price_minor: int = 200_000
) -> RoomType:
    n = next(_numbers)
    return await RoomType.create(
        listing_id=listing.id,
        position=n,
        key=f"room-{n}",
        count=count,
        sleeps=sleeps,
        price_minor=price_minor,
        texts={l: {"name": "Front room", "about": ""} for l in ("id", "en")},
    )


async def make_homestay(*, rooms: int = 1, sleeps: int = 2, **fields: Any) -> tuple[Listing, RoomType]:
    listing = await make_listing(kind="homestay", **fields)
    return listing, await make_room(listing, count=rooms, sleeps=sleeps)


async def make_start(listing: Listing, *, days: int = 20, capacity: int = 8, **fields: Any) -> Slot:
    """A departure of a tour or a session of a lesson, so many days from today."""
    starts_on = in_days(days)
    starts_at = local_instant(starts_on, time.fromisoformat(listing.start_time))
    ends_on = starts_on + timedelta(days=listing.days - 1)
    ends_at = starts_at + timedelta(minutes=listing.minutes or listing.days * 24 * 60)
    values: dict[str, Any] = {
        "kind": "departure" if listing.kind == "tour" else "session",
        "listing_id": listing.id,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "book_until": starts_at - timedelta(hours=listing.cutoff_hours),
        "capacity": capacity,
    }
    return await Slot.create(**{**values, **fields})


async def make_extra(
    listing: Listing, *, key: str = "dinner", price_minor: int = 50_000, per: str = "person"
) -> Extra:
    texts = {l: {"name": "Dinner"} for l in ("id", "en")}
    return await Extra.create(
        listing_id=listing.id, position=1, key=key, price_minor=price_minor, per=per, texts=texts
    )


async def make_payee(listing: Listing, *, bp: int = 2000, kind: str = "guide") -> Payee:
    texts = {l: {"name": "Guide"} for l in ("id", "en")}
    return await Payee.create(listing_id=listing.id, position=1, kind=kind, bp=bp, texts=texts)


async def make_season(listing: Listing, from_md: str, to_md: str, percent: int) -> Season:
    texts = {l: {"name": "High season"} for l in ("id", "en")}
    return await Season.create(
        listing_id=listing.id, from_md=from_md, to_md=to_md, percent=percent, texts=texts
    )


async def make_closure(listing: Listing, from_on: date, to_on: date) -> Closure:
    texts = {l: {"reason": "Harvest ceremony"} for l in ("id", "en")}
    return await Closure.create(listing_id=listing.id, from_on=from_on, to_on=to_on, texts=texts)


def at(text: str) -> datetime:
    """An aware UTC instant from ISO text."""
    value = datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=UTC)
