"""What the guest, the host and operators are told when a host says that nobody came, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from market import db
from market.accounts import queries as accounts
from market.bookings import absences, access, letters, words
from market.bookings import queries as bookings
from market.bookings.absences import NoShowRow
from market.bookings.arrival_rules import Outcome
from market.bookings.letters import Letter
from market.bookings.queries import BookingView
from market.errors import NotFound
from market.i18n import formats
from market.notifications import telling
from market.notifications.topics import Topic
from market.notifications.wording import mail_from_template
from market.settings import Settings
from market.values.text import Text, lazy
from market.web import urls

_TEMPLATE: Final = "bookings/mail"
_FAREWELL: Final = lazy("Warm greetings from East Nusa Tenggara")


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody to tell: name, address, language, and where their button leads."""

    name: str
    email: str
    locale: str
    href: str


Writer = Callable[[Reader], Letter]


async def tell(reference: str, what: str, config: Settings, now: datetime) -> None:
    """Write the letters that follow from one step of a no-show; each once."""
    try:
        view = await bookings.get_view(reference)
    except NotFound:
        return
    found = await absences.find_no_show(reference)
    if found is None:
        return
    guest = _guest(view, config, now)
    hosts = await _hosts(view, config)
    async with db.transaction():
        match what:
            case "no_show":
                await _send(guest, lambda reader: _asked(view, found, reader), what, found, config)
            case "contested":
                await _send(hosts, lambda reader: _contested(view, reader), what, found, config)
                await _send(
                    await _operators(reference, config),
                    lambda reader: _to_decide(view, reader),
                    what,
                    found,
                    config,
                )
            case _:
                await _send(
                    [*guest, *hosts], lambda reader: _decided(view, found, reader), what, found, config
                )


def _guest(view: BookingView, config: Settings, now: datetime) -> list[Reader]:
    row = view.row
    if not row.guest_email:
        return []
    return [
        Reader(row.guest_name, row.guest_email, row.locale, access.trip_link(row, row.locale, config, now))
    ]


async def _hosts(view: BookingView, config: Settings) -> list[Reader]:
    people = await accounts.people_of_organisation(view.row.host_id, "host")
    return [
        Reader(
            person.name,
            person.email,
            person.locale,
            config.base_url + urls.path("bookings:show", locale=person.locale, reference=view.row.reference),
        )
        for person in people
        if person.email
    ]


async def _operators(reference: str, config: Settings) -> list[Reader]:
    rows = await db.fetch(
        "SELECT DISTINCT p.id, p.name, p.email, p.locale FROM membership m JOIN person p ON p.id = m.person_id"
        " WHERE m.role = 'operator' AND p.deleted_at IS NULL AND p.email IS NOT NULL ORDER BY p.id"
    )
    return [
        Reader(
            row["name"],
            row["email"],
            row["locale"],
            config.base_url + urls.path("console:operator_no_shows", locale=row["locale"]),
        )
        for row in rows
    ]


async def _send(
    readers: Sequence[Reader], write: Writer, what: str, found: NoShowRow, config: Settings
) -> None:
    for reader in readers:
        page = letters.written(write(reader), reader.name, reader.href, reader.locale)
        wording = mail_from_template(_TEMPLATE, page, reader.locale, config)
        await telling.tell(
            wording,
            topic=Topic.BOOKINGS,
            to=reader.email,
            locale=reader.locale,
            dedupe_key=f"booking:{found.reference}:{what}:{found.id}:{reader.email}",
        )


def _asked(view: BookingView, found: NoShowRow, reader: Reader) -> Letter:
    """To the guest: the host says nobody came; is that so?"""
    until = formats.instant(found.contest_until, reader.locale)
    title = words.title(view.row, reader.locale)
    return Letter(
        lazy("Did you arrive? %(title)s", title=title),
        [
            lazy("%(host)s told us that nobody came for this booking.", host=view.host_name),
            lazy(
                "If that is right, you need not do anything: after %(until)s the terms of the booking decide about"
                " the money.",
                until=until,
            ),
            lazy("If you were there, tell us until %(until)s. The money waits until then.", until=until),
        ],
        lazy("Answer on the booking page"),
        _facts(view, found, reader),
        farewell=_FAREWELL,
    )


def _facts(view: BookingView, found: NoShowRow, reader: Reader) -> list[tuple[Text | str, str]]:
    refund = formats.money(min(found.refund_minor, view.row.balance), reader.locale)
    return [
        (lazy("What"), words.title(view.row, reader.locale)),
        (lazy("When"), words.booking_when(view.row, reader.locale)),
        (lazy("Host"), view.host_name),
        (lazy("What the terms give back"), refund),
    ]


def _contested(view: BookingView, reader: Reader) -> Letter:
    """To the host: the guest says otherwise."""
    guest = view.row.guest_name
    return Letter(
        lazy("%(guest)s says that they were there", guest=guest),
        [
            lazy("You told us that nobody came, and %(guest)s says otherwise.", guest=guest),
            lazy(
                "Somebody from our team looks into it and may ask you. The money waits until it is decided."
            ),
        ],
        letters.OPEN,
        [(lazy("Booking"), view.row.reference), (lazy("What"), words.title(view.row, reader.locale))],
        farewell=lazy("Thank you for hosting"),
    )


def _to_decide(view: BookingView, reader: Reader) -> Letter:
    """To operators: somebody has to decide."""
    return Letter(
        lazy("A no-show is contested: %(reference)s", reference=view.row.reference),
        [lazy("Please hear both sides and decide. The money of this booking waits.")],
        lazy("Open the list"),
        [(lazy("Booking"), view.row.reference), (lazy("Host"), view.host_name)],
    )


_DECIDED: Final[dict[str, Text]] = {
    Outcome.STANDS: lazy("We found that nobody arrived. The terms of the booking decide about the money."),
    Outcome.ARRIVED: lazy("We found that the guest was there. The booking goes on as checked in."),
    Outcome.HOST_FAILED: lazy(
        "We found that the guest came and was not hosted. The guest gets everything back."
    ),
}


def _decided(view: BookingView, found: NoShowRow, reader: Reader) -> Letter:
    """To both sides: what was decided and why."""
    said: list[Text] = [_DECIDED[found.outcome]] if found.outcome in _DECIDED else []
    if found.note:
        said.append(lazy("Our reason: %(reason)s", reason=letters.one_line(found.note)))
    return Letter(
        lazy("Decided: booking %(reference)s", reference=view.row.reference),
        said,
        letters.OPEN,
        _facts(view, found, reader)[:3],
        farewell=_FAREWELL,
    )
