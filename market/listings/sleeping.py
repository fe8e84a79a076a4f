"""Other hosts' rooms as sleeping places of a tour: only with their yes.

The tour's host asks, the house answers in its own workspace and may take a yes back. Departures that are on
the calendar keep the nights they have; a room without a yes cannot be written into a tour's days.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from market import db
from market.accounts import queries as accounts
from market.accounts.rights import Right
from market.db.sql import Row, as_instant, as_json
from market.errors import Invalid, NotFound, Refused
from market.i18n.locales import pick
from market.notifications import telling
from market.notifications.topics import Topic
from market.notifications.wording import mail_from_template
from market.settings import Settings
from market.values.text import lazy


class NoConsent(Refused):
    """The house has not said yes."""

    code = "no_consent"
    message = lazy(
        "A room of another family needs that family's yes first. Ask for it under “Sleeping places”."
    )


@dataclass(frozen=True, slots=True)
class Place:
    """A room of another host that a tour could sleep in. `state` is "", asked, yes or no."""

    room_type_id: int
    room: str
    house: str
    host: str
    state: str
    answer: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a house was asked: which tour wants to sleep in which room."""

    id: int
    tour: str
    tour_slug: str
    asker: str
    room: str
    note: str
    state: str
    host_id: int
    asked_at: datetime


async def ask(
    listing_id: int, room_type_id: int, *, note: str, by: int, now: datetime, config: Settings
) -> None:
    """Ask another host of the tour's village for a room; a no may be asked again. Raises NotFound for a room that
    is not offered there, Invalid for one's own.
    """
    async with db.transaction():
        row = await db.fetch_one(
            "SELECT t.host_id AS asker_id, t.village_id, l.host_id, l.village_id AS house_village, l.status"
            " FROM listing t, room_type r JOIN listing l ON l.id = r.listing_id WHERE t.id = $1 AND r.id = $2"
            " AND r.count > 0 AND t.kind = 'tour'",
            listing_id,
            room_type_id,
        )
        if row is None or row["status"] != "published" or row["village_id"] != row["house_village"]:
            raise NotFound
        if row["host_id"] == row["asker_id"]:
            raise Invalid("room", lazy("Your own rooms need nobody's yes."), field="room")
        changed = await db.execute(
            "INSERT INTO sleep_consent (listing_id, room_type_id, state, note, asked_by, asked_at)"
            " VALUES ($1, $2, 'asked', $3, $4, $5) ON CONFLICT (listing_id, room_type_id) DO UPDATE"
            " SET state = 'asked', note = excluded.note, asked_by = excluded.asked_by,"
            " asked_at = excluded.asked_at, answer = '', answered_by = NULL, answered_at = NULL"
            " WHERE sleep_consent.state = 'no'",
            listing_id,
            room_type_id,
            note,
            by,
            now,
        )
        if changed:
            asked = await _one(listing_id, room_type_id)
            await _mail(row["host_id"], Right.CALENDAR, "listings/mail_sleep_asked", asked, now, config)


async def answer(
    consent_id: int,
    host_ids: Collection[int],
    *,
    yes: bool,
    words: str,
    by: int,
    now: datetime,
    config: Settings,
) -> None:
    """A house says yes or no, and may change its mind. Raises NotFound for another house's."""
    async with db.transaction():
        found = [each for each in await list_asked_of(host_ids, "id") if each.id == consent_id]
        if not found:
            raise NotFound
        await db.execute(
            "UPDATE sleep_consent SET state = $2, answer = $3, answered_by = $4, answered_at = $5 WHERE id = $1",
            consent_id,
            "yes" if yes else "no",
            words,
            by,
            now,
        )
        row = await db.fetch_one(
            "SELECT l.host_id FROM sleep_consent c JOIN listing l ON l.id = c.listing_id WHERE c.id = $1",
            consent_id,
        )
        if row is not None:
            template = "listings/mail_sleep_yes" if yes else "listings/mail_sleep_no"
            await _mail(row["host_id"], Right.PRICES, template, found[0], now, config, words=words)


async def _mail(
    host_id: int,
    right: Right,
    template: str,
    asked: Asked,
    now: datetime,
    config: Settings,
    *,
    words: str = "",
) -> None:
    for person in await accounts.people_of_organisation(host_id, "host", right):
        if person.email:
            facts = {"name": person.name, "asked": asked, "words": " ".join(words.split())}
            await telling.tell(
                mail_from_template(template, facts, person.locale, config),
                topic=Topic.LISTINGS,
                to=person.email,
                locale=person.locale,
                dedupe_key=f"{template}:{asked.id}:{now.isoformat()}:{person.id}",
            )


# Reading -------------------------------------------------------------------------------------------------
_ASKED = (
    "SELECT c.id, c.state, c.note, c.asked_at, t.id AS tour_id, t.slug AS tour_slug, o.name AS asker,"
    " r.texts AS room_texts, l.host_id FROM sleep_consent c JOIN listing t ON t.id = c.listing_id"
    " JOIN organisation o ON o.id = t.host_id JOIN room_type r ON r.id = c.room_type_id"
    " JOIN listing l ON l.id = r.listing_id"
)


async def list_asked_of(host_ids: Collection[int], locale: str) -> list[Asked]:
    """What these houses were asked, those without an answer first."""
    ids = sorted(host_ids)
    if not ids:
        return []
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    rows = await db.fetch(
        f"{_ASKED} WHERE l.host_id IN ({places})"
        " ORDER BY CASE WHEN c.state = 'asked' THEN 0 ELSE 1 END, c.asked_at DESC, c.id",
        *ids,
    )
    titles = await _titles({row["tour_id"] for row in rows}, locale)
    return [_asked(row, titles, locale) for row in rows]


async def _one(listing_id: int, room_type_id: int) -> Asked:
    row = await db.fetch_one(
        f"{_ASKED} WHERE c.listing_id = $1 AND c.room_type_id = $2", listing_id, room_type_id
    )
    if row is None:
        raise NotFound
    return _asked(row, await _titles({listing_id}, "id"), "id")


def _asked(row: Row, titles: dict[int, str], locale: str) -> Asked:
    return Asked(
        id=row["id"],
        tour=titles.get(row["tour_id"], "") or str(row["tour_slug"]),
        tour_slug=row["tour_slug"],
        asker=row["asker"],
        room=pick(as_json(row["room_texts"]), locale).get("name", ""),
        note=row["note"],
        state=row["state"],
        host_id=row["host_id"],
        asked_at=as_instant(row["asked_at"]),
    )


async def list_places(listing_id: int, locale: str) -> list[Place]:
    """The rooms of other hosts in a tour's village, and what each house has said."""
    rows = await db.fetch(
        "SELECT r.id, r.texts, l.id AS house_id, o.name AS host, c.state, c.answer FROM listing t"
        " JOIN listing l ON l.village_id = t.village_id AND l.kind = 'homestay' AND l.status = 'published'"
        " AND l.host_id <> t.host_id AND NOT l.pooled"
        " JOIN room_type r ON r.listing_id = l.id AND r.count > 0 JOIN organisation o ON o.id = l.host_id"
        " LEFT JOIN sleep_consent c ON c.listing_id = t.id AND c.room_type_id = r.id"
        " WHERE t.id = $1 ORDER BY l.id, r.position",
        listing_id,
    )
    titles = await _titles({row["house_id"] for row in rows}, locale)
    return [
        Place(
            room_type_id=row["id"],
            room=pick(as_json(row["texts"]), locale).get("name", ""),
            house=titles.get(row["house_id"], ""),
            host=row["host"],
            state=row["state"] or "",
            answer=row["answer"] or "",
        )
        for row in rows
    ]


async def _titles(listing_ids: Iterable[int], locale: str) -> dict[int, str]:
    ids = sorted(listing_ids)
    if not ids:
        return {}
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    found: dict[int, dict[str, str]] = {}
    for row in await db.fetch(
        f"SELECT listing_id, locale, title FROM listing_text WHERE listing_id IN ({places}) AND title <> ''",
        *ids,
    ):
        found.setdefault(row["listing_id"], {})[row["locale"]] = row["title"]
    return {listing_id: pick(titles, locale) for listing_id, titles in found.items()}


async def check(listing_id: int, host_id: int, room_type_ids: Collection[int]) -> None:
    """Raise NoConsent unless each room is the host's own or its house said yes; NotFound for a room that is not."""
    for room_type_id in sorted(room_type_ids):
        row = await db.fetch_one(
            "SELECT l.host_id, c.state FROM room_type r JOIN listing l ON l.id = r.listing_id"
            " LEFT JOIN sleep_consent c ON c.room_type_id = r.id AND c.listing_id = $1 WHERE r.id = $2",
            listing_id,
            room_type_id,
        )
        if row is None:
            raise NotFound(room_type=room_type_id)
        if row["host_id"] != host_id and row["state"] != "yes":
            raise NoConsent


async def agree_at_once(listing_id: int, room_type_ids: Collection[int], now: datetime) -> None:
    """Take over rooms whose houses have agreed already, as an installation that is filled from files does."""
    for room_type_id in sorted(set(room_type_ids)):
        await db.execute(
            "INSERT INTO sleep_consent (listing_id, room_type_id, state, asked_at, answered_at)"
            " SELECT $1, r.id, 'yes', $3, $3 FROM room_type r JOIN listing l ON l.id = r.listing_id"
            " JOIN listing t ON t.id = $1 WHERE r.id = $2 AND l.host_id <> t.host_id ON CONFLICT DO NOTHING",
            listing_id,
            room_type_id,
            now,
        )
