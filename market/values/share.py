"""An exact share of a whole: kept as a fraction, compared as a fraction, shown cut to two decimals.

Nothing here rounds up: 29.999998 % shows "29.99" and does not reach 30 %. Wording and the decimal comma
belong to `market.i18n.formats`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

_WRITTEN = re.compile(r"-?[0-9]{1,40}/[1-9][0-9]{0,39}", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Share:
    """A part of a whole as an exact fraction (1/3, not 0.3333). Shares order and compare exactly."""

    value: Fraction

    def __post_init__(self) -> None:
        if type(self.value) is not Fraction:
            raise TypeError(f"a share is a Fraction, not {type(self.value).__name__}")

    @classmethod
    def of(cls, part: Fraction | int, whole: Fraction | int) -> Self:
        """`part` / `whole`, exactly. Raises ZeroDivisionError for a whole of nothing."""
        return cls(Fraction(part) / Fraction(whole))

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read back what `str()` wrote, for example "1/3". Raises ValueError for anything else."""
        if not _WRITTEN.fullmatch(written):
            raise ValueError("a share is written as two whole numbers, for example 1/3")
        return cls(Fraction(written))

    @property
    def basis_points(self) -> int:
        """Whole basis points that the share reaches (29.999998 % reaches 2999)."""
        return self.value.numerator * 10_000 // self.value.denominator

    def reaches(self, basis_points: int) -> bool:
        """Whether the share is at least `basis_points` / 10,000, compared without any rounding."""
        return self.value.numerator * 10_000 >= basis_points * self.value.denominator

    def shown(self) -> str:
        """Per cent with two decimals, the rest cut off: "33.33". The sign is kept unless nothing is left."""
        hundredths = abs(self.value.numerator) * 10_000 // self.value.denominator
        sign = "-" if self.value < 0 and hundredths else ""
        return f"{sign}{hundredths // 100}.{hundredths % 100:02d}"

    def __str__(self) -> str:
        """The fraction in lowest terms, always with its denominator: "1/3", "0/1"."""
        return f"{self.value.numerator}/{self.value.denominator}"
