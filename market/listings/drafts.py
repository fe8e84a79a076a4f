"""What a host wants a listing to be: frozen shapes that `service` writes and `rules` judges. No ids, no I/O.

Prices are the host's, in whole rupiah. `ListingDraft` is one listing with all its parts; `draft_queries`
reads one back, so that an editor changes a copy (`dataclasses.replace`) for `service.update_listing`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time

from market.listings.offering import Band, GroupPrice, Kind, Per, Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingText:
    """The words of one locale. Bodies are plain text; a blank line starts a paragraph."""

    title: str
    summary: str = ""
    body: str = ""
    access: str = ""
    included: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    manners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomDraft:
    """`count` identical rooms; texts hold `name` and `about`. The key never changes: bookings know it."""

    key: str
    count: int
    sleeps: int
    price_minor: int
    texts: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class SeasonDraft:
    """Month-days `MM-DD`, both included, perhaps over the year's end; texts hold `name`."""

    from_md: str
    to_md: str
    percent: int
    texts: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraDraft:
    """Texts hold `name`. The key never changes: bookings know it."""

    key: str
    price_minor: int
    per: Per
    texts: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class PayeeDraft:
    """`kind` is guide or materials; `bp` is the share of the host's price; texts hold `name`."""

    kind: str
    bp: int
    texts: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDraft:
    """A day of a tour or a part of a lesson; texts hold `title` and `body`."""

    texts: Texts
    meals: tuple[str, ...] = ()
    room_type_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosureDraft:
    """Closed from `start` to `end`, both included; texts hold `reason`."""

    start: date
    end: date
    texts: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingDraft:
    """One listing with all its parts. Island, kabupaten and the fund's share come from the village."""

    kind: Kind
    host_id: int
    village_id: int
    policy: str
    texts: dict[str, ListingText]
    slug: str = ""  # empty: made from the English title
    emblem: str = "house"
    region: str = ""  # empty: the village's
    instant: bool = True
    min_party: int = 1
    max_party: int = 8
    min_guests: int = 1
    capacity: int = 0
    notice_hours: int = 0
    cutoff_hours: int = 0
    days: int = 1
    minutes: int = 0
    start_time: time = time(9)
    min_nights: int = 1
    max_nights: int = 28
    price_minor: int = 0  # homestays: the cheapest room's price is used instead
    bands: tuple[Band, ...] = ()
    group_prices: tuple[GroupPrice, ...] = ()
    weekday_percent: dict[int, int] = field(default_factory=dict[int, int])
    lat: float | None = None  # None: the village's centre
    lon: float | None = None
    address: str = ""
    languages: tuple[str, ...] = ("id",)
    themes: tuple[str, ...] = ()
    rooms: tuple[RoomDraft, ...] = ()
    seasons: tuple[SeasonDraft, ...] = ()
    extras: tuple[ExtraDraft, ...] = ()
    payees: tuple[PayeeDraft, ...] = ()
    steps: tuple[StepDraft, ...] = ()
    closures: tuple[ClosureDraft, ...] = ()
