"""A family and its village: its place in the turns, the nights of every family, and who may act for it.

The turns are open to every family in them and to the village's people, with the reason whenever guests went from
one family to another. The coordinators' own desk is `family_pages`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.accounts import hosting
from market.accounts.hosting import HostName
from market.accounts.rights import Right
from market.console import scope
from market.console.frame import Place, host_places
from market.db.sql import as_json
from market.errors import NotFound, Refused
from market.i18n.locales import pick
from market.values.text import lazy
from market.villages import acts, queries, service
from market.villages.queries import Place as FamilyPlace
from market.villages.queries import Pool, Turn
from market.web import urls
from market.web.forms import Inbound, parse
from market.web.guards import HOST, page
from market.web.render import redirect, render, words
from market.web.request import locale, person_id

Id = Annotated[int, Field(ge=1, le=2**53)]


class JoinForm(Inbound):
    """A family offers a room, or leaves the turns."""

    act: Literal["join", "leave"]
    host: Id
    room: Id | None = None


class AgreementForm(Inbound):
    """A family lets the coordinators of its village act for it, or no longer."""

    host: Id
    village: Id
    answer: Literal["yes", "no"]


@dataclass(frozen=True, slots=True)
class PoolView:
    """A pool with everybody's nights and turns; `mine` is the viewer's own place in it, if there is one."""

    pool: Pool
    families: Sequence[FamilyPlace]
    turns: Sequence[Turn]
    most: int
    own: Sequence[OwnFamily]
    is_village: bool


@dataclass(frozen=True, slots=True)
class OwnFamily:
    """One of the viewer's families beside a pool: its place, or the rooms it could offer."""

    host: HostName
    place: FamilyPlace | None
    rooms: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Agreement:
    """One of the viewer's families and a village's organisation that may, or may not, act for it."""

    host: HostName
    village_id: int
    village: str
    agreed: bool


@dataclass(frozen=True, slots=True)
class ActView:
    """What a coordinator did in a family's name."""

    host: str
    village: str
    person: str
    what: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class VillagePage:
    """Context of console/village.html."""

    places: Sequence[Place]
    pools: Sequence[PoolView]
    agreements: Sequence[Agreement]
    acts: Sequence[ActView]
    families_href: str


async def show(request: Request) -> Response:
    """The viewer's villages: turns, agreements and acts."""
    language = locale(request)
    hosts = await hosting.list_hosts(sorted(scope.any_host_ids(request)))
    village_ids = {host.village_id for host in hosts if host.village_id is not None}
    pools = await queries.list_pools(village_ids=village_ids, locale=language)
    owned = [host for host in hosts if host.id in scope.host_ids(request) and host.kind == "host"]
    coordinating = scope.host_ids(request, Right.COORDINATE) & {h.id for h in hosts if h.kind == "village"}
    views = [await _pool(request, pool, hosts, owned) for pool in pools]
    context = VillagePage(
        places=host_places(request, "console:host"),
        pools=[view for view in views if view is not None],
        agreements=await _agreements(owned),
        acts=act_views(
            await queries.list_acts_for(
                {host.id for host in owned}, since=datetime.min.replace(tzinfo=clock.now().tzinfo), limit=60
            ),
            language,
        ),
        families_href=urls.path("console:host_families", locale=language) if coordinating else "",
    )
    title = words(request, lazy("Your village"))
    return render(request, "console/village.html", context, title=title, robots="noindex")


def act_views(found: Sequence[queries.Act], language: str) -> list[ActView]:
    """Acts in the reader's language."""
    return [
        ActView(
            act.host,
            act.village_org,
            act.person,
            acts.words(act.name, act.subject, language),
            act.detail,
            act.at,
        )
        for act in found
    ]


async def _pool(
    request: Request, pool: Pool, hosts: Sequence[HostName], owned: Sequence[HostName]
) -> PoolView | None:
    """A pool as one of its members sees it; who is not in it sees only that there is one to join."""
    families = await queries.list_places(pool.listing_id, locale(request))
    ids = {host.id for host in hosts}
    is_village = pool.village_org_id in ids
    inside = is_village or any(place.host_id in ids and place.state == "active" for place in families)
    beside = [host for host in owned if host.village_id == pool.village_id]
    if not inside and not beside:
        return None
    active = [place for place in families if place.state == "active"]
    return PoolView(
        pool=pool,
        families=active if inside else (),
        turns=await queries.list_turns(pool.listing_id) if inside else (),
        most=max((place.nights for place in active), default=0),
        own=[
            OwnFamily(
                host,
                next((place for place in families if place.host_id == host.id), None),
                await _rooms(host.id, locale(request)),
            )
            for host in beside
        ],
        is_village=is_village,
    )


async def _rooms(host_id: int, language: str) -> list[tuple[str, str]]:
    rows = await db.fetch(
        "SELECT r.id, r.texts FROM room_type r JOIN listing l ON l.id = r.listing_id"
        " WHERE l.host_id = $1 AND r.count > 0 AND NOT l.pooled ORDER BY l.id, r.position",
        host_id,
    )
    return [(str(row["id"]), pick(as_json(row["texts"]), language).get("name", "")) for row in rows]


async def _agreements(owned: Sequence[HostName]) -> list[Agreement]:
    orgs = await queries.list_village_orgs({host.village_id for host in owned if host.village_id is not None})
    found: list[Agreement] = []
    for host in owned:
        agreed = await queries.agreed_orgs(host.id)
        found += [
            Agreement(host, org, name, org in agreed)
            for org, name, village in orgs
            if village == host.village_id
        ]
    return found


async def take_part(request: Request) -> Response:
    """Join the turns with a room, offer another one, or leave them. Only who may do everything for the family."""
    listing_id = int(request.path_params["listing"])
    form = parse(JoinForm, await request.form(), locale(request))
    back = urls.path("console:host_village", locale=locale(request))
    if listing_id >= 2**53:
        raise NotFound
    families = await queries.list_places(listing_id, locale(request))
    own = scope.host_ids(request)
    if not await _may_join(listing_id, own):
        raise NotFound
    if form.data is None:
        return redirect(request, back, flash=lazy("Choose one of the rooms."), kind="bad")
    if form.data.host not in own:
        raise NotFound
    if form.data.act == "leave":
        place = next((each for each in families if each.host_id == form.data.host), None)
        if place is None:
            raise NotFound
        await service.leave(listing_id, place.id, clock.now(), host_id=form.data.host)
        return redirect(
            request,
            back,
            flash=lazy("Your family is out of the turns. Guests who are your turn already still come."),
        )
    try:
        await service.ask_to_join(listing_id, form.data.host, form.data.room or 0, clock.now())
    except Refused as refusal:
        return redirect(request, back, flash=refusal.message, kind="bad")
    return redirect(request, back, flash=lazy("Noted. The village says yes or no; then your turns begin."))


async def _may_join(listing_id: int, own: frozenset[int]) -> bool:
    """Whether a pool is one of the village of one of the viewer's families."""
    hosts = await hosting.list_hosts(sorted(own))
    row = await db.fetch_one("SELECT village_id FROM listing WHERE id = $1 AND pooled", listing_id)
    return row is not None and row["village_id"] in {host.village_id for host in hosts}


async def agreement(request: Request) -> Response:
    """Let the village's coordinators act for the family, or end it."""
    form = parse(AgreementForm, await request.form(), locale(request))
    back = urls.path("console:host_village", locale=locale(request))
    if form.data is None:
        return redirect(request, back, flash=lazy("Choose one of the options."), kind="bad")
    if form.data.host not in scope.host_ids(request):
        raise NotFound
    by, now = person_id(request), clock.now()
    if form.data.answer == "yes":
        try:
            await service.agree(form.data.village, form.data.host, by=by, now=now)
        except Refused as refusal:
            return redirect(request, back, flash=refusal.message, kind="bad")
        return redirect(
            request,
            back,
            flash=lazy("Agreed. Whenever a coordinator acts for you, you are told and it is recorded."),
        )
    await service.end_agreement(form.data.village, form.data.host, by=by, now=now)
    return redirect(request, back, flash=lazy("Ended. Nobody acts for your family any more."))


routes = [
    page("/{locale}/host/village", show, access=HOST, name="console:host_village"),
    page(
        "/{locale}/host/village/agreement",
        agreement,
        access=HOST,
        name="console:host_agreement",
        methods=("POST",),
    ),
    page(
        "/{locale}/host/village/{listing:int}/turns",
        take_part,
        access=HOST,
        name="console:host_take_part",
        methods=("POST",),
    ),
]
