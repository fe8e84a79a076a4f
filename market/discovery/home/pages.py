"""The home page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.bookings.quote import Part
from market.discovery.directory import Directory, get_directory, place_name
from market.discovery.home.seasons import headline
from market.discovery.map import Island, map_islands
from market.discovery.money.example import EXAMPLE_MINOR, usual_split
from market.discovery.money_parts import BarPart, bar_parts, usual_names
from market.discovery.search import finding
from market.discovery.search.asked import Asked
from market.discovery.search.cards import get_cards
from market.discovery.search.filters import kind_options, place_options
from market.i18n import formats
from market.i18n.messages import translate
from market.listings.languages_themes import ISLANDS
from market.media.covers import hero_url
from market.values.text import Text, lazy, lazy_n
from market.web import forms, urls
from market.web.render import render
from market.web.request import locale as locale_of
from market.web.request import settings

PICKS: Final = 6
_ABOUT: Final[dict[str, Text]] = {
    "timor": lazy("Buna cloth, round ume kbubu houses, the savanna of Fulan Fehan"),
    "flores": lazy("Cone houses, Bajawa coffee, the lakes of Kelimutu"),
    "alor": lazy("Moko drums, lego-lego, weavers who dye with the sea"),
    "sumba": lazy("Tower villages, horses, hinggi cloth"),
    "rote": lazy("Sasando, ti'i langga hats, lontar sugar"),
    "sabu": lazy("Lontar, old stones, flowers in the weave"),
}


@dataclass(frozen=True, slots=True)
class IslandRow:
    """A row of `ui/isles.html`."""

    href: str
    title: str
    text: str
    end: str


@dataclass(frozen=True, slots=True)
class HomePage:
    """Everything the home template shows."""

    form: forms.Form[Any]
    kinds: list[tuple[str, Any]]
    places: list[tuple[str, Any]]
    today: date
    hero_url: str
    season: str
    cards: list[Markup]
    all_href: str
    all_label: str
    islands: dict[str, Island]
    island_rows: list[IslandRow]
    villages: list[IslandRow]
    money: list[BarPart]
    money_of: str
    brand: str


async def home(request: Request) -> Response:
    """What this is, and a way into it."""
    locale, today, now = locale_of(request), clock.today(), clock.now()
    brand = settings(request).brand
    directory = await get_directory()
    found = await finding.find(Asked(), [], now=now, today=today)
    cards = await get_cards(_mixed(found.ids), Asked(), locale, now=now, today=today, eager=0)
    price = formats.money(EXAMPLE_MINOR, locale)
    context = HomePage(
        form=forms.filled({"adults": 2, "kind": ""}),
        kinds=kind_options(locale),
        places=place_options(directory, locale)[:2],
        today=today,
        hero_url=hero_url(),
        season=headline(today, locale),
        cards=cards,
        all_href=Asked().href(locale),
        all_label=translate(lazy("See all %(count)s", count=formats.number(directory.total, locale)), locale),
        islands=map_islands(directory, lambda place: Asked(place=place).href(locale)),
        island_rows=_islands(directory, locale),
        villages=_villages(directory, locale),
        money=_money(brand, locale),
        money_of=translate(lazy("Of every %(price)s you pay", price=price), locale),
        brand=brand,
    )
    return render(
        request,
        "discovery/home.html",
        context,
        title=translate(lazy("Travel with the villages of East Nusa Tenggara"), locale),
        description=translate(_DESCRIPTION, locale),
        keep=True,
    )


_DESCRIPTION = lazy(
    "Tours, homestays and classes hosted by villagers in Flores, Alor, Timor, Sumba, Rote and Sabu."
)


def _mixed(ids: tuple[int, ...]) -> list[int]:
    """Picks from the best-ranked, spread out so that they are not one host's or one kind's."""
    best = ids[: PICKS * 4]
    step = max(1, len(best) // PICKS)
    return list(best[::step][:PICKS])


def _islands(directory: Directory, locale: str) -> list[IslandRow]:
    rows: list[IslandRow] = []
    for key, name in ISLANDS.items():
        count, place = directory.on_island(key), directory.find(key)
        if count and place is not None:
            href = Asked(place=place).href(locale)
            rows.append(IslandRow(href, name, translate(_ABOUT[key], locale), formats.number(count, locale)))
    return rows


def _villages(directory: Directory, locale: str) -> list[IslandRow]:
    rows: list[IslandRow] = []
    for village in sorted(directory.villages, key=lambda v: (-v.count, v.name))[:12]:
        count = translate(lazy_n("%(count)s experience", "%(count)s experiences", village.count), locale)
        href = urls.path("discovery:village", locale=locale, slug=village.slug)
        rows.append(
            IslandRow(href, village.name, f"{place_name(village.kabupaten, village.island)} · {count}", "")
        )
    return rows


def _money(brand: str, locale: str) -> list[BarPart]:
    parts: tuple[Part, ...] = usual_split(EXAMPLE_MINOR)
    names = usual_names("", "", brand) | {"family": lazy("Host family")}
    return bar_parts(parts, names, locale)
