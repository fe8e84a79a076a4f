"""Which lines count where, what cuts an award, and what the next tier takes."""

from __future__ import annotations

import dataclasses
import tracemalloc
from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from market.claims.awards import CappedBy, share_budget
from market.claims.lines import Reason
from market.claims.periods import Period
from market.claims.rule_versions import R1, CategoryMinimum, Tier, Weights
from market.claims.tally import UnknownCategory
from tests.unit.claims.builders import MIDDLE, SEPTEMBER, assessed, make_line, spread

OUTSIDE = spread(10_000_000, "X")


def reasons(result):
    return {item.id: item.reason for item in result.excluded}


# --- which lines count -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "reason"),
    [
        ({"evidenced": False}, Reason.NOT_EVIDENCED),
        ({"confirmed": False}, Reason.NOT_CONFIRMED),
        ({"related": True}, Reason.RELATED_PARTY),
        ({"evidenced": False, "confirmed": False, "related": True}, Reason.NOT_EVIDENCED),
        ({"confirmed": False, "related": True}, Reason.NOT_CONFIRMED),
    ],
)
def test_a_failing_line_stays_in_the_denominator_and_leaves_the_local_value(mark, reason):
    result = assessed([*spread(10_000_000), *OUTSIDE, make_line(5_000_000, id="failing", **mark)])
    assert (result.local, result.denominator) == (10_000_000, 25_000_000)
    assert reasons(result) == {"failing": reason}


def test_wages_and_the_like_are_in_neither():
    result = assessed([*spread(10_000_000), make_line(5_000_000, id="pay", category="wages")])
    assert (result.local, result.denominator) == (10_000_000, 10_000_000)
    assert reasons(result) == {"pay": Reason.OUT_OF_SCOPE}


def test_an_unknown_category_is_never_left_out_in_silence():
    with pytest.raises(UnknownCategory, match="laundry"):
        assessed([make_line(category="laundry")])
    other_month = make_line(category="laundry", invoice_at=datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(UnknownCategory):
        assessed([other_month])


@pytest.mark.parametrize(
    ("at", "counts"),
    [
        (datetime(2026, 8, 31, 15, 59, 59, 999_999, tzinfo=UTC), False),
        (datetime(2026, 8, 31, 16, 0, tzinfo=UTC), True),
        (datetime(2026, 9, 30, 15, 59, 59, 999_999, tzinfo=UTC), True),
        (datetime(2026, 9, 30, 16, 0, tzinfo=UTC), False),
    ],
)
def test_the_month_begins_and_ends_at_midnight_in_wita(at, counts):
    assert assessed([make_line(7, invoice_at=at)]).denominator == (7 if counts else 0)


@pytest.mark.parametrize("net", [0, -1])
def test_a_value_is_positive(net):
    with pytest.raises(ValueError, match="positive"):
        assessed([make_line(net)])


def test_confirmation_may_be_waived_for_small_purchases():
    rule = dataclasses.replace(R1, confirm_required_from=500_000)
    small, large = make_line(499_999, confirmed=False), make_line(500_000, confirmed=False)
    result = assessed([small, large, *spread(3_000_000)], rule=rule)
    assert result.local == 3_499_999
    assert reasons(result) == {large.id: Reason.NOT_CONFIRMED}


# --- credit notes ----------------------------------------------------------------------------------------


def test_a_credit_note_takes_back_value_and_local_value():
    result = assessed([*spread(9_000_000), make_line(1_000_000, credit_note=True), *OUTSIDE])
    assert (result.local, result.denominator) == (8_000_000, 18_000_000)


def test_not_proving_a_credit_note_gains_nothing():
    goods = make_line(9_000_000, supplier="S")
    back = make_line(4_000_000, supplier="S", credit_note=True)
    unproved = back._replace(evidenced=False)
    base = [*spread(20_000_000), *OUTSIDE, goods]
    assert assessed([*base, unproved]).share == assessed([*base, back]).share


def test_a_failing_credit_note_settles_failing_purchases_first():
    failing = make_line(6_000_000, supplier="S", related=True)
    back = make_line(2_000_000, supplier="S", related=True, credit_note=True)
    passing = make_line(3_000_000, supplier="S")
    result = assessed([*spread(20_000_000), *OUTSIDE, failing, passing, back])
    assert (result.local, result.denominator) == (23_000_000, 37_000_000)


# --- tiers, conditions, caps -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("local", "rate"),
    [(1_999, 0), (2_000, 500), (2_999, 500), (3_000, 1_000), (4_000, 1_500), (10_000, 1_500)],
)
def test_tiers_begin_exactly_at_their_share(local, rate):
    tier = assessed(spread(local * 1_000) + spread((10_000 - local) * 1_000, "X")).tier
    assert (tier.rate_bp if tier else 0) == rate


def test_too_little_bought_gives_nothing():
    enough = assessed(spread(5_000_000))
    too_little = assessed(spread(4_999_999))
    assert (enough.award.amount, enough.award.capped_by) == (12_000_000, None)
    assert (too_little.award.amount, too_little.award.capped_by) == (0, CappedBy.MIN_PERIOD_SPEND)
    assert too_little.tier == enough.tier


def test_a_missed_category_minimum_gives_nothing():
    rule = dataclasses.replace(R1, category_minimums=(CategoryMinimum("textile", 2_500),))
    textile = [make_line(750_001, "X", category="textile"), make_line(250_000, category="textile")]
    missed = assessed([*spread(10_000_000), *textile], rule=rule)
    assert missed.missed_minimums == ("textile",)
    assert (missed.award.amount, missed.award.capped_by) == (0, CappedBy.CATEGORY_MINIMUMS)
    met = assessed([*spread(10_000_000), textile[0]._replace(net=750_000), textile[1]], rule=rule)
    assert (met.missed_minimums, met.award.amount) == ((), 12_000_000)
    assert assessed(spread(10_000_000), rule=rule).missed_minimums == ()


@pytest.mark.parametrize(
    ("settings", "amount", "cut"),
    [
        ({"tax": 160_000_000}, 24_000_000, None),
        ({"tax": 166_666_667}, 25_000_000, None),
        ({"tax": 200_000_000}, 25_000_000, CappedBy.CAP_PERIOD),
        ({"tax": 200_000_000, "awarded": 175_000_000}, 25_000_000, CappedBy.CAP_PERIOD),
        ({"tax": 200_000_000, "awarded": 175_000_001}, 24_999_999, CappedBy.CAP_YEAR),
        ({"tax": 200_000_000, "awarded": 300_000_000}, 0, CappedBy.CAP_YEAR),
        ({"tax": 200_000_000, "awarded": 190_000_000, "budget": 9_999_999}, 9_999_999, CappedBy.BUDGET),
        ({"tax": 200_000_000, "budget": 0}, 0, CappedBy.BUDGET),
        ({"tax": 0}, 0, None),
    ],
)
def test_the_tightest_cap_holds(settings, amount, cut):
    award = assessed(spread(10_000_000), **settings).award
    assert (award.amount, award.capped_by) == (amount, cut)


def test_the_whole_budget_binds_where_none_is_given():
    rule = dataclasses.replace(R1, programme_budget=1_000_000, cap_period=None, cap_year=None)
    assert assessed(spread(10_000_000), rule=rule).award == (1_000_000, CappedBy.BUDGET)
    assert assessed(spread(10_000_000), rule=rule, budget=2_000_000).award.amount == 2_000_000


def test_without_a_supplier_cap_one_supplier_counts_in_full():
    rule = dataclasses.replace(R1, supplier_cap_bp=10_000)
    lines = [make_line(10_000_000), make_line(1_000_000, credit_note=True), *OUTSIDE]
    assert assessed(lines, rule=rule).local == 9_000_000


def test_a_negative_local_value_is_left_alone_by_the_cap():
    result = assessed([make_line(1_000_000), make_line(3_000_000, credit_note=True), *OUTSIDE])
    assert (result.local, result.denominator, result.tier) == (-2_000_000, 8_000_000, None)


# --- the next tier ---------------------------------------------------------------------------------------


def test_further_purchases_also_lift_the_limit_of_a_capped_supplier():
    lines = [make_line(millions * 1_000_000, supplier=f"S{millions}") for millions in (14, 4, 2)]
    lines += spread(30_000_000, "X")
    found = assessed(lines).next_tier
    assert found is not None
    # Each further rupiah counts once and lets half a rupiah more of the capped supplier count.
    assert (found.missing, found.additional) == (4_000_000, 3_636_364)
    assert assessed(lines + spread(3_636_364)).share.reaches(4_000)
    assert not assessed(lines + spread(3_636_363)).share.reaches(4_000)


def test_a_tier_that_no_purchase_reaches():
    rule = dataclasses.replace(R1, tiers=(Tier(10_000, 1_000),))
    found = assessed([*spread(5_000_000), make_line(1, "X")], rule=rule).next_tier
    assert (found.missing, found.additional) == (1, None)
    weightless = dataclasses.replace(R1, weights_bp=Weights(0, 0, 0, 0))
    assert assessed(spread(5_000_000), rule=weightless).next_tier.additional is None


def test_no_local_purchase_yet():
    found = assessed(spread(8_000_000, "X")).next_tier
    assert (found.tier, found.missing, found.additional) == (Tier(2_000, 500), 1_600_000, 2_000_000)


def test_many_capped_suppliers_take_no_longer():
    """Where credit notes outweigh purchases, every supplier lies above the limit."""
    lines = [make_line(number + 1) for number in range(5_000)]
    lines += [make_line(100_000_000, credit_note=True), *spread(200_000_000, "X")]
    found = assessed(lines)
    assert found.local < 0
    assert found.next_tier.additional > 100_000_000


def test_a_long_year_streams_through():
    """Memory grows with suppliers and categories, not with lines."""

    def stream():
        for number in range(60_000):
            yield make_line(1_000, supplier=number % 50, category=("food", "drink")[number % 2])

    tracemalloc.start()
    try:
        assert assessed(stream()).denominator == 60_000_000
        assert tracemalloc.get_traced_memory()[1] < 500_000
    finally:
        tracemalloc.stop()


# --- budget and periods ----------------------------------------------------------------------------------


def test_awards_that_fit_the_budget_stay():
    assert share_budget(15, {"b": 7, "a": 8}) == {"a": 8, "b": 7}
    assert share_budget(0, {"a": 8}) == {"a": 0}
    assert share_budget(5, {}) == {}


def test_ties_go_to_the_smaller_id():
    assert share_budget(2, {"c": 1, "b": 1, "a": 1}) == {"a": 1, "b": 1, "c": 0}


def test_the_order_of_lines_and_groups_leaves_no_trace():
    lines = [
        *spread(5_000_000),
        *OUTSIDE,
        make_line(9, related=True),
        make_line(9, invoice_at=MIDDLE - timedelta(60)),
    ]
    assert assessed(lines) == assessed(lines[::-1])


def test_periods():
    assert str(Period.parse("2026-12").following()) == "2027-01"
    assert SEPTEMBER.last_day.day == 30
    for wrong in ("2026-13", "2026-00", "26-09", "2026-9", "2026-09-01", "0999-01", "٢٠٢٦-09"):
        with pytest.raises(ValueError, match="period"):
            Period.parse(wrong)


def test_categories_are_reported_before_the_cap():
    lines = [
        make_line(6_000_000),
        make_line(2_000_000, "X", category="textile"),
        make_line(1, "B", category="drink"),
    ]
    found = {total.category: (total.local, total.denominator) for total in assessed(lines).categories}
    assert found == {"food": (6_000_000, 6_000_000), "textile": (0, 2_000_000), "drink": (Fraction(1, 2), 1)}
