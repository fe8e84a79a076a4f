"""A picture of a conversation, for the two sides of it and nobody else."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from market.bookings import access
from market.bookings.access import Role
from market.errors import NotFound
from market.media.storage import Storage
from market.messaging import pictures
from market.web.guards import ANYONE, page
from market.web.request import tools


async def show(request: Request) -> Response:
    """One picture, small unless the large size is asked for."""
    seen = await access.open_booking(request)
    if seen.role is Role.OPERATOR:
        raise NotFound
    large = request.query_params.get("size") == "large"
    key = await pictures.get_key(request.path_params["picture"], seen.row.id, large=large)
    data = await tools(request).of(Storage).get(key)
    headers = {
        "cache-control": "private, max-age=86400, immutable",
        "content-disposition": 'inline; filename="picture.jpg"',
        "x-robots-tag": "noindex",
    }
    return Response(data, media_type="image/jpeg", headers=headers)


routes = [
    page(
        "/{locale}/bookings/{reference}/messages/pictures/{picture:int}",
        show,
        access=ANYONE,
        name="messaging:picture",
    )
]
