"""A listing in words: short facts, day by day, good to know, cancellation terms. Pure; texts are translated here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from market.bookings.policies import POLICIES, describe
from market.discovery.listing.queries import Shown
from market.discovery.search.cards import length_label
from market.i18n import formats
from market.i18n.locales import pick
from market.i18n.messages import translate
from market.listings.languages_themes import LANGUAGES, MEALS, named
from market.listings.offering import ClosedDays, Kind, Offering, with_fee
from market.values.text import Text, lazy, lazy_n

Fact = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """A day of a tour or a part of a class, as `ui/day_list.html` draws it."""

    title: str
    text: str
    facts: list[Fact]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of `ui/sum_list.html`."""

    label: str
    text: str | list[str]


@dataclass(frozen=True, slots=True)
class RoomBox:
    """One room type: what it is, for how many, from what price."""

    id: int
    name: str
    about: str
    line: str
    price: str


def facts(shown: Shown, offering: Offering, locale: str) -> list[Fact]:
    """The few facts under the title."""
    found: list[Fact] = [("users", translate(_party_words(offering), locale))]
    if offering.kind is Kind.HOMESTAY:
        beds = sum(room.count * room.sleeps for room in offering.rooms)
        sleeps = translate(lazy_n("sleeps %(count)s", "sleeps %(count)s", beds), locale)
        found = [("bed-double", f"{length_label(offering, locale)}, {sleeps}")]
    if offering.kind is Kind.LESSON:
        found.append(("clock", length_label(offering, locale)))
    if shown.languages:
        found.append(("languages", ", ".join(named(LANGUAGES, code, locale) for code in shown.languages)))
    found.append(
        ("check", translate(lazy("Confirmed at once"), locale)) if offering.instant else _on_request(locale)
    )
    return found


def _on_request(locale: str) -> Fact:
    return ("clock", translate(lazy("The host confirms each booking"), locale))


def _party_words(offering: Offering) -> Text:
    if offering.min_party == offering.max_party or offering.min_party <= 1:
        return lazy_n("Up to %(count)s guest", "Up to %(count)s guests", offering.max_party)
    return lazy("%(least)s to %(most)s guests", least=offering.min_party, most=offering.max_party)


def kick(offering: Offering, shown: Shown, locale: str) -> str:
    """How long it takes: `5 days, 4 nights`."""
    if offering.kind is not Kind.TOUR:
        return length_label(offering, locale)
    nights = translate(lazy_n("%(count)s night", "%(count)s nights", offering.days - 1), locale)
    return (
        f"{length_label(offering, locale)}, {nights}" if offering.days > 1 else length_label(offering, locale)
    )


def steps(offering: Offering, houses: dict[int, str], locale: str) -> list[Step]:
    """Day by day. `houses` are the names of the listed homestays a tour sleeps in, by room type."""
    found: list[Step] = []
    for step in offering.steps:
        words = pick(step.texts, locale) if step.texts else {}
        more: list[Fact] = []
        if step.room_type_id is not None and step.room_type_id in houses:
            more.append(("bed-double", houses[step.room_type_id]))
        if step.meals:
            more.append(("utensils", ", ".join(named(MEALS, meal, locale) for meal in step.meals)))
        found.append(Step(words.get("title", ""), words.get("body", ""), more))
    return found


def good_to_know(shown: Shown, offering: Offering, today: date, locale: str) -> list[Row]:
    """What to know before booking, the adat of the place among it."""
    rows = [
        Row(_say(lazy("Included"), locale), shown.included),
        Row(_say(lazy("Not included"), locale), shown.excluded),
        Row(_say(lazy("Manners and adat"), locale), shown.manners),
        Row(
            _say(lazy("Closed days"), locale),
            [_closed(c, locale) for c in offering.closures if c.end >= today],
        ),
        Row(_say(lazy("Getting there"), locale), shown.access),
        Row(_say(lazy("Before you book"), locale), _conditions(offering, locale)),
    ]
    return [row for row in rows if row.text]


def policy_lines(offering: Offering, locale: str) -> list[str]:
    """The cancellation terms in plain words, best first."""
    return [translate(line, locale) for line in describe(POLICIES[offering.policy])]


def room_boxes(offering: Offering, locale: str) -> list[RoomBox]:
    boxes: list[RoomBox] = []
    for room in offering.rooms:
        words = pick(room.texts, locale) if room.texts else {}
        many = lazy_n("%(count)s room like this", "%(count)s rooms like this", room.count)
        sleeps = lazy_n("sleeps %(count)s", "sleeps %(count)s", room.sleeps)
        price = formats.money(with_fee(room.price_minor, offering.service_fee_bp), locale)
        line = f"{translate(many, locale)}, {translate(sleeps, locale)}"
        boxes.append(RoomBox(room.id, words.get("name", ""), words.get("about", ""), line, price))
    return boxes


def _conditions(offering: Offering, locale: str) -> list[str]:
    lines: list[Text] = []
    if offering.kind is not Kind.HOMESTAY:
        lines.append(_party_words(offering))
    if offering.kind is Kind.TOUR and offering.min_guests > 1:
        lines.append(
            lazy(
                "The tour runs from %(count)s guests in all. If fewer have booked 7 days before, you choose another "
                "date or get everything back.",
                count=offering.min_guests,
            )
        )
    if offering.kind is Kind.HOMESTAY:
        lines.append(
            lazy("Stay %(least)s to %(most)s nights", least=offering.min_nights, most=offering.max_nights)
        )
        lines.append(lazy("Rooms are ready from 14.00 WITA"))
    hours = max(offering.notice_hours, offering.cutoff_hours)
    if hours:
        lines.append(
            lazy_n("Book at least %(count)s hour ahead", "Book at least %(count)s hours ahead", hours)
        )
    lines += [
        _band(band.key, band.min_age, band.max_age, band.percent)
        for band in offering.bands
        if band.key != "adult"
    ]
    return [translate(line, locale) for line in lines]


def _band(key: str, youngest: int, oldest: int, percent: int) -> Text:
    who = lazy("Children %(from)s to %(to)s", **{"from": youngest, "to": oldest})
    if key == "infant":
        who = lazy("Infants up to %(to)s", to=oldest)
    if percent == 0:
        return lazy("%(who)s: free", who=who)
    return lazy("%(who)s: %(percent)s%% of the price", who=who, percent=percent)


def _closed(closure: ClosedDays, locale: str) -> str:
    days = formats.day_range(closure.start, closure.end, locale)
    reason = pick(closure.texts, locale).get("reason", "") if closure.texts else ""
    return f"{days}: {reason}" if reason else days


def _say(text: Text, locale: str) -> str:
    return translate(text, locale)
