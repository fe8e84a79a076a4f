"""One pass over the lines: what was bought, what of it counts, and what was left out.

Memory grows with suppliers, categories and excluded lines, not with the lines, so a year of a large hotel
streams through. Caps, tiers and the award are decided afterwards, on these totals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from market.claims.lines import Excluded, Line, Name, Origin, Reason
from market.claims.periods import Period
from market.claims.rule_versions import RuleVersion
from market.errors import Invalid
from market.values.text import lazy


class UnknownCategory(Invalid):
    """A line's category is neither in scope nor excluded by the rule.

    Leaving it out would raise the share without a word, so nobody guesses.
    """

    def __init__(self, line: Line) -> None:
        facts = {"line": str(line.id), "category": line.category}
        message = lazy("Line %(line)s: the rule knows no category “%(category)s”.", **facts)
        super().__init__("unknown_category", message, **facts)


@dataclass(frozen=True, slots=True)
class CategoryTotal:
    """Local value (before the supplier cap) and denominator of one category, in rupiah."""

    category: str
    local: Fraction
    denominator: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Totals of a period in rupiah. `suppliers` holds each supplier's local value before any cap."""

    denominator: int
    suppliers: dict[Name, Fraction]
    categories: tuple[CategoryTotal, ...]
    excluded: tuple[Excluded, ...]

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


def tally(rule: RuleVersion, period: Period, lines: Iterable[Line]) -> Tally:
    """Add up the lines of the period, in any order. Line ids are the caller's promise to be unique.

    Raises UnknownCategory, and ValueError for a value that is not positive.
    """
    start, end = period.bounds()
    in_scope = frozenset(rule.in_scope_categories)
    groups: defaultdict[tuple[Name, str, Origin], _Group] = defaultdict(_Group)
    excluded: list[Excluded] = []
    for line in lines:
        if line.net <= 0:
            raise ValueError(f"line {line.id}: the value is positive; a credit note is marked as one")
        if line.category not in in_scope and line.category not in rule.excluded_categories:
            raise UnknownCategory(line)
        if not start <= line.invoice_at < end:
            excluded.append(Excluded(line.id, Reason.OTHER_PERIOD))
            continue
        if line.category not in in_scope:
            excluded.append(Excluded(line.id, Reason.OUT_OF_SCOPE))
            continue
        reason = _failing(rule, line)
        group = groups[line.supplier, line.category, line.origin]
        value = -line.net if line.credit_note else line.net
        if reason is None:
            group.passing += value
        else:
            group.failing += value
            excluded.append(Excluded(line.id, reason))
    return _totals(rule, groups, excluded)


def _failing(rule: RuleVersion, line: Line) -> Reason | None:
    if not line.evidenced:
        return Reason.NOT_EVIDENCED
    # A small purchase may be waived; a credit note never is, it settles against its own kind (see _Group).
    if not line.confirmed and (line.credit_note or line.net >= rule.confirm_required_from):
        return Reason.NOT_CONFIRMED
    return Reason.RELATED_PARTY if line.related else None


def _totals(
    rule: RuleVersion, groups: dict[tuple[Name, str, Origin], _Group], excluded: list[Excluded]
) -> Tally:
    weights = {origin: rule.weight(origin) for origin in Origin}
    suppliers: defaultdict[Name, Fraction] = defaultdict(Fraction)
    local: defaultdict[str, Fraction] = defaultdict(Fraction)
    bought: defaultdict[str, int] = defaultdict(int)
    for (supplier, category, origin), group in groups.items():
        value = weights[origin] * group.countable()
        suppliers[supplier] += value
        local[category] += value
        bought[category] += group.passing + group.failing
    categories = tuple(CategoryTotal(name, local[name], bought[name]) for name in sorted(bought))
    # Sorted, so that the answer does not depend on the order in which lines arrived.
    excluded.sort(key=lambda item: (str(item.id), item.reason))
    return Tally(sum(bought.values()), dict(suppliers), categories, tuple(excluded))
