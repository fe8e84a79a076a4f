"""What the worker does for linked calendars: fetch what is due, try again what waits for room, and tell guests of
nights that nobody settled.
"""

from __future__ import annotations

from datetime import timedelta

import market.calendars.taking_along  # noqa: F401 # pyright: ignore[reportUnusedImport] - parts of a file
from market import clock
from market.calendars import letters, links, syncing
from market.calendars.adapters.fetching import CalendarFetcher
from market.outbox.registry import Payload, every, handles
from market.outbox.tools import Tools
from market.settings import Settings


@handles(links.REFRESH)
async def refresh(payload: Payload, tools: Tools) -> None:
    """Fetch one calendar and take over what it says."""
    fetcher = tools.find(CalendarFetcher) or CalendarFetcher()
    await links.refresh(int(payload["link"]), fetcher, tools.of(Settings))


@every(timedelta(minutes=1), "calendars.due")
async def due(tools: Tools) -> None:
    """Calendars whose half hour is over; and nights sold elsewhere that have come free here."""
    now = clock.now()
    await links.queue_due(now)
    await syncing.settle_open(now=now, config=tools.of(Settings))


@every(timedelta(minutes=15), "calendars.tell_guests")
async def tell_guests(tools: Tools) -> None:
    """Collisions that still stand shortly before somebody arrives."""
    await letters.tell_guests(tools.of(Settings))
