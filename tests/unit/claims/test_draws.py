"""The lot, the audit draw and the monetary-unit sample: fixed numbers, and what holds always."""

from __future__ import annotations

import hashlib
import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.claims.draws import (
    AuditCause,
    Hit,
    SamplePlan,
    TaintedLine,
    TooManyErrors,
    audit_cause,
    draw_sample,
    lot_digest,
    lot_order,
    plan_sample,
    sample_start,
    upper_limit,
)
from market.claims.rule_versions import R1

names = st.text(st.characters(blacklist_characters="|", blacklist_categories=["Cs"]), min_size=1, max_size=8)


def test_the_lot_is_sorted_sha256():
    officers = ["o-1", "o-2", "o-3", "o-4"]
    expected = sorted(officers, key=lambda o: hashlib.sha256(f"seed|claim-7|{o}".encode()).hexdigest())
    assert lot_order("seed", "claim-7", officers) == tuple(expected)
    assert lot_digest("a", "b", "c") == hashlib.sha256(b"a|b|c").hexdigest()


@given(names, names, st.lists(names, unique=True, max_size=8), st.randoms(use_true_random=False))
def test_the_lot_is_blind_to_the_order_of_candidates(seed, claim, officers, random):
    order = lot_order(seed, claim, officers)
    random.shuffle(officers)
    assert lot_order(seed, claim, officers) == order
    assert sorted(order) == sorted(officers)


@pytest.mark.parametrize(("seed", "claim", "officer"), [("a|b", "c", "d"), ("a", "", "d"), ("a", "b", "|")])
def test_names_that_could_be_read_two_ways(seed, claim, officer):
    with pytest.raises(ValueError, match="hold no"):
        lot_order(seed, claim, [officer])


def test_nobody_has_two_lots():
    with pytest.raises(ValueError, match="one lot"):
        lot_order("seed", "claim", ["o-1", "o-1"])


def test_who_is_audited():
    def cause(award=1, *, first=False, claim="c"):
        return audit_cause(R1.audit, award=award, is_first=first, seed="s", claim=claim)

    assert cause(first=True) is AuditCause.FIRST_CLAIM
    assert cause(15_000_001) is AuditCause.LARGE_AWARD
    drawn = [cause(15_000_000, claim=f"c-{n}") for n in range(2_000)]
    assert set(drawn) == {None, AuditCause.DRAWN}
    assert 150 < drawn.count(AuditCause.DRAWN) < 250


def test_the_worked_sample():
    plan = plan_sample(240_000_000, 24_000_000)
    assert plan == SamplePlan(240_000_000, 30, 8_000_000)
    assert upper_limit(plan.interval) == 23_965_600


def test_an_expected_error_asks_for_more():
    assert plan_sample(240_000_000, 24_000_000, 3_000_000).size == 38
    for tolerable, expected in ((0, 0), (16, 10), (10, 10)):
        with pytest.raises(ValueError, match="well above"):
            plan_sample(1_000, tolerable, expected)
    with pytest.raises(ValueError, match="needs value"):
        plan_sample(0, 5)
    with pytest.raises(ValueError, match="every line"):
        plan_sample(240_000_000, 1)
    assert plan_sample(10, 1) == SamplePlan(10, 10, 1)


def test_the_limit_grows_with_errors_found():
    one = upper_limit(8_000_000, [TaintedLine(1_000_000, 750_000)])
    assert one == 23_965_600 + Fraction("1.7482") * 8_000_000 / 4
    two = upper_limit(8_000_000, [TaintedLine(1_000_000, 750_000), TaintedLine(1_000_000, 0)])
    assert two == 23_965_600 + Fraction("1.7482") * 8_000_000 + Fraction("1.5519") * 8_000_000 / 4
    assert upper_limit(8_000_000, [TaintedLine(9_000_000, 8_000_000)]) == 24_965_600
    with pytest.raises(TooManyErrors):
        upper_limit(10, [TaintedLine(2, 1)] * 3)
    with pytest.raises(ValueError, match="found worth less"):
        upper_limit(10, [TaintedLine(2, 2)])


def test_every_interval_th_rupiah():
    plan = SamplePlan(20, 4, 5)
    lines = [("a", 4), ("b", 11), ("c", 5)]
    assert draw_sample(plan, 4, lines) == (Hit(4, "a"), Hit(9, "b"), Hit(14, "b"), Hit(19, "c"))
    assert draw_sample(plan, 5, lines) == (Hit(5, "b"), Hit(10, "b"), Hit(15, "b"), Hit(20, "c"))
    for start, wrong in ((0, lines), (6, lines), (1, lines[:2]), (1, [*lines, ("d", 0)])):
        with pytest.raises(ValueError, match=r"interval|add up"):
            draw_sample(plan, start, wrong)


@given(
    st.lists(st.integers(1, 10**6), min_size=1, max_size=40),
    st.integers(1, 150),
    st.text("abc", min_size=1),
)
def test_samples_of_any_claim(values, parts, seed):
    lines = [(number, value) for number, value in enumerate(values)]
    plan = plan_sample(sum(values), -(-sum(values) // parts))
    start = sample_start(seed, "claim", plan.interval)
    hits = draw_sample(plan, start, lines)
    assert len(hits) >= plan.size
    assert all(later.rupiah - hit.rupiah == plan.interval for hit, later in itertools.pairwise(hits))
    drawn = {hit.line for hit in hits}
    assert all(number in drawn for number, value in lines if value >= plan.interval)
    bounds = [0]
    for value in values:
        bounds.append(bounds[-1] + value)
    assert all(bounds[hit.line] < hit.rupiah <= bounds[hit.line + 1] for hit in hits)
