"""All rules on one claim's facts, in a fixed order. Adding a rule is adding a module, a line here and its words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from market.claims.flags import (
    backdate,
    capacity,
    circular,
    confirm,
    dup_near,
    dup_no,
    img,
    price,
    related,
    round_amounts,
    rush,
    split,
)
from market.claims.flags.facts import ClaimFacts, Finding

Rule = Callable[[ClaimFacts], Iterator[Finding]]

RULES: Final[dict[str, Rule]] = {
    dup_no.RULE: dup_no.find,
    dup_near.RULE: dup_near.find,
    img.RULE: img.find,
    capacity.RULE: capacity.find,
    circular.RULE: circular.find,
    split.RULE: split.find,
    round_amounts.RULE: round_amounts.find,
    price.RULE: price.find,
    related.RULE: related.find,
    backdate.RULE: backdate.find,
    rush.RULE: rush.find,
    confirm.RULE: confirm.find,
}
# A claim of thousands of lines must not bury its reader: the rest of a rule's findings is counted, not listed.
MOST_OF_A_RULE: Final = 60


def run(facts: ClaimFacts) -> list[Finding]:
    """Everything the rules find, one finding a subject. CPU only: call it in a thread for large claims."""
    found: dict[tuple[str, str], Finding] = {}
    for name, rule in RULES.items():
        of_rule = 0
        for finding in rule(facts):
            if of_rule < MOST_OF_A_RULE and (name, finding.subject) not in found:
                found[name, finding.subject] = finding
                of_rule += 1
    return list(found.values())
