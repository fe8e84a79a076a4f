"""The host's listings: the list, a new one, its overview with what is missing, and its status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.accounts.rights import Right
from market.console import host_queries, listing_queries, scope
from market.console.editor import sections
from market.console.editor.forms import StartForm
from market.console.editor.views import Choice
from market.console.frame import Place, host_places
from market.console.listing_queries import Check, ListingRow
from market.console.scope import OwnListing
from market.errors import NotFound, Refused
from market.i18n.locales import LOCALES
from market.i18n.messages import translate
from market.listings import moderation, rules
from market.listings import service as listings
from market.listings.drafts import ListingDraft, ListingText, StepDraft
from market.listings.languages_themes import KINDS
from market.listings.offering import Band, Kind, Status
from market.listings.rules import NotReady
from market.values.party import ADULT, CHILD, INFANT
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse
from market.web.guards import HOST, page
from market.web.render import redirect, render, words
from market.web.request import locale

STATUS_WORDS: dict[Status, tuple[str, Text]] = {
    Status.DRAFT: ("wait", lazy("Draft")),
    Status.PUBLISHED: ("ok", lazy("Published")),
    Status.PAUSED: ("", lazy("Paused")),
}
_KIND_HINTS: dict[Kind, Text] = {
    Kind.HOMESTAY: lazy("Rooms in your house, by the night."),
    Kind.LESSON: lazy("A few hours: cooking, weaving, language, music."),
    Kind.TOUR: lazy("One day or several, with places to sleep on the way."),
}
_BANDS = (
    Band(ADULT, 12, 120, 100, seat=True),
    Band(CHILD, 4, 11, 50, seat=True),
    Band(INFANT, 0, 3, 0, seat=False),
)


class StatusForm(Inbound):
    """Publish or pause."""

    status: Literal["published", "paused"]


@dataclass(frozen=True, slots=True)
class ListingLine:
    """A row of the list with its words."""

    row: ListingRow
    kind_label: str
    status_tag: str
    status_label: str


@dataclass(frozen=True, slots=True)
class Listings:
    """Context of console/listings.html."""

    places: Sequence[Place]
    lines: Sequence[ListingLine]


@dataclass(frozen=True, slots=True)
class KindChoice(Choice):
    """A kind of listing to begin, with what it is."""

    text: str


@dataclass(frozen=True, slots=True)
class NewListing:
    """Context of console/listing_new.html."""

    places: Sequence[Place]
    form: Form[Any]
    kinds: Sequence[KindChoice]
    hosts: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SectionLink:
    """One part of a listing to edit."""

    title: str
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A check with its words and where it is mended."""

    state: str
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Overview:
    """Context of console/listing.html."""

    places: Sequence[Place]
    listing: OwnListing
    kind_label: str
    status_tag: str
    status_label: str
    sections: Sequence[SectionLink]
    missing: Sequence[CheckLine]
    hints: Sequence[CheckLine]
    review: str
    review_reason: str
    previews: Sequence[tuple[str, str]]
    is_tour: bool


async def index(request: Request) -> Response:
    """All listings of the viewer's hosts."""
    language = locale(request)
    rows = await listing_queries.list_rows(await scope.own_listings(request), clock.now(), language)
    lines = [
        ListingLine(
            row,
            translate(KINDS[row.kind.value], language),
            STATUS_WORDS[row.status][0],
            translate(STATUS_WORDS[row.status][1], language),
        )
        for row in rows
    ]
    context = Listings(host_places(request, "console:host_listings"), lines)
    return render(
        request,
        "console/listings.html",
        context,
        title=words(request, lazy("Your listings")),
        robots="noindex",
    )


async def new(request: Request) -> Response:
    """The first questions about a new listing."""
    hosts = await host_queries.list_hosts(scope.host_ids(request, Right.PRICES))
    chosen = {"host": hosts[0][0]} if len(hosts) == 1 else {}
    return _new_page(request, filled(chosen), hosts)


async def create(request: Request) -> Response:
    """Begin a draft and go on to its words."""
    hosts = await host_queries.list_hosts(scope.host_ids(request, Right.PRICES))
    form = parse(StartForm, await request.form(), locale(request))
    host = next((each for each in hosts if form.data is not None and each[0] == form.data.host), None)
    if form.data is not None and host is None:
        form.add_error("host", words(request, lazy("Choose who hosts.")))
    if form.data is None or host is None:
        return _new_page(request, form, hosts)
    draft = _first_draft(form.data, village_id=host[2])
    listing_id = await listings.create_listing(draft)
    made = next(each for each in await scope.own_listings(request) if each.id == listing_id)
    to = urls.path("console:host_section", locale=locale(request), slug=made.slug, section="words")
    return redirect(request, to, flash=lazy("The draft is saved. Nobody sees it until you publish it."))


def _first_draft(data: StartForm, village_id: int) -> ListingDraft:
    """A sound beginning of each kind, with the commonest answers already given."""
    kind = Kind(data.kind)
    texts = {"id": ListingText(title=data.title_id), "en": ListingText(title=data.title_en)}
    draft = ListingDraft(
        kind=kind,
        host_id=data.host,
        village_id=village_id,
        policy=rules.POLICIES[kind][0],
        texts=texts,
        slug="" if data.title_en else rules.slug_of(data.title_id),
        instant=False,
        bands=_BANDS,
        capacity=8,
        notice_hours=24,
        cutoff_hours=24,
        price_minor=250_000,
        minutes=180,
        days=3,
    )
    if kind is Kind.TOUR:
        return replace(draft, min_guests=2, notice_hours=72, cutoff_hours=48, price_minor=2_500_000)
    if kind is Kind.HOMESTAY:
        return replace(draft, days=1, minutes=0, capacity=0, steps=(), price_minor=0)
    return replace(draft, days=1, steps=tuple[StepDraft, ...]())


def _new_page(request: Request, form: Form[Any], hosts: Sequence[tuple[int, str, int]]) -> Response:
    language = locale(request)
    kinds = [
        KindChoice(kind.value, translate(KINDS[kind.value], language), translate(text, language))
        for kind, text in _KIND_HINTS.items()
    ]
    context = NewListing(
        host_places(request, "console:host_listings"), form, kinds, [(str(h[0]), h[1]) for h in hosts]
    )
    title = words(request, lazy("New listing"))
    return render(
        request,
        "console/listing_new.html",
        context,
        title=fix(request, title, form),
        robots="noindex",
        status=422 if form.errors else 200,
    )


def fix(request: Request, title: str, form: Form[Any]) -> str:
    """The title of a page; it says first that something is to be put right."""
    return f"{words(request, lazy('Fix'))}: {title}" if form.errors else title


async def overview(request: Request) -> Response:
    """A listing's parts, what is missing, and the way to its guests."""
    listing, language = await scope.own_listing(request), locale(request)
    draft = await scope.draft_of(listing)
    checks = await listing_queries.list_checks(listing, draft, clock.now(), language)
    lines = [(check, _check_line(check, listing, language)) for check in checks]
    tag, status = STATUS_WORDS[listing.status]
    review, reason = await moderation.get_review(listing.id)
    context = Overview(
        places=host_places(request, "console:host_listings"),
        listing=listing,
        kind_label=translate(KINDS[listing.kind.value], language),
        status_tag=tag,
        status_label=translate(status, language),
        sections=_links(listing, language),
        missing=[line for check, line in lines if check.state == "bad"],
        hints=[line for check, line in lines if check.state == "warn"],
        review=review,
        review_reason=reason,
        previews=[
            (name, urls.path("discovery:listing", locale=code, slug=listing.slug))
            for code, name in LOCALES.items()
        ],
        is_tour=listing.kind is Kind.TOUR,
    )
    return render(request, "console/listing.html", context, title=listing.title, robots="noindex")


def _links(listing: OwnListing, language: str) -> list[SectionLink]:
    found = [
        SectionLink(
            translate(each.title, language),
            translate(each.intro, language),
            _section_url(listing, each.name, language),
        )
        for each in sections.SECTIONS[listing.kind]
    ]
    photos = SectionLink(
        translate(lazy("Photos"), language),
        translate(lazy("Up to twelve. The first one is the cover."), language),
        _section_url(listing, "photos", language),
    )
    return [found[0], photos, *found[1:]]


def _section_url(listing: OwnListing, section: str, language: str) -> str:
    if section == "photos":
        return urls.path("console:host_photos", locale=language, slug=listing.slug)
    if section == "calendar":
        return urls.path("console:host_calendar", locale=language, listing=listing.slug)
    name = "days" if section == "steps" and listing.kind is Kind.TOUR else section
    return urls.path("console:host_section", locale=language, slug=listing.slug, section=name)


def _check_line(check: Check, listing: OwnListing, language: str) -> CheckLine:
    return CheckLine(
        check.state, translate(check.title, language), _section_url(listing, check.section, language)
    )


_WAITING = lazy("Sent to us: we look at the first listing of every new host, usually within a working day.")


async def set_status(request: Request) -> Response:
    """Show the listing to guests, or take it off for a while."""
    listing = await scope.own_listing(request)
    form = parse(StatusForm, await request.form(), locale(request))
    if form.data is None:
        raise NotFound
    back = urls.path("console:host_listing", locale=locale(request), slug=listing.slug)
    try:
        async with db.transaction():
            status = await listings.set_status(listing.id, Status(form.data.status))
            name = "published" if form.data.status == "published" else "paused"
            await scope.note(request, listing.acting, name, listing.title)
    except NotReady:
        flash = lazy("Not published yet: the list below says what is missing.")
        return redirect(request, back, flash=flash, kind="bad")
    except Refused as refusal:
        return redirect(request, back, flash=refusal.message, kind="bad")
    if form.data.status == "paused":
        return redirect(request, back, flash=lazy("Paused. Bookings already made stand."))
    if status is not Status.PUBLISHED:
        return redirect(request, back, flash=_WAITING, kind="wait")
    return redirect(request, back, flash=lazy("Published. Guests can find it now."))


_LISTING = "/{locale}/host/listings/{slug}"
routes = [
    page("/{locale}/host/listings", index, access=HOST, name="console:host_listings"),
    page("/{locale}/host/new", new, access=HOST, name="console:host_new"),
    page("/{locale}/host/new", create, access=HOST, name="console:host_create", methods=("POST",)),
    page(_LISTING, overview, access=HOST, name="console:host_listing"),
    page(f"{_LISTING}/status", set_status, access=HOST, name="console:host_status", methods=("POST",)),
]
