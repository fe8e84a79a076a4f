"""The directory: suppliers found by words, category, kind, place and certificate, with a map of where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.i18n import formats
from market.i18n.messages import translate
from market.places import areas
from market.places.areas import Island
from market.suppliers import queries, words
from market.suppliers.forms import SearchForm, forgiven
from market.suppliers.pages.views import CardView, card_view
from market.suppliers.queries import PlaceCount, Wanted
from market.suppliers.wording import CATEGORIES, CERTIFICATES_SHORT, ISLANDS, KINDS
from market.suppliers.words import Meant
from market.values.text import lazy, lazy_n
from market.web import urls
from market.web.forms import Form, filled, raw_values
from market.web.paging import Pages, pages_of, slice_of
from market.web.render import render
from market.web.request import locale as locale_of

PAGE_SIZE: Final = 24
Options = list[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class Spot:
    """An island of the map, or a row of the list beside it."""

    href: str
    label: str
    count: int
    spoken: str


@dataclass(frozen=True, slots=True)
class Row:
    """A kabupaten in the list beside the map."""

    href: str
    title: str
    text: str
    end: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in use, with the address of the same search without it."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What the selects of the filters offer."""

    categories: Options
    kinds: Options
    places: Options
    certificates: Options


@dataclass(frozen=True, slots=True)
class Directory:
    """Context of suppliers/directory.html."""

    heading: str
    form: Form[Any]
    choices: Choices
    notes: list[str]
    chips: list[Chip]
    clear_href: str
    cards: list[CardView]
    pages: Pages
    islands: dict[str, Spot]
    regencies: list[Row]


async def directory(request: Request) -> Response:
    """What the query string asks for; whatever cannot be used in it is left out."""
    locale, today = locale_of(request), clock.today()
    form = forgiven(raw_values(request.query_params), locale)
    place = form.place if form.place in set(ISLANDS) or _is_kabupaten(form.place) else ""
    asked = form.model_copy(update={"place": place})
    wanted = Wanted(place, asked.category, asked.kind, asked.certificate)
    meant = words.understand(asked.q, await queries.list_words()) if asked.q else []
    usable = [one for one in meant if one.words]
    nothing = bool(asked.q) and not usable
    ids = [] if nothing else await queries.find(wanted, usable, today)
    counts = [] if nothing else await queries.count_by_place(wanted, usable, today)
    part = slice_of(len(ids), asked.page, PAGE_SIZE)
    entries = await queries.list_entries(ids[part.offset : part.offset + PAGE_SIZE], today)
    context = Directory(
        heading=_heading(len(ids), place, locale),
        form=filled(_values(asked)),
        choices=_choices(locale),
        notes=_notes(meant, usable, locale),
        chips=_chips(asked, locale),
        clear_href=urls.path("suppliers:directory", locale=locale),
        cards=[card_view(entry, today, locale) for entry in entries],
        pages=pages_of(part, lambda n: _href(asked, locale, page=n if n > 1 else None), locale),
        islands=_islands(asked, counts, locale),
        regencies=_regencies(asked, counts, locale),
    )
    return render(
        request,
        "suppliers/directory.html",
        context,
        title=translate(lazy("Local suppliers"), locale),
        description=translate(_DESCRIPTION, locale),
        robots="noindex, follow" if asked.q or asked.page > 1 else None,
        keep=True,
    )


_DESCRIPTION: Final = lazy(
    "Producers, weavers, village enterprises and cooperatives of East Nusa Tenggara: what they make, when it is "
    "in season, where it comes from and how to ask for a price."
)


def _is_kabupaten(code: str) -> bool:
    return len(code) == len("53.01") and areas.exists(code)


def _values(asked: SearchForm) -> dict[str, Any]:
    """The query string's values, defaults left out."""
    return {
        "q": asked.q or None,
        "category": asked.category,
        "kind": asked.kind,
        "place": asked.place or None,
        "certificate": asked.certificate,
        "page": asked.page if asked.page > 1 else None,
    }


def _href(asked: SearchForm, locale: str, **changes: Any) -> str:
    """The address of this search with some things changed; the page starts again at the first."""
    return urls.path("suppliers:directory", locale=locale, **{**_values(asked), "page": None, **changes})


def _place_name(place: str) -> str:
    return areas.get(place).name if place[:1].isdigit() else ISLANDS[Island(place)]


def _heading(count: int, place: str, locale: str) -> str:
    what = lazy_n("%(count)s supplier", "%(count)s suppliers", count) if count else lazy("No supplier found")
    if not place:
        return translate(what, locale)
    return translate(lazy("%(what)s in %(place)s", what=what, place=_place_name(place)), locale)


def _notes(meant: Sequence[Meant], usable: Sequence[Meant], locale: str) -> list[str]:
    notes: list[str] = []
    for one in meant:
        if one in usable and one.corrected:
            corrected = ", ".join(f"“{word}”" for word in one.words[:3])
            notes.append(translate(lazy("Showing results for %(words)s.", words=corrected), locale))
        elif one not in usable and usable:
            sentence = lazy("No supplier mentions “%(word)s”. We searched without it.", word=one.typed)
            notes.append(translate(sentence, locale))
    return notes


def _chips(asked: SearchForm, locale: str) -> list[Chip]:
    chips: list[Chip] = []
    if asked.q:
        chips.append(Chip(f"“{asked.q}”", _href(asked, locale, q=None)))
    if asked.category is not None:
        chips.append(Chip(translate(CATEGORIES[asked.category], locale), _href(asked, locale, category=None)))
    if asked.kind is not None:
        chips.append(Chip(translate(KINDS[asked.kind], locale), _href(asked, locale, kind=None)))
    if asked.place:
        chips.append(Chip(_place_name(asked.place), _href(asked, locale, place=None)))
    if asked.certificate is not None:
        label = translate(CERTIFICATES_SHORT[asked.certificate], locale)
        chips.append(Chip(label, _href(asked, locale, certificate=None)))
    return chips


def _choices(locale: str) -> Choices:
    def every(anything: str, named: dict[Any, Any]) -> Options:
        return [("", anything), *((key.value, translate(name, locale)) for key, name in named.items())]

    return Choices(
        categories=every(translate(lazy("All categories"), locale), CATEGORIES),
        kinds=every(translate(lazy("All kinds"), locale), KINDS),
        places=[
            ("", translate(lazy("All of NTT"), locale)),
            (translate(lazy("Islands"), locale), [(key.value, name) for key, name in ISLANDS.items()]),
            (translate(lazy("Regencies"), locale), [(area.code, area.name) for area in areas.kabupaten()]),
        ],
        certificates=every(translate(lazy("Any or none"), locale), CERTIFICATES_SHORT),
    )


def _islands(asked: SearchForm, counts: Sequence[PlaceCount], locale: str) -> dict[str, Spot]:
    """The islands with a match, and Kupang's city."""
    found: dict[str, Spot] = {}
    kupang = sum(c.count for c in counts if c.kabupaten == "53.71")
    sums = {key: sum(c.count for c in counts if c.island == key) for key in ISLANDS}
    each = {key.value: (name, key.value, sums[key]) for key, name in ISLANDS.items()}
    each["kupang"] = ("Kupang", "53.71", kupang)
    for key, (label, place, count) in each.items():
        if count:
            many = lazy_n(
                "%(place)s, %(count)s supplier", "%(place)s, %(count)s suppliers", count, place=label
            )
            found[key] = Spot(_href(asked, locale, place=place), label, count, translate(many, locale))
    return found


def _regencies(asked: SearchForm, counts: Sequence[PlaceCount], locale: str) -> list[Row]:
    return [
        Row(
            href=_href(asked, locale, place=one.kabupaten),
            title=areas.get(one.kabupaten).name,
            text=ISLANDS[Island(one.island)],
            end=formats.number(one.count, locale),
        )
        for one in counts
    ]
