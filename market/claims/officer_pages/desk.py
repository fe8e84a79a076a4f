"""A claim's desk on one page: what was claimed, checks, flags with their papers, lines, lots, the decision.

Everybody in the office who is not related to the claim may read it; controls stand there for whoever's turn it
is. What is done with them is `acts`; both share `claim_for` and `page`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.claims import (
    asking,
    claiming_history,
    conflicts,
    deciding,
    desk_queries,
    lots,
    marks,
    objecting,
    reckoning,
    steps,
    undoing,
    verifying,
)
from market.claims.desk_rows import ChairRow, FlagRow, LineRow, More
from market.claims.flags import related
from market.claims.lots import Chair, Draw, DrawKind
from market.claims.officer_pages import desk_head, desk_parties, fresh, words
from market.claims.officer_pages import desk_views as views
from market.claims.officer_pages.fresh import Need
from market.claims.states import AT_WORK, LABELS, TAGS, State
from market.claims.steps import ClaimHead
from market.i18n import formats
from market.i18n.messages import translate
from market.values.text import lazy
from market.web import urls
from market.web.forms import Form, filled
from market.web.render import render
from market.web.render import words as say
from market.web.request import locale as locale_of
from market.web.request import person_id, settings

_LOOK, _ALL, _LEFT = "look", "all", "left"


@dataclass(frozen=True, slots=True)
class Turn:
    """What the viewer may do at this claim now."""

    chair: Chair | None
    begin: bool
    work: bool
    decide: str
    ask: bool
    hold: bool
    end_hold: bool
    undo: bool
    agree_undo: bool
    refuse_undo: bool
    leave: bool
    decree: bool


@dataclass(frozen=True, slots=True)
class DeskPage:
    """Context of claims/officer_claim.html."""

    reference: str
    hotel: str
    month: str
    subtitle: str
    state_tag: tuple[str, str]
    clock_tag: tuple[str, str]
    turn: Turn
    need: Need
    form: Form[Any]
    chairs: list[tuple[str, str]]
    my_chair: str
    facts: list[tuple[str, str]]
    bill: list[tuple[str, str]]
    share: tuple[str, str, str]
    left: list[str]
    auto: list[views.CheckView]
    hand: list[views.CheckView]
    flags: list[views.FlagView]
    resolutions: list[tuple[str, str]]
    task_states: list[tuple[str, str]]
    sample: views.SampleView | None
    lines: list[views.LineView]
    line_tabs: list[tuple[str, str, bool]]
    next_lines: str
    free_lines: int
    draws: list[views.DrawView]
    questions: list[views.QuestionView]
    hold: tuple[str, str] | None
    hold_reasons: list[tuple[str, str]]
    objection: tuple[str, str] | None
    undo: tuple[str, str] | None
    decisions: list[views.DecisionView]
    rejections: list[dict[str, str]]
    documents: list[tuple[str, str, str]]
    events: list[views.LogView]
    certificate: tuple[str, str, str] | None
    dossier_href: str
    today: str


async def claim_for(request: Request) -> ClaimHead:
    """The claim of the address. Raises NotFound, and Related for an officer who may not touch it."""
    claim = await steps.get(str(request.path_params["reference"]))
    await conflicts.require_unrelated(claim.id, person_id(request), settings(request).secrets)
    return claim


async def show(request: Request) -> Response:
    """The desk of a claim."""
    return await page(request, await claim_for(request), None)


async def page(request: Request, claim: ClaimHead, failed: Form[Any] | None, status: int = 200) -> Response:
    """The desk, perhaps with a form that did not pass and everything that was typed in it."""
    locale, me = locale_of(request), person_id(request)
    more = await desk_queries.more_of(claim.id)
    chairs = await desk_queries.list_chairs(claim.id)
    drawn = await lots.draws_of(claim.id)
    flags = await desk_queries.list_flags(claim.id)
    flagged = await verifying.flagged_lines(claim.id)
    sampled = _sampled(drawn)
    rulings = await reckoning.rulings_of(claim.id)
    chosen, lines, following = await _lines(request, claim, flagged, sampled, frozenset(rulings))
    papers = await desk_queries.papers(views.papers_wanted(flags, lines))
    parties = await marks.parties_of(claim.id, settings(request).secrets) if _about_parties(flags) else []
    tasks = await desk_queries.list_tasks(claim.id)
    questions = await claiming_history.list_questions(claim.id)
    hold = await desk_queries.open_hold(claim.id)
    wish = await undoing.open_wish(claim.id)
    objection = await objecting.open_objection(claim.id)
    decided = await reckoning.assess_as_decided(claim)
    turn = _turn(claim, chairs, me, held=hold is not None, wish=wish, decided=more)
    conclusion = await deciding.sample_conclusion(claim)
    back = urls.path("claims:officer_claim", locale=locale, reference=claim.reference)
    now = clock.now()
    names = await _names(chairs)
    context = DeskPage(
        reference=claim.reference,
        hotel=more.hotel,
        month=formats.month(claim.period.first_day, locale),
        subtitle=desk_head.subtitle(claim, more, locale),
        state_tag=(TAGS[claim.state], translate(LABELS[claim.state], locale)),
        clock_tag=desk_head.due_tag(claim, locale),
        turn=turn,
        need=await fresh.need(request, back),
        form=failed or filled(_values(lines, claim)),
        chairs=[_chair(row, locale) for row in chairs],
        my_chair=translate(lots.CHAIRS[turn.chair], locale) if turn.chair else "",
        facts=desk_head.facts(claim, more, locale),
        bill=desk_head.bill(claim, more, decided, locale),
        share=(
            words.bar_percent(decided.share),
            words.share_shown(decided.share, locale),
            str((decided.rule.tiers[0].min_share_bp if decided.rule.tiers else 0) / 100),
        ),
        left=[translate(text, locale) for text in await deciding.left_to_do(claim)] if turn.work else [],
        auto=[views.check(row, locale) for row in tasks if row.automatic],
        hand=[views.check(row, locale) for row in tasks if not row.automatic],
        flags=[
            views.flag(row, papers, claim, locale, desk_parties.records(row, parties, locale))
            for row in flags
        ],
        resolutions=[
            ("", translate(lazy("Choose"), locale)),
            *desk_head.options(verifying.RESOLUTIONS, locale),
        ],
        task_states=desk_head.task_states(locale),
        sample=next(
            (
                views.sample(one, conclusion, locale)
                for one in drawn
                if one.kind is DrawKind.SAMPLE and conclusion
            ),
            None,
        ),
        lines=[views.line(row, papers, claim, locale) for row in lines],
        line_tabs=_line_tabs(request, claim, chosen, len(flagged | sampled), len(rulings), locale),
        next_lines=following,
        free_lines=max(0, claim.line_count - len(rulings.keys() | flagged | sampled)),
        draws=[views.draw(one, names, locale) for one in drawn],
        questions=[
            views.question(row, overdue=row.open and row.due_at <= now, locale=locale)
            for row in reversed(questions)
        ],
        hold=desk_head.hold_words(hold, locale),
        hold_reasons=desk_head.options(asking.HOLD_REASONS, locale),
        objection=(objection.body, formats.instant(objection.raised_at, locale)) if objection else None,
        undo=(wish.note, next((c.name for c in chairs if c.person_id == wish.proposed_by), ""))
        if wish
        else None,
        decisions=[
            views.decision(row, deciding.REJECTIONS, locale)
            for row in await desk_queries.list_decisions(claim.id)
        ],
        rejections=[
            {"value": code, "title": translate(text, locale)} for code, text in deciding.REJECTIONS.items()
        ],
        documents=desk_head.documents(claim, more, locale),
        events=[views.event(row, locale) for row in await desk_queries.list_events(claim.id)],
        certificate=desk_head.certificate(claim, more, locale),
        dossier_href=urls.path("claims:officer_dossier", locale=locale, reference=claim.reference),
        today=clock.today().isoformat(),
    )
    title = say(request, lazy("%(hotel)s, %(month)s", hotel=more.hotel, month=context.month))
    if failed is not None and failed.errors:
        title = say(request, lazy("Fix: %(title)s", title=title))
    return render(request, "claims/officer_claim.html", context, title=title, robots="noindex", status=status)


def _about_parties(flags: list[FlagRow]) -> bool:
    return any(row.rule == related.RULE for row in flags)


# --- who may do what -----------------------------------------------------------------------------------------

_CLOSING = {
    (Chair.VERIFIER, State.VERIFYING): "verify",
    (Chair.APPROVER, State.APPROVING): "approve",
    (Chair.AUDITOR, State.AUDITING): "audit",
    (Chair.REVIEWER, State.OBJECTED): "objection",
}


def _turn(
    claim: ClaimHead,
    chairs: list[ChairRow],
    me: int,
    *,
    held: bool,
    wish: undoing.Undo | None,
    decided: More,
) -> Turn:
    chair = next((row.chair for row in chairs if row.person_id == me and not row.left), None)
    decide = _CLOSING.get((chair, claim.state), "") if chair else ""
    open_work = claim.state in AT_WORK and claim.state not in {State.SUBMITTED, State.CHECKING}
    undoable = claim.state in {State.APPROVING, State.AUDITING, State.RECOMMENDED, State.REJECTED}
    return Turn(
        chair=chair,
        begin=chair is Chair.VERIFIER and claim.state is State.DRAWN,
        work=decide in {"verify", "objection"},
        decide=decide if not held else "",
        ask=chair is not None and open_work and claim.state is not State.DRAWN,
        hold=not held and (claim.state in AT_WORK or claim.state is State.RECOMMENDED),
        end_hold=held,
        undo=chair is not None and undoable and wish is None and decided.sk is None,
        agree_undo=wish is not None and wish.proposed_by != me,
        refuse_undo=wish is not None,
        leave=chair is not None and open_work,
        decree=claim.state is State.RECOMMENDED and not held and wish is None,
    )


async def _names(chairs: list[ChairRow]) -> dict[str, str]:
    known = await lots.codes_of([row.person_id for row in chairs])
    return {known[row.person_id]: row.name for row in chairs if row.person_id in known}


def _chair(row: ChairRow, locale: str) -> tuple[str, str]:
    name = row.name
    if row.left:
        name = translate(lazy("%(name)s (no longer)", name=name), locale)
    return translate(lots.CHAIRS[row.chair], locale), name


# --- lines ---------------------------------------------------------------------------------------------------


def _sampled(drawn: list[Draw]) -> frozenset[int]:
    for one in drawn:
        if one.kind is DrawKind.SAMPLE and one.result is not None:
            return frozenset(int(line) for _, line in one.result["hits"])
    return frozenset()


async def _lines(
    request: Request,
    claim: ClaimHead,
    flagged: frozenset[int],
    sampled: frozenset[int],
    ruled: frozenset[int],
) -> tuple[str, list[LineRow], str]:
    """The tab, its lines from where the address says, and the address of the next ones."""
    to_see = flagged | sampled
    asked = request.query_params.get("lines", "")
    chosen = asked if asked in {_LOOK, _ALL, _LEFT} else (_LOOK if to_see else _ALL)
    only: frozenset[int] | None = to_see if chosen == _LOOK else None
    if chosen == _LEFT:
        only = (await _line_ids(claim.id)) - ruled
    typed = request.query_params.get("after", "")
    after = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 8 else 0
    rows = await desk_queries.list_lines(claim.id, flagged=flagged, sampled=sampled, only=only, after=after)
    shown = rows[: desk_queries.PAGE]
    following = ""
    if len(rows) > len(shown):
        following = _lines_href(request, claim, chosen, shown[-1].position)
    return chosen, shown, following


async def _line_ids(claim_id: int) -> frozenset[int]:
    return frozenset(await desk_queries.line_ids(claim_id))


def _lines_href(request: Request, claim: ClaimHead, chosen: str, after: int = 0) -> str:
    path = urls.path("claims:officer_claim", locale=locale_of(request), reference=claim.reference)
    query = {"lines": chosen} | ({"after": str(after)} if after else {})
    return f"{path}?{urlencode(query)}#lines"


def _line_tabs(
    request: Request, claim: ClaimHead, chosen: str, to_see: int, ruled: int, locale: str
) -> list[tuple[str, str, bool]]:
    counts = {_LOOK: to_see, _LEFT: max(0, claim.line_count - ruled), _ALL: claim.line_count}
    labels = {_LOOK: lazy("To look at"), _LEFT: lazy("Not decided"), _ALL: lazy("All")}
    return [
        (
            f"{translate(labels[name], locale)} ({formats.number(counts[name], locale)})",
            _lines_href(request, claim, name),
            name == chosen,
        )
        for name in (_LOOK, _LEFT, _ALL)
    ]


def _values(lines: list[LineRow], claim: ClaimHead) -> dict[str, Any]:
    """What the forms of the page start with: decisions on lines as they stand."""
    values: dict[str, Any] = {"decision_outcome": "", "decree_on": clock.today().isoformat()}
    for row in lines:
        values[f"line_{row.line_id}"] = f"{row.verdict}:{row.reason}" if row.reason else row.verdict
        values[f"net_{row.line_id}"] = "" if row.decided_net is None else str(row.decided_net)
        values[f"note_{row.line_id}"] = row.note
    return values
