"""Steps that the booking tests share: hold, go on to pay, press a button at the demonstration provider, drain jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from market import clock, db
from market.bookings import holding, rows, service
from market.bookings.paying import Guest, Links
from market.bookings.quote import Choice
from market.bookings.rows import BookingRow
from market.listings import queries as listings
from market.outbox import worker
from market.outbox.tools import Tools
from market.payments import inbox, queries
from market.payments.adapters import demo_card
from market.payments.adapters.demo_card import Press
from market.values.party import Party

GUEST = Guest("Hannah Weber", "hannah@example.test", "+491700000000", "Vegetarian")
LINKS = Links("/done", "/back")
_keys = iter(range(1_000_000))


async def hold_seat(
    listing: Any, slot: Any, *, adults: int = 1, children: int = 0, now: datetime | None = None
) -> str:
    """Hold seats of a departure or session; the booking's reference."""
    instant = now or clock.now()
    row = await listings.get_slot(slot.id, instant)
    return await hold_choice(listing, Choice(Party(adults, children), slot=row), now=instant)


async def hold_choice(listing: Any, choice: Choice, *, now: datetime | None = None) -> str:
    offering = await listings.get_offering(listing_id=listing.id)
    held = await holding.hold(
        offering=offering,
        choice=choice,
        request_key=f"key-{next(_keys)}",
        locale="en",
        person_id=None,
        now=now or clock.now(),
    )
    return held.reference


async def go_on(
    reference: str, tools: Tools, *, method: str = "demo_card", now: datetime | None = None
) -> str | None:
    """Give contact details and choose how to pay; the address of the provider's page, if any."""
    return await service.proceed(
        reference,
        guest=GUEST,
        method=method,
        tools=tools,
        links=LINKS,
        description="Test",
        now=now or clock.now(),
    )


async def press(reference: str, tools: Tools, button: Press = Press.PAY, *, purpose: str = "booking") -> None:
    """Press a button on the demonstration provider's page of the newest payment, and let the jobs run."""
    payments = [p for p in await queries.list_payments(reference) if p.purpose == purpose]
    async with db.transaction():
        news = await demo_card.press(payments[-1].reference, button)
        if news is not None:
            await inbox.receive("demo", news, now=clock.now())
    await worker.drain(tools)


async def confirmed(
    listing: Any, slot: Any, tools: Tools, *, adults: int = 1, method: str = "demo_card"
) -> BookingRow:
    """A paid and confirmed booking."""
    reference = await hold_seat(listing, slot, adults=adults)
    await go_on(reference, tools, method=method)
    if method == "demo_card":
        await press(reference, tools)
    await worker.drain(tools)
    return await rows.get(reference)
