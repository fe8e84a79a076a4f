"""Opening a stranger's picture safely: what is accepted, how large, which way up, in which colours.

Here: `probe` (is this a picture we take?) and `read` (the pixels, clean). What is made of the pixels is in
`variants.py`. Nothing here keeps the original: evidence and receipts store the uploaded bytes themselves.

A decoder must never cost the process more than about 250 MB, so the pixel limit depends on how many copies
the format's decoder makes of a picture.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import Final, Literal, cast

from PIL import (
    AvifImagePlugin,
    Image,
    ImageCms,
    JpegImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from market.errors import Invalid
from market.values.text import _l

Format = Literal["jpeg", "png", "webp", "avif"]

MAX_BYTES: Final = 30 * 1024 * 1024
MAX_SIDE: Final = 30_000
MAX_PIXELS: Final = 40_000_000  # a plain JPEG or PNG; the others are below it
MAX_PIXELS_PROGRESSIVE: Final = 30_000_000  # the decoder holds every coefficient
MAX_PIXELS_AVIF: Final = 24_000_000
MAX_PIXELS_WEBP: Final = 14_000_000
_MAX_SCANS = 40  # a progressive JPEG has about ten; thousands are a way to keep a processor busy
_MAX_PROFILE = 1024 * 1024

_PLUGINS: Final = (JpegImagePlugin, PngImagePlugin, WebPImagePlugin, AvifImagePlugin)  # imported: registered
_OPENED: Final = ("JPEG", "PNG", "WEBP", "AVIF")
# A phone's JPEG with a depth or brightness map beside it is called MPO: its first picture is the photo.
_NAMES: Final[dict[str, Format]] = {
    "JPEG": "jpeg",
    "MPO": "jpeg",
    "PNG": "png",
    "WEBP": "webp",
    "AVIF": "avif",
}
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})

# Process-wide on purpose: no other code may open a larger picture by accident either.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class NotAPicture(Invalid):
    """The bytes are none of the four formats, whatever the file is called."""

    code = "not_a_picture"
    message = _l("This file is not a picture we can read. Please choose a JPEG, PNG, WebP or AVIF file.")


class Damaged(Invalid):
    """It begins like a picture and does not end like one."""

    code = "picture_damaged"
    message = _l("This picture is damaged or was not sent completely. Please choose it again.")


class Animated(Invalid):
    """More than one frame."""

    code = "picture_animated"
    message = _l("This picture moves. Please choose a still picture.")


class TooHeavy(Invalid):
    """More bytes than `MAX_BYTES`."""

    code = "picture_too_heavy"
    message = _l("This file is larger than 30 MB. Please choose a smaller one.")


class TooLarge(Invalid):
    """More pixels than we decode; the facts are `width`, `height` and the `limit` in pixels."""

    code = "picture_too_large"

    def __init__(self, width: int, height: int, limit: int) -> None:
        text = _l(
            "This picture is too large: %(width)s × %(height)s. Up to %(limit)s megapixels are possible.",
            width=width,
            height=height,
            limit=limit // 1_000_000,
        )
        super().__init__(message=text, width=width, height=height, pixels=limit)


@dataclass(frozen=True, slots=True)
class Probe:
    """What a picture is, with its sides as a person sees them (upright)."""

    format: Format
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Upright RGB pixels in sRGB without metadata, and what the upload was."""

    image: Image.Image
    source: Probe


def probe(data: bytes) -> Probe:
    """What the bytes are, after decoding them once at the least cost; raises an `Invalid` of this module."""
    image = _opened(data)
    source = _source(image)
    image.draft(None, (64, 64))
    _load(image)
    return source


def read(data: bytes, *, box: tuple[int, int]) -> Picture:
    """The picture scaled down to fit `box` (width, height), never up; raises an `Invalid` of this module."""
    image = _opened(data)
    source, turn = _source(image), _orientation(image)
    fitted = fit((source.width, source.height), box)
    wanted = (fitted[1], fitted[0]) if turn in _ON_ITS_SIDE else fitted
    profile = cast("bytes | None", image.info.get("icc_profile"))
    image.draft(None, wanted)
    _load(image)
    try:
        small = _in_srgb(_shrunk(image, wanted), profile)
    except Exception as error:  # a decoder that only fails later is still a damaged picture
        raise Damaged from error
    if turn in _TURNS:
        small = small.transpose(_TURNS[turn])
    small.info.clear()
    return Picture(small, source)


def fit(size: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
    """The largest size of the same shape inside the box, never above the given one, never below one pixel."""
    width, height = size
    scale = min(box[0] / width, box[1] / height, 1)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _opened(data: bytes) -> Image.Image:
    """The header, checked against every limit; no pixel is decoded yet."""
    if len(data) > MAX_BYTES:
        raise TooHeavy(size=len(data))
    try:
        image = Image.open(BytesIO(data), formats=_OPENED)
    except UnidentifiedImageError as error:
        raise NotAPicture from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooLarge(0, 0, MAX_PIXELS) from error
    except Exception as error:  # whatever a parser stumbles over, the sender gets the same answer
        raise Damaged from error
    _check_size(image)
    _check_frames(image, data)
    return image


def _check_size(image: Image.Image) -> None:
    width, height = image.size
    limit = _pixel_limit(image)
    if width * height > limit or max(width, height) > MAX_SIDE:
        raise TooLarge(width, height, limit)


def _pixel_limit(image: Image.Image) -> int:
    match image.format:
        case "WEBP":
            return MAX_PIXELS_WEBP
        case "AVIF":
            return MAX_PIXELS_AVIF
        case _:
            return MAX_PIXELS_PROGRESSIVE if image.info.get("progressive") else MAX_PIXELS


def _check_frames(image: Image.Image, data: bytes) -> None:
    if _NAMES[str(image.format)] == "jpeg":
        if data.count(b"\xff\xda") > _MAX_SCANS:
            raise Damaged
    elif getattr(image, "n_frames", 1) > 1:
        raise Animated


def _load(image: Image.Image) -> None:
    try:
        image.load()
    except Exception as error:  # truncated, corrupt, or a decoder's own confusion
        raise Damaged from error


def _source(image: Image.Image) -> Probe:
    width, height = image.size
    if _orientation(image) in _ON_ITS_SIDE:
        width, height = height, width
    return Probe(_NAMES[str(image.format)], width, height)


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; upright when the metadata is unreadable: that alone spoils no picture."""
    try:
        value = image.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - the metadata parser raises whatever it meets
        return 1
    return value if isinstance(value, int) and value in _TURNS else 1


def _shrunk(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.mode not in {"RGB", "L"}:
        image = _plain_in_strips(image, size)
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _plain_in_strips(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """RGB, L or CMYK, already smaller where possible; strip by strip: a second full copy never exists."""
    factor = max(1, int(min(image.width / size[0], image.height / size[1]) / 1.5))
    rows = factor * max(1, 2_000_000 // (image.width * factor))
    canvas: Image.Image | None = None
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(image.height, top + rows)))
        plain = _plain(strip)
        plain = plain.reduce(factor) if factor > 1 else plain
        if canvas is None:
            canvas = Image.new(plain.mode, (plain.width, math.ceil(image.height / factor)))
        canvas.paste(plain, (0, top // factor))
    return canvas or image


def _plain(image: Image.Image) -> Image.Image:
    """Without palette, transparency (white shows through) and bits beyond eight."""
    match image.mode:
        case "RGB" | "L" | "CMYK":
            return image
        case "1":
            return image.convert("L")
        case "I" | "I;16" | "I;16L" | "I;16B" | "I;16N":
            return image.point(lambda value: value * (1 / 257)).convert("L")
        case _:
            seen = image.convert("RGBA")
            paper = Image.new("RGB", image.size, "white")
            paper.paste(seen, mask=seen.getchannel("A"))
            return paper


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as the embedded profile means them; taken as sRGB when the profile is absent or nonsense."""
    if profile and len(profile) <= _MAX_PROFILE:
        try:
            meant = ImageCms.ImageCmsProfile(BytesIO(profile))
            shown = ImageCms.profileToProfile(image, meant, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
            shown = None
        if shown is not None:
            return shown
    return image.convert("RGB")
