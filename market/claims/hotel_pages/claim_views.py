"""The rows of a hotel's claim pages, made of what `claiming_queries` read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from market.claims import claiming_history as history
from market.claims import claiming_queries as queries
from market.claims.hotel_pages import claim_words as words
from market.claims.hotel_pages.words import category
from market.claims.states import LABELS, TAGS, State
from market.i18n import formats
from market.i18n.messages import translate
from market.values.share import Share
from market.values.text import Text, lazy
from market.web import urls


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """A claim in the list."""

    href: str
    month: str
    reference: str
    correction: bool
    tag: tuple[str, str]
    share: str
    award: str


@dataclass(frozen=True, slots=True)
class DocumentView:
    reference: str
    kind: str
    filename: str
    size: str
    href: str


@dataclass(frozen=True, slots=True)
class StepView:
    """An entry of `ui/log.html`; `entry` is its position in the public log, or ""."""

    when: str
    text: str
    who: str


@dataclass(frozen=True, slots=True)
class QuestionView:
    reference: str
    question: str
    asked: str
    due: str
    late: bool
    open: bool
    answer: str
    answered: str


@dataclass(frozen=True, slots=True)
class DecisionView:
    when: str
    title: str
    note: str
    award: str


@dataclass(frozen=True, slots=True)
class ResultLine:
    """A frozen line with its verdict."""

    number: str
    document: str
    seller: str
    description: str
    category: str
    origin: str
    net: str
    tag: tuple[str, str]
    why: str
    counted: str


_DECISIONS: dict[tuple[str, str], Text] = {
    ("verify", "award"): lazy("The first officer proposes an award"),
    ("verify", "reject"): lazy("The first officer proposes to reject the claim"),
    ("approve", "award"): lazy("The second officer approved an award"),
    ("approve", "reject"): lazy("The second officer rejected the claim"),
    ("approve", "send_back"): lazy("The second officer sent the claim back"),
    ("audit", "award"): lazy("The audit confirmed the award"),
    ("audit", "send_back"): lazy("The audit sent the claim back"),
    ("objection", "award"): lazy("The reviewer awards"),
    ("objection", "reject"): lazy("The reviewer rejected the objection"),
}


def percent(written: str, locale: str) -> str:
    """A stored share as it is shown; "–" where there is none."""
    return formats.share(Share.parse(written), locale) if written else "–"


def money(amount: int | None, locale: str) -> str:
    return "–" if amount is None else formats.money(amount, locale)


def line(row: queries.ClaimRow, locale: str) -> ClaimLine:
    """A claim in the list, with the decided figures where there are any."""
    award = row.decided_award_minor if row.decided_award_minor is not None else row.award_minor
    return ClaimLine(
        href=urls.path("claims:hotel_claim", locale=locale, reference=row.reference),
        month=formats.month(row.period.first_day, locale),
        reference=row.reference,
        correction=row.is_correction,
        tag=tag(row.state, locale),
        share=percent(row.decided_share or row.share, locale),
        award=money(award, locale),
    )


def tag(state: State, locale: str) -> tuple[str, str]:
    return TAGS[state], translate(LABELS[state], locale)


def documents(row: queries.ClaimRow, locale: str) -> list[DocumentView]:
    """The documents a claim keeps, in the order they came."""
    return [
        DocumentView(
            one.reference,
            translate(words.DOCUMENTS[one.kind], locale),
            one.filename,
            _size(one.byte_count, locale),
            urls.path(
                "claims:hotel_document", locale=locale, reference=row.reference, document=one.reference
            ),
        )
        for one in row.documents
    ]


def _size(count: int, locale: str) -> str:
    kilo = max(1, round(count / 1024))
    return f"{formats.number(kilo, locale)} KB"


def steps(rows: Sequence[history.EventRow], locale: str) -> list[StepView]:
    """What happened, newest first. Officers are not named."""
    views: list[StepView] = []
    for row in reversed(rows):
        said = words.EVENTS.get(row.name) or LABELS[row.to_state]
        entry = lazy("entry %(number)s of the public log", number=row.log_index)
        views.append(
            StepView(
                formats.instant(row.at, locale),
                translate(said, locale),
                translate(entry, locale) if row.log_index is not None else "",
            )
        )
    return views


def questions(rows: Sequence[history.QuestionRow], now: datetime, locale: str) -> list[QuestionView]:
    """Officers' questions, those that wait for an answer first."""
    ordered = sorted(rows, key=lambda row: not row.open)
    return [
        QuestionView(
            reference=row.reference,
            question=row.question,
            asked=formats.instant(row.asked_at, locale),
            due=formats.instant(row.due_at, locale),
            late=row.open and row.due_at < now,
            open=row.open,
            answer=row.answer,
            answered=formats.instant(row.answered_at, locale) if row.answered_at else "",
        )
        for row in ordered
    ]


def decisions(rows: Sequence[history.DecisionRow], locale: str) -> list[DecisionView]:
    """Decisions on the whole claim that stand."""
    return [
        DecisionView(
            formats.instant(row.decided_at, locale),
            translate(_DECISIONS.get((row.kind, row.outcome), lazy("Decision")), locale),
            row.note,
            money(row.award_minor, locale) if row.outcome == "award" else "",
        )
        for row in rows
    ]


def result_line(row: history.LineResult, reasons: dict[str, Text], locale: str) -> ResultLine:
    """A line with what officers decided; `reasons` are the words of the coded reasons."""
    kind, said = words.VERDICTS[row.verdict]
    reason = reasons.get(row.reason)
    why = ". ".join(part for part in (translate(reason, locale) if reason else "", row.note) if part)
    sign = "−" if row.credit_note else ""
    return ResultLine(
        number=formats.number(row.position, locale),
        document=row.document,
        seller=row.seller,
        description=row.description,
        category=category(row.category, locale),
        origin=row.origin.value,
        net=sign + formats.money(row.net, locale),
        tag=(kind, translate(said, locale)),
        why=why,
        counted=formats.money(row.decided_net, locale) if row.decided_net is not None else "",
    )
