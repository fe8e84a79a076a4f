"""The feed that other calendars read. Its address is the secret; the host's page is the console's."""

from __future__ import annotations

from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response

from market import clock
from market.calendars import feeds
from market.errors import NotFound
from market.web.guards import ANYONE, page
from market.web.request import settings


async def feed(request: Request) -> Response:
    """A room type's taken nights; 304 when the reader has them already."""
    now, config = clock.now(), settings(request)
    found = await feeds.open_feed(request.path_params["file"], now)
    if found is None:
        raise NotFound
    file = await feeds.make(*found, config, now)
    await feeds.note_read(*found, now)
    headers = {
        "etag": file.etag,
        "last-modified": format_datetime(file.changed_at, usegmt=True),
        "cache-control": "private, no-cache",
        "x-robots-tag": "noindex",
        "content-disposition": 'attachment; filename="calendar.ics"',
    }
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if file.etag in known or "*" in known:
        return Response(status_code=304, headers=headers)
    return Response(file.body, media_type=feeds.MEDIA_TYPE, headers=headers)


routes = [page("/calendars/{file}.ics", feed, access=ANYONE, name="calendars:feed")]
