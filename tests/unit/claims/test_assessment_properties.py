"""What holds for every set of lines: order, bounds, monotony, and the next tier against brute force."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from market.claims.awards import share_budget
from market.claims.lines import Origin
from market.claims.rule_versions import R1, Tier
from tests.unit.claims.builders import assessed, make_line, spread

CATEGORIES = ("food", "drink", "textile", "wages")
UNCAPPED = dataclasses.replace(R1, supplier_cap_bp=10_000)

purchases = st.builds(
    make_line,
    net=st.integers(1, 50),
    origin=st.sampled_from("ABCX"),
    supplier=st.sampled_from("STUV"),
    category=st.sampled_from(CATEGORIES),
    evidenced=st.booleans(),
    confirmed=st.booleans(),
    related=st.booleans(),
)
passing = st.builds(
    make_line, net=st.integers(1, 60), origin=st.sampled_from("ABCX"), supplier=st.sampled_from("STUVWXYZ")
)
rules = st.builds(
    lambda cap, confirm: dataclasses.replace(R1, supplier_cap_bp=cap, confirm_required_from=confirm),
    st.sampled_from([1, 1_000, 2_500, 3_333, 5_000, 9_999, 10_000]),
    st.sampled_from([0, 10, 10**9]),
)


@st.composite
def with_credits(draw):
    """Purchases, some with a credit note of at most their value, of their supplier, category and origin.

    The marks of a credit note are its own, except that a purchase that fails has no credit note that passes.
    """
    lines = draw(st.lists(purchases, max_size=12))
    notes = []
    for number, line in enumerate(lines):
        if draw(st.booleans()):
            note = line._replace(id=f"credit-{number}", net=draw(st.integers(1, line.net)), credit_note=True)
            if line.evidenced and line.confirmed and not line.related:
                note = note._replace(evidenced=draw(st.booleans()))
            notes.append(note)
    return lines + notes


@given(with_credits(), rules, st.randoms(use_true_random=False))
def test_blind_to_the_order_of_lines(lines, rule, random):
    shuffled = lines[:]
    random.shuffle(shuffled)
    assert assessed(lines, rule=rule) == assessed(shuffled, rule=rule)


@given(with_credits(), rules)
def test_a_share_lies_between_nothing_and_all_when_no_credit_exceeds_its_line(lines, rule):
    result = assessed(lines, rule=rule)
    if result.share is None:
        assert result.denominator == 0
        assert result.local == 0
    else:
        assert 0 <= result.share.value <= 1
        assert all(0 <= supplier.counted <= supplier.uncapped for supplier in result.suppliers)


@given(
    st.lists(purchases, max_size=12),
    st.integers(1_000, 5_000),
    st.integers(0, 50_000),
    st.integers(1, 2_000),
    st.sampled_from(["S", "T", "new"]),
    st.sampled_from("ABC"),
)
def test_one_more_eligible_local_purchase_never_lowers_the_share(
    lines, local, outside, net, supplier, origin
):
    """Holds when the share does not exceed the purchase's weight (always so for class A) and the supplier,
    with the purchase, counts in full."""
    lines = [*lines, *spread(local), *spread(outside, "X")]
    before = assessed(lines)
    assume(before.share.value <= R1.weight(Origin(origin)))
    after = assessed([*lines, make_line(net, origin, supplier=supplier)])
    grown = next(total for total in after.suppliers if total.supplier == supplier)
    assume(grown.counted == grown.uncapped)
    assert after.share >= before.share


@given(with_credits(), st.integers(1, 5_000))
def test_without_a_cap_a_class_a_purchase_never_lowers_the_share(lines, net):
    before = assessed(lines, rule=UNCAPPED)
    assume(before.share is not None)
    after = assessed([*lines, make_line(net, supplier="S")], rule=UNCAPPED)
    assert after.share >= before.share


@given(st.lists(purchases, min_size=1, max_size=12), st.sampled_from(["evidenced", "confirmed"]))
def test_proving_less_never_helps(lines, mark):
    weaker = [lines[0]._replace(**{mark: False}), *lines[1:]]
    before, after = assessed(lines, rule=UNCAPPED), assessed(weaker, rule=UNCAPPED)
    assert after.denominator == before.denominator
    assert after.local <= before.local


@settings(max_examples=200)
@given(
    st.lists(passing, min_size=1, max_size=8), rules, st.sampled_from([1, 500, 2_000, 5_000, 9_000, 9_999])
)
def test_the_next_tier_against_brute_force(lines, rule, wanted):
    rule = dataclasses.replace(rule, tiers=(Tier(wanted, 100),))
    found = assessed(lines, rule=rule)
    assume(found.next_tier is not None)
    threshold = Fraction(wanted, 10_000)
    missing, additional = found.next_tier.missing, found.next_tier.additional
    assert (found.local + missing) / found.denominator >= threshold
    assert (found.local + missing).denominator == 1
    assert (found.local + missing - 1) / found.denominator < threshold
    assert additional is not None
    assume(additional <= 800)

    def share_with(more):
        # A supplier for every rupiah: whatever the cap, it does not bind on them once there are enough.
        return reference_share(lines, rule, more)

    assert share_with(additional) >= threshold
    assert all(share_with(more) < threshold for more in range(additional))


def reference_share(lines, rule, more):
    """The share with `more` class-A rupiah added, none of it capped: the rule's sentence, word by word."""
    cap = Fraction(rule.supplier_cap_bp, 10_000)
    weights = {"A": Fraction(1), "B": Fraction(1, 2), "C": Fraction(1, 10), "X": Fraction(0)}
    values: dict[str, Fraction] = {}
    for line in lines:
        values[line.supplier] = values.get(line.supplier, Fraction(0)) + line.net * weights[line.origin]
    total = sum(values.values()) + more
    local = sum(min(value, cap * total) for value in values.values()) + more
    return local / (sum(line.net for line in lines) + more)


@given(st.lists(passing, min_size=1, max_size=8), st.integers(0, 4_000))
def test_the_reference_agrees_with_the_assessment(lines, more):
    added = [make_line(1) for _ in range(more)] if more < 50 else spread(more, over=50)
    found = assessed(lines + added)
    if all(item.counted == item.uncapped for item in found.suppliers if str(item.supplier) not in "STUVWXYZ"):
        assert found.share.value == reference_share(lines, R1, more)


@given(
    st.dictionaries(st.text(min_size=1, max_size=4), st.integers(0, 10**9), max_size=12),
    st.integers(0, 10**10),
)
def test_a_shared_budget_adds_up_and_gives_nobody_more_than_the_award(awards, budget):
    parts = share_budget(budget, awards)
    assert sum(parts.values()) == min(budget, sum(awards.values()))
    assert all(0 <= parts[claim] <= awards[claim] for claim in awards)
