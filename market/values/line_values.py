"""A line's value in whole rupiah without VAT, from whatever the invoice states.

Every conversion is exact and rounds half up once, at the end. Amounts come in as whole rupiah, `Decimal` or
`Fraction`; floats are refused because they have already lost the figure on the paper.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from market.values.money import round_half_up

Exact = int | Decimal | Fraction


def net_of_vat(gross: int, vat_percent: Exact) -> int:
    """Net rupiah of a gross amount: 11,100,000 with an effective 11 % is 10,000,000.

    `vat_percent` is the effective rate on the net price. Raises ValueError unless gross is positive and the
    rate lies between 0 and 100.
    """
    rate = _exact(vat_percent)
    if gross <= 0 or not 0 <= rate <= 100:
        raise ValueError("gross is positive and VAT lies between 0 and 100 per cent")
    return round_half_up(gross * 100 / (100 + rate))


def rupiah_of(amount: Exact, rate: Exact) -> int:
    """Rupiah of a foreign amount at the stated rate: USD 250.00 at 16,412.50 is 4,103,125."""
    exact_amount, exact_rate = _exact(amount), _exact(rate)
    if exact_amount <= 0 or exact_rate <= 0:
        raise ValueError("amount and exchange rate are positive")
    return round_half_up(exact_amount * exact_rate)


class CoretaxLine(NamedTuple):
    """The three amounts of a line of a Coretax tax invoice, as written there."""

    tax_base: Decimal
    other_tax_base: Decimal
    vat: Decimal

    @property
    def net(self) -> int:
        """The price without VAT is `TaxBase`.

        `OtherTaxBase` is the 11/12 figure on which the 12 % is reckoned, not what the hotel paid, so it
        never counts.
        """
        return round_half_up(_exact(self.tax_base))


def _exact(value: Exact) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, Exact):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"an amount is exact, not {type(value).__name__}")
    return Fraction(value)
