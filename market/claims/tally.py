"""One pass over the lines: what was bought, what of it counts, and what was left out.

Memory grows with suppliers, categories and excluded lines, not with the lines, so a year of a large hotel
streams through. Caps, tiers and the award are decided afterwards, on these totals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from market.claims.lines import CheckedSum, Excluded, LeftOut, Line, LineGroup, Name, Origin, Reason
from market.claims.periods import Period
from market.claims.rule_versions import WHOLE_BP, RuleVersion
from market.errors import Invalid
from market.values.text import lazy


class UnknownCategory(Invalid):
    """A line's category is neither in scope nor excluded by the rule.

    Leaving it out would raise the share without a word, so nobody guesses.
    """

    def __init__(self, category: str, line: Name | None = None) -> None:
        facts = {"category": category} if line is None else {"line": str(line), "category": category}
        message = (
            lazy("The rule knows no category “%(category)s”.", **facts)
            if line is None
            else lazy("Line %(line)s: the rule knows no category “%(category)s”.", **facts)
        )
        super().__init__("unknown_category", message, **facts)


@dataclass(frozen=True, slots=True)
class CategoryTotal:
    """Local value (before the supplier cap) and denominator of one category, in rupiah."""

    category: str
    local: Fraction
    denominator: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Totals of a period in rupiah. `suppliers` holds each supplier's local value before any cap.

    `excluded` names every line that was left out; it is empty where groups were added up. `left_out` counts
    them by reason either way.
    """

    denominator: int
    suppliers: dict[Name, Fraction]
    categories: tuple[CategoryTotal, ...]
    excluded: tuple[Excluded, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def uncapped_local(self) -> Fraction:
        return sum(self.suppliers.values(), Fraction(0))


class _Group:
    """Lines of one supplier, category and origin: purchases less credit notes, by whether they pass."""

    __slots__ = ("failing", "passing")

    def __init__(self) -> None:
        self.passing = 0
        self.failing = 0

    def countable(self) -> int:
        """What counts before the weight.

        A credit note that fails a check takes back failing purchases first. What is left of it takes back
        passing ones: otherwise a hotel would raise its share by not proving that goods went back.
        """
        return min(self.passing, self.passing + self.failing)


class _Sums:
    """What has been added up so far, by what the weights and the checks need to know."""

    def __init__(self, rule: RuleVersion) -> None:
        self.rule = rule
        self.in_scope = frozenset(rule.in_scope_categories)
        self.groups: defaultdict[tuple[Name, str, Origin], _Group] = defaultdict(_Group)
        self.left_out: defaultdict[Reason, list[int]] = defaultdict(lambda: [0, 0])

    def leave_out(self, reason: Reason, count: int, value: int) -> None:
        sums = self.left_out[reason]
        sums[0] += count
        sums[1] += value

    def totals(self, excluded: list[Excluded]) -> Tally:
        # Summed in ten-thousandths of a rupiah, as whole numbers, and made fractions once at the end.
        weights = {origin: self.rule.weights_bp.of(origin) for origin in Origin}
        suppliers: defaultdict[Name, int] = defaultdict(int)
        local: defaultdict[str, int] = defaultdict(int)
        bought: defaultdict[str, int] = defaultdict(int)
        for (supplier, category, origin), group in self.groups.items():
            value = weights[origin] * group.countable()
            suppliers[supplier] += value
            local[category] += value
            bought[category] += group.passing + group.failing
        categories = tuple(
            CategoryTotal(name, Fraction(local[name], WHOLE_BP), bought[name]) for name in sorted(bought)
        )
        # Sorted, so that the answer does not depend on the order in which lines arrived.
        excluded.sort(key=lambda item: (str(item.id), item.reason))
        left_out = tuple(LeftOut(r, *self.left_out[r]) for r in Reason if r in self.left_out)
        by_supplier = {name: Fraction(value, WHOLE_BP) for name, value in suppliers.items()}
        return Tally(sum(bought.values()), by_supplier, categories, tuple(excluded), left_out)


def tally(rule: RuleVersion, period: Period, lines: Iterable[Line]) -> Tally:
    """Add up the lines of the period, in any order. Line ids are the caller's promise to be unique.

    Raises UnknownCategory, and ValueError for a value that is not positive.
    """
    start, end = period.bounds()
    sums, excluded = _Sums(rule), list[Excluded]()
    in_scope, groups = sums.in_scope, sums.groups
    for line in lines:
        if line.net <= 0:
            raise ValueError(f"line {line.id}: the value is positive; a credit note is marked as one")
        if line.category not in in_scope and line.category not in rule.excluded_categories:
            raise UnknownCategory(line.category, line.id)
        value = -line.net if line.credit_note else line.net
        if not start <= line.invoice_at < end:
            reason = Reason.OTHER_PERIOD
        elif line.category not in in_scope:
            reason = Reason.OUT_OF_SCOPE
        else:
            # A small purchase may be waived; a credit note never is, it settles against its own kind (see _Group).
            waived = not line.credit_note and line.net < rule.confirm_required_from
            reason = _failing(line.evidenced, line.confirmed or waived, line.related)
            group = groups[line.supplier, line.category, line.origin]
            if reason is None:
                group.passing += value
                continue
            group.failing += value
        excluded.append(Excluded(line.id, reason))
        sums.leave_out(reason, 1, value)
    return sums.totals(excluded)


def tally_groups(rule: RuleVersion, groups: Iterable[LineGroup]) -> Tally:
    """Add up groups of lines that all lie in the period: the totals that their lines would give one by one.

    Raises UnknownCategory, and ValueError for a group that is empty or not positive. `excluded` stays empty.
    """
    sums = _Sums(rule)
    for one in groups:
        if one.net <= 0 or one.line_count <= 0:
            raise ValueError("a group holds lines, and their values are positive")
        value = -one.net if one.credit_note else one.net
        if one.category not in sums.in_scope:
            if one.category not in rule.excluded_categories:
                raise UnknownCategory(one.category)
            sums.leave_out(Reason.OUT_OF_SCOPE, one.line_count, value)
            continue
        reason = _failing(one.evidenced, one.confirmed or one.waived, one.related)
        group = sums.groups[one.supplier, one.category, one.origin]
        if reason is None:
            group.passing += value
        else:
            group.failing += value
            sums.leave_out(reason, one.line_count, value)
    return sums.totals([])


def tally_sums(rule: RuleVersion, sums: Iterable[CheckedSum]) -> Tally:
    """Totals from sums whose checks were made elsewhere. `excluded` and `left_out` stay empty.

    Raises UnknownCategory.
    """
    totals = _Sums(rule)
    for one in sums:
        if one.category in totals.in_scope:
            group = totals.groups[one.supplier, one.category, one.origin]
            group.passing += one.passing
            group.failing += one.failing
        elif one.category not in rule.excluded_categories:
            raise UnknownCategory(one.category)
    return totals.totals([])


def _failing(evidenced: bool, settled: bool, related: bool) -> Reason | None:
    if not evidenced:
        return Reason.NOT_EVIDENCED
    if not settled:
        return Reason.NOT_CONFIRMED
    return Reason.RELATED_PARTY if related else None
