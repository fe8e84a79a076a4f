"""The address of a generated cover, and the cover for an address: an SVG, or a JPEG for messengers.

An address always means the same cloth.
Everything the cloth is made of stands in the address, so a cover needs no database and may be kept by
browsers for ever. `_WOVEN` changes when the weaver's drawing changes.
"""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from io import BytesIO

from market.errors import NotFound
from market.media import ikat
from market.web import urls

_WOVEN = "1"
_VERSION = re.compile(rf"{_WOVEN}-(card|wide|preview)-([a-z]+)-([a-z]+)", re.ASCII)
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,119}", re.ASCII)
HERO_VERSION = f"{_WOVEN}-hero-sumba-horse"
_HERO_SIZE = (760, 520)
_JPEG_QUALITY = 72


def cover_url(slug: str, region: str, emblem: str, *, wide: bool = False) -> str:
    """Where the cover of a listing is: card-sized, or the wide cloth at the head of its page."""
    size = "wide" if wide else "card"
    return urls.path("media:cover", version=f"{_WOVEN}-{size}-{region}-{emblem}", slug=slug)


def preview_url(slug: str, region: str, emblem: str) -> str:
    """Where the cover is as a picture beside a link: a JPEG of 1200 by 630 pixels."""
    return urls.path("media:preview", version=f"{_WOVEN}-preview-{region}-{emblem}", slug=slug)


def hero_url() -> str:
    """Where the cloth of the home page is."""
    return urls.path("media:cover", version=HERO_VERSION, slug="benang")


@lru_cache(maxsize=1024)
def woven(version: str, slug: str) -> tuple[bytes, bytes]:
    """The cover as SVG, plain and zipped; NotFound for an address this product never made."""
    if _SLUG.fullmatch(slug) is None:
        raise NotFound
    svg = _svg(version, slug).encode()
    return svg, gzip.compress(svg, 9, mtime=0)


@lru_cache(maxsize=64)
def painted(version: str, slug: str) -> bytes:
    """The cover as JPEG (some hundredths of a second of work); NotFound for an address this product never made."""
    if _SLUG.fullmatch(slug) is None:
        raise NotFound
    size, region, emblem = _parts(version)
    if size != "preview":
        raise NotFound
    file = BytesIO()
    ikat.picture(slug, region, emblem).save(file, "JPEG", quality=_JPEG_QUALITY)
    return file.getvalue()


def _svg(version: str, slug: str) -> str:
    if version == HERO_VERSION:
        width, height = _HERO_SIZE
        return ikat.cloth(slug, "sumba", "horse", width=width, height=height)
    size, region, emblem = _parts(version)
    if size == "preview":
        raise NotFound
    return ikat.cloth(slug, region, emblem) if size == "wide" else ikat.cover(slug, region, emblem)


def _parts(version: str) -> tuple[str, str, str]:
    match = _VERSION.fullmatch(version)
    if match is None or match[2] not in ikat.PLACES or match[3] not in ikat.EMBLEMS:
        raise NotFound
    return match[1], match[2], match[3]
