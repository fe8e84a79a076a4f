"""BACKDATE: entered long after its day, or changed after the month was submitted.

Long after is more days than the rule's `late_entry_days` (45), counted on the calendar of Kupang.
"""

from __future__ import annotations

from market.claims.flags.facts import ClaimFacts, Document, Figure, Finding, Findings, days
from market.values.dates import local_day

RULE, VERSION = "BACKDATE", 1


def find(facts: ClaimFacts) -> Findings:
    """A finding for each paper that came late, and for each that joined a submitted month."""
    term = facts.rule.late_entry_days
    for paper in facts.documents:
        late = (local_day(paper.entered_at) - paper.invoice_on).days
        if paper.adjusted_at is not None:
            yield _finding(paper, "after_lock", days(max(0, late)), days(0))
        elif late > term:
            yield _finding(paper, "late", days(late), days(term))


def _finding(paper: Document, sentence: str, found: Figure, expected: Figure) -> Finding:
    return Finding(
        RULE,
        VERSION,
        subject=str(paper.id),
        sentence=sentence,
        found=found,
        expected=expected,
        documents=(paper.id,),
    )
