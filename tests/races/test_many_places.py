"""Thousands of requests for some places from eight processes, many of them killed: nothing oversold, nothing undersold,
and nothing lost that somebody was told. The figures of the whole race: MARKET_RACE_REQUESTS=10000
MARKET_RACE_PLACES=500 MARKET_RACE_KILLS=200.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from market import clock
from market.bookings import service
from market.bookings.models import Allocation, Booking
from market.bookings.quote import Choice
from market.listings import queries as listings
from market.listings.models import Slot
from market.values.party import Party
from tests import factories
from tests.races import seats

ROOT = Path(__file__).resolve().parents[2]
PLACES = int(os.environ.get("MARKET_RACE_PLACES", "40"))
REQUESTS = int(os.environ.get("MARKET_RACE_REQUESTS", "800"))
KILLS = int(os.environ.get("MARKET_RACE_KILLS", "20"))
PROCESSES, PATIENCE = 8, 180 + REQUESTS / 10


async def run(race: str, config: dict[str, Any]) -> dict[str, Any]:
    """Let a race run in processes of its own; what its mother says afterwards."""
    mother = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.races.nursery",
        race,
        json.dumps(config),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, complaints = await asyncio.wait_for(mother.communicate(), config["seconds"] + 30)
    assert mother.returncode == 0, complaints.decode()
    said = json.loads(out.decode().strip().splitlines()[-1])
    assert set(said["codes"]) == {0}, complaints.decode()
    assert said["late"] == 0
    return said


async def test_nothing_is_oversold_undersold_or_lost_under_kill_9(db, tmp_path):
    lesson = await factories.make_listing(title="Weaving buna")
    session = await factories.make_start(lesson, days=20, capacity=PLACES)
    config = {
        "url": db,
        "folder": str(tmp_path),
        "listing": lesson.id,
        "slot": session.id,
        "processes": PROCESSES,
        "requests": REQUESTS,
        # So many are kept that the places run out somewhere in the last third.
        "keep": PLACES / (REQUESTS * 0.8),
        "kills": KILLS,
        # All of the killing within the time that the fastest machine takes for a third of the requests.
        "pause": max(0.03, REQUESTS / 1200 / max(1, KILLS)),
        "seconds": PATIENCE,
        "seed": 5371,
    }
    said = await run("seats", config)
    assert said["kills"] == KILLS
    lines = [
        line.split()[1:]
        for n in range(PROCESSES)
        for line in seats.log_of(config, n).read_text().splitlines()
    ]
    assert len(lines) == REQUESTS // PROCESSES * PROCESSES
    told = Counter(line[0] for line in lines)
    promised = {line[1] for line in lines if line[0] == "confirmed"}
    kept = {booking.reference for booking in await Booking.filter(state="confirmed")}
    assert promised <= kept, "acknowledged and lost"
    assert len(kept - promised) <= KILLS, "more unacknowledged than could have been cut off"
    await agrees(session.id)
    assert (await Slot.get(id=session.id)).confirmed == len(kept) <= PLACES
    assert told["back"] > REQUESTS / 2
    await sell_the_rest(lesson, session)
    shelf = await Slot.get(id=session.id)
    assert (shelf.held, shelf.confirmed) == (PLACES - len(kept), len(kept))
    await agrees(session.id)


async def agrees(slot_id: int) -> None:
    """What the shelf says is what bookings own."""
    shelf = await Slot.get(id=slot_id)
    owned: Counter[str] = Counter()
    for part in await Allocation.filter(slot_id=slot_id):
        owned[part.state] += part.quantity
    assert (shelf.held, shelf.confirmed) == (owned["held"], owned["confirmed"])
    assert shelf.held + shelf.confirmed <= PLACES


async def sell_the_rest(lesson: Any, session: Any) -> None:
    """Once the holds of the killed have lapsed, every place that is left can be had, and not one more."""
    later = clock.now() + timedelta(minutes=16)
    await service.lapse_all(later, 10_000)
    offering = await listings.get_offering(listing_id=lesson.id)
    for n in range(PLACES + 1):
        slot = await listings.get_slot(session.id, later)
        if not slot.free:
            return
        await service.hold(
            offering=offering,
            choice=Choice(Party(1), slot=slot),
            request_key=f"rest-{n}",
            locale="en",
            person_id=None,
            now=later,
        )
