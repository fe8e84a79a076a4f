"""What the calculation reads: one purchase line, and why a line may be listed as excluded.

Lines come from the purchase ledger or from a file; both build the same `Line`. How a line's rupiah value is
found from gross amounts, foreign money or an e-invoice lives in `line_values`.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

# A ledger uses numbers, a file may use any text; the calculation only compares them.
Name = str | int


class Origin(StrEnum):
    """Where the goods come from, decided per supplier and product (never by who sells them)."""

    A = "A"  # grown or made in the locality, more than half of the material from there
    B = "B"  # made in the locality, mostly from outside material
    C = "C"  # outside goods resold by a business of the locality
    X = "X"  # neither


class Reason(StrEnum):
    """Why a line is listed as excluded. The order is the order in which reasons are looked for."""

    OTHER_PERIOD = "other_period"  # in neither D nor N
    OUT_OF_SCOPE = "category_out_of_scope"  # in neither D nor N
    NOT_EVIDENCED = "not_evidenced"  # stays in D, leaves N
    NOT_CONFIRMED = "not_confirmed"  # stays in D, leaves N
    RELATED_PARTY = "related_party"  # stays in D, leaves N


class Line(NamedTuple):
    """One purchase or credit note. A named tuple, because a million of them pass through one assessment.

    `net` is positive whole rupiah without VAT; a credit note subtracts it. `evidenced` says that the line
    carries the paper its rule asks for at its amount; `confirmed` that the supplier said yes.
    """

    id: Name
    supplier: Name
    category: str
    origin: Origin
    invoice_at: datetime
    net: int
    credit_note: bool = False
    evidenced: bool = True
    confirmed: bool = True
    related: bool = False


class LineGroup(NamedTuple):
    """Lines of one period that an assessment cannot tell apart, added up: what a database sums by its index.

    `net` is the positive sum of their values and `line_count` how many they are. `waived` says that every one of
    them is a purchase below the amount from which the rule asks for the supplier's confirmation.
    """

    supplier: Name
    category: str
    origin: Origin
    credit_note: bool
    evidenced: bool
    confirmed: bool
    related: bool
    waived: bool
    line_count: int
    net: int


class CheckedSum(NamedTuple):
    """Purchases less credit notes of one supplier, category and origin in a period, by whether they pass the
    checks. All that a share needs; not why something was left out.
    """

    supplier: Name
    category: str
    origin: Origin
    passing: int
    failing: int


class LeftOut(NamedTuple):
    """How many lines were left out of the local value for one reason, and their value (credit notes subtract)."""

    reason: Reason
    line_count: int
    net: int


class Excluded(NamedTuple):
    """A line that was left out of the local value, and the first reason why."""

    id: Name
    reason: Reason
