"""Commands: put a mail or an SMS on its way, in the transaction of the fact it tells about.

The row in `delivery` is the message; a job hands it over. What it says is made by `wording`. Features that write to
people with accounts call `telling.tell`, which asks for their choices; this is the floor below it, for guests without
an account and for one-time links.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from market import clock, db
from market.db.sql import to_json
from market.notifications.addresses import mail_address, phone_number
from market.notifications.mailer import Attachment
from market.notifications.sms_text import one_part
from market.notifications.topics import Topic
from market.notifications.wording import Wording
from market.outbox import queue

MAIL, SMS = "mail", "sms"


@dataclass(frozen=True, slots=True)
class About:
    """Whose message this is, and what it is about, for that person's own list of what was sent."""

    person_id: int
    topic: Topic


async def send_mail(
    *,
    to: str,
    locale: str,
    subject: str,
    body_text: str,
    html: str = "",
    attachments: Sequence[Attachment] = (),
    dedupe_key: str,
    confidential: bool = False,
    about: About | None = None,
) -> bool:
    """Send a mail once this transaction commits; False (and nothing) when `dedupe_key` was used before.

    The words of a `confidential` mail (a link that signs somebody in) are erased once the mail server has
    them. Raises ValueError for an address that is not exactly one mailbox.
    """
    address = mail_address(to)
    if address is None:
        raise ValueError("a mail goes to exactly one mailbox")
    files = [
        {"name": a.name, "media_type": a.media_type, "content": base64.b64encode(a.content).decode()}
        for a in attachments
    ]
    return await _keep(
        MAIL,
        address,
        locale,
        " ".join(subject.split()),
        body_text,
        html,
        to_json(files),
        dedupe_key,
        confidential,
        about,
    )


async def send_wording(
    wording: Wording,
    *,
    to: str,
    locale: str,
    dedupe_key: str,
    attachments: Sequence[Attachment] = (),
    confidential: bool = False,
    about: About | None = None,
) -> bool:
    """`send_mail` with what `wording.mail_from_template` made."""
    return await send_mail(
        to=to,
        locale=locale,
        subject=wording.subject,
        body_text=wording.text,
        html=wording.html,
        attachments=attachments,
        dedupe_key=dedupe_key,
        confidential=confidential,
        about=about,
    )


async def send_sms(*, to: str, locale: str, text: str, dedupe_key: str, about: About | None = None) -> bool:
    """Send one SMS once this transaction commits, its text fitted into one part; False when sent before.

    Raises ValueError for something that is not a phone number.
    """
    number = phone_number(to)
    if number is None:
        raise ValueError("an SMS goes to a phone number")
    return await _keep(SMS, number, locale, "", one_part(text), "", "[]", dedupe_key, False, about)


async def _keep(
    channel: str,
    recipient: str,
    locale: str,
    subject: str,
    body: str,
    html: str,
    attachments: str,
    dedupe_key: str,
    confidential: bool,
    about: About | None,
) -> bool:
    if not db.in_transaction():
        raise RuntimeError("a message is sent in the transaction of the fact it tells about")
    rows = await db.fetch(
        "INSERT INTO delivery (channel, recipient, locale, subject, body, html, attachments, dedupe_key,"
        " state, attempts, last_error, created_at, confidential, person_id, topic)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', 0, '', $9, $10, $11, $12)"
        " ON CONFLICT (dedupe_key) DO NOTHING RETURNING id",
        channel,
        recipient,
        locale,
        subject,
        body,
        html,
        attachments,
        dedupe_key,
        clock.now(),
        confidential,
        about.person_id if about else None,
        about.topic.value if about else "",
    )
    if not rows:
        return False
    delivery_id: int = rows[0]["id"]
    await queue.add(
        "notifications.send", {"delivery": delivery_id}, dedupe_key=f"notifications.send:{delivery_id}"
    )
    return True


async def mark_sent(delivery_id: int, *, erase: bool) -> None:
    """The message was handed over; `erase` removes its words."""
    erased = ", body = '', html = '', attachments = '[]'" if erase else ""
    await db.execute(
        f"UPDATE delivery SET state = 'sent', sent_at = $1, attempts = attempts + 1, last_error = ''{erased}"
        " WHERE id = $2 AND state <> 'sent'",
        clock.now(),
        delivery_id,
    )


async def mark_failed(delivery_id: int, error: str, *, for_good: bool) -> None:
    """A try failed; `for_good` when no other try can help."""
    await db.execute(
        "UPDATE delivery SET state = $1, attempts = attempts + 1, last_error = $2"
        " WHERE id = $3 AND state <> 'sent'",
        "failed" if for_good else "queued",
        error[:1000],
        delivery_id,
    )


async def forget(recipient: str) -> None:
    """Erase what was written to one address or number; only that something was sent stays."""
    await _erase("recipient = $1", recipient)


async def forget_about(subject: str) -> None:
    """Erase what was written to anybody about one thing, by the reference that stands in the messages' keys.

    Notices on the site about it go altogether: their sentence may name whoever it is about.
    """
    pattern = f"%:{subject}:%"
    await _erase("dedupe_key LIKE $1", pattern, also=", dedupe_key = 'forgotten:' || id")
    await db.execute("DELETE FROM notice WHERE dedupe_key LIKE $1", pattern)


async def _erase(where: str, *params: object, also: str = "") -> None:
    """Whom the deliveries of a condition went to and what they said; a mail server's complaint names people, too."""
    await db.execute(
        "UPDATE job SET last_error = '' WHERE last_error <> '' AND dedupe_key IN"
        f" (SELECT 'notifications.send:' || id FROM delivery WHERE {where})",
        *params,
    )
    await db.execute(
        "UPDATE delivery SET recipient = '', subject = '', body = '', html = '', attachments = '[]',"
        f" last_error = ''{also} WHERE {where}",
        *params,
    )


async def forget_person(person_id: int) -> None:
    """Somebody's account ends: what they were told inside the site, chose, and proved by SMS goes with it."""
    for table in ("notice", "notice_choice", "sms_consent"):
        await db.execute(f"DELETE FROM {table} WHERE person_id = $1", person_id)
    # A code goes to a number before it is proved to be the person's.
    await _erase("person_id = $1 OR dedupe_key LIKE $2", person_id, f"consent:{person_id}:%")


async def send_again(delivery_id: int) -> bool:
    """Give a delivery that is stuck a fresh set of tries (staff act); False when it is not stuck, or forgotten."""
    async with db.transaction():
        rows = await db.fetch(
            "UPDATE delivery SET state = 'queued', last_error = '' WHERE id = $1 AND state <> 'sent'"
            " AND recipient <> '' AND (state = 'failed' OR EXISTS (SELECT 1 FROM job j"
            " WHERE j.dedupe_key = 'notifications.send:' || delivery.id AND j.state = 'parked')) RETURNING id",
            delivery_id,
        )
        if not rows:
            return False
        revived = await db.execute(
            "UPDATE job SET state = 'ready', attempts = 0, due_at = $1, done_at = NULL, last_error = ''"
            " WHERE dedupe_key = $2",
            clock.now(),
            f"notifications.send:{delivery_id}",
        )
        if not revived:
            await queue.add(
                "notifications.send",
                {"delivery": delivery_id},
                dedupe_key=f"notifications.send:{delivery_id}",
            )
    return True


async def forget_old(older_than: datetime, most: int) -> int:
    """Erase whom old deliveries went to and what they said, and drop old notices; how many deliveries.

    Keys stay, so that nothing is sent a second time; only those that hold an address are replaced.
    """
    await db.execute("DELETE FROM notice WHERE created_at < $1", older_than)
    return await db.execute(
        "UPDATE delivery SET recipient = '', subject = '', body = '', html = '', attachments = '[]', last_error = '',"
        " person_id = NULL, forgotten_at = $2,"
        " dedupe_key = CASE WHEN dedupe_key LIKE '%@%' THEN 'forgotten:' || id ELSE dedupe_key END"
        " WHERE id IN (SELECT id FROM delivery WHERE created_at < $1 AND forgotten_at IS NULL"
        f" ORDER BY id LIMIT {most:d})",
        older_than,
        clock.now(),
    )
