"""The notice that somebody wrote: at most one in ten minutes for each side of a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from market import clock, db
from market.accounts import queries as accounts
from market.accounts.rights import Right
from market.bookings import access, words
from market.bookings import queries as bookings
from market.bookings.access import Role
from market.bookings.queries import BookingView
from market.errors import NotFound
from market.i18n.messages import translate
from market.messaging import mail_replies, pictures, queries, reports, rules
from market.messaging.queries import MessageRow
from market.notifications import answers, telling
from market.notifications.topics import Topic
from market.notifications.wording import mail_from_template
from market.outbox.registry import Payload, handles
from market.outbox.tools import Tools
from market.settings import Settings
from market.values.text import lazy
from market.web import urls

_TEMPLATE: Final = "messaging/mail_notice"
_EXCERPT: Final = 400


@dataclass(frozen=True, slots=True)
class NoticeMail:
    """Context of messaging/mail_notice.txt."""

    name: str
    writer: str
    title: str
    reference: str
    excerpt: str
    count: int
    href: str
    by_mail: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody to tell: their name, address, language and way in."""

    name: str
    email: str
    locale: str
    href: str


@handles("messaging.notice")
async def notice(payload: Payload, tools: Tools) -> None:
    """Mail the other side what is still unread. What has been read meanwhile needs no mail."""
    config, author = tools.of(Settings), Role(payload["author"])
    try:
        view = await bookings.get_view(payload["booking"])
    except NotFound:
        return
    unread = [
        message
        for message in await queries.list_messages(view.row.id)
        if message.author == author.value and message.read_at is None
    ]
    if not unread:
        return
    readers = await _readers(view, author, config)
    async with db.transaction():
        for reader in readers:
            wording = mail_from_template(
                _TEMPLATE,
                _mail(view, author, unread, reader, by_mail=bool(config.mail_inbound)),
                reader.locale,
                config,
            )
            key = f"message:{view.row.reference}:{payload['due']}:{reader.email}"
            back = mail_replies.address(view.row.reference, _other(author), reader.email, config)
            if back:
                await answers.expect(key, back)
            await telling.tell(
                wording,
                topic=Topic.MESSAGES,
                to=reader.email,
                locale=reader.locale,
                dedupe_key=key,
                href=urls.path("messaging:thread", locale=reader.locale, reference=view.row.reference),
            )


def _other(author: Role) -> Role:
    return Role.HOST if author is Role.GUEST else Role.GUEST


@handles("booking.guest_forgotten")
async def guest_forgotten(payload: Payload, tools: Tools) -> None:
    """What the guest of a booking wrote goes with the guest; the host's own words stay."""
    async with db.transaction():
        await pictures.forget_of_guest(payload["booking"])
        await _forget(payload["booking"])


@handles("messaging.person_deleted")
async def person_deleted(payload: Payload, tools: Tools) -> None:
    """Somebody deleted their account: what they said against messages goes too."""
    await reports.forget_reporter(payload["person"])


async def _forget(reference: str) -> None:
    await db.execute(
        "DELETE FROM message WHERE author = 'guest'"
        " AND booking_id = (SELECT id FROM booking WHERE reference = $1)",
        reference,
    )


async def _readers(view: BookingView, author: Role, config: Settings) -> list[Reader]:
    booking = view.row
    if author is Role.HOST:
        link = access.trip_link(booking, booking.locale, config, clock.now())
        return (
            [Reader(booking.guest_name, booking.guest_email, booking.locale, link)]
            if booking.guest_email
            else []
        )
    people = await accounts.people_of_organisation(booking.host_id, "host", Right.REQUESTS)
    return [
        Reader(
            person.name,
            person.email,
            person.locale,
            config.base_url
            + urls.path("messaging:thread", locale=person.locale, reference=booking.reference),
        )
        for person in people
        if person.email
    ]


def _mail(
    view: BookingView, author: Role, unread: list[MessageRow], reader: Reader, *, by_mail: bool
) -> NoticeMail:
    instead = translate(lazy("[hidden until confirmed]"), reader.locale)
    text, _ = rules.masked(unread[-1].body, view.row.state, instead)
    excerpt = " ".join(text.split())
    return NoticeMail(
        name=" ".join(reader.name.split()),
        writer=" ".join((view.host_name if author is Role.HOST else view.row.guest_name).split()),
        title=words.title(view.row, reader.locale),
        reference=view.row.reference,
        excerpt=excerpt if len(excerpt) <= _EXCERPT else f"{excerpt[:_EXCERPT].rstrip()} …",
        count=len(unread),
        href=reader.href,
        by_mail=by_mail,
    )
