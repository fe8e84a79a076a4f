"""ROUND: many more amounts divisible by Rp 100,000 than other hotels have in the same month.

Looked at from 20 lines on, and only where other hotels with as many lines exist. Named when the share is more
than twice the median of the others and at least 10 points above it: a real market writes round prices too.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from market.claims.flags.facts import ClaimFacts, Finding, Findings, number, percent

RULE, VERSION = "ROUND", 1
LINES = 20
STEP = 100_000
TIMES = 2
POINTS = Fraction(10, 100)


def find(facts: ClaimFacts) -> Findings:
    """At most one finding for the claim."""
    share = round_share([line.net_minor for line in facts.lines])
    if share is None or not facts.peer_round_shares:
        return
    median = middle(facts.peer_round_shares)
    if share > TIMES * median and share - median >= POINTS:
        yield Finding(
            RULE,
            VERSION,
            subject="claim",
            sentence="round",
            found=percent(share),
            expected=percent(median),
            documents=tuple(
                dict.fromkeys(line.document_id for line in facts.lines if line.net_minor % STEP == 0)
            )[:20],
            more={"lines": number(len(facts.lines))},
        )


def round_share(amounts: Sequence[int]) -> Fraction | None:
    """The part of amounts divisible by 100,000; None below 20 of them."""
    if len(amounts) < LINES:
        return None
    return Fraction(sum(amount % STEP == 0 for amount in amounts), len(amounts))


def middle(values: Sequence[Fraction]) -> Fraction:
    """The exact median."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
