"""Timed duties and jobs of departures, of the choices that follow, and of waiting lists. Each may safely run twice."""

from __future__ import annotations

from datetime import timedelta

from market import clock
from market.bookings import (
    departing,
    departure_telling,
    moving,
    stock,
    waiting,
    waiting_offers,
    waiting_telling,
)
from market.listings import departures
from market.outbox.registry import Payload, every, handles
from market.outbox.tools import Tools


@handles(departures.NEWS)
async def departure_decided(payload: Payload, tools: Tools) -> None:
    """Settle every guest of a departure that was decided, and write to its host."""
    await departing.settle(payload["slot"], clock.now())
    await departure_telling.tell_host(payload["slot"], tools)


@handles(stock.SERVE_WAITING)
async def serve_waiting(payload: Payload, tools: Tools) -> None:
    """Places came free: offer them to those who wait."""
    await waiting_offers.serve(payload["listing"], clock.now())


@handles(waiting.TELL)
async def tell_waiting(payload: Payload, tools: Tools) -> None:
    """Write to somebody who waits."""
    await waiting_telling.tell(payload, tools)


@every(timedelta(minutes=5), "bookings.decide_departures")
async def decide_departures(tools: Tools) -> None:
    """Guarantee or call off the departures whose day has come."""
    await departing.decide_all(clock.now())


@every(timedelta(seconds=30), "bookings.end_silent_choices")
async def end_silent_choices(tools: Tools) -> None:
    """Give the money back to those who did not choose in 48 hours."""
    await moving.end_silent(clock.now())


@every(timedelta(seconds=30), "bookings.keep_waiting_lists")
async def keep_waiting_lists(tools: Tools) -> None:
    """Offer what came free in other ways (more places, nights opened), and close what is over."""
    await waiting_offers.keep(clock.now())
