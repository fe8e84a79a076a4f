"""Reads for a listing's page that no other feature needs: texts, host and village together, places left, neighbours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from market import db
from market.db.sql import Row, as_json
from market.discovery.search.finding import night_free
from market.i18n.locales import pick
from market.listings.offering import Status
from market.places.geo import distance_km

_NEIGHBOURS = 60


@dataclass(frozen=True, slots=True)
class Shown:
    """A listing's words in the reader's language, with its host and village. `text_locale` is what was found."""

    id: int
    slug: str
    kind: str
    status: str
    title: str
    summary: str
    body: str
    access: str
    included: list[str]
    excluded: list[str]
    manners: list[str]
    text_locale: str
    island: str
    kabupaten: str
    region: str
    emblem: str
    lat: float
    lon: float
    rating_sum: int
    rating_count: int
    shown_price_minor: int
    host_name: str
    host_about: str
    host_since: int | None
    answers_hours: int
    reachable_from: str
    reachable_to: str
    village_slug: str
    village_name: str
    village_about: str
    fund_name: str
    languages: list[str]


async def get_shown(
    slug: str, locale: str, own: frozenset[int] = frozenset(), *, operator: bool = False
) -> Shown | None:
    """The listing's words, host and village; None when there is none.

    A listing that was never published is there only for its own host: one of the organisations `own`; and for
    operators, who look at the first one of a new host.
    """
    rows = await db.fetch(
        "SELECT l.*, t.locale AS text_locale, t.title, t.summary, t.body, t.access, t.included, t.excluded, t.manners,"
        " h.name AS host_name, h.texts AS host_texts, h.since, h.answers_hours,"
        " h.reachable_from, h.reachable_to,"
        " v.slug AS village_slug, v.name AS village_name, v.texts AS village_texts"
        " FROM listing l JOIN listing_text t ON t.listing_id = l.id JOIN organisation h ON h.id = l.host_id"
        " JOIN village v ON v.id = l.village_id WHERE l.slug = $1",
        slug,
    )
    if not rows or (rows[0]["status"] == Status.DRAFT and not operator and rows[0]["host_id"] not in own):
        return None
    row = pick({found["text_locale"]: found for found in rows}, locale)
    spoken = await db.fetch("SELECT language FROM listing_language WHERE listing_id = $1", row["id"])
    return _shown(row, [r["language"] for r in spoken], locale)


def _shown(row: Row, languages: list[str], locale: str) -> Shown:
    host, village = (_texts(row[name], locale) for name in ("host_texts", "village_texts"))
    copied = {
        *("id", "slug", "kind", "status", "title", "summary", "body", "access", "text_locale", "island"),
        *("kabupaten", "region", "emblem", "lat", "lon", "rating_sum", "rating_count", "shown_price_minor"),
        *("host_name", "answers_hours", "reachable_from", "reachable_to", "village_slug", "village_name"),
    }
    return Shown(
        **{name: row[name] for name in copied},
        included=as_json(row["included"]),
        excluded=as_json(row["excluded"]),
        manners=as_json(row["manners"]),
        host_about=host.get("about", ""),
        host_since=row["since"],
        village_about=village.get("about", ""),
        fund_name=village.get("fund_name", ""),
        languages=languages,
    )


def _texts(column: object, locale: str) -> dict[str, str]:
    texts = as_json(column)
    return pick(texts, locale) if texts else {}


async def beds_left(slot_ids: Iterable[int], now: datetime) -> dict[int, int]:
    """For departures that sleep in listed rooms: how many people the fullest of their nights still takes."""
    ids = list(slot_ids)
    if not ids:
        return {}
    places = ", ".join(f"${n}" for n in range(2, 2 + len(ids)))
    rows = await db.fetch(
        f"SELECT d.slot_id, MIN({night_free('s')} * r.sleeps) AS people FROM departure_night d"
        " JOIN room_type r ON r.id = d.room_type_id"
        " LEFT JOIN slot s ON s.kind = 'night' AND s.room_type_id = d.room_type_id AND s.starts_on = d.night_on"
        f" WHERE d.slot_id IN ({places}) GROUP BY d.slot_id",
        now,
        *ids,
    )
    return {row["slot_id"]: row["people"] for row in rows}


async def house_names(room_type_ids: Iterable[int], locale: str) -> dict[int, str]:
    """The titles of the homestays these rooms belong to."""
    ids = sorted(room_type_ids)
    if not ids:
        return {}
    places = ", ".join(f"${n}" for n in range(1, 1 + len(ids)))
    rows = await db.fetch(
        "SELECT r.id, t.locale, t.title FROM room_type r JOIN listing_text t ON t.listing_id = r.listing_id"
        f" WHERE r.id IN ({places})",
        *ids,
    )
    titles: dict[int, dict[str, str]] = {}
    for row in rows:
        titles.setdefault(row["id"], {})[row["locale"]] = row["title"]
    return {room: pick(found, locale) for room, found in titles.items()}


async def list_near(shown: Shown, *, limit: int = 3) -> list[int]:
    """Ids of the nearest well-ranked listings on the same island, other kinds than this one first."""
    rows = await db.fetch(
        "SELECT id, kind, lat, lon FROM listing WHERE status = 'published' AND island = $1 AND id <> $2"
        f" ORDER BY rank, id LIMIT {_NEIGHBOURS}",
        shown.island,
        shown.id,
    )
    here = (shown.lat, shown.lon)
    nearest = sorted(rows, key=lambda row: (distance_km(here, (row["lat"], row["lon"])), row["id"]))
    chosen: dict[str, int] = {}
    for row in nearest:
        if row["kind"] != shown.kind:
            chosen.setdefault(row["kind"], row["id"])
    ids = [*chosen.values(), *(row["id"] for row in nearest if row["id"] not in chosen.values())]
    return ids[:limit]
