"""The one function with which features tell people with accounts: by mail, SMS and on the site, as each chose.

`tell` runs in the transaction of the fact it tells about. A mailbox without an account (a guest who booked without
one) simply gets the mail. To tell an organisation, call it for each of `accounts.queries.people_of_organisation`,
which knows who holds which right, with the words in that person's language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from market import clock, db
from market.db.sql import to_json
from market.i18n.locales import LOCALES
from market.notifications import service
from market.notifications.mailer import Attachment
from market.notifications.service import About
from market.notifications.topics import CONVERSED, Channel, Choices, Topic, is_wanted
from market.notifications.wording import Wording

MOST_SMS: Final = 10
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody with an account: their choices about one topic, and the number that takes SMS ("" for none)."""

    person_id: int
    choices: Choices
    sms_number: str
    conversed: bool


async def tell(
    wording: Wording,
    *,
    topic: Topic,
    to: str,
    locale: str,
    dedupe_key: str,
    href: str | None = None,
    attachments: Sequence[Attachment] = (),
    confidential: bool = False,
) -> bool:
    """Tell the owner of a mailbox once, by the ways they chose; False when this was told before.

    `href` is where the notice on the site leads: by default where the mail's button does, and nowhere for a
    confidential mail, whose button holds a secret.
    """
    reader = await _reader(to, topic)
    if reader is None:
        return await service.send_wording(
            wording,
            to=to,
            locale=locale,
            dedupe_key=dedupe_key,
            attachments=attachments,
            confidential=confidential,
        )
    about, told = About(reader.person_id, topic), False
    if is_wanted(topic, Channel.MAIL, reader.choices):
        told = await service.send_wording(
            wording,
            to=to,
            locale=locale,
            dedupe_key=dedupe_key,
            attachments=attachments,
            confidential=confidential,
            about=about,
        )
    if is_wanted(topic, Channel.APP, reader.choices):
        target = href if href is not None else "" if confidential else wording.href
        told = await _notice(about, wording.subject, locale, target, dedupe_key) or told
    if is_wanted(topic, Channel.SMS, reader.choices):
        told = await _sms(reader, about, wording, locale, dedupe_key) or told
    return told


async def _reader(mailbox: str, topic: Topic) -> Reader | None:
    """The account of a proved mailbox with what it chose about a topic, in one query."""
    rows = await db.fetch(
        "SELECT p.id, c.channel, c.wanted, s.number, EXISTS (SELECT 1 FROM sms_number n WHERE n.number = s.number"
        " AND n.state = 'active') AS conversed FROM person p"
        " LEFT JOIN notice_choice c ON c.person_id = p.id AND c.topic = $2"
        " LEFT JOIN sms_consent s ON s.person_id = p.id AND s.consented_at IS NOT NULL AND s.stopped_at IS NULL"
        " WHERE p.email = $1 AND p.verified_at IS NOT NULL AND p.deleted_at IS NULL",
        mailbox,
        topic.value,
    )
    if not rows:
        return None
    first = rows[0]
    chosen = {(topic, Channel(r["channel"])): bool(r["wanted"]) for r in rows if r["channel"]}
    return Reader(first["id"], chosen, first["number"] or "", bool(first["conversed"]))


async def _notice(about: About, sentence: str, locale: str, href: str, key: str) -> bool:
    rows = await db.fetch(
        "INSERT INTO notice (person_id, topic, words, href, dedupe_key, created_at) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (dedupe_key) DO NOTHING RETURNING id",
        about.person_id,
        about.topic.value,
        to_json({locale: sentence}),
        without_language(href),
        f"{key}:{about.person_id}",
        clock.now(),
    )
    return bool(rows)


def without_language(href: str) -> str:
    """`/id/trips` as `/trips`: the reader may look at it in another language. Only paths of our own are kept."""
    if not href.startswith("/") or href.startswith("//"):
        return ""
    first, slash, rest = href[1:].partition("/")
    return f"/{rest}" if slash and first in LOCALES else href


async def _sms(reader: Reader, about: About, wording: Wording, locale: str, key: str) -> bool:
    """To a consented number, within the day's limit; a conversation by SMS that says the same needs no second one."""
    if not reader.sms_number or (reader.conversed and about.topic in CONVERSED):
        return False
    today = await db.fetch_one(
        "SELECT COUNT(*) AS n FROM delivery WHERE person_id = $1 AND channel = 'sms' AND created_at > $2",
        reader.person_id,
        clock.now() - _DAY,
    )
    if today is None or today["n"] >= MOST_SMS:
        return False
    text = f"{wording.brand}: {wording.subject}" if wording.brand else wording.subject
    return await service.send_sms(
        to=reader.sms_number, locale=locale, text=text, dedupe_key=f"{key}:sms", about=about
    )
