"""Numbers the Indonesian state gives to people, businesses and invoices: their shape, never their owner.

Pure. Each function takes what somebody typed (dots, dashes and spaces are dropped) and gives the stored form,
perhaps with a warning; what cannot be such a number raises `WrongIdentifier`. That a number is well formed does
not mean that it was given to anyone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from market.errors import Invalid
from market.values.text import Text, lazy

# From this day on tax invoices carry 17 digits (Coretax); before it 16.
LONG_INVOICES_FROM: Final = date(2025, 1, 1)
_FILLING: Final = re.compile(r"[\s.\-/]+")
_WOMEN: Final = 40


class WrongIdentifier(Invalid):
    """What was typed cannot be such a number; `message` says why."""

    code = "wrong_identifier"


@dataclass(frozen=True, slots=True)
class Checked:
    """A number as it is stored, and what a person should look at again."""

    value: str
    warning: Text | None = None


@dataclass(frozen=True, slots=True)
class Nik:
    """What a NIK tells: where it was *issued* (not where its owner lives), and day, month and two-digit year of
    birth. `woman` is what the number says: the day has 40 added for women.
    """

    value: str
    issued_in: str
    day: int
    month: int
    year: int
    woman: bool


def _digits(written: str, lengths: frozenset[int], message: Text) -> str:
    digits = _FILLING.sub("", written)
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in lengths:
        raise WrongIdentifier(message=message)
    return digits


def npwp(written: str) -> Checked:
    """A taxpayer number of 15 or 16 digits, stored as 16.

    15 digits carry a check digit (Luhn over the first nine) and get a 0 in front; so do 16 that begin with 0.
    Sixteen digits that do not begin with 0 have no check digit, so they only get a warning.
    """
    digits = _digits(written, frozenset({15, 16}), lazy("An NPWP has 15 or 16 digits."))
    if len(digits) == 16 and digits[0] != "0":
        return Checked(digits, lazy("We cannot check this 16-digit NPWP. Please compare it with the card."))
    old = digits[-15:]
    if not luhn(old[:9]) or not old.strip("0"):
        raise WrongIdentifier(
            message=lazy("The check digit of this NPWP is wrong. Please compare it with the card.")
        )
    return Checked(f"0{old}")


def luhn(digits: str) -> bool:
    """Whether the last digit is the Luhn check digit of those before it."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def nik(written: str) -> Nik:
    """A resident's number: six digits of the place of issue, the day of birth (plus 40 for women), a serial."""
    digits = _digits(written, frozenset({16}), lazy("A NIK has 16 digits."))
    place, serial = digits[:6], digits[12:]
    day, month, year = int(digits[6:8]), int(digits[8:10]), int(digits[10:12])
    woman = day > _WOMEN
    day -= _WOMEN if woman else 0
    # The century is not written: a day that exists in either one is good.
    if not (_is_day(1900 + year, month, day) or _is_day(2000 + year, month, day)):
        raise WrongIdentifier(message=lazy("The date of birth inside this NIK does not exist."))
    if int(place[:2]) < 11 or place[2:4] == "00" or place[4:] == "00" or serial == "0000":
        raise WrongIdentifier(message=lazy("This cannot be a NIK. Please compare it with the card."))
    return Nik(digits, place, day, month, year, woman)


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def nib(written: str) -> Checked:
    """A business registration number: 13 digits, without a check digit."""
    return Checked(_digits(written, frozenset({13}), lazy("A NIB has 13 digits.")))


def nitku(written: str) -> Checked:
    """A place of business: the 16-digit NPWP of its owner and six digits for the place (000000: head office)."""
    digits = _digits(
        written, frozenset({22}), lazy("A NITKU has 22 digits: the 16 of the NPWP and six more.")
    )
    owner = npwp(digits[:16])
    return Checked(owner.value + digits[16:], owner.warning)


def tax_invoice(written: str, issued_on: date | None = None) -> Checked:
    """A tax invoice's number: 17 digits since 2025, 16 before; either one when the day is not known."""
    if issued_on is None:
        lengths, message = frozenset({16, 17}), lazy("A tax invoice number has 17 digits, or 16 before 2025.")
    elif issued_on >= LONG_INVOICES_FROM:
        lengths, message = frozenset({17}), lazy("A tax invoice of this day has a number of 17 digits.")
    else:
        lengths, message = frozenset({16}), lazy("A tax invoice of before 2025 has a number of 16 digits.")
    digits = _digits(written, lengths, message)
    # The first two digits say what kind of transaction it was, and 00 is none.
    if digits.startswith("00"):
        raise WrongIdentifier(message=lazy("A tax invoice number does not begin with 00."))
    return Checked(digits)
