"""Covers: the same cloth for ever, in every colour, small, and safe to serve as an image."""

from __future__ import annotations

import gzip
import hashlib
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from market.media import ikat

SVG = "{http://www.w3.org/2000/svg}"
EVERY = [(emblem, place) for emblem in ikat.EMBLEMS for place in ikat.PLACES]


def _parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own words


def test_the_same_words_weave_the_same_cloth() -> None:
    first = ikat.cover("mama-lodia-weaving", "sumba", "horse")
    assert first == ikat.cover("mama-lodia-weaving", "sumba", "horse")
    assert first != ikat.cover("mama-lodia-weaving", "sumba", "boat")
    assert first != ikat.cover("mama-lodia-weaving", "rote", "horse")
    assert first != ikat.cover("another-slug", "sumba", "horse")


def test_a_published_cloth_never_changes() -> None:
    """Covers are not stored: if this digest changes, every listing without a photo gets another cover."""
    woven = ikat.cover("mama-lodia-weaving", "sumba", "horse") + ikat.cloth("desa-takpala", "alor", "moko")
    assert (
        hashlib.sha256(woven.encode()).hexdigest()
        == "ed24e95e07893defb337d48175a48508948acb6900c2ffa61cec6761ea18c0f7"
    )


@pytest.mark.parametrize(("emblem", "place"), EVERY)
def test_every_emblem_in_every_colour_is_small_and_well_formed(emblem: str, place: str) -> None:
    svg = ikat.cover(f"{emblem}-{place}", place, emblem)
    root = _parsed(svg)
    assert root.get("viewBox") == "0 0 480 320"
    assert len(svg) <= 19_000
    assert len(gzip.compress(svg.encode())) <= 4_500


@pytest.mark.parametrize("place", ikat.PLACES)
def test_the_wide_cloth_is_small_too(place: str) -> None:
    svg = ikat.cloth("a-listing", place, "star")
    assert _parsed(svg).get("viewBox") == "0 0 1200 400"
    assert len(svg) <= 19_000


@given(
    slug=st.text(max_size=80),
    place=st.sampled_from(ikat.PLACES),
    emblem=st.sampled_from([None, *ikat.EMBLEMS]),
    title=st.text(max_size=80) | st.none(),
)
@settings(max_examples=40, deadline=None)
def test_whatever_the_words_it_is_an_inert_image(
    slug: str, place: str, emblem: str | None, title: str | None
) -> None:
    root = _parsed(ikat.cover(slug, place, emblem, title=title))
    names = {element.tag for element in root.iter()}
    assert names <= {f"{SVG}{name}" for name in ("svg", "defs", "pattern", "path", "g", "use")}
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for element in root.iter():
        assert not any(name.startswith("on") or name == "style" for name in element.attrib)
        href = element.get("href")
        assert href is None or href[1:] in ids
    assert bool(root.get("aria-hidden")) == (not title)


def test_a_title_is_text_and_nothing_else() -> None:
    title = '"><script>alert(1)</script>\x00'
    root = _parsed(ikat.cover("a", "rote", "fish", title=title))
    assert root.get("aria-label") == '"><script>alert(1)</script> '
    assert root.get("role") == "img"


def test_unknown_words_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="no palette for 'bali'"):
        ikat.cover("a", "bali", "fish")
    with pytest.raises(ValueError, match="no emblem 'dragon'"):
        ikat.cover("a", "rote", "dragon")


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("53.71.03.1001", "kupang"),
        ("53.11", "sumba"),
        ("53.19.01", "manggarai"),
        ("53.06", "flores"),
        ("53.13.05.1001", "lembata"),
        ("53", "flores"),
    ],
)
def test_colours_follow_the_administrative_code(code: str, place: str) -> None:
    assert ikat.place_of(code) == place


@pytest.mark.parametrize(("emblem", "place"), EVERY[::7])
def test_a_picture_for_messengers_has_the_colours_of_its_cloth(emblem: str, place: str) -> None:
    picture = ikat.picture("a-listing", place, emblem)
    assert picture.size == (1200, 630)
    assert picture.tobytes() == ikat.picture("a-listing", place, emblem).tobytes()
    assert len(picture.getcolors(1_000_000) or []) > 20
