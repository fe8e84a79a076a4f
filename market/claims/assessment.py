"""The assessment of one hotel and period: local share, tier, award and what the next tier would take.

Pure and exact: the same lines give the same answer in any order, on any machine. `tally` adds up the lines,
`supplier_cap` bounds single suppliers, `awards` turns the share into rupiah, `assess_file` reads and writes
it as JSON. Nothing here knows about databases or people.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from market.claims.awards import Award, award_for, missed_minimums, tier_above, tier_reached
from market.claims.lines import Excluded, LeftOut, Line, Name, Origin
from market.claims.periods import Period
from market.claims.rule_versions import WHOLE_BP, RuleVersion, Tier
from market.claims.supplier_cap import additional_needed, capped_total
from market.claims.tally import CategoryTotal, Tally, tally
from market.values.share import Share


@dataclass(frozen=True, slots=True)
class NextTier:
    """The first tier that is not reached, and two ways to it, in rupiah.

    `missing`: local value that lacks while the denominator stays (buying local instead of elsewhere): the
    smallest whole-rupiah local value that reaches the tier, less the local value so far.
    `additional`: the smallest whole rupiah of further class-A purchases that reaches it (both grow); see
    `supplier_cap.additional_needed`. None when no amount would.
    """

    tier: Tier
    missing: Fraction
    additional: int | None


@dataclass(frozen=True, slots=True)
class SupplierTotal:
    """One supplier's local value before and after the cap, in rupiah."""

    supplier: Name
    uncapped: Fraction
    counted: Fraction


@dataclass(frozen=True, slots=True)
class Assessment:
    """The result. `share` and `next_tier` are None when purchases less credit notes are nothing or less."""

    local: Fraction
    uncapped_local: Fraction
    denominator: int
    share: Share | None
    tier: Tier | None
    award: Award
    next_tier: NextTier | None
    categories: tuple[CategoryTotal, ...]
    missed_minimums: tuple[str, ...]
    suppliers: tuple[SupplierTotal, ...]
    excluded: tuple[Excluded, ...]
    left_out: tuple[LeftOut, ...]


def assess(
    rule: RuleVersion,
    period: Period,
    lines: Iterable[Line],
    *,
    tax_principal: int,
    awarded_this_year: int = 0,
    budget: int | None = None,
) -> Assessment:
    """Assess a period in one pass over `lines` (any iterable, any order, unique ids).

    Raises UnknownCategory or ValueError for a line that the rule cannot read. Whether the rule is the one in
    force for the period is the caller's to check (`rule.covers`).
    """
    return conclude(
        rule,
        tally(rule, period, lines),
        tax_principal=tax_principal,
        awarded_this_year=awarded_this_year,
        budget=budget,
    )


def conclude(
    rule: RuleVersion,
    totals: Tally,
    *,
    tax_principal: int,
    awarded_this_year: int = 0,
    budget: int | None = None,
) -> Assessment:
    """The assessment that follows from totals, whether lines or groups of lines were added up."""
    local = capped_total(totals.suppliers.values(), rule.supplier_cap)
    share = _share(local, totals.denominator)
    tier = None if share is None else tier_reached(rule.tiers, share)
    return Assessment(
        local=local,
        uncapped_local=totals.uncapped_local,
        denominator=totals.denominator,
        share=share,
        tier=tier,
        award=award_for(
            rule,
            tier,
            totals.categories,
            tax_principal=tax_principal,
            awarded_this_year=awarded_this_year,
            budget=budget,
        ),
        next_tier=None if share is None else _next_tier(rule, totals, local, share),
        categories=totals.categories,
        missed_minimums=missed_minimums(rule, totals.categories),
        suppliers=_suppliers(totals, rule.supplier_cap),
        excluded=totals.excluded,
        left_out=totals.left_out,
    )


def share_of(rule: RuleVersion, totals: Tally) -> Share | None:
    """The share alone, as `conclude` finds it; None when purchases less credit notes are nothing or less."""
    return _share(capped_total(totals.suppliers.values(), rule.supplier_cap), totals.denominator)


def _share(local: Fraction, denominator: int) -> Share | None:
    return Share.of(local, denominator) if denominator > 0 else None


def _next_tier(rule: RuleVersion, totals: Tally, local: Fraction, share: Share) -> NextTier | None:
    tier = tier_above(rule.tiers, share)
    if tier is None:
        return None
    wanted = Fraction(tier.min_share_bp, WHOLE_BP)
    return NextTier(
        tier=tier,
        missing=math.ceil(wanted * totals.denominator) - local,
        additional=additional_needed(
            totals.suppliers.values(),
            rule.supplier_cap,
            totals.denominator,
            wanted,
            rule.weight(Origin.A),
        ),
    )


def _suppliers(totals: Tally, cap: Fraction | None) -> tuple[SupplierTotal, ...]:
    uncapped = totals.uncapped_local
    limit = cap * uncapped if cap is not None and uncapped > 0 else None
    return tuple(
        SupplierTotal(name, value, value if limit is None else min(value, limit))
        for name, value in sorted(totals.suppliers.items(), key=lambda item: (-item[1], str(item[0])))
    )
