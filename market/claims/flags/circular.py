"""CIRCULAR: money goes round: two or three parties buy from each other in a circle within 30 days.

Edges are purchases whose seller is a buyer in the ledger too (met by tax number). A circle is named when, in
some 30 days, its smallest leg is worth at least 80 % of its largest: what went out came back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction

from market.claims.flags.facts import ClaimFacts, Finding, Findings, Trade, money, percent, words

RULE, VERSION = "CIRCULAR", 1
DAYS = 30
PARTIES = 3
RETURNED = Fraction(80, 100)

Leg = tuple[str, str]
Legs = Mapping[Leg, Sequence[Trade]]


def find(facts: ClaimFacts) -> Findings:
    """A finding for each circle through the claim's hotel, with its strongest 30 days."""
    legs: defaultdict[Leg, list[Trade]] = defaultdict(list)
    for trade in facts.trades:
        if trade.buyer != trade.seller:
            legs[trade.buyer, trade.seller].append(trade)
    for circle in circles(legs, facts.party):
        best = _strongest(circle, legs)
        if best is not None and best[0] >= RETURNED:
            yield _finding(circle, *best)


def circles(legs: Legs, party: str) -> Iterator[tuple[str, ...]]:
    """Every directed circle of two or three parties that begins at `party`."""
    onward: defaultdict[str, list[str]] = defaultdict(list)
    for buyer, seller in sorted(legs):
        onward[buyer].append(seller)
    for second in onward[party]:
        if party in onward[second]:
            yield party, second
        for third in onward[second]:
            if third not in {party, second} and party in onward[third]:
                yield party, second, third


def _strongest(circle: tuple[str, ...], legs: Legs) -> tuple[Fraction, int, int, tuple[int, ...]] | None:
    """The largest part that came back in any 30 days, with the smallest and largest leg and the papers."""
    path = list(zip(circle, (*circle[1:], circle[0]), strict=True))
    trades = [legs[leg] for leg in path]
    best: tuple[Fraction, int, int, tuple[int, ...]] | None = None
    for start in sorted({trade.invoice_on for leg in trades for trade in leg}):
        end = start + timedelta(days=DAYS)
        inside = [[trade for trade in leg if start <= trade.invoice_on <= end] for leg in trades]
        sums = [sum(trade.net_minor for trade in leg) for leg in inside]
        if min(sums) <= 0:
            continue
        part = Fraction(min(sums), max(sums))
        if best is None or part > best[0]:
            papers = tuple(trade.document_id for leg in inside for trade in leg)
            best = part, min(sums), max(sums), papers
    return best


def _finding(
    circle: tuple[str, ...], part: Fraction, smallest: int, largest: int, papers: tuple[int, ...]
) -> Finding:
    return Finding(
        RULE,
        VERSION,
        subject=">".join(circle),
        sentence="circle",
        found=percent(part),
        expected=percent(RETURNED),
        documents=papers,
        more={"out": money(largest), "back": money(smallest), "parties": words(str(len(circle)))},
    )
