"""Reported messages: one side of a conversation tells staff about a message of the other, and staff decide.

An operator reads the message with what was written around it, lets it be with a reason, or warns its author by mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from market import db
from market.accounts import queries as accounts
from market.accounts.rights import Right
from market.bookings import access
from market.bookings import queries as bookings
from market.bookings.access import Role
from market.bookings.queries import BookingView
from market.db.sql import Row, as_instant
from market.errors import NotFound, Refused
from market.messaging.service import OTHER
from market.notifications import telling
from market.notifications.topics import Topic
from market.notifications.wording import mail_from_template
from market.settings import Settings
from market.values.text import Text, lazy
from market.web import urls


class Reason(StrEnum):
    """Why somebody reports a message."""

    OFFENSIVE = "offensive"
    PRESSURE = "pressure"
    OUTSIDE = "outside"
    PERSONAL = "personal"
    OTHER = "other"


REASONS: Final[dict[Reason, Text]] = {
    Reason.OFFENSIVE: lazy("It insults or threatens"),
    Reason.PRESSURE: lazy("It puts me under pressure"),
    Reason.OUTSIDE: lazy("It asks to pay outside this site"),
    Reason.PERSONAL: lazy("It asks for things that are private"),
    Reason.OTHER: lazy("Something else"),
}
AROUND: Final = 4


class NotOpen(Refused):
    """Somebody else has decided."""

    code = "report_closed"
    message = lazy("This report was decided already.")


@dataclass(frozen=True, slots=True)
class Nearby:
    """A message around the reported one."""

    id: int
    author: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """A report with the message and what stands around it."""

    id: int
    reference: str
    message_id: int
    author: str
    reported_by: str
    reason: Reason
    body: str
    at: datetime
    context: tuple[Nearby, ...]


@dataclass(frozen=True, slots=True)
class WarningLetter:
    """Context of messaging/mail_warning.txt."""

    name: str
    title_reference: str
    excerpt: str
    reason: str


async def find_reportable(booking_id: int, message_id: int, by: Role) -> str:
    """The words of a message of the other side. Raises NotFound for any other message."""
    other = OTHER.get(by)
    row = await db.fetch_one(
        "SELECT body FROM message WHERE id = $1 AND booking_id = $2 AND author = $3",
        message_id,
        booking_id,
        other.value if other else "",
    )
    if row is None:
        raise NotFound
    return row["body"]


async def report(
    booking_id: int,
    message_id: int,
    *,
    by: Role,
    person_id: int | None,
    reason: Reason,
    body: str,
    now: datetime,
) -> bool:
    """Tell staff about a message of the other side; False when this side did before. Raises NotFound."""
    await find_reportable(booking_id, message_id, by)
    rows = await db.fetch(
        "INSERT INTO message_report (message_id, side, person_id, reason, body, at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (message_id, side) DO NOTHING RETURNING id",
        message_id,
        by.value,
        person_id,
        reason.value,
        body,
        now,
    )
    return bool(rows)


async def forget_reporter(person_id: int) -> None:
    """Somebody who reported messages is forgotten: that they were looked at, and what came of it, stays."""
    await db.execute("UPDATE message_report SET body = '', person_id = NULL WHERE person_id = $1", person_id)


async def list_reported(booking_id: int, by: Role) -> frozenset[int]:
    """The messages of a conversation that this side has reported."""
    rows = await db.fetch(
        "SELECT r.message_id FROM message_report r JOIN message m ON m.id = r.message_id"
        " WHERE m.booking_id = $1 AND r.side = $2",
        booking_id,
        by.value,
    )
    return frozenset(row["message_id"] for row in rows)


async def list_open() -> list[Report]:
    """What staff have to decide, longest waiting first, each with the messages around it."""
    rows = await db.fetch(
        "SELECT r.id, r.message_id, r.side, r.reason, r.body, r.at, m.author, m.booking_id, b.reference"
        " FROM message_report r JOIN message m ON m.id = r.message_id JOIN booking b ON b.id = m.booking_id"
        " WHERE r.closed_at IS NULL ORDER BY r.at, r.id LIMIT 50"
    )
    around = await _around({row["booking_id"] for row in rows})
    return [_report(row, around.get(row["booking_id"], [])) for row in rows]


async def _around(booking_ids: set[int]) -> dict[int, list[Nearby]]:
    if not booking_ids:
        return {}
    places = ", ".join(f"${n}" for n in range(1, len(booking_ids) + 1))
    found: dict[int, list[Nearby]] = {}
    for row in await db.fetch(
        f"SELECT id, booking_id, author, body, created_at FROM message WHERE booking_id IN ({places}) ORDER BY id",
        *sorted(booking_ids),
    ):
        found.setdefault(row["booking_id"], []).append(
            Nearby(row["id"], row["author"], row["body"], as_instant(row["created_at"]))
        )
    return found


def _report(row: Row, written: list[Nearby]) -> Report:
    at = next((n for n, each in enumerate(written) if each.id == row["message_id"]), 0)
    return Report(
        id=row["id"],
        reference=row["reference"],
        message_id=row["message_id"],
        author=row["author"],
        reported_by=row["side"],
        reason=Reason(row["reason"]),
        body=row["body"],
        at=as_instant(row["at"]),
        context=tuple(written[max(0, at - AROUND) : at + AROUND + 1]),
    )


async def close(report_id: int, *, warn: bool, note: str, by: int, now: datetime, config: Settings) -> str:
    """Decide a report; `warn` tells the author, with the reason. The booking's reference. Raises NotOpen."""
    async with db.transaction():
        rows = await db.fetch(
            "UPDATE message_report SET outcome = $2, note = $3, closed_by = $4, closed_at = $5"
            " WHERE id = $1 AND closed_at IS NULL RETURNING message_id",
            report_id,
            "warned" if warn else "dismissed",
            note,
            by,
            now,
        )
        if not rows:
            raise NotOpen
        row = await db.fetch_one(
            "SELECT b.reference, m.author, m.person_id, m.body FROM message m JOIN booking b ON b.id = m.booking_id"
            " WHERE m.id = $1",
            rows[0]["message_id"],
        )
        if row is None:
            raise NotFound
        if warn:
            view = await bookings.get_view(row["reference"])
            await _warn(report_id, view, row, note, config, now)
    return row["reference"]


async def _warn(
    report_id: int, view: BookingView, message: Row, reason: str, config: Settings, now: datetime
) -> None:
    for name, email, locale, href in await _authors(view, message, config, now):
        letter = WarningLetter(
            name=" ".join(name.split()),
            title_reference=view.row.reference,
            excerpt=" ".join(message["body"].split())[:300],
            reason=" ".join(reason.split()),
        )
        await telling.tell(
            mail_from_template("messaging/mail_warning", letter, locale, config),
            topic=Topic.SAFETY,
            to=email,
            locale=locale,
            dedupe_key=f"message.warned:{report_id}:{email}",
            href=href,
        )


async def _authors(
    view: BookingView, message: Row, config: Settings, now: datetime
) -> list[tuple[str, str, str, str]]:
    """Who wrote a message: (name, mailbox, language, way in); for a host, the person or all who may answer."""
    booking = view.row
    if message["author"] == Role.GUEST.value:
        if not booking.guest_email:
            return []
        link = access.trip_link(booking, booking.locale, config, now)
        return [(booking.guest_name, booking.guest_email, booking.locale, link)]
    people = await accounts.people_of_organisation(booking.host_id, "host", Right.REQUESTS)
    wrote = [person for person in people if person.id == message["person_id"]] or people
    return [
        (
            person.name,
            person.email,
            person.locale,
            urls.path("messaging:thread", locale=person.locale, reference=booking.reference),
        )
        for person in wrote
        if person.email
    ]
