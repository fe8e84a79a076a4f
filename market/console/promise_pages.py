"""Standing allotments of a listing: what is always on sale, more or fewer of it, and withdrawing it with notice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.accounts.rights import Right
from market.console import calendar_view, scope
from market.console.frame import Place, host_places
from market.console.listing_pages import fix
from market.console.scope import OwnListing
from market.errors import Invalid, NotFound
from market.i18n.locales import pick
from market.listings import allotments
from market.listings.allotments import LEAD_DAYS, Promise
from market.listings.offering import Kind, Offering
from market.values.text import lazy
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse, raw_values
from market.web.guards import HOST, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id


class PromiseForm(Inbound):
    """How many of a room (0 stands for the seats of every date) are always on sale."""

    room: Annotated[int, Field(ge=0, le=2**53)]
    units: Annotated[int, Field(ge=1, le=200)]


@dataclass(frozen=True, slots=True)
class PromiseLine:
    """One kind of room, or the dates of a tour or class, and what is promised of it."""

    room: int
    name: str
    most: int
    standing: Promise | None
    ending: Sequence[Promise]
    form: Form[Any]


@dataclass(frozen=True, slots=True)
class Promises:
    """Context of console/promises.html."""

    places: Sequence[Place]
    listing: OwnListing
    lines: Sequence[PromiseLine]
    lead_days: int
    ends_on: date
    is_instant: bool


async def show(request: Request) -> Response:
    """What of a listing is always on sale."""
    return await _page(request, await scope.own_listing(request, Right.CALENDAR), filled({}))


async def _page(request: Request, listing: OwnListing, sent: Form[Any]) -> Response:
    offering = await calendar_view.get_offering_of(listing)
    today = clock.today()
    promises = await allotments.list_promises(listing.id, today)
    context = Promises(
        places=host_places(request, "console:host_listings"),
        listing=listing,
        lines=[_line(request, each, promises, sent, today) for each in _things(request, offering)],
        lead_days=LEAD_DAYS,
        ends_on=today + timedelta(days=LEAD_DAYS),
        is_instant=offering.instant,
    )
    title = fix(request, f"{words(request, lazy('Standing allotment'))}: {listing.title}", sent)
    status = 422 if sent.errors else 200
    return render(request, "console/promises.html", context, title=title, status=status, robots="noindex")


def _things(request: Request, offering: Offering) -> list[tuple[int, str, int]]:
    """(room or 0, name, how many there are) of everything that can be promised."""
    if offering.kind is not Kind.HOMESTAY:
        return [(0, words(request, lazy("Places of every date")), offering.capacity)]
    names = [(room, pick(room.texts, locale(request)).get("name", "") or room.key) for room in offering.rooms]
    return [(room.id, name, room.count) for room, name in names if room.count]


def _line(
    request: Request, thing: tuple[int, str, int], promises: Sequence[Promise], sent: Form[Any], today: date
) -> PromiseLine:
    room, name, most = thing
    own = [promise for promise in promises if (promise.room_type_id or 0) == room]
    standing = next((promise for promise in own if promise.until_on is None), None)
    form: Form[Any] = filled({f"units-{room}": standing.units if standing else min(2, most)})
    if sent.value("room") == str(room):
        form = sent
    ending = [promise for promise in own if promise.until_on is not None]
    return PromiseLine(room, name, most, standing, ending, form)


async def declare(request: Request) -> Response:
    """Promise so many, more or fewer."""
    listing = await scope.own_listing(request, Right.CALENDAR)
    raw = raw_values(await request.form())
    room_name = raw.get("room", ["0"])[0]
    field = f"units-{room_name}"
    parsed = parse(PromiseForm, {"room": [room_name], "units": raw.get(field, [])}, locale(request))
    form: Form[Any] = Form(raw, parsed.data, [(field, message) for _, message in parsed.errors])
    if form.data is not None:
        room = form.data.room or None
        try:
            async with db.transaction():
                await allotments.declare(
                    listing.id, room, form.data.units, by=person_id(request), now=clock.now()
                )
                await scope.note(
                    request, listing.acting, "promised", listing.title, detail=str(form.data.units)
                )
        except Invalid as refusal:
            form.add_error(field, words(request, refusal.message))
        else:
            return redirect(request, _back(request, listing), flash=_PROMISED)
    return await _page(request, listing, form)


_PROMISED = lazy("Promised. Guests who book within it are confirmed at once, and you are told.")


async def withdraw(request: Request) -> Response:
    """Take a promise back; it ends after the notice."""
    listing = await scope.own_listing(request, Right.CALENDAR)
    promise_id = int(request.path_params["promise"])
    if promise_id >= 2**53:
        raise NotFound
    async with db.transaction():
        await allotments.withdraw(listing.id, promise_id, by=person_id(request), now=clock.now())
        await scope.note(request, listing.acting, "withdrew", listing.title)
    flash = lazy(
        "Withdrawn. It still counts for %(days)s days; after that you open and close as you like.",
        days=LEAD_DAYS,
    )
    return redirect(request, _back(request, listing), flash=flash)


def _back(request: Request, listing: OwnListing) -> str:
    return urls.path("console:host_promises", locale=locale(request), slug=listing.slug)


_PROMISES = "/{locale}/host/listings/{slug}/allotment"
routes = [
    page(_PROMISES, show, access=HOST, name="console:host_promises"),
    page(_PROMISES, declare, access=HOST, name="console:host_promise", methods=("POST",)),
    page(
        f"{_PROMISES}/{{promise:int}}/withdraw",
        withdraw,
        access=HOST,
        name="console:host_withdraw_promise",
        methods=("POST",),
    ),
]
