"""The search page: what was asked, the chips that undo it, the cards, and what to try when nothing is free."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.discovery.directory import Directory, Place, get_directory
from market.discovery.map import drawn
from market.discovery.search import filters, finding
from market.discovery.search.asked import Asked, Sort, read
from market.discovery.search.cards import get_cards
from market.discovery.search.spelling import Meant, get_vocabulary, understand
from market.i18n import formats
from market.i18n.messages import translate
from market.listings.languages_themes import ISLANDS, KINDS_MANY, LANGUAGES, THEMES, named
from market.listings.search_words import JOINED
from market.places.geo import nearest_islands
from market.values.dates import DateRange
from market.values.text import Text, lazy, lazy_n
from market.web.paging import Pages, pages_of, slice_of
from market.web.render import render
from market.web.request import locale as locale_of

PAGE_SIZE = 24
_SORTS: dict[Sort, Text] = {
    Sort.RECOMMENDED: lazy("Recommended"),
    Sort.PRICE: lazy("Price, low to high"),
    Sort.RATING: lazy("Best reviewed"),
    Sort.SOONEST: lazy("Soonest start"),
}
Options = list[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in use, with the address of the same search without it."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another search that finds something."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Everything the search template shows."""

    heading: str
    subtitle: str
    filters: Markup
    sorts: Options
    sort: str
    notes: list[str]
    chips: list[Chip]
    clear_href: str
    cards: list[Markup]
    pages: Pages
    kept: list[tuple[str, str]]
    empty_title: str
    suggestions: list[Suggestion]
    island_map: Markup


async def search(request: Request) -> Response:
    """Results for the query string; anything wrong in it is left out and said."""
    locale, today, now = locale_of(request), clock.today(), clock.now()
    directory = await get_directory()
    asked, notes = read(request.query_params, directory, today, locale)
    meant = understand(asked.q, await get_vocabulary()) if asked.q else []
    usable = [one for one in meant if one.words]
    notes += _spelling_notes(meant, usable, locale)
    nothing = bool(meant) and not usable
    found = (
        finding.Found((), more=False) if nothing else await finding.find(asked, usable, now=now, today=today)
    )
    part = slice_of(len(found.ids), asked.page, PAGE_SIZE)
    shown = found.ids[part.offset : part.offset + PAGE_SIZE]
    context = SearchPage(
        heading=_heading(asked, found, locale),
        subtitle=_subtitle(asked, locale),
        filters=filters.drawn(asked, directory, today, locale),
        sorts=[(sort.value, translate(name, locale)) for sort, name in _SORTS.items()],
        sort=asked.values().get("sort", ""),
        notes=notes,
        chips=_chips(asked, locale),
        clear_href=Asked().href(locale),
        cards=await get_cards(shown, asked, locale, now=now, today=today, level=2),
        pages=pages_of(part, asked.paged(locale), locale),
        kept=[(n, v) for n, v in asked.values().items() if n not in {"sort", "page"}],
        empty_title=translate(_NOTHING_FREE if asked.dates else _NOTHING_FITS, locale),
        suggestions=[] if found.ids else await _suggestions(asked, usable, directory, today, locale),
        island_map=drawn(directory, asked.elsewhere(locale), locale),
    )
    return render(
        request,
        "discovery/search.html",
        context,
        title=context.heading,
        description=translate(_DESCRIPTION, locale),
        robots="noindex, follow" if asked.q or asked.dates or asked.page > 1 else None,
        keep=True,
    )


_NOTHING_FREE = lazy("Nothing is free for this search")
_NOTHING_FITS = lazy("No listing fits this search")
_DESCRIPTION = lazy(
    "Tours, homestays and classes that villagers in East Nusa Tenggara host themselves: only what is really "
    "free, at the full price."
)


def _spelling_notes(meant: list[Meant], usable: list[Meant], locale: str) -> list[str]:
    notes: list[str] = []
    for one in meant:
        if one in usable and one.corrected:
            words = ", ".join(f"“{word.removeprefix(JOINED)}”" for word in one.words[:3])
            sentence = lazy("Showing results for %(words)s, not “%(word)s”.", words=words, word=one.typed)
            notes.append(translate(sentence, locale))
        elif one not in usable and usable:
            sentence = lazy("No listing mentions “%(word)s”. We searched without it.", word=one.typed)
            notes.append(translate(sentence, locale))
    return notes


def _heading(asked: Asked, found: finding.Found, locale: str) -> str:
    count = len(found.ids)
    if found.more:
        what = lazy("More than %(count)s experiences", count=formats.number(count, locale))
    elif count:
        what = lazy_n("%(count)s experience", "%(count)s experiences", count)
    else:
        what = lazy("Nothing free") if asked.dates else lazy("Nothing found")
    if asked.place is None:
        return translate(what, locale)
    return translate(lazy("%(what)s in %(place)s", what=what, place=asked.place.name), locale)


def _subtitle(asked: Asked, locale: str) -> str:
    parts: list[str] = []
    if asked.dates is not None:
        parts.append(formats.day_range(asked.dates.start, asked.dates.end, locale))
    if asked.party is not None:
        parts.append(_guests(asked.party.total, locale))
    trip = ", ".join(parts)
    if asked.dates is not None:
        return translate(lazy("%(trip)s. Prices are the full price you pay.", trip=trip), locale)
    full = lazy("Prices carry every fee. Choose dates to see what is free and the price of your whole trip.")
    return f"{trip}. {translate(full, locale)}" if trip else translate(full, locale)


def _guests(count: int, locale: str) -> str:
    return translate(lazy_n("%(count)s guest", "%(count)s guests", count), locale)


def _chips(asked: Asked, locale: str) -> list[Chip]:
    chips: list[Chip] = []
    if asked.q:
        chips.append(Chip(f"“{asked.q}”", asked.href(locale, q="")))
    if asked.place is not None:
        chips.append(Chip(asked.place.name, asked.href(locale, place=None)))
    if asked.dates is not None:
        label = formats.day_range(asked.dates.start, asked.dates.end, locale)
        chips.append(Chip(label, asked.href(locale, dates=None)))
    if asked.adults is not None or asked.children:
        total = (asked.party.total if asked.party else 0) or 1
        chips.append(Chip(_guests(total, locale), asked.href(locale, adults=None, children=0)))
    if asked.kind is not None:
        chips.append(Chip(named(KINDS_MANY, asked.kind, locale), asked.href(locale, kind=None)))
    if asked.max_minor is not None:
        label = translate(lazy("Up to %(price)s", price=formats.money(asked.max_minor, locale)), locale)
        chips.append(Chip(label, asked.href(locale, max_minor=None)))
    if asked.language:
        chips.append(Chip(named(LANGUAGES, asked.language, locale), asked.href(locale, language="")))
    if asked.theme:
        chips.append(Chip(named(THEMES, asked.theme, locale), asked.href(locale, theme="")))
    return chips


async def _suggestions(
    asked: Asked, meant: list[Meant], directory: Directory, today: date, locale: str
) -> list[Suggestion]:
    """Searches near this one that find something: other islands, other days, fewer wishes."""
    tries: list[tuple[str, Asked]] = [
        (place.name, replace(asked, place=place)) for place in _nearby(asked, directory)
    ]
    if asked.dates is not None:
        later = DateRange(asked.dates.start + timedelta(days=7), asked.dates.end + timedelta(days=7))
        tries.append((formats.day_range(later.start, later.end, locale), replace(asked, dates=later)))
        tries.append((translate(lazy("Any dates"), locale), replace(asked, dates=None)))
    bare = Asked(place=asked.place, dates=asked.dates, adults=asked.adults, children=asked.children)
    if bare != Asked():
        tries.append((translate(lazy("Without the other filters"), locale), bare))
    wishes = [(label, other, meant if other.q else []) for label, other in tries]
    if len(meant) > 1:
        wishes = [(f"“{one.typed}”", replace(asked, q=one.typed), [one]) for one in meant] + wishes
    good: list[Suggestion] = []
    for label, other, words in wishes:
        if other == asked or (other.q and not words):
            continue
        found = await finding.find(other, words, now=clock.now(), today=today)
        if found.ids:
            count = formats.number(len(found.ids), locale) + ("+" if found.more else "")
            good.append(Suggestion(f"{label} ({count})", other.href(locale)))
    return good


def _nearby(asked: Asked, directory: Directory) -> list[Place]:
    """The two islands nearest to the place that was asked for."""
    if asked.place is None:
        return []
    here = next((v for v in directory.villages if v.island == asked.place.island), None)
    ranked = nearest_islands(here.lat, here.lon, 7) if here else tuple(ISLANDS)
    others = [
        str(island) for island in ranked if island != asked.place.slug and directory.on_island(str(island))
    ]
    return [place for island in others[:2] if (place := directory.find(island)) is not None]
