"""Reads for a village's page."""

from __future__ import annotations

from dataclasses import dataclass

from market import db
from market.db.sql import as_json
from market.i18n.locales import pick

MOST = 24


@dataclass(frozen=True, slots=True)
class VillageRow:
    id: int
    slug: str
    name: str
    kabupaten: str
    island: str
    region: str
    lat: float
    lon: float
    fund_bp: int
    about: str
    fund_name: str


@dataclass(frozen=True, slots=True)
class HostRow:
    name: str
    about: str
    since: int | None
    answers_hours: int


async def get_village(slug: str, locale: str) -> VillageRow | None:
    """A village by its slug, in the reader's language."""
    row = await db.fetch_one("SELECT * FROM village WHERE slug = $1", slug)
    if row is None:
        return None
    texts = as_json(row["texts"])
    words = pick(texts, locale) if texts else {}
    return VillageRow(
        id=row["id"],
        slug=row["slug"],
        name=row["name"],
        kabupaten=row["code"][:5],
        island=row["island"],
        region=row["region"],
        lat=row["lat"],
        lon=row["lon"],
        fund_bp=row["fund_bp"],
        about=words.get("about", ""),
        fund_name=words.get("fund_name", ""),
    )


async def list_hosts(village_id: int, locale: str) -> list[HostRow]:
    """The hosts of a village who have something published, by name."""
    rows = await db.fetch(
        "SELECT h.name, h.texts, h.since, h.answers_hours FROM organisation h WHERE h.kind = 'host'"
        " AND EXISTS (SELECT 1 FROM listing l WHERE l.host_id = h.id AND l.village_id = $1"
        f" AND l.status = 'published') ORDER BY h.name, h.id LIMIT {MOST}",
        village_id,
    )
    hosts: list[HostRow] = []
    for row in rows:
        texts = as_json(row["texts"])
        about = pick(texts, locale).get("about", "") if texts else ""
        hosts.append(HostRow(row["name"], about, row["since"], row["answers_hours"]))
    return hosts


async def list_published(village_id: int) -> list[int]:
    """Ids of what can be booked in a village, best first."""
    rows = await db.fetch(
        f"SELECT id FROM listing WHERE village_id = $1 AND status = 'published' ORDER BY rank, id LIMIT {MOST}",
        village_id,
    )
    return [row["id"] for row in rows]
