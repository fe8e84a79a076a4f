"""What several booking pages show or do alike: the summary beside a form, addresses, titles after an error."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request

from market.bookings import moving, queries, words
from market.bookings.paying import Links
from market.bookings.queries import BookingView
from market.bookings.quote import Choice
from market.bookings.rows import BookingRow
from market.bookings.states import WAITING, State
from market.i18n.messages import translate
from market.listings.languages_themes import KINDS
from market.listings.offering import Offering
from market.media import queries as media
from market.media.covers import cover_url
from market.media.queries import Picture
from market.values.text import Text, lazy
from market.web import urls
from market.web.request import locale, settings

ROBOTS = "noindex, nofollow"


@dataclass(frozen=True, slots=True)
class Summary:
    """What is being booked: the box with the picture."""

    href: str
    kind_label: str
    place: str
    title: str
    when: str
    party: str
    room: str
    host: str
    cover_url: str
    photo: Picture | None


async def summary_of_choice(offering: Offering, choice: Choice | None, language: str) -> Summary:
    """The box for a listing and, once there is one, a choice."""
    about = await queries.get_listing_words(offering.id, language)
    when = party = room = ""
    if choice is not None:
        party = words.party(choice.party, language)
        if choice.slot is not None:
            slot = choice.slot
            when = words.when(offering.kind.value, slot.starts_on, slot.ends_on, slot.starts_at, language)
        elif choice.nights is not None and choice.room is not None:
            nights = choice.nights
            when = words.stay(nights.start, nights.end, language)
            name = words.text_of(choice.room.texts, language, "name")
            room = name if choice.rooms == 1 else f"{choice.rooms} × {name}"
    photos = await media.photos_for([offering.id], language)
    return Summary(
        href=urls.path("discovery:listing", locale=language, slug=offering.slug),
        kind_label=translate(KINDS[offering.kind.value], language),
        place=about.village,
        title=about.title,
        when=when,
        party=party,
        room=room,
        host=about.host,
        cover_url=cover_url(offering.slug, about.region, about.emblem, wide=True),
        photo=photos[offering.id][0] if offering.id in photos else None,
    )


async def summary_of_booking(view: BookingView, language: str, *, picture: bool = True) -> Summary:
    """The box for a booking, as it was sold."""
    booking = view.row
    photos = await media.photos_for([booking.listing_id], language) if picture else {}
    return Summary(
        href=urls.path("discovery:listing", locale=language, slug=view.slug),
        kind_label=translate(KINDS[booking.kind], language),
        place=view.village_name,
        title=words.title(booking, language),
        when=words.booking_when(booking, language),
        party=words.party(booking.party, language),
        room=words.room(booking, language),
        host=view.host_name,
        cover_url=cover_url(view.slug, view.region, view.emblem, wide=True),
        photo=photos[booking.listing_id][0] if booking.listing_id in photos else None,
    )


_OFF: Final = frozenset(State) - WAITING - {State.CONFIRMED, State.CHECKED_IN, State.COMPLETED, State.NO_SHOW}


def is_off(booking: BookingRow, now: datetime) -> bool:
    """Over without a visit; a trip whose guest may still choose another date is not."""
    return booking.state in _OFF and not moving.is_open(booking, now)


def is_ahead(booking: BookingRow, now: datetime) -> bool:
    """The visit is still to come, or going on."""
    past = booking.ends_at <= now or booking.state in {State.COMPLETED, State.NO_SHOW}
    return not past and not is_off(booking, now)


def page_title(request: Request, text: Text, *, errors: bool = False) -> str:
    """A page's title; after a failed form it says so first."""
    title = translate(text, locale(request))
    return translate(lazy("Fix: %(title)s", title=title), locale(request)) if errors else title


def path(request: Request, name: str, reference: str, **more: Any) -> str:
    """The address of one of a booking's pages in the language of this request."""
    return urls.path(name, locale=locale(request), reference=reference, **more)


def links(request: Request, reference: str, *, back: str, **more: Any) -> Links:
    """Where a card provider sends the guest: to the page that waits, or back to the page named `back`."""
    base = settings(request).base_url
    return Links(
        done=base + path(request, "bookings:pay_return", reference, **more),
        back=base + path(request, back, reference),
    )


def description(booking: BookingRow, language: str) -> str:
    """What the card provider's page and the bank statement call this."""
    return f"{words.title(booking, language)}, {words.booking_when(booking, language)}"[:200]
