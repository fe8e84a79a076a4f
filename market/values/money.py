"""Money as whole minor units with a currency: no float goes in or comes out.

The rupiah is kept whole (its minor unit here is 1 rupiah); a payment provider that counts in sen converts
in its own adapter. Splitting uses the largest remainder, so parts always add up to the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

IDR = "IDR"


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units (for IDR: whole rupiah) of one currency."""

    amount: int
    currency: str = IDR

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise TypeError(f"money is a whole number of minor units, not {type(self.amount).__name__}")

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __mul__(self, times: int) -> Money:
        if type(times) is not int:
            raise TypeError("multiply money by a whole number; use `percent` or `fraction` for shares")
        return Money(self.amount * times, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.amount <= other.amount

    def __bool__(self) -> bool:
        return self.amount != 0

    def allocate(self, weights: Sequence[int]) -> list[Self]:
        """Split by `weights`; the parts add up exactly (see `allocate`)."""
        return [type(self)(part, self.currency) for part in allocate(self.amount, weights)]


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` in proportion to non-negative `weights` by largest remainder; ties go to the earlier part.

    Raises ValueError for a negative total, a negative weight or weights that are all zero.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("allocate splits a non-negative total by non-negative weights")
    whole = sum(weights)
    if whole == 0:
        raise ValueError("at least one weight must be positive")
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def round_half_up(value: Fraction) -> int:
    """The nearest whole number; a half goes away from zero for positive values (and up for negative ones)."""
    return (value.numerator * 2 + value.denominator) // (value.denominator * 2)


def share_of(amount: int, basis_points: int) -> int:
    """`basis_points` / 10,000 of `amount`, rounded half up to the minor unit."""
    return round_half_up(Fraction(amount * basis_points, 10_000))


def percent_of(amount: int, percent: int) -> int:
    """`percent` per cent of `amount`, rounded half up to the minor unit."""
    return round_half_up(Fraction(amount * percent, 100))
