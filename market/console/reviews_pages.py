"""Reviews on the two desks: a host reads, answers and is reminded to write; operators decide about reported ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.accounts.rights import Right
from market.console.frame import Place, Tab, host_places, operator_tabs
from market.errors import Invalid, NotFound, Refused
from market.i18n import formats
from market.i18n.locales import LOCALES, pick
from market.reviews import queries, rules, service
from market.reviews.forms import JudgeForm, ReplyForm
from market.reviews.queries import Written
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse
from market.web.guards import HOST, OPERATOR, page
from market.web.paging import slice_of
from market.web.render import redirect, render
from market.web.render import words as said
from market.web.request import locale, person_id, viewer

_PAGE: Final = 20
_UNPROCESSABLE = 422


class PageForm(Inbound):
    """Which page of the list."""

    page: int = 1


@dataclass(frozen=True, slots=True)
class ToWriteRow:
    """A visit that the host has not written about."""

    href: str
    guest: str
    title: str
    until: str


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """One review as the desks show it."""

    id: int
    author: str
    country: str
    stars: int
    body: str
    lang: str
    language: str
    when: str
    title_href: str
    reply: str
    reply_lang: str
    form: Form[Any]


@dataclass(frozen=True, slots=True)
class HostReviews:
    """Context of console/host_reviews.html."""

    places: Sequence[Place]
    to_write: Sequence[ToWriteRow]
    lines: Sequence[ReviewLine]
    average_tenths: int
    count: int
    errors: Sequence[tuple[str, str]]
    longest: int
    previous: str | None
    following: str | None


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A reported or hidden review with what was said and done about it."""

    review: ReviewLine
    side: str
    title: str
    hidden: bool
    reports: Sequence[tuple[str, str, str]]
    acts: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class OperatorReviews:
    """Context of console/operator_reviews.html."""

    tabs: Sequence[Tab]
    lines: Sequence[ReportLine]
    errors: Sequence[tuple[str, str]]


def _hosts(request: Request) -> frozenset[int]:
    return viewer(request).organisation_ids(Right.REQUESTS.role)


def _line(
    one: Written, country: str, slug: str, request: Request, form: Form[Any] | None = None
) -> ReviewLine:
    language = locale(request)
    at: datetime = one.published_at or one.written_at
    return ReviewLine(
        id=one.id,
        author=one.author or said(request, lazy("A guest")),
        country=country,
        stars=one.stars,
        body=one.body,
        lang=one.locale,
        language=LOCALES.get(one.locale, one.locale) if one.locale != language else "",
        when=formats.month_year(at.date(), language),
        title_href=urls.path("discovery:listing", locale=language, slug=slug),
        reply=one.reply,
        reply_lang=one.reply_locale,
        form=form or filled({}),
    )


async def host_reviews(request: Request) -> Response:
    """What guests said, with a field to answer, and which visits wait for the host's own words."""
    return await _host_page(request, 0, None)


async def _host_page(
    request: Request, answered: int, form: Form[Any] | None, *, status: int = 200
) -> Response:
    hosts, language, now = _hosts(request), locale(request), clock.now()
    count, total = await queries.count_for_host(hosts)
    asked = parse(PageForm, request.query_params, language)
    part = slice_of(count, asked.data.page if asked.data else 1, _PAGE)
    found = await queries.list_for_host(hosts, limit=_PAGE, offset=part.offset)
    here = urls.path("console:host_reviews", locale=language)
    context = HostReviews(
        places=host_places(request, "console:host_guests"),
        to_write=[
            ToWriteRow(
                urls.path("reviews:write", locale=language, reference=row.reference),
                row.guest_name or row.reference,
                pick(row.titles, language),
                formats.instant(row.closes_at, language),
            )
            for row in await queries.list_to_write(hosts, now)
        ],
        lines=[
            _line(
                one.review,
                pick(one.country, language) if one.country else "",
                one.slug,
                request,
                form if one.review.id == answered else None,
            )
            for one in found
        ],
        average_tenths=(total * 20 + count) // (2 * count) if count else 0,
        count=count,
        errors=[(f"body-{answered}", message) for _, message in form.errors] if form else [],
        longest=rules.LONGEST_REPLY,
        previous=f"{here}?page={part.number - 1}" if part.number > 1 else None,
        following=f"{here}?page={part.number + 1}" if part.number < part.pages else None,
    )
    title = said(request, lazy("Reviews"))
    return render(request, "console/host_reviews.html", context, title=title, robots="noindex", status=status)


async def reply(request: Request) -> Response:
    """Answer a guest's review, once."""
    review_id, here = (
        int(request.path_params["review_id"]),
        urls.path("console:host_reviews", locale=locale(request)),
    )
    form = parse(ReplyForm, await request.form(), locale(request))
    if form.data is not None:
        try:
            await service.reply(
                review_id,
                host_ids=_hosts(request),
                body=form.data.body,
                locale=locale(request),
                by=person_id(request),
                now=clock.now(),
            )
        except Invalid as error:
            form.add_error("body", said(request, error.message))
        except Refused as refusal:
            return redirect(request, here, flash=refusal.message, kind="wait")
        else:
            return redirect(request, here, flash=lazy("Your answer stands under the review."))
    if (await queries.get_review(review_id)).host_id not in _hosts(request):
        raise NotFound
    return await _host_page(request, review_id, form, status=_UNPROCESSABLE)


_ACTS: Final[dict[str, Text]] = {
    "published": lazy("Shown"),
    "hidden": lazy("Taken down"),
    "restored": lazy("Shown again"),
    "kept": lazy("Kept"),
}


async def reported(request: Request) -> Response:
    """Reviews that somebody reported, and those that are hidden."""
    return await _operator_page(request, 0, None)


async def _operator_page(
    request: Request, judged: int, form: Form[Any] | None, *, status: int = 200
) -> Response:
    language = locale(request)
    lines = [
        ReportLine(
            review=_line(one.review, "", one.slug, request, form if one.review.id == judged else None),
            side=one.review.side,
            title=one.title,
            hidden=one.review.hidden_at is not None,
            reports=[
                (said(request, rules.REASONS[rules.Reason(reason)]), body, formats.instant(at, language))
                for reason, body, at in one.reports
            ],
            acts=[
                (said(request, _ACTS[act]), reason, formats.instant(at, language))
                for act, reason, at in one.acts
            ],
        )
        for one in await queries.list_reported(language)
    ]
    context = OperatorReviews(
        tabs=operator_tabs(request, "console:operator_reviews"),
        lines=lines,
        errors=[(f"reason-{judged}", message) for _, message in form.errors] if form else [],
    )
    title = said(request, lazy("Reported reviews"))
    return render(
        request, "console/operator_reviews.html", context, title=title, robots="noindex", status=status
    )


async def judge(request: Request) -> Response:
    """Hide, restore or keep a review, with the reason that its author reads."""
    review_id = int(request.path_params["review_id"])
    await queries.get_review(review_id)
    here = urls.path("console:operator_reviews", locale=locale(request))
    form = parse(JudgeForm, await request.form(), locale(request))
    if form.data is None:
        return await _operator_page(request, review_id, form, status=_UNPROCESSABLE)
    act = {"hide": service.hide, "restore": service.restore, "keep": service.keep}[form.data.act]
    try:
        await act(review_id, by=person_id(request), reason=form.data.reason, now=clock.now())
    except Refused as refusal:
        return redirect(request, here, flash=refusal.message, kind="bad")
    return redirect(request, here, flash=lazy("Decided. The reason is kept with the review."))


routes = [
    page("/{locale}/host/reviews", host_reviews, access=HOST, name="console:host_reviews"),
    page(
        "/{locale}/host/reviews/{review_id:int}",
        reply,
        access=HOST,
        name="console:host_review_reply",
        methods=("POST",),
    ),
    page("/{locale}/operator/reviews", reported, access=OPERATOR, name="console:operator_reviews"),
    page(
        "/{locale}/operator/reviews/{review_id:int}",
        judge,
        access=OPERATOR,
        name="console:operator_review_judge",
        methods=("POST",),
    ),
]
