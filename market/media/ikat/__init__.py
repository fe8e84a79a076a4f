"""Woven covers: an ikat cloth drawn from a slug. Same slug, place and emblem: the same cloth, for ever.

Here: the two sizes the pages use. A real photo from the host always replaces a cover. Serve a cover as an
image of its own (`<img src>`): the ids inside are the same in every cloth and would clash in one document.
"""

from __future__ import annotations

from PIL import Image

from market.media.ikat.cloth import Cloth
from market.media.ikat.motifs import EMBLEMS
from market.media.ikat.palettes import PLACES, place_of
from market.media.ikat.raster import raster
from market.media.ikat.svg import svg

__all__ = ["EMBLEMS", "PLACES", "cloth", "cover", "picture", "place_of"]

_PICTURE = (600, 315)


def cover(
    slug: str,
    place: str,
    emblem: str | None = None,
    *,
    width: int = 480,
    height: int = 320,
    title: str | None = None,
) -> str:
    """A card's cover as SVG text.

    `place` is one of `PLACES` (see `place_of` for administrative codes), `emblem` one of `EMBLEMS` or None to
    let the slug choose; ValueError otherwise. Without a `title` the image is decoration.
    """
    return svg(Cloth(slug, place, emblem, width, height).areas(), width, height, title)


def cloth(
    slug: str,
    place: str,
    emblem: str | None = None,
    *,
    width: int = 1200,
    height: int = 400,
    title: str | None = None,
) -> str:
    """The wide cloth at the head of a listing; the same promise as `cover`."""
    return svg(Cloth(slug, place, emblem, width, height).areas(), width, height, title)


def picture(slug: str, place: str, emblem: str | None = None) -> Image.Image:
    """The cover as pixels, 1200 by 630: what a messenger shows beside a link. The same promise as `cover`."""
    return raster(Cloth(slug, place, emblem, *_PICTURE).areas(), *_PICTURE)
