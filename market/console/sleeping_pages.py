"""Sleeping places of a tour in other families' houses: asking for a room, and a house's yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.accounts.rights import Right
from market.console import scope
from market.console.frame import Place, host_places
from market.console.scope import OwnListing
from market.errors import NotFound, Refused
from market.listings import sleeping
from market.listings.offering import Kind
from market.values.text import lazy
from market.web import urls
from market.web.forms import Inbound, parse
from market.web.guards import HOST, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, settings


class AskForm(Inbound):
    """A room to ask for, with a word to its family."""

    room: Annotated[int, Field(ge=1, le=2**53)]
    note: Annotated[str, Field(max_length=400)] = ""


class ConsentForm(Inbound):
    """A house's answer."""

    answer: Literal["yes", "no"]
    words: Annotated[str, Field(max_length=400)] = ""


@dataclass(frozen=True, slots=True)
class Sleeping:
    """Context of console/sleeping.html."""

    places: Sequence[Place]
    listing: OwnListing
    rooms: Sequence[sleeping.Place]


async def show(request: Request) -> Response:
    """The rooms of other families in the village, and what each house has said."""
    listing = await _tour(request)
    context = Sleeping(
        host_places(request, "console:host_listings"),
        listing,
        await sleeping.list_places(listing.id, locale(request)),
    )
    title = f"{words(request, lazy('Sleeping places'))}: {listing.title}"
    return render(request, "console/sleeping.html", context, title=title, robots="noindex")


async def _tour(request: Request) -> OwnListing:
    listing = await scope.own_listing(request, Right.PRICES)
    if listing.kind is not Kind.TOUR:
        raise NotFound
    return listing


async def ask(request: Request) -> Response:
    """Ask a family for one of its rooms."""
    listing = await _tour(request)
    form = parse(AskForm, await request.form(), locale(request))
    back = urls.path("console:host_sleeping", locale=locale(request), slug=listing.slug)
    if form.data is None:
        return redirect(request, back, flash=lazy("Choose one of the rooms."), kind="bad")
    async with db.transaction():
        await sleeping.ask(
            listing.id,
            form.data.room,
            note=form.data.note,
            by=person_id(request),
            now=clock.now(),
            config=settings(request),
        )
        await scope.note(request, listing.acting, "asked_house", listing.title)
    return redirect(request, back, flash=lazy("Asked. The family sees it on its page and gets a mail."))


async def answer(request: Request) -> Response:
    """Say yes or no to a tour that would like to sleep in one of the viewer's rooms."""
    consent_id = int(request.path_params["consent"])
    if consent_id >= 2**53:
        raise NotFound
    form = parse(ConsentForm, await request.form(), locale(request))
    back = urls.path("console:host", locale=locale(request))
    hosts = scope.host_ids(request, Right.CALENDAR)
    if consent_id not in {each.id for each in await sleeping.list_asked_of(hosts, locale(request))}:
        raise NotFound
    if form.data is None:
        return redirect(request, back, flash=lazy("Choose to accept or to decline."), kind="bad")
    yes = form.data.answer == "yes"
    try:
        await sleeping.answer(
            consent_id,
            hosts,
            yes=yes,
            words=form.data.words,
            by=person_id(request),
            now=clock.now(),
            config=settings(request),
        )
    except Refused as refusal:
        return redirect(request, back, flash=refusal.message, kind="bad")
    said = (
        lazy("Yes. The tour may now sleep in your room; its nights are taken from your calendar.")
        if yes
        else lazy("No. New dates of the tour will not sleep in your room.")
    )
    return redirect(request, back, flash=said)


routes = [
    page("/{locale}/host/listings/{slug}/sleeping", show, access=HOST, name="console:host_sleeping"),
    page(
        "/{locale}/host/listings/{slug}/sleeping",
        ask,
        access=HOST,
        name="console:host_ask_house",
        methods=("POST",),
    ),
    page(
        "/{locale}/host/consents/{consent:int}",
        answer,
        access=HOST,
        name="console:host_consent",
        methods=("POST",),
    ),
]
