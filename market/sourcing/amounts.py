"""From what stands on a paper to whole rupiah: written numbers read, VAT taken out, foreign money converted.

Pure and exact. Each value is rounded half up once, at the end; net and VAT always add up to the rounded gross.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from market.values.money import IDR, round_half_up

MOST_MINOR: Final = 10**13
MOST_DIGITS: Final = 18
_SPACES: Final = re.compile(r"[\s\u00a0\u202f']+")
_PREFIX: Final = re.compile(r"^(rp\.?|idr|[a-z]{3})\s*", re.IGNORECASE)
_SUFFIX: Final = re.compile(r",-$")
_PLAIN: Final = re.compile(r"[0-9]+")
_GROUPED: Final = re.compile(r"[0-9]{1,3}(?:([.,])[0-9]{3})(?:\1[0-9]{3})*")


class Unreadable(ValueError):
    """Not a number, or one that two people would read differently."""


@dataclass(frozen=True, slots=True)
class Value:
    """A line in whole rupiah."""

    net_minor: int
    vat_minor: int

    @property
    def gross_minor(self) -> int:
        return self.net_minor + self.vat_minor


def read(written: str, *, currency: str = IDR) -> Decimal:
    """The number somebody wrote: `1.250.000,50`, `1,250,000.50`, `Rp 45.000,-` or `2400000`.

    A single separator with three digits behind it groups thousands in rupiah (nobody pays half a rupiah), and is
    a decimal mark in any other currency only when the digits are not three. Raises Unreadable.
    """
    plain = _SUFFIX.sub("", _PREFIX.sub("", written.strip()))
    plain = _SPACES.sub("", plain)
    if not plain.isascii() or len(plain) > MOST_DIGITS + 8:
        raise Unreadable(written)
    if _PLAIN.fullmatch(plain) or _GROUPED.fullmatch(plain):
        return Decimal(re.sub(r"[.,]", "", plain))
    match = re.fullmatch(r"([0-9.,]*[0-9])([.,])([0-9]{1,6})", plain)
    if match is None:
        raise Unreadable(written)
    whole, mark, part = match[1], match[2], match[3]
    other = "," if mark == "." else "."
    if mark in whole or (other in whole and not re.fullmatch(rf"[0-9]{{1,3}}(\{other}[0-9]{{3}})+", whole)):
        raise Unreadable(written)
    return Decimal(f"{whole.replace(other, '')}.{part}")


def value_of(amount: Decimal, *, vat_percent: Decimal, includes_vat: bool, rate: Decimal) -> Value:
    """A line's net and VAT in rupiah from the amount on the paper, in its currency, at the stated rate.

    11,100,000 with 11 % included is 10,000,000 and 1,100,000; USD 250.00 at 16,412.50 is 4,103,125.
    Raises ValueError unless amount and rate are positive and VAT lies between 0 and 100.
    """
    if amount <= 0 or rate <= 0 or not 0 <= vat_percent <= 100:
        raise ValueError("amount and rate are positive and VAT lies between 0 and 100 per cent")
    stated, percent = Fraction(amount) * Fraction(rate), Fraction(vat_percent)
    if includes_vat:
        gross = round_half_up(stated)
        net = round_half_up(stated * 100 / (100 + percent))
        return Value(net, gross - net)
    return Value(round_half_up(stated), round_half_up(stated * percent / 100))


def plain(number: Decimal) -> str:
    """A number as it is stored: no grouping, no exponent, no zeros behind the point that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
