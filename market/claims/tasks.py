"""The named tasks of checking a claim: what the machine looks at, and what an officer looks at by hand.

A new check is a member here, its words, and (when automatic) a function. Results are kept with two figures where
there are two. Flags on single purchases are `flags`; this is about the claim as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from market.claims import claiming, snapshot
from market.claims.assessment import Assessment
from market.claims.flags.facts import Figure, days, money, number, percent
from market.claims.rule_versions import RuleVersion
from market.claims.snapshot import FrozenLine
from market.values.dates import local_day
from market.values.periods import Period
from market.values.text import Text, lazy


class Task(StrEnum):
    SNAPSHOT = "snapshot"
    SUMS = "sums"
    BOOKS = "books"
    WINDOW = "window"
    SUPPLIERS = "suppliers"
    CONFIRMED = "confirmed"
    TAX_PRINCIPAL = "tax_principal"
    COMPLIANCE = "compliance"
    DOCUMENTS = "documents"


class TaskState(StrEnum):
    OPEN = "open"
    PASSED = "passed"
    ATTENTION = "attention"
    FAILED = "failed"


BY_HAND: Final = (Task.TAX_PRINCIPAL, Task.COMPLIANCE, Task.DOCUMENTS)
TITLES: Final[dict[Task, Text]] = {
    Task.SNAPSHOT: lazy("Nothing changed since submission"),
    Task.SUMS: lazy("The sums are right"),
    Task.BOOKS: lazy("Purchases tie to the hotel's books"),
    Task.WINDOW: lazy("Claimed in time"),
    Task.SUPPLIERS: lazy("Suppliers are in the directory"),
    Task.CONFIRMED: lazy("Evidenced and confirmed"),
    Task.TAX_PRINCIPAL: lazy("The tax principal is the one in the tax register"),
    Task.COMPLIANCE: lazy("The hotel paid its taxes in the last 24 months"),
    Task.DOCUMENTS: lazy("The documents say what the hotel states"),
}
WORDS: Final[dict[Task, Text]] = {
    Task.SNAPSHOT: lazy("%(lines)s lines; their hash is the one in the public log."),
    Task.SUMS: lazy("Reckoned again from the lines: %(found)s; the claim says %(expected)s."),
    Task.BOOKS: lazy(
        "Not explained: %(found)s of %(books)s in the books; up to %(expected)s is left without questions."
    ),
    Task.WINDOW: lazy("Submitted %(found)s after the month; the rule gives %(expected)s."),
    Task.SUPPLIERS: lazy("%(found)s of %(expected)s sellers are known with place and products."),
    Task.CONFIRMED: lazy("%(found)s of %(expected)s lines carry their paper and the supplier's yes."),
    Task.TAX_PRINCIPAL: lazy("The hotel states %(stated)s. Compare it with the register."),
    Task.COMPLIANCE: lazy("Look at the payments of the last 24 months."),
    Task.DOCUMENTS: lazy("Open each document of the claim: %(documents)s."),
}


@dataclass(frozen=True, slots=True)
class Result:
    """What a task found."""

    task: Task
    state: TaskState
    figures: Mapping[str, Figure] = field(default_factory=dict[str, Figure])

    def as_json(self) -> dict[str, list[Any]]:
        return {name: figure.as_json() for name, figure in self.figures.items()}


@dataclass(frozen=True, slots=True)
class Subject:
    """What the automatic tasks look at."""

    rule: RuleVersion
    period: Period
    lines: Sequence[FrozenLine]
    assessed: Assessment
    snapshot_sha256: str
    award: int
    denominator: int
    stated_total: int
    explained: int
    tax_principal: int
    document_count: int
    submitted_at: datetime


def automatic(subject: Subject) -> list[Result]:
    """Every automatic task's result, in the order in which they are shown."""
    return [
        _snapshot(subject),
        _sums(subject),
        _books(subject),
        _window(subject),
        _suppliers(subject),
        _confirmed(subject),
    ]


def by_hand(subject: Subject) -> list[Result]:
    """The tasks that wait for an officer."""
    return [
        Result(Task.TAX_PRINCIPAL, TaskState.OPEN, {"stated": money(subject.tax_principal)}),
        Result(Task.COMPLIANCE, TaskState.OPEN),
        Result(Task.DOCUMENTS, TaskState.OPEN, {"documents": number(subject.document_count)}),
    ]


def _judged(good: bool, bad: TaskState = TaskState.ATTENTION) -> TaskState:
    return TaskState.PASSED if good else bad


def _snapshot(subject: Subject) -> Result:
    same = snapshot.digest(subject.lines) == subject.snapshot_sha256
    return Result(Task.SNAPSHOT, _judged(same, TaskState.FAILED), {"lines": number(len(subject.lines))})


def _sums(subject: Subject) -> Result:
    found = subject.assessed
    same = found.denominator == subject.denominator and found.award.amount == subject.award
    return Result(
        Task.SUMS,
        _judged(same, TaskState.FAILED),
        {"found": money(found.award.amount), "expected": money(subject.award)},
    )


def _books(subject: Subject) -> Result:
    bought = sum(-line.net_minor if line.credit_note else line.net_minor for line in subject.lines)
    left = subject.stated_total - bought - subject.explained
    tie = claiming.Tie(subject.stated_total, bought, subject.explained, left)
    tolerated = claiming.TOLERANCE * subject.stated_total
    return Result(
        Task.BOOKS,
        _judged(tie.within),
        {"found": money(left), "books": money(subject.stated_total), "expected": money(int(tolerated))},
    )


def _window(subject: Subject) -> Result:
    late = (local_day(subject.submitted_at) - subject.period.last_day).days
    term = subject.rule.claim_window_days
    return Result(Task.WINDOW, _judged(late <= term), {"found": days(late), "expected": days(term)})


def _suppliers(subject: Subject) -> Result:
    sellers = {line.seller_key: line.supplier_id for line in subject.lines}
    known = sum(supplier is not None for supplier in sellers.values())
    return Result(
        Task.SUPPLIERS,
        _judged(known == len(sellers)),
        {"found": number(known), "expected": number(len(sellers))},
    )


def _confirmed(subject: Subject) -> Result:
    good = sum(line.evidenced and line.confirmed for line in subject.lines)
    share = Fraction(good, len(subject.lines)) if subject.lines else Fraction(1)
    return Result(
        Task.CONFIRMED,
        _judged(good == len(subject.lines)),
        {"found": number(good), "expected": number(len(subject.lines)), "share": percent(share)},
    )
