"""Pictures as visitors fetch them: generated covers, and the finished sizes of hosts' photos.

Both may be kept for ever: an address never changes its content. Originals are private and not served.
"""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from market.errors import NotFound
from market.media.covers import painted, woven
from market.media.storage import Storage, content_type, is_key
from market.web.guards import ANYONE, page
from market.web.request import tools

_FOREVER = "public, max-age=31536000, immutable"
_PUBLIC = "photos/"


async def cover(request: Request) -> Response:
    """A woven cover as SVG."""
    svg, zipped = woven(request.path_params["version"], request.path_params["slug"])
    headers = {"cache-control": _FOREVER, "vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(zipped, media_type="image/svg+xml", headers={**headers, "content-encoding": "gzip"})
    return Response(svg, media_type="image/svg+xml", headers=headers)


async def preview(request: Request) -> Response:
    """A woven cover as JPEG, for messengers and search engines. Painted beside the loop: it takes a while."""
    data = await asyncio.to_thread(painted, request.path_params["version"], request.path_params["slug"])
    return Response(data, media_type="image/jpeg", headers={"cache-control": _FOREVER})


async def file(request: Request) -> Response:
    """One stored size of a photo."""
    key = request.path_params["path"]
    if not key.startswith(_PUBLIC) or not is_key(key):
        raise NotFound
    etag = f'"{key.rpartition("/")[2]}"'
    headers = {"cache-control": _FOREVER, "etag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    data = await tools(request).of(Storage).get(key)
    return Response(data, media_type=content_type(key), headers=headers)


routes = [
    page("/covers/{version}/{slug}.svg", cover, access=ANYONE, name="media:cover"),
    page("/covers/{version}/{slug}.jpg", preview, access=ANYONE, name="media:preview"),
    page("/media/{path:path}", file, access=ANYONE, name="media:file"),
]
