"""The coordinators' desk: the families that agreed to it, what waits for them, and everything done in their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from market import clock, db
from market.accounts.rights import Right
from market.console import host_queries, scope
from market.console.frame import Place, host_places
from market.console.host_queries import GuestRow
from market.console.village_pages import ActView, act_views
from market.errors import NotFound
from market.i18n.locales import pick
from market.reviews import queries as reviews
from market.reviews.queries import Reputation
from market.values.text import lazy
from market.villages import queries, service
from market.villages.queries import Place as FamilyPlace
from market.villages.queries import Pool
from market.web import urls
from market.web.forms import Inbound, parse
from market.web.guards import HOST, page
from market.web.render import redirect, render, words
from market.web.request import locale


class MemberForm(Inbound):
    """Take a family into the turns, or out of them."""

    act: Literal["admit", "remove"]


@dataclass(frozen=True, slots=True)
class ListingLink:
    """A family's listing, its calendar and its parts."""

    title: str
    calendar: str
    parts: str


@dataclass(frozen=True, slots=True)
class FamilyView:
    """A family the viewer may act for, with what waits."""

    name: str
    requests: Sequence[GuestRow]
    turns: Sequence[GuestRow]
    listings: Sequence[ListingLink]


@dataclass(frozen=True, slots=True)
class PoolMembers:
    """The families in a pool of the viewer's village, and those who ask to join."""

    pool: Pool
    families: Sequence[FamilyPlace]


@dataclass(frozen=True, slots=True)
class FamiliesPage:
    """Context of console/families.html."""

    places: Sequence[Place]
    reputations: Mapping[int, Reputation]
    families: Sequence[FamilyView]
    pools: Sequence[PoolMembers]
    acts: Sequence[ActView]


async def show(request: Request) -> Response:
    """Every family that agreed, most urgent first."""
    villages = scope.host_ids(request, Right.COORDINATE)
    families = await scope.families(request)
    language = locale(request)
    pools = await queries.list_pools(org_ids=villages, locale=language) if villages else []
    if not families and not pools:
        raise NotFound
    now = clock.now()
    waiting = await host_queries.list_requests(families, now, language)
    ahead = await host_queries.list_ahead(families, now, language, limit=60)
    links = await _listings(families, language)
    context = FamiliesPage(
        places=host_places(request, "console:host"),
        reputations=await reviews.reputations(row.person_id for row in waiting),
        families=[
            FamilyView(
                name,
                [row for row in waiting if host_id in row.host_ids],
                [row for row in ahead if host_id in row.host_ids and row.can_hand_on],
                links.get(host_id, []),
            )
            for host_id, (_, name) in families.items()
        ],
        pools=[PoolMembers(pool, await queries.list_places(pool.listing_id, language)) for pool in pools],
        acts=act_views(await queries.list_acts_by(villages), language),
    )
    title = words(request, lazy("Families you act for"))
    return render(request, "console/families.html", context, title=title, robots="noindex")


async def _listings(families: dict[int, tuple[int, str]], language: str) -> dict[int, list[ListingLink]]:
    ids = sorted(families)
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1)) or "NULL"
    rows = await db.fetch(
        "SELECT l.id, l.slug, l.host_id, t.locale, t.title FROM listing l JOIN listing_text t ON t.listing_id = l.id"
        f" WHERE t.title <> '' AND l.host_id IN ({places}) ORDER BY l.id",
        *ids,
    )
    titles: dict[tuple[int, str], dict[str, str]] = {}
    for row in rows:
        titles.setdefault((row["host_id"], row["slug"]), {})[row["locale"]] = row["title"]
    found: dict[int, list[ListingLink]] = {}
    for (host_id, slug), texts in titles.items():
        link = ListingLink(
            pick(texts, language),
            urls.path("console:host_calendar", locale=language, listing=slug),
            urls.path("console:host_listing", locale=language, slug=slug),
        )
        found.setdefault(host_id, []).append(link)
    return found


async def change_member(request: Request) -> Response:
    """The village takes a family into the turns, or out of them."""
    listing_id, member_id = int(request.path_params["listing"]), int(request.path_params["member"])
    row = (
        await db.fetch_one(
            "SELECT l.host_id FROM listing l JOIN pool_member m ON m.listing_id = l.id"
            " WHERE l.id = $1 AND l.pooled AND m.id = $2",
            listing_id,
            member_id,
        )
        if max(listing_id, member_id) < 2**53
        else None
    )
    if row is None or row["host_id"] not in scope.host_ids(request, Right.COORDINATE):
        raise NotFound
    form = parse(MemberForm, await request.form(), locale(request))
    back = urls.path("console:host_families", locale=locale(request))
    if form.data is None:
        return redirect(request, back, flash=lazy("Choose one of the options."), kind="bad")
    try:
        if form.data.act == "admit":
            await service.admit(listing_id, member_id, clock.now())
            return redirect(request, back, flash=lazy("The family is in the turns now."))
        await service.leave(listing_id, member_id, clock.now())
    except NotFound:
        return redirect(request, back, flash=lazy("This has changed in the meantime."), kind="bad")
    return redirect(
        request,
        back,
        flash=lazy("The family is out of the turns. Guests who are its turn already still come."),
    )


routes = [
    page("/{locale}/host/families", show, access=HOST, name="console:host_families"),
    page(
        "/{locale}/host/pools/{listing:int}/members/{member:int}",
        change_member,
        access=HOST,
        name="console:host_pool_member",
        methods=("POST",),
    ),
]
