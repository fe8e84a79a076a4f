"""Which sections the editor has for which kind of listing, and how each reads and changes a draft.

A section is a `FormSection` (one form) or a `TableSection` (a list of rows). Adding one is adding it here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from market.console.editor import forms
from market.console.editor.controls import Around, Control, Option, in_both
from market.console.editor.form_sections import FormSection, options_of
from market.console.editor.lists import CLOSURES, DAYS, EXTRAS, GROUPS, PAYEES, ROOMS, SEASONS, STEPS
from market.console.editor.tables import TableSection
from market.console.editor.terms import LESSON_TERMS, STAY_TERMS, TOUR_TERMS
from market.i18n.locales import LOCALES
from market.listings import rules
from market.listings.drafts import ListingDraft, ListingText
from market.listings.offering import Band, Kind
from market.media import ikat
from market.values.party import ADULT, CHILD, INFANT
from market.values.text import Text, lazy

_OLDEST = 120

Section = FormSection[Any] | TableSection[Any]


# Words ---------------------------------------------------------------------------------------------------
def _read_words(draft: ListingDraft) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for locale in LOCALES:
        text = draft.texts.get(locale) or ListingText(title="")
        for name in ("title", "summary", "body", "access"):
            values[f"{name}_{locale}"] = getattr(text, name)
        for name in ("included", "excluded", "manners"):
            values[f"{name}_{locale}"] = "\n".join(getattr(text, name))
    return values


def _write_words(draft: ListingDraft, data: forms.WordsForm) -> ListingDraft:
    names = ("title", "summary", "body", "access", "included", "excluded", "manners")
    texts = {
        locale: ListingText(**{name: getattr(data, f"{name}_{locale}") for name in names})
        for locale in LOCALES
    }
    return replace(draft, texts=texts)


WORDS: Final = FormSection(
    "words",
    lazy("Words"),
    lazy("Write in both languages. Guests see the one they read; plain, true and short is best."),
    forms.WordsForm,
    (
        in_both("title", lazy("Title in Indonesian"), lazy("Title in English"), maxlength=rules.MAX_TITLE),
        in_both(
            "summary",
            lazy("One sentence in Indonesian"),
            lazy("One sentence in English"),
            type="textarea",
            rows=2,
            maxlength=rules.MAX_SUMMARY,
        ),
        in_both(
            "body",
            lazy("Description in Indonesian"),
            lazy("Description in English"),
            type="textarea",
            rows=8,
            hint=lazy("A blank line starts a new paragraph."),
            maxlength=rules.MAX_BODY,
        ),
        in_both(
            "included",
            lazy("Included, in Indonesian"),
            lazy("Included, in English"),
            type="textarea",
            rows=4,
            hint=lazy("One thing on each line."),
            optional=True,
        ),
        in_both(
            "excluded",
            lazy("Not included, in Indonesian"),
            lazy("Not included, in English"),
            type="textarea",
            rows=3,
            hint=lazy("One thing on each line."),
            optional=True,
        ),
        in_both(
            "manners",
            lazy("Good manners here, in Indonesian"),
            lazy("Good manners here, in English"),
            type="textarea",
            rows=3,
            hint=lazy("Adat and house rules, one on each line."),
            optional=True,
        ),
        in_both(
            "access",
            lazy("How to get there, in Indonesian"),
            lazy("How to get there, in English"),
            type="textarea",
            rows=2,
            optional=True,
            maxlength=400,
        ),
    ),
    _read_words,
    _write_words,
)


# Prices --------------------------------------------------------------------------------------------------
def _read_price(draft: ListingDraft) -> dict[str, Any]:
    bands = {band.key: band for band in draft.bands}
    ages = "babies" if INFANT in bands else "children" if CHILD in bands else "adults"
    return {
        "price": draft.price_minor or "",
        "ages": ages if draft.bands else "babies",
        "adult_from": bands[ADULT].min_age if ADULT in bands else 12,
        "child_percent": bands[CHILD].percent if CHILD in bands else 50,
        "baby_until": bands[INFANT].max_age if INFANT in bands else 3,
    }


def _write_price(draft: ListingDraft, data: forms.PriceForm) -> ListingDraft:
    return replace(draft, price_minor=data.price, bands=bands_of(data))


def bands_of(data: forms.PriceForm) -> tuple[Band, ...]:
    """Age bands without a gap: adults pay in full, babies nothing and take no place."""
    adults = Band(ADULT, data.adult_from, _OLDEST, 100, seat=True)
    if data.ages == "adults":
        return (adults,)
    first = data.baby_until + 1 if data.ages == "babies" else 0
    children = Band(CHILD, first, data.adult_from - 1, data.child_percent, seat=True)
    if data.ages == "children":
        return (adults, children)
    return (adults, children, Band(INFANT, 0, data.baby_until, 0, seat=False))


PRICE: Final = FormSection(
    "price",
    lazy("Price"),
    lazy("Your own price for one adult. Guests see it with the service fee of 5 % added."),
    forms.PriceForm,
    (
        (
            Control(
                "price", lazy("Price for one adult, in rupiah"), "money", hint=lazy("For example 250000.")
            ),
        ),
        (
            Control(
                "ages",
                lazy("Who may come"),
                "radio",
                options=options_of(
                    {
                        "adults": lazy("Adults only"),
                        "children": lazy("Adults and children"),
                        "babies": lazy("Adults, children and babies"),
                    }
                ),
            ),
        ),
        (
            Control("adult_from", lazy("Full price from this age"), "number", low=1, high=30),
            Control("child_percent", lazy("Children pay, per cent"), "number", low=0, high=100),
            Control(
                "baby_until",
                lazy("Babies until this age"),
                "number",
                hint=lazy("Babies pay nothing and take no place."),
                low=0,
                high=10,
            ),
        ),
    ),
    _read_price,
    _write_price,
)
_WEEKDAYS = {
    0: lazy("Monday"),
    1: lazy("Tuesday"),
    2: lazy("Wednesday"),
    3: lazy("Thursday"),
    4: lazy("Friday"),
    5: lazy("Saturday"),
    6: lazy("Sunday"),
}


def _write_weekdays(draft: ListingDraft, data: forms.WeekdayForm) -> ListingDraft:
    typed: dict[int, int | None] = {day: getattr(data, f"day_{day}") for day in _WEEKDAYS}
    return replace(draft, weekday_percent={day: p for day, p in typed.items() if p is not None and p != 100})


_PERCENT_FIELDS = [
    Control(f"day_{d}", name, "number", optional=True, low=10, high=1000) for d, name in _WEEKDAYS.items()
]
WEEKDAYS: Final = FormSection(
    "weekdays",
    lazy("Weekday prices"),
    lazy("Per cent of the usual room price for the night that begins on this day. Blank is 100."),
    forms.WeekdayForm,
    (tuple(_PERCENT_FIELDS[:4]), tuple(_PERCENT_FIELDS[4:])),
    lambda draft: {f"day_{day}": percent for day, percent in draft.weekday_percent.items()},
    _write_weekdays,
)


# Place ---------------------------------------------------------------------------------------------------
_EMBLEMS: Final[dict[str, Text]] = {
    "boat": lazy("Boat"),
    "dancers": lazy("Dancers"),
    "fish": lazy("Fish"),
    "gecko": lazy("Gecko"),
    "hearth": lazy("Hearth"),
    "horse": lazy("Horse"),
    "house": lazy("House"),
    "kait": lazy("Hooks"),
    "lontar": lazy("Lontar palm"),
    "moko": lazy("Moko drum"),
    "ngadhu": lazy("Ngadhu post"),
    "peak": lazy("Peak"),
    "rooster": lazy("Rooster"),
    "sasando": lazy("Sasando"),
    "star": lazy("Star"),
}


def _region_options(_: Around) -> list[Option]:
    return [(place, place.capitalize()) for place in ikat.PLACES]


def _write_place(draft: ListingDraft, data: forms.PlaceForm) -> ListingDraft:
    emblem = data.emblem if data.emblem in ikat.EMBLEMS else draft.emblem
    region = data.region if data.region in ikat.PLACES else draft.region
    return replace(draft, address=data.address, lat=data.lat, lon=data.lon, emblem=emblem, region=region)


PLACE: Final = FormSection(
    "place",
    lazy("Place and cover"),
    lazy("Guests see the village before booking, and the exact address only afterwards."),
    forms.PlaceForm,
    (
        (Control("address", lazy("Exact address"), "textarea", optional=True, rows=2, maxlength=300),),
        (
            Control(
                "lat", lazy("Latitude"), optional=True, hint=lazy("Blank means the centre of the village.")
            ),
            Control("lon", lazy("Longitude"), optional=True),
        ),
        (
            Control("emblem", lazy("Emblem on the cover cloth"), "select", options=options_of(_EMBLEMS)),
            Control("region", lazy("Colours of the cover cloth"), "select", options=_region_options),
        ),
    ),
    lambda draft: {
        "address": draft.address,
        "lat": draft.lat,
        "lon": draft.lon,
        "emblem": draft.emblem,
        "region": draft.region,
    },
    _write_place,
)

SECTIONS: Final[dict[Kind, tuple[Section, ...]]] = {
    Kind.TOUR: (WORDS, DAYS, PRICE, GROUPS, TOUR_TERMS, EXTRAS, PAYEES, CLOSURES, PLACE),
    Kind.HOMESTAY: (WORDS, ROOMS, SEASONS, WEEKDAYS, STAY_TERMS, EXTRAS, PAYEES, CLOSURES, PLACE),
    Kind.LESSON: (WORDS, STEPS, PRICE, GROUPS, LESSON_TERMS, EXTRAS, PAYEES, CLOSURES, PLACE),
}


def section(kind: Kind, name: str) -> Section | None:
    """A kind's section by the name in its address."""
    return next((each for each in SECTIONS[kind] if each.name == name), None)
