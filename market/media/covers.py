"""The address of a generated cover, and the cover for an address. An address always means the same cloth.

Everything the cloth is made of stands in the address, so a cover needs no database and may be kept by
browsers for ever. `_WOVEN` changes when the weaver's drawing changes.
"""

from __future__ import annotations

import gzip
import re
from functools import lru_cache

from market.errors import NotFound
from market.media import ikat
from market.web import urls

_WOVEN = "1"
_VERSION = re.compile(rf"{_WOVEN}-(card|wide)-([a-z]+)-([a-z]+)", re.ASCII)
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,119}", re.ASCII)
HERO_VERSION = f"{_WOVEN}-hero-sumba-horse"
_HERO_SIZE = (760, 520)


def cover_url(slug: str, region: str, emblem: str, *, wide: bool = False) -> str:
    """Where the cover of a listing is: card-sized, or the wide cloth at the head of its page."""
    size = "wide" if wide else "card"
    return urls.path("media:cover", version=f"{_WOVEN}-{size}-{region}-{emblem}", slug=slug)


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


def _svg(version: str, slug: str) -> str:
    if version == HERO_VERSION:
        width, height = _HERO_SIZE
        return ikat.cloth(slug, "sumba", "horse", width=width, height=height)
    match = _VERSION.fullmatch(version)
    if match is None:
        raise NotFound
    size, region, emblem = match.groups()
    if region not in ikat.PLACES or emblem not in ikat.EMBLEMS:
        raise NotFound
    return ikat.cloth(slug, region, emblem) if size == "wide" else ikat.cover(slug, region, emblem)
