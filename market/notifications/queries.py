"""Reads of what was sent: for handing over, and for the outbox page of demo mode."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime

from market import db
from market.db.sql import Row, as_instant, as_instant_or_none, as_json
from market.notifications.mailer import Attachment


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message with everything it carries."""

    id: int
    channel: str
    recipient: str
    locale: str
    subject: str
    body: str
    html: str
    attachments: tuple[Attachment, ...]
    state: str
    confidential: bool
    message_key: str
    created_at: datetime
    sent_at: datetime | None
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One message in the list."""

    id: int
    channel: str
    recipient: str
    subject: str
    state: str
    created_at: datetime


async def find_delivery(delivery_id: int) -> Delivery | None:
    """One message, or None."""
    row = await db.fetch_one(
        "SELECT id, channel, recipient, locale, subject, body, html, attachments, state, confidential,"
        " dedupe_key, created_at, sent_at, COALESCE((SELECT r.address FROM delivery_reply r"
        " WHERE r.dedupe_key = delivery.dedupe_key), '') AS reply_to FROM delivery WHERE id = $1",
        delivery_id,
    )
    return _delivery(row) if row else None


async def list_deliveries(limit: int, offset: int) -> list[Line]:
    """Newest first. An SMS shows the start of its text where a mail shows its subject."""
    rows = await db.fetch(
        "SELECT id, channel, recipient, subject, substr(body, 1, 80) AS start, state, created_at"
        " FROM delivery ORDER BY id DESC LIMIT $1 OFFSET $2",
        limit,
        offset,
    )
    return [
        Line(
            id=r["id"],
            channel=r["channel"],
            recipient=r["recipient"],
            subject=r["subject"] or r["start"],
            state=r["state"],
            created_at=as_instant(r["created_at"]),
        )
        for r in rows
    ]


async def count_deliveries() -> int:
    row = await db.fetch_one("SELECT COUNT(*) AS n FROM delivery")
    return int(row["n"]) if row else 0


def _delivery(row: Row) -> Delivery:
    files = as_json(row["attachments"])
    return Delivery(
        id=row["id"],
        channel=row["channel"],
        recipient=row["recipient"],
        locale=row["locale"],
        subject=row["subject"],
        body=row["body"],
        html=row["html"],
        attachments=tuple(
            Attachment(f["name"], f["media_type"], base64.b64decode(f["content"])) for f in files
        ),
        state=row["state"],
        confidential=bool(row["confidential"]),
        message_key=hashlib.sha256(row["dedupe_key"].encode()).hexdigest()[:32],
        created_at=as_instant(row["created_at"]),
        sent_at=as_instant_or_none(row["sent_at"]),
        reply_to=row["reply_to"],
    )
