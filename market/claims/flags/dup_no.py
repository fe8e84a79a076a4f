"""DUP-NO: the same seller and the same normalised number on two papers.

The entry of purchases stops it for one seller's key. What is left for here is one seller written in two ways
(once from the directory, once by name or tax number), whichever hotel entered the other paper.
"""

from __future__ import annotations

from market.claims.flags.facts import ClaimFacts, Document, Finding, Findings, number
from market.sourcing.keys import folded

RULE, VERSION = "DUP-NO", 1


def find(facts: ClaimFacts) -> Findings:
    """A finding for each of the claim's papers whose number stands on another paper of the same seller."""
    for own, other in facts.same_numbers:
        if own.id != other.id and own.credit_note == other.credit_note and _same_seller(own, other):
            yield Finding(
                RULE,
                VERSION,
                subject=f"{min(own.id, other.id)}-{max(own.id, other.id)}",
                sentence="same_number",
                found=number(2),
                expected=number(1),
                documents=(own.id, other.id),
            )


def _same_seller(one: Document, other: Document) -> bool:
    if one.number_key != other.number_key or not one.number_key:
        return False
    return (
        one.seller_key == other.seller_key
        or (one.seller_npwp != "" and one.seller_npwp == other.seller_npwp)
        or folded(one.seller_name) == folded(other.seller_name)
    )
