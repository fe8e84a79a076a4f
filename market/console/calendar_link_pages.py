"""A host's calendar links: the address other sites read, the addresses we read, and how that goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.accounts.rights import Right
from market.calendars import addresses, collisions, feeds, links, problems, queries
from market.calendars.collisions import Conflict
from market.calendars.feeds import Feed
from market.calendars.queries import Link
from market.console import scope
from market.console.frame import Place, host_places
from market.console.listing_pages import fix
from market.console.scope import OwnListing
from market.db.sql import as_json
from market.errors import Invalid, NotFound, Refused
from market.i18n.locales import pick
from market.listings.offering import Kind
from market.values.text import Text, lazy, lazy_n
from market.villages.acts import Acting
from market.web import urls
from market.web.forms import Form, Inbound, filled, parse, raw_values
from market.web.guards import HOST, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id, settings

REFRESH_SECONDS: Final = 3
_STILL_WORTH_WAITING: Final = timedelta(minutes=1)


class LinkForm(Inbound):
    """A calendar to read: what the host calls it, and its address."""

    WORDS = {"url": {"missing": addresses.BadAddress.message}}  # noqa: RUF012 - the base declares it so

    name: Annotated[str, Field(max_length=links.LONGEST_NAME)] = ""
    url: Annotated[str, Field(max_length=addresses.LONGEST)]


class ActForm(Inbound):
    """What to do with a linked calendar."""

    act: Literal["fetch", "remove"]


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A linked calendar as the page shows it; `give` is the address meant for that site."""

    id: int
    name: str
    shown: str
    tag: str
    state: str
    problem: str
    good_at: datetime | None
    age: str
    nights: int
    conflicts: int
    echoes: int
    give: str
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class RoomPart:
    """A kind of room: its feed and its linked calendars."""

    id: int
    name: str
    listing: str
    feed: Feed | None
    address: str
    links: Sequence[LinkLine]
    form: Form[Any]
    may_add: bool


@dataclass(frozen=True, slots=True)
class CalendarLinks:
    """Context of console/calendar_links.html."""

    places: Sequence[Place]
    rooms: Sequence[RoomPart]
    conflicts: Sequence[Conflict]
    errors: Sequence[tuple[str, str]]
    pending: bool


async def show(request: Request) -> Response:
    """Every kind of room with its addresses."""
    return await _page(request, None, filled({}))


async def _page(request: Request, room_id: int | None, sent: Form[Any]) -> Response:
    """The page; `sent` is the form of one room that could not be carried out."""
    now = clock.now()
    listings = [
        each
        for each in await scope.own_listings(request, Right.CALENDAR)
        if each.kind is Kind.HOMESTAY and not each.pooled
    ]
    if room_id is not None and not await _is_among(room_id, listings):
        listings = [await _listing_of(request, room_id)]
    rooms = await _rooms(request, listings)
    known = await queries.list_feeds([room for room, _, _ in rooms], settings(request))
    linked = await queries.list_links([room for room, _, _ in rooms], clock.today())
    parts = [
        _part(
            request, room, known.get(room[0]), linked.get(room[0], []), sent if room[0] == room_id else None
        )
        for room in rooms
    ]
    pending = any(
        link.is_pending and now - link.asked_at < _STILL_WORTH_WAITING
        for found in linked.values()
        for link in found
    )
    context = CalendarLinks(
        places=host_places(request, "console:host_calendar"),
        rooms=parts,
        conflicts=await collisions.of_hosts({each.host_id for each in listings}, clock.today()),
        errors=sent.errors,
        pending=pending and not sent.errors,
    )
    title = fix(request, words(request, lazy("Calendar links")), sent)
    status = 422 if sent.errors else 200
    response = render(
        request, "console/calendar_links.html", context, title=title, status=status, robots="noindex"
    )
    if context.pending:
        response.headers["refresh"] = str(REFRESH_SECONDS)
    return response


async def _is_among(room_id: int, listings: Sequence[OwnListing]) -> bool:
    row = await db.fetch_one("SELECT listing_id FROM room_type WHERE id = $1", room_id)
    return row is not None and row["listing_id"] in {listing.id for listing in listings}


async def _rooms(request: Request, listings: Sequence[OwnListing]) -> list[tuple[int, str, str]]:
    """(id, name, title of the listing) of the kinds of room that exist."""
    titles = {listing.id: listing.title for listing in listings}
    if not titles:
        return []
    places = ", ".join(f"${n}" for n in range(1, 1 + len(titles)))
    rows = await db.fetch(
        f"SELECT id, listing_id, key, texts FROM room_type WHERE count > 0 AND listing_id IN ({places})"
        " ORDER BY listing_id, position, id",
        *titles,
    )
    language = locale(request)
    return [
        (
            row["id"],
            pick(as_json(row["texts"]) or {language: {}}, language).get("name", "") or row["key"],
            titles[row["listing_id"]],
        )
        for row in rows
    ]


def _part(
    request: Request,
    room: tuple[int, str, str],
    feed: Feed | None,
    found: Sequence[Link],
    sent: Form[Any] | None,
) -> RoomPart:
    config = settings(request)
    return RoomPart(
        id=room[0],
        name=room[1],
        listing=room[2],
        feed=feed,
        address=feeds.address(feed, config) if feed else "",
        links=[_line(request, link, feed) for link in found],
        form=sent or filled({}),
        may_add=len(found) < links.MOST_LINKS,
    )


def _line(request: Request, link: Link, feed: Feed | None) -> LinkLine:
    now = clock.now()
    tag, state = _state(link, now)
    return LinkLine(
        id=link.id,
        name=link.name,
        shown=link.shown,
        tag=tag,
        state=words(request, state),
        problem=words(request, problems.words_of(link.problem)) if link.problem else "",
        good_at=link.good_at,
        age=words(request, age(now - link.good_at)) if link.good_at else "",
        nights=link.nights,
        conflicts=link.conflicts,
        echoes=link.echoes,
        give=feeds.address(feed, settings(request), link.id) if feed else "",
        read_at=link.read_at,
    )


def _state(link: Link, now: datetime) -> tuple[str, Text]:
    if link.is_pending and now - link.asked_at < _STILL_WORTH_WAITING:
        return "wait", lazy("Being fetched")
    if link.problem:
        return "bad", lazy("Cannot be read")
    if link.good_at is None:
        return "wait", lazy("Not fetched yet")
    return "ok", lazy("Up to date")


def age(since: timedelta) -> Text:
    """How long ago, in the largest whole unit."""
    minutes = max(0, int(since.total_seconds() // 60))
    if minutes < 1:
        return lazy("just now")
    if minutes < 60:
        return lazy_n("%(count)s minute ago", "%(count)s minutes ago", minutes)
    if minutes < 48 * 60:
        return lazy_n("%(count)s hour ago", "%(count)s hours ago", minutes // 60)
    return lazy_n("%(count)s day ago", "%(count)s days ago", minutes // (24 * 60))


# Commands ------------------------------------------------------------------------------------------------
async def _listing_of(request: Request, room_id: int) -> OwnListing:
    """The listing of a kind of room, if the viewer may change its calendar; NotFound otherwise."""
    row = await db.fetch_one(
        "SELECT x.slug FROM room_type r JOIN listing x ON x.id = r.listing_id WHERE r.id = $1", room_id
    )
    if row is None:
        raise NotFound
    request.path_params["slug"] = row["slug"]
    return await scope.own_listing(request, Right.CALENDAR)


async def _noted(request: Request, acting: Acting, title: str, detail: str) -> None:
    await scope.note(request, acting, "linked", title, detail=detail)


async def renew_feed(request: Request) -> Response:
    """Make a feed's address, or a new one in its place."""
    room_id: int = request.path_params["room"]
    listing = await _listing_of(request, room_id)
    async with db.transaction():
        await feeds.renew(room_id, settings(request), clock.now())
        await _noted(request, listing.acting, listing.title, "")
    return _back(request, room_id, lazy("Here is the new address. An older one no longer works."))


async def add(request: Request) -> Response:
    """Link a calendar to a kind of room; it is fetched at once."""
    room_id: int = request.path_params["room"]
    listing = await _listing_of(request, room_id)
    raw = raw_values(await request.form())
    own = {name: raw.get(f"{name}-{room_id}", []) for name in ("name", "url")}
    parsed = parse(LinkForm, own, locale(request))
    form: Form[Any] = Form(
        raw, parsed.data, [(f"{field}-{room_id}", message) for field, message in parsed.errors]
    )
    if form.data is not None:
        try:
            async with db.transaction():
                await links.add(
                    room_id,
                    name=form.data.name,
                    url=form.data.url,
                    by=person_id(request),
                    now=clock.now(),
                    config=settings(request),
                )
                await _noted(request, listing.acting, listing.title, form.data.name)
        except (Invalid, Refused) as refusal:
            form.add_error(f"url-{room_id}", words(request, refusal.message))
        else:
            return _back(request, room_id, lazy("Linked. We are fetching it now and then every half hour."))
    return await _page(request, room_id, form)


async def change(request: Request) -> Response:
    """Fetch a linked calendar now, or remove it."""
    link_id: int = request.path_params["link"]
    room_id = await queries.room_of_link(link_id)
    if room_id is None:
        raise NotFound
    listing = await _listing_of(request, room_id)
    form = parse(ActForm, await request.form(), locale(request))
    if form.data is None:
        return _back(request, room_id, Invalid.message, kind="bad")
    try:
        async with db.transaction():
            if form.data.act == "fetch":
                await links.ask(link_id, clock.now())
                said = lazy("We are fetching it now.")
            else:
                await links.remove(link_id)
                said = lazy("Removed. The nights it had closed are for sale again.")
                await _noted(request, listing.acting, listing.title, "")
    except Refused as refusal:
        return _back(request, room_id, refusal.message, kind="bad")
    return _back(request, room_id, said)


def _back(request: Request, room_id: int, said: Text, *, kind: str = "ok") -> Response:
    here = urls.path("console:host_calendar_links", locale=locale(request))
    return redirect(request, f"{here}#room-{room_id}", flash=said, kind=kind)


routes = [
    page("/{locale}/host/calendar-links", show, access=HOST, name="console:host_calendar_links"),
    page(
        "/{locale}/host/calendar-links/{link:int}",
        change,
        access=HOST,
        name="console:host_calendar_link",
        methods=("POST",),
    ),
    page(
        "/{locale}/host/rooms/{room:int}/feed",
        renew_feed,
        access=HOST,
        name="console:host_feed",
        methods=("POST",),
    ),
    page(
        "/{locale}/host/rooms/{room:int}/links",
        add,
        access=HOST,
        name="console:host_link_calendar",
        methods=("POST",),
    ),
]
