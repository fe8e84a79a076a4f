"""When a claim is sampled and what the sample says. Pure, on frozen lines; the arithmetic is in `draws`.

Up to 30 counted lines everybody looks at all of them. Above that the rupiah that count are sampled at 95 % with
a tolerable misstatement of a tenth of their value and none expected, which draws about 30 of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from market.claims import draws
from market.claims.draws import Hit, SamplePlan, TaintedLine
from market.claims.rule_versions import Audit, RuleVersion
from market.claims.rulings import Ruling, Verdict
from market.claims.snapshot import FrozenLine

ALL_LINES_UP_TO: Final = 30
TOLERABLE_PART: Final = 10


class Conclusion(NamedTuple):
    """What the looked-at sample says: drawn lines, how many are decided, errors, and the upper limit."""

    lines: int
    decided: int
    errors: int
    upper_limit: Fraction | None
    tolerable: int

    @property
    def passed(self) -> bool:
        return self.upper_limit is not None and self.upper_limit <= self.tolerable


def countable(lines: Sequence[FrozenLine], rule: RuleVersion) -> list[tuple[int, int]]:
    """The lines whose rupiah count as local, in the claim's order: (line, value)."""
    return [
        (line.line_id, line.net_minor)
        for line in lines
        if not line.credit_note
        and line.evidenced
        and (line.confirmed or line.net_minor < rule.confirm_required_from)
        and not line.related
        and line.category in rule.in_scope_categories
        and rule.weights_bp.of(line.origin) > 0
    ]


def plan_for(lines: Sequence[FrozenLine], rule: RuleVersion) -> SamplePlan | None:
    """The sample of a claim; None where every line is looked at."""
    counted = countable(lines, rule)
    if len(counted) <= ALL_LINES_UP_TO:
        return None
    book_value = sum(value for _, value in counted)
    return draws.plan_sample(book_value, max(1, book_value // TOLERABLE_PART))


def hits_of(
    lines: Sequence[FrozenLine], rule: RuleVersion, candidates: Mapping[str, Any], start: int
) -> tuple[Hit, ...]:
    """The drawn rupiah and their lines."""
    plan = SamplePlan(int(candidates["book_value"]), int(candidates["size"]), int(candidates["interval"]))
    return draws.draw_sample(plan, start, countable(lines, rule))


def conclude(
    lines: Sequence[FrozenLine],
    drawn: Sequence[int],
    rulings: Mapping[int, Ruling],
    interval: int,
    book_value: int,
) -> Conclusion:
    """What the decisions on the drawn lines say about all rupiah of the claim."""
    wanted, tolerable = set(drawn), max(1, book_value // TOLERABLE_PART)
    sampled = [line for line in lines if line.line_id in wanted]
    decided = [line for line in sampled if line.line_id in rulings]
    errors = [
        TaintedLine(line.net_minor, _worth(rulings[line.line_id]))
        for line in decided
        if rulings[line.line_id].verdict is not Verdict.ACCEPT
    ]
    limit: Fraction | None = None
    if len(decided) == len(sampled):
        try:
            limit = draws.upper_limit(interval, errors)
        except draws.TooManyErrors:
            limit = None
    return Conclusion(len(sampled), len(decided), len(errors), limit, tolerable)


def _worth(ruling: Ruling) -> int:
    return ruling.net or 0


def audit_of(candidates: Mapping[str, Any]) -> Audit:
    """The audit's terms as they were committed."""
    return Audit(
        percent=int(candidates["percent"]),
        always_over=int(candidates["always_over"]),
        first_claim=bool(candidates["first_claim"]),
    )
