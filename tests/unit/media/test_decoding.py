"""Which pictures are taken, and what every hostile or broken one is told."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from market.errors import Invalid
from market.media import decoding
from market.media.decoding import Animated, Damaged, NotAPicture, Probe, TooHeavy, TooLarge, probe, read

# A corrupt metadata block is worth a warning to a developer, not to us.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")

FORMATS = ["JPEG", "PNG", "WEBP", "AVIF"]


def drawn(width: int = 64, height: int = 40, mode: str = "RGB") -> Image.Image:
    """A picture whose top left quarter is red and the rest blue."""
    image = Image.new("RGB", (width, height), "blue")
    image.paste("red", (0, 0, width // 2, height // 2))
    return image if mode == "RGB" else image.convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises a giant."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", FORMATS)
def test_the_four_formats_are_taken(kind: str) -> None:
    assert probe(saved(drawn(), kind)) == Probe(kind.lower(), 64, 40)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "ICO", "PPM", "JPEG2000", "PDF"])
def test_other_formats_are_not(kind: str) -> None:
    with pytest.raises(NotAPicture):
        probe(saved(drawn(), kind))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello, this is a text called photo.jpg",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?php system($_GET['c']); ?>",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"MZ\x90\x00",
        b"\xff\xd8\xff",
        b"RIFF\x00\x00\x00\x00WEBP",
    ],
)
def test_text_and_programs_are_not_pictures(data: bytes) -> None:
    with pytest.raises((NotAPicture, Damaged)):
        probe(data)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.9])
def test_a_half_sent_picture_is_refused(kind: str, part: float) -> None:
    data = saved(drawn(400, 300), kind)
    for work in (probe, lambda data: read(data, box=(100, 100))):
        with pytest.raises((NotAPicture, Damaged)):
            work(data[: int(len(data) * part)])


@pytest.mark.parametrize("size", [(6400, 6251), (30_001, 10), (10, 30_001), (65_000, 65_000)])
def test_too_many_pixels_are_refused_before_decoding(size: tuple[int, int]) -> None:
    with pytest.raises(TooLarge) as caught:
        probe(png_claiming(*size))
    assert "megapixels" in str(caught.value.message)


def test_formats_with_costly_decoders_have_lower_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MAX_PIXELS_WEBP", "MAX_PIXELS_AVIF", "MAX_PIXELS_PROGRESSIVE"):
        monkeypatch.setattr(decoding, name, 1000)
    for data in (
        saved(drawn(), "WEBP"),
        saved(drawn(), "AVIF"),
        saved(drawn(), "JPEG", progressive=True),
    ):
        with pytest.raises(TooLarge):
            probe(data)
    assert probe(saved(drawn(), "JPEG")).width == 64


def test_too_many_bytes_are_refused_before_looking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_BYTES", 100)
    with pytest.raises(TooHeavy):
        probe(saved(drawn(), "PNG"))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_moving_pictures_are_refused(kind: str) -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    with pytest.raises(Animated):
        probe(saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100))


def test_a_phone_photo_with_a_second_picture_inside_is_its_first_picture() -> None:
    data = saved(drawn(), "MPO", save_all=True, append_images=[drawn(32, 20)])
    assert probe(data) == Probe("jpeg", 64, 40)
    assert read(data, box=(64, 64)).image.size == (64, 40)


def test_endless_scans_are_refused() -> None:
    data = saved(drawn(), "JPEG", progressive=True)
    with pytest.raises(Damaged):
        probe(data + b"\xff\xda" * 100)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
def test_a_turned_photo_comes_out_upright(kind: str, orientation: int) -> None:
    """Stored turned and marked so, it must look as the person saw it: red at the top left, and wide."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = drawn(320, 200)
    if orientation in undo:
        stored = stored.transpose(undo[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(stored, kind, exif=exif)
    assert probe(data) == Probe(kind.lower(), 320, 200)  # type: ignore[arg-type]
    image = read(data, box=(160, 160)).image
    assert image.size == (160, 100)
    corners = [image.getpixel(at) for at in ((20, 15), (140, 15), (20, 85), (140, 85))]
    assert [pixel[0] > pixel[2] for pixel in corners if isinstance(pixel, tuple)] == [
        True,
        False,
        False,
        False,
    ]


def test_unreadable_metadata_spoils_no_picture() -> None:
    data = saved(drawn(), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\x7f garbage")
    assert probe(data) == Probe("jpeg", 64, 40)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_pixel_becomes_plain_colour(mode: str) -> None:
    if mode == "I;16":
        source = Image.new("I;16", (300, 200), 257 * 200)
    else:
        source = Image.new("RGB", (300, 200), (200, 200, 200)).convert(mode, dither=Image.Dither.NONE)
    image = read(saved(source, "JPEG" if mode == "CMYK" else "PNG"), box=(100, 100)).image
    assert (image.mode, image.size) == ("RGB", (100, 67))
    pixel = image.getpixel((50, 30))
    assert isinstance(pixel, tuple)
    expected = 255 if mode == "1" else 200
    assert all(abs(part - expected) <= 6 for part in pixel)


def test_what_is_transparent_shows_white_paper() -> None:
    clear = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    palette = drawn(40, 40).quantize(4)
    assert read(saved(clear, "PNG"), box=(40, 40)).image.getpixel((5, 5)) == (255, 255, 255)
    seen = read(saved(palette, "PNG", transparency=palette.getpixel((2, 2))), box=(40, 40)).image
    assert seen.getpixel((2, 2)) == (255, 255, 255)
    assert seen.getpixel((38, 38)) == (0, 0, 255)


def test_strips_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    tall = Image.linear_gradient("L").resize((300, 4000)).convert("RGBA")
    picture = read(saved(tall, "PNG"), box=(30, 400)).image
    monkeypatch.setattr(decoding, "_plain_in_strips", lambda image, _size: image.convert("RGB"))
    whole = read(saved(tall, "PNG"), box=(30, 400)).image
    pairs = zip(picture.tobytes(), whole.tobytes(), strict=True)
    assert max(abs(one - other) for one, other in pairs) <= 2


def test_nonsense_colour_profiles_are_ignored() -> None:
    data = saved(drawn(), "PNG", icc_profile=b"not a profile")
    assert read(data, box=(64, 64)).image.getpixel((2, 2)) == (255, 0, 0)


@pytest.fixture(scope="module")
def samples() -> dict[str, bytes]:
    return {kind: saved(drawn(), kind) for kind in FORMATS}


@given(
    kind=st.sampled_from(FORMATS),
    changes=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6)), max_size=8),
)
@settings(max_examples=150, deadline=None)
def test_damage_is_refused_or_harmless_and_never_a_crash(
    samples: dict[str, bytes], kind: str, changes: list[tuple[float, bytes]]
) -> None:
    data = bytearray(samples[kind])
    for where, what in changes:
        at = int(where * (len(data) - 1))
        data[at : at + len(what)] = what
    try:
        picture = read(bytes(data), box=(32, 32))
    except Invalid:
        return
    assert picture.image.mode == "RGB"
    assert max(picture.image.size) <= 32


@given(
    size=st.tuples(st.integers(1, 30_000), st.integers(1, 30_000)),
    box=st.tuples(st.integers(1, 3000), st.integers(1, 3000)),
)
def test_fitting_never_enlarges_and_never_vanishes(size: tuple[int, int], box: tuple[int, int]) -> None:
    width, height = decoding.fit(size, box)
    assert 1 <= width <= min(size[0], box[0])
    assert 1 <= height <= min(size[1], box[1])
