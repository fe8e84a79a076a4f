"""The editor's lists: how rooms, seasons, extras, shares, closed days and steps read and change a draft."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from market.console.editor import forms
from market.console.editor.controls import NAME_EN, NAME_ID, Around, Control, Option, in_both
from market.console.editor.tables import TableSection
from market.console.editor.values import percent_text
from market.i18n import formats
from market.i18n.locales import LOCALES
from market.i18n.messages import translate
from market.listings import languages_themes, rules
from market.listings.drafts import (
    ClosureDraft,
    ExtraDraft,
    ListingDraft,
    PayeeDraft,
    RoomDraft,
    SeasonDraft,
    StepDraft,
)
from market.listings.offering import GroupPrice, Per, Texts
from market.values.party import MAX_PARTY
from market.values.text import lazy
from market.web.forms import Inbound

_NAMES = in_both("name", NAME_ID, NAME_EN, maxlength=80)
_A_LEAP_YEAR = 2024


def _texts(row: Inbound, *names: str) -> Texts:
    return {locale: {name: getattr(row, f"{name}_{locale}") for name in names} for locale in LOCALES}


def _flat(texts: Texts, *names: str) -> dict[str, str]:
    return {f"{name}_{locale}": texts.get(locale, {}).get(name, "") for name in names for locale in LOCALES}


def _key_for(name: str, taken: Iterable[str]) -> str:
    """A short name that is not taken yet, from what people call the thing."""
    known = set(taken)
    stem = rules.slug_of(name)[:32].strip("-")
    return next(key for n in range(1, 1000) if (key := stem if n == 1 else f"{stem}-{n}") not in known)


def _keyed(rows: Sequence[forms.RoomRow] | Sequence[forms.ExtraRow]) -> list[str]:
    """Each row's own key, or a new one; keys never change once they exist."""
    keys: list[str] = []
    kept = {row.key for row in rows if row.key}
    for row in rows:
        keys.append(row.key or _key_for(row.name_en or row.name_id, kept | set(keys)))
    return keys


# Rooms ---------------------------------------------------------------------------------------------------
def _write_rooms(draft: ListingDraft, rows: Sequence[forms.RoomRow]) -> ListingDraft:
    rooms = tuple(
        RoomDraft(
            key=key,
            count=row.count,
            sleeps=row.sleeps,
            price_minor=row.price,
            texts=_texts(row, "name", "about"),
        )
        for key, row in zip(_keyed(rows), rows, strict=True)
    )
    return replace(draft, rooms=rooms)


ROOMS: Final = TableSection(
    "rooms",
    lazy("Rooms"),
    lazy("Each kind of room once, with how many of it there are and your price for one night."),
    lazy("Room"),
    lazy("Save and add another room"),
    forms.RoomRow,
    (
        _NAMES,
        in_both(
            "about",
            lazy("What is in it, in Indonesian"),
            lazy("What is in it, in English"),
            type="textarea",
            rows=2,
            optional=True,
            maxlength=400,
        ),
        (
            Control("count", lazy("How many such rooms"), "number", low=0, high=100, blank="1"),
            Control("sleeps", lazy("Guests in one room"), "number", low=1, high=20, blank="2"),
            Control("price", lazy("Price for one night, in rupiah"), "money"),
        ),
    ),
    lambda draft: [
        {
            "key": room.key,
            "count": room.count,
            "sleeps": room.sleeps,
            "price": room.price_minor,
            **_flat(room.texts, "name", "about"),
        }
        for room in draft.rooms
    ],
    _write_rooms,
    hidden=("key",),
)


# Seasons -------------------------------------------------------------------------------------------------
def _month_options(around: Around) -> list[Option]:
    months = range(1, 13)
    return [(str(m), formats.month_name(date(_A_LEAP_YEAR, m, 1), around.locale)) for m in months]


def _write_seasons(draft: ListingDraft, rows: Sequence[forms.SeasonRow]) -> ListingDraft:
    seasons = tuple(
        SeasonDraft(
            from_md=f"{row.from_month:02d}-{row.from_day:02d}",
            to_md=f"{row.to_month:02d}-{row.to_day:02d}",
            percent=row.percent,
            texts=_texts(row, "name"),
        )
        for row in rows
    )
    return replace(draft, seasons=seasons)


def _read_season(season: SeasonDraft) -> dict[str, Any]:
    (from_month, from_day), (to_month, to_day) = (edge.split("-") for edge in (season.from_md, season.to_md))
    return {
        "from_month": int(from_month),
        "from_day": int(from_day),
        "to_month": int(to_month),
        "to_day": int(to_day),
        "percent": season.percent,
        **_flat(season.texts, "name"),
    }


SEASONS: Final = TableSection(
    "seasons",
    lazy("Seasons"),
    lazy("Days of the year on which rooms cost more or less. 125 means a quarter more."),
    lazy("Season"),
    lazy("Save and add another season"),
    forms.SeasonRow,
    (
        _NAMES,
        (
            Control("from_day", lazy("From day"), "number", low=1, high=31),
            Control("from_month", lazy("From month"), "select", options=_month_options, blank="12"),
            Control("to_day", lazy("Until day"), "number", low=1, high=31),
            Control("to_month", lazy("Until month"), "select", options=_month_options, blank="1"),
        ),
        (Control("percent", lazy("Per cent of the usual price"), "number", low=10, high=1000),),
    ),
    lambda draft: [_read_season(season) for season in draft.seasons],
    _write_seasons,
)

# Extras --------------------------------------------------------------------------------------------------
_PER = {
    Per.PERSON: lazy("for each person"),
    Per.BOOKING: lazy("for each booking"),
    Per.NIGHT: lazy("for each night"),
    Per.PERSON_NIGHT: lazy("for each person and night"),
}


def _per_options(around: Around) -> list[Option]:
    return [(per.value, translate(text, around.locale)) for per, text in _PER.items()]


def _write_extras(draft: ListingDraft, rows: Sequence[forms.ExtraRow]) -> ListingDraft:
    extras = tuple(
        ExtraDraft(key=key, price_minor=row.price, per=row.per, texts=_texts(row, "name"))
        for key, row in zip(_keyed(rows), rows, strict=True)
    )
    return replace(draft, extras=extras)


EXTRAS: Final = TableSection(
    "extras",
    lazy("Extras"),
    lazy("What guests may add: a dinner, a pick-up, a packed lunch. Nothing is ticked for them."),
    lazy("Extra"),
    lazy("Save and add another extra"),
    forms.ExtraRow,
    (
        _NAMES,
        (
            Control("price", lazy("Your price, in rupiah"), "money"),
            Control("per", lazy("Counted"), "select", options=_per_options, blank="person"),
        ),
    ),
    lambda draft: [
        {"key": e.key, "price": e.price_minor, "per": e.per.value, **_flat(e.texts, "name")}
        for e in draft.extras
    ],
    _write_extras,
    hidden=("key",),
)


# Shares --------------------------------------------------------------------------------------------------
def _payee_options(around: Around) -> list[Option]:
    words = {"guide": lazy("Guide, cook or helper"), "materials": lazy("Materials")}
    return [(key, translate(text, around.locale)) for key, text in words.items()]


PAYEES: Final = TableSection(
    "payees",
    lazy("Who else is paid"),
    lazy("Guides, cooks and materials get this part of your price. Guests see it on every receipt."),
    lazy("Share"),
    lazy("Save and add another share"),
    forms.PayeeRow,
    (
        _NAMES,
        (
            Control("kind", lazy("What for"), "select", options=_payee_options, blank="guide"),
            Control("share", lazy("Per cent of your price"), "percent"),
        ),
    ),
    lambda draft: [
        {"kind": p.kind, "share": percent_text(p.bp), **_flat(p.texts, "name")} for p in draft.payees
    ],
    lambda draft, rows: replace(
        draft, payees=tuple(PayeeDraft(kind=r.kind, bp=r.share, texts=_texts(r, "name")) for r in rows)
    ),
)

# Closed days ---------------------------------------------------------------------------------------------
CLOSURES: Final = TableSection(
    "closures",
    lazy("Closed days"),
    lazy("Adat days, harvest, a wedding, rest. Guests see the reason. Bookings already made stand."),
    lazy("Closed"),
    lazy("Save and add more closed days"),
    forms.ClosureRow,
    (
        (
            Control("start", lazy("First closed day"), "date"),
            Control("end", lazy("Last closed day"), "date"),
        ),
        in_both("reason", lazy("Reason in Indonesian"), lazy("Reason in English"), maxlength=80),
    ),
    lambda draft: [
        {"start": c.start.isoformat(), "end": c.end.isoformat(), **_flat(c.texts, "reason")}
        for c in draft.closures
    ],
    lambda draft, rows: replace(
        draft,
        closures=tuple(ClosureDraft(start=r.start, end=r.end, texts=_texts(r, "reason")) for r in rows),
    ),
)

# Days and steps ------------------------------------------------------------------------------------------
_TELLING = (
    in_both("title", lazy("Title in Indonesian"), lazy("Title in English"), maxlength=rules.MAX_TITLE),
    in_both(
        "body",
        lazy("What happens, in Indonesian"),
        lazy("What happens, in English"),
        type="textarea",
        rows=4,
        maxlength=1200,
    ),
)
STEPS: Final = TableSection(
    "steps",
    lazy("Step by step"),
    lazy("What guests do, in the order they do it."),
    lazy("Step"),
    lazy("Save and add another step"),
    forms.StepRow,
    _TELLING,
    lambda draft: [_flat(step.texts, "title", "body") for step in draft.steps],
    lambda draft, rows: replace(
        draft, steps=tuple(StepDraft(texts=_texts(row, "title", "body")) for row in rows)
    ),
    ordered=True,
)


def _meal_options(around: Around) -> list[Option]:
    return [(key, translate(text, around.locale)) for key, text in languages_themes.MEALS.items()]


def _sleeping_options(around: Around) -> list[Option]:
    elsewhere = translate(lazy("Somewhere else, or no night"), around.locale)
    return [("", elsewhere), *((str(place.room_type_id), place.label) for place in around.sleeping)]


def _write_days(draft: ListingDraft, rows: Sequence[forms.DayRow]) -> ListingDraft:
    steps = tuple(
        StepDraft(texts=_texts(row, "title", "body"), meals=tuple(row.meals), room_type_id=row.sleeps)
        for row in rows
    )
    return replace(draft, steps=steps, days=max(len(steps), 1))


DAYS: Final = TableSection(
    "days",
    lazy("Day by day"),
    lazy(
        "One entry for each day. Choose the listed room a day ends in, and its night is taken with the seats."
    ),
    lazy("Day"),
    lazy("Save and add another day"),
    forms.DayRow,
    (
        *_TELLING,
        (
            Control("sleeps", lazy("Guests sleep in"), "select", options=_sleeping_options, optional=True),
            Control("meals", lazy("Meals"), "checks", options=_meal_options, optional=True),
        ),
    ),
    lambda draft: [
        {
            "meals": list(step.meals),
            "sleeps": step.room_type_id or "",
            **_flat(step.texts, "title", "body"),
        }
        for step in draft.steps
    ],
    _write_days,
    least=lambda draft: draft.days,
    ordered=True,
)

GROUPS: Final = TableSection(
    "groups",
    lazy("Group prices"),
    lazy("A lower price for each adult when more people come."),
    lazy("Group"),
    lazy("Save and add another group price"),
    forms.GroupRow,
    (
        (
            Control("min_size", lazy("From so many people"), "number", low=2, high=MAX_PARTY),
            Control("price", lazy("Price for one adult, in rupiah"), "money"),
        ),
    ),
    lambda draft: [{"min_size": g.min_size, "price": g.price_minor} for g in draft.group_prices],
    lambda draft, rows: replace(
        draft, group_prices=tuple(GroupPrice(min_size=r.min_size, price_minor=r.price) for r in rows)
    ),
)
