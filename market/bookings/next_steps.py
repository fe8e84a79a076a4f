"""What else a guest or host may do about a booking, on the pages of features above: links by name, in words.

The features themselves are not known here; the pages they name show what holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from market.bookings import moving
from market.bookings.access import Role
from market.bookings.arrival_rules import REVIEW_FOR
from market.bookings.queries import Event
from market.bookings.rows import BookingRow
from market.bookings.states import SOLD, State
from market.i18n import formats
from market.i18n.messages import translate
from market.values.text import Text, lazy
from market.web import urls


@dataclass(frozen=True, slots=True)
class NextStep:
    """One more thing to do: its button and the sentence under it."""

    href: str
    icon: str
    label: str
    hint: str


def next_steps(
    booking: BookingRow, role: Role, story: Sequence[Event], now: datetime, locale: str
) -> list[NextStep]:
    """The steps open to this viewer now, most urgent first."""
    found = [
        _choose(booking, role, now, locale),
        _no_show(booking, role),
        _review(role, story, now, locale),
        _register(booking, role, now),
        _arrival(booking, role),
        _cancel(booking, role, now),
    ]
    return [
        NextStep(
            urls.path(route, locale=locale, reference=booking.reference),
            icon,
            translate(label, locale),
            translate(hint, locale),
        )
        for step in found
        if step is not None
        for route, icon, label, hint in (step,)
    ]


_Step = tuple[str, str, Text, Text]


def _choose(booking: BookingRow, role: Role, now: datetime, locale: str) -> _Step | None:
    if role is not Role.GUEST or not moving.is_open(booking, now) or booking.deadline_at is None:
        return None
    moment = formats.instant(booking.deadline_at, locale)
    return (
        "bookings:choose",
        "calendar-check",
        lazy("Choose another date, or everything back"),
        lazy("Until %(moment)s. Without an answer, everything comes back.", moment=moment),
    )


def _cancel(booking: BookingRow, role: Role, now: datetime) -> _Step | None:
    if role is Role.GUEST or booking.state not in SOLD or now >= booking.ends_at:
        return None
    return (
        "console:host_cancel" if role is Role.HOST else "console:operator_cancel",
        "x",
        lazy("Cancel this booking"),
        lazy("You see first what it means for the guest and for the money."),
    )


def _no_show(booking: BookingRow, role: Role) -> _Step | None:
    if role is not Role.GUEST or booking.state is not State.NO_SHOW:
        return None
    return (
        "arrivals:contest",
        "flag",
        lazy("We were there"),
        lazy("The host says that nobody came. You have 48 hours to answer; the money waits."),
    )


def _review(role: Role, story: Sequence[Event], now: datetime, locale: str) -> _Step | None:
    ended = next((event.at for event in reversed(story) if event.name == "completed"), None)
    if ended is None or role is Role.OPERATOR:
        return None
    until = ended + REVIEW_FOR
    if now >= until:
        return (
            "reviews:write",
            "star",
            lazy("Read the reviews"),
            lazy("What both of you wrote about this visit."),
        )
    moment = formats.instant(until, locale)
    return (
        "reviews:write",
        "star",
        lazy("Write a review"),
        lazy("Until %(moment)s. It stays sealed until both sides have written.", moment=moment),
    )


_LODGING: Final = "homestay"


def _register(booking: BookingRow, role: Role, now: datetime) -> _Step | None:
    if (
        role is not Role.GUEST
        or booking.kind != _LODGING
        or booking.state not in SOLD
        or booking.ends_at <= now
    ):
        return None
    return (
        "register:prefill",
        "clipboard-list",
        lazy("Passports of foreign guests"),
        lazy(
            "Your host has to report guests from abroad. Write it down before you come, and nobody asks at the door."
        ),
    )


def _arrival(booking: BookingRow, role: Role) -> _Step | None:
    if role is not Role.HOST or booking.state not in SOLD | {State.NO_SHOW}:
        return None
    return (
        "console:host_arrival",
        "log-in",
        lazy("Arrival"),
        lazy("Check the guest in, or say that nobody came."),
    )
