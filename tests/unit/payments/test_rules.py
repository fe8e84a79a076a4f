"""Rules of payments: methods, shares, sen, codes, and the moves a payment may make."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.payments import rules
from market.payments.adapters.stripe import page_ends_at
from market.payments.rules import Method, Received, Split, State

rupiah = st.integers(0, 10**12)
splits = st.builds(Split, host=rupiah, fund=rupiah, fee=rupiah, guides=rupiah, tax=rupiah)


@given(splits, rupiah)
def test_what_is_left_is_shared_to_the_rupiah(split: Split, rest: int) -> None:
    shared = split.share(rest)
    assert shared.total == rest
    assert split.share(split.total) == split


def test_ties_go_to_the_host() -> None:
    assert Split(host=1, fund=1).share(1) == Split(host=1)
    assert Split(host=0).share(7) == Split(host=7)


def test_a_receipts_parts_become_a_split() -> None:
    parts = [("family", 80), ("materials", 5), ("guide", 5), ("fund", 5), ("platform", 4), ("tax", 1)]
    assert Split.from_parts(parts) == Split(host=85, guides=5, fund=5, fee=4, tax=1)
    with pytest.raises(ValueError, match="nobody receives"):
        Split.from_parts([("friend", 1)])
    with pytest.raises(ValueError, match="negative"):
        Split.from_parts([("family", -1)])


@given(st.integers(0, 10**14))
def test_sen_are_never_rounded(sen: int) -> None:
    received = Received.from_sen(sen)
    assert received.minor * 100 + received.odd_sen == sen
    whole = sen % 100 == 0
    assert (rules.mismatch(sen // 100, "IDR", received, "idr") == "") is whole


@given(rupiah, rupiah)
def test_only_the_exact_amount_in_rupiah_matches(asked: int, got: int) -> None:
    assert (rules.mismatch(asked, "IDR", Received(got), "IDR") == "") is (asked == got)
    assert "USD" in rules.mismatch(asked, "IDR", Received(asked), "usd")


@given(st.lists(rupiah, max_size=6), st.data())
def test_refunds_are_spread_within_the_room_there_is(room: list[int], data: st.DataObject) -> None:
    amount = data.draw(st.integers(0, sum(room)))
    taken = rules.spread(amount, room)
    assert sum(taken) == amount
    assert all(0 <= part <= space for part, space in zip(taken, room, strict=True))
    with pytest.raises(ValueError, match="more than there is"):
        rules.spread(sum(room) + 1, room)


@pytest.mark.parametrize(
    ("days", "bank", "arrival", "offered"),
    [
        (4, True, True, [Method.CARD, Method.TRANSFER, Method.ON_ARRIVAL]),
        (3, True, True, [Method.CARD, Method.ON_ARRIVAL]),
        (90, False, False, [Method.CARD]),
        (90, True, False, [Method.CARD, Method.TRANSFER]),
    ],
)
def test_methods_offered(days: int, *, bank: bool, arrival: bool, offered: list[Method]) -> None:
    found = rules.methods_offered([Method.CARD], has_bank=bank, days_ahead=days, on_arrival=arrival)
    assert found == offered


def test_without_a_provider_no_card_is_offered() -> None:
    assert rules.methods_offered([], has_bank=False, days_ahead=90, on_arrival=False) == []


@pytest.mark.parametrize("typed", ["TR-7K3QF9", "tr 7k3 qf9", "7K3QF9", " tr7k3qf9 ", "TR–7K3QF9"])
def test_a_code_survives_typing(typed: str) -> None:
    assert rules.tidy_code(typed) == "TR-7K3QF9"


def test_an_empty_code_is_nobodys() -> None:
    assert rules.tidy_code(" - ") == ""


def test_the_same_decision_is_the_same_refund() -> None:
    assert rules.refund_base("cxl:K7QF:1") == rules.refund_base("cxl:K7QF:1")
    assert rules.refund_base("cxl:K7QF:1") != rules.refund_base("cxl:K7QF:2")


def test_money_is_never_unmade_by_a_state() -> None:
    assert rules.TRANSITIONS[State.CAPTURED] == frozenset()
    assert all(
        State.CAPTURED in onward for state, onward in rules.TRANSITIONS.items() if state is not State.CAPTURED
    )
    assert set(rules.TRANSITIONS) == set(State)


@given(st.integers(-120, 24 * 60 - 45), st.datetimes(datetime(2026, 1, 1), datetime(2039, 1, 1)))
def test_a_page_ends_as_stripe_demands(minutes: int, moment: datetime) -> None:
    now = moment.replace(tzinfo=UTC)
    ends = page_ends_at(now + timedelta(minutes=minutes), now)
    assert now.timestamp() + 30 * 60 <= ends <= now.timestamp() + 24 * 3600
    assert ends % 600 == 0
