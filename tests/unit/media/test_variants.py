"""The sizes made of a photo: complete, small enough, in true colours, and silent about who took it where."""

from __future__ import annotations

import base64
import re
from io import BytesIO

import pytest
from PIL import Image, ImageCms, ImageFilter, PngImagePlugin

from market.media import variants
from market.media.decoding import Damaged
from market.media.variants import make_variants
from tests.unit.media.test_decoding import drawn, saved

MARKER = b"SECRET-PLACE"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf>SECRET-PLACE</rdf></x:xmpmeta>'


def with_everything(kind: str, width: int = 500, height: int = 300) -> bytes:
    """A photo that tells its camera, its owner, its place and its colour space."""
    exif = Image.Exif()
    exif[0x010F] = MARKER.decode()  # maker
    exif[0x8298] = MARKER.decode()  # copyright
    exif.get_ifd(0x8825).update({1: "S", 2: (10.0, 10.0, 30.0), 3: "E", 4: (123.0, 36.0, 0.0)})  # GPS
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options: dict[str, object] = {"exif": exif, "icc_profile": profile}
    match kind:
        case "JPEG":
            options |= {"xmp": XMP, "comment": MARKER}
        case "PNG":
            notes = PngImagePlugin.PngInfo()
            notes.add_text("Author", MARKER.decode())
            notes.add_itxt("XML:com.adobe.xmp", XMP.decode())
            options |= {"pnginfo": notes}
        case _:
            options |= {"xmp": XMP}
    return saved(drawn(width, height), kind, **options)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_no_trace_of_camera_owner_or_place_remains(kind: str) -> None:
    data = with_everything(kind)
    assert MARKER in data
    for variant in make_variants(data).images:
        assert MARKER not in variant.data
        for trace in (b"Exif", b"EXIF", b"xmpmeta", b"ICC_PROFILE", b"ICCP", b"XMP ", b"adobe"):
            assert trace not in variant.data
        image = Image.open(BytesIO(variant.data))
        assert not image.getexif()
        assert not {"exif", "xmp", "icc_profile", "comment"} & set(image.info)


def test_every_width_in_every_format() -> None:
    made = make_variants(saved(drawn(2000, 1000), "JPEG"))
    assert [(image.width, image.height, image.format) for image in made.images] == [
        (width, width // 2, output) for width in (360, 720, 1080, 1600) for output in ("avif", "webp", "jpeg")
    ]
    for variant in made.images:
        image = Image.open(BytesIO(variant.data))
        assert (image.size, image.format) == ((variant.width, variant.height), variant.format.upper())
        assert variant.content_type == f"image/{variant.format}"


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((200, 100), [(200, 100)]),
        ((800, 400), [(360, 180), (720, 360), (800, 400)]),
        ((1, 1), [(1, 1)]),
        ((1, 900), [(1, 720), (1, 900)]),
        ((400, 4000), [(72, 720), (144, 1440), (216, 2160), (320, 3200)]),
    ],
)
def test_never_enlarged_and_never_endlessly_high(
    size: tuple[int, int], expected: list[tuple[int, int]]
) -> None:
    made = make_variants(saved(drawn(*size), "PNG"), formats=("webp",))
    assert [(image.width, image.height) for image in made.images] == expected


def test_a_turned_photo_is_upright_in_every_variant() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    made = make_variants(saved(drawn(800, 400), "JPEG", exif=exif))
    assert (made.source.width, made.source.height) == (400, 800)
    assert all(image.height > image.width for image in made.images)


def test_wide_gamut_colours_are_converted_not_dropped() -> None:
    """In a profile with swapped red and blue primaries, a stored red is a seen blue."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    stored = saved(Image.new("RGB", (64, 64), "red"), "PNG", icc_profile=bytes(profile))
    made = make_variants(stored, formats=("jpeg",))
    pixel = Image.open(BytesIO(made.images[0].data)).getpixel((30, 30))
    assert isinstance(pixel, tuple)
    assert pixel[2] > 230
    assert pixel[0] < 30


def test_progress_counts_every_step_to_the_end() -> None:
    steps: list[tuple[int, int]] = []
    make_variants(saved(drawn(800, 400), "PNG"), on_progress=lambda done, total: steps.append((done, total)))
    assert steps == [(done, 10) for done in range(1, 11)]


@pytest.mark.parametrize("size", [(1200, 800), (30, 2000), (1, 1)])
def test_the_placeholder_is_tiny_and_real(size: tuple[int, int]) -> None:
    noise = Image.effect_noise(size, 90).convert("RGB")
    made = make_variants(saved(noise, "PNG"), widths=(360,), formats=("webp",))
    assert len(made.placeholder) < 400
    head, _, body = made.placeholder.partition(",")
    assert head == "data:image/webp;base64"
    assert Image.open(BytesIO(base64.b64decode(body))).format == "WEBP"


def test_the_main_colour_is_the_one_that_covers_most() -> None:
    made = make_variants(saved(drawn(300, 300), "PNG"), formats=("webp",))
    assert re.fullmatch(r"#[0-9a-f]{6}", made.colour)
    red, blue = int(made.colour[1:3], 16), int(made.colour[5:], 16)
    assert blue > 230
    assert red < 30


def test_damaged_photos_make_nothing() -> None:
    with pytest.raises(Damaged):
        make_variants(saved(drawn(500, 400), "JPEG")[:-500])


def test_the_same_photo_makes_the_same_bytes() -> None:
    data = saved(drawn(500, 300), "JPEG")
    assert make_variants(data) == make_variants(data)


def test_twelve_megapixels_become_twelve_small_pictures() -> None:
    photo = Image.effect_noise((1000, 750), 60).resize((4000, 3000)).filter(ImageFilter.GaussianBlur(2))
    data = saved(photo.convert("RGB"), "JPEG", quality=90)
    made = make_variants(data, avif_speed=9)
    assert len(made.images) == 12
    assert len(next(image for image in made.images if image.format == "avif").data) < 40_000
    assert variants.WIDTHS[-1] == made.images[-1].width
