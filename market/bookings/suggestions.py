"""An alternative as a line with its address, for pages and for mails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from market.bookings import choice, words
from market.bookings.alternatives import Alternative
from market.listings.offering import Offering
from market.web import urls


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another choice that is free, as a link to its price."""

    href: str
    title: str
    text: str


def quote_path(locale: str, slug: str, picked: Mapping[str, str]) -> str:
    """The address at which a choice is shown with its price."""
    return urls.path("bookings:quote", **{**picked, "locale": locale, "slug": slug})


def suggestion(offering: Offering, other: Alternative, locale: str) -> Suggestion:
    """One alternative as a link that keeps everything else as it was."""
    picked = other.choice
    href = quote_path(locale, offering.slug, choice.params(picked))
    if picked.slot is not None:
        slot = picked.slot
        when = words.when(offering.kind.value, slot.starts_on, slot.ends_on, slot.starts_at, locale)
        return Suggestion(href, when, words.places_left(other.free, locale))
    if picked.room is None or picked.nights is None:
        raise ValueError("an alternative to a stay has a room and nights")
    name = words.text_of(picked.room.texts, locale, "name")
    room = name if picked.rooms == 1 else f"{picked.rooms} × {name}"
    return Suggestion(href, words.stay(picked.nights.start, picked.nights.end, locale), room)
