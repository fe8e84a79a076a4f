"""Goodwill: out of our own pocket, once, never more than was paid, and beyond the limit by two people."""

from __future__ import annotations

from datetime import timedelta

import pytest

import market.app.handlers  # noqa: F401 # pyright: ignore[reportUnusedImport] - the jobs of a payment
from market import clock
from market.bookings import finishing, rows
from market.errors import Invalid
from market.outbox.tools import Tools
from market.payments import ledger
from market.staff import goodwill
from market.staff.goodwill import AlreadyDecided, SamePerson, StillOpen
from tests import factories
from tests.integration.bookings import flows

REASON = "The boat was late and the guest waited a day."


async def closed_booking(tools: Tools) -> str:
    """A paid booking whose visit is over and whose money has found its receivers."""
    listing = await factories.make_listing()
    slot = await factories.make_start(listing, days=40)
    reference = (await flows.confirmed(listing, slot, tools)).reference
    assert await finishing.complete(reference, clock.now() + timedelta(days=60))
    return reference


async def test_small_amounts_are_given_at_once_and_posted_once(db: str, tools: Tools):
    reference = await closed_booking(tools)
    one = (await factories.make_person()).id
    assert await goodwill.propose(
        reference, amount=40_000, reason=REASON, limit=50_000, by=one, now=clock.now()
    )
    assert (await rows.get(reference)).refunded_minor == 40_000
    assert (await ledger.balances("exp:goodwill"))["exp:goodwill"] == 40_000
    assert await ledger.trial_balance() == 0
    assert not await goodwill.propose(
        reference, amount=40_000, reason=REASON, limit=50_000, by=one, now=clock.now()
    )


async def test_beyond_the_limit_a_second_person_decides_once(db: str, tools: Tools):
    reference = await closed_booking(tools)
    one, two = (await factories.make_person()).id, (await factories.make_person()).id
    await goodwill.propose(reference, amount=90_000, reason=REASON, limit=50_000, by=one, now=clock.now())
    (waiting,) = await goodwill.list_all(open_only=True)
    with pytest.raises(SamePerson):
        await goodwill.approve(waiting.reference, by=one, now=clock.now())
    await goodwill.approve(waiting.reference, by=two, now=clock.now())
    with pytest.raises(AlreadyDecided):
        await goodwill.approve(waiting.reference, by=two, now=clock.now())
    assert (await ledger.balances("exp:goodwill"))["exp:goodwill"] == 90_000


async def test_never_more_than_was_paid_and_never_on_an_open_booking(db: str, tools: Tools):
    reference = await closed_booking(tools)
    one = (await factories.make_person()).id
    paid = (await rows.get(reference)).paid_minor
    with pytest.raises(Invalid):
        await goodwill.propose(reference, amount=paid + 1, reason=REASON, limit=0, by=one, now=clock.now())
    await goodwill.propose(reference, amount=paid, reason=REASON, limit=0, by=one, now=clock.now())
    with pytest.raises(Invalid):
        await goodwill.propose(reference, amount=1, reason=REASON, limit=0, by=one, now=clock.now())
    listing = await factories.make_listing()
    slot = await factories.make_start(listing, days=40)
    held = await flows.hold_seat(listing, slot, adults=1)
    with pytest.raises(StillOpen):
        await goodwill.propose(held, amount=1, reason=REASON, limit=0, by=one, now=clock.now())
