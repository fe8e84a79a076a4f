"""Reads of photos: what a picture macro needs, and what the host sees of the work on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from market import db
from market.db.sql import Row, as_json
from market.i18n.locales import pick
from market.media.decoding import Animated, Damaged, NotAPicture, TooHeavy
from market.media.storage import CONTENT_TYPES, NoSuchFile
from market.values.text import Text, _l

PUBLIC_PATH: Final = "/media/"  # where `media:file` shows stored variants
_USUAL_WIDTH: Final = 720  # of the picture for browsers that know neither srcset nor modern formats
_ORDER: Final = ("avif", "webp", "jpeg")
_PROBLEMS: Final[dict[str, Text]] = {
    kind.code: kind.message for kind in (NotAPicture, Damaged, Animated, TooHeavy, NoSuchFile)
}


@dataclass(frozen=True, slots=True)
class Source:
    """One format in all its widths, as `<source>` wants it."""

    type: str
    srcset: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished photo, ready for `ui/picture.html`. `alt` is "" until the host described it."""

    id: int
    alt: str
    width: int
    height: int
    src: str
    blur: str | None
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class PhotoRow:
    """A photo as its host sees it, finished or not; `problem` says why it failed, `hidden_reason` why staff hid it."""

    id: int
    state: str
    progress: int
    problem: Text | None
    alt: dict[str, str]
    picture: Picture | None
    hidden: bool
    hidden_reason: str

    @property
    def in_work(self) -> bool:
        return self.state in {"waiting", "working"}


async def photos_for(listing_ids: Iterable[int], locale: str) -> dict[int, list[Picture]]:
    """The finished photos of listings in their hosts' order; listings without one are absent."""
    ids = list(listing_ids)
    if not ids:
        return {}
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    rows = await db.fetch(
        f"SELECT * FROM photo WHERE state = 'ready' AND hidden_at IS NULL AND listing_id IN ({places})"
        " ORDER BY listing_id, position, id",
        *ids,
    )
    by_listing = groupby(rows, key=lambda row: row["listing_id"])
    return {listing_id: [_picture(row, locale) for row in group] for listing_id, group in by_listing}


async def list_photos(listing_id: int, locale: str) -> list[PhotoRow]:
    """Every photo of a listing for its host, in order, whatever its state."""
    rows = await db.fetch("SELECT * FROM photo WHERE listing_id = $1 ORDER BY position, id", listing_id)
    return [_row(row, locale) for row in rows]


async def count_in_work(listing_ids: Iterable[int]) -> int:
    """How many photos of these listings the worker has yet to finish."""
    ids = list(listing_ids)
    if not ids:
        return 0
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    row = await db.fetch_one(
        f"SELECT COUNT(*) AS n FROM photo WHERE state IN ('waiting', 'working') AND listing_id IN ({places})",
        *ids,
    )
    return row["n"] if row else 0


def _row(row: Row, locale: str) -> PhotoRow:
    failed = row["state"] == "failed"
    return PhotoRow(
        id=row["id"],
        state=row["state"],
        progress=row["progress"],
        problem=_PROBLEMS.get(row["problem"], _l("This picture could not be prepared.")) if failed else None,
        alt={code: text.get("alt", "") for code, text in as_json(row["texts"]).items()},
        picture=_picture(row, locale) if row["state"] == "ready" else None,
        hidden=row["hidden_at"] is not None,
        hidden_reason=row["hidden_reason"],
    )


def _picture(row: Row, locale: str) -> Picture:
    variants: list[dict[str, Any]] = as_json(row["variants"])
    jpegs = [variant for variant in variants if variant["format"] == "jpeg"]
    usual = next((variant for variant in jpegs if variant["width"] >= _USUAL_WIDTH), jpegs[-1])
    texts = as_json(row["texts"])
    return Picture(
        id=row["id"],
        alt=pick(texts, locale).get("alt", "") if texts else "",
        width=jpegs[-1]["width"],
        height=jpegs[-1]["height"],
        src=_url(usual["key"]),
        blur=row["placeholder"] or None,
        sources=tuple(_source(kind, variants) for kind in _ORDER),
    )


def _source(kind: str, variants: Sequence[dict[str, Any]]) -> Source:
    sizes = ", ".join(f"{_url(v['key'])} {v['width']}w" for v in variants if v["format"] == kind)
    return Source(CONTENT_TYPES[kind], sizes)


def _url(key: str) -> str:
    return PUBLIC_PATH + key  # keys are letters, digits, dashes and slashes: nothing to quote
