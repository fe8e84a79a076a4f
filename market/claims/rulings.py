"""What officers decide about single lines, and the lines as they count after it. Pure.

A line that is not accepted stays in the denominator and leaves the local value; only a line that is no purchase
of the programme at all leaves both. A smaller amount splits the line: what is proved counts, the rest stays in
the denominator, so that the hotel's books still tie.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from market.claims.lines import Line
from market.claims.rule_versions import RuleVersion
from market.claims.snapshot import FrozenLine
from market.errors import Invalid
from market.values.text import Text, lazy


class Verdict(StrEnum):
    ACCEPT = "accept"
    AMOUNT = "amount"
    EXCLUDE = "exclude"
    OUT_OF_SCOPE = "out_of_scope"


class Ruling(NamedTuple):
    """A decision on a line; `net` is what counts of it, for another amount only."""

    verdict: Verdict
    net: int | None = None


REASONS: Final[dict[Verdict, dict[str, Text]]] = {
    Verdict.ACCEPT: {},
    Verdict.AMOUNT: {
        "supplier_amount": lazy("The supplier confirmed a smaller amount"),
        "paper_amount": lazy("The paper shows a smaller amount"),
        "arithmetic": lazy("The sum was wrong"),
        "goods_returned": lazy("Part of the goods went back"),
    },
    Verdict.EXCLUDE: {
        "no_evidence": lazy("No paper, or it cannot be read"),
        "paper_differs": lazy("The paper shows other goods or another seller"),
        "not_confirmed": lazy("The supplier does not confirm the sale"),
        "duplicate": lazy("Counted already with another paper"),
        "related_party": lazy("Hotel and supplier are related"),
        "origin_not_proved": lazy("The origin is not proved"),
        "not_delivered": lazy("Not delivered"),
        "circular": lazy("The money came back to the hotel"),
    },
    Verdict.OUT_OF_SCOPE: {
        "wrong_category": lazy("Not a purchase of this programme"),
        "private": lazy("Not bought for the hotel"),
        "other_period": lazy("Belongs to another month"),
    },
}


class BadRuling(Invalid):
    """A decision on a line that does not fit the line."""

    code = "bad_ruling"


def check(line: FrozenLine, verdict: Verdict, reason: str, net: int | None) -> None:
    """Raise BadRuling unless the decision can stand on this line."""
    if verdict is not Verdict.ACCEPT and line.credit_note:
        raise BadRuling(
            message=lazy("A credit note takes value back; it can only be accepted."), field="verdict"
        )
    if verdict is not Verdict.ACCEPT and reason not in REASONS[verdict]:
        raise BadRuling(message=lazy("Choose a reason from the list."), field="reason")
    if verdict is Verdict.AMOUNT:
        if net is None or not 0 < net < line.net_minor:
            raise BadRuling(
                message=lazy("Enter an amount above zero and below what the hotel logged."), field="net"
            )
    elif net is not None:
        raise BadRuling(message=lazy("An amount belongs to “use another amount” only."), field="net")


def counted(lines: Iterable[FrozenLine], rulings: Mapping[int, Ruling], rule: RuleVersion) -> Iterator[Line]:
    """The lines as the calculation reads them after the decisions; undecided ones as they were frozen."""
    outside = rule.excluded_categories[0] if rule.excluded_categories else None
    for frozen in lines:
        line, ruling = frozen.as_line(), rulings.get(frozen.line_id)
        if ruling is None or ruling.verdict is Verdict.ACCEPT:
            yield line
        elif ruling.verdict is Verdict.EXCLUDE:
            yield line._replace(evidenced=False)
        elif ruling.verdict is Verdict.AMOUNT and ruling.net is not None:
            yield line._replace(net=ruling.net)
            yield line._replace(id=f"{line.id}-rest", net=line.net - ruling.net, evidenced=False)
        elif outside is not None:
            yield line._replace(category=outside)
