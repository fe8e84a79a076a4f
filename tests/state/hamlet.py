"""A hamlet that sells a tour, a class on request and two rooms: what can happen to its bookings, and what must hold.

Steps are the product's own commands at a clock of our own. Letters are not written: they are no part of the machine.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from market import clock, db
from market.app import handlers as _handlers  # noqa: F401
from market.bookings import (
    absences,
    arrival_rules,
    arriving,
    departing,
    moving,
    rows,
    service,
    waiting,
    waiting_offers,
)
from market.bookings.paying import Guest, Links
from market.bookings.quote import Choice
from market.bookings.rows import BookingRow
from market.bookings.states import TAKEN_BACK, TRANSITIONS, WAITING, State
from market.db.sql import as_instant
from market.errors import DomainError
from market.listings import queries as listings
from market.listings.models import Listing, Slot
from market.outbox import worker
from market.outbox.tools import Tools
from market.payments import disputes, inbox, ledger, returns, settlement
from market.payments import queries as payment_queries
from market.payments import service as payments
from market.payments.adapters import demo_card
from market.payments.adapters.demo_card import Press
from market.payments.port import CardProvider, Dispute, DisputeState
from market.payments.rules import Received
from market.payments.rules import State as PaymentState
from market.payouts import accounts, complaints, rules
from market.payouts import queries as payout_queries
from market.payouts import service as payouts
from market.payouts.accounts import Details
from market.settings import Settings
from market.values.dates import DateRange, local_day
from market.values.party import Party
from tests import factories

PLACES = ("tour", "late tour", "class", "late class", "nights", "later nights")
METHODS = ("demo_card", "transfer", "on_arrival")
_LETTERS = (
    *("bookings.tell", "booking.moved", "bookings.tell_waiting", "arrivals.tell", "notifications.send"),
    *("booking.refunded", "payouts.tell", "payouts.tell_dispute", "payments.alert"),
)
_OPEN = WAITING | {State.CONFIRMED, State.CHECKED_IN, State.NO_SHOW}
_OWNS = frozenset({State.CONFIRMED, State.CHECKED_IN, State.NO_SHOW, State.COMPLETED})
_LINKS = Links("/done", "/back")
_numbers = iter(range(1, 10_000_000))
_STARTS: dict[str, dict[str, int]] = {
    "tour": {"days": 9, "capacity": 4, "min_guests": 3},
    "late tour": {"days": 16, "capacity": 4, "min_guests": 3, "price_minor": 900_000},
    "class": {"days": 5, "capacity": 3},
    "late class": {"days": 12, "capacity": 3},
}


@dataclass
class Hamlet:
    """One example's world: its listings, its clock, its bookings."""

    tools: Tools
    settings: Settings
    now: datetime = field(default_factory=clock.now)
    did: Counter[str] = field(default_factory=Counter)
    bookings: list[str] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)
    slots: dict[str, Slot] = field(default_factory=dict)
    kinds: dict[str, Listing] = field(default_factory=dict)
    listings: dict[str, int] = field(default_factory=dict)
    rows: list[BookingRow] = field(default_factory=list)
    """The bookings as they were at the last look."""

    async def build(self) -> None:
        """Two departures that need three guests, two sessions on request, two rooms; a host with bank details."""
        member, self.ana, self.budi = [await factories.make_person() for _ in range(3)]
        host = await factories.make_host(person=member)
        self.host_id = host.id
        tour = await factories.make_listing(kind="tour", price_minor=1_000_000, host_id=host.id)
        await factories.make_payee(tour, bp=1500)
        lesson = await factories.make_listing(instant=False, price_minor=200_000, host_id=host.id)
        stay, room = await factories.make_homestay(rooms=2, host_id=host.id)
        self.room_id = room.id
        self.listings = {"tour": tour.id, "class": lesson.id, "nights": stay.id}
        self.kinds = {"tour": tour, "class": lesson}
        details = Details("Bank NTT", "0123456789", "Rosalina")
        long_ago = clock.now() - timedelta(days=30)
        await accounts.enter(host.id, details, by=member.id, config=self.settings, now=long_ago)

    # Steps ---------------------------------------------------------------------------------------------------
    async def step(self, name: str, **given: Any) -> None:
        """Do one thing at the present moment, and let what follows from it follow. Refusals are answers too."""
        with clock.frozen(self.now):
            try:
                await getattr(self, name)(**given)
                self.did[name] += 1
            except DomainError as refusal:
                self.did[f"{name} refused: {refusal.code}"] += 1
            await self.settle()

    async def settle(self) -> None:
        """Every job that is due, except letters."""
        places = ", ".join(f"${n}" for n in range(1, 1 + len(_LETTERS)))
        ran = 1
        while ran:
            await db.execute(f"UPDATE job SET state = 'done' WHERE handler IN ({places})", *_LETTERS)
            ran = await worker.drain(self.tools, limit=1)
        failed = await db.fetch(
            "SELECT handler, last_error FROM job WHERE last_error <> '' AND state = 'ready'"
        )
        assert not failed, failed

    async def choice(self, place: str, party: int) -> tuple[Any, Choice]:
        kind = place.removeprefix("late ").removeprefix("later ")
        offering = await listings.get_offering(listing_id=self.listings[kind])
        assert offering
        if kind != "nights":
            slot = await self.start(place, kind)
            return offering, Choice(Party(party), slot=await listings.get_slot(slot.id, self.now))
        # The same nights for everybody who asks within a week, so that guests stand in each other's way.
        today = local_day(self.now)
        start = today + timedelta(days=9 - today.weekday() + (1 if place.startswith("later") else 0))
        nights = DateRange(start, start + timedelta(days=2))
        rooms = -(-party // 2)
        return offering, Choice(Party(party), room=offering.rooms[0], rooms=rooms, nights=nights)

    async def start(self, place: str, kind: str) -> Slot:
        """The departure or session of that name; once it is too late for it, the host offers the next one."""
        known = self.slots.get(place)
        if known is None or known.book_until <= self.now:
            given = dict(_STARTS[place])
            taken = {slot.starts_on for slot in self.slots.values()}
            while factories.in_days(given["days"]) in taken:
                given["days"] += 1
            self.slots[place] = known = await factories.make_start(self.kinds[kind], **given)
        return known

    async def hold(self, place: str, party: int) -> None:
        offering, choice = await self.choice(place, party)
        held = await service.hold(
            offering=offering,
            choice=choice,
            request_key=f"state-{next(_numbers)}",
            locale="en",
            person_id=None,
            now=self.now,
        )
        self.bookings.append(held.reference)

    async def go_on(self, reference: str, method: str) -> None:
        await service.proceed(
            reference,
            guest=Guest("Hannah Weber", "hannah@example.test", "+491700000000"),
            method=method,
            tools=self.tools,
            links=_LINKS,
            description="Test",
            now=self.now,
        )

    async def pay(self, reference: str, button: Press) -> None:
        """Press a button at the card page of any of the booking's payments that the provider still has open."""
        for payment in reversed(await payment_queries.list_payments(reference)):
            if payment.method.by_card and payment.session_ref:
                async with db.transaction():
                    news = await demo_card.press(payment.reference, button)
                    if news is not None:
                        await inbox.receive("demo", news, now=self.now)
                return

    async def transfer(self, reference: str) -> None:
        for payment in await payment_queries.list_payments(reference):
            if payment.transfer_code:
                await payments.match_transfer(
                    payment_reference=payment.reference,
                    bank_reference=f"BANK-{payment.reference}",
                    received_on=clock.today(),
                    amount_minor=payment.amount_minor,
                    by=None,
                    now=self.now,
                )

    async def pay_again(self, reference: str) -> None:
        await service.pay_again(
            reference, method="demo_card", tools=self.tools, links=_LINKS, description="Again", now=self.now
        )

    async def paid_at_village(self, reference: str) -> None:
        booking = await rows.get(reference)
        for payment in await payment_queries.list_payments(reference):
            if payment.method == "on_arrival" and booking.state in _OWNS:
                await payments.mark_paid_on_arrival(
                    payment.reference, host_id=booking.paid_host_id, by=None, now=self.now
                )

    async def answer(self, reference: str, yes: bool) -> None:
        if yes:
            await service.accept(reference, by=None, actor="host", now=self.now)
        else:
            await service.decline(reference, by=None, actor="host", reason="", now=self.now)

    async def withdraw(self, reference: str) -> None:
        await service.withdraw(reference, by=None, now=self.now)

    async def cancel(self, reference: str) -> None:
        booking = await rows.get(reference)
        refund = service.refund_now(booking, self.now).amount
        await service.cancel_by_guest(reference, by=None, shown_refund=refund, now=self.now)

    async def take_back(self, reference: str, to: State, block: bool, choice: bool) -> None:
        await service.cancel_by_host(
            reference,
            by=None,
            actor="host",
            reason="Illness",
            now=self.now,
            to=to,
            block=block,
            offer_move=choice,
        )

    async def take_money(self, reference: str) -> None:
        await service.take_money(reference, by=None, now=self.now)

    async def move(self, reference: str, pick: int) -> None:
        booking = await rows.get(reference)
        offering = await listings.get_offering(listing_id=booking.listing_id)
        assert offering
        dates = await moving.list_dates(booking, offering, self.now)
        if dates:
            await service.move(
                reference,
                offering=offering,
                choice=dates[pick % len(dates)].choice,
                by=None,
                actor="guest",
                now=self.now,
            )

    async def change(self, reference: str, place: str, party: int) -> None:
        booking = await rows.get(reference)
        offering, choice = await self.choice(place, party)
        if offering.id != booking.listing_id:
            return
        planned = service.preview(booking, offering, choice, self.now)
        await service.change(
            reference,
            offering=offering,
            choice=choice,
            shown_difference=planned.difference,
            tools=self.tools,
            links=_LINKS,
            description="Change",
            now=self.now,
        )

    async def wait_for(self, place: str, party: int) -> None:
        offering, choice = await self.choice(place, party)
        number = next(_numbers)
        entry = await waiting.join(
            offering=offering,
            choice=choice,
            name=f"Waits {number}",
            email=f"waits-{number}@example.test",
            person_id=None,
            proven=True,
            locale="en",
            now=self.now,
        )
        self.entries.append(entry.reference)

    async def leave_list(self, entry: str) -> None:
        await waiting.leave(entry, self.now)

    async def check_in(self, reference: str) -> None:
        await arriving.check_in(reference, by=None, now=self.now)

    async def undo_check_in(self, reference: str) -> None:
        await arriving.undo_check_in(reference, by=None, reason="Another guest", now=self.now)

    async def no_show(self, reference: str) -> None:
        await arriving.no_show(reference, by=None, now=self.now)

    async def contest(self, reference: str) -> None:
        await absences.contest(reference, text="We were there.", by=None, now=self.now)

    async def judge(self, reference: str, outcome: arrival_rules.Outcome) -> None:
        await absences.resolve(reference, by=self.ana.id, outcome=outcome, note="Looked into", now=self.now)

    async def complain(self, reference: str) -> None:
        await complaints.complain(reference, opened_by="guest", body="No water", person_id=None, now=self.now)

    async def settle_complaint(self, reference: str, percent: int) -> None:
        booking = await rows.get(reference)
        row = await db.fetch_one(
            "SELECT reference FROM dispute WHERE booking_reference = $1 AND closed_at IS NULL", reference
        )
        if row is not None:
            await complaints.resolve(
                row["reference"],
                refund_minor=booking.balance * percent // 100,
                reason="Half",
                by=self.ana.id,
                now=self.now,
            )

    async def card_bank(self, reference: str, state: DisputeState) -> None:
        """The bank of a guest's card takes the money of a payment back, returns it, or decides to keep it."""
        for payment in await payment_queries.list_payments(reference):
            if payment.method.by_card and payment.state is PaymentState.CAPTURED:
                amount, fee = Received(payment.amount_minor), Received(25_000)
                told = Dispute(f"dp_{payment.reference}", amount, fee, state)
                async with db.transaction():
                    await returns.disputed(payment, payment.provider_ref, told, "IDR", self.now)

    async def bear(self, reference: str, host_bears: bool) -> None:
        """An operator decides who bears what a card's bank kept."""
        for told in await disputes.disputes_of(reference):
            if told.is_open and told.kind is disputes.Kind.CARD:
                await complaints.bear(
                    told.reference, host_bears=host_bears, reason="Lost", by=self.ana.id, now=self.now
                )

    async def pay_out(self) -> None:
        reference = await payouts.propose_batch(by=self.ana.id, now=self.now)
        await payouts.approve_batch(reference, by=self.budi.id, now=self.now)

    async def bank(self, paid: bool) -> None:
        """The bank's answer to everything in transit."""
        for batch in await payout_queries.list_batches():
            for payout in (await payout_queries.get_batch(batch.reference)).payouts:
                if paid:
                    await payouts.settle_line(
                        payout.reference, amount_minor=payout.amount_minor, bank_reference="B", now=self.now
                    )
                else:
                    await payouts.bounce_line(
                        payout.reference, amount_minor=payout.amount_minor, reason="Closed", now=self.now
                    )

    async def wait(self, hours: float) -> None:
        """Time goes by, and the worker keeps its duties."""
        await self.wait_until(self.now + timedelta(hours=hours))

    async def wait_until(self, moment: datetime) -> None:
        """Let time go by until then."""
        self.now = max(self.now, moment)
        with clock.frozen(self.now):
            await service.lapse_all(self.now)
            await departing.decide_all(self.now)
            await service.end_silent(self.now)
            await service.complete_all(self.now)
            await absences.settle_uncontested(self.now)
            await waiting_offers.keep(self.now)
            await settlement.settle_balances(self.tools.of(CardProvider), now=self.now)
            await self.settle()

    # What must hold ------------------------------------------------------------------------------------------
    async def own(self) -> list[BookingRow]:
        """All bookings of this hamlet, those that came from a waiting list included."""
        found = await db.fetch("SELECT * FROM booking WHERE host_id = $1 ORDER BY id", self.host_id)
        return [rows.booking_row(row) for row in found]

    async def check(self) -> None:
        """Stock, money and states agree."""
        bookings = self.rows = await self.own()
        self.bookings = [booking.reference for booking in bookings]
        await self._check_stock(bookings)
        await self._check_money(bookings)
        await self._check_story(bookings)
        await self._check_payouts()

    async def _check_stock(self, bookings: list[BookingRow]) -> None:
        found = await db.fetch(
            "SELECT s.id, s.held, s.confirmed, s.blocked, s.capacity,"
            " COALESCE((SELECT SUM(a.quantity) FROM allocation a WHERE a.slot_id = s.id AND a.state = 'held'), 0)"
            " AS really_held, COALESCE((SELECT SUM(a.quantity) FROM allocation a WHERE a.slot_id = s.id"
            " AND a.state = 'confirmed'), 0) AS really_sold FROM slot s JOIN listing l ON l.id = s.listing_id"
            " WHERE l.host_id = $1",
            self.host_id,
        )
        for slot in found:
            assert (slot["held"], slot["confirmed"]) == (slot["really_held"], slot["really_sold"]), slot
            assert slot["held"] + slot["confirmed"] + slot["blocked"] <= slot["capacity"], slot
        live = await db.fetch(
            "SELECT a.booking_id, a.amendment_id, a.state, SUM(a.quantity) AS n FROM allocation a"
            " JOIN booking b ON b.id = a.booking_id WHERE b.host_id = $1 AND a.state <> 'released'"
            " GROUP BY a.booking_id, a.amendment_id, a.state",
            self.host_id,
        )
        owned = {(row["booking_id"], row["state"]) for row in live if row["amendment_id"] is None}
        for booking in bookings:
            held, sold = (booking.id, "held") in owned, (booking.id, "confirmed") in owned
            assert held == (booking.state in WAITING), booking
            if booking.state is State.CONFIRMED:
                assert sold, booking
        # What ended early keeps at most what had begun by then: nights that were slept, or given up too late.
        late = await db.fetch(
            "SELECT b.reference, b.state FROM allocation a JOIN booking b ON b.id = a.booking_id"
            " JOIN slot s ON s.id = a.slot_id WHERE b.host_id = $1 AND a.state = 'confirmed'"
            " AND b.state NOT IN ('confirmed', 'checked_in', 'no_show', 'completed')"
            " AND (b.closed_at IS NULL OR s.starts_at > b.closed_at)",
            self.host_id,
        )
        assert not late, late

    async def _check_money(self, bookings: list[BookingRow]) -> None:
        assert await ledger.trial_balance() == 0
        holds = await ledger.balances(ledger.guest_hold(""))
        refunds = Counter[str]()
        for row in await db.fetch("SELECT booking_reference AS b, amount_minor AS n FROM refund"):
            refunds[row["b"]] += row["n"]
        # What a card's bank gave back itself was taken from those who had received it, and is no refund of ours.
        for row in await db.fetch(
            "SELECT e.booking_reference AS b, SUM(t.amount_minor) AS n FROM ledger_entry e JOIN ledger_transfer t"
            " ON t.entry_id = e.id WHERE e.kind = 'charged back' AND t.credit = $1 GROUP BY e.booking_reference",
            ledger.BAD_DEBT,
        ):
            refunds[row["b"]] += row["n"]
        for booking in bookings:
            chooses = booking.state in TAKEN_BACK and booking.deadline_at is not None
            kept = booking.balance if booking.state in _OPEN or chooses else 0
            assert holds.get(ledger.guest_hold(booking.reference), 0) == -kept, booking
            assert refunds[booking.reference] == booking.refunded_minor, booking
            assert 0 <= booking.refunded_minor <= booking.paid_minor

    async def _check_story(self, bookings: list[BookingRow]) -> None:
        events = await db.fetch(
            "SELECT e.* FROM booking_event e JOIN booking b ON b.id = e.booking_id WHERE b.host_id = $1 ORDER BY e.id",
            self.host_id,
        )
        at: dict[int, str] = {}
        for event in events:
            before, to = event["from_state"], event["to_state"]
            assert at.get(event["booking_id"], "") == before, event
            if before and before != to:
                assert State(to) in TRANSITIONS[State(before)], event
            at[event["booking_id"]] = to
        assert at == {booking.id: booking.state.value for booking in bookings}

    async def _check_payouts(self) -> None:
        """Nobody is paid before 72 hours after the end, nor more than was released to them."""
        early = await db.fetch(
            "SELECT i.booking_reference, t.created_at, b.ends_at, b.state FROM payout_item i"
            " JOIN payout t ON t.id = i.payout_id JOIN booking b ON b.reference = i.booking_reference"
            " WHERE b.host_id = $1",
            self.host_id,
        )
        for row in early:
            ends, paid = as_instant(row["ends_at"]), as_instant(row["created_at"])
            assert paid >= rules.due_at(ends), row
        for account in (ledger.host_payable(self.host_id), ledger.guide_payable(self.host_id)):
            assert await ledger.balance(account) <= 0
            for reference in self.bookings:
                assert await ledger.owed(account, reference) >= 0, reference
