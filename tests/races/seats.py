"""A racer for places of one departure: holds, gives most back, confirms the others, and writes down what it was told.

Killed and started anew, it goes on where its file ends, and repeats the request that may have been cut off.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

from market import clock
from market.app import handlers as _handlers  # noqa: F401
from market.bookings import rows, service
from market.bookings.paying import Guest, HoldOver, Links
from market.bookings.quote import Choice
from market.bookings.states import State, WrongState
from market.bookings.stock import SoldOut
from market.db.config import connect, disconnect
from market.listings import queries as listings
from market.outbox.tools import Tools
from market.values.party import Party

GUEST = Guest("Hannah Weber", "hannah@example.test", "+491700000000")


def log_of(config: dict[str, Any], number: int) -> Path:
    return Path(config["folder"]) / f"racer-{number}.log"


async def race(config: dict[str, Any], number: int) -> None:
    """Make this racer's share of the requests."""
    await connect(config["url"], pool_size=2)
    path = log_of(config, number)
    done = len(path.read_text().splitlines()) if path.exists() else 0
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    offering = await listings.get_offering(listing_id=config["listing"])
    share = config["requests"] // config["processes"]
    for n in range(done, share):
        keeps = random.Random(f"{number}-{n}").random() < config["keep"]
        answer = await ask(config, offering, f"racer-{number}-{n}", keeps=keeps)
        os.write(log, f"{n} {answer}\n".encode())
    await disconnect()


async def ask(config: dict[str, Any], offering: Any, key: str, *, keeps: bool) -> str:
    """One request, from the hold to the answer."""
    now = clock.now()
    slot = await listings.get_slot(config["slot"], now)
    try:
        held = await service.hold(
            offering=offering,
            choice=Choice(Party(1), slot=slot),
            request_key=key,
            locale="en",
            person_id=None,
            now=now,
        )
    except SoldOut:
        return "full"
    try:
        if not keeps:
            await service.withdraw(held.reference, by=None, now=clock.now())
            return "back"
        await service.proceed(
            held.reference,
            guest=GUEST,
            method="on_arrival",
            tools=Tools({}),
            links=Links("/done", "/back"),
            description="Race",
            now=clock.now(),
        )
    except (WrongState, HoldOver):
        # The request that was cut off had gone further than its file.
        if (await rows.get(held.reference)).state is not State.CONFIRMED:
            return "over"
    return f"confirmed {held.reference}"
