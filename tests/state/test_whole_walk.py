"""One walk that certainly does everything: each act succeeds, each state is reached, all is looked at after every step.

The machine beside it walks where chance leads; this walk makes sure that nothing it looks at is never there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from market.bookings.arrival_rules import Outcome
from market.bookings.rows import BookingRow
from market.bookings.states import State
from market.outbox.tools import Tools
from market.payments.adapters.demo_card import Press
from market.payments.port import DisputeState
from market.settings import Settings
from tests.state.hamlet import Hamlet


class Walk:
    """Steps that must succeed, each followed by a look at stock, money and states."""

    def __init__(self, hamlet: Hamlet) -> None:
        self.hamlet = hamlet
        self.seen: Counter[State] = Counter()

    async def do(self, name: str, **given: Any) -> None:
        before = self.hamlet.did[name]
        await self.hamlet.step(name, **given)
        assert self.hamlet.did[name] == before + 1, (name, given, self.hamlet.did)
        await self.look()

    async def look(self) -> None:
        await self.hamlet.check()
        self.seen.update(row.state for row in self.hamlet.rows)

    async def until(self, moment: Any) -> None:
        await self.hamlet.wait_until(moment)
        await self.look()

    async def hours(self, hours: float) -> None:
        await self.until(self.hamlet.now + timedelta(hours=hours))

    async def book(
        self, place: str, party: int, method: str = "demo_card", press: Press | None = Press.PAY
    ) -> str:
        """Hold, give the details and, with a card, press a button; the reference."""
        await self.do("hold", place=place, party=party)
        reference = self.hamlet.bookings[-1]
        await self.do("go_on", reference=reference, method=method)
        if method == "demo_card" and press is not None:
            await self.do("pay", reference=reference, button=press)
        return reference

    def row(self, reference: str) -> BookingRow:
        return next(row for row in self.hamlet.rows if row.reference == reference)

    def is_now(self, reference: str, state: State) -> None:
        assert self.row(reference).state is state, (self.row(reference).state, self.hamlet.did)


async def requests(walk: Walk) -> None:
    """Asked for and declined, withdrawn, left to lapse, accepted; paid by a second link."""
    one = await walk.book("class", 1)
    walk.is_now(one, State.REQUESTED)
    await walk.do("answer", reference=one, yes=False)
    walk.is_now(one, State.DECLINED)
    two = await walk.book("class", 1, "on_arrival")
    await walk.do("withdraw", reference=two)
    walk.is_now(two, State.WITHDRAWN)
    three = await walk.book("class", 1, "transfer")
    await walk.do("answer", reference=three, yes=True)
    walk.is_now(three, State.PAYMENT_DUE)
    await walk.do("pay_again", reference=three)
    await walk.do("pay", reference=three, button=Press.PAY)
    walk.is_now(three, State.CONFIRMED)
    four = await walk.book("late class", 1)
    await walk.do("answer", reference=four, yes=True)
    walk.is_now(four, State.CONFIRMED)
    five = await walk.book("late class", 1, "transfer")
    await walk.hours(49)
    walk.is_now(five, State.EXPIRED)


async def money_in(walk: Walk) -> None:
    """A hold that lapses, a card that is refused, a payment whose message is lost, a transfer, and one too late."""
    await walk.do("hold", place="nights", party=1)
    held = walk.hamlet.bookings[-1]
    walk.is_now(held, State.HELD)
    await walk.hours(0.5)
    walk.is_now(held, State.EXPIRED)
    refused = await walk.book("nights", 1, press=Press.DECLINE)
    walk.is_now(refused, State.HELD)
    await walk.do("pay", reference=refused, button=Press.PAY)
    walk.is_now(refused, State.CONFIRMED)
    sent = await walk.book("later nights", 1, "transfer")
    await walk.do("transfer", reference=sent)
    walk.is_now(sent, State.CONFIRMED)
    await walk.do("change", reference=sent, place="later nights", party=2)
    await walk.do("transfer", reference=sent)
    await walk.do("cancel", reference=sent)
    walk.is_now(sent, State.CANCELLED_BY_GUEST)
    late = await walk.book("later nights", 1, press=None)
    await walk.hours(2)
    walk.is_now(late, State.EXPIRED)
    await walk.do("pay", reference=late, button=Press.PAY_SILENTLY)
    await walk.do("cancel", reference=refused)


async def taken_back(walk: Walk) -> None:
    """By host, operator and higher force, with money, another date, or silence; and a tour with too few guests."""
    for to in (State.CANCELLED_BY_HOST, State.CANCELLED_BY_OPERATOR, State.FORCE_MAJEURE):
        stay = await walk.book("later nights", 1)
        await walk.do("take_back", reference=stay, to=to, block=False, choice=True)
        walk.is_now(stay, to)
        if to is State.CANCELLED_BY_HOST:
            await walk.do("move", reference=stay, pick=3)
            walk.is_now(stay, State.CONFIRMED)
            await walk.do("cancel", reference=stay)
        elif to is State.CANCELLED_BY_OPERATOR:
            await walk.do("take_money", reference=stay)
        else:
            await walk.hours(49)
            assert walk.row(stay).balance == 0
    alone = await walk.book("late tour", 1)
    if walk.row(alone).state is State.REQUESTED:
        await walk.do("answer", reference=alone, yes=True)
    await walk.until(walk.hamlet.slots["late tour"].starts_at - timedelta(days=7))
    walk.is_now(alone, State.CALLED_OFF)
    await walk.hours(49)
    assert walk.row(alone).balance == 0


async def waiting(walk: Walk) -> None:
    """Both rooms are gone; who waits is offered what comes free, and may leave the list."""
    first = await walk.book("nights", 3)
    await walk.do("wait_for", place="nights", party=2)
    await walk.do("wait_for", place="nights", party=1)
    await walk.do("leave_list", entry=walk.hamlet.entries[-1])
    await walk.do("cancel", reference=first)
    await walk.hours(0.2)
    offered = walk.row(walk.hamlet.bookings[-1])
    assert (offered.state, offered.reference != first) == (State.HELD, True)
    await walk.hours(25)


async def arrivals(walk: Walk) -> None:
    """Checked in, taken back, in again, paid at the village, complained about, completed, paid out, bounced, paid."""
    stay = await walk.book("nights", 1)
    await walk.until(walk.row(stay).starts_at + timedelta(hours=1))
    await walk.do("check_in", reference=stay)
    walk.is_now(stay, State.CHECKED_IN)
    await walk.do("undo_check_in", reference=stay)
    await walk.do("check_in", reference=stay)
    await walk.do("complain", reference=stay)
    ends = walk.row(stay).ends_at
    await walk.until(ends)
    walk.is_now(stay, State.CHECKED_IN)  # frozen as long as the complaint is open
    await walk.do("settle_complaint", reference=stay, percent=50)
    await walk.hours(0.2)
    walk.is_now(stay, State.COMPLETED)
    await walk.until(ends + timedelta(hours=72))
    await walk.do("pay_out")
    await walk.do("bank", paid=True)


async def absent(walk: Walk) -> None:
    """Nobody came: left alone, contested and decided each way."""
    for outcome in (None, *Outcome):
        stay = await walk.book("nights", 1)
        await walk.until(walk.row(stay).starts_at + timedelta(hours=24))
        await walk.do("no_show", reference=stay)
        walk.is_now(stay, State.NO_SHOW)
        if outcome is not None:
            await walk.do("contest", reference=stay)
            await walk.do("judge", reference=stay, outcome=outcome)
        await walk.hours(72)


async def card_disputes(walk: Walk) -> None:
    """The card's bank takes the money: it comes back, or it does not and somebody bears it."""
    for states, host_bears in (
        ((DisputeState.OPEN, DisputeState.WON), None),
        ((DisputeState.OPEN, DisputeState.LOST), True),
        ((DisputeState.LOST,), False),
    ):
        stay = await walk.book("nights", 1)
        await walk.until(walk.row(stay).starts_at)
        await walk.do("check_in", reference=stay)
        for state in states:
            await walk.do("card_bank", reference=stay, state=state)
        if host_bears is not None:
            await walk.do("bear", reference=stay, host_bears=host_bears)
        await walk.until(walk.row(stay).ends_at + timedelta(hours=1))
        walk.is_now(stay, State.COMPLETED)


async def at_village(walk: Walk) -> None:
    """A request that is paid in cash at the village."""
    lesson = await walk.book("class", 2, "on_arrival")
    await walk.do("answer", reference=lesson, yes=True)
    walk.is_now(lesson, State.CONFIRMED)
    await walk.until(walk.row(lesson).starts_at + timedelta(minutes=5))
    await walk.do("check_in", reference=lesson)
    await walk.do("paid_at_village", reference=lesson)
    await walk.until(walk.row(lesson).ends_at + timedelta(minutes=5))
    walk.is_now(lesson, State.COMPLETED)


PARTS: tuple[Callable[[Walk], Awaitable[None]], ...] = (
    *(requests, money_in, taken_back, waiting, arrivals, absent, card_disputes, at_village),
)


@pytest.mark.usefixtures("db")
async def test_everything_can_happen_and_all_agrees_after_every_step(tools: Tools, settings: Settings):
    hamlet = Hamlet(tools, settings)
    await hamlet.build()
    walk = Walk(hamlet)
    for part in PARTS:
        await part(walk)
    assert set(walk.seen) == set(State)
    acts = {name for name in vars(Hamlet) if not name.startswith("_")}
    aside = {"build", "step", "settle", "choice", "start", "wait", "wait_until", "own", "check"}
    done = {name for name in hamlet.did if " refused: " not in name}
    assert not {name for name in acts if callable(getattr(Hamlet, name))} - aside - done
