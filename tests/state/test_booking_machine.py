"""The booking's three machines together: after any sequence of what can happen, stock, money and states agree.

`MARKET_STATE_EXAMPLES` sets how many walks are tried on each database (default: as many as fit the suite).
"""

from __future__ import annotations

import asyncio
import os
from datetime import timedelta
from typing import Any, ClassVar

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from market.bookings.arrival_rules import Outcome
from market.bookings.states import SOLD, TAKEN_BACK, State
from market.outbox.tools import Tools
from market.payments.adapters.demo_card import Press
from market.payments.port import DisputeState
from market.settings import Settings
from tests.state.hamlet import METHODS, PLACES, Hamlet

EXAMPLES = int(os.environ.get("MARKET_STATE_EXAMPLES", "8"))
STEPS = 32
picks = st.integers(0, 19)
places, parties = st.sampled_from(PLACES), st.integers(1, 3)


class BookingMachine(RuleBasedStateMachine):
    """Hypothesis chooses what happens next; the hamlet does it and looks at everything afterwards."""

    loop: ClassVar[asyncio.AbstractEventLoop]
    tools: ClassVar[Tools]
    config: ClassVar[Settings]

    @initialize()
    def settle_down(self) -> None:
        self.hamlet = Hamlet(self.tools, self.config)
        self.run(self.hamlet.build())

    def run(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    def do(self, name: str, **given: Any) -> None:
        self.run(self.hamlet.step(name, **given))

    def one(self, pick: int, *states: State) -> str:
        """One of the latest bookings in one of these states; now and then, or when there is none, any other."""
        known = self.hamlet.bookings
        if states and pick % 5:
            known = [row.reference for row in self.hamlet.rows if row.state in states] or known
        return known[-1 - pick % min(4, len(known))]

    def some_booking(self) -> bool:
        return bool(self.hamlet.bookings)

    @rule(place=places, party=parties)
    def hold(self, place: str, party: int) -> None:
        self.do("hold", place=place, party=party)

    @rule(place=places, party=parties, method=st.sampled_from(METHODS), yes=st.booleans())
    def book(self, place: str, party: int, method: str, yes: bool) -> None:
        """A whole booking at one stroke, so that walks get far."""
        before = len(self.hamlet.bookings)
        self.do("hold", place=place, party=party)
        if len(self.hamlet.bookings) > before:
            reference = self.hamlet.bookings[-1]
            self.do("go_on", reference=reference, method=method)
            self.do("pay", reference=reference, button=Press.PAY)
            if yes:
                self.do("answer", reference=reference, yes=True)
            self.do("transfer", reference=reference)

    @precondition(some_booking)
    @rule(pick=picks, method=st.sampled_from(METHODS))
    def go_on(self, pick: int, method: str) -> None:
        self.do("go_on", reference=self.one(pick, State.HELD), method=method)

    @precondition(some_booking)
    @rule(pick=picks, button=st.sampled_from(Press))
    def pay(self, pick: int, button: Press) -> None:
        self.do("pay", reference=self.one(pick, State.HELD, State.EXPIRED, State.PAYMENT_DUE), button=button)

    @precondition(some_booking)
    @rule(pick=picks, name=st.sampled_from(["transfer", "pay_again", "withdraw"]))
    def settle_it(self, pick: int, name: str) -> None:
        waiting = (State.PAYMENT_DUE, State.HELD, State.REQUESTED)
        self.do(name, reference=self.one(pick, *waiting))

    @precondition(some_booking)
    @rule(pick=picks, yes=st.sampled_from([True, True, False]))
    def answer(self, pick: int, yes: bool) -> None:
        self.do("answer", reference=self.one(pick, State.REQUESTED), yes=yes)

    @precondition(some_booking)
    @rule(pick=picks)
    def cancel(self, pick: int) -> None:
        self.do("cancel", reference=self.one(pick, *SOLD))

    @precondition(some_booking)
    @rule(
        pick=picks,
        to=st.sampled_from([State.CANCELLED_BY_HOST, State.CANCELLED_BY_OPERATOR, State.FORCE_MAJEURE]),
        block=st.booleans(),
        choice=st.sampled_from([True, True, False]),
    )
    def take_back(self, pick: int, to: State, block: bool, choice: bool) -> None:
        self.do("take_back", reference=self.one(pick, *SOLD), to=to, block=block, choice=choice)

    @precondition(some_booking)
    @rule(pick=picks, date=picks, name=st.sampled_from(["move", "take_money"]))
    def choose(self, pick: int, date: int, name: str) -> None:
        """Another date or the money, mostly while the choice is open."""
        given = {"pick": date} if name == "move" else {}
        choosing = [r.reference for r in self.hamlet.rows if r.state in TAKEN_BACK and r.deadline_at]
        reference = choosing[pick % len(choosing)] if choosing and pick % 5 else self.one(pick, *TAKEN_BACK)
        self.do(name, reference=reference, **given)

    @precondition(some_booking)
    @rule(pick=picks, place=places, party=parties)
    def change(self, pick: int, place: str, party: int) -> None:
        self.do("change", reference=self.one(pick, State.CONFIRMED), place=place, party=party)

    @rule(place=places, full=st.booleans(), party=parties)
    def wait_for(self, place: str, full: bool, party: int) -> None:
        """Wait for a place, often after the last ones were just held."""
        if full:
            for size in (3, 2, 1):
                self.do("hold", place=place, party=size)
        self.do("wait_for", place=place, party=party)

    @precondition(lambda self: bool(self.hamlet.entries))
    @rule()
    def leave_list(self) -> None:
        self.do("leave_list", entry=self.hamlet.entries[-1])

    @precondition(some_booking)
    @rule(pick=picks, seen=st.booleans(), paid=st.booleans())
    def come(self, pick: int, seen: bool, paid: bool) -> None:
        """The day of a visit: the guest is there, or nobody is."""
        reference = self.one(pick, State.CONFIRMED)
        booking = next(row for row in self.hamlet.rows if row.reference == reference)
        self.run(self.hamlet.wait_until(booking.starts_at + timedelta(hours=1 if seen else 24)))
        self.do("check_in" if seen else "no_show", reference=reference)
        if paid:
            self.do("paid_at_village", reference=reference)

    @precondition(some_booking)
    @rule(pick=picks, name=st.sampled_from(["check_in", "undo_check_in", "contest", "complain"]))
    def say(self, pick: int, name: str) -> None:
        after = (State.NO_SHOW,) if name == "contest" else (State.CHECKED_IN, State.COMPLETED)
        self.do(name, reference=self.one(pick, *after))

    @precondition(some_booking)
    @rule(pick=picks, outcome=st.sampled_from(Outcome), percent=st.sampled_from([0, 50, 100]))
    def decide(self, pick: int, outcome: Outcome, percent: int) -> None:
        """An operator decides about a no-show and about a complaint, which are often made just now."""
        absent, over = self.one(pick, State.NO_SHOW), self.one(pick, State.COMPLETED, State.CHECKED_IN)
        if pick % 4:
            self.do("contest", reference=absent)
            self.do("complain", reference=over)
        self.do("judge", reference=absent, outcome=outcome)
        self.do("settle_complaint", reference=over, percent=percent)

    @precondition(some_booking)
    @rule(pick=picks, answer=st.sampled_from([None, True, False]))
    def pay_out(self, pick: int, answer: bool | None) -> None:
        """Three days after a visit, money leaves."""
        reference = self.one(pick, State.CHECKED_IN, State.COMPLETED)
        booking = next(row for row in self.hamlet.rows if row.reference == reference)
        if booking.state in {State.CHECKED_IN, State.COMPLETED}:
            self.run(self.hamlet.wait_until(booking.ends_at))
            self.do("pay_out")
            self.run(self.hamlet.wait_until(booking.ends_at + timedelta(hours=72)))
        self.do("pay_out")
        if answer is not None:
            self.do("bank", paid=answer)

    @rule(party=parties, complains=st.booleans(), paid=st.booleans())
    def stay(self, party: int, complains: bool, paid: bool) -> None:
        """A whole stay, from the hold to the money on the host's account."""
        before = len(self.hamlet.bookings)
        self.do("hold", place="nights", party=party)
        if len(self.hamlet.bookings) == before:
            return
        reference = self.hamlet.bookings[-1]
        self.do("go_on", reference=reference, method="transfer")
        self.do("transfer", reference=reference)
        self.run(self.hamlet.check())
        booking = next(row for row in self.hamlet.rows if row.reference == reference)
        self.run(self.hamlet.wait_until(booking.starts_at + timedelta(hours=2)))
        self.do("check_in", reference=reference)
        if complains:
            self.do("complain", reference=reference)
        for hours in (0, 71, 72):
            self.run(self.hamlet.wait_until(booking.ends_at + timedelta(hours=hours)))
            self.do("pay_out")
        self.do("bank", paid=paid)

    @rule(place=places, party=parties, end=st.sampled_from(["yes", "no", "withdraw", "pay_again", "wait"]))
    def ask(self, place: str, party: int, end: str) -> None:
        """A request, and one of the ways in which it may end; an accepted one still waits for its transfer."""
        before = len(self.hamlet.bookings)
        self.do("hold", place=place, party=party)
        if len(self.hamlet.bookings) == before:
            return
        reference = self.hamlet.bookings[-1]
        self.do("go_on", reference=reference, method="transfer")
        if end in {"yes", "no", "pay_again"}:
            self.do("answer", reference=reference, yes=end != "no")
        match end:
            case "withdraw":
                self.do("withdraw", reference=reference)
            case "pay_again":
                self.do("pay_again", reference=reference)
                self.do("pay", reference=reference, button=Press.PAY)
            case "wait":
                self.run(self.hamlet.wait(49))
            case _:
                self.do("transfer", reference=reference)

    @rule(party=parties, then=st.sampled_from(["move", "take_money", "silence"]), date=picks)
    def too_few(self, party: int, then: str, date: int) -> None:
        """A party books the tour alone; a week before the day it is called off, unless others have come by then."""
        before = len(self.hamlet.bookings)
        self.do("hold", place="late tour", party=party)
        if len(self.hamlet.bookings) == before:
            return
        reference = self.hamlet.bookings[-1]
        self.do("go_on", reference=reference, method="transfer")
        self.do("answer", reference=reference, yes=True)
        self.do("transfer", reference=reference)
        start = self.hamlet.slots["late tour"].starts_at
        self.run(self.hamlet.wait_until(start - timedelta(days=7)))
        if then == "silence":
            self.run(self.hamlet.wait(49))
        else:
            self.do(then, reference=reference, **({"pick": date} if then == "move" else {}))

    @rule(party=parties, contests=st.booleans(), outcome=st.sampled_from([*Outcome, None]))
    def nobody_came(self, party: int, contests: bool, outcome: Outcome | None) -> None:
        """A stay to which nobody comes, says the host; and what the guest, an operator and time make of it."""
        before = len(self.hamlet.bookings)
        self.do("hold", place="nights", party=party)
        if len(self.hamlet.bookings) == before:
            return
        reference = self.hamlet.bookings[-1]
        self.do("go_on", reference=reference, method="demo_card")
        self.do("pay", reference=reference, button=Press.PAY)
        self.run(self.hamlet.check())
        booking = next(row for row in self.hamlet.rows if row.reference == reference)
        self.run(self.hamlet.wait_until(booking.starts_at + timedelta(hours=24)))
        self.do("no_show", reference=reference)
        if contests:
            self.do("contest", reference=reference)
        if outcome is not None:
            self.do("judge", reference=reference, outcome=outcome)
        self.run(self.hamlet.wait(49))

    @precondition(some_booking)
    @rule(pick=picks, ends=st.lists(st.sampled_from(DisputeState), max_size=3), host_bears=st.booleans())
    def dispute_card(self, pick: int, ends: list[DisputeState], host_bears: bool) -> None:
        """The bank of a guest's card wants the money back, and says how that ended in any order, more than once."""
        reference = self.one(pick, *SOLD, State.COMPLETED, State.NO_SHOW)
        for state in (DisputeState.OPEN, *ends):
            self.do("card_bank", reference=reference, state=state)
        self.do("bear", reference=reference, host_bears=host_bears)

    @rule(hours=st.sampled_from([0.2, 0.5, 2, 13, 25, 49]))
    def wait(self, hours: float) -> None:
        self.run(self.hamlet.wait(hours))

    @invariant()
    def everything_agrees(self) -> None:
        self.run(self.hamlet.check())


@pytest.fixture
async def loop(db: str) -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()


def test_stock_money_and_states_agree_after_every_step(
    loop: asyncio.AbstractEventLoop, tools: Tools, settings: Settings
):
    machine = type("Machine", (BookingMachine,), {"loop": loop, "tools": tools, "config": settings})
    run_state_machine_as_test(
        machine,
        settings=hypothesis.settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
