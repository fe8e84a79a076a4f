"""Bookings as calendar files: one for its guest and its host, and a whole journey for its guest."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.bookings import access, journeys, queries
from market.bookings.calendar_file import MEDIA_TYPE, calendar_file
from market.bookings.pages import parts
from market.errors import NotFound
from market.web.guards import ANYONE, page
from market.web.request import locale, settings, viewer


async def download(request: Request) -> Response:
    """One event; the same address gives the newest state of it."""
    seen = await access.open_booking(request)
    story = await queries.story_of(seen.row.id)
    content = calendar_file([(seen.view, story)], locale(request), settings(request))
    return _file(request, content, seen.row.reference)


async def journey(request: Request) -> Response:
    """All events of the journey that a booking of the guest belongs to."""
    own = await access.own_booking(request)
    now = clock.now()
    views = await queries.list_for_guest(viewer(request), {*access.known(request), own.reference})
    ahead = {view.row.reference: view for view in views if parts.is_ahead(view.row, now)}
    for found in journeys.journeys(view.row for view in ahead.values()):
        references = [stretch.booking.reference for stretch in found.stretches]
        if own.reference in references:
            told = [(ahead[name], await queries.story_of(ahead[name].row.id)) for name in references]
            return _file(request, calendar_file(told, locale(request), settings(request)), own.reference)
    raise NotFound


def _file(request: Request, content: bytes, reference: str) -> Response:
    name = f"{settings(request).brand.lower()}-{reference}.ics"
    ascii_name = "".join(
        letter for letter in name if letter.isascii() and (letter.isalnum() or letter in "-.")
    )
    return Response(
        content,
        media_type=MEDIA_TYPE,
        headers={"content-disposition": f'attachment; filename="{ascii_name}"', "x-robots-tag": "noindex"},
    )


routes = [
    page("/{locale}/bookings/{reference}/calendar.ics", download, access=ANYONE, name="bookings:calendar"),
    page("/{locale}/bookings/{reference}/journey.ics", journey, access=ANYONE, name="bookings:journey"),
]
