"""The rows that the rules look at, and what a rule finds. Reading them is `market.claims.flag_reading`.

A finding never rejects anything: it names two figures and the records to look at side by side, and somebody
resolves it. Figures are exact; `Figure` says how a page writes one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Final, Literal, NamedTuple

from market.claims.rule_versions import RuleVersion
from market.claims.snapshot import FrozenLine
from market.values.periods import Period

Kind = Literal["money", "number", "percent", "days", "date", "text", "milli", "unit"]
# A share is written in hundredths of a per cent, cut off, so that no figure looks larger than it is.
_BASIS: Final = 10_000


class Figure(NamedTuple):
    """A number (or a day, or words) and how a page writes it."""

    kind: Kind
    value: int | str

    def as_json(self) -> list[Any]:
        return [self.kind, self.value]


def money(amount: int) -> Figure:
    return Figure("money", amount)


def number(count: int) -> Figure:
    return Figure("number", count)


def percent(share: Fraction) -> Figure:
    """A share, in whole basis points."""
    return Figure("percent", int(share * _BASIS))


def days(count: int) -> Figure:
    return Figure("days", count)


def words(text: str) -> Figure:
    return Figure("text", text)


def milli(quantity: int) -> Figure:
    """A quantity in thousandths."""
    return Figure("milli", quantity)


def unit(code: str) -> Figure:
    """A unit of the directory, by its code."""
    return Figure("unit", code)


class Document(NamedTuple):
    """A purchase document. `asked_at` is when its supplier was first asked; `adjusted_at` when it joined or left
    a month that was submitted already.
    """

    id: int
    reference: str
    hotel_id: int
    seller_key: str
    seller_name: str
    seller_npwp: str
    number: str
    number_key: str
    paper: str
    credit_note: bool
    net_minor: int
    invoice_on: date
    entered_at: datetime
    confirmation: str = "none"
    confirmed_net_minor: int | None = None
    asked_at: datetime | None = None
    adjusted_at: datetime | None = None


class Likeness(NamedTuple):
    """Two pictures that look alike, and how many of 256 bits differ. The first one is the claim's."""

    evidence_id: int
    document_id: int
    other_id: int
    other_document_id: int
    distance: int


class Demand(NamedTuple):
    """What all hotels together logged of one product in the month, and what its supplier can deliver then."""

    product_id: int
    product: str
    supplier: str
    unit: str
    quantity_milli: int
    capacity: int
    document_ids: tuple[int, ...]


class Trade(NamedTuple):
    """A purchase between two parties who both buy: who paid whom, when, how much."""

    document_id: int
    buyer: str
    seller: str
    invoice_on: date
    net_minor: int


class Priced(NamedTuple):
    """A line of anybody in the month with its goods and unit price as an exact fraction of a rupiah."""

    goods: str
    line_id: int
    document_id: int
    name: str
    unit_price: Fraction
    own: bool


class Party(NamedTuple):
    """A hotel, supplier or officer with what identifies it: (kind, keyed hash or id); and where it says it is."""

    role: Literal["hotel", "supplier", "officer"]
    key: str
    name: str
    marks: frozenset[tuple[str, str]]
    document_id: int | None = None
    street: str = ""
    area_code: str = ""


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """Everything the rules look at for one claim, read once."""

    rule: RuleVersion
    period: Period
    hotel_id: int
    submitted_at: datetime
    lines: Sequence[FrozenLine] = ()
    documents: Sequence[Document] = ()
    neighbours: Sequence[Document] = ()
    same_numbers: Sequence[tuple[Document, Document]] = ()
    likenesses: Sequence[Likeness] = ()
    demands: Sequence[Demand] = ()
    trades: Sequence[Trade] = ()
    party: str = ""
    peer_round_shares: Sequence[Fraction] = ()
    prices: Sequence[Priced] = ()
    parties: Sequence[Party] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at. `sentence` picks the rule's wording, `found` and `expected` are the two figures."""

    rule: str
    version: int
    subject: str
    sentence: str
    found: Figure
    expected: Figure
    documents: tuple[int, ...]
    evidence: tuple[int, ...] = ()
    line_id: int | None = None
    more: Mapping[str, Figure] = field(default_factory=dict[str, Figure])


Findings = Iterator[Finding]
