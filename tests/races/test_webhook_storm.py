"""The card provider's messages, each many times and in every order from four processes, forgeries among them: each true
one takes effect once. The figures of the whole race: MARKET_RACE_EVENTS=1000 MARKET_RACE_COPIES=100.
"""

from __future__ import annotations

import json
import os
from collections import Counter

import pytest

from market import clock
from market import db as database
from market.app import handlers as _handlers  # noqa: F401
from market.bookings import rows
from market.bookings.paying import Guest, Links
from market.bookings.service import proceed
from market.bookings.states import State
from market.outbox import worker
from market.outbox.tools import Tools
from market.payments import ledger
from market.payments.adapters.stripe import StripeCards
from market.payments.models import LedgerEntry, ProviderEvent
from market.payments.port import CardProvider
from market.payments.queries import list_payments
from market.settings import Settings, Stripe
from tests import factories
from tests.fakes.stripe_app import FakeStripe, serve
from tests.integration.bookings import flows
from tests.races.test_many_places import run

EVENTS = int(os.environ.get("MARKET_RACE_EVENTS", "60"))
COPIES = int(os.environ.get("MARKET_RACE_COPIES", "8"))
PROCESSES, PER_SESSION = 4, 100
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


async def test_each_message_takes_effect_once_whatever_arrives(db, tmp_path, tools, settings):
    fake = FakeStripe()
    lesson = await factories.make_listing(price_minor=1_000_000, max_party=12)
    references: list[str] = []
    async with serve(fake) as base:
        stripe = {"secret_key": "sk_test_1", "webhook_secret": fake.secret, "api_base": base}
        desk = Tools({CardProvider: StripeCards(Stripe(**stripe)), Settings: settings})
        while len(fake.books.events) < EVENTS:
            if len(references) % PER_SESSION == 0:
                day = 40 + len(references) // PER_SESSION
                session = await factories.make_start(lesson, days=day, capacity=PER_SESSION)
            references.append(await paid(fake, desk, lesson, session))
    true = [(json.dumps(event), fake.secret) for event in fake.new_events()]
    forged = [(body, "another secret") for body, _ in true[:5]]
    (tmp_path / "messages.json").write_text(json.dumps(true + forged))
    config = {
        "url": db,
        "folder": str(tmp_path),
        "messages": str(tmp_path / "messages.json"),
        "stripe": stripe,
        "processes": PROCESSES,
        "copies": COPIES,
        "kills": 0,
        "pause": 1,
        "seconds": 180 + EVENTS * COPIES / 50,
        "seed": 5371,
    }
    await run("webhooks", config)
    answers: Counter[str] = Counter()
    for n in range(PROCESSES):
        answers.update(json.loads((tmp_path / f"answers-{n}.json").read_text()))
    sent = COPIES // PROCESSES * PROCESSES
    assert answers == {"true 200": len(true) * sent, "forged 400": len(forged) * sent}
    assert await ProviderEvent.all().count() == len(true)
    await check(references, tools)


async def paid(fake: FakeStripe, desk: Tools, lesson, session) -> str:
    """A booking whose card page was paid; nobody was told yet."""
    reference = await flows.hold_seat(lesson, session)
    await proceed(
        reference,
        guest=Guest("Hannah Weber", "hannah@example.test", "+491700000000"),
        method="card",
        tools=desk,
        links=Links("http://testserver/done", "http://testserver/back"),
        description="Race",
        now=clock.now(),
    )
    (payment,) = await list_payments(reference)
    fake.books.pay(payment.session_ref)
    return reference


async def check(references: list[str], tools: Tools) -> None:
    """One posting and one confirmation each, also once the jobs have run, twice."""
    assert await LedgerEntry.filter(kind="paid").count() == len(references)
    told = await database.fetch("SELECT id FROM job WHERE handler = 'booking.payment_succeeded'")
    assert len(told) == len(references)
    for _ in range(2):
        await worker.drain(tools)
    for reference in references:
        booking = await rows.get(reference)
        assert (booking.state, booking.paid_minor) == (State.CONFIRMED, booking.total_minor)
        assert await ledger.balance(ledger.guest_hold(reference)) == -booking.total_minor
    assert await ledger.trial_balance() == 0
