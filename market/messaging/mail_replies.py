"""Answers by mail: the address a notice may be answered to, and what becomes of a mail that comes to it.

The address names the booking, the side and the mailbox it was sent to, and is signed. A mail counts when it comes
from that mailbox; the mail server must have checked that it really does (see the how-to). One mail counts once.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from market import db
from market.accounts import queries as accounts
from market.accounts.rights import Right
from market.bookings import access
from market.bookings import queries as bookings
from market.bookings.access import Role
from market.bookings.queries import BookingView
from market.errors import Invalid, NotFound
from market.media.storage import Storage
from market.messaging import mail_pictures, mail_text, pictures, service
from market.messaging.mail_text import Incoming
from market.notifications import service as notifications
from market.notifications.wording import mail_from_template
from market.settings import Settings
from market.values.text import lazy

TOLERANCE: Final = timedelta(seconds=300)
MOST_BYTES: Final = 25 * 1024 * 1024
_BOUNCE: Final = "messaging/mail_bounce"
_SIDES: Final = {"g": Role.GUEST, "h": Role.HOST}


class Outcome(StrEnum):
    """What became of a mail."""

    STORED = "stored"
    IGNORED = "ignored"
    STRANGER = "stranger"
    EMPTY = "empty"
    CLOSED = "closed"
    TOO_FAST = "too_fast"


class Forged(Invalid):
    """Not handed over by our mail server."""

    code = "forged"
    message = lazy("This mail is not signed by our mail server.")


@dataclass(frozen=True, slots=True)
class BounceMail:
    """Context of messaging/mail_bounce.txt."""

    reason: str
    reference: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What a token means."""

    view: BookingView
    side: Role
    mac: str


# The way in ----------------------------------------------------------------------------------------------
def signature(secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a mail handed over at `timestamp`, in hex."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def check(body: bytes, given: str, timestamp: str, *, secret: str, now: datetime) -> None:
    """Raise Forged unless our mail server handed this over within the last five minutes."""
    if not secret or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise Forged
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        raise Forged
    if not hmac.compare_digest(signature(secret, timestamp, body).encode(), given.encode()):
        raise Forged


# Addresses -----------------------------------------------------------------------------------------------
def _mac(reference: str, letter: str, mailbox: str, key: str) -> str:
    told = f"mail-reply\n{reference}\n{letter}\n{mailbox}".encode()
    return (
        base64.b32encode(hmac.new(key.encode(), told, hashlib.sha256).digest()[:16])
        .decode()
        .rstrip("=")
        .lower()
    )


def address(reference: str, side: Role, mailbox: str, config: Settings) -> str:
    """Where `mailbox` may answer a notice about a booking; "" when mail does not come in."""
    if not config.mail_inbound:
        return ""
    letter = side.value[0]
    token = f"{reference.lower()}.{letter}.{_mac(reference, letter, mailbox, config.secret_key)}"
    return f"reply+{token}@{config.mail_inbound}"


async def _answered(token: str) -> Answered | None:
    reference, letter, mac = [*token.split("."), "", ""][:3]
    if letter not in _SIDES or not access.is_reference(reference.upper()):
        return None
    try:
        view = await bookings.get_view(reference.upper())
    except NotFound:
        return None
    return Answered(view, _SIDES[letter], mac)


async def _people(answered: Answered) -> dict[str, int | None]:
    """The mailboxes of a side, and whose account each is."""
    booking = answered.view.row
    if answered.side is Role.GUEST:
        return {booking.guest_email: booking.person_id} if booking.guest_email else {}
    found: dict[str, int | None] = {}
    for host_id in sorted(booking.host_ids):
        for person in await accounts.people_of_organisation(host_id, "host", Right.REQUESTS):
            if person.email:
                found[person.email] = person.id
    return found


def _is_for(answered: Answered, mailbox: str, config: Settings) -> bool:
    reference, letter = answered.view.row.reference, answered.side.value[0]
    return any(
        hmac.compare_digest(_mac(reference, letter, mailbox, key).encode(), answered.mac.encode())
        for key in config.secrets
    )


# A mail comes in -----------------------------------------------------------------------------------------
async def receive(raw: bytes, *, config: Settings, storage: Storage, now: datetime) -> tuple[Outcome, bool]:
    """Take a mail in; what became of it, and whether it was new. The same mail twice has one effect.

    Its pictures are put away before the message is written; of a mail that is not, nothing stays behind.
    """
    mail = await asyncio.to_thread(mail_text.read, raw, config.mail_inbound)
    mail, keys = await _with_pictures(mail, config, storage)
    outcome, fresh = await _once(mail, keys, config, now)
    if not fresh or outcome is not Outcome.STORED:
        for key in keys:
            await storage.delete(key)
    return outcome, fresh


async def _with_pictures(
    mail: Incoming, config: Settings, storage: Storage
) -> tuple[Incoming, Sequence[str]]:
    """The mail with what was left out written below its words, and where its pictures were put."""
    if not mail.attached or mail.is_automatic:
        return mail, ()
    answered = await _answered(mail.token)
    if (
        answered is None
        or mail.sender not in await _people(answered)
        or not _is_for(answered, mail.sender, config)
    ):
        return mail, ()
    found = await mail_pictures.sort(mail.attached, answered.view.row.state)
    said = found.said(mail.body, answered.view.row.locale)
    return replace(mail, body=said), await pictures.keep(found.files, storage)


async def _once(mail: Incoming, keys: Sequence[str], config: Settings, now: datetime) -> tuple[Outcome, bool]:
    async with db.transaction():
        rows = await db.fetch(
            "INSERT INTO mail_inbound (key, outcome, received_at) VALUES ($1, 'ignored', $2)"
            " ON CONFLICT (key) DO NOTHING RETURNING id",
            mail.key,
            now,
        )
        if not rows:
            return Outcome.IGNORED, False
        outcome, message_id = await _take(mail, keys, config, now)
        await db.execute(
            "UPDATE mail_inbound SET outcome = $2, message_id = $3 WHERE id = $1",
            rows[0]["id"],
            outcome.value,
            message_id,
        )
    return outcome, True


async def _take(
    mail: Incoming, keys: Sequence[str], config: Settings, now: datetime
) -> tuple[Outcome, int | None]:
    answered = await _answered(mail.token) if mail.token and mail.sender and not mail.is_automatic else None
    people = await _people(answered) if answered is not None else {}
    if answered is None or not any(_is_for(answered, mailbox, config) for mailbox in people):
        return Outcome.IGNORED, None  # nothing of ours: an answer would go to whoever was named as the sender
    if mail.sender not in people or not _is_for(answered, mail.sender, config):
        return await _bounce(mail, answered, Outcome.STRANGER, config, now), None
    if not mail.body:
        return await _bounce(mail, answered, Outcome.EMPTY, config, now), None
    try:
        written = await service.write(
            answered.view.row.reference,
            author=answered.side,
            person_id=people[mail.sender],
            body=mail.body,
            now=now,
            picture_keys=keys,
        )
    except (service.Closed, pictures.TooEarly):
        return await _bounce(mail, answered, Outcome.CLOSED, config, now), None
    except service.TooFast:
        return await _bounce(mail, answered, Outcome.TOO_FAST, config, now), None
    return Outcome.STORED, written.id


async def _bounce(
    mail: Incoming, answered: Answered, outcome: Outcome, config: Settings, now: datetime
) -> Outcome:
    """Say politely why a mail was not passed on: once a day to one mailbox about one booking."""
    booking = answered.view.row
    wording = mail_from_template(
        _BOUNCE, BounceMail(outcome.value, booking.reference), booking.locale, config
    )
    await notifications.send_wording(
        wording,
        to=mail.sender,
        locale=booking.locale,
        dedupe_key=f"message:{booking.reference}:bounce:{now:%Y-%m-%d}:{mail.sender}",
    )
    return outcome
