"""BENFORD: first digits of amounts against Benford's law. For the programme's page only, never for a claim.

Looked at from 300 amounts that span two decades (the largest is at least 100 times the smallest): below that
the law promises nothing. The measure is chi-square with 8 degrees of freedom, as an exact number of thousandths.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

RULE, VERSION = "BENFORD", 1
AMOUNTS = 300
DECADES = 100
# log10(1 + 1/d) in millionths; they add up to one million.
EXPECTED: Final = (301_030, 176_091, 124_939, 96_910, 79_181, 66_947, 57_992, 51_153, 45_757)
_MILLION = 1_000_000
# The value that 5 % of honest sets exceed.
LIMIT: Final = Fraction(15_507, 1_000)


class FirstDigits(NamedTuple):
    """How many amounts begin with 1 to 9, and how far that is from the law."""

    counts: tuple[int, ...]
    chi_square: Fraction

    @property
    def unusual(self) -> bool:
        return self.chi_square > LIMIT


def first_digits(amounts: Sequence[int]) -> FirstDigits | None:
    """The measure of a set of amounts; None where the law does not apply."""
    positive = [amount for amount in amounts if amount > 0]
    if len(positive) < AMOUNTS or max(positive) < DECADES * min(positive):
        return None
    counts = [0] * 9
    for amount in positive:
        counts[int(str(amount)[0]) - 1] += 1
    total = len(positive)
    square = sum(
        ((count - Fraction(total * part, _MILLION)) ** 2 / Fraction(total * part, _MILLION))
        for count, part in zip(counts, EXPECTED, strict=True)
    )
    return FirstDigits(tuple(counts), Fraction(square))
