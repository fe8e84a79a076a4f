"""RUSH: more than 30 % of the lines were entered in the 48 hours before the claim was submitted."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from market.claims.flags.facts import ClaimFacts, Finding, Findings, number, percent

RULE, VERSION = "RUSH", 1
HOURS = timedelta(hours=48)
PART = Fraction(30, 100)


def find(facts: ClaimFacts) -> Findings:
    """At most one finding for the claim."""
    if not facts.lines:
        return
    since = facts.submitted_at - HOURS
    late = [line for line in facts.lines if since <= line.entered_at <= facts.submitted_at]
    share = Fraction(len(late), len(facts.lines))
    if share > PART:
        yield Finding(
            RULE,
            VERSION,
            subject="claim",
            sentence="rush",
            found=percent(share),
            expected=percent(PART),
            documents=tuple(dict.fromkeys(line.document_id for line in late))[:20],
            more={"lines": number(len(late)), "all": number(len(facts.lines))},
        )
