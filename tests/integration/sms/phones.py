"""A host's phone for the tests: what it sends takes the real path, and what it got is read from the deliveries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from market import clock, db
from market.outbox import worker
from market.outbox.tools import Tools
from market.sms import numbers, receiving
from market.sms.receiving import Incoming, Receipt
from tests import factories
from tests.integration.bookings import flows

OWN = "+6281100000000"
NUMBER = "+6281234567890"


@dataclass
class Phone:
    """A phone. `now` moves on by a second with every message, unless the test moves it."""

    tools: Tools
    now: datetime
    number: str = NUMBER
    sent: list[Receipt] = field(default_factory=list)

    async def send(self, text: str, *, sent_at: datetime | None = None) -> str:
        """Send a message and let the jobs run; the reply, or nothing."""
        self.now += timedelta(seconds=1)
        with clock.frozen(self.now):
            receipt = await receiving.receive(
                Incoming(self.number, text, sent_at or self.now, "test"), own=OWN, now=self.now
            )
            await worker.drain(self.tools)
        self.sent.append(receipt)
        return receipt.reply

    async def work(self) -> None:
        """Let everything that is due now happen."""
        with clock.frozen(self.now):
            await worker.drain(self.tools)

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)

    async def got(self) -> list[str]:
        """Everything that left for this phone, oldest first."""
        rows = await db.fetch(
            "SELECT body FROM delivery WHERE channel = 'sms' AND recipient = $1 AND state = 'sent' ORDER BY id",
            self.number,
        )
        return [row["body"] for row in rows]

    async def last(self) -> str:
        return (await self.got())[-1]


async def connect(
    host_id: int, tools: Tools, now: datetime, *, number: str = NUMBER, locale: str = "id"
) -> Phone:
    """A phone whose owner agreed."""
    phone = Phone(tools, now, number)
    with clock.frozen(now):
        await numbers.invite(
            number, organisation_id=host_id, by=None, by_name="Yeremias", locale=locale, own=OWN, now=now
        )
        await worker.drain(tools)
    await phone.send("ya")
    return phone


async def request(
    listing: Any, slot: Any, tools: Tools, now: datetime, *, adults: int = 2, method: str = "on_arrival"
) -> str:
    """A request that waits for the host; its reference. Jobs have run."""
    with clock.frozen(now):
        reference = await flows.hold_seat(listing, slot, adults=adults, now=now)
        await flows.go_on(reference, tools, method=method, now=now)
        await worker.drain(tools)
    return reference


async def make_class(*, days: int = 40, **fields: Any) -> tuple[Any, Any]:
    """A class on request with a session so many days ahead."""
    listing = await factories.make_listing(instant=False, price_minor=1_000_000, **fields)
    return listing, await factories.make_start(listing, days=days, capacity=8)
