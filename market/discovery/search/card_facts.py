"""What a card says about a listing whatever the dates: words, host, place, photo, and its prices' ingredients.

It changes only when content changes, so it is kept in memory per content version. Stock and the price of a
trip are `card_prices`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from market import db
from market.db.sql import Row, as_json
from market.listings.offering import Offering, Room, SeasonPrice
from market.listings.queries import offering_of
from market.media.queries import Picture, photos_for


@dataclass(frozen=True, slots=True)
class Facts:
    """One listing as cards know it."""

    id: int
    slug: str
    title: str
    host_name: str
    island: str
    kabupaten: str
    region: str
    emblem: str
    shown_price_minor: int
    offering: Offering
    photo: Picture | None


async def load(ids: Sequence[int], locale: str) -> dict[int, Facts]:
    """The facts of these listings in a language (the language they were written in where it is missing)."""
    rooms = _json_rows(
        "x.id, x.key, x.count, x.sleeps, x.price_minor",
        "FROM room_type x WHERE x.listing_id = l.id",
        "x.position, x.id",
    )
    nights = _json_rows(
        "x.room_type_id, x.starts_on, x.price_minor",
        "FROM slot x WHERE x.listing_id = l.id AND x.kind = 'night' AND x.price_minor IS NOT NULL",
        "x.id",
    )
    seasons = _json_rows("x.from_md, x.to_md, x.percent", "FROM season x WHERE x.listing_id = l.id", "x.id")
    places = ", ".join(f"${n}" for n in range(2, 2 + len(ids)))
    rows = await db.fetch(
        "SELECT l.*, COALESCE(t.title, other.title, l.slug) AS title, h.name AS host_name,"
        f" {rooms} AS room_rows, {seasons} AS season_rows, {nights} AS night_rows,"
        " EXISTS (SELECT 1 FROM photo f WHERE f.listing_id = l.id AND f.state = 'ready' AND f.hidden_at IS NULL)"
        " AS has_photo"
        " FROM listing l JOIN organisation h ON h.id = l.host_id"
        " LEFT JOIN listing_text t ON t.listing_id = l.id AND t.locale = $1"
        " LEFT JOIN listing_text other ON other.listing_id = l.id AND other.locale ="
        " (SELECT MIN(a.locale) FROM listing_text a WHERE a.listing_id = l.id)"
        f" WHERE l.id IN ({places})",
        locale,
        *ids,
    )
    photos = await photos_for([row["id"] for row in rows if row["has_photo"]], locale)
    return {row["id"]: _facts(row, photos.get(row["id"], [])) for row in rows}


def _facts(row: Row, photos: Sequence[Picture]) -> Facts:
    return Facts(
        id=row["id"],
        slug=row["slug"],
        title=row["title"],
        host_name=row["host_name"],
        island=row["island"],
        kabupaten=row["kabupaten"],
        region=row["region"],
        emblem=row["emblem"],
        shown_price_minor=row["shown_price_minor"],
        offering=_offering(row),
        photo=photos[0] if photos else None,
    )


def _json_rows(columns: str, rest: str, order: str) -> str:
    """A subselect of rows as one JSON array of arrays, on either database."""
    if db.is_postgres():
        return f"(SELECT json_agg(json_build_array({columns}) ORDER BY {order}) {rest})"
    inner = columns.replace("x.", "y.")
    return f"(SELECT json_group_array(json_array({inner})) FROM (SELECT x.* {rest} ORDER BY {order}) y)"


def _offering(row: Row) -> Offering:
    """The listing as the pricing rules need it; extras, payees, steps and closures do not matter for a card."""
    return replace(
        offering_of(row),
        rooms=tuple(Room(*room, texts={}) for room in as_json(row["room_rows"]) or ()),
        seasons=tuple(SeasonPrice(*season, texts={}) for season in as_json(row["season_rows"]) or ()),
        night_prices={
            (room, date.fromisoformat(night[:10])): price
            for room, night, price in as_json(row["night_rows"]) or ()
        },
    )
