"""Turns: fair by nights, blind to the order in which families are listed, and level for who joins."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from market.villages.rules import Family, next_in_turn, start_nights, turn_order

START = datetime(2026, 9, 1, tzinfo=UTC)
LENGTHS = st.lists(st.integers(1, 5), max_size=40)


def families(count: int) -> list[Family]:
    return [Family(n, 100 + n, 1000 + n, 0, None) for n in range(1, count + 1)]


def serve(pool: list[Family], host_id: int, nights: int, at: datetime) -> list[Family]:
    return [
        replace(f, nights=f.nights + nights, last_turn_at=at) if f.host_id == host_id else f for f in pool
    ]


def test_who_joined_first_begins_and_then_everybody_has_a_turn():
    pool, seen = families(4), []
    for n in range(8):
        chosen = next_in_turn(pool, {f.room_type_id for f in pool})
        assert chosen
        seen.append(chosen.host_id)
        pool = serve(pool, chosen.host_id, 2, START + timedelta(hours=n))
    assert seen == [101, 102, 103, 104] * 2


def test_a_family_without_a_free_room_keeps_its_turn():
    pool = families(3)
    first = next_in_turn(pool, {1002, 1003})
    assert first
    assert first.host_id == 102
    pool = serve(pool, 102, 1, START)
    again = next_in_turn(pool, {1001, 1002, 1003})
    assert again
    assert again.host_id == 101


def test_who_passed_is_not_asked_again_and_nobody_may_be_left():
    pool = families(2)
    free = {1001, 1002}
    other = next_in_turn(pool, free, passed={101})
    assert other
    assert other.host_id == 102
    assert next_in_turn(pool, free, passed={101, 102}) is None
    assert next_in_turn(pool, set()) is None


@given(st.integers(2, 7), LENGTHS)
def test_when_all_are_free_nobody_is_more_than_one_stay_ahead(count: int, lengths: list[int]):
    pool = families(count)
    for n, nights in enumerate(lengths):
        chosen = turn_order(pool)[0]
        pool = serve(pool, chosen.host_id, nights, START + timedelta(hours=n))
    hosted = [f.nights for f in pool]
    assert max(hosted) - min(hosted) <= max(lengths, default=0)


@given(st.integers(1, 6), LENGTHS, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_how_the_families_are_listed(
    count: int, lengths: list[int], dice: random.Random
):
    pool = families(count)
    for n, nights in enumerate(lengths):
        pool = serve(pool, dice.choice(pool).host_id, nights, START + timedelta(hours=n))
    mixed = pool[:]
    dice.shuffle(mixed)
    assert turn_order(mixed) == turn_order(pool)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=6))
def test_a_newcomer_is_level_with_the_least_busy_family(hosted: list[int]):
    pool = [replace(f, nights=n) for f, n in zip(families(len(hosted)), hosted, strict=True)]
    level = start_nights(pool)
    assert level == min(hosted)
    joined = Family(99, 999, 9999, level, None)
    # It takes its turn soon, and after one night it is no longer before those who have hosted as little.
    after = serve([*pool, joined], 999, 1, START)
    assert turn_order(after)[0].host_id != 999


def test_nobody_in_the_pool_yet():
    assert start_nights([]) == 0
