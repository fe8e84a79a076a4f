"""What `reconcile` makes of payments whose bookings are gone: made again, or told to a person, never guessed."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from market import clock, db
from market.backups import reconciling
from market.backups.reconciling import Report
from market.bookings import orders, rows
from market.bookings.states import State
from market.listings.models import Listing, Slot
from market.outbox import worker
from market.outbox.tools import Tools
from market.payments import ledger
from market.settings import Settings
from market.values.dates import DateRange
from tests import factories
from tests.integration.backups.conftest import Place

pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


@dataclass
class Shop:
    """A class with four places, and the provider's memory of who paid."""

    place: Place
    listing: Listing
    start: Slot

    async def paid(self, **choice: Any) -> str:
        """Somebody paid at the provider, and we know nothing of the booking."""
        reference = await self.place.hold(self.listing.id, **(choice or {"slot_id": self.start.id}))
        [row] = await db.fetch("SELECT session_ref FROM payment WHERE booking_reference = $1", reference)
        self.place.fake.books.pay(row["session_ref"])
        await self.forget(reference)
        return reference

    async def forget(self, reference: str) -> None:
        """As if the database came from before: the booking and everything that hangs on it is not there."""
        await db.execute(
            "UPDATE slot SET held = held - COALESCE((SELECT SUM(quantity) FROM allocation a WHERE a.slot_id = slot.id"
            " AND a.state = 'held' AND a.booking_id = (SELECT id FROM booking WHERE reference = $1)), 0)",
            reference,
        )
        mine = "(SELECT id FROM booking WHERE reference = $1)"
        await db.execute(f"DELETE FROM allocation WHERE booking_id = {mine}", reference)
        await db.execute("DELETE FROM payment WHERE booking_reference = $1", reference)
        await db.execute(
            "UPDATE booking SET reference = 'gone-' || id, request_key = 'gone-' || id, state = 'expired',"
            " guest_email = '' WHERE reference = $1",
            reference,
        )

    async def reconcile(self, *, repair: bool = True, tools: Tools | None = None) -> Report:
        since = clock.now() - timedelta(hours=1)
        return await reconciling.reconcile(tools or self.place.tools, since=since, repair=repair)

    async def alerts(self) -> list[str]:
        found = await db.fetch("SELECT last_error FROM job WHERE handler = 'payments.alert' ORDER BY id")
        return [row["last_error"] for row in found]


@pytest.fixture
async def shop(place: Place) -> AsyncGenerator[Shop]:
    listing = await factories.make_listing(price_minor=200_000)
    yield Shop(place, listing, await factories.make_start(listing, days=9, capacity=4))
    assert await ledger.trial_balance() == 0


async def outcome(report: Report) -> str:
    [line] = report.lines
    return line.outcome


async def test_a_booking_comes_back_with_everything_that_was_ordered(shop: Shop):
    await factories.make_extra(shop.listing)
    lost = await shop.paid(slot_id=shop.start.id, adults=3, extras={"dinner": 2})
    assert (await shop.reconcile(repair=False)).remaining == 1
    report = await shop.reconcile()
    assert (report.remaining, await outcome(report)) == (0, "repaired")
    made = await rows.get(lost)
    assert (made.state, made.adults, made.extras) == (State.CONFIRMED, 3, {"dinner": 2})
    assert -await ledger.balance(ledger.guest_hold(lost)) == made.total_minor
    assert (await shop.reconcile()).lines == ()
    await worker.drain(shop.place.tools)
    mails = await db.fetch(
        "SELECT recipient FROM delivery WHERE channel = 'mail' AND recipient = $1", made.guest_email
    )
    assert len(mails) == 1


async def test_a_stay_and_a_request_come_back_as_they_were(shop: Shop):
    stay, _room = await factories.make_homestay(rooms=2)
    week = factories.in_days(12)
    shop.listing = stay
    lost = await shop.paid(nights=DateRange(week, week + timedelta(days=3)), rooms=2, adults=3)
    shop.listing = await factories.make_listing(instant=False, price_minor=300_000)
    asked = await shop.paid(slot_id=(await factories.make_start(shop.listing, days=15)).id)
    assert (await shop.reconcile()).remaining == 0
    made, request = await rows.get(lost), await rows.get(asked)
    assert (made.state, made.ends_on - made.starts_on) == (State.CONFIRMED, timedelta(days=3))
    assert request.state is State.REQUESTED
    assert await ledger.balance(ledger.guest_hold(asked)) == 0


@pytest.mark.parametrize("case", ["price", "full", "partly back", "no order", "listing gone"])
async def test_what_does_not_fit_is_told_to_a_person(shop: Shop, case: str):
    lost = await shop.paid()
    [session] = shop.place.fake.books.sessions.values()
    intent = shop.place.fake.books.intents[session["payment_intent"]]
    if case == "price":
        await db.execute("UPDATE listing SET price_minor = 250000 WHERE id = $1", shop.listing.id)
    elif case == "full":
        await db.execute("UPDATE slot SET blocked = capacity WHERE id = $1", shop.start.id)
    elif case == "partly back":
        shop.place.fake.books.create_refund({"payment_intent": intent["id"], "amount": "100"})
    else:
        session["metadata"]["order"] = "listing=999999&slot=1&adults=1" if case.startswith("listing") else ""
    report = await shop.reconcile()
    assert report.remaining == 1
    assert (await outcome(report)).startswith("needs a person: ")
    again = await shop.reconcile()
    assert again.remaining == 1
    assert len(await shop.alerts()) == 1
    assert lost in (await shop.alerts())[0]
    assert not await db.fetch("SELECT 1 AS one FROM booking WHERE reference = $1", lost)
    # A person gives the money back in the provider's own screens: nothing is left to settle.
    rest = intent["amount"] - (100 if case == "partly back" else 0)
    shop.place.fake.books.create_refund({"payment_intent": intent["id"], "amount": str(rest)})
    assert (await shop.reconcile()).lines == ()


async def test_an_authorisation_that_buys_nothing_is_let_go(shop: Shop):
    shop.listing = await factories.make_listing(instant=False, price_minor=300_000)
    start = await factories.make_start(shop.listing, days=15)
    await shop.paid(slot_id=start.id)
    await db.execute("UPDATE slot SET blocked = capacity WHERE id = $1", start.id)
    assert (await shop.reconcile()).remaining == 0
    [intent] = shop.place.fake.books.intents.values()
    assert intent["status"] == "canceled"
    assert len(await shop.alerts()) == 1


async def test_what_another_site_sold_is_left_alone(shop: Shop):
    await shop.paid()
    reference = await shop.place.hold(shop.listing.id, slot_id=shop.start.id)
    await shop.forget(reference)
    settings = replace(shop.place.settings, base_url="https://another.example")
    tools = Tools({**shop.place.tools._adapters, Settings: settings})
    report = await shop.reconcile(tools=tools)
    assert report.remaining == 2
    assert {s["status"] for s in shop.place.fake.books.sessions.values()} == {"complete", "open"}
    assert all("another site" in alert for alert in await shop.alerts())


async def test_an_order_names_nobody(shop: Shop):
    reference = await shop.place.hold(shop.listing.id, slot_id=shop.start.id)
    booking = await rows.get(reference)
    text = orders.written(booking)
    assert booking.guest_name not in text
    assert "@" not in text
    assert (await orders.read(text, clock.now())).choice.party.adults == 1
    for broken in (
        "",
        "listing=x",
        "listing=1&adults=1",
        text.replace("adults=1", "adults=0"),
        f"{text}&slot=oops",
    ):
        with pytest.raises(orders.NotAnOrder):
            await orders.read(broken, clock.now())
