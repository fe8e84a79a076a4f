"""Photos that operators have not looked at, hiding one and showing it again; listings by their address for a look.

A hidden photo stays with its host, who reads why; guests and search do not get it. The looking itself (approve,
return) is `market.listings.moderation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from market import db
from market.accounts import queries as accounts
from market.accounts.rights import Right
from market.db.sql import Row, as_instant
from market.i18n.locales import pick
from market.media.queries import PhotoRow, list_photos
from market.notifications import telling
from market.notifications.topics import Topic
from market.notifications.wording import mail_from_template
from market.settings import Settings
from market.staff import log
from market.staff.log import Act
from market.web import page_cache

LEAST_REASON: Final = 10
MOST: Final = 24


@dataclass(frozen=True, slots=True)
class NewPhoto:
    """A photo with its listing, and whether it is hidden."""

    id: int
    slug: str
    title: str
    host: str
    row: PhotoRow
    hidden: bool
    hidden_reason: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class PhotoLetter:
    """Context of console/mail_photo_hidden.txt."""

    name: str
    title: str
    slug: str
    reason: str


_SELECT: Final = (
    "SELECT f.id, f.listing_id, f.hidden_at, f.hidden_reason, f.created_at, l.slug, o.name AS host,"
    " (SELECT t.title FROM listing_text t WHERE t.listing_id = l.id AND t.title <> ''"
    " ORDER BY CASE WHEN t.locale = $1 THEN 0 ELSE 1 END, t.locale LIMIT 1) AS title"
    " FROM photo f JOIN listing l ON l.id = f.listing_id JOIN organisation o ON o.id = l.host_id"
)


async def list_new_photos(locale: str) -> list[NewPhoto]:
    """Finished photos of published listings that nobody has looked at, oldest first; at most a page of them."""
    rows = await db.fetch(
        f"{_SELECT} WHERE f.looked_at IS NULL AND f.state = 'ready' AND l.status = 'published'"
        f" ORDER BY f.id LIMIT {MOST}",
        locale,
    )
    return await _photos(rows, locale)


async def list_photos_of(listing_id: int, locale: str) -> list[NewPhoto]:
    """Every finished photo of a listing in its host's order, hidden ones too."""
    rows = await db.fetch(
        f"{_SELECT} WHERE f.listing_id = $2 AND f.state = 'ready' ORDER BY f.position, f.id",
        locale,
        listing_id,
    )
    return await _photos(rows, locale)


async def _photos(rows: list[Row], locale: str) -> list[NewPhoto]:
    pictures: dict[int, PhotoRow] = {}
    for listing_id in dict.fromkeys(row["listing_id"] for row in rows):
        pictures |= {photo.id: photo for photo in await list_photos(listing_id, locale)}
    return [
        NewPhoto(
            id=row["id"],
            slug=row["slug"],
            title=row["title"] or row["slug"],
            host=row["host"],
            row=pictures[row["id"]],
            hidden=row["hidden_at"] is not None,
            hidden_reason=row["hidden_reason"],
            added_at=as_instant(row["created_at"]),
        )
        for row in rows
    ]


async def find_photo(photo_id: int) -> Row | None:
    """A photo's listing and host, or None."""
    return await db.fetch_one(
        "SELECT f.id, l.id AS listing_id, l.slug, l.host_id FROM photo f JOIN listing l ON l.id = f.listing_id"
        " WHERE f.id = $1",
        photo_id,
    )


async def find_listing(slug: str) -> Row | None:
    """What a look at a listing needs beside its draft, or None."""
    return await db.fetch_one(
        "SELECT l.id, l.slug, l.kind, l.status, l.review, l.shown_price_minor, o.name AS host_name,"
        " v.name AS village FROM listing l JOIN organisation o ON o.id = l.host_id"
        " JOIN village v ON v.id = l.village_id WHERE l.slug = $1",
        slug,
    )


async def hide_photo(photo_id: int, *, reason: str, by: int, now: datetime, config: Settings) -> None:
    """Guests do not see this photo any more; its host reads why."""
    async with db.transaction():
        rows = await db.fetch(
            "UPDATE photo SET hidden_at = $2, hidden_reason = $3, looked_at = $2 WHERE id = $1 AND hidden_at IS NULL"
            " RETURNING listing_id",
            photo_id,
            now,
            reason,
        )
        if not rows:
            return
        await log.note(Act.PHOTO_HIDDEN, by=by, now=now, subject=str(photo_id), reason=reason)
        await page_cache.bump()
        await _tell(photo_id, rows[0]["listing_id"], reason, now, config)


async def show_photo(photo_id: int, *, by: int, now: datetime) -> None:
    """Guests see this photo again."""
    async with db.transaction():
        changed = await db.execute(
            "UPDATE photo SET hidden_at = NULL, hidden_reason = '', looked_at = $2"
            " WHERE id = $1 AND hidden_at IS NOT NULL",
            photo_id,
            now,
        )
        if changed:
            await log.note(Act.PHOTO_SHOWN, by=by, now=now, subject=str(photo_id))
            await page_cache.bump()


async def photos_are_fine(newest: int, *, by: int, now: datetime) -> int:
    """Everything new up to a photo was looked at; how many that were."""
    async with db.transaction():
        count = await db.execute(
            "UPDATE photo SET looked_at = $2 WHERE looked_at IS NULL AND state = 'ready' AND id <= $1"
            " AND listing_id IN (SELECT id FROM listing WHERE status = 'published')",
            newest,
            now,
        )
        if count:
            await log.note(Act.PHOTOS_SEEN, by=by, now=now, subject=str(count))
    return count


async def _tell(photo_id: int, listing_id: int, reason: str, now: datetime, config: Settings) -> None:
    row = await db.fetch_one("SELECT slug, host_id FROM listing WHERE id = $1", listing_id)
    if row is None:
        return
    texts = await db.fetch("SELECT locale, title FROM listing_text WHERE listing_id = $1", listing_id)
    titles = {text["locale"]: text["title"] for text in texts if text["title"]} or {"id": row["slug"]}
    for person in await accounts.people_of_organisation(row["host_id"], "host", Right.PRICES):
        if person.email:
            letter = PhotoLetter(
                name=" ".join(person.name.split()),
                title=pick(titles, person.locale),
                slug=row["slug"],
                reason=" ".join(reason.split()),
            )
            await telling.tell(
                mail_from_template("console/mail_photo_hidden", letter, person.locale, config),
                topic=Topic.LISTINGS,
                to=person.email,
                locale=person.locale,
                dedupe_key=f"photo.hidden:{photo_id}:{now.isoformat()}:{person.id}",
            )
