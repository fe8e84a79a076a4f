"""Fills a database with the demo: villages, hosts and their accounts, listings with dates, reviews.

Runs inside one transaction of `seed`. Listings go through `listings.service` and its rules, as any host's do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from market import clock, db
from market.accounts.models import Organisation
from market.demo import people, reader
from market.errors import Refused
from market.listings import draft_queries
from market.listings import service as listings
from market.listings.offering import Kind, Status
from market.places.models import Village
from market.reviews.models import Review


@dataclass(slots=True)
class Made:
    """The ids of what was made, by the names the files use."""

    villages: dict[str, int] = field(default_factory=dict[str, int])
    hosts: dict[str, int] = field(default_factory=dict[str, int])
    rooms: dict[str, int] = field(default_factory=dict[str, int])
    listings: dict[str, int] = field(default_factory=dict[str, int])


async def load() -> Made:
    """Everything, in the order in which one thing needs another."""
    content, made = reader.read(), Made()
    for record in content.villages:
        made.villages[record["slug"]] = await _village(record)
    await people.create_people()
    for record in content.hosts:
        made.hosts[record["slug"]] = await _host(record, made.villages[record["village"]])
    for entry in content.listings:
        made.listings[entry.slug] = await _listing(entry, made)
    await _reviews(content, made.listings)
    return made


async def _village(record: reader.Record) -> int:
    village = await Village.create(
        slug=record["slug"],
        name=record["name"],
        code=record["code"],
        island=record["island"],
        region=record["region"],
        lat=record["lat"],
        lon=record["lon"],
        texts=reader.texts(record, "about", "fund_name"),
    )
    return village.id


async def _host(record: reader.Record, village_id: int) -> int:
    host = await Organisation.create(
        kind="host",
        slug=record["slug"],
        name=record["name"],
        village_id=village_id,
        phone=record["phone"],
        since=record["since"],
        answers_hours=record["answers_hours"],
        languages=",".join(record["languages"]),
        texts=reader.texts(record, "about"),
        created_at=clock.now(),
    )
    email = people.HOST if record["slug"] == people.DEMO_HOST else record["email"]
    person_id = await people.create_person(record["member"], email, record["phone"])
    await people.create_membership(person_id, "host", host.id)
    return host.id


async def _listing(entry: reader.Entry, made: Made) -> int:
    today = clock.today()
    draft = reader.draft(
        entry,
        host_id=made.hosts[entry.host],
        village_id=made.villages[entry.village],
        room_ids=made.rooms,
        today=today,
    )
    listing_id = await listings.create_listing(draft, houses_agreed=True)
    for key, room_id in (await draft_queries.get_room_ids(listing_id)).items():
        made.rooms[f"{entry.slug}/{key}"] = room_id
    for day in reader.starts(entry, today):
        await _start(entry.kind, listing_id, day)
    await listings.set_status(listing_id, Status.PUBLISHED)
    return listing_id


async def keep_dates_ahead() -> int:
    """Schedule the demo listings' dates that have come within 90 days since the last time; how many."""
    today, added = clock.today(), 0
    for entry in reader.read().listings:
        row = await db.fetch_one(
            "SELECT l.id, MAX(s.starts_on) AS last FROM listing l LEFT JOIN slot s ON s.listing_id = l.id"
            " AND s.kind <> 'night' WHERE l.slug = $1 AND l.status = 'published' AND l.kind <> 'homestay'"
            " GROUP BY l.id",
            entry.slug,
        )
        if row is None:
            continue
        last = db.as_date(row["last"]) if row["last"] else today
        for day in reader.starts(entry, today):
            if day > last:
                await _start(entry.kind, row["id"], day)
                added += 1
    return added


async def _start(kind: Kind, listing_id: int, day: date) -> None:
    if kind is Kind.LESSON:
        await listings.schedule_session(listing_id, day)
        return
    try:
        await listings.schedule_departure(listing_id, day)
    except Refused as refused:
        if refused.code != "house_closed":  # a house's own closed days are the one good reason to skip a date
            raise


async def _reviews(content: reader.Content, listing_ids: Mapping[str, int]) -> None:
    now = clock.now()
    host_ids = {row["id"]: row["host_id"] for row in await db.fetch("SELECT id, host_id FROM listing")}
    stars: dict[int, list[int]] = defaultdict(list)
    found: list[Review] = []
    for n, record in enumerate(content.reviews):
        listing_id = listing_ids[record["listing"]]
        stars[listing_id].append(record["stars"])
        found.append(
            Review(
                listing_id=listing_id,
                host_id=host_ids[listing_id],
                author=record["author"],
                country={
                    locale: texts["country"] for locale, texts in reader.texts(record, "country").items()
                },
                stars=record["stars"],
                body=record["text"].strip(),
                locale=record["locale"],
                notes={},
                written_at=now - timedelta(days=record["days_ago"], minutes=n),
                published_at=now - timedelta(days=record["days_ago"], minutes=n),
            )
        )
    await Review.bulk_create(found)
    for listing_id, given in stars.items():
        await listings.add_ratings(listing_id, given)
