"""A racer that delivers its part of the card provider's messages, some of them forged, and writes down the answers."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette

from market.app import handlers as _handlers  # noqa: F401
from market.db.config import connect, disconnect
from market.errors import DomainError
from market.outbox.tools import Tools
from market.payments import pages
from market.payments.adapters.stripe import StripeCards
from market.payments.port import CardProvider
from market.settings import Stripe
from market.web import problems
from tests.fakes.stripe_app import sign

AT_ONCE = 6


async def race(config: dict[str, Any], number: int) -> None:
    """Deliver every message so many times, in an order of this racer's own."""
    await connect(config["url"], pool_size=AT_ONCE)
    app = Starlette(routes=pages.routes, exception_handlers={DomainError: problems.domain_error})
    app.state.tools = Tools({CardProvider: StripeCards(Stripe(**config["stripe"]))})
    app.state.demo = False
    messages = json.loads(Path(config["messages"]).read_text())
    mine = messages * (config["copies"] // config["processes"])
    random.Random(f"{config['seed']}-{number}").shuffle(mine)
    answers: Counter[str] = Counter()
    places = asyncio.Semaphore(AT_ONCE)

    async def send(body: str, secret: str) -> None:
        async with places:
            # Signed when it leaves, as the provider does with every attempt: old signatures are refused.
            headers = {"stripe-signature": sign(body.encode(), secret), "content-type": "application/json"}
            answer = await browser.post("/webhooks/stripe", content=body.encode(), headers=headers)
            kind = "true" if secret == config["stripe"]["webhook_secret"] else "forged"
            answers[f"{kind} {answer.status_code}"] += 1

    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as browser:
        await asyncio.gather(*(send(body, secret) for body, secret in mine))
    Path(config["folder"], f"answers-{number}.json").write_text(json.dumps(answers))
    await disconnect()
