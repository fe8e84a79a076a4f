"""What may be done for a host: everything, or some of it. Pure; `sessions` turns it into what a `Viewer` may.

Somebody with everything also says who else may what. A coordinator's right counts for a village's organisation:
it opens the desks of the families that agreed to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from market.values.text import Text, lazy

ALL: Final = "all"
# A seat on the committee of a village's fund, as a `Viewer` names it; payouts gives and takes it.
COMMITTEE: Final = "committee"


class Right(StrEnum):
    """One thing a co-host may do."""

    CALENDAR = "calendar"
    REQUESTS = "requests"
    PRICES = "prices"
    MONEY = "money"
    COORDINATE = "coordinate"

    @property
    def role(self) -> str:
        """How a `Viewer` names it: `viewer.organisation_ids(Right.CALENDAR.role)`."""
        return f"host:{self.value}"


LABELS: Final[dict[Right, Text]] = {
    Right.CALENDAR: lazy("Calendar"),
    Right.REQUESTS: lazy("Requests, guests and messages"),
    Right.PRICES: lazy("Listings and prices"),
    Right.MONEY: lazy("Money"),
    Right.COORDINATE: lazy("Act for families of the village"),
}
HINTS: Final[dict[Right, Text]] = {
    Right.CALENDAR: lazy("Open and close days, add and change dates."),
    Right.REQUESTS: lazy("Say yes or no, see who comes, write with guests."),
    Right.PRICES: lazy("Change texts, photos, prices and terms."),
    Right.MONEY: lazy("See what is sold, earned and paid out."),
    Right.COORDINATE: lazy(
        "Answer, close and change for families that agreed to it. Each time they are told."
    ),
}


def parse(stored: str) -> frozenset[Right]:
    """The rights a membership row holds; what is not known any more counts for nothing."""
    if stored == ALL:
        return frozenset(Right)
    known = {right.value: right for right in Right}
    return frozenset(known[word] for word in stored.split(",") if word in known)


def stored(rights: Iterable[Right]) -> str:
    """Rights as a row keeps them, in a fixed order. Never `all`: that is not given piece by piece."""
    wanted = set(rights)
    return ",".join(right.value for right in Right if right in wanted)


def names(role: str, kept: str) -> frozenset[str]:
    """What a membership is called in a `Viewer`: the role itself only for somebody who may do everything."""
    if role != "host":
        return frozenset({role})
    given = {right.role for right in parse(kept)}
    return frozenset(given | {role}) if kept == ALL else frozenset(given)
