"""A claim's states and the only moves between them. Holds and questions to the hotel stand beside the state."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from market.errors import Refused
from market.values.text import Text, lazy


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHECKING = "checking"
    DRAWN = "drawn"
    VERIFYING = "verifying"
    APPROVING = "approving"
    AUDITING = "auditing"
    RECOMMENDED = "recommended"
    EFFECTIVE = "effective"
    REJECTED = "rejected"
    OBJECTED = "objected"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


TRANSITIONS: Final[dict[State, frozenset[State]]] = {
    State.DRAFT: frozenset({State.SUBMITTED, State.WITHDRAWN}),
    # Lines are frozen; the automatic checks have not run yet.
    State.SUBMITTED: frozenset({State.CHECKING}),
    # Checked by the machine; the list of officers is committed and the seed of their lot is awaited.
    State.CHECKING: frozenset({State.DRAWN}),
    # Drawn again when somebody in a chair turns out to be related, or falls ill.
    # A new approver alone finds the verifier's decision waiting.
    State.DRAWN: frozenset({State.VERIFYING, State.APPROVING, State.CHECKING}),
    State.VERIFYING: frozenset({State.APPROVING, State.CHECKING}),
    State.APPROVING: frozenset(
        {State.VERIFYING, State.AUDITING, State.RECOMMENDED, State.REJECTED, State.CHECKING}
    ),
    # An undo leads back to the step whose decision it undoes.
    State.AUDITING: frozenset({State.RECOMMENDED, State.APPROVING, State.VERIFYING}),
    State.RECOMMENDED: frozenset(
        {State.EFFECTIVE, State.OBJECTED, State.AUDITING, State.APPROVING, State.VERIFYING}
    ),
    State.REJECTED: frozenset({State.OBJECTED, State.APPROVING, State.VERIFYING}),
    State.OBJECTED: frozenset({State.RECOMMENDED, State.REJECTED}),
    State.EFFECTIVE: frozenset({State.SUPERSEDED}),
    State.SUPERSEDED: frozenset(),
    State.WITHDRAWN: frozenset(),
}
FROZEN: Final = frozenset(State) - {State.DRAFT, State.WITHDRAWN}
"""States in which the purchases of the period cannot be changed any more."""
AT_WORK: Final = frozenset(
    {
        State.SUBMITTED,
        State.CHECKING,
        State.DRAWN,
        State.VERIFYING,
        State.APPROVING,
        State.AUDITING,
        State.OBJECTED,
    }
)
"""States in which the office still owes a decision."""
DECIDED: Final = frozenset({State.RECOMMENDED, State.REJECTED, State.EFFECTIVE, State.SUPERSEDED})

LABELS: Final[dict[State, Text]] = {
    State.DRAFT: lazy("Draft"),
    State.SUBMITTED: lazy("Submitted"),
    State.CHECKING: lazy("Waiting for the lot"),
    State.DRAWN: lazy("Officers drawn"),
    State.VERIFYING: lazy("Being verified"),
    State.APPROVING: lazy("With the approver"),
    State.AUDITING: lazy("Being audited"),
    State.RECOMMENDED: lazy("Recommended, decree awaited"),
    State.EFFECTIVE: lazy("In effect"),
    State.REJECTED: lazy("Rejected"),
    State.OBJECTED: lazy("Objection under review"),
    State.SUPERSEDED: lazy("Superseded"),
    State.WITHDRAWN: lazy("Withdrawn"),
}
TAGS: Final[dict[State, str]] = {
    State.DRAFT: "",
    State.SUBMITTED: "info",
    State.CHECKING: "info",
    State.DRAWN: "info",
    State.VERIFYING: "wait",
    State.APPROVING: "wait",
    State.AUDITING: "wait",
    State.RECOMMENDED: "sea",
    State.EFFECTIVE: "ok",
    State.REJECTED: "bad",
    State.OBJECTED: "wait",
    State.SUPERSEDED: "",
    State.WITHDRAWN: "",
}
"""The tag each state wears on pages (`ui/tag.html`)."""


class NotNow(Refused):
    """The claim has moved on since the page was opened."""

    code = "claim_moved_on"
    message = lazy("This claim has moved on in the meantime. Please look at it again.")


def check_move(start: State, to: State) -> None:
    """Raise NotNow unless the table allows this move."""
    if to not in TRANSITIONS[start]:
        raise NotNow(start=start.value, to=to.value)
