"""A booking in words and rows, as pages, mails and calendar files show it. Formats; decides nothing.

Everything here takes a locale and gives finished text, or small frozen rows that the component macros print.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from market.bookings import cancelling, policies
from market.bookings.departing import Minimum
from market.bookings.policies import Policy
from market.bookings.queries import BookingView, Event
from market.bookings.quote import Line, Part, Quote
from market.bookings.rows import BookingRow
from market.bookings.states import NOT_VISITED, SOLD, State
from market.i18n import formats
from market.i18n.locales import pick
from market.i18n.messages import translate
from market.listings.offering import Texts
from market.values.dates import local_day
from market.values.money import allocate
from market.values.party import ADULT, CHILD, INFANT, Party
from market.values.text import Text, lazy, lazy_n

_BANDS: Final[dict[str, Text]] = {
    ADULT: lazy("Adults"),
    CHILD: lazy("Children"),
    INFANT: lazy("Infants"),
}
ADDRESS_STATES: Final = SOLD | {State.COMPLETED, State.NO_SHOW}
"""From here on the guest knows the exact address and the host's phone, and the host the guest's."""


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of a bill, ready to print."""

    label: str
    amount: str


@dataclass(frozen=True, slots=True)
class MoneyPart:
    """One receiver in the money bar, ready to print; `x` and `width` are its place in a bar of 100."""

    cls: str
    percent: int
    label: str
    amount: str
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One thing that happened, ready to print."""

    when: str
    text: str
    who: str


def text_of(texts: Texts, locale: str, key: str) -> str:
    """One of somebody's own words, in this language or in whatever language it was written."""
    return pick(texts, locale).get(key, "") if texts else ""


def title(booking: BookingRow, locale: str) -> str:
    return pick(booking.titles, locale) if booking.titles else booking.reference


def party(guests: Party, locale: str) -> str:
    """`2 adults, 1 child`."""
    said = [lazy_n("%(count)s adult", "%(count)s adults", guests.adults)]
    if guests.children:
        said.append(lazy_n("%(count)s child", "%(count)s children", guests.children))
    if guests.infants:
        said.append(lazy_n("%(count)s infant", "%(count)s infants", guests.infants))
    return ", ".join(translate(words, locale) for words in said)


def nights(count: int, locale: str) -> str:
    return translate(lazy_n("%(count)s night", "%(count)s nights", count), locale)


def places_left(count: int, locale: str) -> str:
    return translate(lazy_n("%(count)s place left", "%(count)s places left", count), locale)


def when(kind: str, starts_on: date, ends_on: date, starts_at: datetime, locale: str) -> str:
    """The days of a stay with its nights, of a tour, or a class's day and hour."""
    if kind == "homestay":
        return (
            f"{formats.day_range(starts_on, ends_on, locale)} · {nights((ends_on - starts_on).days, locale)}"
        )
    if starts_on == ends_on:
        return f"{formats.day_long(starts_on, locale)}, {formats.time(starts_at, locale)}"
    return formats.day_range(starts_on, ends_on, locale)


def stay(arrive_on: date, leave_on: date, locale: str) -> str:
    """`12–15 December 2026 · 3 nights`."""
    return f"{formats.day_range(arrive_on, leave_on, locale)} · {nights((leave_on - arrive_on).days, locale)}"


def booking_when(booking: BookingRow, locale: str) -> str:
    return when(booking.kind, booking.starts_on, booking.ends_on, booking.starts_at, locale)


def room(booking: BookingRow, locale: str) -> str:
    """`Front room`, `2 × Front room`, or nothing for tours and classes."""
    kept = booking.offer["room"]
    if kept is None:
        return ""
    name = text_of(kept["texts"], locale, "name")
    return name if booking.offer["rooms"] == 1 else f"{booking.offer['rooms']} × {name}"


def bill(quote: Quote, locale: str) -> list[BillLine]:
    """Every line of a price: what, how many, at how much each, and what that makes."""
    several = sum(line.kind == "room" for line in quote.lines) > 1
    return [
        BillLine(_label(line, locale, several=several), formats.money(line.amount, locale))
        for line in quote.lines
    ]


def _label(line: Line, locale: str, *, several: bool) -> str:
    price = formats.money(line.unit_minor, locale)
    if line.kind == "band":
        return translate(
            lazy("%(name)s, %(count)s × %(price)s", name=_BANDS[line.key], count=line.quantity, price=price),
            locale,
        )
    name = text_of(line.texts, locale, "name") or line.key
    if line.kind == "room" and line.nights:
        rooms = line.quantity // line.nights
        name = name if rooms == 1 else f"{rooms} × {name}"
        if several:
            day = formats.day_short(date.fromisoformat(line.from_on), locale)
            name = translate(lazy("%(name)s, from %(day)s", name=name, day=day), locale)
        words = lazy_n(
            "%(name)s, %(count)s night × %(price)s",
            "%(name)s, %(count)s nights × %(price)s",
            line.nights,
            name=name,
            price=price,
        )
        return translate(words, locale)
    if line.quantity == 1:
        return name
    return translate(
        lazy("%(name)s, %(count)s × %(price)s", name=name, count=line.quantity, price=price), locale
    )


_ORDER: Final = ("family", "guide", "materials", "fund", "platform", "tax")


_IN_TURN = lazy("The family whose turn it is")


@dataclass(frozen=True, slots=True)
class Receivers:
    """What the receivers of a booking's money are called. Without a host it is a village's next family in turn."""

    host: str
    fund: str
    brand: str

    def name(self, kind: str) -> Text | str:
        if kind == "fund" and self.fund:
            return self.fund
        names: dict[str, Text] = {
            "family": lazy("%(host)s and family", host=self.host) if self.host else _IN_TURN,
            "guide": lazy("Guides, drivers, cooks"),
            "materials": lazy("Materials and food, bought nearby"),
            "fund": lazy("Village fund"),
            "platform": lazy("%(brand)s: servers, support, training", brand=self.brand),
            "tax": lazy("Tax"),
        }
        return names[kind]


def money_parts(parts: Iterable[Part], names: Receivers, locale: str) -> list[MoneyPart]:
    """Where an amount goes, to the rupiah, in the fixed order of the money bar. Per cents add up to 100."""
    ordered = sorted((p for p in parts if p.amount > 0), key=lambda part: _ORDER.index(part.kind))
    total = sum(part.amount for part in ordered)
    if not total:
        return []
    percents = allocate(100, [part.amount for part in ordered])
    rows: list[MoneyPart] = []
    before = 0
    for part, percent in zip(ordered, percents, strict=True):
        start, length = before * 10_000 // total, part.amount * 10_000 // total
        before += part.amount
        rows.append(
            MoneyPart(
                cls=f"m{_ORDER.index(part.kind) + 1}",
                percent=percent,
                label=text_of(part.texts, locale, "name") or translate(names.name(part.kind), locale),
                amount=formats.money(part.amount, locale),
                x=_hundredths(start),
                width=_hundredths(max(10, length - 40)),
            )
        )
    return rows


def _hundredths(value: int) -> str:
    return f"{value // 100}.{value % 100:02d}"


def cancellation(policy: Policy, *, starts_at: datetime, from_when: datetime, locale: str) -> list[str]:
    """What cancelling gives back, with the real last moments for this start; those that have passed are left out."""
    said: list[Text] = []
    if policies.in_grace(policy, starts_at=starts_at, confirmed_at=from_when, now=from_when):
        said.append(lazy("Everything comes back within 24 hours of confirmation."))
    for until, percent in policies.deadlines(policy, starts_at):
        if until <= from_when:
            continue
        moment = formats.instant(until, locale)
        if percent == 100:
            said.append(lazy("Free until %(moment)s.", moment=moment))
        else:
            said.append(lazy("%(percent)s%% comes back until %(moment)s.", percent=percent, moment=moment))
    described = policies.describe(policy)
    later = described[len(policy.tiers)]
    if not said and policy.keep_nights is None:
        later = lazy("This start is so near that a cancellation gives nothing back.")
    return [translate(words, locale) for words in [*said, later, described[-1]]]


def free_until(policy: Policy, starts_at: datetime, now: datetime) -> datetime | None:
    """The last moment at which everything comes back; None when it has passed."""
    whole = [
        until for until, percent in policies.deadlines(policy, starts_at) if percent == 100 and until > now
    ]
    return max(whole) if whole else None


_STORY: Final[dict[str, Text]] = {
    "held": lazy("Places held"),
    "expired": lazy("The time ran out and the places opened again"),
    "requested": lazy("The host was asked"),
    "payment_due": lazy("Waiting for payment"),
    "confirmed": lazy("Confirmed"),
    "declined": lazy("Declined"),
    "withdrawn": lazy("Withdrawn"),
    "cancelled_by_guest": lazy("Cancelled by the guest"),
    "cancelled_by_host": lazy("Cancelled by the host"),
    "called_off": lazy("Called off"),
    "cancelled_by_operator": lazy("Cancelled by the operator"),
    "force_majeure": lazy("Cannot take place on this date"),
    "moved": lazy("Another date was chosen, free of charge"),
    "money_back": lazy("Everything was given back"),
    "guaranteed": lazy("The departure is guaranteed"),
    "checked_in": lazy("Checked in"),
    "check_in_undone": lazy("Check-in taken back"),
    "arrived_late": lazy("Checked in, told after the visit"),
    "no_show": lazy("Did not arrive"),
    "no_show_contested": lazy("The guest says otherwise"),
    "no_show_settled": lazy("Settled as not arrived"),
    "completed": lazy("Completed"),
    "changed": lazy("Dates or party changed"),
    "remade": lazy("Made again after a restore, from the payment service's record"),
    "paid_at_village": lazy("Paid at the village"),
    "refunded_late": lazy("Money that came too late was sent back"),
    "authorised_late": lazy("A card's promise that came too late was let go"),
    "capture_failed": lazy("The card's bank took its promise back"),
    "given_back": lazy("Money given back after a problem"),
}
_ACTORS: Final[dict[str, Text]] = {
    "guest": lazy("Guest"),
    "host": lazy("Host"),
    "operator": lazy("Operator"),
    "time": lazy("Automatic"),
    "provider": lazy("Payment service"),
}


def _what(event: Event) -> Text:
    if event.name == "handed_on":  # the one reason that everybody is meant to read
        return lazy("Handed on to the next family of the village: “%(reason)s”", reason=event.reason)
    return _STORY.get(event.name, lazy("Changed"))


def story(events: Sequence[Event], locale: str) -> list[StoryLine]:
    """Everything that happened, newest first."""
    return [
        StoryLine(
            formats.instant(event.at, locale),
            translate(_what(event), locale),
            translate(_ACTORS.get(event.actor, lazy("Automatic")), locale),
        )
        for event in reversed(events)
    ]


def minimum(stands: Minimum, locale: str) -> str:
    """Whether a departure is sure to run, in a few words for lists; nothing for one that was called off."""
    if stands.called_off:
        return ""
    if stands.guaranteed:
        return translate(lazy("guaranteed"), locale)
    if stands.missing:
        needs = lazy_n(
            "needs %(count)s more guest to be guaranteed",
            "needs %(count)s more guests to be guaranteed",
            stands.missing,
        )
        return translate(needs, locale)
    day = formats.day_short(stands.decided_on, locale)
    return translate(lazy("enough guests so far, settled on %(day)s", day=day), locale)


def minimum_story(stands: Minimum, locale: str) -> tuple[str, str]:
    """The same for somebody who booked: (where it stands, what happens next)."""
    day = formats.day_long(stands.decided_on, locale)
    if stands.guaranteed:
        text = lazy("It runs, whoever else comes.")
        return translate(lazy("This departure is guaranteed."), locale), translate(text, locale)
    then = lazy(
        "On %(day)s it is guaranteed or called off. If it is called off, you choose another date at no extra"
        " charge or get everything back.",
        day=day,
    )
    if stands.missing:
        title = lazy_n(
            "This departure needs %(count)s more guest to be guaranteed.",
            "This departure needs %(count)s more guests to be guaranteed.",
            stands.missing,
        )
    else:
        title = lazy("Enough guests have booked this departure so far.")
    return translate(title, locale), translate(then, locale)


def receivers(view: BookingView, locale: str, brand: str) -> Receivers:
    """The names of a booking's receivers."""
    # A booking of a village pays the family that hosts, which stands first in the name.
    host = view.host_name.partition(", ")[0] if view.row.hosting_id is not None else view.host_name
    return Receivers(host, text_of(view.village_texts, locale, "fund_name"), brand)


def days_until(moment: datetime, now: datetime) -> int:
    """Whole local days from today to the day of a moment."""
    return (local_day(moment) - local_day(now)).days


_OWN_PARTS: Final = frozenset({"family", "guide", "materials"})


def host_receives(booking: BookingRow) -> int:
    """What of a booking's money goes to the host and the people and things the host named, in rupiah.

    Once it does not take place: of what the terms keep.
    """
    if booking.state in NOT_VISITED and not booking.paid_minor:
        return 0
    return sum(part.amount for part in shared_now(booking) if part.kind in _OWN_PARTS)


def shared_now(booking: BookingRow) -> Sequence[Part]:
    """Where the price goes; once money was given back, where the rest of it goes."""
    return cancelling.shares(booking, booking.balance) if booking.refunded_minor else booking.quote.parts


def refund_arrives(method: str) -> Text:
    """When and how money that goes back arrives."""
    if method in {"card", "demo_card"}:
        return lazy("It goes back to the same card. Banks take 5 to 10 days to show it.")
    if method == "transfer":
        return lazy(
            "We transfer it back to your account within 3 working days, and write to you if we need the number."
        )
    return lazy("The host took the money, so we pay it back ourselves and write to you where to send it.")
