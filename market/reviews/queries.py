"""Reads of reviews: a listing's page by page, a visit's two, a host's own, and what operators look at.

A review that is sealed or hidden is read here only by those who may see it: its author, and operators.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from market import db
from market.db.sql import Row, as_instant, as_instant_or_none, as_json
from market.i18n.locales import pick


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One guest's stars and words, and the host's answer; `locale` is the language of the words."""

    id: int
    author: str
    country: str
    stars: int
    body: str
    locale: str
    published_at: datetime
    reply: str
    reply_locale: str
    replied_at: datetime | None


_SHOWN = "side = 'guest' AND published_at IS NOT NULL AND hidden_at IS NULL"


async def list_reviews(listing_id: int, locale: str, *, limit: int, offset: int = 0) -> list[ReviewRow]:
    """Published reviews of a listing, those in the reader's language first, then the newest."""
    rows = await db.fetch(
        "SELECT id, author, country, stars, body, locale, published_at, reply, reply_locale, replied_at FROM review"
        f" WHERE listing_id = $1 AND {_SHOWN}"
        " ORDER BY CASE WHEN locale = $2 THEN 0 ELSE 1 END, published_at DESC, id DESC LIMIT $3 OFFSET $4",
        listing_id,
        locale,
        limit,
        offset,
    )
    return [
        ReviewRow(
            id=row["id"],
            author=row["author"],
            country=_country(as_json(row["country"]), locale),
            stars=row["stars"],
            body=row["body"],
            locale=row["locale"],
            published_at=as_instant(row["published_at"]),
            reply=row["reply"],
            reply_locale=row["reply_locale"],
            replied_at=as_instant_or_none(row["replied_at"]),
        )
        for row in rows
    ]


def _country(names: dict[str, str], locale: str) -> str:
    return pick(names, locale) if names else ""


@dataclass(frozen=True, slots=True)
class Written:
    """One side's review of a visit as it stands, sealed or not. `notes` are stars by subject."""

    id: int
    listing_id: int
    host_id: int
    booking_id: int | None
    side: str
    person_id: int | None
    author: str
    stars: int
    notes: dict[str, int]
    body: str
    locale: str
    written_at: datetime
    published_at: datetime | None
    hidden_at: datetime | None
    reply: str
    reply_locale: str
    replied_at: datetime | None


def written(row: Row) -> Written:
    """From a `SELECT * FROM review` row."""
    return Written(
        id=row["id"],
        listing_id=row["listing_id"],
        host_id=row["host_id"],
        booking_id=row["booking_id"],
        side=row["side"],
        person_id=row["person_id"],
        author=row["author"],
        stars=row["stars"],
        notes=as_json(row["notes"]),
        body=row["body"],
        locale=row["locale"],
        written_at=as_instant(row["written_at"]),
        published_at=as_instant_or_none(row["published_at"]),
        hidden_at=as_instant_or_none(row["hidden_at"]),
        reply=row["reply"],
        reply_locale=row["reply_locale"],
        replied_at=as_instant_or_none(row["replied_at"]),
    )
