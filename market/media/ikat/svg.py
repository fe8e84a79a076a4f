"""A laid-out cloth as one small self-contained SVG.

A band is a pattern of horizontal strokes; its mirrored half borrows the threads of the first. The sizes of
strokes are here, because they decide how the cloth looks and not how it is woven; `raster.py` uses them too.
"""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import quoteattr

from market.media.ikat.cloth import Area, Run, Tile

STROKE = 2.1  # a little more than the pitch, so that threads touch
HALO = 2.2  # added to the stroke where the dye has crept
CREPT = 0.3  # how much of the dye creeps

_SUFFIX = {"o": "o", "*": "s", "#": "e"}
_TEXTURE = (
    '<pattern id="t" width="6" height="2" patternUnits="userSpaceOnUse">'
    '<path d="M0 1.7h6" stroke="#000" stroke-opacity=".22" stroke-width=".6"/>'
    '<path d="M1.5 0v2M4.5 0v2" stroke="#fff" stroke-opacity=".07" stroke-width="1"/></pattern>'
)


def svg(areas: Iterable[Area], width: int, height: int, title: str | None = None) -> str:
    """The finished SVG. With a title it is an image with that name; without, decoration."""
    drawing = _Drawing(width)
    for area in areas:
        drawing.lay(area)
    label = f'role="img" aria-label={quoteattr(_printable(title))}' if title else 'aria-hidden="true"'
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {label}>'
        f"<defs>{_TEXTURE}{''.join(drawing.defs)}</defs>{''.join(drawing.body)}"
        f'<path fill="url(#t)" d="M0 0h{width}v{height}H0z"/></svg>'
    )


class _Drawing:
    """What has been drawn so far."""

    def __init__(self, width: int) -> None:
        self._width = width
        self.defs: list[str] = []
        self.body: list[str] = []
        self._woven: dict[tuple[float, int, float, str], str] = {}

    def lay(self, area: Area) -> None:
        if area.tile is not None:
            name = self._pattern(int(area.top), area.tile)
            shape = f'd="M0 {area.top}h{self._width}v{area.tile.height}H0z"'
            self.body.append(f'<path fill="{area.colour}" {shape}/><path fill="url(#{name})" {shape}/>')
        elif self.body:
            shape = f'd="M0 {area.top:.1f}h{self._width}v{area.height:.1f}H0z"'
            self.body.append(f'<path fill="{area.colour}" {shape}/>')
        else:  # the ground of the whole cloth
            self.body.append(f'<path fill="{area.colour}" d="M0 0h{self._width}v{area.height}H0z"/>')

    def _pattern(self, top: int, tile: Tile) -> str:
        """Add the pattern and return its id."""
        name = f"b{len(self.defs) + 1}"
        data = [(_SUFFIX[sign], colour, _path(runs)) for sign, colour, runs in tile.layers]
        key = (tile.width, tile.left, tile.scale, "".join(path for _, _, path in data))
        if (same := self._woven.get(key)) is not None:
            self.defs.append(f'<pattern id="{name}" href="#{same}" y="{top}"/>')
            return name
        self._woven[key] = name
        paths = "".join(
            f'<path id="{name}{suffix}" d="{path}" stroke="{colour}"/>' for suffix, colour, path in data
        )
        halo = STROKE * tile.scale + HALO
        crept = "".join(f'<use href="#{name}{suffix}"/>' for suffix, _, _ in data)
        halo_style = f'stroke-linecap="square" stroke-width="{halo:g}" stroke-opacity=".{CREPT * 10:g}"'
        self.defs.append(
            f'<pattern id="{name}" width="{tile.width:g}" height="{tile.height}" y="{top}" x="{tile.left}" '
            f'patternUnits="userSpaceOnUse"><g fill="none" stroke-width="{STROKE * tile.scale:g}">{paths}'
            f"<g {halo_style}>{crept}</g></g></pattern>"
        )
        return name


def _path(runs: Iterable[Run]) -> str:
    """Path data in half-unit steps, each run relative to the end of the one before: that keeps it small."""
    data, x, y = "", 0.0, 0.0
    for run in runs:
        start, length = round(run.x * 2) / 2, round(run.length * 2) / 2
        data += f"{'m' if data else 'M'}{start - x:g} {run.y - y:g}h{length:g}"
        x, y = start + length, run.y
    return data


def _printable(text: str) -> str:
    """Without control characters, which XML cannot carry even escaped."""
    return "".join(char if char.isprintable() else " " for char in text)
