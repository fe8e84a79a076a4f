"""CONFIRM: the supplier says no, names another amount, or says nothing for 7 days.

Refusals and other amounts stand alone; what one supplier left unanswered is one finding.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from market.claims.flags.facts import ClaimFacts, Document, Finding, Findings, days, money, number

RULE, VERSION = "CONFIRM", 1
TERM = timedelta(days=7)


def find(facts: ClaimFacts) -> Findings:
    """Findings for the claim's papers, by what their suppliers said."""
    silent: defaultdict[str, list[Document]] = defaultdict(list)
    for paper in facts.documents:
        if paper.confirmation == "not_mine":
            yield _answer(paper, "not_mine", 0)
        elif paper.confirmation == "other_amount":
            yield _answer(paper, "other_amount", paper.confirmed_net_minor or 0)
        elif _is_silent(paper, facts):
            silent[paper.seller_key].append(paper)
    for seller, papers in sorted(silent.items()):
        yield Finding(
            RULE,
            VERSION,
            subject=f"silent:{seller}",
            sentence="silent",
            found=number(len(papers)),
            expected=days(TERM.days),
            documents=tuple(paper.id for paper in papers),
        )


def _is_silent(paper: Document, facts: ClaimFacts) -> bool:
    if paper.confirmation == "silent":
        return True
    return (
        paper.confirmation == "asked"
        and paper.asked_at is not None
        and facts.submitted_at - paper.asked_at >= TERM
    )


def _answer(paper: Document, sentence: str, said: int) -> Finding:
    return Finding(
        RULE,
        VERSION,
        subject=str(paper.id),
        sentence=sentence,
        found=money(said),
        expected=money(paper.net_minor),
        documents=(paper.id,),
    )
