"""Letters about arrivals that did not happen. Every reaction may safely run twice."""

from __future__ import annotations

from market import clock
from market.arrivals import letters
from market.bookings import absences
from market.outbox.registry import Payload, handles
from market.outbox.tools import Tools
from market.settings import Settings


@handles("arrivals.tell")
async def tell(payload: Payload, tools: Tools) -> None:
    """Write to both sides, and to operators, about a no-show."""
    await letters.tell(payload["booking"], payload["what"], tools.of(Settings), clock.now())


@handles("arrivals.guest_forgotten")
async def guest_forgotten(payload: Payload, tools: Tools) -> None:
    """What the guest answered to a no-show goes with the guest; that it was decided, and how, stays."""
    await absences.forget_answer(payload["booking"])
