"""What the register does by itself: remind before the day to report is over, erase what the law no longer asks for,
and follow a rotation of keys.
"""

from __future__ import annotations

from datetime import timedelta

import market.register.taking_along  # noqa: F401 # pyright: ignore[reportUnusedImport] - parts of a file
from market import clock
from market.outbox.registry import Payload, every, handles
from market.outbox.tools import Tools
from market.register import reminding, service
from market.settings import Settings


@every(timedelta(minutes=10), "register.find_due")
async def find_due(tools: Tools) -> None:
    """Look for stays whose day to report is nearly over."""
    await reminding.find_due(clock.now())


@handles("register.remind")
async def remind(payload: Payload, tools: Tools) -> None:
    """Write to the host, unless it has been settled in the meantime."""
    await reminding.remind(payload["booking"], tools.of(Settings))


@every(timedelta(hours=6), "register.erase")
async def erase(tools: Tools) -> None:
    """Erase guests whose legal term is over."""
    await service.erase_old(clock.today(), tools.of(Settings).register_keep_days, clock.now())


@every(timedelta(hours=1), "register.rewrap")
async def rewrap(tools: Tools) -> None:
    """Bring what the previous key wrapped under the present one, so that the old one can be thrown away."""
    await service.rewrap(tools.of(Settings).secrets)
