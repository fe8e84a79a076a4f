"""A submitted claim as its hotel sees it: where it stands in plain words, figures, lines and what can be done.

Also what every page about one claim starts from: `own_claim`, and `back` to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.claims import claiming_history as history
from market.claims import claiming_queries as queries
from market.claims.claiming_queries import ClaimRow
from market.claims.hotel_pages import claim_views, claim_words
from market.claims.rulings import REASONS
from market.claims.states import State
from market.errors import NotFound
from market.i18n import formats
from market.i18n.messages import translate
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form
from market.web.render import redirect, render
from market.web.render import words as say
from market.web.request import locale as locale_of
from market.web.request import viewer

_CHANGED_SHOWN = 50
_REASONS: dict[str, Text] = {code: words for one in REASONS.values() for code, words in one.items()}


@dataclass(frozen=True, slots=True)
class ShowClaim:
    """Context of claims/hotel_claim.html."""

    reference: str
    hotel: str
    month: str
    correction: bool
    state_tag: tuple[str, str]
    now_words: str
    next_words: str
    facts: list[tuple[str, str]]
    steps: list[claim_views.StepView]
    questions: list[claim_views.QuestionView]
    answer: Form[Any]
    decisions: list[claim_views.DecisionView]
    lines: list[claim_views.ResultLine]
    lines_href: str
    may_object: bool
    object_until: str
    objection: Form[Any]
    objections: list[tuple[str, str, str]]
    certificate_href: str
    certificate_file_href: str
    receipt_href: str
    documents: list[claim_views.DocumentView]
    corrects_href: str
    adjustments: int
    period: str = ""
    hotel_param: str = ""


async def own_claim(request: Request) -> ClaimRow:
    """The claim in the path; NotFound for another hotel's."""
    mine = viewer(request).organisation_ids("hotel")
    found = await queries.get_claim(request.path_params["reference"], mine)
    if found is None:
        raise NotFound
    return found


def back(request: Request, claim: ClaimRow, said: Text, kind: str = "ok") -> Response:
    """To the claim's page, with a sentence."""
    to = urls.path("claims:hotel_claim", locale=locale_of(request), reference=claim.reference)
    return redirect(request, to, flash=said, kind=kind)


def title_of(request: Request, claim: ClaimRow) -> str:
    month = formats.month(claim.period.first_day, locale_of(request))
    words = lazy("Correction for %(month)s", month=month) if claim.is_correction else None
    return say(request, words or lazy("Claim for %(month)s", month=month))


# The submitted claim ------------------------------------------------------------------------------------


async def claim_page(
    request: Request,
    claim: ClaimRow,
    *,
    answer: Form[Any] | None = None,
    objection: Form[Any] | None = None,
) -> Response:
    """Where the claim is, what it says, and what the hotel can do."""
    locale, now = locale_of(request), clock.now()
    certificate = await history.certificate_of(claim.id)
    changed = await history.line_results(claim.id, after=0, limit=_CHANGED_SHOWN, only_changed=True)
    corrected = await queries.get_claim_by_id(claim.corrects_id) if claim.corrects_id else None
    answer, objection = answer or Form({}, None), objection or Form({}, None)
    context = ShowClaim(
        reference=claim.reference,
        hotel=await queries.hotel_name(claim.hotel_id),
        month=formats.month(claim.period.first_day, locale),
        correction=claim.is_correction,
        state_tag=claim_views.tag(claim.state, locale),
        now_words=translate(claim_words.NOW[claim.state], locale),
        next_words=translate(claim_words.NEXT[claim.state], locale),
        facts=await _facts(claim, locale),
        steps=claim_views.steps(await history.list_events(claim.id), locale),
        questions=claim_views.questions(await history.list_questions(claim.id), now, locale),
        answer=answer,
        decisions=claim_views.decisions(await history.list_decisions(claim.id), locale),
        lines=[claim_views.result_line(row, _REASONS, locale) for row in changed],
        lines_href=_path("claims:hotel_lines", claim, locale) if claim.line_count else "",
        may_object=may_object(claim, now),
        object_until=formats.instant(claim.objection_until, locale) if claim.objection_until else "",
        objection=objection,
        objections=[
            (formats.instant(row.raised_at, locale), row.body, translate(OBJECTION_STATES[row.state], locale))
            for row in await history.list_objections(claim.id)
        ],
        certificate_href=_path("claims:hotel_certificate", claim, locale) if certificate else "",
        certificate_file_href=_path("claims:hotel_certificate_file", claim, locale) if certificate else "",
        receipt_href=_path("claims:hotel_receipt", claim, locale) if claim.submitted_at else "",
        documents=claim_views.documents(claim, locale),
        corrects_href=_path("claims:hotel_claim", corrected, locale) if corrected else "",
        adjustments=await queries.adjustments_since(claim.hotel_id, claim.period)
        if claim.state is State.EFFECTIVE
        else 0,
        period=str(claim.period),
        hotel_param=str(claim.hotel_id),
    )
    title = title_of(request, claim)
    wrong = bool(answer.errors or objection.errors)
    return render(
        request,
        "claims/hotel_claim.html",
        context,
        title=say(request, lazy("Fix: %(title)s", title=title)) if wrong else title,
        robots="noindex",
        status=400 if wrong else 200,
    )


OBJECTION_STATES: dict[str, Text] = {
    "open": lazy("Under review"),
    "upheld": lazy("You were right"),
    "dismissed": lazy("Not followed"),
}


def may_object(claim: ClaimRow, now: datetime) -> bool:
    """Whether the hotel may still object to the decision."""
    return (
        claim.state in {State.RECOMMENDED, State.REJECTED}
        and claim.objection_until is not None
        and now <= claim.objection_until
    )


async def _facts(claim: ClaimRow, locale: str) -> list[tuple[str, str]]:
    """The claim's figures, decided ones first."""
    decree = await history.decree_of(claim.id)
    rows: list[tuple[Text, str]] = []
    if claim.decided_award_minor is not None:
        rows.append((lazy("Award decided"), formats.money(claim.decided_award_minor, locale)))
        rows.append((lazy("Share decided"), claim_views.percent(claim.decided_share, locale)))
    if claim.adjustment_minor:
        rows.append((lazy("Settled from corrections"), formats.money(claim.adjustment_minor, locale)))
    if claim.payable_minor is not None:
        rows.append((lazy("Comes off your tax"), formats.money(claim.payable_minor, locale)))
    if decree is not None:
        number, day = decree
        rows.append((lazy("Mayor's decree"), f"{number}, {formats.day(day, locale)}"))
    rows += [
        (lazy("Award claimed"), claim_views.money(claim.award_minor, locale)),
        (lazy("Share claimed"), claim_views.percent(claim.share, locale)),
        (lazy("Tax of the month"), claim_views.money(claim.stated.tax_principal, locale)),
        (lazy("Lines"), formats.number(claim.line_count, locale)),
    ]
    if claim.due_at is not None and claim.decided_at is None:
        rows.insert(0, (lazy("The office decides by"), formats.instant(claim.due_at, locale)))
    if note := claim_words.capped(claim.capped_by, locale):
        rows.append((lazy("Note"), note))
    return [(translate(label, locale), value) for label, value in rows]


def _path(route: str, claim: ClaimRow, locale: str) -> str:
    return urls.path(route, locale=locale, reference=claim.reference)


# Lines --------------------------------------------------------------------------------------------------

_LINES_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class ShowLines:
    """Context of claims/hotel_lines.html."""

    reference: str
    href: str
    lines: list[claim_views.ResultLine]
    next_href: str
    first_href: str
    count: str


async def lines(request: Request) -> Response:
    """Every frozen line with what was decided about it, a page at a time."""
    claim, locale = await own_claim(request), locale_of(request)
    typed = request.query_params.get("after", "0")
    after = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
    found = await history.line_results(claim.id, after=after, limit=_LINES_A_PAGE, only_changed=False)
    more = len(found) == _LINES_A_PAGE
    href = _path("claims:hotel_lines", claim, locale)
    context = ShowLines(
        reference=claim.reference,
        href=_path("claims:hotel_claim", claim, locale),
        lines=[claim_views.result_line(row, _REASONS, locale) for row in found],
        next_href=f"{href}?after={found[-1].position}" if more else "",
        first_href=href if after else "",
        count=formats.number(claim.line_count, locale),
    )
    title = say(request, lazy("Lines of claim %(reference)s", reference=claim.reference))
    return render(request, "claims/hotel_lines.html", context, title=title, robots="noindex")
