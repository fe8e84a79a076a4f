"""Reads of bookings for pages: frozen rows with everything a page shows, scoped to who may see them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from market import db
from market.bookings.rows import BookingRow, booking_row
from market.db.sql import Row, as_instant, as_json
from market.errors import NotFound
from market.i18n.locales import pick
from market.web.request import Viewer


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a booking's story."""

    name: str
    from_state: str
    to_state: str
    actor: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ListingWords:
    """What a listing says to somebody who is booking it, in one language."""

    title: str
    summary: str
    access: str
    included: tuple[str, ...]
    excluded: tuple[str, ...]
    manners: tuple[str, ...]
    region: str
    emblem: str
    village: str
    fund: str
    host: str


@dataclass(frozen=True, slots=True)
class BookingView:
    """A booking with what its pages show of the listing, host and village.

    Where a village was booked, the host is the family whose turn it is, and the address is that of its house.
    """

    row: BookingRow
    slug: str
    emblem: str
    region: str
    lat: float
    lon: float
    address: str
    host_name: str
    host_phone: str
    village_name: str
    village_texts: dict[str, dict[str, str]]
    access: dict[str, str]


# Of a village's booking the guests sleep in the family's own house (`h`): that is where they are sent.
_VIEW = (
    "SELECT b.*, l.slug AS l_slug, l.emblem AS l_emblem, l.region AS l_region, COALESCE(h.lat, l.lat) AS l_lat,"
    " COALESCE(h.lon, l.lon) AS l_lon, COALESCE(NULLIF(h.address, ''), l.address) AS l_address,"
    " o.name AS o_name, o.phone AS o_phone, v.name AS v_name, v.texts AS v_texts,"
    " f.name AS f_name, f.phone AS f_phone"
    " FROM booking b JOIN listing l ON l.id = b.listing_id JOIN organisation o ON o.id = b.host_id"
    " JOIN village v ON v.id = l.village_id LEFT JOIN organisation f ON f.id = b.hosting_id"
    " LEFT JOIN listing h ON h.id = CASE WHEN b.hosting_id IS NOT NULL THEN (SELECT r.listing_id FROM hosting_turn n"
    " JOIN room_type r ON r.id = n.room_type_id WHERE n.booking_id = b.id ORDER BY n.id DESC LIMIT 1) END"
)


def _view(row: Row, access: dict[str, str]) -> BookingView:
    return BookingView(
        row=booking_row(row),
        slug=row["l_slug"],
        emblem=row["l_emblem"],
        region=row["l_region"],
        lat=row["l_lat"],
        lon=row["l_lon"],
        address=row["l_address"],
        host_name=f"{row['f_name']}, {row['o_name']}" if row["f_name"] else row["o_name"],
        host_phone=row["f_phone"] or row["o_phone"],
        village_name=row["v_name"],
        village_texts=as_json(row["v_texts"]),
        access=access,
    )


async def get_view(reference: str) -> BookingView:
    """A booking's page, whoever asks; only for jobs and for pages that checked who looks."""
    found = await db.fetch(
        _VIEW.replace(" FROM booking b", ", t.locale AS t_locale, t.access AS t_access FROM booking b")
        + " LEFT JOIN listing_text t ON t.listing_id IN (b.listing_id, h.id) WHERE b.reference = $1"
        " ORDER BY CASE WHEN t.listing_id = b.listing_id THEN 0 ELSE 1 END",
        reference,
    )
    if not found:
        raise NotFound
    # The family's own words come last and count before the village's, where it wrote some.
    return _view(found[0], {row["t_locale"]: row["t_access"] for row in found if row["t_access"]})


async def get_listing_words(listing_id: int, locale: str) -> ListingWords:
    """A listing's words in `locale`, or in whatever language they were written; NotFound when it has none."""
    rows = await db.fetch(
        "SELECT t.locale, t.title, t.summary, t.access, t.included, t.excluded, t.manners, l.region, l.emblem,"
        " v.name AS village, v.texts AS village_texts, o.name AS host"
        " FROM listing_text t JOIN listing l ON l.id = t.listing_id JOIN village v ON v.id = l.village_id"
        " JOIN organisation o ON o.id = l.host_id WHERE t.listing_id = $1",
        listing_id,
    )
    if not rows:
        raise NotFound
    row = pick({row["locale"]: row for row in rows}, locale)
    village_texts = as_json(row["village_texts"])
    return ListingWords(
        title=row["title"],
        summary=row["summary"],
        access=row["access"],
        included=tuple(as_json(row["included"])),
        excluded=tuple(as_json(row["excluded"])),
        manners=tuple(as_json(row["manners"])),
        region=row["region"],
        emblem=row["emblem"],
        village=row["village"],
        fund=pick(village_texts, locale).get("fund_name", "") if village_texts else "",
        host=row["host"],
    )


def may_see_as_guest(booking: BookingRow, viewer: Viewer, known: Iterable[str]) -> bool:
    """The guest of a booking: holds its reference in a signed cookie, or signed in as the one who booked."""
    if booking.reference in set(known):
        return True
    if not viewer.signed_in:
        return False
    return booking.person_id == viewer.person_id or (
        bool(booking.guest_email) and booking.guest_email == viewer.email.lower()
    )


async def get_for_guest(reference: str, viewer: Viewer, known: Iterable[str]) -> BookingView:
    """A guest's own booking; NotFound for anybody else's."""
    view = await get_view(reference)
    if not may_see_as_guest(view.row, viewer, known):
        raise NotFound
    return view


async def get_for_host(reference: str, organisation_ids: Iterable[int]) -> BookingView:
    """A booking of one of these hosts; NotFound otherwise. Holds are nobody's business but the guest's."""
    view = await get_view(reference)
    if not view.row.host_ids & set(organisation_ids) or view.row.state == "held":
        raise NotFound
    return view


async def list_for_guest(viewer: Viewer, known: Iterable[str], *, limit: int = 50) -> list[BookingView]:
    """A traveller's trips, those ahead first. Holds that lapsed without a name are left out."""
    references = list(known)
    conditions: list[str] = []
    params: list[object] = []
    if viewer.signed_in:
        params += [viewer.person_id, viewer.email.lower()]
        conditions.append("b.person_id = $1 OR (b.guest_email <> '' AND b.guest_email = $2)")
    if references:
        start = len(params) + 1
        conditions.append(
            f"b.reference IN ({', '.join(f'${n}' for n in range(start, start + len(references)))})"
        )
        params += references
    if not conditions:
        return []
    rows = await db.fetch(
        f"{_VIEW} WHERE ({' OR '.join(f'({c})' for c in conditions)})"
        " AND NOT (b.state IN ('expired', 'withdrawn') AND b.guest_email = '')"
        f" ORDER BY b.starts_at DESC LIMIT {limit:d}",
        *params,
    )
    return [_view(row, {}) for row in rows]


async def list_for_host(
    organisation_ids: Iterable[int], states: Iterable[str], *, after: datetime | None = None, limit: int = 50
) -> list[BookingView]:
    """Bookings of these hosts in these states, soonest first; with `after`, only those that end after it."""
    hosts, wanted = sorted(organisation_ids), list(states)
    if not hosts:
        return []
    params: list[object] = [*hosts, *wanted]
    host_places = ", ".join(f"${n}" for n in range(1, len(hosts) + 1))
    state_places = ", ".join(f"${n}" for n in range(len(hosts) + 1, len(params) + 1))
    later = ""
    if after is not None:
        params.append(after)
        later = f" AND b.ends_at > ${len(params)}"
    rows = await db.fetch(
        f"{_VIEW} WHERE (b.host_id IN ({host_places}) OR b.hosting_id IN ({host_places}))"
        f" AND b.state IN ({state_places}){later}"
        f" ORDER BY b.starts_at LIMIT {limit:d}",
        *params,
    )
    return [_view(row, {}) for row in rows]


async def find_bookings(text: str, *, limit: int = 50) -> list[BookingView]:
    """For operators: by reference, or by the beginning of an e-mail address."""
    term = text.strip()
    rows = await db.fetch(
        f"{_VIEW} WHERE b.reference = $1 OR SUBSTR(b.guest_email, 1, $2) = $3"
        f" ORDER BY b.created_at DESC LIMIT {limit:d}",
        term.upper(),
        len(term),
        term.lower(),
    )
    return [_view(row, {}) for row in rows]


async def story_of(booking_id: int) -> list[Event]:
    """Everything that happened to a booking, oldest first."""
    rows = await db.fetch(
        "SELECT name, from_state, to_state, actor, reason, at FROM booking_event WHERE booking_id = $1 ORDER BY id",
        booking_id,
    )
    return [
        Event(r["name"], r["from_state"], r["to_state"], r["actor"], r["reason"], as_instant(r["at"]))
        for r in rows
    ]


async def bookings_on_slot(slot_id: int) -> list[BookingRow]:
    """The bookings that stand in the way of closing or shrinking a slot."""
    rows = await db.fetch(
        "SELECT b.* FROM booking b WHERE b.id IN (SELECT a.booking_id FROM allocation a"
        " WHERE a.slot_id = $1 AND a.state <> 'released') ORDER BY b.id",
        slot_id,
    )
    return [booking_row(row) for row in rows]
