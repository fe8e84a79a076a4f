"""The parts of a claim's desk as its template shows them, made of rows and words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from market.claims import draws, lots, tasks
from market.claims.claiming_history import QuestionRow
from market.claims.desk_rows import (
    DecisionRow,
    EventRow,
    FlagRow,
    LineRow,
    PaperRow,
    TaskRow,
)
from market.claims.flags import wording
from market.claims.hotel_pages.words import category
from market.claims.lots import Draw, DrawKind
from market.claims.officer_pages import words
from market.claims.sampling import Conclusion
from market.claims.steps import ClaimHead
from market.claims.tasks import TaskState
from market.claims.verifying import RESOLUTIONS
from market.i18n import formats
from market.i18n.messages import translate
from market.values.dates import local_day
from market.values.text import Text, lazy
from market.web import urls

_STATES: Final[dict[TaskState, tuple[str, str]]] = {
    TaskState.OPEN: ("", ""),
    TaskState.PASSED: ("ok", "ok"),
    TaskState.ATTENTION: ("warn", "wait"),
    TaskState.FAILED: ("bad", "bad"),
}
_MOST_PAPERS: Final = 4


@dataclass(frozen=True, slots=True)
class CheckView:
    """An item of `ui/check_list.html`; `name` is the task's, for its form."""

    name: str
    state: str
    title: str
    text: str
    tag: tuple[str, str]


@dataclass(frozen=True, slots=True)
class EvidenceView:
    preview: str
    original: str
    label: str


@dataclass(frozen=True, slots=True)
class RecordView:
    """A document or a party as one of several side by side."""

    title: str
    bill: list[tuple[str, str]]
    said: str
    evidence: list[EvidenceView]


@dataclass(frozen=True, slots=True)
class FlagView:
    id: int
    rule: str
    title: str
    sentence: str
    tag: tuple[str, str]
    resolution: str
    records: list[RecordView]
    more_papers: int


@dataclass(frozen=True, slots=True)
class LineView:
    """A line with its decision; `field` begins the names of its controls."""

    id: int
    position: str
    document: str
    seller: str
    description: str
    about: str
    value: str
    marks: list[tuple[str, str]]
    ruling: tuple[str, str]
    note: str
    options: list[tuple[str, Any]]
    evidence: list[EvidenceView]


@dataclass(frozen=True, slots=True)
class DrawView:
    """A draw with everything that repeats it."""

    title: str
    state: tuple[str, str]
    facts: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class LogView:
    """An entry of `ui/log.html`."""

    when: str
    text: str
    who: str


@dataclass(frozen=True, slots=True)
class QuestionView:
    reference: str
    question: str
    when: str
    tag: tuple[str, str]
    answer: str
    answered: str
    closable: bool


@dataclass(frozen=True, slots=True)
class DecisionView:
    title: str
    figures: str
    note: str
    reasons: str
    when: str
    undone: bool


@dataclass(frozen=True, slots=True)
class SampleView:
    rows: list[tuple[str, str]]
    tag: tuple[str, str]


def check(row: TaskRow, locale: str) -> CheckView:
    mark, kind = _STATES[row.state]
    said = words.TASK_STATES[row.state]
    shown = {name: wording.figure(value, locale) for name, value in row.figures.items()}
    text = translate(Text(tasks.WORDS[row.task].msgid, shown), locale)
    return CheckView(
        name=row.task.value,
        state=mark,
        title=translate(tasks.TITLES[row.task], locale),
        text=f"{text} {row.note}".strip(),
        tag=(kind, translate(said, locale)),
    )


def paper(row: PaperRow, claim: ClaimHead, locale: str) -> RecordView:
    """A document with what the hotel logged, what the paper is, and what the supplier said."""
    bill = [
        (translate(lazy("Hotel logged"), locale), formats.money(row.net_minor, locale)),
        (translate(lazy("Day of the paper"), locale), formats.day(row.invoice_on, locale)),
        (translate(lazy("Entered"), locale), formats.instant(row.entered_at, locale)),
        (translate(lazy("Paper"), locale), _paper_words(row, locale)),
        (translate(lazy("Supplier"), locale), _answer_words(row, locale)),
    ]
    title = f"{row.seller} · {row.reference}"
    if row.hotel_id != claim.hotel_id:
        bill.insert(0, (translate(lazy("Hotel"), locale), row.hotel))
    return RecordView(title, bill, row.said, evidence(row, claim, locale))


def _paper_words(row: PaperRow, locale: str) -> str:
    said = translate(words.PAPERS[row.paper], locale) if row.paper in words.PAPERS else row.paper
    return f"{said} {row.number}".strip()


def _answer_words(row: PaperRow, locale: str) -> str:
    said = translate(words.ANSWERS[row.confirmation], locale)
    if row.confirmed_net_minor is not None:
        said = f"{said}: {formats.money(row.confirmed_net_minor, locale)}"
    if not row.said_by:
        return said
    return translate(lazy("%(answer)s (%(agent)s, on its behalf)", answer=said, agent=row.said_by), locale)


def evidence(row: PaperRow, claim: ClaimHead, locale: str) -> list[EvidenceView]:
    found: list[EvidenceView] = []
    for file in row.evidence:
        address = {"locale": locale, "reference": claim.reference, "evidence": file.reference}
        preview = urls.path("claims:officer_evidence", part="preview", **address) if file.has_preview else ""
        found.append(
            EvidenceView(
                preview=preview,
                original=urls.path("claims:officer_evidence", part="original", **address),
                label=translate(
                    lazy("Evidence %(file)s of %(seller)s", file=file.reference, seller=row.seller), locale
                ),
            )
        )
    return found


def flag(
    row: FlagRow,
    papers: Mapping[int, PaperRow],
    claim: ClaimHead,
    locale: str,
    parties: Sequence[RecordView] = (),
) -> FlagView:
    """A flag with the records it compares: the two parties where it is about them, then the papers."""
    shown = [papers[number] for number in row.documents if number in papers]
    resolved = translate(RESOLUTIONS[row.resolution], locale) if row.resolution else ""
    return FlagView(
        id=row.id,
        rule=f"{row.rule} v{row.version}",
        title=translate(wording.TITLES[row.rule], locale),
        sentence=wording.sentence(row.rule, row.sentence, row.figures, locale),
        tag=("ok", resolved) if resolved else ("wait", translate(lazy("To be resolved"), locale)),
        resolution=row.note,
        records=[*parties, *(paper(one, claim, locale) for one in shown[:_MOST_PAPERS])],
        more_papers=max(0, len(row.documents) - _MOST_PAPERS),
    )


def line(row: LineRow, papers: Mapping[int, PaperRow], claim: ClaimHead, locale: str) -> LineView:
    marks: list[tuple[str, str]] = []
    for wanted, kind, said in (
        (row.sampled, "info", lazy("Drawn")),
        (row.flagged, "wait", lazy("Flagged")),
        (not row.evidenced, "bad", lazy("No evidence")),
        (not row.confirmed, "bad", lazy("Not confirmed")),
        (row.related, "bad", lazy("Related")),
        (row.credit_note, "", lazy("Credit note")),
    ):
        if wanted:
            marks.append((kind, translate(said, locale)))
    about = (category(row.category, locale), translate(lazy("class %(origin)s", origin=row.origin), locale))
    value = formats.money(-row.net_minor if row.credit_note else row.net_minor, locale)
    ruled = words.ruling_words(row.verdict, row.reason, locale)
    if row.decided_net is not None:
        ruled = f"{ruled} ({formats.money(row.decided_net, locale)})"
    kinds = {"": "", "accept": "ok", "amount": "wait", "exclude": "bad", "out_of_scope": "bad"}
    return LineView(
        id=row.line_id,
        position=formats.number(row.position, locale),
        document=f"{row.number or row.document} · {formats.day(local_day(row.invoice_at), locale)}",
        seller=row.seller,
        description=row.description,
        about=", ".join(about),
        value=value,
        marks=marks,
        ruling=(kinds[row.verdict], ruled),
        note=row.note,
        options=words.verdict_options(locale, credit_note=row.credit_note),
        evidence=evidence(papers[row.document_id], claim, locale) if row.document_id in papers else [],
    )


_DRAWS: Final[dict[DrawKind, Text]] = {
    DrawKind.LOT: lazy("Lot for verifier and approver"),
    DrawKind.SAMPLE: lazy("Sample of rupiah"),
    DrawKind.AUDIT: lazy("Audit draw"),
    DrawKind.REVIEWER: lazy("Lot for the objection"),
}


def draw(row: Draw, names: Mapping[str, str], locale: str) -> DrawView:
    """A draw: committed where, seed from where, and what came out."""
    facts = [(translate(lazy("Committed as entry of the public log"), locale), str(row.committed_index))]
    if "officers" in row.candidates:
        listed = ", ".join(row.candidates["officers"])
        facts.append((translate(lazy("Candidates"), locale), listed))
    if row.seed is None or row.result is None:
        state = ("wait", translate(lazy("Waiting for the seed"), locale))
        return DrawView(translate(_DRAWS[row.kind], locale), state, facts)
    facts += [
        (translate(lazy("Seed"), locale), f"{row.seed} ({_seed_words(row, locale)})"),
        (translate(lazy("Drawn as entry of the public log"), locale), str(row.drawn_index)),
    ]
    for chair in lots.Chair:
        code = row.result.get(chair.value)
        if code:
            facts.append((translate(lots.CHAIRS[chair], locale), f"{code} ({names.get(code, '')})"))
    if row.kind is DrawKind.AUDIT and not row.result.get("cause"):
        facts.append((translate(lazy("Outcome"), locale), translate(lazy("Not audited"), locale)))
    elif row.kind is DrawKind.AUDIT:
        cause = CAUSES[draws.AuditCause(row.result["cause"])]
        facts.append((translate(lazy("Outcome"), locale), translate(cause, locale)))
    return DrawView(translate(_DRAWS[row.kind], locale), ("ok", translate(lazy("Drawn"), locale)), facts)


def _seed_words(row: Draw, locale: str) -> str:
    """Where a seed came from, as the public log names it, and in words where it is a checkpoint of ours."""
    if row.seed_source == "checkpoint" and row.seed_reference:
        number = row.seed_reference.rpartition(" ")[2]
        return translate(lazy("checkpoint of %(number)s entries", number=number), locale)
    return f"{row.seed_source}: {row.seed_reference}"


CAUSES: Final[dict[draws.AuditCause, Text]] = {
    draws.AuditCause.FIRST_CLAIM: lazy("Audited: the hotel's first claim"),
    draws.AuditCause.LARGE_AWARD: lazy("Audited: a large award"),
    draws.AuditCause.DRAWN: lazy("Audited: drawn by lot"),
}


def sample(row: Draw, found: Conclusion, locale: str) -> SampleView:
    """The sample with its formula's figures, so that anybody can follow it."""
    start = str((row.result or {}).get("start", "–"))
    money = formats.money
    rows = [
        (translate(lazy("Rupiah that count (BV)"), locale), money(int(row.candidates["book_value"]), locale)),
        (translate(lazy("Tolerable misstatement (TM), a tenth"), locale), money(found.tolerable, locale)),
        (translate(lazy("Rupiah drawn: n = ⌈BV × 2.9957 / TM⌉"), locale), str(row.candidates["size"])),
        (translate(lazy("Interval I = ⌊BV / n⌋"), locale), money(int(row.candidates["interval"]), locale)),
        (translate(lazy("First rupiah, from the seed"), locale), start),
        (
            translate(lazy("Lines drawn, looked at"), locale),
            f"{formats.number(found.lines, locale)}, {formats.number(found.decided, locale)}",
        ),
        (translate(lazy("Errors found"), locale), formats.number(found.errors, locale)),
    ]
    if found.upper_limit is not None:
        limit = money(int(found.upper_limit), locale)
        rows.append((translate(lazy("Overstated at most, at 95 per cent"), locale), limit))
    if found.decided < found.lines:
        return SampleView(rows, ("wait", translate(lazy("To be looked at"), locale)))
    if found.passed:
        return SampleView(rows, ("ok", translate(lazy("Below the tolerable misstatement"), locale)))
    return SampleView(rows, ("bad", translate(lazy("Look at every line"), locale)))


def event(row: EventRow, locale: str) -> LogView:
    text = words.event(row.name, locale)
    if row.reason:
        text = f"{text}: {words.event_reason(row.name, row.reason, locale)}"
    who = [row.person or translate(lazy("The machine"), locale)]
    if row.log_index is not None:
        who.append(translate(lazy("entry %(number)s of the public log", number=row.log_index), locale))
    return LogView(formats.instant(row.at, locale), text, ", ".join(who))


def question(row: QuestionRow, *, overdue: bool, locale: str) -> QuestionView:
    if row.answered_at is not None:
        tag = ("ok", translate(lazy("Answered"), locale))
    elif row.closed_at is not None:
        tag = ("", translate(lazy("Closed"), locale))
    elif overdue:
        tag = ("bad", translate(lazy("Overdue"), locale))
    else:
        tag = ("wait", translate(lazy("Until %(when)s", when=formats.instant(row.due_at, locale)), locale))
    return QuestionView(
        reference=row.reference,
        question=row.question,
        when=formats.instant(row.asked_at, locale),
        tag=tag,
        answer=row.answer,
        answered=formats.instant(row.answered_at, locale) if row.answered_at else "",
        closable=row.open and overdue,
    )


def decision(row: DecisionRow, reasons: Mapping[str, Text], locale: str) -> DecisionView:
    return DecisionView(
        title=translate(words.DECISIONS[row.kind, row.outcome], locale),
        figures=f"{words.share_shown(row.share, locale)}, {formats.money(row.award, locale)}",
        note=row.note,
        reasons="; ".join(translate(reasons[reason], locale) for reason in row.reasons if reason in reasons),
        when=f"{row.person}, {formats.instant(row.decided_at, locale)}",
        undone=row.undone,
    )


def papers_wanted(flags: Sequence[FlagRow], lines: Sequence[LineRow]) -> Collection[int]:
    """The documents a desk shows: those of its flags and of the lines to look at."""
    beside = {number for row in flags for number in row.documents[:_MOST_PAPERS]}
    return beside | {row.document_id for row in lines if row.flagged or row.sampled}
