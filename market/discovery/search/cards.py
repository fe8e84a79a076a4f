"""Cards in a list, drawn. Content (`card_facts`) and undated cards are kept in memory per content version.

An undated card depends on content alone, so most pages of results draw nothing but their frame. With dates
the price depends on stock, which is read every time.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from markupsafe import Markup

from market.discovery.directory import place_name
from market.discovery.kept import Kept
from market.discovery.search import card_facts, card_prices
from market.discovery.search.asked import Asked
from market.discovery.search.card_facts import Facts
from market.discovery.search.card_prices import Priced
from market.discovery.search.finding import Window
from market.i18n import formats
from market.i18n.messages import translate
from market.listings.languages_themes import KINDS, named
from market.listings.offering import Kind, Offering
from market.media.covers import cover_url
from market.media.queries import Picture
from market.values.text import lazy, lazy_n
from market.web import urls
from market.web.render import environment

_MOST_KEPT: Final = 4000


@dataclass(frozen=True, slots=True)
class Card:
    """One offer, as `ui/card.html` takes it."""

    href: str
    title: str
    kind_label: str
    length_label: str
    place: str
    host_line: str
    price: str
    per: str
    stay_label: str
    cover_url: str
    photo: Picture | None
    eager: bool


@dataclass(slots=True)
class _Shelf:
    """What is kept of one version of the content; the oldest goes first."""

    facts: OrderedDict[tuple[int, str], Facts] = field(default_factory=OrderedDict[tuple[int, str], Facts])
    drawn: OrderedDict[tuple[int, str, bool, int], Markup] = field(
        default_factory=OrderedDict[tuple[int, str, bool, int], Markup]
    )

    def trim(self) -> None:
        while len(self.facts) > _MOST_KEPT:
            self.facts.popitem(last=False)
        while len(self.drawn) > _MOST_KEPT:
            self.drawn.popitem(last=False)


async def _empty_shelf() -> _Shelf:
    return _Shelf()


_kept = Kept(_empty_shelf)


async def get_cards(
    ids: Sequence[int],
    asked: Asked,
    locale: str,
    *,
    now: datetime,
    today: date,
    eager: int = 2,
    level: int = 3,
) -> list[Markup]:
    """The cards of these listings, in this order; the first `eager` pictures load at once.

    `level` is the level of their headings. Listings that are gone meanwhile are left out.
    """
    if not ids:
        return []
    shelf, window = await _kept.get(), Window.of(asked, today)
    keys = [(listing_id, locale, n < eager, level) for n, listing_id in enumerate(ids)]
    if not asked.trip() and all(key in shelf.drawn for key in keys):
        return [shelf.drawn[key] for key in keys]
    facts = await _facts(shelf, ids, locale)
    stock = await card_prices.load_stock(list(facts.values()), window, now)
    drawn: list[Markup] = []
    for key in keys:
        one = facts.get(key[0])
        if one is not None:
            priced = card_prices.price(one, window, stock, locale)
            drawn.append(_draw(_card(one, priced, asked, locale, eager=key[2]), locale, level))
            if not asked.trip():
                shelf.drawn[key] = drawn[-1]
    shelf.trim()
    return drawn


async def _facts(shelf: _Shelf, ids: Sequence[int], locale: str) -> dict[int, Facts]:
    missing = [listing_id for listing_id in ids if (listing_id, locale) not in shelf.facts]
    loaded = await card_facts.load(missing, locale) if missing else {}
    shelf.facts.update({(listing_id, locale): one for listing_id, one in loaded.items()})
    found = ((listing_id, shelf.facts.get((listing_id, locale))) for listing_id in ids)
    return {listing_id: one for listing_id, one in found if one is not None}


def _draw(card: Card, locale: str, level: int) -> Markup:
    template = environment(locale).get_template("ui/card.html")
    return Markup(template.module.card(card, level))  # type: ignore[attr-defined] # noqa: S704 - our own macro


def length_label(offering: Offering, locale: str) -> str:
    """`3 days`, `4 rooms`, `4 hours`."""
    match offering.kind:
        case Kind.TOUR:
            return translate(lazy_n("%(count)s day", "%(count)s days", offering.days), locale)
        case Kind.HOMESTAY:
            rooms = sum(room.count for room in offering.rooms)
            return translate(lazy_n("%(count)s room", "%(count)s rooms", rooms), locale)
        case Kind.LESSON:
            return formats.duration(offering.minutes, locale)


def stays_percent(service_fee_bp: int) -> int:
    """The whole per cent of a shown price that goes to the host, the people named and the village."""
    return 10_000 * 100 // (10_000 + service_fee_bp)


def _card(facts: Facts, priced: Priced, asked: Asked, locale: str, *, eager: bool) -> Card:
    host = translate(lazy("With %(host)s", host=facts.host_name), locale)
    place = place_name(facts.kabupaten, facts.island)
    stays = lazy(
        "%(percent)s%% stays in %(place)s",
        percent=stays_percent(facts.offering.service_fee_bp),
        place=place.partition(",")[0],
    )
    return Card(
        href=urls.path("discovery:listing", locale=locale, slug=facts.slug, **asked.trip()),
        title=facts.title,
        kind_label=named(KINDS, facts.offering.kind, locale),
        length_label=length_label(facts.offering, locale),
        place=place,
        host_line=f"{priced.days} · {host}" if priced.days else host,
        price=formats.money(priced.amount, locale),
        per=priced.per,
        stay_label=translate(stays, locale),
        cover_url=cover_url(facts.slug, facts.region, facts.emblem),
        photo=facts.photo,
        eager=eager,
    )
