"""Static files, read once at start, compressed once, addressed by content so that browsers keep them for a year.

`static("css/app.css")` gives `/static/css/app.css?v=…`. Anything under `static/` is public.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from market.errors import NotFound

FOLDER = Path(__file__).resolve().parents[2] / "static"
_COMPRESSIBLE = {".css", ".js", ".svg", ".txt", ".json", ".webmanifest"}
_COMMENT = re.compile(rb"/\*.*?\*/", re.DOTALL)
_REFERENCE = re.compile(rb"url\(\.\./([\w./-]+)\)")
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    content: bytes
    zipped: bytes | None
    media_type: str
    version: str


@lru_cache(maxsize=1)
def assets() -> dict[str, Asset]:
    """Every static file by its path below `static/`."""
    found: dict[str, Asset] = {}
    # Style sheets last: they name other files, and must name them by the same address as the pages do.
    for file in sorted(FOLDER.rglob("*"), key=lambda file: (file.suffix == ".css", file)):
        if file.is_file():
            content = file.read_bytes()
            if file.suffix == ".css":
                content = _COMMENT.sub(b"", content)  # for those who change it, not for slow connections
                content = _REFERENCE.sub(lambda match: _versioned(match, found), content)
            zipped = gzip.compress(content, 9, mtime=0) if file.suffix in _COMPRESSIBLE else None
            media_type = "font/woff2" if file.suffix == ".woff2" else mimetypes.guess_type(file.name)[0]
            version = hashlib.sha256(content).hexdigest()[:10]
            found[file.relative_to(FOLDER).as_posix()] = Asset(
                content, zipped, media_type or "application/octet-stream", version
            )
    return found


def _versioned(match: re.Match[bytes], found: dict[str, Asset]) -> bytes:
    """A style sheet's reference to another static file, with that file's version."""
    path = match.group(1).decode()
    return f"url(../{path}?v={found[path].version})".encode()


@lru_cache(maxsize=256)
def static(path: str) -> str:
    """The versioned URL of a static file; KeyError at the first use of a wrong name."""
    return f"/static/{path}?v={assets()[path].version}"


async def serve(request: Request) -> Response:
    """Answer one static file; a versioned address may be kept for ever."""
    asset = assets().get(request.path_params["path"])
    if asset is None:
        raise NotFound
    headers = {
        "cache-control": _FOREVER if "v" in request.query_params else "public, max-age=3600",
        "etag": f'"{asset.version}"',
        "vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    if asset.zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            asset.zipped, media_type=asset.media_type, headers={**headers, "content-encoding": "gzip"}
        )
    return Response(asset.content, media_type=asset.media_type, headers=headers)
