"""Arrivals as the host's screens show them: formats rows, decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from market.arrivals.queries import Arrival
from market.bookings import arrival_codes as codes
from market.bookings import arrival_rules as rules
from market.bookings import words
from market.bookings.states import State
from market.i18n import formats
from market.i18n.messages import translate
from market.payments.rules import Method
from market.values.ids import new_token
from market.values.text import Text, lazy

_HOW: Final[dict[str, Text]] = {
    "qr": lazy("with the QR code"),
    "code": lazy("with the code"),
    "list": lazy("from the list"),
}


@dataclass(frozen=True, slots=True)
class ArrivalRow:
    """One party on the list. `pays_here_minor` is what it still pays at the village, 0 when nothing."""

    reference: str
    name: str
    initials: str
    party: str
    title: str
    room: str
    code: str
    note: str
    phone: str
    when: str
    tag: str
    state: str
    arrived: str
    pays_here_minor: int
    can_check_in: bool
    can_undo: bool
    can_state_no_show: bool
    opens: str
    no_show_from: str
    answer_until: str
    contested: bool
    key: str


def arrival_row(one: Arrival, secrets: tuple[str, ...], now: datetime, locale: str) -> ArrivalRow:
    """A booking in the words of the arrivals list."""
    row = one.row
    tag, state = _state(one, now)
    opens_at = row.starts_at - rules.OPENS_BEFORE
    expected = row.state is State.CONFIRMED
    no_show_at = row.starts_at + rules.NO_SHOW_AFTER
    return ArrivalRow(
        reference=row.reference,
        name=row.guest_name or row.reference,
        initials="".join(word[0] for word in row.guest_name.split()[:2]).upper() or "?",
        party=words.party(row.party, locale),
        title=words.title(row, locale),
        room=words.room(row, locale),
        code=codes.short_code(row.reference, secrets),
        note=row.note,
        phone=row.guest_phone,
        when=words.booking_when(row, locale),
        tag=tag,
        state=translate(state, locale),
        arrived=_arrived(one, locale),
        pays_here_minor=row.total_minor - row.paid_minor
        if row.method == Method.ON_ARRIVAL and not row.refunded_minor
        else 0,
        can_check_in=row.state in {State.CONFIRMED, State.NO_SHOW}
        and rules.in_window(now, starts_at=row.starts_at, ends_at=row.ends_at),
        can_undo=row.state is State.CHECKED_IN
        and one.received_at is not None
        and rules.may_undo(received_at=one.received_at, ends_at=row.ends_at, now=now),
        can_state_no_show=expected and now >= no_show_at,
        opens=formats.instant(opens_at, locale) if expected and now < opens_at else "",
        no_show_from=formats.instant(no_show_at, locale) if expected and now < no_show_at else "",
        answer_until=formats.instant(one.contest_until, locale)
        if one.contest_until and row.state is State.NO_SHOW
        else "",
        contested=one.contested and row.state is State.NO_SHOW,
        key=new_token().replace("_", "-"),
    )


def _state(one: Arrival, now: datetime) -> tuple[str, Text]:
    match one.row.state:
        case State.CHECKED_IN:
            return "ok", lazy("Here")
        case State.NO_SHOW:
            return ("wait", lazy("Contested")) if one.contested else ("bad", lazy("Did not arrive"))
        case State.COMPLETED:
            return "", lazy("Over")
        case State.CONFIRMED:
            return ("wait", lazy("Not seen yet")) if one.row.starts_at <= now else ("info", lazy("Expected"))
        case other:
            return "bad", lazy("Cancelled") if other.value.startswith("cancelled") else lazy("Not expected")


def _arrived(one: Arrival, locale: str) -> str:
    if one.arrived_at is None:
        return ""
    when = formats.instant(one.arrived_at, locale)
    return translate(lazy("Arrived %(when)s, checked in %(how)s", when=when, how=_HOW[one.how]), locale)
