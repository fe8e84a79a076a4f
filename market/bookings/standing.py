"""Where a booking stands and what happens next, in words, for the one who looks. Formats; decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from market.bookings.access import Role
from market.bookings.rows import BookingRow
from market.bookings.states import LABELS, SOLD, TAGS, TAKEN_BACK, State
from market.i18n import formats
from market.i18n.messages import translate
from market.payments.queries import PaymentRow
from market.payments.rules import State as PaymentState
from market.values.text import Text, lazy

_ICONS: Final = {"ok": "check", "wait": "clock", "bad": "x"}
_HOST_LABELS: Final[dict[State, Text]] = {
    State.REQUESTED: lazy("Waiting for your answer"),
    State.CANCELLED_BY_GUEST: lazy("Cancelled by the guest"),
    State.CANCELLED_BY_HOST: lazy("Cancelled by you"),
    State.DECLINED: lazy("Declined by you"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """The state as a tag, and a note on what comes next."""

    tag: str
    icon: str
    label: str
    note: str
    title: str
    text: str


def has_lapsed(booking: BookingRow, now: datetime) -> bool:
    """Whether the time of a hold is over, written down by a worker or not."""
    return booking.state is State.HELD and (booking.expires_at is None or booking.expires_at <= now)


def standing(
    booking: BookingRow, role: Role, payments: Sequence[PaymentRow], now: datetime, locale: str
) -> Standing:
    """Where a booking stands for a viewer."""
    state = State.EXPIRED if has_lapsed(booking, now) else booking.state
    label = LABELS[state]
    if role is not Role.GUEST:
        label = _HOST_LABELS.get(booking.state, label)
    title, text = (
        _next(booking, payments, now, locale) if role is Role.GUEST else _next_for_host(booking, locale)
    )
    tag = TAGS.get(state, "bad")
    note = {"ok": "ok", "wait": "wait", "bad": ""}[tag]
    return Standing(
        tag,
        _ICONS[tag],
        translate(label, locale),
        note,
        translate(title, locale),
        translate(text, locale) if text else "",
    )


def _until(moment: datetime | None, locale: str) -> str:
    return formats.instant(moment, locale) if moment else ""


def _next(
    booking: BookingRow, payments: Sequence[PaymentRow], now: datetime, locale: str
) -> tuple[Text, Text | None]:
    """(what is, what comes next) for the guest."""
    if booking.state is State.HELD:
        return _next_held(booking, now, locale)
    if booking.state is State.REQUESTED:
        return _next_requested(booking, locale)
    if booking.state is State.PAYMENT_DUE:
        return _next_due(booking, payments, locale)
    return _TITLES[booking.state], _settled_text(booking, locale)


_TITLES: Final[dict[State, Text]] = {
    State.CONFIRMED: lazy("Your booking is confirmed."),
    State.CHECKED_IN: lazy("Your booking is confirmed."),
    State.EXPIRED: lazy("The time ran out, and the places are open to others again."),
    State.DECLINED: lazy("The host could not take this booking."),
    State.WITHDRAWN: lazy("You took this booking back."),
    State.CANCELLED_BY_GUEST: lazy("You cancelled this booking."),
    State.CANCELLED_BY_HOST: lazy("The host had to cancel. We are sorry."),
    State.CALLED_OFF: lazy("This date was called off. We are sorry."),
    State.CANCELLED_BY_OPERATOR: lazy("We had to cancel. We are sorry."),
    State.FORCE_MAJEURE: lazy("Your visit cannot take place on this date."),
    State.NO_SHOW: lazy("The host says that nobody arrived."),
    State.COMPLETED: lazy("Thank you for coming."),
}
_AFTERWARDS: Final[dict[State, Text]] = {
    State.DECLINED: lazy("Nothing was charged. Other dates or hosts may fit."),
    State.WITHDRAWN: lazy("Nothing was charged."),
    State.NO_SHOW: lazy("If that is wrong, please write to us within 48 hours."),
    State.COMPLETED: lazy("Below is the receipt: who received what."),
}


def _settled_text(booking: BookingRow, locale: str) -> Text:
    if booking.state in _AFTERWARDS:
        return _AFTERWARDS[booking.state]
    if booking.state in SOLD:
        return _confirmed_text(booking)
    if booking.state in TAKEN_BACK and booking.deadline_at is not None:
        moment = _until(booking.deadline_at, locale)
        return lazy(
            "Choose by %(moment)s: another date at no extra charge, or everything back. Without an answer,"
            " everything comes back.",
            moment=moment,
        )
    return _money_text(booking) if booking.state is State.EXPIRED else _refund_text(booking, locale)


def _next_held(booking: BookingRow, now: datetime, locale: str) -> tuple[Text, Text]:
    if has_lapsed(booking, now):
        return lazy("The time to book has run out."), lazy(
            "Nothing was charged. You can hold the places again."
        )
    moment = _until(booking.expires_at, locale)
    return lazy("Held for you until %(moment)s.", moment=moment), lazy("Fill in your details to go on.")


def _next_requested(booking: BookingRow, locale: str) -> tuple[Text, Text]:
    moment = _until(booking.deadline_at, locale)
    title = lazy("The host answers by %(moment)s.", moment=moment)
    if booking.method in {"card", "demo_card"}:
        return title, lazy(
            "The amount is set aside on your card and only charged after a yes. You can take it back."
        )
    return title, lazy(
        "You pay nothing before the answer is yes. You can take it back at any time until then."
    )


def _next_due(booking: BookingRow, payments: Sequence[PaymentRow], locale: str) -> tuple[Text, Text]:
    if any(payment.state is PaymentState.AUTHORISED for payment in payments):
        return lazy("The host said yes. Your card is being charged."), lazy(
            "The confirmation comes by email in a moment."
        )
    title = lazy("Please pay by %(moment)s.", moment=_until(booking.expires_at, locale))
    if booking.method == "transfer":
        return title, lazy(
            "We confirm by email as soon as the money is in our account. The places are kept for you."
        )
    return title, lazy("The places are kept for you until then.")


def _confirmed_text(booking: BookingRow) -> Text:
    if booking.method == "on_arrival" and not booking.paid_minor:
        return lazy("You pay the family in rupiah when you arrive. Keep this page or print it.")
    return lazy("Keep this page or print it. The host knows that you are coming.")


def _money_text(booking: BookingRow) -> Text:
    if booking.refunded_minor:
        return lazy("Money that came too late goes back to you in full.")
    return lazy("Nothing was charged.")


def _refund_text(booking: BookingRow, locale: str) -> Text:
    if booking.refunded_minor:
        amount = formats.money(booking.refunded_minor, locale)
        return lazy("%(amount)s comes back to you. Below you see how far it is.", amount=amount)
    return lazy("Nothing comes back.") if booking.paid_minor else lazy("You had paid nothing.")


def _ended_for_host(booking: BookingRow, locale: str) -> Text:
    if booking.state in TAKEN_BACK and booking.deadline_at is not None:
        moment = _until(booking.deadline_at, locale)
        return lazy("The guest chooses by %(moment)s: another date, or everything back.", moment=moment)
    return lazy("This booking does not take place.")


def _next_for_host(booking: BookingRow, locale: str) -> tuple[Text, Text | None]:
    """(what is, what comes next) for the host and operators."""
    if booking.state is State.REQUESTED:
        return lazy("Please answer by %(moment)s.", moment=_until(booking.deadline_at, locale)), None
    if booking.state is State.PAYMENT_DUE:
        moment = _until(booking.expires_at, locale)
        return lazy("The guest pays by %(moment)s. The places are kept.", moment=moment), None
    if booking.state is State.COMPLETED:
        return lazy("This visit is over. The money is being paid out."), None
    if booking.state not in SOLD:
        return _ended_for_host(booking, locale), None
    if booking.method == "on_arrival" and not booking.paid_minor:
        amount = formats.money(booking.total_minor, locale)
        return lazy("Confirmed. The guest pays %(amount)s on arrival.", amount=amount), None
    return lazy("Confirmed and paid."), None
