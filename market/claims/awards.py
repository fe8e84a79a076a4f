"""From an exact share to an award: tier, conditions, caps, and a budget shared among several awards.

An award is rounded down to the rupiah, once, before caps apply. The share itself comes from `assessment`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, TypeVar

from market.claims.rule_versions import WHOLE_BP, RuleVersion, Tier
from market.claims.tally import CategoryTotal
from market.values.money import allocate
from market.values.share import Share

Id = TypeVar("Id", str, int)


class CappedBy(StrEnum):
    """What made an award smaller than its tier alone would; named after the setting that did."""

    MIN_PERIOD_SPEND = "min_period_spend"
    CATEGORY_MINIMUMS = "category_minimums"
    CAP_PERIOD = "cap_period"
    CAP_YEAR = "cap_year"
    BUDGET = "budget"


class Award(NamedTuple):
    """Whole rupiah, and what cut it (None: nothing did)."""

    amount: int
    capped_by: CappedBy | None


def tier_reached(tiers: Sequence[Tier], share: Share) -> Tier | None:
    """The highest tier that the share reaches exactly or exceeds."""
    return next((tier for tier in reversed(tiers) if share.reaches(tier.min_share_bp)), None)


def tier_above(tiers: Sequence[Tier], share: Share) -> Tier | None:
    """The lowest tier that the share does not reach."""
    return next((tier for tier in tiers if not share.reaches(tier.min_share_bp)), None)


def missed_minimums(rule: RuleVersion, categories: Sequence[CategoryTotal]) -> tuple[str, ...]:
    """Categories whose local share lies below the rule's minimum.

    A category in which nothing was bought in the period misses nothing. The supplier cap does not enter here:
    it bounds one supplier's part of the whole, not of a category.
    """
    totals = {total.category: total for total in categories}
    return tuple(
        category
        for category, min_share_bp in rule.category_minimums
        if (total := totals.get(category)) is not None
        and total.denominator > 0
        and not Share.of(total.local, total.denominator).reaches(min_share_bp)
    )


def award_for(
    rule: RuleVersion,
    tier: Tier | None,
    categories: Sequence[CategoryTotal],
    *,
    tax_principal: int,
    awarded_this_year: int = 0,
    budget: int | None = None,
) -> Award:
    """The award in whole rupiah: the tier's part of the tax principal, rounded down, then the tightest cap.

    `awarded_this_year` is what earlier periods of the year were awarded; `budget` is what the programme has
    left for this award (None: the rule's whole budget, if it has one). Of equal caps the first named counts.
    """
    if tier is None:
        return Award(0, None)
    if sum(total.denominator for total in categories) < rule.min_period_spend:
        return Award(0, CappedBy.MIN_PERIOD_SPEND)
    if missed_minimums(rule, categories):
        return Award(0, CappedBy.CATEGORY_MINIMUMS)
    amount = tax_principal * tier.rate_bp // WHOLE_BP
    left_this_year = None if rule.cap_year is None else max(0, rule.cap_year - awarded_this_year)
    caps = (
        (CappedBy.CAP_PERIOD, rule.cap_period),
        (CappedBy.CAP_YEAR, left_this_year),
        (CappedBy.BUDGET, rule.programme_budget if budget is None else budget),
    )
    award = Award(amount, None)
    for name, cap in caps:
        if cap is not None and cap < award.amount:
            award = Award(cap, name)
    return award


def share_budget(budget: int, awards: Mapping[Id, int]) -> dict[Id, int]:
    """What each claim gets when the awards together exceed the budget: in proportion, to the rupiah.

    Largest remainder; ties go to the smaller id. The parts add up to the budget exactly, none exceeds its
    award, and awards that fit stay as they are.
    """
    ids = sorted(awards, key=str)
    amounts = [awards[id_] for id_ in ids]
    if sum(amounts) <= budget:
        return dict(zip(ids, amounts, strict=True))
    return dict(zip(ids, allocate(budget, amounts), strict=True))
