"""From nothing to guests: becoming a host, and a homestay from one short form with everything else answered.

What the form leaves out has the commonest answer and can be changed in the editor afterwards. A new host's first
listing is looked at by operators before guests see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field
from starlette.requests import Request
from starlette.responses import Response

from market import db
from market.accounts import hosting, sessions
from market.accounts.rights import Right
from market.console import host_queries, scope
from market.console.editor.values import Body, Rupiah, Title
from market.console.frame import Place, host_places
from market.console.listing_pages import fix
from market.errors import Invalid, NotFound, Refused
from market.i18n.messages import translate
from market.listings import rules
from market.listings import service as listings
from market.listings.drafts import ListingDraft, ListingText, RoomDraft
from market.listings.offering import Kind, Status
from market.listings.rules import BadDraft, NotReady
from market.notifications.addresses import PhoneNumber
from market.values.text import Text, lazy
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse
from market.web.guards import HOST, SIGNED_IN, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, settings, viewer

ROOM_NAMES: dict[str, tuple[str, str]] = {
    "guest": ("Kamar tamu", "Guest room"),
    "family": ("Kamar keluarga", "Family room"),
    "front": ("Kamar depan", "Front room"),
    "garden": ("Kamar kebun", "Garden room"),
    "house": ("Rumah adat", "Traditional house"),
}


def _one_line(typed: str) -> str:
    return " ".join(typed.split())


class HostForm(Inbound):
    """Who hosts, where, and a phone number."""

    name: Annotated[str, Field(min_length=3, max_length=80), AfterValidator(_one_line)]
    village: Annotated[int, Field(ge=1, le=2**53)]
    phone: PhoneNumber
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {
        "name": {"missing": lazy("Enter your family's name.")},
        "village": {"any": lazy("Choose your village.")},
        "phone": {
            "missing": lazy("Enter the phone number with its country code, for example +62 812 3456 7890.")
        },
    }


class HomestayForm(Inbound):
    """A homestay in few words."""

    host: Annotated[int, Field(ge=1, le=2**53)]
    title_id: Annotated[Title, Field(min_length=3)]
    title_en: Annotated[Title, Field(min_length=3)]
    body_id: Annotated[Body, Field(min_length=20)]
    body_en: Annotated[Body, Field(min_length=20)]
    room: Annotated[str, Field(pattern="^(guest|family|front|garden|house)$")] = "guest"
    count: Annotated[int, Field(ge=1, le=100)] = 1
    sleeps: Annotated[int, Field(ge=1, le=20)] = 2
    price: Rupiah
    WORDS: ClassVar[dict[str, dict[str, Text]]] = {"room": {"any": lazy("Choose one of the options.")}}


@dataclass(frozen=True, slots=True)
class BecomeHost:
    """Context of console/become_host.html."""

    form: Form[Any]
    villages: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class QuickHomestay:
    """Context of console/quick_homestay.html."""

    places: Sequence[Place]
    form: Form[Any]
    hosts: Sequence[tuple[str, str]]
    rooms: Sequence[tuple[str, str]]
    is_reviewed: bool


async def become(request: Request) -> Response:
    """What a new host is asked."""
    return await _become_page(request, filled({"phone": ""}))


async def _become_page(request: Request, form: Form[Any]) -> Response:
    villages = await db.fetch("SELECT id, name FROM village ORDER BY name, id")
    context = BecomeHost(form, [(str(row["id"]), row["name"]) for row in villages])
    title = fix(request, words(request, lazy("Become a host")), form)
    status = 422 if form.errors else 200
    return render(request, "console/become_host.html", context, title=title, status=status, robots="noindex")


async def open_host(request: Request) -> Response:
    """Open a host family for the signed-in person and go on to a first listing."""
    form = parse(HostForm, await request.form(), locale(request))
    if form.data is None:
        return await _become_page(request, form)
    who = viewer(request)
    try:
        await hosting.open_host(
            person_id(request), name=form.data.name, village_id=form.data.village, phone=form.data.phone
        )
    except (Invalid, Refused) as refusal:
        form.add_error(getattr(refusal, "field", None) or "", words(request, refusal.message))
        return await _become_page(request, form)
    device = sessions.device_label(request.headers.get("user-agent", ""))
    started = await sessions.rotate_session(who.session_hash, person_id(request), device=device)
    to = urls.path("console:host_quick", locale=locale(request))
    response = redirect(request, to, flash=lazy("Welcome. Now your first room, in a few words."))
    sessions.put_cookie(response, started, settings(request))
    return response


async def quick(request: Request) -> Response:
    """The short form for a homestay."""
    return await _quick_page(request, filled({"count": 1, "sleeps": 2, "room": "guest"}))


async def _quick_page(request: Request, form: Form[Any]) -> Response:
    language = locale(request)
    hosts = await host_queries.list_hosts(scope.host_ids(request, Right.PRICES))
    if not hosts:
        raise NotFound
    details = await hosting.list_hosts([host[0] for host in hosts])
    context = QuickHomestay(
        places=host_places(request, "console:host_listings"),
        form=form,
        hosts=[(str(host[0]), host[1]) for host in hosts],
        rooms=[
            (key, id_name if language == "id" else en_name) for key, (id_name, en_name) in ROOM_NAMES.items()
        ],
        is_reviewed=any(host.needs_review for host in details),
    )
    title = fix(request, translate(lazy("A homestay in three minutes"), language), form)
    status = 422 if form.errors else 200
    return render(
        request, "console/quick_homestay.html", context, title=title, status=status, robots="noindex"
    )


async def make(request: Request) -> Response:
    """Make the homestay and publish it, or send it to be looked at."""
    form = parse(HomestayForm, await request.form(), locale(request))
    hosts = await host_queries.list_hosts(scope.host_ids(request, Right.PRICES))
    data = form.data
    village = next((host[2] for host in hosts if data is not None and host[0] == data.host), None)
    if data is not None and village is None:
        raise NotFound
    if data is None or village is None:
        return await _quick_page(request, form)
    try:
        async with db.transaction():
            listing_id = await listings.create_listing(draft_of(data, village))
            status = await listings.set_status(listing_id, Status.PUBLISHED)
    except (BadDraft, NotReady) as refusal:
        form.errors = [("", words(request, problem.message)) for problem in refusal.facts["problems"]]
        return await _quick_page(request, form)
    made = next(each for each in await scope.own_listings(request) if each.id == listing_id)
    to = urls.path("console:host_listing", locale=locale(request), slug=made.slug)
    if status is Status.PUBLISHED:
        flash = lazy("Published: guests can book it now. Add photos and close the days you do not want.")
        return redirect(request, to, flash=flash)
    return redirect(request, to, flash=lazy("Sent to us for a look. Meanwhile, add photos."), kind="wait")


def draft_of(data: HomestayForm, village_id: int) -> ListingDraft:
    """The homestay with sensible answers to everything the form does not ask."""
    names = ROOM_NAMES[data.room]
    texts = {
        "id": ListingText(title=data.title_id, summary=first_sentence(data.body_id), body=data.body_id),
        "en": ListingText(title=data.title_en, summary=first_sentence(data.body_en), body=data.body_en),
    }
    room = RoomDraft(
        key=data.room,
        count=data.count,
        sleeps=data.sleeps,
        price_minor=data.price,
        texts={"id": {"name": names[0], "about": ""}, "en": {"name": names[1], "about": ""}},
    )
    return ListingDraft(
        kind=Kind.HOMESTAY,
        host_id=data.host,
        village_id=village_id,
        policy=rules.POLICIES[Kind.HOMESTAY][0],
        texts=texts,
        instant=False,
        max_party=min(data.count * data.sleeps, 12),
        notice_hours=24,
        cutoff_hours=24,
        rooms=(room,),
    )


def first_sentence(body: str) -> str:
    """A summary out of a description: its first sentence, cut at a word when it is long."""
    text = " ".join(body.split())
    end = min((text.find(mark) + 1 for mark in (". ", "! ", "? ") if mark in text), default=len(text))
    sentence = text[:end]
    if len(sentence) <= rules.MAX_SUMMARY:
        return sentence
    return sentence[: rules.MAX_SUMMARY - 1].rpartition(" ")[0] + "…"


routes = [
    page("/{locale}/become-a-host", become, access=SIGNED_IN, name="console:become_host"),
    page(
        "/{locale}/become-a-host",
        open_host,
        access=SIGNED_IN,
        name="console:open_host",
        methods=("POST",),
    ),
    page("/{locale}/host/new/homestay", quick, access=HOST, name="console:host_quick"),
    page("/{locale}/host/new/homestay", make, access=HOST, name="console:host_make", methods=("POST",)),
]
