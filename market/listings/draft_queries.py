"""Reading a listing back as the draft it was made from: what an editor shows, changes and saves.

`queries` reads listings for selling them; this reads everything a host may edit, texts of both languages too.
"""

from __future__ import annotations

from datetime import time

from market import db
from market.db.sql import Row, as_date, as_json
from market.listings.drafts import (
    ClosureDraft,
    ExtraDraft,
    ListingDraft,
    ListingText,
    PayeeDraft,
    RoomDraft,
    SeasonDraft,
    StepDraft,
)
from market.listings.offering import Band, GroupPrice, Kind, Per


async def get_draft(listing_id: int) -> ListingDraft | None:
    """The listing as a draft, whatever its status; None when there is none."""
    row = await db.fetch_one("SELECT * FROM listing WHERE id = $1", listing_id)
    if row is None:
        return None
    kind = Kind(row["kind"])
    return ListingDraft(
        kind=kind,
        host_id=row["host_id"],
        village_id=row["village_id"],
        policy=row["policy"],
        texts=await _texts(listing_id),
        slug=row["slug"],
        emblem=row["emblem"],
        region=row["region"],
        instant=bool(row["instant"]),
        min_party=row["min_party"],
        max_party=row["max_party"],
        min_guests=row["min_guests"],
        capacity=row["capacity"],
        notice_hours=row["notice_hours"],
        cutoff_hours=row["cutoff_hours"],
        days=row["days"],
        minutes=row["minutes"],
        start_time=time.fromisoformat(row["start_time"]),
        min_nights=row["min_nights"],
        max_nights=row["max_nights"],
        price_minor=0 if kind is Kind.HOMESTAY else row["price_minor"],
        bands=tuple(Band(**band) for band in as_json(row["bands"])),
        group_prices=tuple(GroupPrice(**step) for step in as_json(row["group_prices"])),
        weekday_percent={int(day): percent for day, percent in as_json(row["weekday_percent"]).items()},
        lat=row["lat"],
        lon=row["lon"],
        address=row["address"],
        languages=tuple(await _keys("language", listing_id)),
        themes=tuple(await _keys("theme", listing_id)),
        rooms=tuple(
            RoomDraft(
                key=r["key"],
                count=r["count"],
                sleeps=r["sleeps"],
                price_minor=r["price_minor"],
                texts=as_json(r["texts"]),
            )
            for r in await _parts("room_type", "position, id", listing_id)
        ),
        seasons=tuple(
            SeasonDraft(
                from_md=r["from_md"], to_md=r["to_md"], percent=r["percent"], texts=as_json(r["texts"])
            )
            for r in await _parts("season", "id", listing_id)
        ),
        extras=tuple(
            ExtraDraft(
                key=r["key"], price_minor=r["price_minor"], per=Per(r["per"]), texts=as_json(r["texts"])
            )
            for r in await _parts("extra", "position, id", listing_id)
        ),
        payees=tuple(
            PayeeDraft(kind=r["kind"], bp=r["bp"], texts=as_json(r["texts"]))
            for r in await _parts("payee", "position, id", listing_id)
        ),
        steps=tuple(
            StepDraft(
                texts=as_json(r["texts"]), meals=tuple(as_json(r["meals"])), room_type_id=r["room_type_id"]
            )
            for r in await _parts("listing_step", "position, id", listing_id)
        ),
        closures=tuple(
            ClosureDraft(start=as_date(r["from_on"]), end=as_date(r["to_on"]), texts=as_json(r["texts"]))
            for r in await _parts("closure", "from_on, id", listing_id)
        ),
    )


async def _parts(table: str, order: str, listing_id: int) -> list[Row]:
    return await db.fetch(f"SELECT * FROM {table} WHERE listing_id = $1 ORDER BY {order}", listing_id)


async def _keys(name: str, listing_id: int) -> list[str]:
    rows = await db.fetch(
        f"SELECT {name} AS key FROM listing_{name} WHERE listing_id = $1 ORDER BY {name}", listing_id
    )
    return [row["key"] for row in rows]


async def _texts(listing_id: int) -> dict[str, ListingText]:
    rows = await db.fetch("SELECT * FROM listing_text WHERE listing_id = $1 ORDER BY locale", listing_id)
    return {
        row["locale"]: ListingText(
            title=row["title"],
            summary=row["summary"],
            body=row["body"],
            access=row["access"],
            included=tuple(as_json(row["included"])),
            excluded=tuple(as_json(row["excluded"])),
            manners=tuple(as_json(row["manners"])),
        )
        for row in rows
    }


async def get_room_ids(listing_id: int) -> dict[str, int]:
    """A homestay's rooms by key, in their order."""
    return {row["key"]: row["id"] for row in await _parts("room_type", "position, id", listing_id)}
