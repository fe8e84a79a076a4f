"""A rule typed by officers: per cent as people write them, and every rule comes back as it was shown."""

from __future__ import annotations

import dataclasses

import pytest

from market.claims.checked_json import BadField
from market.claims.officer_pages import rule_form
from market.claims.rule_versions import R1, R2, RuleVersion


@pytest.mark.parametrize(
    "rule", [R1, R2, dataclasses.replace(R1, supplier_cap_bp=4_999, category_minimums=(("food", 1_250),))]
)
def test_what_is_shown_reads_back_as_the_same_rule(rule: RuleVersion):
    assert rule_form.rule_of(rule_form.values_of(rule)) == rule


def test_shares_are_typed_in_per_cent():
    values = rule_form.values_of(R1)
    assert (values["tiers"], values["weights_b"]) == ("20=5, 30=10, 40=15", "50")
    typed = values | {"tiers": "20%=5, 30=10,5; 40,25=15", "supplier_cap_bp": "33,3 %", "weights_c": "12.25"}
    rule = rule_form.rule_of(typed)
    assert [(tier.min_share_bp, tier.rate_bp) for tier in rule.tiers] == [
        (2000, 500),
        (3000, 1050),
        (4025, 1500),
    ]
    assert (rule.supplier_cap_bp, rule.weights_bp.c) == (3330, 1225)


@pytest.mark.parametrize(
    ("field", "typed"),
    [("tiers", "20:5"), ("tiers", "20=x"), ("weights_a", "12.345"), ("supplier_cap_bp", "")],
)
def test_a_wrong_share_is_told_at_its_field(field: str, typed: str):
    with pytest.raises(BadField) as wrong:
        rule_form.rule_of(rule_form.values_of(R1) | {field: typed})
    assert rule_form.field_of(wrong.value) == field
