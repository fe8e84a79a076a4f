"""The demo's texts as drafts: reads `content/*.toml`, knows its shape, and touches no database.

Days are counted from a `today` that the caller gives, so that the demo always lies in the coming weeks.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from market.i18n.locales import LOCALES
from market.listings import rules
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
from market.listings.offering import Band, GroupPrice, Kind, Per, Texts

Record = dict[str, Any]
HORIZON_DAYS = 90
_CONTENT = Path(__file__).parent / "content"
# Homestays first: tours sleep in their rooms.
_LISTINGS = (("homestays", Kind.HOMESTAY), ("tours", Kind.TOUR), ("classes", Kind.LESSON))


@dataclass(frozen=True, slots=True)
class Entry:
    """One listing as the file has it."""

    kind: Kind
    record: Record

    @property
    def slug(self) -> str:
        return self.record["slug"]

    @property
    def village(self) -> str:
        return self.record["village"]

    @property
    def host(self) -> str:
        return self.record["host"]

    @property
    def sleeps_in(self) -> tuple[str, ...]:
        """`homestay/room` of each night in a listed homestay."""
        return tuple(day["sleeps"] for day in self.record.get("day", ()) if day["sleeps"])


@dataclass(frozen=True, slots=True)
class Content:
    """Everything the files hold; homestays come before the tours that sleep in them."""

    villages: tuple[Record, ...]
    hosts: tuple[Record, ...]
    listings: tuple[Entry, ...]
    reviews: tuple[Record, ...]


@lru_cache(maxsize=1)
def read() -> Content:
    """The whole demo, read once per process."""
    return Content(
        villages=_read("villages"),
        hosts=_read("hosts"),
        listings=tuple(Entry(kind, record) for file, kind in _LISTINGS for record in _read(file)),
        reviews=_read("reviews"),
    )


def _read(file: str) -> tuple[Record, ...]:
    with (_CONTENT / f"{file}.toml").open("rb") as stream:
        document: dict[str, list[Record]] = tomllib.load(stream)
    return tuple(next(iter(document.values())))


def texts(record: Record, *names: str) -> Texts:
    """`name_en` and `name_id` of a record as texts by locale."""
    return {locale: {name: record[f"{name}_{locale}"].strip() for name in names} for locale in LOCALES}


def starts(entry: Entry, today: date) -> list[date]:
    """The days on which a tour departs or a class is held in the coming 90 days, without closed ones."""
    calendar = entry.record.get("departures") or entry.record.get("sessions")
    if calendar is None:
        return []
    days = rules.weekly_dates(
        today + timedelta(days=calendar["first_in_days"]),
        calendar["weekdays"],
        every_weeks=calendar["every_weeks"],
        count=calendar["count"],
        until=today + timedelta(days=HORIZON_DAYS),
    )
    length = timedelta(days=entry.record.get("days", 1) - 1)
    closed = list(_closures(entry.record, today))
    return [day for day in days if not any(c.start <= day + length and day <= c.end for c in closed)]


def draft(
    entry: Entry, *, host_id: int, village_id: int, room_ids: Mapping[str, int], today: date
) -> ListingDraft:
    """The listing as a draft. `room_ids` names listed rooms as `homestay/room`."""
    record = entry.record
    return ListingDraft(
        kind=entry.kind,
        host_id=host_id,
        village_id=village_id,
        policy=record["policy"],
        texts={locale: _text(record, locale) for locale in LOCALES},
        slug=record["slug"],
        emblem=record["emblem"],
        region=record["region"],
        instant=record["instant"],
        min_party=record["min_party"],
        max_party=record["max_party"],
        min_guests=record.get("min_guests", 1),
        capacity=record.get("capacity", 0),
        notice_hours=record["notice_hours"],
        cutoff_hours=record["cutoff_hours"],
        days=record.get("days", 1),
        minutes=record.get("hours", 0) * 60,
        start_time=_start_time(record),
        min_nights=record.get("min_nights", 1),
        max_nights=record.get("max_nights", 28),
        price_minor=record.get("price", 0),
        bands=tuple(Band(**band) for band in record["band"]),
        group_prices=tuple(GroupPrice(g["min_size"], g["price"]) for g in record.get("group", ())),
        weekday_percent={int(day): percent for day, percent in record.get("weekday_percent", {}).items()},
        lat=record["lat"],
        lon=record["lon"],
        address=record["address"],
        languages=tuple(record["languages"]),
        themes=tuple(record["themes"]),
        rooms=tuple(_room(room) for room in record.get("room", ())),
        seasons=tuple(
            SeasonDraft(from_md=s["from"], to_md=s["to"], percent=s["percent"], texts=texts(s, "name"))
            for s in record.get("season", ())
        ),
        extras=tuple(
            ExtraDraft(key=e["key"], price_minor=e["price"], per=Per(e["per"]), texts=texts(e, "name"))
            for e in record.get("extra", ())
        ),
        payees=tuple(
            PayeeDraft(kind=p["kind"], bp=p["bp"], texts=texts(p, "name")) for p in record.get("payee", ())
        ),
        steps=tuple(_step(step, room_ids) for step in (*record.get("day", ()), *record.get("step", ()))),
        closures=tuple(_closures(record, today)),
    )


def _text(record: Record, locale: str) -> ListingText:
    def of(name: str) -> Any:
        return record[f"{name}_{locale}"]

    return ListingText(
        title=of("title"),
        summary=of("summary"),
        body=of("body").strip(),
        access=of("access"),
        included=tuple(of("included")),
        excluded=tuple(of("excluded")),
        manners=tuple(of("manners")),
    )


def _start_time(record: Record) -> time:
    calendar = record.get("departures") or record.get("sessions") or {"time": "14:00"}
    return time.fromisoformat(calendar["time"])


def _room(record: Record) -> RoomDraft:
    return RoomDraft(
        key=record["key"],
        count=record["count"],
        sleeps=record["sleeps"],
        price_minor=record["price"],
        texts=texts(record, "name", "about"),
    )


def _step(record: Record, room_ids: Mapping[str, int]) -> StepDraft:
    sleeps = record.get("sleeps")
    return StepDraft(
        texts=texts(record, "title", "body"),
        meals=tuple(record.get("meals", ())),
        room_type_id=room_ids[sleeps] if sleeps else None,
    )


def _closures(record: Record, today: date) -> Iterator[ClosureDraft]:
    for closed in record.get("closed", ()):
        start = today + timedelta(days=closed["in_days"])
        end = start + timedelta(days=closed["days"] - 1)
        yield ClosureDraft(start=start, end=end, texts=texts(closed, "reason"))
