"""200 visitors in 4 processes race for what only one can have, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

from market.bookings.models import Allocation, Booking
from market.listings.models import Slot
from tests import factories

ROOT = Path(__file__).resolve().parents[2]
PROCESSES, CLIENTS = 4, 50


async def race(url: str, folder: Path, slug: str, fields: dict[str, object]) -> Counter[str]:
    """Let the processes run; what their visitors read, added up."""
    start_at = time.time() + 6
    children = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.races.booker",
            url,
            str(folder),
            slug,
            urlencode(fields),
            str(CLIENTS),
            str(start_at),
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        for _ in range(PROCESSES)
    ]
    total: Counter[str] = Counter()
    for child in children:
        out, _ = await asyncio.wait_for(child.communicate(), 90)
        assert child.returncode == 0
        total.update(json.loads(out.decode().strip().splitlines()[-1]))
    return total


async def test_the_last_seat_goes_to_exactly_one(db, tmp_path):
    lesson = await factories.make_listing(title="Weaving buna")
    wanted = await factories.make_start(lesson, days=20, capacity=1)
    await factories.make_start(lesson, days=27, capacity=8)
    total = await race(db, tmp_path, lesson.slug, {"slot": wanted.id, "adults": 1})
    assert total == {"held": 1, "sold out, with alternatives": PROCESSES * CLIENTS - 1}
    assert await Booking.all().count() == await Allocation.all().count() == 1
    shelf = await Slot.get(id=wanted.id)
    assert (shelf.held, shelf.confirmed) == (1, 0)


async def test_the_last_room_for_three_nights_goes_to_exactly_one(db, tmp_path):
    homestay, room = await factories.make_homestay(title="Mama Rosalina")
    fields = {
        "from": factories.in_days(20),
        "to": factories.in_days(23),
        "room": room.id,
        "rooms": 1,
        "adults": 2,
    }
    total = await race(db, tmp_path, homestay.slug, fields)
    assert total["held"] == 1
    assert sum(total.values()) == PROCESSES * CLIENTS
    assert set(total) <= {"held", "sold out", "sold out, with alternatives"}
    assert await Booking.all().count() == 1
    assert [s.held for s in await Slot.all()] == [1, 1, 1]
