"""Reads for the host's listing pages: the list, what is still missing, and where a tour may sleep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from market import db
from market.console.editor.controls import SleepingPlace
from market.console.scope import OwnListing
from market.db.sql import as_instant, as_json
from market.i18n.locales import pick
from market.listings import rows as listing_rows
from market.listings import rules
from market.listings.drafts import ListingDraft
from market.listings.offering import Kind, Status
from market.media import queries as media
from market.media.covers import cover_url
from market.media.queries import Picture
from market.values.text import Text, lazy, lazy_n

GOOD_PHOTOS = 4
GOOD_BODY = 300  # letters of a description that answers the first questions


@dataclass(frozen=True, slots=True)
class ListingRow:
    """A listing in its host's list. `price_minor` is what guests see."""

    slug: str
    title: str
    kind: Kind
    status: Status
    cover_url: str
    price_minor: int
    next_at: datetime | None
    bookings: int
    photo: Picture | None


@dataclass(frozen=True, slots=True)
class Check:
    """Something to know before guests see a listing. `state` is warn or bad; `section` is where to mend it."""

    state: str
    title: Text
    section: str


async def list_rows(listings: Sequence[OwnListing], now: datetime, locale: str) -> list[ListingRow]:
    """The viewer's listings with their price, next start and bookings ahead."""
    photos = await media.photos_for((listing.id for listing in listings), locale)
    return [await _row(listing, now, photos.get(listing.id, [])) for listing in listings]


async def _row(listing: OwnListing, now: datetime, photos: Sequence[Picture]) -> ListingRow:
    head = await db.fetch_one(
        "SELECT region, emblem, shown_price_minor,"
        " (SELECT MIN(s.starts_at) FROM slot s WHERE s.listing_id = l.id AND s.kind <> 'night'"
        " AND s.starts_at > $2 AND s.status IN ('open', 'guaranteed')) AS next_at,"
        " (SELECT COUNT(*) FROM booking b WHERE b.listing_id = l.id AND b.ends_at > $2"
        " AND b.state IN ('confirmed', 'checked_in')) AS bookings FROM listing l WHERE l.id = $1",
        listing.id,
        now,
    )
    if head is None:
        raise LookupError(listing.slug)
    return ListingRow(
        slug=listing.slug,
        title=listing.title,
        kind=listing.kind,
        status=listing.status,
        cover_url=cover_url(listing.slug, head["region"], head["emblem"]),
        price_minor=head["shown_price_minor"],
        next_at=as_instant(head["next_at"]) if head["next_at"] else None,
        bookings=head["bookings"],
        photo=photos[0] if photos else None,
    )


async def list_sleeping_places(draft: ListingDraft, locale: str) -> tuple[SleepingPlace, ...]:
    """Rooms a tour may sleep in: the host's own, those whose house said yes, and those it already sleeps in."""
    if draft.kind is not Kind.TOUR:
        return ()
    chosen = sorted({step.room_type_id for step in draft.steps if step.room_type_id})
    places = ", ".join(f"${n}" for n in range(3, 3 + len(chosen))) or "NULL"
    found = await db.fetch(
        "SELECT r.id, r.texts, l.id AS listing_id FROM room_type r JOIN listing l ON l.id = r.listing_id"
        " WHERE (r.count > 0 AND (l.host_id = $1 OR EXISTS (SELECT 1 FROM sleep_consent c JOIN listing t"
        " ON t.id = c.listing_id WHERE c.room_type_id = r.id AND c.state = 'yes' AND t.slug = $2)))"
        f" OR r.id IN ({places}) ORDER BY l.id, r.position",
        draft.host_id,
        draft.slug,
        *chosen,
    )
    titles = await _titles({row["listing_id"] for row in found}, locale)
    return tuple(
        SleepingPlace(
            row["id"], f"{titles[row['listing_id']]}: {pick(as_json(row['texts']), locale).get('name', '')}"
        )
        for row in found
    )


async def _titles(listing_ids: Iterable[int], locale: str) -> dict[int, str]:
    ids = sorted(listing_ids)
    if not ids:
        return {}
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    rows = await db.fetch(
        f"SELECT listing_id, locale, title FROM listing_text WHERE listing_id IN ({places})", *ids
    )
    texts: dict[int, dict[str, str]] = {}
    for row in rows:
        texts.setdefault(row["listing_id"], {})[row["locale"]] = row["title"]
    return {listing_id: pick(titles, locale) for listing_id, titles in texts.items()}


async def list_checks(listing: OwnListing, draft: ListingDraft, now: datetime, locale: str) -> list[Check]:
    """What stands between this listing and its guests, then what would make it better."""
    home = await listing_rows.get_home(draft.village_id, draft.host_id)
    fund_bp = home.fund_bp if home else 0
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM slot WHERE listing_id = $1 AND kind <> 'night' AND book_until > $2"
        " AND status IN ('open', 'guaranteed')",
        listing.id,
        now,
    )
    problems = rules.publish_problems(draft, fund_bp, row["n"] if row else 0)
    checks = [Check("bad", problem.message, _section_of(problem.field)) for problem in problems]
    photos = await media.list_photos(listing.id, locale)
    return [*checks, *_hints(draft, photos)]


def _hints(draft: ListingDraft, photos: Sequence[media.PhotoRow]) -> list[Check]:
    """Good advice; none of it keeps a listing from being published."""
    hints: list[Check] = []
    shown = [photo for photo in photos if photo.state != "failed"]
    if len(shown) < GOOD_PHOTOS:
        message = lazy_n(
            "%(count)s photo. Four or more show guests what to expect.",
            "%(count)s photos. Four or more show guests what to expect.",
            len(shown),
        )
        hints.append(Check("warn", message, "photos"))
    if any(not all(photo.alt.get(code) for code in draft.texts) for photo in shown):
        hints.append(Check("warn", lazy("Say in both languages what each photo shows."), "photos"))
    if any(len(text.body) < GOOD_BODY for text in draft.texts.values() if text.body):
        hints.append(Check("warn", lazy("The description is short. What do guests see, hear, eat?"), "words"))
    if not all(text.included for text in draft.texts.values()):
        hints.append(Check("warn", lazy("Say what is included."), "words"))
    if not draft.address:
        hints.append(Check("warn", lazy("Give the exact address; guests see it after booking."), "place"))
    return hints


_SECTIONS = {
    "title": "words",
    "texts": "words",
    "texts_id": "words",
    "texts_en": "words",
    "price": "price",
    "bands": "price",
    "group_prices": "groups",
    "steps": "steps",
    "starts": "calendar",
}
_LISTS = frozenset({"rooms", "seasons", "extras", "payees", "closures"})


def _section_of(field: str) -> str:
    """The section that mends a problem of this part of a draft; booking terms when no other does."""
    return field if field in _LISTS else _SECTIONS.get(field, "terms")
