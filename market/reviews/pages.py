"""Writing a review, as guest or host, with an account or by the mailed link; and reporting somebody's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.bookings import access, words
from market.bookings import queries as bookings
from market.bookings.access import Role, Seen
from market.bookings.pages import parts
from market.errors import Invalid, NotFound, Refused
from market.i18n import formats
from market.reviews import queries, rules, service
from market.reviews.forms import ReportForm, ReviewForm
from market.reviews.queries import Window, Written
from market.reviews.rules import Side
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, filled, parse
from market.web.guards import ANYONE, SIGNED_IN, page
from market.web.render import redirect, render
from market.web.render import words as said
from market.web.request import locale, person_id, settings, viewer

_UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class Shown:
    """A published review as this page shows it."""

    id: int
    by: str
    stars: int
    notes: Sequence[tuple[str, int]]
    body: str
    lang: str
    reply: str
    reply_lang: str


@dataclass(frozen=True, slots=True)
class WritePage:
    """Context of reviews/write.html."""

    reference: str
    title: str
    when: str
    about: str
    is_guest: bool
    may_write: bool
    wrote: bool
    other_wrote: bool
    closes: str
    form: Form[Any]
    stars_said: Sequence[tuple[str, str]]
    notes: Sequence[tuple[str, str]]
    longest: int
    shown: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """Context of reviews/report.html."""

    review_id: int
    author: str
    body: str
    lang: str
    form: Form[Any]
    reasons: Sequence[dict[str, str]]


async def _visit(request: Request) -> tuple[Seen, Window]:
    """A visit whose window was opened, for its guest or its host; NotFound for operators and everybody else."""
    seen = await access.open_booking(request)
    window = await queries.find_window(seen.row.id)
    if seen.role is Role.OPERATOR or window is None:
        raise NotFound
    return seen, window


def _side(seen: Seen) -> Side:
    return Side.GUEST if seen.role is Role.GUEST else Side.HOST


async def show(request: Request) -> Response:
    """The form while it is time, and both reviews once they are shown."""
    seen, window = await _visit(request)
    return await _page(request, seen, window, None)


async def _page(
    request: Request, seen: Seen, window: Window, form: Form[Any] | None, *, status: int = 200
) -> Response:
    language, side, row = locale(request), _side(seen), seen.row
    both = {Side(one.side): one for one in await queries.written_about(row.id)}
    own = both.get(side)
    context = WritePage(
        reference=row.reference,
        title=words.title(row, language),
        when=words.booking_when(row, language),
        about=seen.view.host_name if side is Side.GUEST else row.guest_name,
        is_guest=side is Side.GUEST,
        may_write=rules.may_write(
            closes=window.closes_at, closed=window.closed_at is not None, now=clock.now()
        ),
        wrote=own is not None,
        # Only that the other side has written, never what: it is sealed.
        other_wrote=side.other in both,
        closes=formats.instant(window.closes_at, language),
        form=form or _kept(own),
        stars_said=[(str(n), f"{n} ★") for n in range(1, 6)],
        notes=[(name, said(request, label)) for name, label in rules.NOTES[side].items()],
        longest=rules.LONGEST,
        shown=[_shown(request, one, seen) for one in both.values() if one.published_at and not one.hidden_at],
    )
    errors = form is not None and bool(form.errors)
    title = parts.page_title(request, lazy("Review: %(title)s", title=context.title), errors=errors)
    return render(request, "reviews/write.html", context, title=title, robots=parts.ROBOTS, status=status)


def _kept(own: Written | None) -> Form[Any]:
    return filled({"stars": own.stars, "body": own.body, **own.notes} if own else {})


def _shown(request: Request, one: Written, seen: Seen) -> Shown:
    names = rules.NOTES[Side(one.side)]
    by: Text | str = one.author or lazy("A guest")
    if one.side == _side(seen):
        by = lazy("You")
    return Shown(
        id=one.id,
        by=said(request, by),
        stars=one.stars,
        notes=[(said(request, names[key]), stars) for key, stars in one.notes.items() if key in names],
        body=one.body,
        lang=one.locale,
        reply=one.reply,
        reply_lang=one.reply_locale,
    )


async def write(request: Request) -> Response:
    """Write, or change what is still sealed."""
    seen, window = await _visit(request)
    here = parts.path(request, "reviews:write", seen.row.reference)
    form = parse(ReviewForm, await request.form(), locale(request))
    if form.data is None:
        return await _page(request, seen, window, form, status=_UNPROCESSABLE)
    side = _side(seen)
    author = rules.public_name(seen.row.guest_name) if side is Side.GUEST else seen.view.host_name
    try:
        both = await service.write(
            seen.row,
            side=side,
            stars=form.data.stars,
            notes=form.data.notes(),
            body=form.data.body,
            locale=locale(request),
            author=author,
            person_id=viewer(request).person_id,
            now=clock.now(),
        )
    except Invalid as error:
        form.add_error(error.field or "body", said(request, error.message))
        return await _page(request, seen, window, form, status=_UNPROCESSABLE)
    except Refused as refusal:
        return redirect(request, here, flash=refusal.message, kind="bad")
    return redirect(request, here, flash=_thanks(window, locale(request), both=both))


def _thanks(window: Window, language: str, *, both: bool) -> Text:
    if both:
        return lazy("Thank you. Both of you have written, and both reviews are shown now.")
    until = formats.instant(window.closes_at, language)
    return lazy("Thank you. It stays sealed until the other side writes, or until %(until)s.", until=until)


async def link(request: Request) -> Response:
    """The link of an invitation: from now on this browser may open the booking, and here is its review."""
    reference = access.linked(request.path_params["token"], settings(request))
    if reference is None:
        raise NotFound
    await bookings.get_view(reference)
    response = redirect(request, parts.path(request, "reviews:write", reference))
    access.remember(request, response, reference)
    response.headers["referrer-policy"] = "no-referrer"
    return response


async def _reportable(request: Request) -> Written:
    review = await queries.get_review(int(request.path_params["review_id"]))
    if review.published_at is None or review.hidden_at is not None or review.side != Side.GUEST:
        raise NotFound
    return review


async def report(request: Request) -> Response:
    """What is wrong with a review."""
    review = await _reportable(request)
    if request.method == "GET":
        return _report_page(request, review, filled({}))
    form = parse(ReportForm, await request.form(), locale(request))
    if form.data is None:
        return _report_page(request, review, form, status=_UNPROCESSABLE)
    fresh = await service.report(
        review.id, by=person_id(request), reason=form.data.reason, body=form.data.body, now=clock.now()
    )
    thanks = (
        lazy("Thank you. Somebody from our team reads the review and decides.")
        if fresh
        else lazy("You have reported this review before. Somebody looks into it.")
    )
    return redirect(request, urls.path("discovery:home", locale=locale(request)), flash=thanks)


def _report_page(request: Request, review: Written, form: Form[Any], *, status: int = 200) -> Response:
    context = ReportPage(
        review_id=review.id,
        author=review.author or said(request, lazy("A guest")),
        body=review.body,
        lang=review.locale,
        form=form,
        reasons=[{"value": key.value, "title": said(request, text)} for key, text in rules.REASONS.items()],
    )
    title = parts.page_title(request, lazy("Report a review"), errors=bool(form.errors))
    return render(request, "reviews/report.html", context, title=title, robots=parts.ROBOTS, status=status)


routes = [
    page("/{locale}/trip/{token}/review", link, access=ANYONE, name="reviews:link"),
    page("/{locale}/bookings/{reference}/review", show, access=ANYONE, name="reviews:write"),
    page(
        "/{locale}/bookings/{reference}/review",
        write,
        access=ANYONE,
        name="reviews:write_now",
        methods=("POST",),
    ),
    page(
        "/{locale}/reviews/{review_id:int}/report",
        report,
        access=SIGNED_IN,
        name="reviews:report",
        methods=("GET", "POST"),
    ),
]
