"""Who hears of what happened to a booking: its guest, and everybody who acts for its host.

A set of messages goes out in one transaction, each under its own key, so that a repeated job sends nothing
twice. What the messages say is in `letters_guest` and `letters_host`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Final

from market import clock, db
from market.accounts import queries as accounts
from market.accounts.rights import Right
from market.bookings import access, alternatives, choice, letters, letters_guest, letters_host, queries
from market.bookings.calendar_file import MEDIA_TYPE, calendar_file
from market.bookings.letters import Letter, Told
from market.bookings.queries import BookingView
from market.bookings.states import TAKEN_BACK
from market.bookings.suggestions import suggestion
from market.bookings.voucher import qr_png
from market.errors import NotFound
from market.i18n.locales import pick
from market.listings import queries as listings
from market.notifications import service as notifications
from market.notifications import telling
from market.notifications.mailer import Attachment
from market.notifications.topics import Topic
from market.notifications.wording import mail_from_template
from market.outbox.registry import Payload
from market.outbox.tools import Tools
from market.payments import queries as payments
from market.payments.rules import State as PaymentState
from market.settings import Settings
from market.web import urls

_WITH_CALENDAR: Final = frozenset(
    {"confirmed", "changed", "moved", "cancelled_by_guest", *(state.value for state in TAKEN_BACK)}
)
_AT_THE_DESK: Final = frozenset({"requested", "turn_over"})
_REQUESTS: Final = frozenset({"requested", "expired", "withdrawn"})
_WITH_CODE: Final = frozenset({"confirmed", "changed", "moved"})
_TEMPLATE: Final = "bookings/mail"
_LINK_EVERY_SECONDS: Final = 600


async def tell(payload: Payload, tools: Tools) -> None:
    """Write to the guest and the host about `payload["what"]`. Safe to repeat."""
    config, what = tools.of(Settings), payload["what"]
    try:
        view = await queries.get_view(payload["booking"])
    except NotFound:
        return
    once = next(
        (payload[name] for name in ("amendment", "payment", "until", "once") if payload.get(name)), ""
    )
    key = ":".join(part for part in ("booking", view.row.reference, what, once) if part)
    told = await _told(view, payload, config)
    attachments = await _attachments(view, what, view.row.locale, config)
    silent = what == "payment_due" and await _being_charged(view)
    # Who hosts no longer is told so alone; what counts now is the others' affair.
    hosts = {int(payload["host"])} if what == "turn_over" else view.row.host_ids
    members = [
        person
        for host_id in sorted(hosts)
        for person in await accounts.people_of_organisation(host_id, "host", Right.REQUESTS)
    ]
    async with db.transaction(brief=True):
        if view.row.guest_email and not silent:
            await _mail_guest(letters_guest.guest_letter(what, told), told, key, config, attachments)
        for person in members:
            if person.email:
                await _mail_host(what, told, person.name, person.email, person.locale, key, config)


async def _told(view: BookingView, payload: Payload, config: Settings) -> Told:
    locale, what, now = view.row.locale, payload["what"], clock.now()
    return Told(
        view=view,
        locale=locale,
        brand=config.brand,
        link=access.trip_link(view.row, locale, config, now),
        amount=int(payload.get("refund", 0)),
        reason=str(payload.get("reason", "")),
        was=str(payload.get("was", "")),
        access=pick(view.access, locale) if view.access else "",
        transfer=await payments.find_open_transfer(view.row.reference, config)
        if what == "payment_due"
        else None,
        others=await _others(view, config, now) if what == "too_late" else (),
        until=datetime.fromisoformat(payload["until"]) if payload.get("until") else None,
        guests=int(payload.get("guests", 0)),
        needed=int(payload.get("needed", 0)),
        silent=bool(payload.get("silent")),
        was_days=(date.fromisoformat(payload["was_from"]), date.fromisoformat(payload["was_to"]))
        if payload.get("was_from")
        else None,
    )


async def _being_charged(view: BookingView) -> bool:
    """The card's promise is being kept: a mail that asks for money would be wrong."""
    return any(p.state is PaymentState.AUTHORISED for p in await payments.list_payments(view.row.reference))


async def _others(view: BookingView, config: Settings, now: datetime) -> list[tuple[str, str]]:
    """What comes closest to a choice that is gone, as links."""
    offering = await listings.get_offering(listing_id=view.row.listing_id)
    if offering is None:
        return []
    raw = {name: [value] for name, value in choice.booked(view.row).items()}
    asked = await choice.read(offering, raw, now=now, locale=view.row.locale)
    if asked.choice is None:
        return []
    found = await alternatives.find(offering, asked.choice, now)
    rows = [suggestion(offering, other, view.row.locale) for other in found]
    return [(f"{row.title}, {row.text}", config.base_url + row.href) for row in rows]


async def _attachments(view: BookingView, what: str, locale: str, config: Settings) -> list[Attachment]:
    files: list[Attachment] = []
    if what in _WITH_CALENDAR and view.row.confirmed_at is not None:
        story = await queries.story_of(view.row.id)
        content = calendar_file([(view, story)], locale, config)
        files.append(Attachment(f"{view.row.reference}.ics", MEDIA_TYPE.partition(";")[0], content))
    if what in _WITH_CODE:
        files.append(Attachment(f"{view.row.reference}.png", "image/png", qr_png(view, locale, config)))
    return files


async def _mail_guest(
    letter: Letter | None, told: Told, key: str, config: Settings, attachments: list[Attachment]
) -> None:
    if letter is None:
        return
    page = letters.written(letter, told.row.guest_name, told.link, told.locale)
    wording = mail_from_template(_TEMPLATE, page, told.locale, config)
    await notifications.send_wording(
        wording,
        to=told.row.guest_email,
        locale=told.locale,
        dedupe_key=f"{key}:guest",
        attachments=attachments,
    )


async def _mail_host(
    what: str, told: Told, name: str, email: str, locale: str, key: str, config: Settings
) -> None:
    """To one of the host's people, in their own language, with a link that asks them to sign in."""
    letter = letters_host.host_letter(what, replace(told, locale=locale))
    if letter is None:
        return
    show = urls.path("bookings:show", locale=locale, reference=told.row.reference)
    desk = urls.path("console:host", locale=locale) if what in _AT_THE_DESK else show
    page = letters.written(letter, name, config.base_url + desk, locale)
    wording = mail_from_template(_TEMPLATE, page, locale, config)
    await telling.tell(
        wording,
        topic=Topic.REQUESTS if what in _REQUESTS else Topic.BOOKINGS,
        to=email,
        locale=locale,
        dedupe_key=f"{key}:host:{email}",
    )


async def refunded(reference: str, amount: int, key: str, tools: Tools) -> None:
    """Tell the guest that money is on its way back; once per refund."""
    config = tools.of(Settings)
    view = await queries.get_view(reference)
    if not view.row.guest_email:
        return
    told = await _told(view, {"what": "refunded", "refund": amount}, config)
    letter = letters_guest.guest_letter("refunded", told)
    async with db.transaction():
        await _mail_guest(letter, told, f"booking:{reference}:refunded:{key}", config, [])


async def send_link(reference: str, email: str, tools: Tools, locale: str) -> None:
    """Mail a fresh link to a booking if this is its guest's address; at most one in ten minutes. Else nothing."""
    config, now = tools.of(Settings), clock.now()
    view = await queries.get_view(reference)
    if not view.row.guest_email or view.row.guest_email != email:
        return
    told = await _told(replace(view, row=replace(view.row, locale=locale)), {"what": "link"}, config)
    page = letters.written(letters_guest.link_letter(told), view.row.guest_name, told.link, locale)
    wording = mail_from_template(_TEMPLATE, page, locale, config)
    slot = int(now.timestamp()) // _LINK_EVERY_SECONDS
    async with db.transaction():
        await notifications.send_wording(
            wording, to=email, locale=locale, dedupe_key=f"booking:{reference}:link:{slot}", confidential=True
        )
