"""Letters to those who wait: prove the address, you are on the list, a place is yours for a day, nothing came free."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from market import clock, db
from market.bookings import access, letters, queries, rows, waiting, words
from market.bookings.letters import Fact, Letter
from market.bookings.states import State
from market.bookings.waiting import Entry, EntryState
from market.errors import NotFound
from market.i18n import formats
from market.notifications import service as notifications
from market.notifications.wording import mail_from_template
from market.outbox.registry import Payload
from market.outbox.tools import Tools
from market.settings import Settings
from market.values.text import Text, lazy
from market.web import urls
from market.web.signing import sign, unsign

PURPOSE: Final = "waiting"
_TEMPLATE: Final = "bookings/mail"
_LINK_EVERY_SECONDS: Final = 600
_TRUE_IN: Final = {
    "confirm": frozenset({EntryState.UNCONFIRMED}),
    "joined": frozenset({EntryState.WAITING}),
    "offered": frozenset({EntryState.OFFERED}),
    "ended": frozenset({EntryState.ENDED}),
}


def link(entry: Entry, config: Settings, locale: str) -> str:
    """The address of somebody's own place on a list; good until the date."""
    token = sign(entry.reference, PURPOSE, config.secrets, entry.starts_at)
    return config.base_url + urls.path("bookings:waiting_entry", locale=locale, token=token)


def linked(token: str, config: Settings) -> str | None:
    """The entry a link is for; None when it is forged or too old."""
    value = unsign(token, PURPOSE, config.secrets)
    return value if value is not None and value.isascii() and len(value) <= 16 else None


async def tell(payload: Payload, tools: Tools) -> None:
    """Write one letter, if it is still true. Safe to repeat."""
    config, what = tools.of(Settings), payload["what"]
    try:
        entry = await waiting.get(payload["entry"])
    except NotFound:
        return
    if not entry.email or entry.state not in _TRUE_IN[what]:
        return
    about = await queries.get_listing_words(entry.listing_id, entry.locale)
    now = clock.now()
    href = link(entry, config, entry.locale)
    until: datetime | None = None
    if what == "offered":
        booking = await rows.get(payload["booking"])
        if booking.state is not State.HELD or booking.expires_at is None or booking.expires_at <= now:
            return
        href, until = access.trip_link(booking, entry.locale, config, now), booking.expires_at
    letter = _letter(what, entry, about.title, until)
    page = letters.written(letter, entry.name, href, entry.locale)
    wording = mail_from_template(_TEMPLATE, page, entry.locale, config)
    # The link may be asked for again, at most every ten minutes; the news are told once.
    once = f":{int(now.timestamp()) // _LINK_EVERY_SECONDS}" if what in {"confirm", "joined"} else ""
    async with db.transaction():
        await notifications.send_wording(
            wording,
            to=entry.email,
            locale=entry.locale,
            dedupe_key=f"waiting:{entry.reference}:{what}{once}",
        )


def _letter(what: str, entry: Entry, title: str, until: datetime | None) -> Letter:
    write = {"confirm": _confirm, "joined": _joined, "ended": _ended}.get(what)
    facts = _facts(entry, title)
    if write is not None:
        subject, paragraphs, button = write(title)
        return Letter(subject, paragraphs, button, facts)
    moment = formats.instant(until, entry.locale) if until else ""
    return Letter(
        lazy("A place for you until %(until)s: %(title)s", until=moment, title=title),
        [
            lazy("Good news: what you were waiting for came free, and it is held for you."),
            lazy(
                "It is yours until %(until)s. Open the booking and pay; after that it goes to the next on the list.",
                until=moment,
            ),
        ],
        lazy("Take the place"),
        facts,
    )


def _facts(entry: Entry, title: str) -> list[Fact]:
    kind = "homestay" if entry.slot_id is None else "tour"
    when = words.when(kind, entry.starts_on, entry.ends_on, entry.starts_at, entry.locale)
    return [
        (lazy("What"), title),
        (lazy("When"), when),
        (lazy("Party"), words.party(entry.party, entry.locale)),
    ]


def _confirm(title: str) -> tuple[Text, list[Text], Text]:
    return (
        lazy("Confirm your place on the waiting list: %(title)s", title=title),
        [
            lazy("Please confirm that this address is yours. Only then can we offer you a place."),
            lazy("If you did not ask for it, you need not do anything: we forget you in two days."),
        ],
        lazy("Confirm my place"),
    )


def _joined(title: str) -> tuple[Text, list[Text], Text]:
    return (
        lazy("You are on the waiting list: %(title)s", title=title),
        [
            lazy("When a place comes free, it goes to the first on the list whose party fits."),
            lazy(
                "You then get an email, and the place is held for you for 24 hours. Nothing is charged before that."
            ),
        ],
        lazy("See or leave my place"),
    )


def _ended(title: str) -> tuple[Text, list[Text], Text]:
    return (
        lazy("No place came free: %(title)s", title=title),
        [lazy("We are sorry: nothing came free in time. Perhaps another date or host fits you as well.")],
        lazy("See my place"),
    )
