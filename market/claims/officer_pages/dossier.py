"""The dossier of a claim on paper: what was claimed, checked, flagged, drawn and decided, in the order it happened.

For the mayor's office and the archive. Typst sets it from data with fonts of its own; officers stand in it with
their names, so it is no public paper.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from market.claims import deciding, desk_queries, lots, reckoning
from market.claims.officer_pages import desk_views, words
from market.claims.states import LABELS
from market.claims.steps import ClaimHead
from market.i18n import formats
from market.i18n.messages import translate
from market.settings import Settings
from market.values.text import Text, lazy

_TEMPLATE: Final = Path(__file__).parents[1] / "typst" / "dossier.typ"
# The whole of a large claim would be a book; the rest is in the frozen lines under their hash.
_MOST_LINES: Final = 400


async def contents(claim: ClaimHead, locale: str, settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Everything the paper says, in words of one language."""

    def say(text: Text) -> str:
        return translate(text, locale)

    more = await desk_queries.more_of(claim.id)
    decided = await reckoning.assess_as_decided(claim)
    chairs = await desk_queries.list_chairs(claim.id)
    known = await lots.codes_of([row.person_id for row in chairs])
    names = {known[row.person_id]: row.name for row in chairs if row.person_id in known}
    flags = [desk_views.flag(row, {}, claim, locale) for row in await desk_queries.list_flags(claim.id)]
    checks = [desk_views.check(row, locale) for row in await desk_queries.list_tasks(claim.id)]
    draws = [desk_views.draw(one, names, locale) for one in await lots.draws_of(claim.id)]
    money = formats.money
    facts: list[tuple[Text, str]] = [
        (lazy("Hotel"), f"{more.hotel} {more.hotel_code}".strip()),
        (lazy("Month"), formats.month(claim.period.first_day, locale)),
        (lazy("State"), say(LABELS[claim.state])),
        (lazy("Submitted"), f"{formats.instant(claim.submitted_at, locale)}, {more.submitted_by}"),
        (lazy("Rule"), f"{decided.rule.version}, {decided.rule.legal_basis}"),
        (
            lazy("Purchases"),
            f"{money(more.denominator, locale)} ({formats.number(claim.line_count, locale)})",
        ),
        (lazy("Books as the hotel states"), money(claim.stated_total, locale)),
        (lazy("Tax principal stated"), money(claim.tax_principal, locale)),
        (lazy("Local share claimed"), words.share_shown(more.share, locale)),
        (lazy("Local share after decisions"), words.share_shown(decided.share, locale)),
        (lazy("Award claimed"), money(claim.award, locale)),
        (lazy("Award after decisions"), money(decided.result.award.amount, locale)),
    ]
    if more.sk:
        facts.append((lazy("Decree (SK)"), f"{more.sk[0]}, {formats.day(more.sk[1], locale)}"))
        facts.append((lazy("Payable"), money(claim.payable or 0, locale)))
    return {
        "lang": locale,
        "brand": settings.brand,
        "title": say(lazy("Dossier of claim %(reference)s", reference=claim.reference)),
        "printed": say(lazy("Printed on %(time)s", time=formats.instant(now, locale))),
        "hash": [say(lazy("Hash of the lines (SHA-256)")), claim.snapshot_sha256],
        "facts": [[say(label), text] for label, text in facts],
        "sections": [
            [say(lazy("Checks")), [[c.title, c.text, c.tag[1]] for c in checks]],
            [
                say(lazy("Flags")),
                [[f"{f.title} ({f.rule})", f"{f.sentence} {f.resolution}".strip(), f.tag[1]] for f in flags],
            ],
            [say(lazy("Lots")), [[d.title, _listed(d.facts), d.state[1]] for d in draws]],
            [say(lazy("Decisions")), await _decisions(claim, locale)],
            [say(lazy("What happened")), await _story(claim, locale)],
        ],
        "lines_title": say(lazy("Lines that count otherwise than claimed")),
        "lines_head": [
            say(lazy("No.")),
            say(lazy("Paper and seller")),
            say(lazy("Amount")),
            say(lazy("Decision")),
        ],
        "lines": await _lines(claim, locale),
        "none": say(lazy("None")),
    }


def _listed(facts: list[tuple[str, str]]) -> str:
    return "; ".join(f"{label}: {text}" for label, text in facts)


async def _decisions(claim: ClaimHead, locale: str) -> list[list[str]]:
    rows = await desk_queries.list_decisions(claim.id)
    found = [desk_views.decision(row, deciding.REJECTIONS, locale) for row in rows]
    undone = translate(lazy("Undone"), locale)
    return [
        [one.title, f"{one.when}. {one.reasons} {one.note}".strip(), undone if one.undone else one.figures]
        for one in found
    ]


async def _story(claim: ClaimHead, locale: str) -> list[list[str]]:
    rows = await desk_queries.list_events(claim.id)
    shown = [desk_views.event(row, locale) for row in reversed(rows) if row.name != "evidence.seen"]
    return [[one.when, one.text, one.who] for one in shown]


async def _lines(claim: ClaimHead, locale: str) -> list[list[str]]:
    rulings = await reckoning.rulings_of(claim.id)
    changed = {line for line, ruling in rulings.items() if ruling.verdict != "accept"}
    rows = await desk_queries.list_lines(
        claim.id, flagged=(), sampled=(), only=changed, after=0, limit=_MOST_LINES
    )
    shown = [desk_views.line(row, {}, claim, locale) for row in rows[:_MOST_LINES]]
    return [
        [
            one.position,
            f"{one.document} · {one.seller}",
            one.value,
            f"{one.ruling[1]}. {one.note}".strip(". "),
        ]
        for one in shown
    ]


def render_pdf(contents: dict[str, Any]) -> bytes:
    """The dossier as PDF. Takes some tens of milliseconds of processor time."""
    import typst  # noqa: PLC0415 - 40 MB that only a process that sets a PDF should load

    data = json.dumps(contents, ensure_ascii=False)
    made: Any = typst.compile(_TEMPLATE, format="pdf", sys_inputs={"data": data}, ignore_system_fonts=True)
    return made
