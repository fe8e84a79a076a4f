"""CAPACITY: all hotels together logged more of a supplier's product than it can deliver in the month."""

from __future__ import annotations

from market.claims.flags.facts import ClaimFacts, Finding, Findings, milli, unit, words

RULE, VERSION = "CAPACITY", 1


def find(facts: ClaimFacts) -> Findings:
    """A finding for each product of the claim whose quantity over all hotels exceeds the declared capacity."""
    for demand in facts.demands:
        if demand.quantity_milli > demand.capacity * 1000:
            yield Finding(
                RULE,
                VERSION,
                subject=str(demand.product_id),
                sentence="over",
                found=milli(demand.quantity_milli),
                expected=milli(demand.capacity * 1000),
                documents=demand.document_ids,
                more={
                    "product": words(demand.product),
                    "supplier": words(demand.supplier),
                    "unit": unit(demand.unit),
                },
            )
