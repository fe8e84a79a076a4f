"""IMG: the photo of a paper looks like the photo of another paper.

Equal files are stopped when they are added. Of the 256 bits of the perceptual hash (taken after straightening)
up to 16 differ for the same picture and 17 to 45 are worth a look. Two photos of one paper are no finding.
"""

from __future__ import annotations

from market.claims.flags.facts import ClaimFacts, Finding, Findings, number

RULE, VERSION = "IMG", 1
SAME, LOOK = 16, 45


def find(facts: ClaimFacts) -> Findings:
    """A finding for each pair of pictures of different papers that are the same, or worth a look."""
    for pair in facts.likenesses:
        if pair.document_id == pair.other_document_id or pair.distance > LOOK:
            continue
        same = pair.distance <= SAME
        first, second = sorted((pair.evidence_id, pair.other_id))
        yield Finding(
            RULE,
            VERSION,
            subject=f"{first}-{second}",
            sentence="same" if same else "look",
            found=number(pair.distance),
            expected=number(SAME if same else LOOK),
            documents=(pair.document_id, pair.other_document_id),
            evidence=(pair.evidence_id, pair.other_id),
        )
