"""Draws that anyone can repeat: the lot among officers, the audit draw, and monetary-unit sampling.

Nothing here is random. A seed that nobody could know beforehand comes in from outside (the list of candidates
stands in the public log before it), and every draw is plain SHA-256 and whole-number arithmetic on it. Who is
a candidate at all, conflicts of interest included, is decided before the list is committed.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from market.claims.lines import Name
from market.claims.rule_versions import Audit
from market.errors import Refused
from market.values.text import lazy

# Reliability factors at 95 % for 0, 1 and 2 errors found (Poisson), as printed in audit sampling tables.
RELIABILITY = (Fraction("2.9957"), Fraction("4.7439"), Fraction("6.2958"))
# How much room an expected error takes at that confidence (the tables' expansion factor).
EXPANSION = Fraction("1.6")
_MOST_DRAWN = 10_000


# --- the lot ---------------------------------------------------------------------------------------------


def lot_digest(seed: str, claim: str, officer: str) -> str:
    """SHA-256 of `seed|claim|officer` in UTF-8, as hexadecimal. The bar cannot be part of a name."""
    parts = (seed, claim, officer)
    if any(not part or "|" in part for part in parts):
        raise ValueError("seed, claim and officer are non-empty and hold no |")
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def lot_order(seed: str, claim: str, officers: Iterable[str]) -> tuple[str, ...]:
    """The candidates in the order of the lot: the first verifies, the second approves, the third audits.

    Blind to the order in which they are given. Raises ValueError when one stands twice.
    """
    candidates = list(officers)
    if len(set(candidates)) != len(candidates):
        raise ValueError("each candidate has one lot")
    return tuple(sorted(candidates, key=lambda officer: lot_digest(seed, claim, officer)))


class AuditCause(StrEnum):
    """Why a decided claim is audited."""

    FIRST_CLAIM = "first_claim"
    LARGE_AWARD = "large_award"
    DRAWN = "drawn"


def audit_cause(audit: Audit, *, award: int, is_first: bool, seed: str, claim: str) -> AuditCause | None:
    """Whether a third person looks again: each hotel's first claim, every large award, and `percent` by lot.

    The lot is SHA-256 of `seed|claim|audit` as a whole number: its remainder by 100 lies below `percent`.
    """
    if is_first and audit.first_claim:
        return AuditCause.FIRST_CLAIM
    if award > audit.always_over:
        return AuditCause.LARGE_AWARD
    drawn = int(lot_digest(seed, claim, "audit"), 16) % 100 < audit.percent
    return AuditCause.DRAWN if drawn else None


# --- monetary-unit sampling ------------------------------------------------------------------------------


class SamplePlan(NamedTuple):
    """How many rupiah are drawn, and how far apart they lie."""

    book_value: int
    size: int
    interval: int


class Hit(NamedTuple):
    """A drawn rupiah (counted from 1) and the line in which it lies."""

    rupiah: int
    line: Name


class TaintedLine(NamedTuple):
    """A sampled line that is worth less than claimed: its claimed and its true value."""

    claimed: int
    found: int


class TooManyErrors(Refused):
    """More errors than the factors cover: sampling has given its answer, every line is checked."""

    code = "too_many_errors"
    message = lazy(
        "The sample holds too many errors to estimate from. Please check every line of this claim."
    )


def plan_sample(book_value: int, tolerable: int, expected: int = 0) -> SamplePlan:
    """How many rupiah to draw at 95 %: ⌈BV x RF / (TM - EM x expansion)⌉ of them, ⌊BV / n⌋ apart.

    BV is the claimed value, TM the misstatement that would matter, EM the one expected. The sample is never
    larger than the value itself. Raises ValueError when the expected error leaves no room below the
    tolerable one, or when so many rupiah would be drawn that checking every line is the answer.
    """
    room = tolerable - expected * EXPANSION
    if book_value <= 0 or expected < 0 or room <= 0:
        raise ValueError("a sample needs value, and a tolerable error well above the expected one")
    size = min(math.ceil(book_value * RELIABILITY[0] / room), book_value)
    if size > _MOST_DRAWN:
        raise ValueError("so small a tolerable error asks for every line, not for a sample")
    return SamplePlan(book_value, size, book_value // size)


def sample_start(seed: str, claim: str, interval: int) -> int:
    """The first drawn rupiah, in 1..interval: SHA-256 of `seed|claim|start`, its remainder plus 1."""
    return int(lot_digest(seed, claim, "start"), 16) % interval + 1


def draw_sample(plan: SamplePlan, start: int, lines: Sequence[tuple[Name, int]]) -> tuple[Hit, ...]:
    """Every interval-th rupiah from `start` on, with its line. A line of an interval or more is always hit.

    `lines` are (id, positive value) in the order of the frozen claim and add up to the plan's value.
    """
    if not 1 <= start <= plan.interval:
        raise ValueError("the first rupiah lies in the first interval")
    if any(value <= 0 for _, value in lines) or sum(value for _, value in lines) != plan.book_value:
        raise ValueError("the lines are positive and add up to the value that was planned for")
    hits: list[Hit] = []
    wanted, reached = start, 0
    for line, value in lines:
        reached += value
        while wanted <= reached:
            hits.append(Hit(wanted, line))
            wanted += plan.interval
    return tuple(hits)


def upper_limit(interval: int, errors: Sequence[TaintedLine] = ()) -> Fraction:
    """The most by which the claim may be overstated, at 95 %, given the errors found in the sample.

    Lines of an interval or more were all seen, so their error counts as it is. For the others the basic
    precision RF(0) x interval grows by (RF(i) - RF(i-1)) x interval x tainting, largest tainting first.
    Raises TooManyErrors beyond the factors at hand, ValueError for a line that is not overstated.
    """
    if any(not 0 <= line.found < line.claimed for line in errors):
        raise ValueError("an error is a line found worth less than claimed, and not less than nothing")
    seen_whole = sum(line.claimed - line.found for line in errors if line.claimed >= interval)
    taintings = sorted(
        (Fraction(line.claimed - line.found, line.claimed) for line in errors if line.claimed < interval),
        reverse=True,
    )
    if len(taintings) >= len(RELIABILITY):
        raise TooManyErrors(found=len(taintings))
    limit = RELIABILITY[0] * interval + seen_whole
    for index, tainting in enumerate(taintings, start=1):
        limit += (RELIABILITY[index] - RELIABILITY[index - 1]) * interval * tainting
    return limit
