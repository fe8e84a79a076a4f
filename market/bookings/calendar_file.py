"""Bookings as an iCalendar file: events with a stable id, told anew with a higher number when they change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from icalendar import Calendar, Event, vText

from market.bookings import words
from market.bookings.queries import BookingView
from market.bookings.queries import Event as Told
from market.bookings.states import CLOSED, TAKEN_BACK, WAITING, State
from market.i18n.messages import translate
from market.settings import Settings
from market.values.text import lazy
from market.web import urls

MEDIA_TYPE: Final = "text/calendar; charset=utf-8"
_COUNTED: Final = frozenset(
    {"confirmed", "changed", "moved", "cancelled_by_guest", *(state.value for state in TAKEN_BACK)}
)
_STANDS: Final = frozenset({State.COMPLETED})


def calendar_file(bookings: Sequence[tuple[BookingView, list[Told]]], locale: str, config: Settings) -> bytes:
    """The file for these bookings with their stories. Times are instants in UTC: no calendar needs to know WITA."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{config.brand}//{locale.upper()}")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for view, story in bookings:
        calendar.add_component(_event(view, story, locale, config))
    return calendar.to_ical()


def _event(view: BookingView, story: list[Told], locale: str, config: Settings) -> Event:
    booking, event = view.row, Event()
    host = urlsplit(config.base_url).hostname or "localhost"
    link = config.base_url + urls.path("bookings:show", locale=locale, reference=booking.reference)
    event.add("uid", f"{booking.reference}@{host}")
    event.add("dtstamp", story[-1].at if story else booking.created_at)
    event.add("sequence", max(0, sum(told.name in _COUNTED for told in story) - 1))
    event.add("dtstart", booking.starts_at)
    event.add("dtend", max(booking.ends_at, booking.starts_at + timedelta(minutes=30)))
    event.add("summary", words.title(booking, locale))
    event.add("status", _status(booking.state))
    event.add("url", link)
    event.add("description", _description(view, locale, link))
    event.add("location", vText(_place(view)))
    return event


def _status(state: State) -> str:
    if state in WAITING:
        return "TENTATIVE"
    return "CANCELLED" if state in CLOSED - _STANDS or state is State.EXPIRED else "CONFIRMED"


def _place(view: BookingView) -> str:
    """The exact address once the booking is confirmed, the village before."""
    if view.row.state in words.ADDRESS_STATES and view.address:
        return view.address
    return view.village_name


def _description(view: BookingView, locale: str, link: str) -> str:
    booking = view.row
    lines = [
        translate(lazy("Booking %(reference)s", reference=booking.reference), locale),
        translate(lazy("Host: %(name)s", name=view.host_name), locale),
        words.party(booking.party, locale),
    ]
    if booking.state in words.ADDRESS_STATES and view.host_phone:
        lines.append(translate(lazy("Phone: %(phone)s", phone=view.host_phone), locale))
    return "\n".join([*lines, link])
