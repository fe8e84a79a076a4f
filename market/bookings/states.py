"""The booking's states and the only moves between them. Payment and payout are machines of their own."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from market.errors import Refused
from market.values.text import Text, lazy


class State(StrEnum):
    HELD = "held"
    REQUESTED = "requested"
    PAYMENT_DUE = "payment_due"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CANCELLED_BY_GUEST = "cancelled_by_guest"
    CANCELLED_BY_HOST = "cancelled_by_host"
    CANCELLED_BY_OPERATOR = "cancelled_by_operator"
    FORCE_MAJEURE = "force_majeure"
    CALLED_OFF = "called_off"
    CHECKED_IN = "checked_in"
    NO_SHOW = "no_show"
    COMPLETED = "completed"


_TAKEN_BACK = (
    State.CANCELLED_BY_HOST,
    State.CANCELLED_BY_OPERATOR,
    State.FORCE_MAJEURE,
    State.CALLED_OFF,
)
TRANSITIONS: Final[dict[State, frozenset[State]]] = {
    State.HELD: frozenset(
        {
            State.EXPIRED,
            State.CONFIRMED,
            State.REQUESTED,
            State.PAYMENT_DUE,
            State.WITHDRAWN,
            State.CALLED_OFF,
        }
    ),
    State.REQUESTED: frozenset(
        {
            State.CONFIRMED,
            State.PAYMENT_DUE,
            State.DECLINED,
            State.EXPIRED,
            State.WITHDRAWN,
            State.CALLED_OFF,
        }
    ),
    State.PAYMENT_DUE: frozenset({State.CONFIRMED, State.EXPIRED, State.WITHDRAWN, *_TAKEN_BACK}),
    State.CONFIRMED: frozenset(
        {State.CANCELLED_BY_GUEST, *_TAKEN_BACK, State.CHECKED_IN, State.NO_SHOW, State.COMPLETED}
    ),
    # Back to confirmed when the wrong guest was checked in.
    State.CHECKED_IN: frozenset(
        {
            State.COMPLETED,
            State.CONFIRMED,
            State.CANCELLED_BY_GUEST,
            State.CANCELLED_BY_HOST,
            State.CANCELLED_BY_OPERATOR,
            State.FORCE_MAJEURE,
        }
    ),
    State.NO_SHOW: frozenset({State.COMPLETED, State.CHECKED_IN, State.CANCELLED_BY_HOST}),
    # A payment that arrives after the hold lapsed may still find the stock free.
    State.EXPIRED: frozenset({State.CONFIRMED}),
    State.DECLINED: frozenset(),
    State.WITHDRAWN: frozenset(),
    State.CANCELLED_BY_GUEST: frozenset(),
    # The guest may take another date free of charge instead of the money, as long as the choice is open.
    State.CANCELLED_BY_HOST: frozenset({State.CONFIRMED}),
    State.CANCELLED_BY_OPERATOR: frozenset({State.CONFIRMED}),
    State.FORCE_MAJEURE: frozenset({State.CONFIRMED}),
    State.CALLED_OFF: frozenset({State.CONFIRMED}),
    State.COMPLETED: frozenset(),
}
WAITING: Final = frozenset({State.HELD, State.REQUESTED, State.PAYMENT_DUE})
"""States that keep stock held until their time runs out."""
SOLD: Final = frozenset({State.CONFIRMED, State.CHECKED_IN})
"""States whose stock is sold and which a guest may still cancel."""
TAKEN_BACK: Final = frozenset(_TAKEN_BACK)
"""Promises that were not kept. While `deadline_at` is set, the guest chooses between another date and the money."""
CLOSED: Final = frozenset(state for state, onward in TRANSITIONS.items() if not onward) | TAKEN_BACK
NOT_VISITED: Final = (CLOSED | {State.EXPIRED}) - {State.COMPLETED, State.NO_SHOW}
"""Over, and nobody came: what was paid went back, or is what the terms keep."""

LABELS: Final[dict[State, Text]] = {
    State.HELD: lazy("Held"),
    State.REQUESTED: lazy("Waiting for the host"),
    State.PAYMENT_DUE: lazy("Waiting for payment"),
    State.CONFIRMED: lazy("Confirmed"),
    State.EXPIRED: lazy("Lapsed"),
    State.DECLINED: lazy("Declined by the host"),
    State.WITHDRAWN: lazy("Withdrawn"),
    State.CANCELLED_BY_GUEST: lazy("Cancelled by the guest"),
    State.CANCELLED_BY_HOST: lazy("Cancelled by the host"),
    State.CANCELLED_BY_OPERATOR: lazy("Cancelled by us"),
    State.FORCE_MAJEURE: lazy("Cannot take place"),
    State.CALLED_OFF: lazy("Called off"),
    State.CHECKED_IN: lazy("Checked in"),
    State.NO_SHOW: lazy("Did not arrive"),
    State.COMPLETED: lazy("Completed"),
}
TAGS: Final[dict[State, str]] = {
    State.HELD: "wait",
    State.REQUESTED: "wait",
    State.PAYMENT_DUE: "wait",
    State.CONFIRMED: "ok",
    State.CHECKED_IN: "ok",
    State.COMPLETED: "ok",
}
"""Tag kinds for screens; what is not named is `bad`."""


class WrongState(Refused):
    """The booking has moved on; `state` is where it stands."""

    code = "wrong_state"
    message = lazy("This booking has changed in the meantime. Please look at its page again.")


def check(current: State, to: State) -> None:
    """Raise WrongState unless the table allows this move."""
    if to not in TRANSITIONS[current]:
        raise WrongState(state=current.value, wanted=to.value)
