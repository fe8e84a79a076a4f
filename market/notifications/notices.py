"""What a person sees about being told: their notices, their choices, and what was sent to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from market import db
from market.db.sql import Row, as_instant, as_instant_or_none, as_json
from market.i18n.locales import pick
from market.notifications.topics import Channel, Choices, Topic, is_fixed, is_wanted

_KNOWN = {topic.value for topic in Topic}


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice in a reader's language; `href` is a whole path, "" when it leads nowhere."""

    id: int
    topic: Topic
    words: str
    href: str
    created_at: datetime
    unread: bool


async def list_notices(person_id: int, locale: str, *, before: int | None, limit: int) -> list[NoticeRow]:
    """A page of somebody's notices, newest first; give the last one's id to go on."""
    rows = await db.fetch(
        "SELECT id, topic, words, href, created_at, read_at FROM notice WHERE person_id = $1 AND id < $2"
        " ORDER BY id DESC LIMIT $3",
        person_id,
        before or 2**62,
        limit,
    )
    return [_notice(row, locale) for row in rows if row["topic"] in _KNOWN]


def _notice(row: Row, locale: str) -> NoticeRow:
    return NoticeRow(
        id=row["id"],
        topic=Topic(row["topic"]),
        words=pick(as_json(row["words"]), locale),
        href=f"/{locale}{row['href']}" if row["href"] else "",
        created_at=as_instant(row["created_at"]),
        unread=row["read_at"] is None,
    )


async def count_unread(person_id: int) -> int:
    """How many notices somebody has not read."""
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM notice WHERE person_id = $1 AND read_at IS NULL", person_id
    )
    return int(row["n"]) if row else 0


async def mark_read(person_id: int, notice_id: int | None, now: datetime) -> int:
    """One of somebody's notices is read, or all of them; how many that changed."""
    one = " AND id = $3" if notice_id is not None else ""
    ids = [notice_id] if notice_id is not None else []
    return await db.execute(
        f"UPDATE notice SET read_at = $2 WHERE person_id = $1 AND read_at IS NULL{one}", person_id, now, *ids
    )


async def find_notice(person_id: int, notice_id: int, locale: str) -> NoticeRow | None:
    """One of somebody's own notices, or None."""
    row = await db.fetch_one(
        "SELECT id, topic, words, href, created_at, read_at FROM notice WHERE person_id = $1 AND id = $2",
        person_id,
        notice_id,
    )
    return _notice(row, locale) if row and row["topic"] in _KNOWN else None


# Choices -------------------------------------------------------------------------------------------------
async def choices_of(person_id: int) -> Choices:
    """What somebody chose otherwise than the default."""
    rows = await db.fetch("SELECT topic, channel, wanted FROM notice_choice WHERE person_id = $1", person_id)
    return {
        (Topic(row["topic"]), Channel(row["channel"])): bool(row["wanted"])
        for row in rows
        if row["topic"] in _KNOWN
    }


async def choose(
    person_id: int, topics: Iterable[Topic], wanted: frozenset[tuple[Topic, Channel]], now: datetime
) -> None:
    """Keep somebody's choices for these topics; what cannot be switched off stays on."""
    async with db.transaction():
        before = await choices_of(person_id)
        for topic in topics:
            for channel in Channel:
                yes = (topic, channel) in wanted
                if is_fixed(topic, channel) or is_wanted(topic, channel, before) == yes:
                    continue
                await db.execute(
                    "INSERT INTO notice_choice (person_id, topic, channel, wanted, changed_at)"
                    " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (person_id, topic, channel)"
                    " DO UPDATE SET wanted = excluded.wanted, changed_at = excluded.changed_at",
                    person_id,
                    topic.value,
                    channel.value,
                    yes,
                    now,
                )


# What was sent ---------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Sent:
    """One delivery in a log: where to, about what, and its fate."""

    id: int
    channel: str
    recipient: str
    subject: str
    topic: str
    state: str
    parked: bool
    attempts: int
    error: str
    created_at: datetime
    sent_at: datetime | None
    next_at: datetime | None

    @property
    def is_stuck(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.state != "sent" and (self.parked or self.state == "failed")


_SENT = (
    "SELECT d.id, d.channel, d.recipient, d.subject, d.topic, d.state, d.attempts, d.last_error, d.created_at,"
    " d.sent_at, j.state AS job, j.due_at FROM delivery d"
    " LEFT JOIN job j ON j.dedupe_key = 'notifications.send:' || d.id"
)


async def list_sent(
    *,
    person_id: int | None = None,
    recipient: str = "",
    stuck_only: bool = False,
    before: int | None = None,
    limit: int,
) -> list[Sent]:
    """Deliveries, newest first: of one person, to one address or number, or those that need somebody."""
    conditions, values = ["d.id < $1"], list[object]([before or 2**62])
    if person_id is not None:
        values.append(person_id)
        conditions.append(f"d.person_id = ${len(values)}")
    if recipient:
        values.append(recipient)
        conditions.append(f"d.recipient = ${len(values)}")
    if stuck_only:
        conditions.append("d.state <> 'sent' AND (d.state = 'failed' OR j.state = 'parked')")
    rows = await db.fetch(
        f"{_SENT} WHERE {' AND '.join(conditions)} ORDER BY d.id DESC LIMIT {limit:d}", *values
    )
    return [_sent(row) for row in rows]


def _sent(row: Row) -> Sent:
    waiting = row["state"] == "queued" and row["job"] == "ready" and row["attempts"]
    return Sent(
        id=row["id"],
        channel=row["channel"],
        recipient=row["recipient"],
        subject=row["subject"],
        topic=row["topic"],
        state=row["state"],
        parked=row["job"] == "parked",
        attempts=row["attempts"],
        error=row["last_error"],
        created_at=as_instant(row["created_at"]),
        sent_at=as_instant_or_none(row["sent_at"]),
        next_at=as_instant_or_none(row["due_at"]) if waiting else None,
    )


async def count_stuck() -> int:
    """How many deliveries wait for a person."""
    row = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM delivery d LEFT JOIN job j ON j.dedupe_key = 'notifications.send:' || d.id"
        " WHERE d.state <> 'sent' AND (d.state = 'failed' OR j.state = 'parked')"
    )
    return int(row["n"]) if row else 0
