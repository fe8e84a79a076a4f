"""A payments desk of its own: the webhook door, Stripe (the fake one), and jobs that run when a test says so."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from market import clock
from market import db as database
from market.db.sql import as_json
from market.errors import DomainError
from market.outbox import registry
from market.outbox.tools import Tools
from market.payments import handlers, ledger, pages, queries
from market.payments import service as payments
from market.payments.adapters import build_card_provider
from market.payments.port import CardProvider
from market.payments.queries import PaymentRow
from market.settings import Bank, Settings, Stripe
from market.web import problems, urls
from tests.fakes.stripe_app import FakeStripe, serve

assert handlers
AMOUNT = 1_050_000
BOOKING = "K7QF3M9T"


@dataclass
class Desk:
    """Everything a test of payments touches."""

    fake: FakeStripe
    tools: Tools
    browser: httpx.AsyncClient

    async def open(
        self,
        *,
        booking: str = BOOKING,
        amount: int = AMOUNT,
        method: str = "card",
        later: bool = False,
        subject: str = "",
        begin: bool = True,
    ) -> str:
        async with database.transaction():
            reference = await payments.open_payment(
                booking_reference=booking,
                purpose="booking",
                subject=subject or booking,
                method=method,
                amount_minor=amount,
                capture_later=later,
                expires_at=clock.now() + timedelta(minutes=15),
                now=clock.now(),
            )
        if begin:
            await self.begin(reference)
        return reference

    async def begin(self, reference: str, **facts: Any) -> str | None:
        return await payments.begin(
            reference,
            tools=self.tools,
            description="Weaving in Tiworiwu",
            **{
                "email": "ana@example.test",
                "locale": "id",
                "return_url": "http://testserver/done",
                "cancel_url": "http://testserver/back",
                **facts,
            },
        )

    async def session(self, reference: str) -> str:
        return (await self.payment(reference)).session_ref

    async def pay(self, reference: str) -> dict[str, Any]:
        return self.fake.books.pay(await self.session(reference))

    async def payment(self, reference: str) -> PaymentRow:
        return await queries.get_payment(reference)

    async def deliver(self, **how: Any) -> list[int]:
        return await self.fake.deliver(self.browser, **how)

    async def send(self, event: dict[str, Any], **how: Any) -> httpx.Response:
        body, headers = self.fake.message(event, **how)
        return await self.browser.post("/webhooks/stripe", content=body, headers=headers)

    async def run_jobs(self) -> list[str]:
        """Run the provider work that is due; names of handlers, those that failed marked. Failed jobs stay."""
        ran: list[str] = []
        rows = await database.fetch("SELECT id, handler, payload FROM job WHERE state = 'ready' ORDER BY id")
        for row in rows:
            if row["handler"].startswith("payments."):
                try:
                    await registry.run(row["handler"], as_json(row["payload"]), self.tools)
                except DomainError:
                    ran.append(f"{row['handler']} failed")
                    continue
                await database.execute("UPDATE job SET state = 'done' WHERE id = $1", row["id"])
                ran.append(row["handler"])
        return ran

    async def told(self, name: str = "") -> list[dict[str, Any]]:
        """What was told upward, oldest first."""
        rows = await database.fetch(
            "SELECT handler, payload FROM job WHERE handler LIKE 'booking.%' ORDER BY id"
        )
        return [as_json(row["payload"]) for row in rows if name in row["handler"]]

    async def alerts(self) -> list[str]:
        rows = await database.fetch("SELECT last_error FROM job WHERE state = 'parked' ORDER BY id")
        return [row["last_error"] for row in rows]

    async def hold(self, booking: str = BOOKING) -> int:
        return await ledger.balance(ledger.guest_hold(booking))

    async def later(self, **time: float) -> datetime:
        """Age every payment, as if it had happened so long ago."""
        then = clock.now() - timedelta(**time)
        await database.execute("UPDATE payment SET updated_at = $1", then)
        return then


def small_app(tools: Tools) -> Starlette:
    app = Starlette(routes=pages.routes, exception_handlers={DomainError: problems.domain_error})
    app.state.tools = tools
    app.state.demo = False
    return app


@pytest.fixture
async def desk(db: str, tmp_path: Path) -> AsyncGenerator[Desk]:
    urls.learn(pages.routes)
    fake = FakeStripe()
    async with serve(fake) as address:
        settings = Settings(
            database_url=db,
            data_dir=tmp_path,
            bank=Bank("Bank Uji", "123", "Benang Uji"),
            stripe=Stripe("sk_test_x", fake.secret, address),
        )
        tools = Tools({Settings: settings, CardProvider: build_card_provider(settings)})
        transport = httpx.ASGITransport(app=small_app(tools))
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as browser:
            yield Desk(fake, tools, browser)
        assert await ledger.trial_balance() == 0
