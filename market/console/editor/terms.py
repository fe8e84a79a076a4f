"""The booking terms of each kind of listing: who can come, how early, and what cancelling costs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from market.bookings import policies
from market.console.editor import forms
from market.console.editor.controls import Around, Control, Option
from market.console.editor.form_sections import F, FormSection, options_of
from market.i18n.messages import translate
from market.listings import languages_themes, rules
from market.listings.drafts import ListingDraft
from market.listings.offering import Kind
from market.values.party import MAX_PARTY
from market.values.text import lazy


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
        options=options_of(
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
    (
        Control(
            "languages", lazy("Languages spoken"), "checks", options=options_of(languages_themes.LANGUAGES)
        ),
    ),
    (
        Control(
            "themes", lazy("Themes"), "checks", options=options_of(languages_themes.THEMES), optional=True
        ),
    ),
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
