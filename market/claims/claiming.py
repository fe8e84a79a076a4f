"""What a hotel must have stated and proved before it may claim: pure rules over figures that are read elsewhere.

The claim's window, the tie between its purchases and its books, and the list of checks that the hotel sees
before it submits. A check that is BAD keeps the claim back; a WARNING is shown to officers and does not.
What may be wrong with single purchases is looked at by the flags, after submission.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final, NamedTuple

from market.claims.periods import Period
from market.claims.rule_versions import RuleVersion
from market.values.dates import local_day, local_instant

# Purchases and books may differ by at most this part of the books without an explanation.
TOLERANCE: Final = Fraction(2, 100)
MOST_RUPIAH: Final = 10**15


class DocumentKind(StrEnum):
    """What an uploaded document proves."""

    COMPLIANCE = "compliance"  # the tax office's letter on 24 months of payment
    TAX_RETURN = "tax_return"  # the period's tax return with its principal
    BOOKS = "books"  # the page of the books with the period's purchases
    OTHER = "other"


class Arrears(StrEnum):
    NONE = "none"
    IN_INSTALMENTS = "in_instalments"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Stated:
    """What the hotel states in a draft. Amounts are whole rupiah, None while not stated.

    `explained` holds, by category that the rule excludes, what the books contain and the ledger does not.
    """

    total: int | None = None
    explained: Mapping[str, int] = field(default_factory=dict[str, int])
    difference_note: str = ""
    tax_principal: int | None = None
    compliant: bool | None = None
    compliance_note: str = ""
    arrears: Arrears | None = None
    arrears_note: str = ""
    late_note: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the purchase ledger says of the period; every amount is net of credit notes.

    `bought` is everything entered, in scope or not. `late` counts lines entered later after their invoice than
    the rule allows without a word.
    """

    line_count: int
    bought: int
    not_evidenced: int
    not_confirmed: int
    late: int
    papers_waiting: int
    unknown_category: str = ""


class Tie(NamedTuple):
    """The books against the ledger: what the books have more (or, below zero, less) and nobody explained."""

    stated: int
    bought: int
    explained: int
    unexplained: int

    @property
    def within(self) -> bool:
        """Whether the difference is at most the tolerated part of the books, compared exactly."""
        return self.stated > 0 and abs(self.unexplained) <= TOLERANCE * self.stated

    @property
    def bp(self) -> int:
        """The difference in basis points of the books, any part of one counted as a whole one."""
        return -(-abs(self.unexplained) * 10_000 // self.stated) if self.stated else 0


class Check(StrEnum):
    """What is looked at before submission, in the order in which it is shown."""

    WINDOW = "window"
    LINES = "lines"
    CATEGORIES = "categories"
    BOOKS = "books"
    TAX = "tax"
    COMPLIANCE = "compliance"
    ARREARS = "arrears"
    LATE = "late"
    EVIDENCE = "evidence"
    CONFIRMATIONS = "confirmations"


class Verdict(StrEnum):
    OK = "ok"
    WARNING = "warn"
    BAD = "bad"


class Checked(NamedTuple):
    """One line of the checklist. `facts` are for its words."""

    check: Check
    verdict: Verdict
    facts: dict[str, Any]


class Window(NamedTuple):
    """The days on which a period may be claimed, both included."""

    opens: date
    closes: date

    def holds(self, now: datetime) -> bool:
        """Whether the instant lies inside, by the wall clock of the programme."""
        return self.opens <= local_day(now) <= self.closes

    def is_over(self, now: datetime) -> bool:
        return local_day(now) > self.closes


def window(rule: RuleVersion, period: Period) -> Window:
    """From the day after the month on, for as many days as the rule gives."""
    return Window(
        period.last_day + timedelta(days=1), period.last_day + timedelta(days=rule.claim_window_days)
    )


def late_from(rule: RuleVersion, invoice_at: datetime) -> datetime:
    """The first instant at which entering a purchase is late: the rule's days after its invoice's day are over."""
    return local_instant(local_day(invoice_at) + timedelta(days=rule.late_entry_days + 1))


def tie(stated: Stated, ledger: Ledger) -> Tie:
    """The books less everything that is entered or explained."""
    total, explained = stated.total or 0, sum(stated.explained.values())
    return Tie(total, ledger.bought, explained, total - ledger.bought - explained)


def checks(
    rule: RuleVersion,
    period: Period,
    stated: Stated,
    ledger: Ledger,
    documents: Iterable[DocumentKind],
    *,
    now: datetime,
    correction: bool = False,
) -> tuple[Checked, ...]:
    """Everything about a claim that can be told before officers see it, all at once.

    A correction has no window of its own: adjustments come when they come.
    """
    proofs = frozenset(documents)
    return (
        *(() if correction else (_window(rule, period, now),)),
        _one(Check.LINES, ledger.line_count > 0, count=ledger.line_count),
        _one(Check.CATEGORIES, not ledger.unknown_category, name=ledger.unknown_category),
        _books(stated, ledger, proofs),
        _tax(stated, proofs),
        _compliance(stated, proofs),
        _arrears(stated),
        _one(Check.LATE, not ledger.late or bool(stated.late_note.strip()), count=ledger.late),
        _soft(
            Check.EVIDENCE,
            not ledger.not_evidenced and not ledger.papers_waiting,
            count=ledger.not_evidenced,
            waiting=ledger.papers_waiting,
        ),
        _soft(Check.CONFIRMATIONS, not ledger.not_confirmed, count=ledger.not_confirmed),
    )


def stands_in_the_way(found: Iterable[Checked]) -> tuple[Checked, ...]:
    """The checks that keep the claim back."""
    return tuple(one for one in found if one.verdict is Verdict.BAD)


def _window(rule: RuleVersion, period: Period, now: datetime) -> Checked:
    days = window(rule, period)
    facts = {"opens": days.opens, "closes": days.closes, "over": days.is_over(now)}
    return Checked(Check.WINDOW, Verdict.OK if days.holds(now) else Verdict.BAD, facts)


def _books(stated: Stated, ledger: Ledger, proofs: frozenset[DocumentKind]) -> Checked:
    found = tie(stated, ledger)
    facts = {"tie": found, "stated": stated.total is not None, "proved": DocumentKind.BOOKS in proofs}
    if stated.total is None or not found.within:
        return Checked(Check.BOOKS, Verdict.BAD, facts)
    fine = found.unexplained == 0 or bool(stated.difference_note.strip())
    return Checked(
        Check.BOOKS, Verdict.OK if fine and DocumentKind.BOOKS in proofs else Verdict.WARNING, facts
    )


def _tax(stated: Stated, proofs: frozenset[DocumentKind]) -> Checked:
    facts = {"principal": stated.tax_principal, "proved": DocumentKind.TAX_RETURN in proofs}
    if not stated.tax_principal:
        return Checked(Check.TAX, Verdict.BAD, facts)
    return Checked(Check.TAX, Verdict.OK if DocumentKind.TAX_RETURN in proofs else Verdict.WARNING, facts)


def _compliance(stated: Stated, proofs: frozenset[DocumentKind]) -> Checked:
    """Compliance is weighed by officers, so a no is no obstacle; saying nothing, or proving nothing, is."""
    facts = {"stated": stated.compliant, "proved": DocumentKind.COMPLIANCE in proofs}
    said = stated.compliant is True or (stated.compliant is False and bool(stated.compliance_note.strip()))
    if not said or DocumentKind.COMPLIANCE not in proofs:
        return Checked(Check.COMPLIANCE, Verdict.BAD, facts)
    return Checked(Check.COMPLIANCE, Verdict.OK if stated.compliant else Verdict.WARNING, facts)


def _arrears(stated: Stated) -> Checked:
    facts = {"stated": stated.arrears}
    if stated.arrears is None or (stated.arrears is not Arrears.NONE and not stated.arrears_note.strip()):
        return Checked(Check.ARREARS, Verdict.BAD, facts)
    return Checked(Check.ARREARS, Verdict.OK if stated.arrears is Arrears.NONE else Verdict.WARNING, facts)


def _one(check: Check, passed: bool, **facts: Any) -> Checked:
    return Checked(check, Verdict.OK if passed else Verdict.BAD, facts)


def _soft(check: Check, passed: bool, **facts: Any) -> Checked:
    return Checked(check, Verdict.OK if passed else Verdict.WARNING, facts)
