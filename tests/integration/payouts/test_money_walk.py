"""A long random walk through everything that moves money, each step sometimes repeated: every invariant holds after it.

`MARKET_LEDGER_STEPS` sets how many steps in all (1,000,000 takes hours); the draw is repeatable.
The second test tells the same events in different orders and compares balances.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from market import clock, db
from market.bookings import rows
from market.bookings import service as bookings
from market.errors import DomainError
from market.payments import disputes, ledger
from market.payments import queries as payments
from market.payments import service as money
from market.payments.port import Dispute, DisputeState
from market.payments.returns import disputed
from market.payments.rules import Received
from market.payouts import complaints, fund, owed, queries, service, statements
from tests import factories
from tests.integration.payouts import town as towns
from tests.integration.payouts.town import PRICE, Town

STEPS = int(os.environ.get("MARKET_LEDGER_STEPS", "400"))
LAP = 4000  # a walk of its own, on a ledger of its own: reading a whole ledger takes longer as it grows
CHECK_EVERY = 25


class Walk:
    """One walker: picks a step and a booking, does it, and perhaps does it again."""

    def __init__(self, town: Town, dice: random.Random) -> None:
        self.town = town
        self.dice = dice
        self.did: Counter[str] = Counter()
        self.members: tuple[int, int] = (0, 0)

    async def step(self) -> None:
        steps: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (4, self.book),
            (4, self.complete),
            (1, self.give_part),
            (2, self.complain),
            (2, self.resolve),
            (2, self.card),
            (1, self.bear),
            (1, self.give_back),
            (3, self.confirm_refund),
            (2, self.propose),
            (2, self.decide),
            (4, self.bank_answers),
            (1, self.enter_account),
            (1, self.spend),
            (1, self.sign),
        ]
        weights, acts = zip(*steps, strict=True)
        act = self.dice.choices(acts, weights)[0]
        try:
            await act()
            self.did[act.__name__] += 1
        except (DomainError, ValueError):
            self.did["refused"] += 1

    def booking(self) -> str:
        return self.dice.choice(self.town.references[-40:])

    async def twice(self, act: Callable[[], Awaitable[object]]) -> None:
        """Do it, and sometimes again as a retry would."""
        await act()
        if self.dice.random() < 0.3:
            try:
                await act()
            except DomainError:
                self.did["refused again"] += 1

    async def book(self) -> None:
        method = "on_arrival" if self.dice.random() < 0.2 else "transfer"
        ended = timedelta(hours=self.dice.randint(1, 200))
        price = self.dice.randint(400_000, 3_000_001)
        await self.town.booking(ended=ended, method=method, price=price)

    async def complete(self) -> None:
        reference = self.booking()
        await self.twice(lambda: bookings.complete(reference, clock.now() + timedelta(days=2)))

    async def give_part(self) -> None:
        reference = self.booking()
        async with db.transaction():
            booking = await rows.lock(reference)
            amount = self.dice.randint(0, booking.balance)
        await bookings.give_back(
            reference, amount=amount, key=f"cx:{reference}:{amount}", reason="", by=None, now=clock.now()
        )

    async def complain(self) -> None:
        reference = self.booking()
        await self.twice(
            lambda: complaints.complain(
                reference, opened_by="guest", body="x", person_id=None, now=clock.now()
            )
        )

    async def resolve(self) -> None:
        found = [d for d in await disputes.list_disputes(open_only=True) if d.kind is disputes.Kind.COMPLAINT]
        one = self.dice.choice(found) if found else None
        if one is not None:
            amount = self.dice.choice([0, 1, 100_000, 399_999, PRICE])
            await self.twice(
                lambda: complaints.resolve(
                    one.reference, refund_minor=amount, reason="", by=self.town.ana.id, now=clock.now()
                )
            )

    async def card(self) -> None:
        reference = self.booking()
        payment = (await payments.list_payments(reference))[0]
        state = self.dice.choice([DisputeState.OPEN, DisputeState.OPEN, DisputeState.WON, DisputeState.LOST])
        told = Dispute(f"dp_{reference}", Received(payment.amount_minor), Received(25_000), state)

        async def tell() -> None:
            async with db.transaction():
                await disputed(payment, "pi", told, "IDR", clock.now())

        await self.twice(tell)

    async def bear(self) -> None:
        found = [d for d in await disputes.list_disputes(open_only=True) if d.state is disputes.State.LOST]
        if found:
            one, host = self.dice.choice(found), self.dice.random() < 0.5
            await self.twice(
                lambda: complaints.bear(
                    one.reference, host_bears=host, reason="", by=self.town.ana.id, now=clock.now()
                )
            )

    async def give_back(self) -> None:
        reference = self.booking()
        await self.twice(
            lambda: bookings.give_back(
                reference, amount=50_000, key=f"gb:{reference}", reason="", by=None, now=clock.now()
            )
        )

    async def confirm_refund(self) -> None:
        refunds = await payments.list_refunds(self.booking())
        if refunds:
            one = self.dice.choice(refunds)
            await self.twice(lambda: money.mark_refund_paid(one.reference, by=None, now=clock.now()))

    async def propose(self) -> None:
        await service.propose_batch(by=self.town.ana.id, now=clock.now())

    async def decide(self) -> None:
        waiting = [row for row in await queries.list_batches() if row.state == "proposed"]
        if waiting:
            one = self.dice.choice(waiting).reference
            act = service.approve_batch if self.dice.random() < 0.8 else service.decline_batch
            await self.twice(lambda: act(one, by=self.town.budi.id, now=clock.now()))

    async def bank_answers(self) -> None:
        found = await queries.list_for_host(self.town.host.id, limit=6)
        if found:
            one = self.dice.choice(found)
            if self.dice.random() < 0.75:
                await self.twice(
                    lambda: service.settle_line(
                        one.reference, amount_minor=one.amount_minor, bank_reference="B", now=clock.now()
                    )
                )
            else:
                await self.twice(
                    lambda: service.bounce_line(
                        one.reference, amount_minor=one.amount_minor, reason="closed", now=clock.now()
                    )
                )

    async def enter_account(self) -> None:
        await self.town.account()

    async def spend(self) -> None:
        await fund.propose(
            self.town.village_id,
            spent_on=clock.today(),
            amount_minor=self.dice.randint(1, 60_000),
            purpose="Seeds",
            receipt="",
            by=self.dice.choice(self.members),
            now=clock.now(),
        )

    async def sign(self) -> None:
        waiting = await fund.list_waiting(self.town.village_id)
        if waiting:
            one, by = self.dice.choice(waiting), self.dice.choice(self.members)
            await self.twice(lambda: fund.sign(one.reference, self.town.village_id, by=by, now=clock.now()))

    # What must hold at every moment -------------------------------------------------------------------------
    async def check(self) -> None:
        assert await ledger.trial_balance() == 0
        unbalanced = await db.fetch(
            "SELECT entry_id FROM ledger_posting GROUP BY entry_id HAVING SUM(amount_minor) <> 0"
        )
        assert unbalanced == []
        await self.check_bookings()
        await self.check_payouts()
        kept = await fund.get_fund(self.town.village_id)
        account = ledger.community_fund(self.town.village_id)
        assert kept.balance_minor == -await ledger.balance(account)
        months = await statements.list_months(self.town.host.id)
        for first in months[:2]:
            await statements.get_statement(self.town.host.id, first, now=clock.now())

    async def check_bookings(self) -> None:
        for reference in self.town.references[-30:]:
            booking = await rows.get(reference)
            hold = -await ledger.balance(ledger.guest_hold(reference))
            closed = booking.state.value == "completed"
            assert hold == (0 if closed else booking.balance), reference
            got = sum((await money.released(reference)).values())
            assert got == (booking.balance if closed else 0), reference
            assert booking.refunded_minor + got + hold <= booking.paid_minor
            asked = sum(r.amount_minor for r in await payments.list_refunds(reference))
            assert asked <= booking.refunded_minor
            for account in (ledger.host_payable(self.town.host.id), ledger.guide_payable(self.town.host.id)):
                assert await ledger.owed(account, reference) >= 0, reference

    async def check_payouts(self) -> None:
        host = self.town.host.id
        open_money = {one.booking_reference: one for one in await owed.list_owed(host)}
        sent = await db.fetch(
            "SELECT i.booking_reference, SUM(i.host_minor + i.guide_minor) AS amount, COUNT(*) AS n FROM payout_item i"
            " JOIN payout t ON t.id = i.payout_id WHERE t.state IN ('in_transit', 'paid') GROUP BY i.booking_reference"
        )
        for row in sent:
            earned = await db.fetch_one(
                "SELECT COALESCE(SUM(t.amount_minor), 0) AS amount FROM ledger_transfer t JOIN ledger_entry e"
                " ON e.id = t.entry_id WHERE e.booking_reference = $1 AND t.credit IN ($2, $3) AND t.debit = $4",
                row["booking_reference"],
                ledger.host_payable(host),
                ledger.guide_payable(host),
                ledger.guest_hold(row["booking_reference"]),
            )
            assert earned
            assert row["amount"] <= earned["amount"], row  # never before release, never twice
            if row["booking_reference"] in open_money:
                assert row["n"] == 1
        transit = await ledger.balances("liab:payout_in_transit:")
        moving = await db.fetch_one(
            "SELECT COALESCE(SUM(amount_minor), 0) AS amount FROM payout WHERE state = 'in_transit'"
        )
        assert moving
        assert -sum(transit.values()) == moving["amount"]


@pytest.mark.parametrize("lap", range(max(1, STEPS // LAP)))
async def test_every_invariant_holds_along_a_long_walk(town: Town, lap: int):
    walk = Walk(town, random.Random(5371 + lap))
    one, two = await factories.make_person(name="Rosa"), await factories.make_person(name="Yan")
    for member in (one, two):
        await fund.appoint(town.village_id, member.id, by=None, now=clock.now())
    walk.members = (one.id, two.id)
    await town.account()
    for _ in range(6):
        await town.completed()
    for number in range(min(STEPS, LAP)):
        await walk.step()
        if number % CHECK_EVERY == 0:
            await walk.check()
    await walk.check()
    if STEPS >= 300:
        wanted = {"complete", "resolve", "card", "bear", "propose", "decide", "bank_answers", "sign"}
        assert wanted <= set(walk.did), walk.did


EVENTS = ["open", "lost", "won", "open again", "won again"]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(order=st.permutations(EVENTS), doubled=st.sets(st.sampled_from(EVENTS)))
async def test_any_order_of_a_disputes_news_reaches_the_same_balances(town: Town, order, doubled):
    reference = await town.completed()
    payment = (await payments.list_payments(reference))[0]
    before = await ledger.balances()
    for event in [each for name in order for each in [name] * (2 if name in doubled else 1)]:
        state = DisputeState(event.split()[0])
        told = Dispute(f"dp_{reference}", Received(PRICE), Received(25_000), state)
        async with db.transaction():
            await disputed(payment, "pi", told, "IDR", clock.now())
    after = await ledger.balances()
    changed = {name: after.get(name, 0) - before.get(name, 0) for name in {*after, *before}}
    assert {name: amount for name, amount in changed.items() if amount} == {
        ledger.DISPUTE_FEE: 25_000,
        ledger.PSP_AVAILABLE: -25_000,
    }
    assert not await disputes.is_frozen(reference)
    assert towns.PRICE == PRICE
