"""Reads of reviews: a listing's newest ones page by page, in the language each was written in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from market import db
from market.db.sql import as_instant, as_json
from market.i18n.locales import pick


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One guest's stars and words; `locale` is the language of the words."""

    author: str
    country: str
    stars: int
    body: str
    locale: str
    published_at: datetime


async def list_reviews(listing_id: int, locale: str, *, limit: int, offset: int = 0) -> list[ReviewRow]:
    """Published reviews of a listing, those in the reader's language first, then the newest."""
    rows = await db.fetch(
        "SELECT author, country, stars, body, locale, published_at FROM review WHERE listing_id = $1"
        " ORDER BY CASE WHEN locale = $2 THEN 0 ELSE 1 END, published_at DESC, id DESC LIMIT $3 OFFSET $4",
        listing_id,
        locale,
        limit,
        offset,
    )
    return [
        ReviewRow(
            author=row["author"],
            country=_country(as_json(row["country"]), locale),
            stars=row["stars"],
            body=row["body"],
            locale=row["locale"],
            published_at=as_instant(row["published_at"]),
        )
        for row in rows
    ]


def _country(names: dict[str, str], locale: str) -> str:
    return pick(names, locale) if names else ""
