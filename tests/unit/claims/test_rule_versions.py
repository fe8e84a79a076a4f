"""Rule versions: the reference rule, JSON and back, and a clear word for every wrong field."""

from __future__ import annotations

import dataclasses
import json
from datetime import date

import pytest

from market.claims.checked_json import BadField
from market.claims.periods import Period
from market.claims.rule_json import category_code, parse_rule, rule_as_json
from market.claims.rule_versions import R1, Audit, CategoryMinimum, TaxInstrument, Tier, Weights

R2 = dataclasses.replace(
    R1,
    version="R2",
    effective_to=date(2027, 12, 31),
    tax_instrument=TaxInstrument.NON_TAX_AWARD,
    locality_prefixes=("53.71", "53.01.05.2003"),
    category_minimums=(CategoryMinimum("food", 2_000), CategoryMinimum("textile", 1)),
    weights_bp=Weights(10_000, 6_000, 500, 0),
    cap_period=None,
    cap_year=None,
    programme_budget=10**9,
    supplier_cap_bp=10_000,
    audit=Audit(25, 1, first_claim=False),
)


@pytest.mark.parametrize("rule", [R1, R2, dataclasses.replace(R1, tiers=(), excluded_categories=())])
def test_json_and_back(rule):
    assert parse_rule(json.loads(json.dumps(rule_as_json(rule)))) == rule


def test_tiers_may_be_written_as_objects():
    tiers = [{"min_share_bp": 2_000, "rate_bp": 500}, [3_000, 500]]
    assert parse_rule({**rule_as_json(R1), "tiers": tiers}).tiers == (Tier(2_000, 500), Tier(3_000, 500))


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("version", "", "rule.version: must not be empty"),
        ("version", 1, "rule.version: must be text, not 1"),
        ("effective_from", "2026-02-30", "rule.effective_from: must be a day"),
        ("effective_from", "2026-W01-1", "rule.effective_from: must be a day"),
        ("effective_from", None, "rule.effective_from: must be a day"),
        ("effective_to", "2024-12-31", "rule.effective_to: lies before effective_from"),
        ("legal_basis", " ", "rule.legal_basis: must not be empty"),
        ("tax_instrument", "vat", "rule.tax_instrument: must be one of pbjt_hotel,"),
        ("locality_prefixes", [], "rule.locality_prefixes: must name at least one place code"),
        ("locality_prefixes", ["53", "5371"], "rule.locality_prefixes[1]: must be a place code"),
        ("in_scope_categories", [], "rule.in_scope_categories: must name at least one category"),
        (
            "in_scope_categories",
            ["food", "Food"],
            "rule.in_scope_categories[1]: food stands here more than once",
        ),
        ("in_scope_categories", ["7up"], "rule.in_scope_categories[0]: must be a category code"),
        ("excluded_categories", ["wages", "food"], "rule.excluded_categories: food is also in scope"),
        ("excluded_categories", "wages", "rule.excluded_categories: must be a list"),
        ("category_minimums", {"wages": 1}, "rule.category_minimums.wages: is not a category in scope"),
        ("category_minimums", {"food": 0}, "rule.category_minimums.food: must lie between 1 and 10000"),
        (
            "category_minimums",
            {"food": 1, "FOOD": 2},
            "rule.category_minimums.FOOD: stands here more than once",
        ),
        ("category_minimums", [], "rule.category_minimums: must be an object"),
        ("weights_bp", {"A": 1, "B": 1, "C": 1}, "rule.weights_bp.X: is missing"),
        (
            "weights_bp",
            {"A": 10_001, "B": 1, "C": 1, "X": 0},
            "rule.weights_bp.A: must lie between 0 and 10000",
        ),
        ("tiers", [[2_000, 500], [2_000, 600]], "rule.tiers[1]: must ask for more than the tier before it"),
        ("tiers", [[2_000, 500], [3_000, 400]], "rule.tiers[1]: must ask for more than the tier before it"),
        ("tiers", [[0, 500]], "rule.tiers[0].min_share_bp: must lie between 1 and 10000"),
        ("tiers", [[1]], "rule.tiers[0]: must be [min_share_bp, rate_bp]"),
        ("tiers", [{"min_share_bp": 1}], "rule.tiers[0].rate_bp: is missing"),
        ("tiers", [7], "rule.tiers[0]: must be a list, not 7"),
        ("min_period_spend", -1, "rule.min_period_spend: must lie between"),
        ("min_period_spend", None, "rule.min_period_spend: must be a whole number"),
        ("cap_period", 1.5, "rule.cap_period: must be a whole number"),
        ("cap_year", True, "rule.cap_year: must be a whole number"),
        ("programme_budget", "1", "rule.programme_budget: must be a whole number"),
        ("supplier_cap_bp", 0, "rule.supplier_cap_bp: must lie between 1 and 10000"),
        ("evidence_limit", None, "rule.evidence_limit: must be a whole number"),
        ("confirm_required_from", "2026-01-01", "rule.confirm_required_from: must be a whole number"),
        ("late_entry_days", 99_999, "rule.late_entry_days: must lie between"),
        ("claim_window_days", -1, "rule.claim_window_days: must lie between"),
        ("audit", {"percent": 101, "always_over": 0, "first_claim": True}, "rule.audit.percent: must lie"),
        ("audit", {"percent": 1, "always_over": 0, "first_claim": 1}, "rule.audit.first_claim: must be true"),
        ("audit", [], "rule.audit: must be an object"),
        ("extra", 1, "rule.extra: is not a known key"),
    ],
)
def test_every_wrong_field_is_named(key, value, problem):
    with pytest.raises(BadField) as caught:
        parse_rule({**rule_as_json(R1), key: value})
    assert str(caught.value).startswith(problem)
    assert caught.value.field is not None


@pytest.mark.parametrize("key", sorted(rule_as_json(R1)))
def test_every_field_is_needed(key):
    rule = rule_as_json(R1)
    del rule[key]
    with pytest.raises(BadField, match=f"^rule.{key}: is missing"):
        parse_rule(rule)


def test_a_rule_covers_whole_months():
    rule = dataclasses.replace(R1, effective_from=date(2026, 3, 1), effective_to=date(2026, 4, 30))
    assert [rule.covers(Period(2026, month)) for month in (2, 3, 4, 5)] == [False, True, True, False]
    late = dataclasses.replace(R1, effective_from=date(2026, 3, 2))
    assert not late.covers(Period(2026, 3))


def test_local_is_a_prefix_of_whole_levels():
    assert [R1.is_local(code) for code in ("53", "53.71", "53.71.03.1001", "5", "531", "52.01")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
    assert not R2.is_local("53")


def test_category_names_become_codes():
    assert category_code(" Franchise  fees ") == category_code("franchise-fees") == "franchise_fees"
