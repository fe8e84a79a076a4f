"""What a letter about a booking is made of. The guest's are in `letters_guest`, the host's in `letters_host`.

Every letter is short: what happened, what comes next, until when, and one button. Words only: who gets one is
`telling`'s business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

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
    """Everything a letter may speak of. `link` opens the booking; `amount` is the refund it is about.

    `until` is when a choice between another date and the money ends; `guests` of `needed` had booked; `was_days`
    are those it was for before.
    """

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
    until: datetime | None = None
    guests: int = 0
    needed: int = 0
    silent: bool = False
    was_days: tuple[date, date] | None = None

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


OPEN = lazy("Open the booking")


def booked_facts(told: Told) -> list[Fact]:
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


def one_line(text: str) -> str:
    """What people wrote, so that it cannot start a paragraph of its own; amounts keep their fixed space."""
    return " ".join(line.strip() for line in text.splitlines() if line.strip())


def written(letter: Letter, name: str, href: str, locale: str) -> MailPage:
    """A letter as its template wants it."""

    def say(text: Text | str) -> str:
        return translate(text, locale)

    return MailPage(
        subject_line=one_line(say(letter.subject)),
        greeting=say(lazy("Dear %(name)s,", name=one_line(name))),
        paragraphs=[say(paragraph) for paragraph in letter.paragraphs],
        facts=[(say(label), one_line(value)) for label, value in letter.facts],
        links=letter.links,
        button=say(letter.button),
        button_href=href,
        farewell=say(letter.farewell),
    )
