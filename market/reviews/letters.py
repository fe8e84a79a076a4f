"""Mails about reviews: the invitation, the one reminder, that both are shown, and what operators decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from market import db
from market.accounts import queries as accounts
from market.bookings import access, letters, words
from market.bookings import queries as bookings
from market.bookings.letters import Letter
from market.bookings.queries import BookingView
from market.errors import NotFound
from market.i18n import formats
from market.notifications import telling
from market.notifications.topics import Topic
from market.notifications.wording import mail_from_template
from market.reviews import queries
from market.reviews.queries import Written
from market.reviews.rules import Side
from market.settings import Settings
from market.values.text import Text, lazy
from market.web import urls
from market.web.signing import sign

_TEMPLATE: Final = "bookings/mail"


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody to write to, and the address that opens their review page."""

    side: Side
    name: str
    email: str
    locale: str
    href: str


Writer = Callable[[Reader], Letter]


async def invite(reference: str, config: Settings, now: datetime) -> None:
    """Ask both sides for a review."""
    await _ask(reference, config, now, "invite", set())


async def remind(reference: str, config: Settings, now: datetime) -> None:
    """Ask those once more who have not written."""
    try:
        view = await bookings.get_view(reference)
    except NotFound:
        return
    wrote = {Side(one.side) for one in await queries.written_about(view.row.id)}
    await _ask(reference, config, now, "remind", wrote)


async def _ask(reference: str, config: Settings, now: datetime, what: str, wrote: set[Side]) -> None:
    try:
        view = await bookings.get_view(reference)
    except NotFound:
        return
    window = await queries.find_window(view.row.id)
    if window is None or window.closed_at is not None or now >= window.closes_at:
        return
    closes = window.closes_at

    def letter(reader: Reader) -> Letter:
        return _asking(view, reader, closes, again=what == "remind")

    readers = [reader for reader in await _readers(view, config, now) if reader.side not in wrote]
    await _send(readers, letter, f"review:{reference}:{what}", config)


async def _readers(view: BookingView, config: Settings, now: datetime) -> list[Reader]:
    row, found = view.row, list[Reader]()
    if row.guest_email:
        found.append(
            Reader(Side.GUEST, row.guest_name, row.guest_email, row.locale, _guest_link(view, config, now))
        )
    for person in await accounts.people_of_organisation(row.paid_host_id, "host"):
        if person.email:
            path = urls.path("reviews:write", locale=person.locale, reference=row.reference)
            found.append(Reader(Side.HOST, person.name, person.email, person.locale, config.base_url + path))
    return found


def _guest_link(view: BookingView, config: Settings, now: datetime) -> str:
    """Opens the review in any browser: the trip's signed link, made for its review page."""
    row = view.row
    token = sign(
        row.reference, access.LINK_PURPOSE, config.secrets, max(row.ends_at, now) + access.LINK_AFTER_END
    )
    return config.base_url + urls.path("reviews:link", locale=row.locale, token=token)


def _asking(view: BookingView, reader: Reader, closes: datetime, *, again: bool) -> Letter:
    title = words.title(view.row, reader.locale)
    until = formats.instant(closes, reader.locale)
    if reader.side is Side.GUEST:
        subject = lazy("How was it? %(title)s", title=title)
        first = lazy("Tell %(host)s and future guests how it was, in a few sentences.", host=view.host_name)
    else:
        subject = lazy("How was your guest %(guest)s?", guest=view.row.guest_name)
        first = lazy("Tell other hosts how it was with %(guest)s.", guest=view.row.guest_name)
    if again:
        subject = lazy("A last reminder: %(subject)s", subject=subject)
    return Letter(
        subject,
        [
            first,
            lazy(
                "Neither side sees what the other wrote before both have written, or until %(until)s. Then both"
                " are shown.",
                until=until,
            ),
        ],
        lazy("Write a review"),
        [(lazy("What"), title), (lazy("When"), words.booking_when(view.row, reader.locale))],
    )


async def published(booking_id: int, config: Settings, now: datetime) -> None:
    """Both reviews are shown: each side may read the other's."""
    row = await db.fetch_one("SELECT reference FROM booking WHERE id = $1", booking_id)
    if row is None:
        return
    view = await bookings.get_view(row["reference"])
    said = {Side(one.side) for one in await queries.written_about(booking_id)}

    def letter(reader: Reader) -> Letter:
        return Letter(
            lazy("Your reviews are shown: %(title)s", title=words.title(view.row, reader.locale)),
            [lazy("What was written about this visit can now be read.")],
            lazy("Read it"),
        )

    readers = [reader for reader in await _readers(view, config, now) if reader.side.other in said]
    await _send(readers, letter, f"review:{row['reference']}:published", config)


_JUDGED: Final[dict[str, tuple[Text, Text]]] = {
    "hidden": (
        lazy("Your review was taken down"),
        lazy("Somebody reported your review, and we have taken it down."),
    ),
    "restored": (lazy("Your review is back"), lazy("We have looked again, and your review is shown again.")),
}


async def judged(review_id: int, act: str, reason: str, config: Settings, now: datetime) -> None:
    """Tell the author what was decided, and why."""
    review = await queries.get_review(review_id)
    subject, first = _JUDGED[act]

    def letter(reader: Reader) -> Letter:
        return Letter(
            subject,
            [
                first,
                lazy("Our reason: %(reason)s", reason=letters.one_line(reason)),
                lazy("If you think that this is wrong, answer this mail."),
            ],
            lazy("See the review"),
        )

    readers = await _authors(review, config, now)
    stamp = int(now.timestamp())
    await _send(readers, letter, f"review:{review_id}:{act}:{stamp}", config)


async def _authors(review: Written, config: Settings, now: datetime) -> list[Reader]:
    if review.booking_id is None:
        return []
    row = await db.fetch_one("SELECT reference FROM booking WHERE id = $1", review.booking_id)
    if row is None:
        return []
    view = await bookings.get_view(row["reference"])
    return [reader for reader in await _readers(view, config, now) if reader.side == review.side]


async def _send(readers: list[Reader], write: Writer, key: str, config: Settings) -> None:
    async with db.transaction():
        for reader in readers:
            page = letters.written(write(reader), reader.name, reader.href, reader.locale)
            wording = mail_from_template(_TEMPLATE, page, reader.locale, config)
            await telling.tell(
                wording,
                topic=Topic.REVIEWS,
                to=reader.email,
                locale=reader.locale,
                dedupe_key=f"{key}:{reader.email}",
            )
