"""The operators' look at new listings and photos: both languages side by side, approve, return, hide a photo."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.console import operator_moderation as moderating
from market.console.frame import Tab, operator_tabs
from market.console.listing_pages import fix
from market.console.operator_moderation import NewPhoto
from market.db.sql import Row
from market.errors import Invalid, NotFound, Refused
from market.i18n.locales import LOCALES, pick
from market.i18n.messages import translate
from market.listings import draft_queries, moderation
from market.listings.drafts import ListingText
from market.listings.languages_themes import KINDS
from market.listings.moderation import Step, Waiting
from market.staff import log
from market.staff.log import Act
from market.values.text import Text, lazy, lazy_n
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse
from market.web.guards import OPERATOR, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, settings

_STEPS: dict[str, Text] = {
    "asked": lazy("The host asked for a look"),
    "approved": lazy("Approved"),
    "returned": lazy("Returned to the host"),
}


class DecideForm(Inbound):
    """What becomes of a listing."""

    act: Literal["approve", "return"]
    reason: Annotated[str, Field(max_length=1000)] = ""


class PhotoForm(Inbound):
    """What becomes of a photo."""

    act: Literal["hide", "show"]
    reason: Annotated[str, Field(max_length=400)] = ""


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of the look, for `ui/log.html`."""

    when: str
    text: str
    who: str


@dataclass(frozen=True, slots=True)
class PhotoCard:
    """A photo with the form that hides or shows it."""

    photo: NewPhoto
    form: Form[Any]


@dataclass(frozen=True, slots=True)
class Listings:
    """Context of console/operator_listings.html."""

    tabs: Sequence[Tab]
    waiting: Sequence[tuple[Waiting, str]]
    photos: Sequence[PhotoCard]
    errors: Sequence[tuple[str, str]]
    newest: int


@dataclass(frozen=True, slots=True)
class Preview:
    """Context of console/operator_listing.html."""

    tabs: Sequence[Tab]
    slug: str
    title: str
    host: str
    kind: str
    place: str
    price_minor: int
    waits: bool
    published: bool
    texts: Sequence[tuple[str, str, ListingText]]
    photos: Sequence[PhotoCard]
    steps: Sequence[tuple[str, Step]]
    form: Form[Any]


async def index(request: Request) -> Response:
    """First listings that wait for a look, and photos nobody of us has seen."""
    return await _index(request, 0, filled({}))


async def _index(request: Request, asked: int, form: Form[Any], *, status: int = 200) -> Response:
    language = locale(request)
    waiting = await moderation.list_waiting(language)
    photos = await moderating.list_new_photos(language)
    context = Listings(
        tabs=operator_tabs(request, "console:operator_listings"),
        waiting=[(each, translate(KINDS[each.kind], language)) for each in waiting],
        photos=[PhotoCard(photo, form if photo.id == asked else filled({})) for photo in photos],
        errors=[(f"{name}-{asked}", message) for name, message in form.errors],
        newest=max((photo.id for photo in photos), default=0),
    )
    title = fix(request, words(request, lazy("New listings and photos")), form)
    return render(
        request, "console/operator_listings.html", context, title=title, status=status, robots="noindex"
    )


async def _found(request: Request) -> Row:
    row = await moderating.find_listing(request.path_params["slug"])
    if row is None:
        raise NotFound
    return row


async def show(request: Request) -> Response:
    """One listing in every language, with its photos and the story of the look at it."""
    return await _show(request, await _found(request), filled({}))


async def _show(request: Request, row: Row, form: Form[Any], *, status: int = 200) -> Response:
    language = locale(request)
    draft = await draft_queries.get_draft(row["id"])
    if draft is None:
        raise NotFound
    steps = await moderation.list_steps(row["id"])
    titles = {code: text.title for code, text in draft.texts.items() if text.title}
    name = pick(titles, language) if titles else row["slug"]
    context = Preview(
        tabs=operator_tabs(request, "console:operator_listings"),
        slug=row["slug"],
        title=name,
        host=row["host_name"],
        kind=translate(KINDS[row["kind"]], language),
        place=row["village"],
        price_minor=row["shown_price_minor"],
        waits=row["review"] == "waiting",
        published=row["status"] == "published",
        texts=[(code, name, draft.texts[code]) for code, name in LOCALES.items() if code in draft.texts],
        photos=[
            PhotoCard(photo, filled({})) for photo in await moderating.list_photos_of(row["id"], language)
        ],
        steps=[(words(request, _STEPS[step.decision]), step) for step in reversed(steps)],
        form=form,
    )
    title = fix(request, words(request, lazy("Look at %(title)s", title=name)), form)
    return render(
        request, "console/operator_listing.html", context, title=title, status=status, robots="noindex"
    )


async def decide(request: Request) -> Response:
    """Approve a first listing, or return it with the reason the host reads."""
    row, now, by = await _found(request), clock.now(), person_id(request)
    form = parse(DecideForm, await request.form(), locale(request))
    if form.data is None:
        return await _show(request, row, form, status=422)
    data, config = form.data, settings(request)
    try:
        async with db.transaction():
            if data.act == "approve":
                await moderation.approve_listing(row["id"], by=by, now=now, config=config)
                await log.note(Act.LISTING_APPROVED, by=by, now=now, subject=row["slug"])
            else:
                await moderation.return_listing(row["id"], reason=data.reason, by=by, now=now, config=config)
                await log.note(Act.LISTING_RETURNED, by=by, now=now, subject=row["slug"], reason=data.reason)
    except Invalid as problem:
        form.add_error("reason", words(request, problem.message))
        return await _show(request, row, form, status=422)
    except Refused as refusal:
        here = urls.path("console:operator_listings", locale=locale(request))
        return redirect(request, here, flash=refusal.message, kind="wait")
    said = (
        lazy("Approved: guests see it now, and the host is told.")
        if data.act == "approve"
        else lazy("Returned: the host reads your reason.")
    )
    return redirect(request, urls.path("console:operator_listings", locale=locale(request)), flash=said)


# Photos ----------------------------------------------------------------------------------------------------
async def judge_photo(request: Request) -> Response:
    """Hide a photo with a reason that its host reads, or show it again."""
    photo_id, now, by = request.path_params["photo"], clock.now(), person_id(request)
    if await moderating.find_photo(photo_id) is None:
        raise NotFound
    form = parse(PhotoForm, await request.form(), locale(request))
    if form.data is not None and form.data.act == "hide" and len(form.data.reason) < moderating.LEAST_REASON:
        form.add_error("reason", words(request, lazy("Say why, in a sentence the host can act on.")))
    if form.data is None:
        return await _index(request, photo_id, form, status=422)
    if form.data.act == "hide":
        await moderating.hide_photo(
            photo_id, reason=form.data.reason, by=by, now=now, config=settings(request)
        )
        said = lazy("Hidden: guests do not see this photo any more, and the host is told.")
    else:
        await moderating.show_photo(photo_id, by=by, now=now)
        said = lazy("The photo is shown again.")
    return redirect(request, urls.path("console:operator_listings", locale=locale(request)), flash=said)


async def photos_seen(request: Request) -> Response:
    """The new photos on the page are fine."""
    form = await request.form()
    typed = str(form.get("newest", ""))
    newest = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else 0
    count = await moderating.photos_are_fine(newest, by=person_id(request), now=clock.now())
    said = lazy_n("%(count)s photo is looked at.", "%(count)s photos are looked at.", count)
    return redirect(request, urls.path("console:operator_listings", locale=locale(request)), flash=said)


_HOME = "/{locale}/operator/listings"
routes = [
    page(_HOME, index, access=OPERATOR, name="console:operator_listings"),
    page(
        "/{locale}/operator/photos/seen",
        photos_seen,
        access=OPERATOR,
        name="console:operator_photos_seen",
        methods=("POST",),
    ),
    page(
        "/{locale}/operator/photos/{photo:int}",
        judge_photo,
        access=OPERATOR,
        name="console:operator_photo",
        methods=("POST",),
    ),
    page(_HOME + "/{slug}", show, access=OPERATOR, name="console:operator_listing"),
    page(
        _HOME + "/{slug}",
        decide,
        access=OPERATOR,
        name="console:operator_listing_decide",
        methods=("POST",),
    ),
]
