"""A laid-out cloth as a picture of pixels, for those who do not read SVG: messengers that preview a link.

Every shape of a cloth is an upright rectangle, so Pillow's are enough.
"""

from __future__ import annotations

from collections.abc import Iterable

from PIL import Image, ImageDraw

from market.media.ikat.cloth import Area, Run, Tile
from market.media.ikat.svg import CREPT, HALO, STROKE

_FULL = 255


def raster(areas: Iterable[Area], width: int, height: int, scale: int = 2) -> Image.Image:
    """The cloth with `scale` pixels for a unit of its size."""
    image = Image.new("RGB", (width * scale, height * scale))
    draw = ImageDraw.Draw(image)
    for area in areas:
        top, bottom = round(area.top * scale), round((area.top + area.height) * scale)
        if bottom > top:
            draw.rectangle((0, top, image.width, bottom - 1), fill=area.colour)
        if area.tile is not None:
            _repeat(image, _woven(area.tile, area.colour, scale), area.tile.left * scale, top)
    _texture(image, scale)
    return image


def _woven(tile: Tile, ground: str, scale: int) -> Image.Image:
    """One tile over its ground: the threads of every layer, then what crept from them."""
    image = Image.new("RGB", (round(tile.width * scale), tile.height * scale), ground)
    stroke = STROKE * tile.scale
    for thick, ends, strength in ((stroke, 0.0, 1.0), (stroke + HALO, (stroke + HALO) / 2, CREPT)):
        for _, colour, runs in tile.layers:
            mask = Image.new("L", image.size)
            _threads(ImageDraw.Draw(mask), runs, thick, ends, round(strength * _FULL), scale)
            image.paste(colour, mask=mask)
    return image


def _threads(
    draw: ImageDraw.ImageDraw, runs: Iterable[Run], thick: float, ends: float, strength: int, scale: int
) -> None:
    for run in runs:
        left, right = (run.x - ends) * scale, (run.x + run.length + ends) * scale
        top = (run.y - thick / 2) * scale
        draw.rectangle((round(left), round(top), round(right) - 1, round(top + thick * scale) - 1), strength)


def _repeat(image: Image.Image, tile: Image.Image, left: int, top: int) -> None:
    for x in range(left, image.width, tile.width):
        image.paste(tile, (x, top))


def _texture(image: Image.Image, scale: int) -> None:
    """The shadow between threads and the glint on them, as in the SVG."""
    draw = ImageDraw.Draw(image, "RGBA")
    for y in range(0, image.height, 2 * scale):
        draw.rectangle((0, y + round(1.4 * scale), image.width, y + 2 * scale - 1), fill=(0, 0, 0, 56))
    for x in range(scale, image.width, 3 * scale):
        draw.rectangle((x, 0, x + scale - 1, image.height), fill=(255, 255, 255, 18))
