"""What reviews do when a visit ends and when time passes. Every reaction may safely run twice."""

from __future__ import annotations

from datetime import timedelta

import market.reviews.taking_along  # noqa: F401 # pyright: ignore[reportUnusedImport] - a part of the file one may take along
from market import clock
from market.outbox.registry import Payload, every, handles
from market.outbox.tools import Tools
from market.reviews import letters, service
from market.settings import Settings


@handles("reviews.open")
async def open_window(payload: Payload, tools: Tools) -> None:
    """A visit is over: both sides may write."""
    await service.open_window(payload["booking"], clock.now())


@handles("reviews.invite")
async def invite(payload: Payload, tools: Tools) -> None:
    """Ask both sides."""
    await letters.invite(payload["booking"], tools.of(Settings), clock.now())


@handles("reviews.remind")
async def remind(payload: Payload, tools: Tools) -> None:
    """Ask once more."""
    await letters.remind(payload["booking"], tools.of(Settings), clock.now())


@handles("reviews.tell_published")
async def tell_published(payload: Payload, tools: Tools) -> None:
    """Both are shown."""
    await letters.published(payload["booking"], tools.of(Settings), clock.now())


@handles("reviews.tell_judged")
async def tell_judged(payload: Payload, tools: Tools) -> None:
    """An operator hid or restored a review."""
    await letters.judged(
        payload["review"], payload["act"], payload["reason"], tools.of(Settings), clock.now()
    )


@handles("reviews.guest_forgotten")
async def guest_forgotten(payload: Payload, tools: Tools) -> None:
    """The guest's name goes from what they wrote."""
    await service.forget_guest(payload["booking"])


@handles("reviews.person_deleted")
async def person_deleted(payload: Payload, tools: Tools) -> None:
    """Somebody deleted their account: what they said against reviews goes too."""
    await service.forget_reporter(payload["person"])


@every(timedelta(minutes=10), "reviews.close")
async def close(tools: Tools) -> None:
    """Show what was written where the time is up, and remind where a week has passed."""
    now = clock.now()
    await service.close_due(now)
    await service.remind_due(now)
