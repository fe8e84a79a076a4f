"""Mails about linked calendars: a night sold twice, to those who can settle it and in the end to the guest; a calendar
that stays silent. Who hears when is `collisions`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from market import clock, db
from market.accounts import queries as accounts
from market.accounts.rights import Right
from market.bookings import access, rows
from market.calendars import collisions, problems, telling
from market.calendars.collisions import Conflict
from market.db.sql import Row, as_instant_or_none, as_json
from market.i18n import formats
from market.i18n.locales import pick
from market.i18n.messages import translate
from market.notifications import telling as notices
from market.notifications.topics import Topic
from market.notifications.wording import mail_from_template
from market.outbox import queue
from market.settings import Settings
from market.values.dates import DateRange, local_day
from market.villages import queries as villages
from market.web import urls

# What hosts' phones hear too; the words are those of `sms`.
TELL_PHONES: Final = "sms.sold_twice"
_CONFLICT: Final = "calendars/mail_conflict"
_GUEST: Final = "calendars/mail_conflict_guest"
_SILENT: Final = "calendars/mail_silent"


@dataclass(frozen=True, slots=True)
class ConflictMail:
    """Context of calendars/mail_conflict.txt."""

    name: str
    calendar: str
    room: str
    listing: str
    nights: str
    reference: str
    guest: str
    guest_hears: str
    is_host: bool
    href: str


@dataclass(frozen=True, slots=True)
class GuestMail:
    """Context of calendars/mail_conflict_guest.txt."""

    name: str
    host: str
    listing: str
    room: str
    nights: str
    reference: str
    since: str
    href: str


@dataclass(frozen=True, slots=True)
class SilentMail:
    """Context of calendars/mail_silent.txt."""

    name: str
    calendar: str
    room: str
    problem: str
    since: str
    href: str


@dataclass(frozen=True, slots=True)
class _Reader:
    name: str
    email: str
    locale: str
    is_host: bool


async def tell_conflict(link_id: int, reference: str, days: Sequence[date], config: Settings) -> None:
    """Inside the transaction that found it: everybody who can settle it hears once that nights of a booking are sold
    elsewhere too. The host's people with the calendar, whoever acts for the family, their phones, and operators.
    """
    about = await _about(link_id)
    booking = await db.fetch_one("SELECT guest_name FROM booking WHERE reference = $1", reference)
    if about is None or booking is None:
        return
    hears_at = await _guest_hears_at(link_id, reference, about["host_id"], days[0])
    key = f"calendar:{reference}:conflict:{link_id}:{days[0]}"
    for reader in [*await _keepers(about["host_id"]), *await _operators()]:
        route = "console:host_calendar_links" if reader.is_host else "console:operator_booking"
        more = {} if reader.is_host else {"reference": reference}
        mail = ConflictMail(
            name=_one_line(reader.name),
            calendar=_one_line(about["name"]),
            room=_room(about["texts"], reader.locale),
            listing=await _listing(about["listing_id"], reader.locale),
            nights=_nights(days, reader.locale),
            reference=reference,
            guest=_one_line(booking["guest_name"]) or reference,
            guest_hears=formats.instant(hears_at, reader.locale) if hears_at else "",
            is_host=reader.is_host,
            href=config.base_url + urls.path(route, locale=reader.locale, **more),
        )
        await notices.tell(
            mail_from_template(_CONFLICT, mail, reader.locale, config),
            topic=Topic.CALENDAR,
            to=reader.email,
            locale=reader.locale,
            dedupe_key=f"{key}:{reader.email}",
        )
    news = {"booking": reference, "calendar": about["name"], "days": [day.isoformat() for day in days]}
    await queue.add(TELL_PHONES, news, dedupe_key=f"{TELL_PHONES}:{key}")


async def _guest_hears_at(link_id: int, reference: str, host_id: int, first: date) -> datetime | None:
    """When this guest is told unless it is settled; None for a party that keeps its room in any case."""
    found = await collisions.of_hosts([host_id], first, limit=1_000)
    times = [one.guest_hears_at for one in found if (one.link_id, one.reference) == (link_id, reference)]
    return next((at for at in times if at is not None), None)


async def tell_guests(config: Settings) -> int:
    """Guests whose nights nobody has settled in time hear of it, once a booking; how many were told now."""
    told, now = 0, clock.now()
    for conflict in await collisions.every(local_day(now)):
        if conflict.guest_knows:
            async with db.transaction():
                told += await _tell_guest(conflict, now, config)
    return told


async def _tell_guest(conflict: Conflict, now: datetime, config: Settings) -> bool:
    about, booking = await _about(conflict.link_id), await rows.get(conflict.reference)
    if about is None or not booking.guest_email:
        return False
    locale = booking.locale
    mail = GuestMail(
        name=_one_line(booking.guest_name),
        host=_one_line(about["host"]),
        listing=await _listing(about["listing_id"], locale),
        room=_room(about["texts"], locale),
        nights=_nights(list(DateRange(conflict.start, conflict.end)), locale),
        reference=conflict.reference,
        since=formats.instant(conflict.found_at, locale),
        href=access.trip_link(booking, locale, config, now),
    )
    return await notices.tell(
        mail_from_template(_GUEST, mail, locale, config),
        topic=Topic.BOOKINGS,
        to=booking.guest_email,
        locale=locale,
        dedupe_key=f"calendar:{conflict.reference}:guest",
        confidential=True,
    )


async def tell_silent(link_id: int, config: Settings) -> None:
    """Inside a transaction: the host hears once per silence that a calendar could not be read for a day."""
    about = await _about(link_id)
    if about is None:
        return
    good_at = as_instant_or_none(about["good_at"])
    for reader in await _hosts(about["host_id"]):
        mail = SilentMail(
            name=_one_line(reader.name),
            calendar=_one_line(about["name"]),
            room=_room(about["texts"], reader.locale),
            problem=translate(problems.words_of(about["problem"]), reader.locale),
            since=formats.instant(good_at, reader.locale) if good_at else "",
            href=config.base_url + urls.path("console:host_calendar_links", locale=reader.locale),
        )
        await notices.tell(
            mail_from_template(_SILENT, mail, reader.locale, config),
            topic=Topic.CALENDAR,
            to=reader.email,
            locale=reader.locale,
            dedupe_key=f"calendar:{link_id}:silent:{_stamp(good_at)}:{reader.email}",
        )


def _nights(days: Sequence[date], locale: str) -> str:
    return ", ".join(formats.day_range(start, end, locale) for start, end in telling.runs(days))


def _stamp(at: datetime | None) -> str:
    return at.isoformat() if at else "never"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _room(texts: Any, locale: str) -> str:
    return _one_line(pick(as_json(texts), locale).get("name", ""))


async def _about(link_id: int) -> Row | None:
    return await db.fetch_one(
        "SELECT l.name, l.problem, l.good_at, r.texts, r.listing_id, x.host_id, o.name AS host FROM calendar_link l"
        " JOIN room_type r ON r.id = l.room_type_id JOIN listing x ON x.id = r.listing_id"
        " JOIN organisation o ON o.id = x.host_id WHERE l.id = $1",
        link_id,
    )


async def _listing(listing_id: int, locale: str) -> str:
    rows = await db.fetch(
        "SELECT locale, title FROM listing_text WHERE listing_id = $1 AND title <> ''", listing_id
    )
    titles = {row["locale"]: row["title"] for row in rows}
    return _one_line(pick(titles, locale)) if titles else ""


async def _hosts(host_id: int) -> list[_Reader]:
    people = await accounts.people_of_organisation(host_id, "host", Right.CALENDAR)
    return [_Reader(each.name, each.email, each.locale, is_host=True) for each in people if each.email]


async def _keepers(host_id: int) -> list[_Reader]:
    """Who keeps a host's calendar: its own people, and the coordinators it agreed to."""
    found = {reader.email: reader for reader in await _hosts(host_id)}
    for village in sorted(await villages.agreed_orgs(host_id)):
        for each in await accounts.people_of_organisation(village, "host", Right.COORDINATE):
            if each.email:
                found.setdefault(each.email, _Reader(each.name, each.email, each.locale, is_host=True))
    return list(found.values())


async def _operators() -> list[_Reader]:
    rows = await db.fetch(
        "SELECT DISTINCT p.id, p.name, p.email, p.locale FROM membership m JOIN person p ON p.id = m.person_id"
        " WHERE m.role = 'operator' AND p.deleted_at IS NULL AND p.email IS NOT NULL ORDER BY p.id"
    )
    return [_Reader(row["name"], row["email"], row["locale"], is_host=False) for row in rows]
