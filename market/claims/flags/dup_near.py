"""DUP-NEAR: one hotel, one seller, at most 7 days apart, and nearly the same amount.

Nearly the same is within 1 % of the larger one, or the same digits with two neighbours swapped. Each paper is
compared with those before it and named once, beside the nearest of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

from market.claims.flags.facts import ClaimFacts, Document, Finding, Findings, days, money

RULE, VERSION = "DUP-NEAR", 1
DAYS = 7
TOLERANCE = Fraction(1, 100)


def find(facts: ClaimFacts) -> Findings:
    """A finding for each of the claim's papers that looks like an earlier one."""
    own = {document.id for document in facts.documents}
    by_seller: defaultdict[str, list[Document]] = defaultdict(list)
    for document in (*facts.documents, *facts.neighbours):
        if not document.credit_note:
            by_seller[document.seller_key].append(document)
    for papers in by_seller.values():
        papers.sort(key=lambda paper: (paper.invoice_on, paper.id))
        for index, paper in enumerate(papers):
            twin = _nearest(paper, papers[:index])
            if twin is not None and (paper.id in own or twin.id in own):
                yield _finding(paper, twin)


def _nearest(paper: Document, earlier: Sequence[Document]) -> Document | None:
    alike: list[Document] = []
    for other in reversed(earlier):
        if (paper.invoice_on - other.invoice_on).days > DAYS:
            break
        if looks_alike(paper.net_minor, other.net_minor):
            alike.append(other)
    return min(alike, key=lambda other: (abs(other.net_minor - paper.net_minor), -other.id), default=None)


def looks_alike(one: int, other: int) -> bool:
    """Whether two amounts are within 1 % of the larger, or differ by two neighbouring digits swapped."""
    return abs(one - other) <= TOLERANCE * max(one, other) or _swapped(str(one), str(other))


def _swapped(one: str, other: str) -> bool:
    if len(one) != len(other):
        return False
    differing = [index for index, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
    if len(differing) != 2 or differing[1] != differing[0] + 1:
        return False
    first, second = differing
    return one[first] == other[second] and one[second] == other[first]


def _finding(paper: Document, twin: Document) -> Finding:
    return Finding(
        RULE,
        VERSION,
        subject=str(paper.id),
        sentence="near",
        found=money(paper.net_minor),
        expected=money(twin.net_minor),
        documents=(paper.id, twin.id),
        more={"apart": days((paper.invoice_on - twin.invoice_on).days), "term": days(DAYS)},
    )
