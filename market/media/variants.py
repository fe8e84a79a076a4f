"""What a page shows of an uploaded photo: widths in three formats, a blurred placeholder, its main colour.

Bytes in, bytes out: no files, no tables. Opening safely is `decoding.py`; keeping the results is
`storage.py`; who calls this, and where the progress goes, is `service.py`. One picture at a time, in a thread
of the worker.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final, Literal, assert_never

from PIL import Image, ImageFilter

from market.media.decoding import Picture, Probe, fit, probe, read

__all__ = ["Picture", "Probe", "Variant", "Variants", "encode", "make_variants", "probe", "read"]

Output = Literal["avif", "webp", "jpeg"]

WIDTHS: Final = (360, 720, 1080, 1600)
FORMATS: Final[tuple[Output, ...]] = ("avif", "webp", "jpeg")  # smallest first, as a browser should choose
TALLEST: Final = 2  # a variant is at most this many times as high as its nominal width

_AVIF_QUALITY, _WEBP_QUALITY, _JPEG_QUALITY = 60, 75, 78
_AVIF_CAREFUL, _AVIF_QUICK = 6, 9  # a quarter smaller at six times the work
_AVIF_CAREFUL_PIXELS = 2_000_000  # above this, careful work alone would take a second and more
_PLACEHOLDER_SIDES = (20, 16, 12, 8, 4)
_PLACEHOLDER_MAX = 400  # characters of the data URI


@dataclass(frozen=True, slots=True)
class Variant:
    """One encoded size."""

    width: int
    height: int
    format: Output
    data: bytes

    @property
    def content_type(self) -> str:
        return f"image/{self.format}"


@dataclass(frozen=True, slots=True)
class Variants:
    """Everything made of one photo. `source` tells what was uploaded, upright."""

    source: Probe
    images: tuple[Variant, ...]
    placeholder: str
    colour: str


def make_variants(
    data: bytes,
    *,
    widths: Sequence[int] = WIDTHS,
    formats: Sequence[Output] = FORMATS,
    avif_speed: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Variants:
    """Every width in every format, never larger than the photo, upright, in sRGB, without metadata.

    Raises the `Invalid` errors of `decoding`. `on_progress(done, total)` counts steps of similar length.
    `avif_speed` is 0 (smallest file) to 10 (fastest); by default it follows the size.
    """
    widest = max(widths)
    picture = read(data, box=(widest, widest * TALLEST))
    sizes = _sizes(picture.source, widths)
    total = 1 + len(sizes) * len(formats)
    report = on_progress or _nobody
    report(1, total)
    images: list[Variant] = []
    for size in sizes:
        scaled = _scaled(picture.image, size)
        for output in formats:
            images.append(Variant(*size, output, encode(scaled, output, avif_speed=avif_speed)))
            report(1 + len(images), total)
    return Variants(picture.source, tuple(images), placeholder(picture.image), main_colour(picture.image))


def encode(image: Image.Image, output: Output, *, avif_speed: int | None = None) -> bytes:
    """The image as a file of this format, with no metadata of its own."""
    file = BytesIO()
    match output:
        case "avif":
            careful = image.width * image.height <= _AVIF_CAREFUL_PIXELS
            speed = (_AVIF_CAREFUL if careful else _AVIF_QUICK) if avif_speed is None else avif_speed
            image.save(file, "AVIF", quality=_AVIF_QUALITY, speed=speed)
        case "webp":
            image.save(file, "WEBP", quality=_WEBP_QUALITY, method=4)
        case "jpeg":
            image.save(file, "JPEG", quality=_JPEG_QUALITY, optimize=True, progressive=True)
        case _:
            assert_never(output)
    return file.getvalue()


def placeholder(image: Image.Image) -> str:
    """A blurred miniature as a data URI of less than 400 characters."""
    uri = ""
    for side in _PLACEHOLDER_SIDES:
        tiny = _scaled(image, fit(image.size, (side, side))).filter(ImageFilter.GaussianBlur(1))
        file = BytesIO()
        tiny.save(file, "WEBP", quality=30, method=6)
        uri = f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"
        if len(uri) < _PLACEHOLDER_MAX:
            break
    return uri


def main_colour(image: Image.Image) -> str:
    """The colour that covers most of the picture, as `#rrggbb`."""
    few = _scaled(image, (48, 48)).quantize(8)
    counted = few.convert("RGB").getcolors() or []
    _, colour = max(counted)
    return "#" + "".join(f"{part:02x}" for part in colour) if isinstance(colour, tuple) else "#808080"


def _sizes(source: Probe, widths: Sequence[int]) -> list[tuple[int, int]]:
    """One size per width, smallest first; a small photo has fewer, and its own size is then the last."""
    size = (source.width, source.height)
    return list(dict.fromkeys(fit(size, (width, width * TALLEST)) for width in sorted(widths)))


def _scaled(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _nobody(done: int, total: int) -> None:
    """Progress when nobody listens."""
