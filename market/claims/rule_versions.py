"""A version of the programme's rule: effective-dated, immutable once used, complete in itself.

The calculation reads nothing but this and the lines, so a correction of an old period is reckoned with the
version of that period. Reading and writing versions as JSON lives in `rule_json`; who may change them and
when they take effect belongs to the service.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from market.claims.lines import Origin
from market.claims.periods import Period

WHOLE_BP = 10_000  # basis points of the whole


class TaxInstrument(StrEnum):
    """What the award reduces. A city chooses; hotel tax is only the usual one (UU 1/2022 art. 101)."""

    PBJT_HOTEL = "pbjt_hotel"
    PBJT_FOOD = "pbjt_food"
    PBB_P2 = "pbb_p2"
    REKLAME = "reklame"
    PENALTY_WAIVER = "penalty_waiver"
    NON_TAX_AWARD = "non_tax_award"


class Tier(NamedTuple):
    """From `min_share_bp` on, `rate_bp` of the period's tax principal is awarded."""

    min_share_bp: int
    rate_bp: int


class CategoryMinimum(NamedTuple):
    """The local share that purchases of one category must reach for any award."""

    category: str
    min_share_bp: int


class Weights(NamedTuple):
    """How much of a line's value counts as local, by origin class, in basis points."""

    a: int
    b: int
    c: int
    x: int

    def of(self, origin: Origin) -> int:
        """The weight of one class."""
        return {Origin.A: self.a, Origin.B: self.b, Origin.C: self.c, Origin.X: self.x}[origin]


class Audit(NamedTuple):
    """Which decided claims a third person looks at again."""

    percent: int
    always_over: int
    first_claim: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleVersion:
    """All settings of the programme for a span of days. Amounts are whole rupiah, shares basis points.

    `effective_to` is the last day in force (None: until a successor). A cap or budget of None does not bind.
    Lines of `confirm_required_from` rupiah or more need the supplier's confirmation (0: every line).
    Up to `evidence_limit` rupiah a plain receipt is evidence enough; above it the ledger asks for a tax
    invoice or a signed delivery note before it calls a line evidenced.
    """

    version: str
    effective_from: date
    effective_to: date | None
    legal_basis: str
    tax_instrument: TaxInstrument
    locality_prefixes: tuple[str, ...]
    in_scope_categories: tuple[str, ...]
    excluded_categories: tuple[str, ...]
    category_minimums: tuple[CategoryMinimum, ...]
    weights_bp: Weights
    tiers: tuple[Tier, ...]
    min_period_spend: int
    cap_period: int | None
    cap_year: int | None
    programme_budget: int | None
    supplier_cap_bp: int
    evidence_limit: int
    confirm_required_from: int
    late_entry_days: int
    claim_window_days: int
    audit: Audit

    def covers(self, period: Period) -> bool:
        """Whether this version is in force on every day of the period."""
        return self.effective_from <= period.first_day and (
            self.effective_to is None or period.last_day <= self.effective_to
        )

    def is_local(self, place_code: str) -> bool:
        """Whether a Kemendagri place code lies inside the locality ("53" holds "53.71.03")."""
        return any(
            place_code == prefix or place_code.startswith(prefix + ".") for prefix in self.locality_prefixes
        )

    def weight(self, origin: Origin) -> Fraction:
        """The part of a line's value that counts as local."""
        return Fraction(self.weights_bp.of(origin), WHOLE_BP)

    @property
    def supplier_cap(self) -> Fraction | None:
        """The most of the uncapped local value that one supplier may make up; None where there is no cap."""
        return None if self.supplier_cap_bp == WHOLE_BP else Fraction(self.supplier_cap_bp, WHOLE_BP)


R1 = RuleVersion(
    version="R1",
    effective_from=date(2025, 1, 1),
    effective_to=None,
    legal_basis="UU 1/2022 art. 101; PP 35/2023 art. 99",
    tax_instrument=TaxInstrument.PBJT_HOTEL,
    locality_prefixes=("53",),
    in_scope_categories=("food", "drink", "textile", "building_material", "other"),
    excluded_categories=(
        "wages",
        "tax",
        "utilities",
        "rent",
        "finance",
        "franchise_fees",
        "intra_group",
    ),
    category_minimums=(),
    weights_bp=Weights(a=10_000, b=5_000, c=1_000, x=0),
    tiers=(Tier(2_000, 500), Tier(3_000, 1_000), Tier(4_000, 1_500)),
    min_period_spend=5_000_000,
    cap_period=25_000_000,
    cap_year=200_000_000,
    programme_budget=None,
    supplier_cap_bp=5_000,
    evidence_limit=5_000_000,
    confirm_required_from=0,
    late_entry_days=45,
    claim_window_days=60,
    audit=Audit(percent=10, always_over=15_000_000, first_claim=True),
)

# A successor as an office might write it after a year: higher first tiers and one more above them, so that the
# usual share is not paid for twice; food must carry its part; one supplier counts for less, which brings small
# ones in; and market purchases below Rp 250,000 need no supplier's word, because asking costs more than they do.
R2 = replace(
    R1,
    version="R2",
    effective_from=date(2027, 1, 1),
    category_minimums=(CategoryMinimum("food", 2_000),),
    tiers=(Tier(2_500, 500), Tier(3_500, 1_000), Tier(4_500, 1_500), Tier(6_000, 2_000)),
    programme_budget=2_000_000_000,
    supplier_cap_bp=4_000,
    evidence_limit=3_000_000,
    confirm_required_from=250_000,
)

REFERENCE_RULES = {R1.version: R1}
