"""Reads for a hotel's share: one period in full, eleven months before it as totals. A constant number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from market import db
from market.claims import ledger_reading, programme
from market.claims.assessment import Assessment, conclude
from market.claims.assessment import share_of as share_of_totals
from market.claims.dashboard import (
    Month,
    PlaceTotal,
    SellerTotal,
    ToDo,
    months_before,
    place_totals,
    seller_totals,
    supplier_id_of,
    to_do,
)
from market.claims.lines import CheckedSum, LineGroup
from market.claims.periods import Period
from market.claims.rule_versions import RuleVersion
from market.claims.tally import Tally, UnknownCategory, tally_groups, tally_sums
from market.suppliers.rows import SupplierRow, load_suppliers

TREND_MONTHS = 12
SELLERS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class ClaimOfPeriod:
    """The newest claim of a hotel for a period."""

    reference: str
    state: str
    tax_principal: int | None


@dataclass(frozen=True, slots=True)
class Share:
    """Everything the dashboard shows of a period. `found` is None when a category is in no rule: see `unknown`."""

    period: Period
    rule: RuleVersion
    found: Assessment | None
    unknown: str
    line_count: int
    sellers: tuple[SellerTotal, ...]
    names: dict[str, str]
    suppliers: dict[int, SupplierRow]
    places: tuple[PlaceTotal, ...]
    to_do: tuple[ToDo, ...]
    trend: tuple[Month, ...]
    claim: ClaimOfPeriod | None
    awarded_this_year: int


async def share_of(hotel_id: int, period: Period, *, tax_principal: int | None) -> Share | None:
    """The local share of a hotel's period with all its parts; None where no rule was in force.

    The award is reckoned with the tax principal given, else with the one of the period's claim, else with 0.
    """
    rules = tuple(stored.rule for stored in await programme.list_versions() if stored.state == "effective")
    rule = _covering(rules, period)
    if rule is None:
        return None
    groups = await ledger_reading.grouped_lines(
        hotel_id, period, confirm_required_from=rule.confirm_required_from
    )
    claim = await _claim_of(hotel_id, period)
    awarded = await awarded_in_year(hotel_id, period)
    tax = tax_principal if tax_principal is not None else (claim.tax_principal if claim else None)
    found, unknown = _assessed(rule, groups, tax or 0, awarded)
    sellers = seller_totals(rule, groups, found) if found else ()
    suppliers = await load_suppliers(
        {number for seller in sellers if (number := seller.supplier_id) is not None}
    )
    unlisted = [seller.key for seller in sellers[:SELLERS_SHOWN] if supplier_id_of(seller.key) is None]
    return Share(
        period=period,
        rule=rule,
        found=found,
        unknown=unknown,
        line_count=sum(group.line_count for group in groups),
        sellers=sellers,
        names=dict(await ledger_reading.seller_names(hotel_id, unlisted)),
        suppliers=suppliers,
        places=place_totals(sellers, {number: row.area_code for number, row in suppliers.items()}),
        to_do=to_do(rule, groups),
        trend=await _trend(hotel_id, period, rules),
        claim=claim,
        awarded_this_year=awarded,
    )


def _covering(rules: Sequence[RuleVersion], period: Period) -> RuleVersion | None:
    """The newest version in force in the whole period; they come newest first."""
    return next((rule for rule in rules if rule.covers(period)), None)


def _assessed(
    rule: RuleVersion, groups: list[LineGroup], tax: int, awarded: int
) -> tuple[Assessment | None, str]:
    try:
        totals = tally_groups(rule, groups)
    except UnknownCategory as unknown:
        return None, str(unknown.facts["category"])
    return conclude(rule, totals, tax_principal=tax, awarded_this_year=awarded), ""


async def _trend(hotel_id: int, last: Period, rules: Sequence[RuleVersion]) -> tuple[Month, ...]:
    """Each month under the rule that was in force then; one query for all months of one threshold."""
    months = months_before(last, TREND_MONTHS)
    rule_of = {month: rule for month in months if (rule := _covering(rules, month))}
    by_threshold: defaultdict[int, list[Period]] = defaultdict(list)
    for month, rule in rule_of.items():
        by_threshold[rule.confirm_required_from].append(month)
    sums: dict[Period, list[CheckedSum]] = {}
    for threshold, those in by_threshold.items():
        sums |= await ledger_reading.checked_sums(hotel_id, those, confirm_required_from=threshold)
    return tuple(
        _month(month, rule_of[month], sums[month]) if month in rule_of else Month(month, None, 0)
        for month in months
    )


def _month(period: Period, rule: RuleVersion, sums: list[CheckedSum]) -> Month:
    try:
        totals: Tally = tally_sums(rule, sums)
    except UnknownCategory:
        return Month(period, None, 0)
    return Month(period, share_of_totals(rule, totals), totals.denominator)


async def _claim_of(hotel_id: int, period: Period) -> ClaimOfPeriod | None:
    row = await db.fetch_one(
        "SELECT reference, state, tax_principal_minor FROM claim WHERE hotel_id = $1 AND period = $2"
        " AND state <> 'withdrawn' ORDER BY id DESC LIMIT 1",
        hotel_id,
        str(period),
    )
    return ClaimOfPeriod(row["reference"], row["state"], row["tax_principal_minor"]) if row else None


async def awarded_in_year(hotel_id: int, period: Period) -> int:
    """What the year's other periods were awarded to a hotel so far, in rupiah: it counts against the year's cap.

    The newest decided claim of each period counts, recommended or in effect.
    """
    row = await db.fetch_one(
        "SELECT CAST(COALESCE(SUM(c.decided_award_minor), 0) AS BIGINT) AS awarded FROM claim c"
        " WHERE c.hotel_id = $1 AND c.period >= $2 AND c.period <= $3 AND c.period <> $4"
        " AND c.state IN ('recommended','effective')"
        " AND NOT EXISTS (SELECT 1 FROM claim n WHERE n.hotel_id = c.hotel_id AND n.period = c.period"
        " AND n.id > c.id AND n.state IN ('recommended','effective'))",
        hotel_id,
        f"{period.year:04d}-01",
        f"{period.year:04d}-12",
        str(period),
    )
    return int(row["awarded"]) if row else 0


async def latest_period(hotel_id: int, today: date) -> tuple[Period, Period]:
    """The first month that can be looked at and the one to open: the last with purchases, at most this month's."""
    now = Period(today.year, today.month)
    known = await ledger_reading.first_and_last(hotel_id)
    if known is None:
        return now, now
    first, last = known
    return min(first, now), min(last, now)
