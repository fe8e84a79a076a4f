"""What a hotel reads on its local share besides the assessment: sellers, places, what waits, the months before.

Pure sums over the same groups the assessment is made of, so that every part adds up to it. Reading the groups
is `ledger_reading`, words and drawing are `dashboard_pages` and `dashboard_plot`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from market.claims.assessment import Assessment
from market.claims.lines import LineGroup, Origin
from market.claims.periods import Period
from market.claims.rule_versions import RuleVersion
from market.values.share import Share

_DIRECTORY = "s:"


@dataclass(frozen=True, slots=True)
class SellerTotal:
    """One seller's part of a period in rupiah: bought, local before the cap, and what of it counts."""

    key: str
    bought: int
    local: Fraction
    counted: Fraction

    @property
    def capped(self) -> bool:
        return self.counted < self.local

    @property
    def supplier_id(self) -> int | None:
        """The supplier of the directory; None for a seller known by a name or tax number only."""
        return supplier_id_of(self.key)


@dataclass(frozen=True, slots=True)
class PlaceTotal:
    """What was bought from suppliers of one kecamatan ("" where the seller's place is not known)."""

    area_code: str
    sellers: int
    bought: int
    counted: Fraction


class Lack(StrEnum):
    """What somebody could still do so that a purchase counts."""

    EVIDENCE = "evidence"  # add the paper
    CONFIRMATION = "confirmation"  # the supplier's word is missing
    ORIGIN = "origin"  # a supplier of the directory, but goods of class X or not judged yet
    SUPPLIER = "supplier"  # the seller is not linked to the directory, so no origin can be known


@dataclass(frozen=True, slots=True)
class ToDo:
    """Purchases that lack something. `would_count` is what they add once nothing else is wrong with them."""

    lack: Lack
    line_count: int
    net: int
    would_count: Fraction


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the trend. `share` is None where nothing was bought or no rule was in force."""

    period: Period
    share: Share | None
    denominator: int


def supplier_id_of(key: str) -> int | None:
    """The supplier that a seller's key names, if it names one of the directory."""
    number = key.removeprefix(_DIRECTORY)
    return int(number) if key.startswith(_DIRECTORY) and number.isdecimal() else None


def seller_totals(
    rule: RuleVersion, groups: Iterable[LineGroup], found: Assessment
) -> tuple[SellerTotal, ...]:
    """Every seller of in-scope purchases, the one from whom most was bought first."""
    bought: defaultdict[str, int] = defaultdict(int)
    for group in groups:
        if group.category in rule.in_scope_categories:
            bought[str(group.supplier)] += _signed(group)
    local = {str(total.supplier): total for total in found.suppliers}
    totals = [SellerTotal(key, net, local[key].uncapped, local[key].counted) for key, net in bought.items()]
    return tuple(sorted(totals, key=lambda total: (-total.bought, total.key)))


def place_totals(sellers: Iterable[SellerTotal], area_of: Mapping[int, str]) -> tuple[PlaceTotal, ...]:
    """Purchases by the kecamatan of the supplier, most local value first; unknown places last.

    `area_of` gives suppliers' area codes, of whatever level.
    """
    sums: dict[str, list[SellerTotal]] = defaultdict(list)
    for seller in sellers:
        number = seller.supplier_id
        code = area_of.get(number, "") if number is not None else ""
        sums[".".join(code.split(".")[:3])].append(seller)
    totals = [
        PlaceTotal(
            code,
            len(those),
            sum(seller.bought for seller in those),
            sum((seller.counted for seller in those), Fraction(0)),
        )
        for code, those in sums.items()
    ]
    return tuple(sorted(totals, key=lambda t: (not t.area_code, -t.counted, -t.bought, t.area_code)))


def to_do(rule: RuleVersion, groups: Sequence[LineGroup]) -> tuple[ToDo, ...]:
    """What is missing on the purchases in scope, in the order in which it is worth doing.

    Credit notes are left aside: proving one lowers the local value. A purchase may lack several things, and
    then stands under each of them.
    """
    sums: dict[Lack, list[LineGroup]] = {lack: [] for lack in Lack}
    for group in groups:
        if group.credit_note or group.related or group.category not in rule.in_scope_categories:
            continue
        if supplier_id_of(str(group.supplier)) is None:
            sums[Lack.SUPPLIER].append(group)
        elif group.origin is Origin.X:
            sums[Lack.ORIGIN].append(group)
        elif rule.weight(group.origin):
            if not group.evidenced:
                sums[Lack.EVIDENCE].append(group)
            if not (group.confirmed or group.waived):
                sums[Lack.CONFIRMATION].append(group)
    return tuple(
        ToDo(
            lack,
            sum(group.line_count for group in those),
            sum(group.net for group in those),
            sum((rule.weight(group.origin) * group.net for group in those), Fraction(0)),
        )
        for lack, those in sums.items()
        if those
    )


def _signed(group: LineGroup) -> int:
    return -group.net if group.credit_note else group.net


def months_before(last: Period, count: int) -> tuple[Period, ...]:
    """`count` months in order, ending with `last`."""
    index = last.year * 12 + last.month - 1
    return tuple(Period(at // 12, at % 12 + 1) for at in range(index - count + 1, index + 1))
