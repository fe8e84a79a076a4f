"""Lines added up in groups, as a database does it, give what the same lines give one by one."""

from __future__ import annotations

import dataclasses
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.claims.assessment import conclude
from market.claims.lines import LineGroup, Reason
from market.claims.rule_versions import R1
from market.claims.tally import UnknownCategory, tally_groups
from tests.unit.claims.builders import assessed, make_line
from tests.unit.claims.test_assessment_properties import rules, with_credits


def grouped(lines, rule=R1) -> list[LineGroup]:
    """The groups that a database makes of lines."""
    sums = defaultdict(lambda: [0, 0])
    for line in lines:
        waived = not line.credit_note and line.net < rule.confirm_required_from
        key = (line.supplier, line.category, line.origin, line.credit_note)
        marks = (line.evidenced, line.confirmed, line.related, waived)
        sums[*key, *marks][0] += 1
        sums[*key, *marks][1] += line.net
    return [LineGroup(*key, count, net) for key, (count, net) in sums.items()]


@given(with_credits(), rules, st.randoms(use_true_random=False), st.integers(0, 10**9))
def test_groups_give_what_their_lines_give(lines, rule, random, tax):
    groups = grouped(lines, rule)
    random.shuffle(groups)
    found = conclude(rule, tally_groups(rule, groups), tax_principal=tax)
    expected = assessed(lines, rule=rule, tax=tax)
    assert dataclasses.replace(expected, excluded=()) == found
    counts = defaultdict(int)
    for item in expected.excluded:
        counts[item.reason] += 1
    assert {item.reason: item.line_count for item in found.left_out} == counts


def test_what_is_left_out_is_counted_with_its_value():
    lines = [
        make_line(5, evidenced=False),
        make_line(7, evidenced=False),
        make_line(3, evidenced=False, credit_note=True),
        make_line(11, category="wages"),
    ]
    expected = ((Reason.OUT_OF_SCOPE, 1, 11), (Reason.NOT_EVIDENCED, 3, 9))
    assert assessed(lines).left_out == expected
    assert tally_groups(R1, grouped(lines)).left_out == expected


def test_groups_refuse_what_lines_refuse():
    group = grouped([make_line(category="laundry")])
    with pytest.raises(UnknownCategory, match="laundry"):
        tally_groups(R1, group)
    with pytest.raises(ValueError, match="positive"):
        tally_groups(R1, [group[0]._replace(net=0)])
