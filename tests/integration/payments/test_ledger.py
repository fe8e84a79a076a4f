"""The ledger: balanced by shape, posted once, never changed, and true after any sequence of events."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from market import clock
from market import db as database
from market.payments import ledger
from market.payments.rules import Split


async def post(key: str, moves: list[ledger.Move], booking: str = "B1") -> bool:
    async with database.transaction():
        return await ledger.post(key, "test", booking, moves, clock.now())


async def test_an_entry_is_posted_once(db: str) -> None:
    moves = [("asset:bank", "suspense", 5), ("exp:psp_fee", "suspense", 2)]
    assert await post("k", moves)
    assert not await post("k", list(reversed(moves)))
    assert await ledger.balances() == {"asset:bank": 5, "exp:psp_fee": 2, "suspense": -7}
    assert await ledger.balances("asset:") == {"asset:bank": 5}
    assert await ledger.trial_balance() == 0


@pytest.mark.parametrize(
    "moves",
    [
        [("asset:bank", "suspense", 6)],
        [("asset:bank", "fx:clearing", 5)],
        [("asset:bank", "suspense", 5)] * 2,
    ],
)
async def test_the_same_key_with_other_amounts_is_an_error(db: str, moves: list[ledger.Move]) -> None:
    await post("k", [("asset:bank", "suspense", 5)])
    with pytest.raises(ledger.KeyReused):
        await post("k", moves)
    assert await ledger.balance("asset:bank") == 5


@pytest.mark.parametrize("move", [("a", "b", -1), ("a", "a", 1)])
async def test_impossible_moves_are_refused(db: str, move: ledger.Move) -> None:
    with pytest.raises(ValueError, match="positive amount"):
        await post("k", [move])


async def test_nothing_is_posted_for_nothing(db: str) -> None:
    assert not await post("k", [("a", "b", 0)])
    assert await ledger.list_entries() == []


async def test_a_posting_needs_its_events_transaction(db: str) -> None:
    with pytest.raises(RuntimeError):
        await ledger.post("k", "test", "B1", [("a", "b", 1)], clock.now())


async def test_entries_tell_the_story_with_summed_postings(db: str) -> None:
    await post("pay:1", [("asset:psp_pending", "liab:guest_hold:B1", 1_050_000)])
    hold = "liab:guest_hold:B1"
    await post("rel:B1", [(hold, "liab:host_payable:1", 950_000), (hold, "rev:service_fee", 100_000)])
    await post("pay:2", [("asset:bank", "liab:guest_hold:B2", 7)], booking="B2")
    story = await ledger.entries_for("B1")
    assert [entry.key for entry in story] == ["pay:1", "rel:B1"]
    assert ledger.Posting(hold, 1_050_000) in story[1].postings
    assert all(sum(p.amount_minor for p in entry.postings) == 0 for entry in story)
    newest = await ledger.list_entries(limit=2)
    assert [entry.key for entry in newest] == ["pay:2", "rel:B1"]
    assert [entry.key for entry in await ledger.list_entries(before_id=newest[-1].id)] == ["pay:1"]
    assert await ledger.balance(hold) == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_transfer SET amount_minor = 9",
        "DELETE FROM ledger_transfer",
        "UPDATE ledger_entry SET key = 'x'",
        "DELETE FROM ledger_entry",
    ],
)
async def test_what_is_posted_stays(db: str, statement: str) -> None:
    await post("k", [("asset:bank", "suspense", 5)])
    with pytest.raises(Exception, match="append-only"):
        await database.execute(statement)
    assert await ledger.balance("asset:bank") == 5


async def test_any_sequence_of_events_stays_balanced(db: str) -> None:
    """Random lives of bookings: after every step all accounts sum to zero and holds are paid minus given out."""
    dice = random.Random(53)
    paid: dict[str, int] = {}
    out: dict[str, int] = {}
    keys: list[tuple[str, list[ledger.Move]]] = []
    for step in range(150):
        booking = f"B{dice.randrange(6)}"
        hold = ledger.guest_hold(booking)
        left = paid.get(booking, 0) - out.get(booking, 0)
        match dice.randrange(4):
            case 0:
                amount = dice.randrange(1, 10**9)
                moves: list[ledger.Move] = [(ledger.PSP_PENDING, hold, amount)]
                paid[booking] = paid.get(booking, 0) + amount
            case 1 if left:
                amount = dice.randrange(1, left + 1)
                moves = [(hold, ledger.refund_due(booking), amount)]
                out[booking] = out.get(booking, 0) + amount
            case 2 if left:
                split = Split(host=90, fund=5, fee=5).share(left)
                moves = [
                    (hold, ledger.host_payable(1), split.host),
                    (hold, ledger.community_fund(1), split.fund),
                    (hold, ledger.SERVICE_FEE, split.fee),
                ]
                out[booking] = paid[booking]
            case _ if keys:
                key, moves = dice.choice(keys)
                assert not await post(key, moves)
                continue
            case _:
                continue
        keys.append((f"k{step}", moves))
        assert await post(*keys[-1], booking=booking)
        assert await ledger.balance(hold) == -(paid.get(booking, 0) - out.get(booking, 0))
        assert await ledger.trial_balance() == 0
    ids = [entry.id for entry in await ledger.list_entries(limit=500)]
    assert all(newer > older for newer, older in pairwise(ids))
