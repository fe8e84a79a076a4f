"""An empty database becomes the demo, once."""

import asyncio
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from market import clock
from market.accounts.models import Membership, Organisation, Person
from market.db import fetch, fetch_one
from market.demo import people, reader, seed
from market.listings import draft_queries, queries, rules
from market.reviews.models import Review

pytestmark = pytest.mark.usefixtures("db")
ROOT = Path(__file__).resolve().parents[3]


async def count(table: str, where: str = "1 = 1") -> int:
    row = await fetch_one(f"SELECT COUNT(*) AS n FROM {table} WHERE {where}")
    return row["n"] if row else 0


async def test_it_fills_an_empty_database_only_once() -> None:
    assert await seed.fill_if_empty() is True
    before = {table: await count(table) for table in ("listing", "person", "slot", "review", "listing_word")}
    assert await seed.fill_if_empty() is False
    assert {table: await count(table) for table in before} == before
    assert before["listing"] == 39
    assert await count("review", "booking_id IS NULL") == len(reader.read().reviews)


async def test_a_database_with_content_is_left_alone() -> None:
    await people.create_person("Somebody", "somebody@example.test", "")
    assert await seed.fill_if_empty() is False
    assert await count("village") == 0


async def test_everything_in_the_demo_is_ready_for_guests_and_ahead() -> None:
    await seed.fill_if_empty()
    now, horizon = clock.now(), clock.now() + timedelta(days=91)
    listings = await fetch("SELECT id, slug, status, review, kind, fund_bp, rating_count FROM listing")
    assert [row["review"] for row in listings if row["status"] != "published"] == ["waiting"]
    shown = Counter(row["kind"] for row in listings if row["status"] == "published")
    assert shown["tour"] >= 12
    assert shown["homestay"] >= 14
    assert shown["lesson"] >= 10
    for row in listings:
        draft = await draft_queries.get_draft(row["id"])
        assert draft is not None
        starts = await queries.list_starts(row["id"], now)
        assert rules.publish_problems(draft, row["fund_bp"], len(starts)) == [], row["slug"]
        assert row["kind"] == "homestay" or len(starts) >= 3, row["slug"]
        assert all(now < slot.book_until and slot.starts_at < horizon for slot in starts), row["slug"]
    stars = await fetch_one("SELECT SUM(rating_sum) AS stars, SUM(rating_count) AS n FROM listing")
    reviews = await Review.filter(side="guest", published_at__isnull=False)
    assert stars == {"stars": sum(review.stars for review in reviews), "n": len(reviews)}
    assert all(review.published_at < now for review in reviews)


async def test_some_tours_sleep_in_listed_homes() -> None:
    await seed.fill_if_empty()
    tours = await fetch(
        "SELECT DISTINCT s.listing_id FROM departure_night n JOIN slot s ON s.id = n.slot_id"
        " JOIN room_type r ON r.id = n.room_type_id WHERE s.kind = 'departure'"
    )
    assert len(tours) >= 4


async def test_there_is_one_account_per_role_and_the_host_has_a_listing_of_each_kind() -> None:
    await seed.fill_if_empty()
    found = {person.email: person for person in await Person.filter(email__in=people.DEMO_EMAILS)}
    assert set(found) == set(people.DEMO_EMAILS)
    roles = {m.person_id: m for m in await Membership.all()}
    assert {email: roles[p.id].role for email, p in found.items() if p.id in roles} == {
        people.HOST: "host",
        people.SUPPLIER: "supplier",
        people.HOTEL: "hotel",
        people.OPERATOR: "operator",
        people.OPERATOR_2: "operator",
        people.COORDINATOR: "host",
        people.COHOST: "host",
        people.FORMER_COHOST: "host",
        **dict.fromkeys((*people.OFFICERS, *people.MORE_OFFICERS), "officer"),
    }
    kinds = {o.id: o.kind for o in await Organisation.all()}
    assert kinds[roles[found[people.SUPPLIER].id].organisation_id] == "supplier"
    assert kinds[roles[found[people.HOTEL].id].organisation_id] == "hotel"
    host_id = roles[found[people.HOST].id].organisation_id
    rows = await fetch("SELECT DISTINCT kind FROM listing WHERE host_id = $1", host_id)
    assert {row["kind"] for row in rows} == {"tour", "homestay", "lesson"}
    assert all(person.password_hash is None for person in await Person.all())


async def test_two_processes_at_once_fill_it_once(db: str) -> None:
    script = (
        "import asyncio, sys\n"
        "from market.db.config import connect, disconnect\n"
        "from market.demo import seed\n"
        "async def main():\n"
        "    await connect(sys.argv[1], 2)\n"
        "    try:\n"
        "        print(await seed.fill_if_empty())\n"
        "    finally:\n"
        "        await disconnect()\n"
        "asyncio.run(main())\n"
    )
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", script, db, cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    outputs = [(await asyncio.wait_for(process.communicate(), 180))[0].decode() for process in processes]
    said = [output.strip().splitlines()[-1] for output in outputs]
    assert sorted(said) == ["False", "False", "True"]
    assert await count("listing") == 39


async def test_scaling_adds_varied_listings_with_dates_and_words() -> None:
    await seed.fill_if_empty()
    told: list[tuple[int, int]] = []
    await seed.scale(80, lambda done, total: told.append((done, total)))
    await seed.scale(40, lambda done, total: told.append((done, total)))
    assert told[-2:] == [(80, 80), (40, 40)]
    assert await count("listing", "status = 'published'") == 38 + 120
    added = await fetch("SELECT id, slug, kind, fund_bp, island FROM listing WHERE slug LIKE '%-1__'")
    assert {row["kind"] for row in added} == {"tour", "homestay", "lesson"}
    assert {row["island"] for row in added} == {"timor", "alor", "flores", "sumba", "rote", "sabu"}
    for row in added:
        draft = await draft_queries.get_draft(row["id"])
        assert draft is not None
        starts = await queries.list_starts(row["id"], clock.now())
        assert rules.publish_problems(draft, row["fund_bp"], len(starts)) == [], row["slug"]
        words = await fetch_one("SELECT COUNT(*) AS n FROM listing_word WHERE listing_id = $1", row["id"])
        assert words is not None
        assert words["n"] > 50
    demo_rooms = {
        r["id"]
        for r in await fetch(
            "SELECT r.id FROM room_type r JOIN listing l ON l.id = r.listing_id WHERE l.id <= 39"
        )
    }
    slept = await fetch(
        "SELECT DISTINCT n.room_type_id FROM departure_night n JOIN slot s ON s.id = n.slot_id"
        " WHERE s.listing_id > 39"
    )
    assert slept
    assert not demo_rooms & {row["room_type_id"] for row in slept}, "a varied tour sleeps in a varied house"


async def test_a_village_hosts_in_turn_and_the_demo_s_host_has_help() -> None:
    await seed.fill_if_empty()
    families = await fetch("SELECT host_id FROM pool_member WHERE state = 'active'")
    assert len(families) == 4
    turns = await fetch("SELECT host_id, reason FROM hosting_turn")
    assert len({turn["host_id"] for turn in turns}) >= 3
    assert len([turn for turn in turns if turn["reason"]]) == 1
    assert await count("allotment", "until_on IS NULL") == 1
    assert await count("membership", "rights = 'calendar,requests' AND expires_at IS NOT NULL") == 3
    assert await count("coordination") == 2
    assert await count("host_act") == 1
    assert await count("slot", "kind = 'night' AND price_minor IS NOT NULL") == 4
