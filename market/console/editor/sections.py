"""Which sections the editor has for which kind of listing, and how each reads and changes a draft.

A section is a `FormSection` (one form) or a `TableSection` (a list of rows). Adding one is adding it here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

from market.bookings import policies
from market.console.editor import forms
from market.console.editor.controls import Around, Control, Option, in_both
from market.console.editor.lists import CLOSURES, DAYS, EXTRAS, GROUPS, PAYEES, ROOMS, SEASONS, STEPS
from market.console.editor.tables import TableSection
from market.i18n.locales import LOCALES
from market.i18n.messages import translate
from market.listings import languages_themes, rules
from market.listings.drafts import ListingDraft, ListingText
from market.listings.offering import Band, Kind
from market.media import ikat
from market.values.party import ADULT, CHILD, INFANT, MAX_PARTY
from market.values.text import Text, lazy
from market.web.forms import Form, Inbound, filled, parse

F = TypeVar("F", bound=Inbound)
_OLDEST = 120


@dataclass(frozen=True, slots=True)
class FormSection(Generic[F]):
    """One form about one aspect of a listing."""

    name: str
    title: Text
    intro: Text
    model: type[F]
    layout: tuple[tuple[Control, ...], ...]
    read: Callable[[ListingDraft], dict[str, Any]]
    write: Callable[[ListingDraft, F], ListingDraft]

    @property
    def controls(self) -> list[Control]:
        return [control for line in self.layout for control in line]

    def form(self, draft: ListingDraft) -> Form[Any]:
        return filled(self.read(draft))

    def parse(self, raw: Mapping[str, list[str]], locale: str) -> Form[F]:
        return parse(self.model, raw, locale)


Section = FormSection[Any] | TableSection[Any]


def _options(names: Mapping[str, Text]) -> Callable[[Around], list[Option]]:
    return lambda around: [(key, translate(text, around.locale)) for key, text in names.items()]


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


# Booking terms -------------------------------------------------------------------------------------------


def _policy_options(kind: Kind) -> Callable[[Around], list[Option]]:
    def options(around: Around) -> list[Option]:
        found: list[Option] = []
        for key in rules.POLICIES[kind]:
            first = policies.describe(policies.POLICIES[key])[0]
            words = f"{translate(policies.NAMES[key], around.locale)}: {translate(first, around.locale)}"
            found.append((key, words))
        return found

    return options


_BOOKING = (
    Control(
        "instant",
        lazy("How guests book"),
        "radio",
        options=_options(
            {
                "yes": lazy("At once: a paid booking is confirmed by itself"),
                "no": lazy("On request: you answer within 48 hours"),
            }
        ),
    ),
)
_PARTY = (
    Control("min_party", lazy("Smallest party"), "number", low=1, high=MAX_PARTY),
    Control("max_party", lazy("Largest party"), "number", low=1, high=MAX_PARTY),
)
_LEAD = (
    Control(
        "notice_hours",
        lazy("Notice you need, in hours"),
        "number",
        hint=lazy("Time to prepare before guests arrive."),
        low=0,
        high=rules.MAX_LEAD_HOURS,
    ),
    Control(
        "cutoff_hours",
        lazy("Booking closes, hours before"),
        "number",
        hint=lazy("The stricter of the two counts."),
        low=0,
        high=rules.MAX_LEAD_HOURS,
    ),
)
_SPOKEN = (
    (Control("languages", lazy("Languages spoken"), "checks", options=_options(languages_themes.LANGUAGES)),),
    (Control("themes", lazy("Themes"), "checks", options=_options(languages_themes.THEMES), optional=True),),
)
_START = Control("start_time", lazy("Usual starting time (WITA)"), "time")
_SEATS = (
    Control(
        "capacity",
        lazy("Places"),
        "number",
        hint=lazy("For new dates; each date can have its own."),
        low=1,
        high=rules.MAX_CAPACITY,
    ),
    Control(
        "min_guests",
        lazy("Guests needed to run it"),
        "number",
        hint=lazy("Seven days before, a date with fewer guests is called off and paid back."),
        low=1,
        high=rules.MAX_CAPACITY,
    ),
)
_COMMON = ("policy", "min_party", "max_party", "notice_hours", "cutoff_hours")


def _terms(kind: Kind, model: type[F], own: tuple[tuple[Control, ...], ...]) -> FormSection[F]:
    """The terms section of a kind; `own` are the fields that only this kind has."""
    own_names = [control.name for line in own for control in line]

    def read(draft: ListingDraft) -> dict[str, Any]:
        values: dict[str, Any] = {name: getattr(draft, name) for name in (*_COMMON, *own_names)}
        if "start_time" in values:
            values["start_time"] = draft.start_time.strftime("%H:%M")
        return {
            **values,
            "instant": "yes" if draft.instant else "no",
            "languages": list(draft.languages),
            "themes": list(draft.themes),
        }

    def write(draft: ListingDraft, data: F) -> ListingDraft:
        values = {name: getattr(data, name) for name in (*_COMMON, *own_names)}
        return replace(
            draft,
            **values,
            instant=getattr(data, "instant") == "yes",  # noqa: B009 - a field of every terms form
            languages=tuple(getattr(data, "languages")),  # noqa: B009
            themes=tuple(getattr(data, "themes")),  # noqa: B009
        )

    policy = Control("policy", lazy("Cancellation"), "radio", options=_policy_options(kind))
    return FormSection(
        "terms",
        lazy("Booking terms"),
        lazy("Who can come, how early they book, and what happens when they cancel."),
        model,
        (_BOOKING, (policy,), _PARTY, *own, _LEAD, *_SPOKEN),
        read,
        write,
    )


_NIGHTS = (
    Control("min_nights", lazy("Shortest stay, nights"), "number", low=1, high=365),
    Control("max_nights", lazy("Longest stay, nights"), "number", low=1, high=365),
)
_MINUTES = Control(
    "minutes",
    lazy("How long it takes, in minutes"),
    "number",
    hint=lazy("For example 180 for three hours."),
    low=15,
    high=rules.MAX_MINUTES,
)
STAY_TERMS: Final = _terms(Kind.HOMESTAY, forms.StayTerms, (_NIGHTS,))
LESSON_TERMS: Final = _terms(Kind.LESSON, forms.LessonTerms, (_SEATS, (_MINUTES, _START)))
TOUR_TERMS: Final = _terms(Kind.TOUR, forms.TourTerms, (_SEATS, (_START,)))


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
                options=_options(
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
            Control("emblem", lazy("Emblem on the cover cloth"), "select", options=_options(_EMBLEMS)),
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
