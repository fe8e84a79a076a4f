"""SPLIT: three or more plain receipts of one seller within 3 days, each just below the evidence limit.

Just below is 80 to 100 % of the limit up to which a plain receipt is evidence enough. Papers that would be
enough above the limit as well (tax invoices, delivery notes) split nothing.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from market.claims.flags.facts import ClaimFacts, Document, Finding, Findings, money, number

RULE, VERSION = "SPLIT", 1
RECEIPTS = 3
DAYS = 3
FROM_PART = Fraction(80, 100)
_ENOUGH_ANYWAY = frozenset({"tax_invoice", "delivery_note"})


def find(facts: ClaimFacts) -> Findings:
    """One finding for each run of receipts; a receipt stands in one run only."""
    limit = facts.rule.evidence_limit
    own = {document.id for document in facts.documents}
    by_seller: defaultdict[str, list[Document]] = defaultdict(list)
    for paper in (*facts.documents, *facts.neighbours):
        plain = not paper.credit_note and paper.paper not in _ENOUGH_ANYWAY
        if plain and FROM_PART * limit <= paper.net_minor <= limit:
            by_seller[paper.seller_key].append(paper)
    for papers in by_seller.values():
        papers.sort(key=lambda paper: (paper.invoice_on, paper.id))
        for run in _runs(papers):
            if any(paper.id in own for paper in run):
                yield _finding(run, limit)


def _runs(papers: list[Document]) -> list[list[Document]]:
    runs: list[list[Document]] = []
    start = 0
    while start < len(papers):
        run = [p for p in papers[start:] if (p.invoice_on - papers[start].invoice_on).days <= DAYS]
        if len(run) >= RECEIPTS:
            runs.append(run)
            start += len(run)
        else:
            start += 1
    return runs


def _finding(run: list[Document], limit: int) -> Finding:
    return Finding(
        RULE,
        VERSION,
        subject=str(run[0].id),
        sentence="split",
        found=money(sum(paper.net_minor for paper in run)),
        expected=money(limit),
        documents=tuple(paper.id for paper in run),
        more={"receipts": number(len(run)), "largest": money(max(paper.net_minor for paper in run))},
    )
