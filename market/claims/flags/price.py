"""PRICE: a unit price more than one and a half times the month's median for the same goods and unit."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from market.claims.flags.facts import ClaimFacts, Finding, Findings, Priced, money, words
from market.claims.flags.round_amounts import middle

RULE, VERSION = "PRICE", 1
TIMES = Fraction(3, 2)


def find(facts: ClaimFacts) -> Findings:
    """A finding for each line of the claim that is dearer than that; all hotels' lines make the median."""
    by_goods: defaultdict[str, list[Priced]] = defaultdict(list)
    for priced in facts.prices:
        by_goods[priced.goods].append(priced)
    for goods in by_goods.values():
        median = middle([priced.unit_price for priced in goods])
        for priced in goods:
            if priced.own and priced.unit_price > TIMES * median:
                yield _finding(priced, median, goods)


def _finding(priced: Priced, median: Fraction, goods: list[Priced]) -> Finding:
    nearest = min(goods, key=lambda other: (abs(other.unit_price - median), other.line_id))
    return Finding(
        RULE,
        VERSION,
        subject=str(priced.line_id),
        sentence="dear",
        found=money(int(priced.unit_price)),
        expected=money(int(median)),
        documents=tuple(dict.fromkeys((priced.document_id, nearest.document_id))),
        line_id=priced.line_id,
        more={"goods": words(priced.name)},
    )
