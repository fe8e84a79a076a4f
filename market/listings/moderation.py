"""Looking at a host's first listing before guests see it.

A family that opened itself asks for a look by publishing; operators approve, which publishes it and ends the
looking for that host, or return it with a reason. Every step is a row that stays. The page of the operators is
in the console; here are its queue and its two commands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from market import db
from market.accounts import hosting
from market.accounts import queries as accounts
from market.accounts.rights import Right
from market.db.sql import as_instant
from market.errors import Invalid, NotFound, Refused
from market.i18n.locales import pick
from market.listings.offering import Status
from market.notifications import telling
from market.notifications.topics import Topic
from market.notifications.wording import mail_from_template
from market.settings import Settings
from market.values.text import lazy
from market.web import page_cache


@dataclass(frozen=True, slots=True)
class Waiting:
    """A first listing that operators should look at."""

    listing_id: int
    slug: str
    kind: str
    title: str
    host_id: int
    host_name: str
    host_phone: str
    village: str
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a look: asked, approved or returned."""

    decision: str
    reason: str
    by: str
    at: datetime


class NotWaiting(Refused):
    """Somebody else has decided, or nobody asked."""

    code = "not_waiting"
    message = lazy("This listing is not waiting for a decision any more.")


async def must_wait(listing_id: int) -> bool:
    """Whether operators look at this listing before it is published."""
    row = await db.fetch_one(
        "SELECT o.needs_review, l.review FROM listing l JOIN organisation o ON o.id = l.host_id WHERE l.id = $1",
        listing_id,
    )
    return row is not None and bool(row["needs_review"]) and row["review"] != "approved"


async def ask(listing_id: int, now: datetime) -> None:
    """Put a listing into the operators' queue; once is enough. Inside the caller's transaction."""
    changed = await db.execute(
        "UPDATE listing SET review = 'waiting', review_reason = '' WHERE id = $1 AND review <> 'waiting'",
        listing_id,
    )
    if changed:
        await _note(listing_id, "asked", "", None, now)


async def list_waiting(locale: str) -> list[Waiting]:
    """The operators' queue, longest waiting first."""
    rows = await db.fetch(
        "SELECT l.id, l.slug, l.kind, o.id AS host_id, o.name AS host_name, o.phone, v.name AS village,"
        " (SELECT MAX(r.at) FROM listing_review r WHERE r.listing_id = l.id AND r.decision = 'asked') AS asked_at"
        " FROM listing l JOIN organisation o ON o.id = l.host_id JOIN village v ON v.id = l.village_id"
        " WHERE l.review = 'waiting' ORDER BY l.updated_at, l.id"
    )
    titles = await _titles([row["id"] for row in rows])
    return [
        Waiting(
            listing_id=row["id"],
            slug=row["slug"],
            kind=row["kind"],
            title=pick(titles.get(row["id"], {"id": row["slug"]}), locale),
            host_id=row["host_id"],
            host_name=row["host_name"],
            host_phone=row["phone"],
            village=row["village"],
            asked_at=as_instant(row["asked_at"]),
        )
        for row in rows
    ]


async def _titles(listing_ids: list[int]) -> dict[int, dict[str, str]]:
    if not listing_ids:
        return {}
    places = ", ".join(f"${n}" for n in range(1, len(listing_ids) + 1))
    found: dict[int, dict[str, str]] = {}
    for row in await db.fetch(
        f"SELECT listing_id, locale, title FROM listing_text WHERE listing_id IN ({places}) AND title <> ''",
        *listing_ids,
    ):
        found.setdefault(row["listing_id"], {})[row["locale"]] = row["title"]
    return found


async def count_waiting() -> int:
    """How many first listings wait for a look."""
    row = await db.fetch_one("SELECT COUNT(*) AS n FROM listing WHERE review = 'waiting'")
    return int(row["n"]) if row else 0


async def list_steps(listing_id: int) -> list[Step]:
    """The story of the look at a listing, oldest first."""
    rows = await db.fetch(
        "SELECT r.decision, r.reason, r.at, p.name FROM listing_review r LEFT JOIN person p ON p.id = r.person_id"
        " WHERE r.listing_id = $1 ORDER BY r.id",
        listing_id,
    )
    return [Step(row["decision"], row["reason"], row["name"] or "", as_instant(row["at"])) for row in rows]


async def get_review(listing_id: int) -> tuple[str, str]:
    """(state, reason) of the look at a listing; the state is "" when nobody ever asked."""
    row = await db.fetch_one("SELECT review, review_reason FROM listing WHERE id = $1", listing_id)
    if row is None:
        raise NotFound
    return row["review"], row["review_reason"]


async def approve_listing(listing_id: int, *, by: int, now: datetime, config: Settings) -> None:
    """An operator lets a first listing go to guests: it is published, and its host needs no look any more.

    Raises NotWaiting when it was decided already.
    """
    async with db.transaction():
        host_id = await _decide(listing_id, "approved", "", by, now)
        await db.execute(
            "UPDATE listing SET status = $2, updated_at = $3 WHERE id = $1",
            listing_id,
            Status.PUBLISHED.value,
            now,
        )
        await hosting.approve(host_id)
        await _tell(listing_id, host_id, "listings/mail_approved", "", now, config)
        await page_cache.bump()


async def return_listing(listing_id: int, *, reason: str, by: int, now: datetime, config: Settings) -> None:
    """An operator gives a first listing back with what is to be put right. Raises Invalid without a reason,
    NotWaiting when it was decided already.
    """
    said = reason.strip()
    if not said:
        raise Invalid("reason", lazy("Say what the host should put right."), field="reason")
    async with db.transaction():
        host_id = await _decide(listing_id, "returned", said, by, now)
        await _tell(listing_id, host_id, "listings/mail_returned", said, now, config)


async def _decide(listing_id: int, decision: str, reason: str, by: int, now: datetime) -> int:
    """Record a decision; the host's id."""
    rows = await db.fetch(
        "UPDATE listing SET review = $2, review_reason = $3 WHERE id = $1 AND review = 'waiting' RETURNING host_id",
        listing_id,
        decision,
        reason,
    )
    if not rows:
        raise NotWaiting
    await _note(listing_id, decision, reason, by, now)
    return rows[0]["host_id"]


async def _note(listing_id: int, decision: str, reason: str, by: int | None, now: datetime) -> None:
    await db.execute(
        "INSERT INTO listing_review (listing_id, decision, reason, person_id, at) VALUES ($1, $2, $3, $4, $5)",
        listing_id,
        decision,
        reason,
        by,
        now,
    )


async def _tell(
    listing_id: int, host_id: int, template: str, reason: str, now: datetime, config: Settings
) -> None:
    row = await db.fetch_one("SELECT slug FROM listing WHERE id = $1", listing_id)
    titles = (await _titles([listing_id])).get(listing_id, {})
    if row is None:
        return
    for person in await accounts.people_of_organisation(host_id, "host", Right.PRICES):
        if person.email:
            facts = {
                "name": person.name,
                "title": pick(titles, person.locale) if titles else row["slug"],
                "slug": row["slug"],
                "reason": " ".join(reason.split()),
            }
            await telling.tell(
                mail_from_template(template, facts, person.locale, config),
                topic=Topic.LISTINGS,
                to=person.email,
                locale=person.locale,
                dedupe_key=f"{template}:{listing_id}:{now.isoformat()}:{person.id}",
            )
