"""Keeps a long-lived demo alive: dates stay in the coming 90 days. Does nothing outside demo mode."""

from __future__ import annotations

from datetime import timedelta

from market.demo import loader, purchases
from market.outbox.registry import Payload, every, handles
from market.outbox.tools import Tools
from market.settings import Settings


@every(timedelta(hours=12), "demo.keep_dates_ahead")
async def keep_dates_ahead(tools: Tools) -> None:
    """Schedule departures and sessions that the calendar has brought within reach."""
    if tools.of(Settings).demo:
        await loader.keep_dates_ahead()


@handles(purchases.DRAW)
async def draw_receipts(payload: Payload, tools: Tools) -> None:
    """Photos of the demo hotel's papers."""
    if tools.of(Settings).demo:
        await purchases.draw(payload, tools)
