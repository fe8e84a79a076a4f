"""Decisions on lines, the sample they conclude, seats of a lot, and working days: pure."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.claims import lots, rulings, sampling, steps
from market.claims.adapters.beacon import BeaconSeeds
from market.claims.assessment import assess
from market.claims.lines import Origin
from market.claims.lots import DrawKind
from market.claims.officer_pages import rule_form
from market.claims.rule_versions import R1, R2
from market.claims.rulings import BadRuling, Ruling, Verdict
from market.claims.states import AT_WORK, FROZEN, LABELS, TAGS, TRANSITIONS, State
from market.values.periods import Period
from tests.unit.claims.test_flags import line

SEPTEMBER = Period(2026, 9)


def share(lines, decided):
    counted = rulings.counted(lines, decided, R1)
    return assess(R1, SEPTEMBER, counted, tax_principal=80_000_000)


def test_what_verdicts_do_to_the_share():
    lines = [line(n, 10_000_000, seller_key=f"w:{n}") for n in range(1, 7)]
    assert share(lines, {}).share.shown() == "100.00"
    excluded = share(lines, {1: Ruling(Verdict.EXCLUDE)})
    assert (excluded.denominator, excluded.local) == (60_000_000, 50_000_000)
    outside = share(lines, {1: Ruling(Verdict.OUT_OF_SCOPE)})
    assert (outside.denominator, outside.local) == (50_000_000, 50_000_000)
    smaller = share(lines, {1: Ruling(Verdict.AMOUNT, 4_000_000)})
    assert (smaller.denominator, smaller.local) == (60_000_000, 54_000_000)


@given(st.lists(st.sampled_from([None, *Verdict]), min_size=1, max_size=12))
def test_no_decision_raises_the_share_above_what_was_claimed(verdicts):
    lines = [line(n, 1_000_000 + n, seller_key=f"w:{n}") for n in range(len(verdicts))]
    lines.append(line(100, 9_000_000, origin=Origin.X))
    decided = {
        n: Ruling(verdict, 500_000 if verdict is Verdict.AMOUNT else None)
        for n, verdict in enumerate(verdicts)
        if verdict is not None
    }
    before, after = share(lines, {}), share(lines, decided)
    assert after.local <= before.local
    assert after.denominator <= before.denominator


@pytest.mark.parametrize(
    ("verdict", "reason", "net"),
    [
        (Verdict.EXCLUDE, "", None),
        (Verdict.EXCLUDE, "supplier_amount", None),
        (Verdict.AMOUNT, "supplier_amount", None),
        (Verdict.AMOUNT, "supplier_amount", 1_000_000),
        (Verdict.AMOUNT, "supplier_amount", 0),
        (Verdict.ACCEPT, "", 5),
    ],
)
def test_rulings_that_do_not_fit(verdict, reason, net):
    with pytest.raises(BadRuling):
        rulings.check(line(1, 1_000_000), verdict, reason, net)


def test_a_credit_note_can_only_be_accepted():
    rulings.check(line(1, credit_note=True), Verdict.ACCEPT, "", None)
    with pytest.raises(BadRuling):
        rulings.check(line(1, credit_note=True), Verdict.EXCLUDE, "duplicate", None)


# --- samples -------------------------------------------------------------------------------------------------


def test_a_sample_is_drawn_above_thirty_lines_and_concludes_as_the_rules_say():
    lines = [line(n, 8_000_000) for n in range(1, 31)]
    assert sampling.plan_for(lines, R1) is None
    lines = [line(n, 240_000_000 // 40) for n in range(1, 41)]
    plan = sampling.plan_for(lines, R1)
    assert plan == (240_000_000, 30, 8_000_000)
    candidates = {"book_value": plan.book_value, "size": plan.size, "interval": plan.interval}
    drawn = [int(hit.line) for hit in sampling.hits_of(lines, R1, candidates, 1)]
    fine = {number: Ruling(Verdict.ACCEPT) for number in drawn}
    found = sampling.conclude(lines, drawn, fine, plan.interval, plan.book_value)
    assert found.upper_limit == Fraction("23965600")
    assert found.passed
    bad = fine | {
        drawn[0]: Ruling(Verdict.EXCLUDE),
        drawn[5]: Ruling(Verdict.EXCLUDE),
        drawn[9]: Ruling(Verdict.EXCLUDE),
    }
    assert not sampling.conclude(lines, drawn, bad, plan.interval, plan.book_value).passed
    assert sampling.conclude(lines, drawn, {}, plan.interval, plan.book_value).upper_limit is None


# --- lots ----------------------------------------------------------------------------------------------------

CODES = st.lists(st.sampled_from([f"P-{n}" for n in range(9)]), min_size=3, max_size=9, unique=True)


@given(CODES, st.integers(0, 10**9))
def test_verifier_and_approver_differ_and_only_who_may_verifies(codes, seed):
    candidates = {
        "officers": sorted(codes),
        "may_verify": sorted(codes)[:2],
        "chairs": ["verifier", "approver"],
    }
    found = lots.outcome(DrawKind.LOT, str(seed), "CLAIM", candidates)
    assert found["verifier"] in candidates["may_verify"]
    assert found["approver"] != found["verifier"]
    assert found == lots.outcome(DrawKind.LOT, str(seed), "CLAIM", candidates)


def test_the_audit_draw_names_its_cause():
    terms = {
        "officers": ["P-1", "P-2"],
        "percent": 10,
        "always_over": 15_000_000,
        "award": 15_000_000,
        "first_claim": False,
    }
    seeds = [str(n) for n in range(400)]
    drawn = [lots.outcome(DrawKind.AUDIT, seed, "C", terms)["cause"] for seed in seeds]
    assert 20 <= sum(cause == "drawn" for cause in drawn) <= 60
    assert lots.outcome(DrawKind.AUDIT, "1", "C", terms | {"award": 15_000_001})["cause"] == "large_award"
    assert lots.outcome(DrawKind.AUDIT, "1", "C", terms | {"first_claim": True})["cause"] == "first_claim"


def test_a_beacon_round_lies_ahead_of_what_is_committed():
    seeds = BeaconSeeds("https://beacon.test/chain/")
    now = datetime(2026, 10, 12, tzinfo=UTC)
    instant = seeds.genesis + (seeds.after(now) - 1) * seeds.period
    assert 57 <= instant - now.timestamp() <= 63


# --- time and states -----------------------------------------------------------------------------------------


def test_working_days():
    friday = datetime(2026, 10, 9, 2, tzinfo=UTC)
    assert steps.working_days_after(friday, 1).date() == date(2026, 10, 12)
    assert steps.working_days_after(friday, 10).date() == date(2026, 10, 23)
    assert steps.working_days_left(date(2026, 10, 12), date(2026, 10, 9)) == 1
    assert steps.working_days_left(date(2026, 10, 9), date(2026, 10, 12)) == -1
    assert steps.working_days_left(date(2026, 10, 9), date(2026, 10, 9)) == 0


def test_every_state_has_words_and_effective_never_goes_back():
    assert set(TRANSITIONS) == set(LABELS) == set(TAGS) == set(State)
    assert TRANSITIONS[State.EFFECTIVE] == {State.SUPERSEDED}
    reachable, new = set(), {State.EFFECTIVE}
    while new:
        reachable |= new
        new = {to for state in new for to in TRANSITIONS[state]} - reachable
    assert reachable == {State.EFFECTIVE, State.SUPERSEDED}
    assert AT_WORK <= FROZEN


@pytest.mark.parametrize("rule", [R1, R2])
def test_a_rule_survives_its_form(rule):
    assert rule_form.rule_of(rule_form.values_of(rule)) == rule
