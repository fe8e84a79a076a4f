"""A village's page."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.discovery.directory import place_name
from market.discovery.listing.pages import initials
from market.discovery.money.queries import get_fund
from market.discovery.search.asked import Asked
from market.discovery.search.cards import get_cards
from market.discovery.village import queries
from market.discovery.village.queries import HostRow, VillageRow
from market.errors import NotFound
from market.i18n import formats
from market.i18n.messages import translate
from market.listings.languages_themes import ISLANDS
from market.media.covers import cover_url
from market.places.geo import Spot, project
from market.values.text import lazy
from market.web import urls
from market.web.render import render
from market.web.request import locale as locale_of


@dataclass(frozen=True, slots=True)
class HostShown:
    """A host as `ui/host_box.html` draws it."""

    name: str
    about: str
    line: str
    initials: str


@dataclass(frozen=True, slots=True)
class VillagePage:
    """Everything the village template shows. `fund` is "" until something was paid into it."""

    village: VillageRow
    place: str
    crumbs: list[tuple[str, str | None]]
    cover_url: str
    hosts: list[HostShown]
    cards: list[Markup]
    spot: Spot
    fund: str
    fund_share: str


async def village(request: Request) -> Response:
    """Who hosts in a village, what can be booked there, and its fund."""
    locale = locale_of(request)
    found = await queries.get_village(request.path_params["slug"], locale)
    if found is None:
        raise NotFound
    ids = await queries.list_published(found.id)
    fund = await get_fund(found.id)
    island = ISLANDS.get(found.island, found.island)
    context = VillagePage(
        village=found,
        place=place_name(found.kabupaten, found.island),
        crumbs=[
            (translate(lazy("Home"), locale), urls.path("discovery:home", locale=locale)),
            (island, urls.path("discovery:search", locale=locale, place=found.island)),
            (found.name, None),
        ],
        cover_url=cover_url(found.slug, found.region, "house", wide=True),
        hosts=[_host(host, locale) for host in await queries.list_hosts(found.id, locale)],
        cards=await get_cards(ids, Asked(), locale, now=clock.now(), today=clock.today(), eager=0),
        spot=project(found.lat, found.lon),
        fund=formats.money(fund, locale) if fund > 0 else "",
        fund_share=f"{formats.number(found.fund_bp / 100, locale)}%",
    )
    return render(
        request,
        "discovery/village.html",
        context,
        title=f"{found.name}, {context.place}",
        description=found.about,
        keep=True,
    )


def _host(host: HostRow, locale: str) -> HostShown:
    answers = translate(lazy("Answers within %(hours)s hours.", hours=host.answers_hours), locale)
    return HostShown(host.name, host.about, answers, initials(host.name))
