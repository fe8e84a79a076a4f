"""One section of a listing: shown, changed, and shown again with everything typed when something is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from market import db
from market.console import listing_queries, scope
from market.console.editor import sections
from market.console.editor.controls import Around
from market.console.editor.form_sections import FormSection
from market.console.editor.sections import Section
from market.console.editor.tables import TableSection, moved
from market.console.editor.views import ControlView, layout
from market.console.frame import Place, host_places
from market.console.listing_pages import fix
from market.console.scope import OwnListing
from market.errors import Invalid, NotFound, Refused
from market.listings import service as listings
from market.listings.drafts import ListingDraft
from market.listings.rules import BadDraft, NotReady, Problem
from market.values.text import lazy
from market.web import urls
from market.web.forms import Form, raw_values
from market.web.guards import HOST, page
from market.web.render import redirect, render, words
from market.web.request import locale


@dataclass(frozen=True, slots=True)
class Next:
    """The section after this one."""

    title: str
    href: str


@dataclass(frozen=True, slots=True)
class SectionForm:
    """Context of console/section.html."""

    places: Sequence[Place]
    listing: OwnListing
    title: str
    intro: str
    form: Form[Any]
    lines: Sequence[Sequence[ControlView]]
    following: Next | None


@dataclass(frozen=True, slots=True)
class RowView:
    """One row of a list with its fields; `hidden` are (name, value) pairs kept with it."""

    number: int
    title: str
    lines: Sequence[Sequence[ControlView]]
    hidden: Sequence[tuple[str, str]]
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class SectionTable:
    """Context of console/section_table.html."""

    places: Sequence[Place]
    listing: OwnListing
    title: str
    intro: str
    form: Form[Any]
    rows: Sequence[RowView]
    is_ordered: bool
    add: str
    following: Next | None


async def show(request: Request) -> Response:
    """The section as the draft has it."""
    listing, section = await _find(request)
    draft = await scope.draft_of(listing)
    if isinstance(section, TableSection):
        form, count = section.form(draft, 1 if request.query_params.get("more") else 0)
        return await _table_page(request, listing, draft, section, form, count)
    return await _form_page(request, listing, draft, section, section.form(draft))


async def save(request: Request) -> Response:
    """Change the section; back to the form with the errors when it cannot be."""
    listing, section = await _find(request)
    draft = await scope.draft_of(listing)
    raw = raw_values(await request.form())
    if isinstance(section, TableSection):
        raw = moved(raw)
        form, rows, count = section.parse(raw, locale(request))
        await _check_choices(request, form, section, draft, count)
        if not form.errors and await _store(request, listing, form, section.write(draft, rows)):
            return _saved(request, listing, section, more="more" in raw, stay="move" in raw)
        return await _table_page(request, listing, draft, section, form, count)
    form = section.parse(raw, locale(request))
    if form.data is not None and await _store(request, listing, form, section.write(draft, form.data)):
        return _saved(request, listing, section, more=False, stay=False)
    return await _form_page(request, listing, draft, section, form)


async def _find(request: Request) -> tuple[OwnListing, Section]:
    listing = await scope.own_listing(request)
    section = sections.section(listing.kind, request.path_params["section"])
    if section is None:
        raise NotFound
    return listing, section


async def _check_choices(
    request: Request, form: Form[Any], section: TableSection[Any], draft: ListingDraft, count: int
) -> None:
    """Whatever a list offers to choose from is all that may be chosen: no stranger's room to sleep in."""
    around = await _around(request, draft)
    for control in section.controls:
        if control.type == "select" and control.options is not None:
            offered = {value for value, _ in control.options(around)}
            for n in range(count):
                if form.value(f"{control.name}-{n}") not in offered | {""}:
                    form.add_error(f"{control.name}-{n}", words(request, lazy("Choose one of the options.")))


async def _store(request: Request, listing: OwnListing, form: Form[Any], draft: ListingDraft) -> bool:
    """Save the changed draft; False with the refusal in the form."""
    try:
        async with db.transaction():
            await listings.update_listing(listing.id, draft)
            await scope.note(request, listing.acting, "edited", listing.title)
    except (BadDraft, NotReady) as refusal:
        problems: tuple[Problem, ...] = refusal.facts["problems"]
        for problem in problems:
            form.add_error(_field(form.raw, problem.field), words(request, problem.message))
    except (Refused, Invalid) as refusal:
        form.add_error("", words(request, refusal.message))
    else:
        return True
    return False


def _field(raw: Mapping[str, list[str]], name: str) -> str:
    """The form's own field for a part of the draft, or "" when the whole form is meant."""
    return next((field for field in (name, f"{name}_id") if field in raw), "")


def _saved(request: Request, listing: OwnListing, section: Section, *, more: bool, stay: bool) -> Response:
    """On to the next thing: another row, the same list in its new order, or the listing's overview."""
    language = locale(request)
    flash = lazy("Saved.")
    if more:
        to = urls.path(
            "console:host_section", locale=language, slug=listing.slug, section=section.name, more=1
        )
        return redirect(request, to, flash=flash)
    if stay:
        to = urls.path("console:host_section", locale=language, slug=listing.slug, section=section.name)
        return redirect(request, to, flash=lazy("The order is changed."))
    return redirect(
        request, urls.path("console:host_listing", locale=language, slug=listing.slug), flash=flash
    )


def _following(request: Request, listing: OwnListing, section: Section) -> Next | None:
    order = sections.SECTIONS[listing.kind]
    after = order[order.index(section) + 1 :]
    if not after:
        return None
    href = urls.path("console:host_section", locale=locale(request), slug=listing.slug, section=after[0].name)
    return Next(words(request, after[0].title), href)


async def _around(request: Request, draft: ListingDraft) -> Around:
    sleeping = await listing_queries.list_sleeping_places(draft, locale(request))
    return Around(locale(request), sleeping)


async def _form_page(
    request: Request, listing: OwnListing, draft: ListingDraft, section: FormSection[Any], form: Form[Any]
) -> Response:
    context = SectionForm(
        places=host_places(request, "console:host_listings"),
        listing=listing,
        title=words(request, section.title),
        intro=words(request, section.intro),
        form=form,
        lines=layout(section.layout, await _around(request, draft)),
        following=_following(request, listing, section),
    )
    return _answer(request, "console/section.html", context, form, section)


async def _table_page(
    request: Request,
    listing: OwnListing,
    draft: ListingDraft,
    section: TableSection[Any],
    form: Form[Any],
    count: int,
) -> Response:
    around = await _around(request, draft)
    title = words(request, section.row_title)
    rows = [
        RowView(
            number=n,
            title=f"{title} {n + 1}",
            lines=layout(section.layout, around, n),
            hidden=[(f"{name}-{n}", form.value(f"{name}-{n}")) for name in section.hidden],
            is_first=n == 0,
            is_last=n == count - 1,
        )
        for n in range(count)
    ]
    context = SectionTable(
        places=host_places(request, "console:host_listings"),
        listing=listing,
        title=words(request, section.title),
        intro=words(request, section.intro),
        form=form,
        rows=rows,
        is_ordered=section.ordered,
        add=words(request, section.add),
        following=_following(request, listing, section),
    )
    return _answer(request, "console/section_table.html", context, form, section)


def _answer(
    request: Request, template: str, context: SectionForm | SectionTable, form: Form[Any], section: Section
) -> Response:
    title = fix(request, f"{words(request, section.title)}: {context.listing.title}", form)
    return render(
        request, template, context, title=title, status=422 if form.errors else 200, robots="noindex"
    )


_SECTION = "/{locale}/host/listings/{slug}/edit/{section}"
routes = [
    page(_SECTION, show, access=HOST, name="console:host_section"),
    page(_SECTION, save, access=HOST, name="console:host_section_save", methods=("POST",)),
]
