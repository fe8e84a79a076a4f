"""Reads of reviews: a listing's page by page, a visit's two, a host's own, and what operators look at.

A review that is sealed or hidden is read here only by those who may see it: its author, and operators.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from market import db
from market.db.sql import Row, as_date, as_instant, as_instant_or_none, as_json
from market.errors import NotFound
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


async def get_review(review_id: int) -> Written:
    """One review, sealed or not, whoever asks; for commands. Raises NotFound."""
    row = await db.fetch_one("SELECT * FROM review WHERE id = $1", review_id)
    if row is None:
        raise NotFound
    return written(row)


async def written_about(booking_id: int) -> list[Written]:
    """What both sides wrote about a visit, sealed or not; the page decides what its reader sees."""
    rows = await db.fetch("SELECT * FROM review WHERE booking_id = $1 ORDER BY side", booking_id)
    return [written(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Window:
    """The time to write about a visit."""

    opened_at: datetime
    closes_at: datetime
    closed_at: datetime | None


async def find_window(booking_id: int) -> Window | None:
    """A visit's window; None while the visit is not over, and for visits that never took place."""
    row = await db.fetch_one("SELECT * FROM review_window WHERE booking_id = $1", booking_id)
    if row is None:
        return None
    return Window(
        as_instant(row["opened_at"]), as_instant(row["closes_at"]), as_instant_or_none(row["closed_at"])
    )


@dataclass(frozen=True, slots=True)
class ToWrite:
    """A visit that a host has not written about yet."""

    reference: str
    guest_name: str
    titles: dict[str, str]
    ends_on: date
    closes_at: datetime


def _places(values: list[int], start: int) -> str:
    return ", ".join(f"${n}" for n in range(start, start + len(values)))


async def list_to_write(host_ids: Iterable[int], now: datetime) -> list[ToWrite]:
    """Visits of these hosts with an open window in which the host has not written, the most urgent first."""
    hosts = sorted(host_ids)
    if not hosts:
        return []
    places = _places(hosts, 2)
    rows = await db.fetch(
        "SELECT b.reference, b.guest_name, b.offer, b.ends_on, w.closes_at FROM review_window w"
        " JOIN booking b ON b.id = w.booking_id"
        f" WHERE w.closed_at IS NULL AND w.closes_at > $1 AND (b.host_id IN ({places}) OR b.hosting_id IN ({places}))"
        " AND NOT EXISTS (SELECT 1 FROM review r WHERE r.booking_id = b.id AND r.side = 'host')"
        " ORDER BY w.closes_at LIMIT 50",
        now,
        *hosts,
    )
    return [
        ToWrite(
            row["reference"],
            row["guest_name"],
            as_json(row["offer"])["titles"],
            as_date(row["ends_on"]),
            as_instant(row["closes_at"]),
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Said:
    """A published guest review as its host's page shows it."""

    review: Written
    slug: str
    country: dict[str, str]


async def list_for_host(host_ids: Iterable[int], *, limit: int, offset: int = 0) -> list[Said]:
    """What guests said about these hosts, hidden ones left out, the newest first."""
    hosts = sorted(host_ids)
    if not hosts:
        return []
    rows = await db.fetch(
        "SELECT r.*, l.slug AS slug FROM review r JOIN listing l ON l.id = r.listing_id"
        f" WHERE r.host_id IN ({_places(hosts, 3)}) AND r.side = 'guest' AND r.published_at IS NOT NULL"
        " AND r.hidden_at IS NULL ORDER BY r.published_at DESC, r.id DESC LIMIT $1 OFFSET $2",
        limit,
        offset,
        *hosts,
    )
    return [Said(written(row), row["slug"], as_json(row["country"])) for row in rows]


async def count_for_host(host_ids: Iterable[int]) -> tuple[int, int]:
    """(how many, sum of stars) of what guests said about these hosts."""
    hosts = sorted(host_ids)
    if not hosts:
        return 0, 0
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n, COALESCE(SUM(stars), 0) AS stars FROM review"
        f" WHERE host_id IN ({_places(hosts, 1)}) AND side = 'guest' AND published_at IS NOT NULL"
        " AND hidden_at IS NULL",
        *hosts,
    )
    return (int(row["n"]), int(row["stars"])) if row else (0, 0)


@dataclass(frozen=True, slots=True)
class Reputation:
    """What earlier hosts published about a guest: how many, the sum of stars, the newest words with their language."""

    count: int
    stars: int
    words: tuple[tuple[str, str], ...]

    @property
    def tenths(self) -> int:
        """The average in tenths of a star, halves up."""
        return (self.stars * 20 + self.count) // (2 * self.count) if self.count else 0


async def reputations(person_ids: Iterable[int | None], *, words: int = 3) -> dict[int, Reputation]:
    """What hosts published about guests with an account, by person; what is sealed or hidden counts nowhere."""
    ids = sorted({person for person in person_ids if person is not None})
    if not ids:
        return {}
    rows = await db.fetch(
        "SELECT b.person_id, r.stars, r.body, r.locale FROM review r JOIN booking b ON b.id = r.booking_id"
        f" WHERE b.person_id IN ({_places(ids, 1)}) AND r.side = 'host' AND r.published_at IS NOT NULL"
        " AND r.hidden_at IS NULL ORDER BY r.published_at DESC, r.id DESC",
        *ids,
    )
    found: dict[int, Reputation] = {}
    for row in rows:
        known = found.get(row["person_id"], Reputation(0, 0, ()))
        said = ((row["body"], row["locale"]),) if row["body"] and len(known.words) < words else ()
        found[row["person_id"]] = Reputation(known.count + 1, known.stars + row["stars"], known.words + said)
    return found


@dataclass(frozen=True, slots=True)
class Reported:
    """A review that operators look at: reported, or hidden before."""

    review: Written
    title: str
    slug: str
    reports: tuple[tuple[str, str, datetime], ...]
    acts: tuple[tuple[str, str, datetime], ...]


async def list_reported(locale: str) -> list[Reported]:
    """Reviews with open reports, oldest report first; then the hidden ones."""
    rows = await db.fetch(
        "SELECT r.*, l.slug AS slug, (SELECT MIN(p.at) FROM review_report p WHERE p.review_id = r.id"
        " AND p.closed_at IS NULL) AS asked_at FROM review r JOIN listing l ON l.id = r.listing_id"
        " WHERE r.hidden_at IS NOT NULL OR EXISTS (SELECT 1 FROM review_report p WHERE p.review_id = r.id"
        " AND p.closed_at IS NULL) ORDER BY CASE WHEN r.hidden_at IS NULL THEN 0 ELSE 1 END, asked_at, r.id DESC"
        " LIMIT 100"
    )
    ids = [row["id"] for row in rows]
    reports = await _by_review(
        "SELECT review_id, reason, body, at FROM review_report WHERE closed_at IS NULL", ids
    )
    acts = await _by_review(
        "SELECT review_id, act AS reason, reason AS body, at FROM review_act WHERE 1 = 1", ids
    )
    titles = await _titles({row["listing_id"] for row in rows}, locale)
    return [
        Reported(
            written(row),
            titles.get(row["listing_id"]) or row["slug"],
            row["slug"],
            tuple(reports.get(row["id"], ())),
            tuple(acts.get(row["id"], ())),
        )
        for row in rows
    ]


async def _by_review(select: str, ids: list[int]) -> dict[int, list[tuple[str, str, datetime]]]:
    found: dict[int, list[tuple[str, str, datetime]]] = {}
    if ids:
        for row in await db.fetch(f"{select} AND review_id IN ({_places(ids, 1)}) ORDER BY id", *ids):
            found.setdefault(row["review_id"], []).append((row["reason"], row["body"], as_instant(row["at"])))
    return found


async def _titles(listing_ids: set[int], locale: str) -> dict[int, str]:
    ids = sorted(listing_ids)
    if not ids:
        return {}
    texts: dict[int, dict[str, str]] = {}
    for row in await db.fetch(
        f"SELECT listing_id, locale, title FROM listing_text WHERE listing_id IN ({_places(ids, 1)})", *ids
    ):
        texts.setdefault(row["listing_id"], {})[row["locale"]] = row["title"]
    return {listing: pick(words, locale) for listing, words in texts.items()}


async def count_reported() -> int:
    """How many reviews wait for an operator."""
    row = await db.fetch_one(
        "SELECT COUNT(DISTINCT review_id) AS n FROM review_report WHERE closed_at IS NULL"
    )
    return row["n"] if row else 0
