"""RELATED: hotel, supplier and officer share an owner, a tax number, a phone, an account or an address.

Marks are ids of people or keyed hashes, so that nothing is shown that only one side should know. A shared mark
between hotel and supplier is for the verifier to weigh; one with an officer also keeps that officer out of the
lot.
"""

from __future__ import annotations

from itertools import combinations

from market.claims.flags.facts import ClaimFacts, Finding, Findings, Party, number, words

RULE, VERSION = "RELATED", 1


def find(facts: ClaimFacts) -> Findings:
    """A finding for each pair of different roles that share a mark."""
    for one, other in combinations(sorted(facts.parties, key=lambda p: (p.role, p.key)), 2):
        shared = shared_marks(one, other)
        if shared:
            yield _finding(one, other, shared)


def shared_marks(one: Party, other: Party) -> tuple[str, ...]:
    """The kinds of mark that two parties of different roles share."""
    if one.role == other.role:
        return ()
    return tuple(sorted({kind for kind, _ in one.marks & other.marks}))


def _finding(one: Party, other: Party, shared: tuple[str, ...]) -> Finding:
    papers = tuple(party.document_id for party in (one, other) if party.document_id is not None)
    return Finding(
        RULE,
        VERSION,
        subject=f"{one.key}~{other.key}",
        sentence=shared[0] if len(shared) == 1 else "several",
        found=number(len(shared)),
        expected=number(0),
        documents=papers,
        more={"one": words(one.name), "other": words(other.name)},
    )
