"""The booking as a calendar file, for its guest and its host."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from market.bookings import access, queries
from market.bookings.calendar_file import MEDIA_TYPE, calendar_file
from market.web.guards import ANYONE, page
from market.web.request import locale, settings


async def download(request: Request) -> Response:
    """One event; the same address gives the newest state of it."""
    seen = await access.open_booking(request)
    story = await queries.story_of(seen.row.id)
    content = calendar_file(seen.view, story, locale(request), settings(request))
    name = f"{settings(request).brand.lower()}-{seen.row.reference}.ics"
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
]
