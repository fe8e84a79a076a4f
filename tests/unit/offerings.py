"""Offerings built in memory, for rules that need no database."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from market.listings.offering import Band, Kind, Offering, Room, SlotRow, Status

BANDS = (
    Band("adult", 12, 120, 100, seat=True),
    Band("child", 4, 11, 50, seat=True),
    Band("infant", 0, 3, 0, seat=False),
)
ROOM = Room(7, "front", 2, 2, 300_000, {"id": {"name": "Kamar depan"}, "en": {"name": "Front room"}})
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def offering(kind: Kind = Kind.LESSON, **changes: Any) -> Offering:
    values: dict[str, Any] = {
        "id": 1,
        "slug": "x",
        "kind": kind,
        "status": Status.PUBLISHED,
        "host_id": 1,
        "village_id": 1,
        "instant": True,
        "policy": {Kind.LESSON: "class_24h", Kind.TOUR: "tour", Kind.HOMESTAY: "flexible"}[kind],
        "min_party": 1,
        "max_party": 12,
        "min_guests": 1,
        "capacity": 8,
        "notice_hours": 0,
        "cutoff_hours": 12,
        "days": 1,
        "minutes": 240,
        "start_time": time(9),
        "min_nights": 1,
        "max_nights": 28,
        "price_minor": 1_000_000,
        "currency": "IDR",
        "service_fee_bp": 500,
        "fund_bp": 500,
        "bands": BANDS,
        "group_prices": (),
        "weekday_percent": {},
        "rooms": (ROOM,) if kind is Kind.HOMESTAY else (),
        "seasons": (),
        "extras": (),
        "payees": (),
        "closures": (),
        "steps": (),
        "titles": {"id": "Kelas", "en": "Class"},
    }
    return Offering(**{**values, **changes})


def slot(**changes: Any) -> SlotRow:
    start = datetime(2026, 12, 12, 1, 0, tzinfo=UTC)
    values: dict[str, Any] = {
        "id": 3,
        "kind": "session",
        "listing_id": 1,
        "room_type_id": None,
        "starts_on": date(2026, 12, 12),
        "ends_on": date(2026, 12, 12),
        "starts_at": start,
        "ends_at": start + timedelta(hours=4),
        "book_until": start - timedelta(hours=12),
        "capacity": 8,
        "free": 8,
        "price_minor": None,
        "min_guests": 1,
        "status": "open",
    }
    return SlotRow(**{**values, **changes})
