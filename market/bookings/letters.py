"""What the mails about a booking say, for its guest and for its host. Words only: who gets one is `telling`'s.

Every letter is short: what happened, what comes next, until when, and one button.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from market.bookings import words
from market.bookings.queries import BookingView
from market.bookings.rows import BookingRow
from market.i18n import formats
from market.i18n.messages import translate
from market.payments.queries import TransferInstructions
from market.values.text import Text, lazy

Fact = tuple[Text | str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """Everything a letter may speak of. `link` opens the booking; `amount` is the refund it is about."""

    view: BookingView
    locale: str
    brand: str
    link: str
    amount: int = 0
    reason: str = ""
    was: str = ""
    method: str = ""
    access: str = ""
    transfer: TransferInstructions | None = None
    others: Sequence[tuple[str, str]] = ()

    @property
    def row(self) -> BookingRow:
        return self.view.row

    @property
    def title(self) -> str:
        return words.title(self.row, self.locale)

    def money(self, amount: int) -> str:
        return formats.money(amount, self.locale)

    def moment(self, instant: datetime | None) -> str:
        return formats.instant(instant, self.locale) if instant else ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's words, still to be translated. Facts become a list; the button leads to the booking."""

    subject: Text
    paragraphs: Sequence[Text]
    button: Text
    facts: Sequence[Fact] = ()
    links: Sequence[tuple[str, str]] = ()
    farewell: Text = field(default_factory=lambda: lazy("Warm greetings from East Nusa Tenggara"))


_OPEN = lazy("Open the booking")


def _booked(told: Told) -> list[Fact]:
    """What is booked, in the lines every letter has."""
    facts: list[Fact] = [
        (lazy("What"), told.title),
        (lazy("When"), words.booking_when(told.row, told.locale)),
        (lazy("Party"), words.party(told.row.party, told.locale)),
    ]
    room = words.room(told.row, told.locale)
    if room:
        facts.append((lazy("Room"), room))
    return [*facts, (lazy("Host"), told.view.host_name), (lazy("Price"), told.money(told.row.total_minor))]


def _requested(told: Told) -> Letter:
    until = told.moment(told.row.deadline_at)
    paying = (
        lazy("The amount is set aside on your card. It is charged only after a yes and let go otherwise.")
        if told.row.method in {"card", "demo_card"}
        else lazy("You pay nothing before the answer is yes.")
    )
    return Letter(
        lazy("%(host)s has your request: %(title)s", host=told.view.host_name, title=told.title),
        [
            lazy(
                "We have asked %(host)s. The answer comes until %(until)s.",
                host=told.view.host_name,
                until=until,
            ),
            paying,
        ],
        _OPEN,
        _booked(told),
    )


def _payment_due(told: Told) -> Letter:
    until = told.moment(told.row.expires_at)
    subject = lazy("Please pay until %(until)s: %(title)s", until=until, title=told.title)
    if told.transfer is None:
        first = lazy(
            "Your places are kept until %(until)s. Choose how you want to pay on the booking page.",
            until=until,
        )
        return Letter(subject, [first], lazy("Pay now"), _booked(told))
    return Letter(
        subject,
        [
            lazy("Your places are kept until %(until)s.", until=until),
            lazy("Please transfer the exact amount, and write the code into the message line."),
        ],
        _OPEN,
        [
            (lazy("Amount"), told.money(told.transfer.amount_minor)),
            (lazy("Code"), told.transfer.code),
            (lazy("Bank"), told.transfer.bank.name),
            (lazy("Account number"), told.transfer.bank.account),
            (lazy("Account holder"), told.transfer.bank.holder),
        ],
    )


def _confirmed(told: Told) -> Letter:
    facts = _booked(told)
    facts += _arrival_facts(told)
    paragraphs = [lazy("It is settled: %(host)s expects you.", host=told.view.host_name)]
    if told.row.method == "on_arrival" and not told.row.paid_minor:
        amount = told.money(told.row.total_minor)
        paragraphs.append(lazy("You pay %(amount)s in rupiah when you arrive.", amount=amount))
    paragraphs.append(
        lazy("Show the QR code when you arrive, on paper or on the phone. The calendar file is attached.")
    )
    return Letter(lazy("Confirmed: %(title)s", title=told.title), paragraphs, lazy("Open the voucher"), facts)


def _arrival_facts(told: Told) -> list[Fact]:
    facts: list[Fact] = []
    if told.view.host_phone:
        facts.append((lazy("Host's phone"), told.view.host_phone))
    if told.view.address:
        facts.append((lazy("Address"), told.view.address))
    if told.access:
        facts.append((lazy("How to get there"), told.access))
    return facts


def _declined(told: Told) -> Letter:
    paragraphs = [
        lazy("%(host)s could not take your booking this time.", host=told.view.host_name),
        *_reason(told),
        lazy("Nothing was charged. Perhaps other dates or another host fit you as well."),
    ]
    return Letter(lazy("Not this time: %(title)s", title=told.title), paragraphs, _OPEN, _booked(told))


def _reason(told: Told) -> list[Text]:
    if not told.reason:
        return []
    return [
        lazy("%(host)s writes: “%(reason)s”", host=told.view.host_name, reason=_one_line(told.reason))
    ]


def _expired(told: Told) -> Letter:
    happened = {
        "requested": lazy(
            "%(host)s did not answer in time, so the request has lapsed.", host=told.view.host_name
        ),
        "payment_due": lazy("The payment did not arrive in time, so the places are open to others again."),
    }.get(told.was, lazy("The time to pay ran out, so the places are open to others again."))
    after = lazy("Nothing was charged. If the places are still free, you can book them anew.")
    return Letter(lazy("Lapsed: %(title)s", title=told.title), [happened, after], _OPEN, _booked(told))


def _withdrawn(told: Told) -> Letter:
    return Letter(
        lazy("Taken back: %(title)s", title=told.title),
        [lazy("You took this booking back. Nothing was charged, and the host has been told.")],
        _OPEN,
        _booked(told),
    )


def _refund_lines(told: Told) -> list[Text]:
    if told.amount:
        return [lazy("%(amount)s comes back to you.", amount=told.money(told.amount)), _arrives(told)]
    if told.row.paid_minor:
        return [lazy("Under the terms you booked with, nothing comes back.")]
    return [lazy("You had paid nothing, so nothing is owed.")]


def _arrives(told: Told) -> Text:
    return words.refund_arrives(told.row.method)


def _cancelled_by_guest(told: Told) -> Letter:
    return Letter(
        lazy("Cancelled: %(title)s", title=told.title),
        [lazy("Your booking is cancelled, and the host has been told."), *_refund_lines(told)],
        _OPEN,
        _booked(told),
    )


def _cancelled_by_host(told: Told) -> Letter:
    return Letter(
        lazy("The host had to cancel: %(title)s", title=told.title),
        [
            lazy("We are sorry: %(host)s had to cancel your booking.", host=told.view.host_name),
            *_reason(told),
            *_refund_lines(told),
        ],
        _OPEN,
        _booked(told),
    )


def _too_late(told: Told) -> Letter:
    paragraphs = [
        lazy("Your payment arrived after the time had run out, and the places are gone meanwhile."),
        lazy("All of it goes back to you."),
        _arrives(told),
    ]
    if told.others:
        paragraphs.append(lazy("These come closest and are free at this moment:"))
    subject = lazy("Paid too late, money on its way back: %(title)s", title=told.title)
    return Letter(subject, paragraphs, _OPEN, links=told.others)


def _change_too_late(told: Told) -> Letter:
    return Letter(
        lazy("Your change could not be made: %(title)s", title=told.title),
        [
            lazy(
                "The payment for your change arrived when its places were gone. Your booking stays as it was."
            ),
            lazy("What you paid for the change goes back to you."),
            _arrives(told),
        ],
        _OPEN,
        _booked(told),
    )


def _changed(told: Told) -> Letter:
    paragraphs = [lazy("Your booking is changed. This is what counts now:")]
    if told.amount:
        paragraphs += [lazy("%(amount)s comes back to you.", amount=told.money(told.amount)), _arrives(told)]
    paragraphs.append(lazy("The calendar file is attached; open it to bring your calendar up to date."))
    return Letter(
        lazy("Changed: %(title)s", title=told.title), paragraphs, lazy("Open the voucher"), _booked(told)
    )


def _capture_failed(told: Told) -> Letter:
    until = told.moment(told.row.expires_at)
    return Letter(
        lazy("Please pay once more until %(until)s: %(title)s", until=until, title=told.title),
        [
            lazy(
                "%(host)s said yes, but your bank took back its promise of the money.",
                host=told.view.host_name,
            ),
            lazy(
                "Your places are kept until %(until)s. Please pay with this card again or in another way.",
                until=until,
            ),
        ],
        lazy("Pay now"),
        _booked(told),
    )


def _completed(told: Told) -> Letter:
    from_parts = words.money_parts(
        words.shared_now(told.row), words.receivers(told.view, told.locale, told.brand), told.locale
    )
    facts: list[Fact] = [(part.label, f"{part.amount} ({part.percent}%)") for part in from_parts]
    paragraphs = [
        lazy("Thank you for visiting %(host)s. We hope you came home with a story.", host=told.view.host_name)
    ]
    if facts:
        paragraphs.append(lazy("This is your receipt: who received what of the money you paid."))
    return Letter(lazy("Thank you: %(title)s", title=told.title), paragraphs, lazy("Open the receipt"), facts)


def _refunded(told: Told) -> Letter:
    amount = told.money(told.amount)
    return Letter(
        lazy("%(amount)s is on its way back to you", amount=amount),
        [
            lazy(
                "We have sent %(amount)s back for booking %(reference)s.",
                amount=amount,
                reference=told.row.reference,
            ),
            _arrives(told),
        ],
        _OPEN,
    )


def link_letter(told: Told) -> Letter:
    """The link somebody asked for who has no account."""
    return Letter(
        lazy("Your booking %(reference)s", reference=told.row.reference),
        [
            lazy("Here is the link to your booking. It works on any device; do not pass it on."),
            lazy("If you did not ask for it, you need not do anything."),
        ],
        _OPEN,
    )


_GUEST: dict[str, Callable[[Told], Letter]] = {
    "requested": _requested,
    "payment_due": _payment_due,
    "confirmed": _confirmed,
    "declined": _declined,
    "expired": _expired,
    "withdrawn": _withdrawn,
    "cancelled_by_guest": _cancelled_by_guest,
    "cancelled_by_host": _cancelled_by_host,
    "too_late": _too_late,
    "change_too_late": _change_too_late,
    "changed": _changed,
    "capture_failed": _capture_failed,
    "completed": _completed,
    "refunded": _refunded,
}


def guest_letter(what: str, told: Told) -> Letter | None:
    """The guest's letter about something that happened; None when there is nothing to say."""
    write = _GUEST.get(what)
    return write(told) if write else None


def _guest_facts(told: Told, *, contact: bool) -> list[Fact]:
    booking = told.row
    facts: list[Fact] = [
        (lazy("Guest"), booking.guest_name),
        (lazy("What"), told.title),
        (lazy("When"), words.booking_when(booking, told.locale)),
        (lazy("Party"), words.party(booking.party, told.locale)),
    ]
    room = words.room(booking, told.locale)
    if room:
        facts.append((lazy("Room"), room))
    facts.append((lazy("You receive"), told.money(words.host_receives(booking))))
    if contact and booking.guest_phone:
        facts.append((lazy("Guest's phone"), booking.guest_phone))
    if booking.note:
        facts.append((lazy("Note"), _one_line(booking.note)))
    return facts


def host_letter(what: str, told: Told) -> Letter | None:
    """The host's letter about something that happened; None when it is not the host's affair."""
    guest = told.row.guest_name
    found = _host_words(what, told, guest)
    if found is None:
        return None
    subject, first, button = found
    contact = what in {"confirmed", "changed"}
    return Letter(
        subject, [first], button, _guest_facts(told, contact=contact), farewell=lazy("Thank you for hosting")
    )


def _host_words(what: str, told: Told, guest: str) -> tuple[Text, Text, Text] | None:
    """(subject, first sentence, button)."""
    title = told.title
    if what == "requested":
        until = told.moment(told.row.deadline_at)
        return (
            lazy("%(guest)s would like to come: %(title)s", guest=guest, title=title),
            lazy("Please answer until %(until)s. The places are kept until then.", until=until),
            lazy("Answer"),
        )
    if what == "expired" and told.was == "requested":
        return (
            lazy("Lapsed: the request of %(guest)s", guest=guest),
            lazy("The time to answer has passed and the guest has been told. There is no penalty."),
            _OPEN,
        )
    first = _host_news(what, told)
    if first is None:
        return None
    subjects = {
        "confirmed": lazy("Confirmed: %(guest)s, %(title)s", guest=guest, title=title),
        "changed": lazy("Changed: %(guest)s, %(title)s", guest=guest, title=title),
    }
    return subjects.get(what, lazy("Cancelled: %(guest)s, %(title)s", guest=guest, title=title)), first, _OPEN


def _host_news(what: str, told: Told) -> Text | None:
    if what == "confirmed" and told.row.method == "on_arrival" and not told.row.paid_minor:
        return lazy("The booking is confirmed. The guest pays you on arrival.")
    return _HOST_NEWS.get(what)


_HOST_NEWS: dict[str, Text] = {
    "confirmed": lazy("The booking is confirmed and paid."),
    "changed": lazy("The guest changed the booking. This is what counts now:"),
    "withdrawn": lazy("The guest is not coming. The places are open to others again."),
    "cancelled_by_guest": lazy("The guest is not coming. The places are open to others again."),
    "cancelled_by_host": lazy("The booking is cancelled and the guest gets everything back."),
}


@dataclass(frozen=True, slots=True)
class MailPage:
    """Context of bookings/mail.txt: a letter in somebody's language."""

    subject_line: str
    greeting: str
    paragraphs: Sequence[str]
    facts: Sequence[tuple[str, str]]
    links: Sequence[tuple[str, str]]
    button: str
    button_href: str
    farewell: str


def _one_line(text: str) -> str:
    """What people wrote, so that it cannot start a paragraph of its own; amounts keep their fixed space."""
    return " ".join(line.strip() for line in text.splitlines() if line.strip())


def written(letter: Letter, name: str, href: str, locale: str) -> MailPage:
    """A letter as its template wants it."""

    def say(text: Text | str) -> str:
        return translate(text, locale)

    return MailPage(
        subject_line=_one_line(say(letter.subject)),
        greeting=say(lazy("Dear %(name)s,", name=_one_line(name))),
        paragraphs=[say(paragraph) for paragraph in letter.paragraphs],
        facts=[(say(label), _one_line(value)) for label, value in letter.facts],
        links=letter.links,
        button=say(letter.button),
        button_href=href,
        farewell=say(letter.farewell),
    )
